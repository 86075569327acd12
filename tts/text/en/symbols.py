"""Symbols and marks in English, once the numbers have been read."""

import re

from tts.text.greek import single_letter
from tts.text.rules import Rule

ADDRESS_SYMBOLS = {
    ".": "dot",
    "/": "slash",
    ":": "colon",
    "@": "at",
    "?": "question mark",
    "=": "equals",
    "&": "and",
    "-": "dash",
    "_": "underscore",
    "#": "hash",
    "%": "percent",
    "+": "plus",
    "~": "tilde",
}
_NAMES = {
    "&": "and",
    "@": "at",
    "%": "percent",
    "+": "plus",
    "=": "equals",
    "×": "times",
    "÷": "divided by",
    "±": "plus or minus",
    "≈": "about",
    "℃": "degrees Celsius",
    "℉": "degrees Fahrenheit",
    "°": "degrees",
    "→": "to",
    "←": "from",
    "§": "section",
    "√": "square root of",
    "∞": "infinity",
    "∈": "in",
    "∠": "angle",
    "∑": "sum of",
    "△": "triangle",
    "⊥": "perpendicular to",
    "∥": "parallel to",
    "≌": "congruent to",
    "∵": "because",
    "∴": "therefore",
    "∪": "union",
    "∩": "intersection",
    "⊂": "a proper subset of",
    "⊆": "a subset of",
    "∅": "the empty set",
    "∫": "the integral of",
    "≡": "identical to",
    "∝": "proportional to",
}
_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "Δ": "delta",
    "ε": "epsilon",
    "θ": "theta",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "Σ": "sigma",
    "τ": "tau",
    "φ": "phi",
    "χ": "chi",
    "ω": "omega",
    "Ω": "ohm",
}
_KEYS = {
    "Ctrl": "control",
    "Control": "control",
    "Alt": "alt",
    "Shift": "shift",
    "Cmd": "command",
    "Command": "command",
    "Option": "option",
    "Win": "windows",
    "Fn": "function",
    "Del": "delete",
    "Esc": "escape",
    "Ins": "insert",
    "PgUp": "page up",
    "PgDn": "page down",
}
_MODIFIER = "Ctrl|Control|Alt|Shift|Cmd|Command|Option|Win|Fn"
_SHORTCUT = re.compile(rf"\b(?:(?:{_MODIFIER}) ?\+ ?){{1,3}}(?:[A-Za-z0-9]{{1,8}})\b")
_KEY = re.compile("[A-Za-z0-9]+")
_SHARP = re.compile("(?<![A-Za-z])([CF])#")
_PHONE_KEY = re.compile(r"(?<![\w#*])[#*](?= (?:key|button|sign)\b)|(?<=[Pp]ress )[#*](?=[ ,.;:]|\Z)")
_PHONE_KEYS = {"#": "pound", "*": "star"}
_HASHTAG = re.compile(r"(?<![\w#&])#(?=[A-Za-z])")
_ALTERNATIVES = re.compile(
    r"\b([Hh]e|[Hh]im|[Hh]is|[Hh]er|[Yy]es|[Mm]ale|[Tt]rue|[Oo]n)/(she|her|hers|his|no|female|false|off)\b"
)
_AND_OR = re.compile(r"(?<=\band)/(?=or\b)")
_SNAKE = re.compile("(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])")
_NAMED = re.compile(f" ?([{re.escape(''.join(_NAMES))}]) ?")
_SILENT = re.compile(r"[*_|\\^`#~{}\[\]<>$¥€£〒]")
_FULL_WIDTH = {
    "，": ",",
    "、": ",",
    "！": "!",
    "？": "?",
    "；": ";",
    "：": ":",
    "。": ".",
    "（": "(",
    "）": ")",
}
_MARK = re.compile(r"([，、！？；：。（）])(?=([\w\"'“(]|\Z)?)")
_SPACES = re.compile(" {2,32}")
_SPACE_AT_MARK = re.compile(r" (?=[,.!?;:](?:\s|\Z))")


def _shortcut(match: re.Match[str]) -> str:
    return " ".join(_KEYS.get(key, key) for key in _KEY.findall(match[0]))


def _greek(match: re.Match[str]) -> str:
    """The letter's name, with a space to letters that touch it."""
    before = match.string[max(0, match.start() - 1) : match.start()].isalpha()
    after = match.string[match.end() : match.end() + 1].isalpha()
    return f"{' ' if before else ''}{_GREEK[match[0]]}{' ' if after else ''}"


def _mark(match: re.Match[str]) -> str:
    mark = _FULL_WIDTH[match[1]]
    if mark == "(":
        return " ("
    return mark if match[2] is None else f"{mark} "


EARLY = (
    Rule("en-shortcut", "symbols", _SHORTCUT, _shortcut, digits=False),
    Rule("en-key", "symbols", _PHONE_KEY, lambda match: _PHONE_KEYS[match[0]], digits=False),
    Rule("en-hashtag", "symbols", _HASHTAG, lambda match: "hashtag ", digits=False),
)
"""Before the plus sign and the number sign are taken for arithmetic."""

RULES = (
    Rule("en-symbol", "symbols", _SHARP, lambda match: f"{match[1]} sharp", digits=False),
    Rule("en-symbol", "symbols", single_letter(_GREEK), _greek, digits=False),
    Rule("en-symbol", "symbols", _ALTERNATIVES, lambda match: f"{match[1]} or {match[2]}", digits=False),
    Rule("en-symbol", "symbols", _AND_OR, lambda match: " ", digits=False),
    Rule("en-symbol", "symbols", _SNAKE, lambda match: " ", digits=False),
    Rule("en-symbol", "symbols", _NAMED, lambda match: f" {_NAMES[match[1]]} ", digits=False),
    Rule("en-silent-symbol", "symbols", _SILENT, lambda match: " ", digits=False),
    Rule("en-punctuation", "punctuation", _MARK, _mark, digits=False),
    Rule("en-space", "punctuation", _SPACES, lambda match: " ", digits=False),
    Rule("en-space", "punctuation", _SPACE_AT_MARK, lambda match: "", digits=False),
)
