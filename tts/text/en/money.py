"""Sums of money in English."""

import re

from tts.text.en.numbers import SIGNS, number
from tts.text.en.units import DETERMINER, NOUN
from tts.text.rules import NUMBER, SIGN, START, Rule, alternatives

_MARKS = {
    "US$": ("dollar", "cent"),
    "HK$": ("Hong Kong dollar", "cent"),
    "NT$": ("New Taiwan dollar", "cent"),
    "A$": ("Australian dollar", "cent"),
    "C$": ("Canadian dollar", "cent"),
    "S$": ("Singapore dollar", "cent"),
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yuan", "fen"),
    "₹": ("rupee", "paisa"),
    "₩": ("won", "jeon"),
    "₽": ("ruble", "kopek"),
    "฿": ("baht", "satang"),
}
_CODES = {
    "USD": ("dollar", "cent"),
    "EUR": ("euro", "cent"),
    "GBP": ("pound", "penny"),
    "CNY": ("yuan", "fen"),
    "RMB": ("yuan", "fen"),
    "JPY": ("yen", "sen"),
    "HKD": ("Hong Kong dollar", "cent"),
    "AUD": ("Australian dollar", "cent"),
    "CAD": ("Canadian dollar", "cent"),
    "SGD": ("Singapore dollar", "cent"),
    "CHF": ("Swiss franc", "centime"),
    "KRW": ("won", "jeon"),
    "INR": ("rupee", "paisa"),
}
_CURRENCIES = _MARKS | _CODES
_PLURALS = {"penny": "pence", "paisa": "paise"}
_NO_PLURAL = frozenset({"yuan", "fen", "yen", "sen", "won", "jeon", "baht", "satang"})
_SCALES = {
    "k": "thousand",
    "K": "thousand",
    "M": "million",
    "m": "million",
    "B": "billion",
    "bn": "billion",
    "T": "trillion",
}
_PERIODS = "day|week|month|year|hour|minute|person|night|mo|yr|hr|each|unit|kg|lb|d|h|min|wk|dose|m²"
_PERIOD_NAMES = {
    "mo": "month",
    "yr": "year",
    "hr": "hour",
    "kg": "kilogram",
    "lb": "pound",
    "d": "day",
    "h": "hour",
    "min": "minute",
    "wk": "week",
    "m²": "square meter",
}

_SCALE = r"(?: ?(?P<word>thousand|million|billion|trillion)\b|(?P<scale>bn|[kKmMBT])(?![A-Za-z0-9]))?"
_MONEY = re.compile(
    rf"(?P<one>{DETERMINER})?(?P<sign>{SIGN})?(?<![A-Za-z])(?P<unit>{alternatives(_CURRENCIES)}) ?(?P<first>{NUMBER})"
    rf"(?:(?: ?[-~–—] ?| to (?=[$€£¥]))[$¥€£]?(?P<second>{NUMBER}))?{_SCALE}"
    # Some write the currency on both sides of the number.
    rf"(?: (?:dollars|USD|euros|EUR|pounds|GBP|yuan|RMB|CNY)\b)?{NOUN}?"
)
_MONEY_AFTER = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})(?:(?: ?[-~–—] ?| to )(?P<second>{NUMBER}))?{_SCALE}"
    rf" ?(?P<unit>{alternatives(_CODES)}|[€£₩])(?![A-Za-z0-9])"
)
_SPAN = re.compile(rf"(?<=[0-9][kKMmBT]) ?[-–—] ?(?=[$€£¥]{NUMBER})|(?<=[0-9]bn) ?[-–—] ?(?=[$€£¥]{NUMBER})")
_LOSS = re.compile(rf"(?P<unit>[$€£¥])\((?P<first>{NUMBER})\)")
_PAIR = re.compile(rf"(?<![A-Za-z/])({alternatives(_CODES)})/(?=(?:{alternatives(_CODES)})(?![A-Za-z/]))")
_CENTS = re.compile(rf"{START}(?P<first>[0-9]{{1,3}})¢")
_PER = re.compile(rf"(?<=[a-z]) ?/ ?(?P<period>{_PERIODS})(?![A-Za-z²³])")


def _plural(word: str) -> str:
    return word if word in _NO_PLURAL else _PLURALS.get(word, f"{word}s")


def _named(digits: str, word: str) -> str:
    return f"{number(digits)} {word if digits == '1' else _plural(word)}"


def _money(match: re.Match[str]) -> str:
    unit, part = _CURRENCIES[match["unit"]]
    named = match.groupdict()
    is_attribute = bool(named.get("one")) and named.get("noun") is not None
    return (named.get("one") or "") + _amount(match, unit, part, is_attribute=is_attribute)


def _amount(match: re.Match[str], unit: str, part: str, *, is_attribute: bool) -> str:
    """`is_attribute` of a noun that follows: a ten dollar bill."""
    scale = match["word"] or _SCALES.get(match["scale"] or "", "")
    sign = SIGNS[match["sign"] or ""]
    many = unit if is_attribute else _plural(unit)
    first = match["first"]
    if scale or match["second"]:
        end = f" to {number(match['second'])}" if match["second"] else ""
        return f"{sign}{number(first)}{end}{' ' if scale else ''}{scale} {many}"
    whole, _, cents = first.partition(".")
    if len(cents) > 2:
        return f"{sign}{number(first)} {_plural(unit)}"
    if is_attribute and not cents:
        return f"{sign}{number(whole)} {unit}"
    return sign + _sum(whole, str(int(cents.ljust(2, "0"))) if cents else "0", unit, part)


def _sum(whole: str, cents: str, unit: str, part: str) -> str:
    if cents == "0":
        return _named(whole, unit)
    if whole.strip("0") == "":
        return _named(cents, part)
    return f"{_named(whole, unit)} and {_named(cents, part)}"


def _per(match: re.Match[str]) -> str:
    period = match["period"]
    return " each" if period == "each" else f" per {_PERIOD_NAMES.get(period, period)}"


RULES = (
    Rule("en-money", "currency", _SPAN, lambda match: " to "),
    Rule("en-money", "currency", _LOSS, lambda match: f"-{match['unit']}{match['first']}"),
    Rule("en-money", "currency", _MONEY, _money),
    Rule("en-money", "currency", _MONEY_AFTER, _money),
    Rule("en-money", "currency", _PAIR, lambda match: f"{match[1]} ", digits=False),
    Rule("en-money", "currency", _CENTS, lambda match: _named(match["first"], "cent")),
)

PER = Rule("en-per-unit", "currency", _PER, _per, digits=False)
