"""Roman numerals in English: `Chapter IV`, `Louis XIV`."""

import re

from tts.text.en.numbers import cardinal, ordinal
from tts.text.roman import NUMERAL, value
from tts.text.rules import Rule

_PARTS = (
    "Chapter|Part|Type|Phase|Volume|Vol\\.|Book|Act|Scene|Section|Stage|Grade|Class|Level|Episode|Appendix|Figure|Table"
    "|World War|Super Bowl|Final Fantasy|Rocky|Star Wars|Mark|Title|Article|Round|Tier|Unit|Division|Group|Civilization"
)
_PART = re.compile(rf"\b(?P<name>(?:{_PARTS}) )(?P<numeral>{NUMERAL})(?![A-Za-z'’])", re.IGNORECASE)
_RULERS = (
    "Elizabeth|Louis|Henry|Charles|George|Edward|William|James|Richard|John Paul|Benedict|Pius|Francis|Napoleon|Philip"
    "|Frederick|Alexander|Nicholas|Catherine|Mary|Ramses|Leo|Gregory|Urban|Peter|Wilhelm|Ferdinand|Harald|Gustav"
)
_RULER = re.compile(rf"\b(?P<name>(?:{_RULERS}) )(?P<numeral>{NUMERAL})(?![A-Za-z'’.])")
_WAR = re.compile(r"\bWW(?P<numeral>I{1,2})\b")


def _part(match: re.Match[str]) -> str:
    return match["name"] + cardinal(value(match["numeral"].upper()))


def _ruler(match: re.Match[str]) -> str:
    return f"{match['name']}the {ordinal(value(match['numeral']))}"


def _war(match: re.Match[str]) -> str:
    return f"World War {cardinal(value(match['numeral']))}"


RULES = (
    Rule("en-roman-numeral", "roman", _PART, _part, digits=False),
    Rule("en-roman-numeral", "roman", _RULER, _ruler, digits=False),
    Rule("en-roman-numeral", "roman", _WAR, _war, digits=False),
)
