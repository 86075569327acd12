"""Telephone numbers and other digit strings in Mandarin."""

import re

from tts.text.rules import START, Rule
from tts.text.zh.numbers import spell_telephone

_COUNTRY = r"(?:(?P<country>\+?86)[- ]?)?"
_END = r"(?![0-9]|[.,][0-9])"
_NO_COUNT = "(?! ?(?:个|元|次|台|部|人|位|年|月|天|块|万|亿|%))"
_NO_AMOUNT = (
    "(?! ?(?:[个元次台部人位年月天块万亿米折斤克吨字页件条名岁秒倍多余辆份%℃]"
    "|公[斤里]|小时|分(?!机)|家(?![人里属])))"
)
_MOBILE = re.compile(
    rf"{START}(?<![+A-Za-z-]){_COUNTRY}(?P<first>1[3-9][0-9])"
    rf"[- ]?(?P<second>[0-9]{{4}})[- ]?(?P<third>[0-9]{{4}}){_END}"
)
_LANDLINE = re.compile(
    rf"{START}(?<![+A-Za-z-]){_COUNTRY}[(（]?(?P<area>0[0-9]{{2,3}})[)）]?(?:[- ]|(?<=[)）]))"
    rf"(?P<first>[0-9]{{3,4}})[- ]?(?P<second>[0-9]{{4}})(?: ?(?:-|转) ?(?P<extension>[0-9]{{1,5}}))?{_END}"
)
_SERVICE = re.compile(rf"{START}(?<![+A-Za-z-])([48]00)-([0-9]{{3,4}})-?([0-9]{{3,4}}){_END}")
_NAMES = "电话|热线|拨打|致电|手机|号码|客服|传真|尾号|验证码|密码|编号|单号|订单号|账号|卡号|邮编|房间号?|会议号|QQ|ID"
_NAMED = re.compile(
    rf"(?P<name>(?:{_NAMES})[号码]?(?:[:：是为] ?| )?)"
    rf"(?P<digits>[0-9]{{3,32}}(?:[ -][0-9]{{3,12}}){{0,4}}){_END}{_NO_COUNT}"
)
_SERVICE_CODE = "(?:1[12][0-9]|1[02][0-9]{3}|9[56][0-9]{3,4}|10[0-9]{4,10}|[48]00[0-9]{7})"
_CALL = (
    "报警|[拨呼]打|[打拨呼]|电话|热线|致电|客服|短信|发[到至给往]|[发传]送[到至给]|短信[到至给]|回复[到至]"
)
_CALLED = re.compile(
    rf"(?P<name>(?:{_CALL})[了过通]?(?:[:：]|号码[:：是为]?|是)? ?)"
    rf"(?P<codes>{_SERVICE_CODE}(?![0-9])(?: ?(?:[、，,/;；]|[和或及与跟]|或者|以及) ?"
    rf"{_SERVICE_CODE}(?![0-9]|\.[0-9]){_NO_AMOUNT}){{0,24}}){_END}{_NO_AMOUNT}"
)
_EMERGENCY = re.compile(
    rf"{START}(?<![A-Za-z+-])(1[12][0-9])(?= ?(?:报警|急救|火警|匪警|热线|电话|指挥中心))"
)
_DIGITS = re.compile("[0-9]+")
_ROOM = re.compile(
    rf"{START}([0-9]{{3,4}})(?= ?(?:室|房间|会议室|教室|包间|病房|宿舍|次列车|次航班|国道|省道))"
)


def _join(*groups: str | None) -> str:
    return "".join(spell_telephone(group) for group in groups if group)


def _spell_all(text: str) -> str:
    """Every number in `text` spelled, the rest as it is."""
    return _DIGITS.sub(lambda digits: spell_telephone(digits[0]), text)


def _country(match: re.Match[str]) -> str:
    country = match["country"]
    return f"加{spell_telephone(country.lstrip('+'))} " if country else ""


def _landline(match: re.Match[str]) -> str:
    spoken = f"{_country(match)}{_join(match['area'])}，{_join(match['first'], match['second'])}"
    return f"{spoken}转{_join(match['extension'])}" if match["extension"] else spoken


RULES = (
    Rule("zh-mobile-number", _MOBILE, lambda m: _country(m) + _join(m["first"], m["second"], m["third"])),
    Rule("zh-landline-number", _LANDLINE, _landline),
    Rule("zh-service-number", _SERVICE, lambda m: f"{_join(m[1])}，{_join(m[2], m[3])}"),
    Rule("zh-service-number", _CALLED, lambda m: m["name"] + _spell_all(m["codes"]).replace("/", "、")),
    Rule("zh-digit-string", _NAMED, lambda m: m["name"] + _spell_all(m["digits"])),
    Rule("zh-digit-string", _EMERGENCY, lambda m: spell_telephone(m[1])),
    Rule("zh-digit-string", _ROOM, lambda m: spell_telephone(m[1])),
)
