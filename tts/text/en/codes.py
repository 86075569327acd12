"""Digits that name something rather than count it, in English: codes, cards, rooms, ports."""

import re

from tts.text.en.numbers import paired, spell_digits
from tts.text.labels import CELL_RANGE, MAPPED_PORTS
from tts.text.rules import START, Rule

_END = r"(?![0-9A-Za-z]|[.,-][0-9])"
_VERBS = "departs|leaves|arrives|runs|stops|boards|calls|takes|goes|serves|opens|closes|is|was|has"
_NOT_COUNTED = rf"(?! (?:(?!(?:{_VERBS})\b)[a-z]{{2,12}}s|people|men|women|children)\b)"
_KINDS = "(?:verification|security|access|promo|area|country|confirmation|zip|postal|your|the)"
_OWNERS = (
    "(?:order|account|tracking|reference|booking|invoice|serial|routing|policy|case|ticket|card|member|student|employee"
    "|passport|license)"
)
_NAMES = (
    f"(?:{_KINDS} )?code|PIN|OTP|password|passcode|ZIP|postcode|{_OWNERS} (?:number|no\\.?|ID)|[A-Z]{{0,6}} ?ID"
    "|extension|(?:ending|ends) in"
)
_NAMED = re.compile(
    rf"\b(?P<name>(?:{_NAMES})(?: is)?:? ?#?)"
    rf"(?P<digits>[0-9]{{3,32}}(?:[ -][0-9]{{3,12}}){{0,4}}|[0-9]{{2}}(?: [0-9]{{2}}){{1,4}}){_END}{_NOT_COUNTED}",
    re.IGNORECASE,
)
_CARD = re.compile(
    rf"{START}(?<![-A-Za-z])[0-9]{{4}}(?P<gap>[ -])[0-9]{{4}}(?P=gap)[0-9]{{4}}(?P=gap)[0-9]{{4}}{_END}"
)
_SOCIAL_SECURITY = re.compile(rf"{START}(?<![-A-Za-z])[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}}{_END}")
_BOOK = re.compile(
    r"\b(?P<name>ISBN(?:-1[03])?:? ?)(?P<digits>[0-9](?:-?[0-9]){8,12}(?:-?X)?)(?![0-9A-Za-z])"
)
_PLACE = re.compile(
    r"\b(?P<name>(?:[Rr]oom|Train|P\.?O\.? Box|[Ee]xit"
    r"|[Ss]uite|[Aa]pt\.?|[Aa]partment|[Uu]nit|[Gg]ate|[Hh]ighway|[Rr]oute|[Ii]nterstate|[Bb]us"
    r"|[Ff]light|[Pp]ort|[Ee]rror(?: code)?|HTTP|[Ss]tatus(?: code)?|I-) ?)"
    rf"(?P<digits>[0-9]{{3,5}}){_END}{_NOT_COUNTED}"
)
_ROADS = "St|Ave|Rd|Blvd|Dr|Ln|Street|Avenue|Road|Boulevard|Drive|Lane|Terrace|Court|Place|Way|Square|Parkway|Circle"
_HOUSE = re.compile(
    rf"{START}(?P<digits>[0-9]{{3,5}})(?P<letter>[A-Z]?)"
    rf"(?= (?:(?:[NSEW]|North|South|East|West)\.? )?[A-Z][a-z]{{1,16}} (?:{_ROADS})\b)"
)
# fmt: off
_STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois"
    "|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri"
    "|Montana|Nebraska|Nevada|Hampshire|Jersey|Mexico|York|Carolina|Dakota|Ohio|Oklahoma|Oregon|Pennsylvania"
    "|Rhode Island|Tennessee|Texas|Utah|Vermont|Virginia|Washington|Wisconsin|Wyoming|D\\.?C\\.?"
    "|A[KLRZ]|C[AOT]|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
# fmt: on
_ZIP = re.compile(
    rf"(?P<state>, [A-Z]{{2}} |\b(?:{_STATES}),? )(?P<digits>[0-9]{{5}}(?:-[0-9]{{4}})?){_END}{_NOT_COUNTED}"
)
_NUMBERED = re.compile(rf"#(?P<digits>[0-9]{{3,12}}(?:-[0-9]{{2,12}}){{0,4}}){_END}")
_GROUP = re.compile("[0-9]+|X")


def _groups(text: str) -> str:
    return ", ".join(spell_digits(group) if group.isdigit() else group for group in _GROUP.findall(text))


def _house(match: re.Match[str]) -> str:
    return paired(match["digits"]) + (f" {match['letter']}" if match["letter"] else "")


def _ports(match: re.Match[str]) -> str:
    return f"{match['lead']}{paired(match['host'])} colon {paired(match['inner'])}"


RULES = (
    Rule("en-card-number", "digits", _CARD, lambda match: _groups(match[0])),
    Rule("en-digit-string", "digits", _SOCIAL_SECURITY, lambda match: _groups(match[0])),
    Rule("en-book-number", "digits", _BOOK, lambda match: match["name"] + _groups(match["digits"])),
    Rule("en-digit-string", "digits", _NAMED, lambda match: match["name"] + _groups(match["digits"])),
    Rule("en-room-number", "digits", _PLACE, lambda match: match["name"] + paired(match["digits"])),
    Rule("en-room-number", "digits", _HOUSE, _house),
    Rule("en-digit-string", "digits", _ZIP, lambda match: match["state"] + _groups(match["digits"])),
    Rule("en-digit-string", "digits", _NUMBERED, lambda match: f"number {_groups(match['digits'])}"),
    Rule("en-port", "digits", MAPPED_PORTS, _ports),
    Rule("en-cell-range", "ranges", CELL_RANGE, lambda match: f"{match['first']} to "),
)
