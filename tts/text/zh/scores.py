"""Scores, ratios and line-ups in Mandarin."""

import re

from tts.text.rules import NUMBER, START, Rule
from tts.text.zh.numbers import cardinal, number, spell_digits

_HAN = "[\u4e00-\u9fff]"
_RESULT = "(?:大胜|险胜|完胜|战胜|取胜|获胜|击败|领先|落后|逆转|横扫|淘汰|力克|告负|不敌|[胜负平])"
_NAMED = re.compile(
    r"(?P<name>(?:比分|比例|比率|以|[胜负平战赛]|击败|逆转)[^0-9，。,;；!！?？\n]{0,6})"
    r"(?P<first>[0-9]{1,3}) ?[:-] ?(?P<second>[0-9]{1,3})"
    r"(?![0-9:/.年月日号点分秒%-])"
)
_BEFORE_RESULT = re.compile(rf"{START}(?<![-A-Za-z])([0-9]{{1,3}})-([0-9]{{1,3}})(?={_RESULT})")
_BETWEEN_TEAMS = re.compile(rf"(?<={_HAN})([0-9]{{1,3}})-([0-9]{{1,3}})(?={_HAN}(?![0-9]))")
_LINE_UP = re.compile(rf"{START}([0-9](?:-[0-9]){{2,3}})(?= ?(?:阵型|阵容|站位|打法))")
_RATIO = re.compile(rf"{START}(?<!:)({NUMBER}) ?: ?({NUMBER})(?: ?: ?({NUMBER}))?(?![0-9:])")
_LETTERS = re.compile("(?<![A-Za-z])([A-Za-z]):([A-Za-z])(?= ?=)")


def _between_teams(match: re.Match[str]) -> str:
    # A range goes up; what goes down between two names is a score.
    is_score = int(match[1]) > int(match[2])
    return f"{cardinal(match[1])}比{cardinal(match[2])}" if is_score else match[0]


def _named(match: re.Match[str]) -> str:
    return f"{match['name']}{cardinal(match['first'])}比{cardinal(match['second'])}"


RULES = (
    Rule("zh-ratio", "scores", _LETTERS, lambda m: f"{m[1]}比{m[2]}", digits=False),
    Rule("zh-score", "scores", _LINE_UP, lambda m: spell_digits(m[1].replace("-", ""))),
    Rule("zh-score", "scores", _NAMED, _named),
    Rule("zh-score", "scores", _BEFORE_RESULT, lambda m: f"{cardinal(m[1])}比{cardinal(m[2])}"),
    Rule("zh-score", "scores", _BETWEEN_TEAMS, _between_teams),
)
"""Before telephone numbers, dates and times."""

RATIO = Rule("zh-ratio", "scores", _RATIO, lambda m: "比".join(number(part) for part in m.groups() if part))
"""After times, which look like ratios."""
