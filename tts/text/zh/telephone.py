"""Telephone numbers in Mandarin, digit by digit with 幺 for 1."""

import re

from tts.text.rules import START, Rule, alternatives
from tts.text.zh.numbers import NOT_COUNTED, spell_telephone

_COUNTRY = r"(?:(?P<country>(?:\+|00)?86)[- ]?)?"
_END = r"(?![0-9]|[.,][0-9])"
_MOBILE = re.compile(
    rf"{START}(?<![+A-Za-z-]){_COUNTRY}(?P<first>1[3-9][0-9])"
    rf"[- ]?(?P<second>[0-9]{{4}})[- ]?(?P<third>[0-9]{{4}}){_END}"
)
_LANDLINE = re.compile(
    rf"{START}(?<![+A-Za-z-]){_COUNTRY}[(（]?(?P<area>0[0-9]{{2,3}})[)）]?(?:[- ]|(?<=[)）])) ?"
    rf"(?P<first>[0-9]{{3,4}})[- ]?(?P<second>[0-9]{{4}})(?: ?(?:-|转) ?(?P<extension>[0-9]{{1,5}}))?{_END}"
)
_SERVICE = re.compile(
    rf"{START}(?<![+A-Za-z-])([48]00)[- ]?"
    rf"(?:([0-9]{{3}})[- ]?([0-9]{{4}})|([0-9]{{4}})[- ]([0-9]{{3}})){_END}{NOT_COUNTED}"
)
_FOREIGN = re.compile(
    rf"(?<![0-9A-Za-z])\+(?P<country>[1-9][0-9]{{0,2}})(?P<rest>(?:[- ]\(?[0-9]{{2,5}}\)?){{2,4}}){_END}"
)
_SERVICE_CODE = "(?:1[12][0-9]|1[02][0-9]{3}|9[56][0-9]{3,4}|10[0-9]{4,10}|[48]00[0-9]{7})"
_CALL = (
    "报警|[拨呼]打|[打拨呼]|电话|热线|致电|客服|短信|发[到至给往]|[发传]送[到至给]|短信[到至给]|回复[到至]"
)
_CALLED = re.compile(
    rf"(?P<name>(?:{_CALL})[了过通]?(?:[:：]|号码[:：是为]?|是)? ?)"
    rf"(?P<codes>{_SERVICE_CODE}(?![0-9])(?: ?(?:[、，,/;；]|[和或及与跟]|或者|以及) ?"
    rf"{_SERVICE_CODE}(?![0-9]|\.[0-9]){NOT_COUNTED}){{0,24}}){_END}{NOT_COUNTED}"
)
_EMERGENCY = re.compile(
    rf"{START}(?<![A-Za-z+-])(1[12][0-9])(?= ?(?:报警|急救|火警|匪警|热线|电话|指挥中心))"
)
# Numbers everyone knows, so that they are recognised without a word for calling before them.
_KNOWN = (
    *(
        "10010",
        "10086",
        "10099",
        "12110",
        "12123",
        "12306",
        "12315",
        "12319",
        "12320",
        "12329",
        "12333",
        "12338",
    ),
    *(
        "12339",
        "12345",
        "12348",
        "12355",
        "12358",
        "12369",
        "12377",
        "12381",
        "12388",
        "95017",
        "95306",
        "95338",
    ),
    *(
        "95500",
        "95511",
        "95516",
        "95518",
        "95533",
        "95555",
        "95558",
        "95559",
        "95566",
        "95568",
        "95588",
        "95595",
    ),
    *("95599", "96110"),
)
_WELL_KNOWN = re.compile(
    rf"{START}(?<![-A-Za-z+$¥€£~]){alternatives(_KNOWN).join(('(', ')'))}{_END}{NOT_COUNTED}(?! ?(?:[-~号]|上山))"
)
_KEYED_CODE = re.compile(
    r"(?<![A-Za-z0-9*#])(?:\*[*#]?|#(?=[0-9*]{1,9}#))[0-9]{1,6}(?:[*#]{1,2}[0-9]{1,15}){0,4}#(?![A-Za-z0-9*#])"
)
_PHONE_KEY = re.compile(r"(?<![A-Za-z0-9*#])[*#](?= ?号?键)|(?<=[按以])[*#](?=[，。；、,;]|\Z)")
_KEY = re.compile("[0-9]+|[*#]")
_KEY_NAMES = {"*": "星", "#": "井"}
_MASKED = re.compile(rf"{START}(?<![A-Za-z*])(1[3-9][0-9])\*([0-9]{{4}})(?![0-9A-Za-z*]|[.,][0-9]| ?=)")
_NUMBERS = re.compile("[0-9]+")


def _join(*groups: str | None) -> str:
    return "".join(spell_telephone(group) for group in groups if group)


def _spell_all(text: str) -> str:
    """Every number in `text` spelled, the rest as it is."""
    return _NUMBERS.sub(lambda digits: spell_telephone(digits[0]), text)


def _country(match: re.Match[str]) -> str:
    country = match["country"]
    if not country:
        return ""
    spoken = spell_telephone(country.lstrip("+"))
    return f"{spoken} " if country.startswith("00") else f"加{spoken} "


def _landline(match: re.Match[str]) -> str:
    spoken = f"{_country(match)}{_join(match['area'])}，{_join(match['first'], match['second'])}"
    return f"{spoken}转{_join(match['extension'])}" if match["extension"] else spoken


def _foreign(match: re.Match[str]) -> str:
    groups = _NUMBERS.findall(match["rest"])
    return " ".join((f"加{spell_telephone(match['country'])}", *map(spell_telephone, groups)))


def _service(match: re.Match[str]) -> str:
    return f"{_join(match[1])}，{_join(*match.groups()[1:])}"


def _keys(match: re.Match[str]) -> str:
    """`*123#` → 星幺二三井."""
    return "".join(_KEY_NAMES.get(key) or spell_telephone(key) for key in _KEY.findall(match[0]))


def _key(match: re.Match[str]) -> str:
    return _KEY_NAMES[match[0]]


RULES = (
    Rule("zh-masked-number", "telephone", _MASKED, lambda m: _join(m[1], m[2])),
    Rule("zh-service-code", "telephone", _KEYED_CODE, _keys),
    Rule("zh-key", "telephone", _PHONE_KEY, _key, digits=False),
    Rule(
        "zh-mobile-number",
        "telephone",
        _MOBILE,
        lambda m: _country(m) + _join(m["first"], m["second"], m["third"]),
    ),
    Rule("zh-landline-number", "telephone", _LANDLINE, _landline),
    Rule("zh-service-number", "telephone", _SERVICE, _service),
    Rule("zh-telephone-number", "telephone", _FOREIGN, _foreign),
    Rule(
        "zh-service-number",
        "telephone",
        _CALLED,
        lambda m: m["name"] + _spell_all(m["codes"]).replace("/", "、"),
    ),
    Rule("zh-service-number", "telephone", _EMERGENCY, lambda m: spell_telephone(m[1])),
    Rule("zh-service-number", "telephone", _WELL_KNOWN, lambda m: spell_telephone(m[1])),
)
