"""Sums of money in Mandarin."""

import re
from decimal import Decimal

from tts.text.rules import NUMBER, SIGN, START, Rule, alternatives
from tts.text.zh.numbers import count, signed

_MARKS = {
    "US$": "美元",
    "HK$": "港元",
    "NT$": "元新台币",
    "A$": "澳元",
    "C$": "加元",
    "S$": "新加坡元",
    "$": "美元",
    "¥": "元",
    "€": "欧元",
    "£": "英镑",
    "₩": "韩元",
    "₽": "卢布",
    "₹": "卢比",
    "฿": "泰铢",
}
_CODES = {
    "RMB": "元",
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "JPY": "日元",
    "HKD": "港元",
    "TWD": "元新台币",
    "AUD": "澳元",
    "CAD": "加元",
    "SGD": "新加坡元",
    "CHF": "瑞士法郎",
    "KRW": "韩元",
}
_CURRENCIES = _MARKS | _CODES
_POWERS = {"K": 3, "k": 3, "M": 6, "B": 9}

_TO = r"(?: ?[-~–—] ?| ?[到至] ?)"
_SCALE = r"(?: ?(?P<scale>万亿|[亿万千百]|[KkMBT](?![A-Za-z0-9])))?"
_BEFORE = re.compile(
    rf"(?P<sign>{SIGN})?(?:(?P<mark>{alternatives(_MARKS)})|(?<![A-Za-z])(?P<code>{alternatives(_CODES)}))"
    rf" ?(?P<first>{NUMBER})(?:{_TO}[$¥€£]?(?P<second>{NUMBER}))?{_SCALE}"
    # Some write the currency on both sides of the number.
    r"(?:元(?:人民币|新台币)?|[美欧日港澳韩加]元|美金|人民币|新?台币|港币|英镑|块钱?)?"
)
_AFTER = re.compile(
    rf"{START}(?P<first>{NUMBER}) ?(?P<scale>万亿|[亿万千百])?"
    rf" ?(?P<code>{alternatives(_CODES)}|[$€£¥])(?![A-Za-z0-9])"
)
_YEN = re.compile("(?<=[0-9万亿])円")
_TRAILING_ZEROS = re.compile(
    rf"{START}(?P<sum>{NUMBER})(?=(?:{_TO}{NUMBER})? ?(?:万亿|[亿万千百])?"
    r" ?(?:[元块]|[美欧日港澳韩加]元|人民币|英镑|法郎|卢布|卢比|泰铢|港币))"
)


def _without_zeros(text: str) -> str:
    """`3.00` → 3, `3.50` → 3.5."""
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _amount(text: str, follows: str) -> str:
    """A sum of money; zeros at the end of its decimals are not said."""
    return count(_without_zeros(text), follows)


def _multiplied(text: str, power: int) -> str:
    """`2.5` times 10**9 → `2500000000`, which Mandarin has a word for where it has none for a billion."""
    return f"{Decimal(text.replace(',', '')).scaleb(power):f}" if power else text


def _before(match: re.Match[str]) -> str:
    unit = _MARKS[match["mark"]] if match["mark"] else _CODES[match["code"]]
    power = _POWERS.get(match["scale"] or "", 0)
    # A trillion would have more digits than a number may.
    scale = "" if power else {"T": "万亿"}.get(match["scale"] or "", match["scale"] or "")
    spoken = _amount(_multiplied(match["first"], power), scale or unit)
    if match["second"]:
        spoken += "到" + _amount(_multiplied(match["second"], power), scale or unit)
    return signed(match["sign"], spoken + scale + unit)


def _after(match: re.Match[str]) -> str:
    unit, scale = _CURRENCIES[match["code"]], match["scale"] or ""
    return _amount(match["first"], scale or unit) + scale + unit


RULES = (
    Rule("zh-money", "currency", _YEN, lambda match: "日元", digits=False),
    Rule("zh-money", "currency", _TRAILING_ZEROS, lambda match: _without_zeros(match["sum"])),
    Rule("zh-money", "currency", _BEFORE, _before),
    Rule("zh-money", "currency", _AFTER, _after),
)
