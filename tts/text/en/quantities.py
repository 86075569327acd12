"""Money, percentages, temperatures and units in English. The numbers stay digits: voices read them."""

import re

from tts.text.rules import NUMBER, SIGN, START, Rule, alternatives

_CURRENCIES = {
    "US$": ("dollar", "cent"),
    "HK$": ("Hong Kong dollar", "cent"),
    "A$": ("Australian dollar", "cent"),
    "C$": ("Canadian dollar", "cent"),
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yuan", "fen"),
    "₹": ("rupee", "paisa"),
    "USD": ("dollar", "cent"),
    "EUR": ("euro", "cent"),
    "GBP": ("pound", "penny"),
    "CNY": ("yuan", "fen"),
    "RMB": ("yuan", "fen"),
    "JPY": ("yen", "sen"),
}
_PLURALS = {"penny": "pence", "yuan": "yuan", "fen": "fen", "yen": "yen", "sen": "sen", "paisa": "paise"}
_SCALES = {"k": "thousand", "K": "thousand", "M": "million", "m": "million", "B": "billion", "bn": "billion"}
_UNITS = {
    "km/h": "kilometers per hour",
    "mph": "miles per hour",
    "m/s": "meters per second",
    "m/s²": "meters per second squared",
    "mg/L": "milligrams per liter",
    "MB/s": "megabytes per second",
    "GB/s": "gigabytes per second",
    "Mbps": "megabits per second",
    "Gbps": "gigabits per second",
    "fps": "frames per second",
    "rpm": "revolutions per minute",
    "kWh": "kilowatt hours",
    "kW": "kilowatts",
    "MW": "megawatts",
    "W": "watts",
    "kHz": "kilohertz",
    "MHz": "megahertz",
    "GHz": "gigahertz",
    "Hz": "hertz",
    "dB": "decibels",
    "V": "volts",
    "mAh": "milliamp hours",
    "kcal": "kilocalories",
    "kg": "kilograms",
    "g": "grams",
    "mg": "milligrams",
    "lb": "pounds",
    "lbs": "pounds",
    "oz": "ounces",
    "km": "kilometers",
    "m": "meters",
    "cm": "centimeters",
    "mm": "millimeters",
    "nm": "nanometers",
    "ft": "feet",
    "mi": "miles",
    "km²": "square kilometers",
    "m²": "square meters",
    "m³": "cubic meters",
    "cm²": "square centimeters",
    "cm³": "cubic centimeters",
    "L": "liters",
    "ml": "milliliters",
    "mL": "milliliters",
    "h": "hours",
    "hr": "hours",
    "hrs": "hours",
    "min": "minutes",
    "s": "seconds",
    "sec": "seconds",
    "ms": "milliseconds",
    "KB": "kilobytes",
    "MB": "megabytes",
    "GB": "gigabytes",
    "TB": "terabytes",
    "px": "pixels",
    "°": "degrees",
}
_UNCHANGED = frozenset({"hertz", "kilohertz", "megahertz", "gigahertz"})
_IRREGULAR = {"feet": "foot", "revolutions": "revolution"}

_TO = r"(?: ?[-~–—] ?| to )"
_CURRENCY = alternatives(_CURRENCIES)
_MONEY = re.compile(
    rf"(?P<sign>{SIGN})?(?<![A-Za-z])(?P<unit>{_CURRENCY}) ?(?P<first>{NUMBER})"
    rf"(?:(?: ?[-~–—] ?| to (?=[$€£¥]))[$€£¥]?(?P<second>{NUMBER}))?"
    r"(?: ?(?P<word>thousand|million|billion|trillion)\b|(?P<scale>bn|[kKmMB])(?![A-Za-z0-9]))?"
)
_PERCENT = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})"
    rf"(?:%?{_TO}(?P<sign2>-)?(?P<second>{NUMBER}))? ?(?P<unit>[%‰])"
)
_TEMPERATURE = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})(?:{_TO}(?P<sign2>-)?(?P<second>{NUMBER}))?"
    r" ?(?P<unit>℃|℉|°(?= ?[CF](?![A-Za-z])) ?[CF])"
)
_UNIT = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})"
    rf"(?:{_TO}(?P<second>{NUMBER}))?[ -]?(?P<unit>{alternatives(_UNITS)})"
    r"(?![A-Za-z0-9²³'])"
)
_SAME_UNIT_RANGE = re.compile(
    rf"(?<=[0-9])( ?(?P<unit>[A-Za-zμ][A-Za-z/²³]{{0,4}}|[°%])) ?[-~–—] ?(?={NUMBER} ?(?P=unit)(?![A-Za-z]))"
)
_SIGNS = {"-": "minus ", "+": "plus ", "±": "plus or minus "}


def _span(match: re.Match[str]) -> str:
    """One number or a range, with their signs."""
    spoken = _SIGNS.get(match["sign"] or "", "") + _plain(match["first"])
    if match["second"]:
        sign = _SIGNS.get(match.groupdict().get("sign2") or "", "")
        spoken += f" to {sign}{_plain(match['second'])}"
    return spoken


def _plain(number: str) -> str:
    return number.replace(",", "")


def _plural(word: str) -> str:
    return _PLURALS.get(word, f"{word}s")


def _named(number: str, word: str) -> str:
    return f"{number} {word if number == '1' else _plural(word)}"


def _money(match: re.Match[str]) -> str:
    unit, part = _CURRENCIES[match["unit"]]
    scale = match["word"] or _SCALES.get(match["scale"] or "", "")
    sign = _SIGNS.get(match["sign"] or "", "")
    first = _plain(match["first"])
    if scale or match["second"]:
        end = f" to {_plain(match['second'])}" if match["second"] else ""
        return f"{sign}{first}{end}{' ' if scale else ''}{scale} {_plural(unit)}"
    whole, _, cents = first.partition(".")
    if len(cents) > 2:
        return f"{sign}{first} {_plural(unit)}"
    return sign + _sum(whole, str(int(cents.ljust(2, "0"))) if cents else "0", unit, part)


def _sum(whole: str, cents: str, unit: str, part: str) -> str:
    if cents == "0":
        return _named(whole, unit)
    if whole.strip("0") == "":
        return _named(cents, part)
    return f"{_named(whole, unit)} and {_named(cents, part)}"


def _percent(match: re.Match[str]) -> str:
    return _span(match) + (" per mille" if match["unit"] == "‰" else " percent")


def _temperature(match: re.Match[str]) -> str:
    scale = "Celsius" if match["unit"][-1] in "C℃" else "Fahrenheit"
    single = match["first"] == "1" and not match["second"]
    return f"{_span(match)} {'degree' if single else 'degrees'} {scale}"


def _unit(match: re.Match[str]) -> str:
    unit = _UNITS[match["unit"]]
    single = match["first"] == "1" and not match["second"]
    return f"{_span(match)} {_singular(unit) if single else unit}"


def _singular(unit: str) -> str:
    """`square meters` → square meter, `miles per hour` → mile per hour."""
    words, per, rest = unit.partition(" per ")
    head, space, last = words.rpartition(" ")
    if last not in _UNCHANGED:
        last = _IRREGULAR.get(last, last.removesuffix("s"))
    return head + space + last + per + rest


RULES = (
    Rule("en-range", _SAME_UNIT_RANGE, lambda match: f"{match[1]} to "),
    Rule("en-money", _MONEY, _money),
    Rule("en-temperature", _TEMPERATURE, _temperature),
    Rule("en-percent", _PERCENT, _percent),
    Rule("en-unit", _UNIT, _unit),
)
