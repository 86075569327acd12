"""How long something took, in English: `1h30m`, `finished in 2:05:09`."""

import re

from tts.text.en.numbers import cardinal
from tts.text.rules import START, Rule

_COMPACT = re.compile(
    rf"{START}(?<![A-Za-z])(?P<hours>[0-9]{{1,3}}) ?h(?:rs?)? ?(?P<minutes>[0-9]{{1,2}}) ?m(?:in)?"
    r"(?: ?(?P<seconds>[0-9]{1,2}) ?s(?:ec)?)?(?![A-Za-z0-9])"
)
_COMPACT_MINUTES = re.compile(
    rf"{START}(?<![A-Za-z])(?P<minutes>[0-9]{{1,3}}) ?m(?:in)? ?(?P<seconds>[0-9]{{1,2}}) ?s(?:ec)?(?![A-Za-z0-9])"
)
_LASTED = re.compile(
    r"\b(?P<lead>(?:finish(?:ed|es)? in|(?:time|record) of|lasted|lasts|took|takes|ran|runs for"
    r"|duration:?|elapsed:?|runtime:?) )"
    r"(?:(?P<hours>[0-9]{1,3}):)?(?P<minutes>[0-5]?[0-9]):(?P<seconds>[0-5][0-9])(?![0-9:])",
    re.IGNORECASE,
)
_IN_HOURS = re.compile(
    r"(?P<lead>\b(?:[Ii]n|[Oo]f) )"
    r"(?P<hours>[0-9]{1,2}):(?P<minutes>[0-5][0-9]):(?P<seconds>[0-5][0-9])(?![0-9:]| ?[AaPp]\.?[Mm])"
)
# Of the cake it is a fraction.
_ATTACKS = re.compile(rf"{START}(?<!/)9/11(?![0-9/]|[.,-][0-9]| of\b| ?[+=×÷])")
_ALWAYS = re.compile(rf"{START}24/7(?![0-9/])")


def _duration(match: re.Match[str]) -> str:
    amounts = match.groupdict()
    spoken = (
        f"{cardinal(int(amounts[unit]))} {unit[:-1] if int(amounts[unit]) == 1 else unit}"
        for unit in ("hours", "minutes", "seconds")
        if amounts.get(unit) and int(amounts[unit])
    )
    return " ".join(spoken) or "zero seconds"


RULES = (
    Rule("en-duration", "times", _LASTED, lambda match: match["lead"] + _duration(match)),
    Rule("en-duration", "times", _IN_HOURS, lambda match: match["lead"] + _duration(match)),
    Rule("en-duration", "times", _COMPACT, _duration),
    Rule("en-duration", "times", _COMPACT_MINUTES, _duration),
    Rule("en-number-word", "dates", _ATTACKS, lambda match: "nine eleven"),
    Rule("en-duration", "times", _ALWAYS, lambda match: "twenty-four seven"),
)
