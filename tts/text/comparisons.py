"""Signs that compare, approximate or point, which carry the meaning of what they stand between."""

import re
from collections.abc import Callable, Mapping

from tts.text.rules import Rule, is_factorial

_AMOUNT = r" ?[-+±~]?(?:US|HK)?[$¥€£]?[0-9]"
_OPERAND = r"\w)）\]}%‰℃℉°²³\"”'’"
_COMPOUND = re.compile(
    r"(?P<number>(?<![0-9.,])[0-9]{1,2})!= ?(?P<result>[0-9]{1,19})(?![0-9.,])"
    r"|(?P<digraph>[<>]=|!=(?= ?[-\w(（\"“$¥€£])|\+/-)"
    r"|(?P<back><[-—](?=[ A-Za-z]))|(?<![-=—<])[-=—]{1,2}>(?![=>])"
)
_COMPOUNDS = {"<=": "≤", ">=": "≥", "!=": "≠", "+/-": "±"}

# A tag or a title in brackets is matched first, so that its brackets are not taken for signs.
_BRACKETED = (
    r"</?[A-Za-z][A-Za-z0-9-]{0,20}(?: [A-Za-z:-]{1,20}=\"[^\"<>]{0,60}\"){0,4} ?/?>|<[\u4e00-\u9fff]{1,20}>"
)
_COMPARISON = re.compile(
    rf"{_BRACKETED}"
    rf"|(?:(?<=[{_OPERAND}]) ?(?<![<>])(?P<between>[<>])(?=(?: ?[-\w(（\"“$¥€£]))"
    rf"|(?<![<>])(?P<before>[<>])(?={_AMOUNT})"
    r"| ?(?P<sign>[≤≥≠])) ?"
)
_ABOUT = re.compile(r"(?<![0-9A-Za-z%℃℉°~]) ?~ ?(?=[$¥€£]?[0-9])")
_LOOK_BACK = 16


def comparison_rules(
    prefix: str, names: Mapping[str, str], about: tuple[str, re.Pattern[str], re.Pattern[str]], spaced: bool
) -> tuple[Rule, ...]:
    """Rules that say `<`, `>`, `≤`, `≥`, `≠` and their ASCII digraphs with `names`, and `~` before a number.

    `about` is what `~` is called, what it may follow because it says the same, and what before it makes it
    a range instead. With `spaced`, words are parted by spaces, and a sign after a digit is said with `is`.
    """
    return (
        Rule(f"{prefix}-compound-sign", "symbols", _COMPOUND, _compound, digits=False),
        Rule(f"{prefix}-comparison", "symbols", _COMPARISON, _namer(names, spaced), digits=False),
        Rule(f"{prefix}-approximate", "symbols", _ABOUT, _approximator(*about, spaced)),
    )


def _compound(match: re.Match[str]) -> str:
    if match["number"]:
        sign = "! =" if is_factorial(match["number"], match["result"]) else "≠"
        return f"{match['number']}{sign} {match['result']}"
    if match["digraph"]:
        return _COMPOUNDS[match["digraph"]]
    # An arrow at the start only marks a list.
    follows_text = match.string[max(0, match.start() - 2) : match.start()].strip()
    return "→" if follows_text and not match["back"] else " "


def _namer(names: Mapping[str, str], spaced: bool) -> Callable[[re.Match[str]], str]:
    def name(match: re.Match[str]) -> str:
        sign = match["between"] or match["before"] or match["sign"]
        if sign is None:
            return match[0]
        if not spaced:
            return names[sign]
        before = match.string[max(0, match.start() - 1) : match.start()]
        verb = "is " if before.isdigit() else ""
        return f"{'' if before in ('', ' ', '(') else ' '}{verb}{names[sign]} "

    return name


def _approximator(
    word: str, same: re.Pattern[str], range_start: re.Pattern[str], spaced: bool
) -> Callable[[re.Match[str]], str]:
    def approximate(match: re.Match[str]) -> str:
        before = match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
        gap = " " if spaced and before and before[-1] not in " (" else ""
        if same.search(before):
            return gap
        return match[0] if range_start.search(before) else f"{gap}{word}{' ' if spaced else ''}"

    return approximate
