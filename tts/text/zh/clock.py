"""Times of day, time stamps and durations in Mandarin."""

import re

from tts.text.rules import START, Rule
from tts.text.timestamps import TIME_STAMP, is_time_stamp, offset, seconds
from tts.text.zh.calendar import date
from tts.text.zh.numbers import cardinal, number, spell_digits

_CLOCK = "(?:2[0-4]|[01]?[0-9]):[0-5][0-9](?::[0-5][0-9])?(?![0-9:])"
_HALF = " ?(?:[AaPp]\\.?[Mm](?![A-Za-z])\\.?)"
_TO = "(?: ?[-~–—] ?| ?[到至] ?)"
_TIMES = re.compile(
    rf"{START}(?<!:)(?P<first>{_CLOCK})(?P<half1>{_HALF})?(?P<to>{_TO})(?P<second>{_CLOCK})(?P<half2>{_HALF})?"
)
_TIME = re.compile(rf"{START}(?<!:)(?P<clock>{_CLOCK})(?P<half>{_HALF})?")
_HOUR_HALF = re.compile(rf"{START}(?P<hour>1[0-2]|0?[1-9])(?P<half>{_HALF})(?![A-Za-z])")
_DAY_PARTS = "凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚间|深夜|午夜|次日|当日|当晚|早|晚"
_TO_DAY_PART = re.compile(rf"(?<=[0-9点整分半时钟Mm]) ?[-~–—] ?(?=(?:{_DAY_PARTS}) ?[0-9])")
_TO_HALF_PAST = re.compile(r"(?<=点半) ?[-~–—] ?(?=[0-9])")
_ZONE = re.compile(
    r"(?<![A-Za-z])(?P<name>UTC|GMT) ?(?P<sign>[+-]) ?(?P<hours>1[0-4]|0?[0-9])(?::(?P<minutes>[0-5][0-9]))?(?![0-9:.])"
)
_LASTED = re.compile(
    r"(?P<lead>(?:成绩|用时|耗时|时长|历时|完赛|全程|片长|费时|跑出|还有|还剩|剩余|倒计时|仅剩)[为是了]?[:：]? ?)"
    r"(?:(?P<hours>[0-9]{1,3}):)?(?P<minutes>[0-5]?[0-9]):(?P<seconds>[0-5][0-9])(?![0-9:])"
)
_COMPACT = re.compile(
    rf"{START}(?<![A-Za-z])(?P<hours>[0-9]{{1,3}}) ?h(?:rs?)? ?(?P<minutes>[0-9]{{1,2}}) ?m(?:in)?"
    r"(?: ?(?P<seconds>[0-9]{1,2}) ?s(?:ec)?)?(?![A-Za-z0-9])"
)
_PRIMES = re.compile(
    rf"{START}(?P<minutes>[0-9]{{1,3}})['’′](?P<seconds>[0-5][0-9])(?:[\"”″]|['’′]{{2}})(?![0-9A-Za-z])"
)
_HUNDREDTHS = re.compile(r"(?<=[0-9]秒)([0-9]{1,3})(?![0-9.])")
_ALWAYS = re.compile(rf"{START}(?<!/)(?:24/7|7/24|7[x×*]24)(?![0-9/])(?: ?小时)?")
_PARTS = (("hours", "小时"), ("minutes", "分"), ("seconds", "秒"))


def _clock(text: str) -> str:
    hour, minute, *second = text.split(":")
    spoken = f"{_hour(hour)}点"
    if minute == "00" and second in ([], ["00"]):
        return spoken + "整"
    spoken += f"{_two_digits(minute)}分"
    return spoken + f"{_two_digits(second[0])}秒" if second else spoken


def _time_stamp(match: re.Match[str]) -> str:
    if not is_time_stamp(match):
        return match[0]
    clock = _clock(f"{match['hour']}:{match['minute']}")
    spoken = f"{date(match['year'], match['month'], match['day'])} {clock}"
    if second := seconds(match):
        spoken = f"{spoken.removesuffix('整')}{'零分' if match['minute'] == '00' else ''}{_seconds(second)}秒"
    return spoken + _offset(match)


def _seconds(text: str) -> str:
    """Seconds without leading zeros: `9` → 零九, `9.5` → 九点五."""
    return f"零{cardinal(text)}" if len(text) == 1 else number(text)


def _offset(match: re.Match[str]) -> str:
    """` UTC`, with the distance from it."""
    zone = offset(match)
    if zone is None:
        return ""
    distance = _distance(zone.sign, zone.hours, zone.minutes)
    follows = match.string[match.end() : match.end() + 1]
    return f" UTC{distance}" + (" " if not distance and follows.isalnum() else "")


def _distance(sign: str, hours: int, minutes: int) -> str:
    spoken = (f"{_hour(str(hours))}小时" if hours else "") + (
        f"{cardinal(str(minutes))}分钟" if minutes else ""
    )
    return f"{'加' if sign == '+' else '减'}{spoken}" if spoken else ""


def _zone(match: re.Match[str]) -> str:
    """`UTC+8` → UTC加八, `UTC+08:00` → UTC加八小时."""
    if match["minutes"]:
        return match["name"] + _distance(match["sign"], int(match["hours"]), int(match["minutes"]))
    return f"{match['name']}{'加' if match['sign'] == '+' else '减'}{cardinal(match['hours'])}"


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
    to = "至" if "至" in match["to"] else "到"
    return f"{first_half}{_clock(first)}{to}{second_half}{_clock(second)}"


def _after_twelve(clock: str) -> int:
    """Minutes since the last noon or midnight."""
    hour, minute = clock.split(":")[:2]
    return int(hour) % 12 * 60 + int(minute)


def _duration(match: re.Match[str]) -> str:
    """Hours, minutes and seconds that are not zero; minutes and seconds after a larger part keep their zero."""
    spoken = ""
    for part, unit in _PARTS:
        digits = match.groupdict().get(part)
        if not digits or not int(digits):
            continue
        padded = spoken and len(digits) == 2 and digits[0] == "0"
        spoken += (f"零{cardinal(digits)}" if padded else _hour(digits)) + unit
    return spoken or "零秒"


def _primes(match: re.Match[str]) -> str:
    """`3'25"`, minutes and seconds; below twelve inches it is a height."""
    is_height = match["seconds"] in ("10", "11") and match["minutes"] in "4567"
    return match[0] if is_height else _duration(match)


def _compact(match: re.Match[str]) -> str:
    spoken = _duration(match)
    return f"{spoken}钟" if spoken.endswith("分") else spoken


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
    Rule("zh-time-range", "times", _TO_DAY_PART, lambda m: "到"),
    Rule("zh-time-range", "times", _TO_HALF_PAST, lambda m: "到"),
    Rule("zh-time-zone", "times", _ZONE, _zone),
    Rule("zh-duration", "times", _ALWAYS, lambda m: "七乘二十四小时"),
    Rule("zh-duration", "times", _LASTED, lambda m: m["lead"] + _duration(m)),
    Rule("zh-duration", "times", _COMPACT, _compact),
    Rule("zh-duration", "times", _PRIMES, _primes),
    Rule("zh-duration", "times", _HUNDREDTHS, lambda m: spell_digits(m[1])),
    Rule("zh-time-range", "times", _TIMES, _times),
    Rule("zh-time", "times", _TIME, lambda m: _half_of_day(m["half"]) + _clock(m["clock"])),
    Rule("zh-time", "times", _HOUR_HALF, lambda m: f"{_half_of_day(m['half'])}{_hour(m['hour'])}点"),
)

TIME_STAMPS = Rule("zh-time-stamp", "times", TIME_STAMP, _time_stamp)
"""Before dates."""
