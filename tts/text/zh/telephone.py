"""Telephone numbers and other digit strings in Mandarin."""

import re

from tts.text.rules import START, Rule
from tts.text.zh.numbers import spell_telephone

_COUNTRY = r"(?:(?P<country>\+?86)[- ]?)?"
_END = r"(?![0-9]|[.,][0-9])"
_NO_COUNT = "(?! ?(?:个|元|次|台|部|人|位|年|月|天|块|万|亿|%))"
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
_EMERGENCY = re.compile(
    rf"(?<=[打拨呼]) ?(1(?:10|14|19|2[02]|23[0-9]{{2}}|00(?:00|10|86))|9[56][0-9]{{3,4}}){_END}{_NO_COUNT}"
)
_DIGITS = re.compile("[0-9]+")
_ROOM = re.compile(
    rf"{START}([0-9]{{3,4}})(?= ?(?:室|房间|会议室|教室|包间|病房|宿舍|次列车|次航班|国道|省道))"
)


def _join(*groups: str | None) -> str:
    return "".join(spell_telephone(group) for group in groups if group)


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
    Rule(
        "zh-digit-string",
        _NAMED,
        lambda m: m["name"] + _DIGITS.sub(lambda digits: spell_telephone(digits[0]), m["digits"]),
    ),
    Rule("zh-digit-string", _EMERGENCY, lambda m: spell_telephone(m[1])),
    Rule("zh-digit-string", _ROOM, lambda m: spell_telephone(m[1])),
)
