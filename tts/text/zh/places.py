"""Numbers of rooms, roads, buses, trains and flights in Mandarin, digit by digit with 幺 for 1."""

import re

from tts.text.rules import START, Rule
from tts.text.zh.numbers import NOT_COUNTED, spell_telephone

_ROOM = re.compile(
    rf"{START}(?<![A-Za-z¥$.-])([0-9]{{3,4}})"
    "(?= ?号?(?:室|房间|会议室|教室|包间|包厢|病房|宿舍|展位|次列车|次航班|国道|省道|路(?:公交|汽车|车|电车)))"
)
_ROOM_AFTER = re.compile(
    r"(?P<name>(?<![A-Za-z])(?:[Rr]oom|[Ss]uite|[Ff]lat|[Uu]nit|[Aa]pt\.?) ?)"
    r"(?P<digits>[0-9]{3,4})(?![0-9A-Za-z]|[.,][0-9])"
)
_BUILDING = re.compile(rf"{START}([0-9]{{1,3}})#(?=[楼栋幢座厂机线塔井])")
_BUS = re.compile(rf"(?<=[坐乘转换]){START}([0-9]{{3}})(?=路)")
_ADDRESS = re.compile(
    r"(?:(?<=单元)|(?<=[A-Za-z][座栋幢楼区])|(?<=[0-9一二三四五六七八九十百][楼栋幢座层]))([0-9]{3,4})(?![0-9.]|[/:-][0-9])"
    + NOT_COUNTED
)
_TRAIN = re.compile(
    r"(?P<lead>(?:航班|高铁|动车|列车|车次|班机|乘坐|搭乘)(?:号)?(?:[:：是为] ?| )?)"
    r"(?P<carrier>[A-Z][A-Z0-9]?|[0-9][A-Z])(?P<gap>-?)(?P<digits>[0-9]{1,4})(?![0-9A-Za-z])"
)
_TRAIN_AFTER = re.compile(
    r"(?<![A-Za-z0-9])(?P<carrier>[A-Z]{1,2})(?P<digits>[0-9]{1,4})(?= ?(?:次(?!数)|航班))"
)
_DIGITS = re.compile("[0-9]+")


def _train(match: re.Match[str]) -> str:
    lead = match.groupdict().get("lead") or ""
    # An airline's code may hold a digit: `9C8515`.
    carrier = _DIGITS.sub(lambda digits: spell_telephone(digits[0]), match["carrier"])
    return lead + carrier + spell_telephone(match["digits"])


RULES = (
    Rule("zh-train-number", "digits", _TRAIN, _train),
    Rule("zh-train-number", "digits", _TRAIN_AFTER, _train),
    Rule("zh-room-number", "digits", _ROOM, lambda m: spell_telephone(m[1])),
    Rule("zh-room-number", "digits", _ADDRESS, lambda m: spell_telephone(m[1])),
    Rule("zh-room-number", "digits", _ROOM_AFTER, lambda m: m["name"] + spell_telephone(m["digits"])),
    Rule("zh-building", "digits", _BUILDING, lambda m: f"{m[1]}号"),
    Rule("zh-room-number", "digits", _BUS, lambda m: spell_telephone(m[1])),
)
