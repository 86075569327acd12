"""Roman numerals in Mandarin: `第IV章`, `II型`, `伊丽莎白II世`."""

import re

from tts.text.roman import NUMERAL, value
from tts.text.rules import Rule
from tts.text.zh.numbers import cardinal

_ORDINAL = re.compile(rf"(?<=第) ?(?P<numeral>{NUMERAL})(?![A-Za-z0-9])")
_KIND = re.compile(
    r"(?<![A-Za-z0-9-])(?P<numeral>I|X{0,2}(?:IX|IV|V?I{2,3}|VI)|X{1,2}I{1,3}|V(?=级|期))"
    r" ?(?=[型期级度类区代](?!界)|号线)"
)
_RULER = re.compile(rf"(?<=[\u4e00-\u9fff·]) ?(?P<numeral>{NUMERAL})(?=世(?![界纪]))")


def _spoken(match: re.Match[str]) -> str:
    return cardinal(str(value(match["numeral"])))


RULES = (
    Rule("zh-roman-numeral", "roman", _ORDINAL, _spoken, digits=False),
    Rule("zh-roman-numeral", "roman", _KIND, _spoken, digits=False),
    Rule("zh-roman-numeral", "roman", _RULER, _spoken, digits=False),
)
