"""Dates, times, money, units and counters in Korean."""

import re

from tts.text.ko.numbers import cardinal, month, native, number, spell_digits
from tts.text.rules import NUMBER, SIGN, START, Rule, alternatives

_MONTH = "1[0-2]|0?[1-9]"
_DAY = "3[01]|[12][0-9]|0?[1-9]"
_ISO = re.compile(
    rf"{START}(?<![/.-])(?P<year>[12][0-9]{{3}})(?P<mark>[-/.])(?P<month>{_MONTH})(?P=mark)(?P<day>{_DAY})(?![0-9]|[-/.][0-9])"
)
_MONTH_NAME = re.compile(rf"{START}({_MONTH})(?= ?월)")
_CLOCK = re.compile(rf"{START}(?<!:)(2[0-4]|[01]?[0-9]):([0-5][0-9])(?![0-9:])")
_HOUR = re.compile(rf"{START}(1[0-2]|0?[1-9])(?= ?시(?!즌|리|장))")
_TELEPHONE = re.compile(
    rf"{START}(?<![-A-Za-z])([01][0-9]{{1,3}})-([0-9]{{3,4}})(?:-([0-9]{{4}}))?(?![0-9-])"
)
_SCORE = re.compile(
    rf"{START}([0-9]{{1,3}}) ?[-:] ?([0-9]{{1,3}})(?= ?(?:로 |승|패|무승부|으로 (?:이|졌|승|패)))"
)
_CODE = re.compile(
    r"(?P<name>(?:번호|코드|비밀번호|인증번호)(?:는|은|:|가|이)? ?\[?)(?P<digits>[0-9]{3,12})(?![0-9]|[.,-][0-9])"
)
_CURRENCIES = {
    "₩": "원",
    "$": "달러",
    "US$": "달러",
    "€": "유로",
    "£": "파운드",
    "¥": "엔",
    "USD": "달러",
    "KRW": "원",
    "EUR": "유로",
}
_MONEY = re.compile(
    rf"(?<![A-Za-z])(?P<mark>{alternatives(_CURRENCIES)}) ?(?P<number>{NUMBER})(?P<scale>[천만억조]{{0,2}})"
    # Some write the currency on both sides of the number.
    r"(?: ?(?:원|달러|유로|파운드|엔))?"
)
_UNITS = {
    "km/h": "시속 킬로미터",
    "km": "킬로미터",
    "m": "미터",
    "cm": "센티미터",
    "mm": "밀리미터",
    "kg": "킬로그램",
    "g": "그램",
    "mg": "밀리그램",
    "L": "리터",
    "ml": "밀리리터",
    "mL": "밀리리터",
    "m²": "제곱미터",
    "GB": "기가바이트",
    "MB": "메가바이트",
    "TB": "테라바이트",
    "Hz": "헤르츠",
    "GHz": "기가헤르츠",
    "W": "와트",
    "V": "볼트",
    "%": "퍼센트",
}
_UNIT = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<number>{NUMBER}) ?(?P<unit>{alternatives(_UNITS)})(?![A-Za-z0-9])"
)
_TEMPERATURE = re.compile(rf"{START}(?P<sign>{SIGN})?(?P<number>{NUMBER}) ?(?:℃|°C)")
_RANGE = re.compile(r"(?<=[0-9])(?P<unit> ?(?:[\uac00-\ud7a3]{1,2}|[A-Za-z%]{1,3})?) ?[~–—] ?(?=[0-9])")
_THINGS = "개(?!월)|명|살|마리|권|대(?!학)|잔|병|시간|달|가지|그릇|장|켤레|사람|번째|송이|벌|채|척"
_NATIVE = re.compile(rf"{START}(?<![A-Za-z.])([0-9]{{1,2}})(?= ?(?:{_THINGS}))")
_NATIVE_RANGE = re.compile(rf"{START}(?<![A-Za-z.])([0-9]{{1,2}}) ?[-~–—] ?([0-9]{{1,2}})(?= ?(?:{_THINGS}))")
_FRACTION = re.compile(rf"{START}(?<!/)([0-9]{{1,4}})/([0-9]{{1,4}})(?![0-9/])")
# Whatever stands before: in `1,2,3` nothing else reads the second number.
_NUMBER = re.compile(rf"(?<![0-9])(?P<sign>{SIGN})?(?P<number>{NUMBER})")


def _signed(sign: str | None, spoken: str) -> str:
    return {"-": "마이너스 ", "+": "플러스 ", "±": "플러스 마이너스 "}.get(sign or "", "") + spoken


def _date(match: re.Match[str]) -> str:
    year, day = cardinal(int(match["year"])), cardinal(int(match["day"]))
    return f"{year}년 {month(int(match['month']))}월 {day}일"


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    spoken = f"{native(hour) if 0 < hour <= 12 else cardinal(hour)}시"
    return f"{spoken} {cardinal(minute)}분" if minute else spoken


def _money(match: re.Match[str]) -> str:
    return f"{number(match['number'])}{match['scale']} {_CURRENCIES[match['mark']]}"


def _telephone(match: re.Match[str]) -> str:
    return ", ".join(spell_digits(group) for group in match.groups() if group)


def _temperature(match: re.Match[str]) -> str:
    return f"{'영하 ' if match['sign'] == '-' else ''}{number(match['number'])} 도"


RULES = (
    Rule("ko-telephone-number", "telephone", _TELEPHONE, _telephone),
    Rule("ko-digit-string", "digits", _CODE, lambda m: m["name"] + spell_digits(m["digits"])),
    Rule("ko-score", "scores", _SCORE, lambda m: f"{cardinal(int(m[1]))} 대 {cardinal(int(m[2]))}"),
    Rule("ko-date", "dates", _ISO, _date),
    Rule("ko-date", "dates", _MONTH_NAME, lambda m: month(int(m[1]))),
    Rule("ko-time", "times", _CLOCK, _clock),
    Rule("ko-time", "times", _HOUR, lambda m: native(int(m[1]))),
    Rule("ko-range", "ranges", _NATIVE_RANGE, lambda m: f"{native(int(m[1]))}에서 {native(int(m[2]))}"),
    Rule("ko-range", "ranges", _RANGE, lambda m: f"{m['unit']}에서 "),
    Rule("ko-money", "currency", _MONEY, _money),
    Rule("ko-temperature", "temperature", _TEMPERATURE, _temperature),
    Rule(
        "ko-unit", "units", _UNIT, lambda m: _signed(m["sign"], f"{number(m['number'])} {_UNITS[m['unit']]}")
    ),
    Rule("ko-counter", "numbers", _NATIVE, lambda m: native(int(m[1]))),
    Rule("ko-fraction", "fractions", _FRACTION, lambda m: f"{cardinal(int(m[2]))}분의 {cardinal(int(m[1]))}"),
    Rule("ko-number", "numbers", _NUMBER, lambda m: _signed(m["sign"], number(m["number"]))),
)
