"""Dates, years and decades in Mandarin."""

import re

from tts.text.rules import START, Rule
from tts.text.zh.numbers import cardinal, spell_digits

_MONTH = "(?:1[0-2]|0?[1-9])"
_DAY = "(?:3[01]|[12][0-9]|0?[1-9])"
_YEAR = "(?:19|20)[0-9]{2}"
_TO = "(?: ?[-~–—] ?| ?[到至] ?)"

_ISO = re.compile(
    rf"{START}(?<![/.-])(?P<year>[12][0-9]{{3}})(?P<mark>[-/.])(?P<month>{_MONTH})(?P=mark)(?P<day>{_DAY})"
    r"(?:(?P<clock>T)(?=[0-9]{1,2}:)|(?![0-9]|(?P=mark)[0-9]))"
)
_ISO_MONTH = re.compile(
    rf"{START}(?<![/.-])(?P<year>{_YEAR})[-/](?P<month>0[1-9]|1[0-2])(?![0-9]|[-/.:][0-9])"
)
# With the year last, the month comes first as in Chinese, unless the number can only be a day.
_YEAR_LAST = re.compile(
    rf"{START}(?<![/.-])(?:(?P<month>{_MONTH})/(?P<day>{_DAY})|(?P<day2>3[01]|2[0-9]|1[3-9])/(?P<month2>{_MONTH}))"
    rf"/(?P<year>{_YEAR})(?![0-9]|[-/.][0-9])"
)
_PADDED = re.compile(
    rf"{START}(?<![/.-])(?:(?P<month>0[1-9]|1[0-2])/(?P<day>0[1-9]|[12][0-9]|3[01]))(?<!/[1-9][0-9])(?![0-9/]|[.,][0-9])"
    rf"|{START}(?<![/.-])(?P<month2>0[1-9])/(?P<day2>[12][0-9]|3[01])(?![0-9/]|[.,][0-9])"
)
_TITLE = re.compile(rf"(?<=[《〈])({_YEAR})(?=[》〉])")
_POINTED_MONTHS = re.compile(
    rf"{START}(?P<year1>{_YEAR})\.(?P<month1>{_MONTH}){_TO}(?:(?P<year2>{_YEAR})\.(?P<month2>{_MONTH})|(?=今))(?![0-9.])"
)
_DATES = re.compile(rf"(?<=[/.])([0-9]{{1,2}}) ?[-~–—] ?(?={_YEAR}[/.][0-9]{{1,2}}[/.][0-9])")
_YEARS = re.compile(rf"{START}([12][0-9]{{3}})(年?)({_TO})([12][0-9]{{3}})(?= ?年)")
_BARE_YEARS = re.compile(
    rf"{START}(?<![-A-Za-z¥$€£])({_YEAR}) ?[-~–—] ?({_YEAR})(?![0-9A-Za-z%]|[-/.:][0-9]| ?[元个人万亿次台米块件字])"
)
_YEAR_BEFORE = re.compile(
    rf"{START}(?<![A-Za-z¥$€£])({_YEAR})"
    r"(?= ?(?:届|级(?!别)|财年|赛季|年?款|版本?|奥运|世界杯|欧洲杯|亚运|春晚|新年|国庆|元旦|春节|中秋"
    r"|高考|考研|双十一|Q[1-4]|H[12]))"
)
_YEAR_NAME = re.compile(rf"{START}([12][0-9]{{3}}) ?年(?! ?(?:的?历史|多))")
_ERA_YEAR = re.compile(r"(?:(?<=公元)|(?<=元前)) ?([0-9]{3})(?= ?年)")
_SHORT_YEAR = re.compile(rf"{START}([0-9]{{2}}) ?年(?=[0-9]{{1,2}} ?月)|{START}(0[0-9]) ?年")
_AFTER_DATE = re.compile(r"(?<=[年月日号]) ?[-~–—] ?(?=[0-9]{1,4} ?[年月日号]|[零一二三四五六七八九]{4}年)")
_MONTH_DAY = re.compile(
    rf"{START}(?P<month>0[1-9]|1[0-2]|[1-9]) ?月 ?"
    r"(?:(?P<day>0[1-9]|[12][0-9]|3[01]|[1-9])(?= ?[日号]|(?![0-9.]|[ ]?[\u4e00-\u9fff%])))?"
)
_SPAN = re.compile(rf"{START}([0-9]{{1,2}}) ?[-~–—] ?([0-9]{{1,2}})(?= ?(?:月|日|号|点))")
_WEEKDAYS = re.compile(
    "(?<=[周期拜][一二三四五六日天末]) ?[-~–—] ?(?=(?:周|星期|礼拜)?[一二三四五六日天末](?![个起种天条些月年时直般]))"
)
_COMPACT = re.compile(
    rf"{START}({_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?![0-9]|[.,][0-9]| ?[元个人万亿])"
)
_COMPACT_DATE = re.compile(
    rf"(?P<lead>(?:日期|生日|出生|有效期至?|截至|截止|时间)(?:[:：是为于到] ?)?)"
    rf"(?P<year>{_YEAR})(?P<month>0[1-9]|1[0-2])"
    r"(?P<day>0[1-9]|[12][0-9]|3[01])(?![0-9]|[.,][0-9])"
)
_BEFORE_TIME = re.compile(
    rf"{START}(?<![/.-])(?P<month>0[1-9]|1[0-2])[-/](?P<day>0[1-9]|[12][0-9]|3[01])"
    r"(?= ?(?:2[0-4]|[01]?[0-9]):[0-5][0-9])"
)
_NUMBERED_YEAR = re.compile(rf"(?<=[（(〔\[【])({_YEAR})(?=[)）〕\]】] ?[\u4e00-\u9fff]{{0,8}}[0-9第])")
_SLASHED = re.compile(
    r"(?P<lead>(?:日期|时间|定[在于]|改[到在]|推迟到|提前到|截止到?|截至|延期?[到至]"
    r"|[Dd]eadline|ddl|DDL|due)[是为到至于:：]{0,2} ?)"
    rf"(?P<month>{_MONTH})/(?P<day>{_DAY})(?![0-9/]|[.,][0-9])"
)
_GENERATION = re.compile(rf"{START}([6-9][05]|[01][05])(?=后(?![面来天期续悔果退背勤台]))")


def date(year: str, month: str, day: str) -> str:
    return f"{spell_digits(year)}年{cardinal(month)}月{cardinal(day)}日"


def _iso(match: re.Match[str]) -> str:
    return date(match["year"], match["month"], match["day"]) + (" " if match["clock"] else "")


def _year_last(match: re.Match[str]) -> str:
    return date(match["year"], match["month"] or match["month2"], match["day"] or match["day2"])


def _padded(match: re.Match[str]) -> str:
    month, day = match["month"] or match["month2"], match["day"] or match["day2"]
    return f"{cardinal(month)}月{cardinal(day)}日"


def _pointed_months(match: re.Match[str]) -> str:
    spoken = f"{spell_digits(match['year1'])}年{cardinal(match['month1'])}月到"
    return (
        f"{spoken}{spell_digits(match['year2'])}年{cardinal(match['month2'])}月" if match["year2"] else spoken
    )


def _years(match: re.Match[str]) -> str:
    to = "至" if "至" in match[3] else "到"
    return f"{spell_digits(match[1])}{match[2]}{to}{spell_digits(match[4])}"


def _month_day(match: re.Match[str]) -> str:
    return f"{cardinal(match['month'])}月" + (cardinal(match["day"]) if match["day"] else "")


def _month_and_day(match: re.Match[str]) -> str:
    return f"{match.groupdict().get('lead') or ''}{cardinal(match['month'])}月{cardinal(match['day'])}日"


RULES = (
    Rule("zh-date", "dates", _COMPACT_DATE, lambda m: m["lead"] + date(m["year"], m["month"], m["day"])),
    Rule("zh-date", "dates", _BEFORE_TIME, _month_and_day),
    Rule("zh-year", "dates", _NUMBERED_YEAR, lambda m: spell_digits(m[1])),
    Rule("zh-date", "dates", _SLASHED, _month_and_day),
    Rule("zh-date-range", "dates", _DATES, lambda m: f"{m[1]}到"),
    Rule("zh-date", "dates", _ISO, _iso),
    Rule("zh-date", "dates", _YEAR_LAST, _year_last),
    Rule("zh-date", "dates", _PADDED, _padded),
    Rule("zh-year", "dates", _TITLE, lambda m: spell_digits(m[1])),
    Rule(
        "zh-year-month", "dates", _ISO_MONTH, lambda m: f"{spell_digits(m['year'])}年{cardinal(m['month'])}月"
    ),
    Rule("zh-date-range", "dates", _POINTED_MONTHS, _pointed_months),
    Rule("zh-year-range", "dates", _YEARS, _years),
    Rule("zh-date-range", "dates", _AFTER_DATE, lambda m: "到"),
    Rule("zh-year", "dates", _YEAR_NAME, lambda m: f"{spell_digits(m[1])}年"),
    Rule("zh-year-range", "dates", _BARE_YEARS, lambda m: f"{spell_digits(m[1])}到{spell_digits(m[2])}"),
    Rule("zh-year", "dates", _YEAR_BEFORE, lambda m: spell_digits(m[1])),
    Rule("zh-year", "dates", _ERA_YEAR, lambda m: spell_digits(m[1])),
    Rule("zh-short-year", "dates", _SHORT_YEAR, lambda m: f"{spell_digits(m[1] or m[2])}年"),
    Rule("zh-date-range", "dates", _SPAN, lambda m: f"{cardinal(m[1])}到{cardinal(m[2])}"),
    Rule("zh-month-day", "dates", _MONTH_DAY, _month_day),
    Rule("zh-date-range", "dates", _WEEKDAYS, lambda m: "到", digits=False),
    Rule("zh-generation", "dates", _GENERATION, lambda m: spell_digits(m[1])),
)

COMPACT = Rule("zh-compact-date", "dates", _COMPACT, lambda m: spell_digits(m[1]))
"""`20260202`, once nothing else has claimed it."""
