"""Dates and times of day in Mandarin."""

import re

from tts.text.rules import START, Rule
from tts.text.timestamps import TIME_STAMP, is_time_stamp, offset, seconds
from tts.text.zh.numbers import cardinal, number, spell_digits

_MONTH = "(?:1[0-2]|0?[1-9])"
_DAY = "(?:3[01]|[12][0-9]|0?[1-9])"
_CLOCK = "(?:2[0-4]|[01]?[0-9]):[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"
_HALF = " ?(?:[AaPp]\\.?[Mm](?![A-Za-z])\\.?)"
_TO = "(?: ?[-~–—] ?| ?[到至] ?)"

_ISO = re.compile(
    rf"{START}(?<![/.-])(?P<year>[12][0-9]{{3}})(?P<mark>[-/.])(?P<month>{_MONTH})(?P=mark)(?P<day>{_DAY})"
    r"(?:(?P<clock>T)(?=[0-9]{1,2}:)|(?![0-9]|[-/.][0-9]))"
)
_ISO_MONTH = re.compile(
    rf"{START}(?<![/.-])(?P<year>(?:19|20)[0-9]{{2}})[-/](?P<month>0[1-9]|1[0-2])(?![0-9]|[-/.:][0-9])"
)
_YEARS = re.compile(rf"{START}([12][0-9]{{3}})(年?){_TO}([12][0-9]{{3}})(?= ?年)")
_YEAR = re.compile(rf"{START}([12][0-9]{{3}}) ?年(?! ?(?:的?历史|多))")
_SHORT_YEAR = re.compile(rf"{START}([0-9]{{2}}) ?年(?=[0-9]{{1,2}} ?月)|{START}(0[0-9]) ?年")
_AFTER_DATE = re.compile(r"(?<=[年月日号]) ?[-~–—] ?(?=[0-9]{1,4} ?[年月日号]|[零一二三四五六七八九]{4}年)")
_MONTH_DAY = re.compile(rf"{START}(0[1-9]|1[0-2]|[1-9]) ?月 ?(?:(0[1-9]|[12][0-9]|3[01]|[1-9])(?= ?[日号]))?")
_TIMES = re.compile(
    rf"{START}(?<!:)(?P<first>{_CLOCK})(?P<half1>{_HALF})?{_TO}(?P<second>{_CLOCK})(?P<half2>{_HALF})?"
)
_TIME = re.compile(rf"{START}(?<!:)(?P<clock>{_CLOCK})(?P<half>{_HALF})?")
_HOUR_HALF = re.compile(rf"{START}(?P<hour>1[0-2]|0?[1-9])(?P<half>{_HALF})(?![A-Za-z])")
_SPAN = re.compile(rf"{START}([0-9]{{1,2}}) ?[-~–—] ?([0-9]{{1,2}})(?= ?(?:月|日|号|点))")
_DAY_PARTS = "凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚间|深夜|午夜|次日|当日|当晚|早|晚"
_TO_DAY_PART = re.compile(rf"(?<=[0-9点整分半时钟Mm]) ?[-~–—] ?(?=(?:{_DAY_PARTS}) ?[0-9])")
_TO_HALF_PAST = re.compile(r"(?<=点半) ?[-~–—] ?(?=[0-9])")
_WEEKDAYS = re.compile(
    "(?<=[周期拜][一二三四五六日天末]) ?[-~–—] ?(?=(?:周|星期|礼拜)?[一二三四五六日天末](?![个起种天条些月年时直般]))"
)


def _full_date(match: re.Match[str]) -> str:
    year, month, day = spell_digits(match["year"]), cardinal(match["month"]), cardinal(match["day"])
    return f"{year}年{month}月{day}日" + (" " if match["clock"] else "")


def _month_day(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])}月" + (cardinal(match[2]) if match[2] else "")


def _clock(text: str) -> str:
    hour, minute, *second = text.split(":")
    spoken = f"{_hour(hour)}点"
    if minute == "00" and not second:
        return spoken + "整"
    spoken += f"{_two_digits(minute)}分"
    return spoken + f"{_two_digits(second[0])}秒" if second else spoken


def _time_stamp(match: re.Match[str]) -> str:
    if not is_time_stamp(match):
        return match[0]
    spoken = (
        f"{spell_digits(match['year'])}年{cardinal(match['month'])}月{cardinal(match['day'])}日 "
        + _clock(f"{match['hour']}:{match['minute']}")
    )
    if second := seconds(match):
        spoken = f"{spoken.removesuffix('整')}{'零分' if match['minute'] == '00' else ''}{_seconds(second)}秒"
    return spoken + _zone(match)


def _seconds(text: str) -> str:
    """Seconds without leading zeros: `9` → 零九, `9.5` → 九点五."""
    return f"零{cardinal(text)}" if len(text) == 1 else number(text)


def _zone(match: re.Match[str]) -> str:
    """` UTC`, with the distance from it."""
    zone = offset(match)
    if zone is None:
        return ""
    hours = f"{_hour(str(zone.hours))}小时" if zone.hours else ""
    minutes = f"{cardinal(str(zone.minutes))}分钟" if zone.minutes else ""
    distance = f"{'加' if zone.sign == '+' else '减'}{hours}{minutes}" if hours or minutes else ""
    follows = match.string[match.end() : match.end() + 1]
    return f" UTC{distance}" + (" " if not distance and follows.isalnum() else "")


def _times(match: re.Match[str]) -> str:
    """Two times of day; `pm` behind the second covers both unless noon lies between them."""
    first, second = match["first"], match["second"]
    second_half = _half_of_day(match["half2"])
    first_half = _half_of_day(match["half1"])
    if second_half and not first_half and int(first.split(":")[0]) <= 12:
        late = second_half == "下午" and _after_twelve(first) > _after_twelve(second)
        first_half = "上午" if late else second_half
    if second_half == first_half:
        second_half = ""
    return f"{first_half}{_clock(first)}到{second_half}{_clock(second)}"


def _after_twelve(clock: str) -> int:
    """Minutes since the last noon or midnight."""
    hour, minute = clock.split(":")[:2]
    return int(hour) % 12 * 60 + int(minute)


def _hour(text: str) -> str:
    return "两" if int(text) == 2 else cardinal(text)


def _two_digits(text: str) -> str:
    """Minutes or seconds: `05` → 零五, `00` → 零."""
    return f"零{cardinal(text[1])}" if text[0] == "0" and text != "00" else cardinal(text)


def _half_of_day(half: str | None) -> str:
    if not half:
        return ""
    return "下午" if half.strip()[0] in "Pp" else "上午"


RULES = (
    Rule("zh-time-stamp", TIME_STAMP, _time_stamp),
    Rule("zh-date", _ISO, _full_date),
    Rule("zh-year-month", _ISO_MONTH, lambda m: f"{spell_digits(m['year'])}年{cardinal(m['month'])}月"),
    Rule("zh-year-range", _YEARS, lambda m: f"{spell_digits(m[1])}{m[2]}到{spell_digits(m[3])}"),
    Rule("zh-date-range", _AFTER_DATE, lambda m: "到"),
    Rule("zh-year", _YEAR, lambda m: f"{spell_digits(m[1])}年"),
    Rule("zh-short-year", _SHORT_YEAR, lambda m: f"{spell_digits(m[1] or m[2])}年"),
    Rule("zh-date-range", _SPAN, lambda m: f"{cardinal(m[1])}到{cardinal(m[2])}"),
    Rule("zh-month-day", _MONTH_DAY, _month_day),
    Rule("zh-time-range", _TO_DAY_PART, lambda m: "到"),
    Rule("zh-time-range", _TO_HALF_PAST, lambda m: "到"),
    Rule("zh-date-range", _WEEKDAYS, lambda m: "到", digits=False),
    Rule("zh-time-range", _TIMES, _times),
    Rule("zh-time", _TIME, lambda m: _half_of_day(m["half"]) + _clock(m["clock"])),
    Rule("zh-time", _HOUR_HALF, lambda m: f"{_half_of_day(m['half'])}{_hour(m['hour'])}点"),
)
