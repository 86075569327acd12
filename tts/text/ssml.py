"""Reading SSML: the part of W3C's Speech Synthesis Markup Language 1.1 that changes what is said and when.

Six elements are known; any other, and any other attribute, is refused by name, because a direction that is silently
ignored is worse than one that is refused. The parser is expat. It sees neither a document type nor an entity of the
client's own: both are refused where they begin, and so are processing instructions. Comments say nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from tts.text.clean import clean, is_speakable
from tts.text.language import LANGUAGE_TAG, canonical_language
from tts.text.say_as import READINGS, reading_problem
from tts.text.script import Part, Passage, SayAs, Script, Substitute

ELEMENTS = ("speak", "break", "prosody", "say-as", "sub", "lang")
MAX_DEPTH = 32
MAX_BREAK_SECONDS = 10.0
MAX_BREAKS_SECONDS = 30.0
"""Of one break, and of all breaks of a document together."""

MIN_RATE, MAX_RATE = 0.5, 2.0
RATES = {"x-slow": 0.5, "slow": 0.7, "medium": 1.0, "default": 1.0, "fast": 1.4, "x-fast": 2.0}
"""Equal steps of about the square root of two."""

STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.35, "strong": 0.6, "x-strong": 1.0}
"""Seconds. `medium`, which a break without attributes has, is the pause between two sentences."""

MAX_ALIAS = 200

_TIME = re.compile(r"\+?([0-9]{1,6}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})(ms|s)")
_RATE = re.compile(r"([+-]?)([0-9]{1,6}(?:\.[0-9]{1,6})?)(%?)")
_NAMESPACE = re.compile("xmlns(:.*)?|xsi:schemaLocation")
_SPACE = re.compile(r"\s+")


class InvalidSsml(ValueError):
    """Why a document cannot be spoken, and where. `code` is one of `ssml_invalid`, `ssml_element`, `ssml_attribute`.

    The message quotes names of the markup, never the text.
    """

    def __init__(self, code: str, problem: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {problem}")
        self.code = code


def ssml_max_length(characters: int) -> int:
    """Code points that a document may have in a request of at most so many billed characters."""
    return 4 * characters + 4000


def parse_ssml(ssml: str) -> Script:
    """The script that an SSML document stands for.

    White space of any length, line breaks included, is one space. A break takes the place of the pause that
    punctuation would make; neighbouring breaks add up; nested rates multiply. Linear in the length of `ssml`.
    Raises `InvalidSsml`.
    """
    reader = _Reader()
    parser = reader.parser
    try:
        parser.Parse(ssml.encode(), True)
    except UnicodeEncodeError as problem:
        raise InvalidSsml("ssml_invalid", "holds half of a surrogate pair", 1, problem.start + 1) from None
    except expat.ExpatError as problem:
        reason = expat.ErrorString(problem.code)
        raise InvalidSsml(
            "ssml_invalid", f"is not well-formed XML: {reason}", problem.lineno, problem.offset + 1
        ) from None
    return reader.script(ssml)


@dataclass(frozen=True, slots=True)
class _Manner:
    """What holds inside an element."""

    element: str
    language: str = ""
    rate: float = 1.0


@dataclass(slots=True)
class _Building:
    """A passage that is being read; `texts` are pieces of its last part."""

    language: str
    rate: float
    break_before_seconds: float | None
    parts: list[Part] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, part: Part) -> None:
        self._finish_text()
        self.parts.append(part)

    def passage(self, before: str) -> Passage:
        """The passage, behind one whose text ends with `before`: two of them share one space."""
        self._finish_text()
        if before in ("", " ") and self.parts and isinstance(self.parts[0], str):
            self.parts[0] = self.parts[0].removeprefix(" ")
        return Passage(tuple(self.parts), self.language, self.rate, self.break_before_seconds)

    def _finish_text(self) -> None:
        if self.texts:
            self.parts.append(_SPACE.sub(" ", "".join(self.texts)))
            self.texts.clear()


class _Reader:
    """Follows the parser through one document."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.ProcessingInstructionHandler = self._refuse_instruction
        self._open: list[_Manner] = []
        self._passages: list[_Building] = []
        self._break: float | None = None
        self._breaks_seconds = 0.0
        self._language = ""
        self._held: list[str] = []
        self._finish_held: Callable[[str], Part] | None = None

    def script(self, source: str) -> Script:
        passages: list[Passage] = []
        before = ""
        for building in self._passages:
            passages.append(building.passage(before))
            before = passages[-1].written[-1:] or before
        return Script(tuple(passages) or (Passage(("",)),), self._language, self._break, source)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name not in ELEMENTS:
            self._refuse(
                "ssml_element", f"<{_shown(name)}> is not supported; supported are {', '.join(ELEMENTS)}"
            )
        if not self._open and name != "speak":
            self._refuse("ssml_element", f"the root is <{name}>; it must be <speak>")
        if self._open and name == "speak":
            self._refuse("ssml_element", "<speak> is the root and stands nowhere else")
        if len(self._open) >= MAX_DEPTH:
            self._refuse("ssml_invalid", f"elements are nested more than {MAX_DEPTH} deep")
        within = self._open[-1] if self._open else _Manner("")
        if within.element in ("break", "say-as", "sub"):
            self._refuse(
                "ssml_element", f"<{within.element}> takes no elements inside it, not <{name}> either"
            )
        self._open.append(self._manner(name, attributes, within))

    def _manner(self, name: str, attributes: Mapping[str, str], within: _Manner) -> _Manner:
        language, rate = within.language, within.rate
        match name:
            case "speak":
                self._language = self._speak_language(attributes)
            case "break":
                self._add_break(attributes)
            case "prosody":
                rate = self._rate(attributes, rate)
            case "lang":
                language = self._tag(self._only(name, attributes, "xml:lang"))
            case "sub":
                self._hold_substitute(attributes)
            case _:
                self._hold_reading(attributes)
        return _Manner(name, language, rate)

    def _end(self, name: str) -> None:
        if self._finish_held is not None and name in ("sub", "say-as"):
            written = _SPACE.sub(" ", "".join(self._held)).strip()
            part = self._finish_held(written)
            self._finish_held = None
            self._held.clear()
            self._current().add(part)
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open[-1].element == "break":
            self._refuse("ssml_element", "<break> must be empty")
        if self._finish_held is not None:
            self._held.append(text)
        elif not text.isspace():
            self._current().texts.append(text)
        elif self._passages and self._break is None:
            self._passages[-1].texts.append(text)

    def _current(self) -> _Building:
        """The passage that takes what comes now."""
        manner = self._open[-1]
        last = self._passages[-1] if self._passages else None
        if last and self._break is None and (last.language, last.rate) == (manner.language, manner.rate):
            return last
        self._passages.append(_Building(manner.language, manner.rate, self._break))
        self._break = None
        return self._passages[-1]

    def _add_break(self, attributes: Mapping[str, str]) -> None:
        self._check_names("break", attributes, "time", "strength")
        strength = attributes.get("strength", "medium")
        if strength not in STRENGTHS:
            self._refuse("ssml_attribute", f"strength of <break> must be one of {', '.join(STRENGTHS)}")
        seconds = self._time(attributes["time"]) if "time" in attributes else STRENGTHS[strength]
        self._breaks_seconds += seconds
        if self._breaks_seconds > MAX_BREAKS_SECONDS:
            self._refuse("ssml_attribute", f"all <break> together may last {MAX_BREAKS_SECONDS:g} s at most")
        self._break = (self._break or 0.0) + seconds

    def _time(self, value: str) -> float:
        match = _TIME.fullmatch(value.strip())
        if match is None:
            self._refuse("ssml_attribute", "time of <break> must read like 500ms or 1.5s")
        seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
        if seconds > MAX_BREAK_SECONDS:
            self._refuse("ssml_attribute", f"time of <break> may be {MAX_BREAK_SECONDS:g} s at most")
        return seconds

    def _rate(self, attributes: Mapping[str, str], within: float) -> float:
        value = self._only("prosody", attributes, "rate").strip()
        match = _RATE.fullmatch(value)
        if value in RATES:
            rate = RATES[value]
        elif match is None or (match[1] and not match[3]):
            names = ", ".join(RATES)
            self._refuse(
                "ssml_attribute", f"rate of <prosody> must read like 80%, +20% or 1.2, or be one of {names}"
            )
        else:
            rate = float(match[2]) / (100 if match[3] else 1)
            rate = {"": rate, "+": 1 + rate, "-": 1 - rate}[match[1]]
        product = rate * within
        if not MIN_RATE - 1e-9 <= product <= MAX_RATE + 1e-9:
            told = f"rate of <prosody> must lie between {MIN_RATE:g} and {MAX_RATE:g}"
            self._refuse("ssml_attribute", told + (", nested ones multiplied" if within != 1.0 else ""))
        return round(product, 6)

    def _speak_language(self, attributes: Mapping[str, str]) -> str:
        known = {name: value for name, value in attributes.items() if not _NAMESPACE.fullmatch(name)}
        self._check_names("speak", known, "xml:lang", "version")
        return self._tag(known["xml:lang"]) if "xml:lang" in known else ""

    def _tag(self, value: str) -> str:
        if not LANGUAGE_TAG.fullmatch(value):
            self._refuse("ssml_attribute", "xml:lang must be a BCP 47 tag such as zh-CN or en-US")
        return canonical_language(value)

    def _hold_substitute(self, attributes: Mapping[str, str]) -> None:
        alias = self._only("sub", attributes, "alias")
        if len(alias) > MAX_ALIAS:
            self._refuse("ssml_attribute", f"alias of <sub> may have at most {MAX_ALIAS} characters")
        if not is_speakable(clean(alias)):
            self._refuse("ssml_attribute", "alias of <sub> must hold a letter, digit or ideograph")
        self._finish_held = lambda written: Substitute(written, alias)

    def _hold_reading(self, attributes: Mapping[str, str]) -> None:
        self._check_names("say-as", attributes, "interpret-as", "format", needed="interpret-as")
        interpret_as, form = attributes["interpret-as"], attributes.get("format", "")
        if interpret_as not in READINGS:
            values = ", ".join(sorted(READINGS))
            self._refuse("ssml_attribute", f"interpret-as of <say-as> must be one of {values}")

        def finish(written: str) -> Part:
            problem = reading_problem(written, interpret_as, form)
            if problem:
                self._refuse("ssml_attribute", f"<say-as> {problem}")
            return SayAs(written, f"{interpret_as}:{form}" if form else interpret_as)

        self._finish_held = finish

    def _only(self, element: str, attributes: Mapping[str, str], name: str) -> str:
        self._check_names(element, attributes, name, needed=name)
        return attributes[name]

    def _check_names(
        self, element: str, attributes: Mapping[str, str], *known: str, needed: str = ""
    ) -> None:
        for name in attributes:
            if name not in known:
                self._refuse("ssml_attribute", f"<{element}> takes {' and '.join(known)}, not {_shown(name)}")
        if needed and needed not in attributes:
            self._refuse("ssml_attribute", f"<{element}> needs {needed}")

    def _refuse_doctype(self, *_declaration: object) -> None:
        self._refuse("ssml_invalid", "a document type is not accepted, nor entities of one's own")

    def _refuse_instruction(self, *_instruction: object) -> None:
        self._refuse("ssml_invalid", "processing instructions are not accepted")

    def _refuse(self, code: str, problem: str) -> NoReturn:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber
        raise InvalidSsml(code, problem, line, column + 1)


def _shown(name: str) -> str:
    """A name of the client's making, fit to be told back."""
    return "".join(character if character.isprintable() else "?" for character in name[:40])
