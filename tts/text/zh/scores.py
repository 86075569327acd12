"""Scores, ratios and line-ups in Mandarin."""

import re

from tts.text.rules import NUMBER, START, Rule
from tts.text.zh.numbers import cardinal, number, spell_digits

_HAN = "[\u4e00-\u9fff]"
_RESULT = (
    "(?:大胜|险胜|完胜|战胜|取胜|获胜|击败|领先|落后|逆转|横扫|淘汰|力克|告负|不敌"
    "|战平|握手|告捷|小胜|落败|绝杀|[胜负平])"
)
_NAMED = re.compile(
    r"(?P<name>(?:比分|比例|比率|以|[胜负平战赛]|击败|逆转)[^0-9，。,;；!！?？\n]{0,6})"
    r"(?P<first>[0-9]{1,3}) ?[:-] ?(?P<second>[0-9]{1,3})"
    r"(?![0-9:/.年月日号点分秒%-])"
)
_BEFORE_RESULT = re.compile(rf"{START}(?<![-A-Za-z])([0-9]{{1,3}})-([0-9]{{1,3}})(?={_RESULT})")
_SETS = re.compile(
    rf"{START}(?<![-A-Za-z])[0-9]{{1,2}}-[0-9]{{1,2}}(?: ?[、，,] ?[0-9]{{1,2}}-[0-9]{{1,2}}){{1,9}}(?![0-9:/.%-])"
)
_ONE_SET = re.compile("([0-9]{1,2})-([0-9]{1,2})")
_BETWEEN_TEAMS = re.compile(
    rf"(?<={_HAN})([0-9]{{1,3}})-([0-9]{{1,3}})(?={_HAN}(?![0-9]))"
    r"|(?<=[A-Za-z]{2} )([0-9]{1,3})-([0-9]{1,3})(?= [A-Z][A-Za-z])"
)
_LINE_UP = re.compile(rf"{START}([0-9](?:-[0-9]){{2,3}})(?= ?(?:阵型|阵容|站位|打法))")
_RATIO = re.compile(rf"{START}(?<!:)({NUMBER}) ?: ?({NUMBER})(?: ?: ?({NUMBER}))?(?![0-9:A-Za-z])")
_LETTERS = re.compile("(?<![A-Za-z])([A-Za-z]):([A-Za-z])(?= ?=)")


def _between_teams(match: re.Match[str]) -> str:
    # A range goes up; what goes down between two names is a score.
    first, second = match[1] or match[3], match[2] or match[4]
    is_score = int(first) > int(second) or match[3]
    return f"{cardinal(first)}比{cardinal(second)}" if is_score else match[0]


def _sets(match: re.Match[str]) -> str:
    """`11-8、9-11`; ranges would all go up."""
    sets = _ONE_SET.findall(match[0])
    if all(int(first) <= int(second) for first, second in sets):
        return match[0]
    return _ONE_SET.sub(lambda one: f"{cardinal(one[1])}比{cardinal(one[2])}", match[0])


def _named(match: re.Match[str]) -> str:
    return f"{match['name']}{cardinal(match['first'])}比{cardinal(match['second'])}"


RULES = (
    Rule("zh-ratio", "scores", _LETTERS, lambda m: f"{m[1]}比{m[2]}", digits=False),
    Rule("zh-score", "scores", _LINE_UP, lambda m: spell_digits(m[1].replace("-", ""))),
    Rule("zh-score", "scores", _SETS, _sets),
    Rule("zh-score", "scores", _NAMED, _named),
    Rule("zh-score", "scores", _BEFORE_RESULT, lambda m: f"{cardinal(m[1])}比{cardinal(m[2])}"),
    Rule("zh-score", "scores", _BETWEEN_TEAMS, _between_teams),
)
"""Before telephone numbers, dates and times."""

RATIO = Rule("zh-ratio", "scores", _RATIO, lambda m: "比".join(number(part) for part in m.groups() if part))
"""After times, which look like ratios."""
