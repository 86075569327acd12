"""Abbreviations, symbols and marks in English."""

import re

from tts.text.rules import Rule, alternatives

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
_TITLES = {
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Dr": "Doctor",
    "Prof": "Professor",
    "Gen": "General",
    "Capt": "Captain",
    "Sgt": "Sergeant",
    "Gov": "Governor",
    "Sen": "Senator",
}
_ABBREVIATIONS = {
    "e.g.": "for example",
    "i.e.": "that is",
    "vs.": "versus",
    "approx.": "approximately",
    "dept.": "department",
    "w/o": "without",
    "w/": "with ",
}
_ROADS = {"St": "Street", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard"}
_SUFFIXES = {"Jr": "Junior", "Sr": "Senior", "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation"}

_TITLE = re.compile(rf"(?<![A-Za-z])({alternatives(_TITLES)})\. ?(?=[A-Z])")
_SAINT = re.compile(r"(?<![A-Za-z])St\. ?(?=[A-Z])")
_ROAD = re.compile(rf"(?<=[A-Za-z]) ({alternatives(_ROADS)})\.?(?=[ ,;:!?]{{0,2}}\Z|,| [a-z])")
_SUFFIX = re.compile(rf"(?<=[A-Za-z,]) ({alternatives(_SUFFIXES)})\.(?=( )?)")
_ABBREVIATION = re.compile(rf"(?<![A-Za-z.])({alternatives(_ABBREVIATIONS)})", re.IGNORECASE)
_ETC = re.compile(r"(?<![A-Za-z])etc\.?(?![A-Za-z])")
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
}
_SHARP = re.compile("(?<![A-Za-z])([CF])#")
_NAMED = re.compile(f" ?([{re.escape(''.join(_NAMES))}]) ?")
_SILENT = re.compile(r"[*_|\\^`#~{}\[\]<>$¥€£]")
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


def _suffix(match: re.Match[str]) -> str:
    # The point of `Inc.` also ends the sentence when nothing follows it.
    return f" {_SUFFIXES[match[1]]}" + ("" if match[2] else ".")


def _etc(match: re.Match[str]) -> str:
    at_end = match[0].endswith(".") and not match.string[match.end() :].strip()
    return "et cetera" + ("." if at_end else "")


def _mark(match: re.Match[str]) -> str:
    mark = _FULL_WIDTH[match[1]]
    if mark == "(":
        return " ("
    return mark if match[2] is None else f"{mark} "


def _road(match: re.Match[str]) -> str:
    at_end = match[0].endswith(".") and not match.string[match.end() :].strip()
    return f" {_ROADS[match[1]]}" + ("." if at_end else "")


ABBREVIATIONS = (
    Rule("en-title", _TITLE, lambda match: f"{_TITLES[match[1]]} ", digits=False),
    Rule("en-road", _ROAD, _road, digits=False),
    Rule("en-title", _SAINT, lambda match: "Saint ", digits=False),
    Rule("en-abbreviation", _SUFFIX, _suffix, digits=False),
    Rule("en-abbreviation", _ABBREVIATION, lambda match: _ABBREVIATIONS[match[1].lower()], digits=False),
    Rule("en-abbreviation", _ETC, _etc, digits=False),
)

SYMBOLS = (
    Rule("en-symbol", _SHARP, lambda match: f"{match[1]} sharp", digits=False),
    Rule("en-symbol", _NAMED, lambda match: f" {_NAMES[match[1]]} ", digits=False),
    Rule("en-silent-symbol", _SILENT, lambda match: " ", digits=False),
    Rule("en-punctuation", _MARK, _mark, digits=False),
    Rule("en-space", _SPACES, lambda match: " ", digits=False),
    Rule("en-space", _SPACE_AT_MARK, lambda match: "", digits=False),
)
