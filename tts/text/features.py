"""What the text front end does beyond what safety asks for, by the names operators switch it off with."""

from collections.abc import Iterable

from tts.text import en, ja, ko, zh
from tts.text.clean import cleaning

CLAUSES = "clauses"
"""English clauses inside Chinese, Japanese and Korean sentences are read by English rules."""

LEXICON = "lexicon"
"""Pronunciation dictionaries."""

FOREIGN_MARKUP = frozenset({"html", "markdown"})
"""Markup that is read without its marks. Not in SSML, which has marks of its own: there `&lt;b&gt;` is text."""

SSML = "ssml"
"""Requests with directions in SSML."""

RULES = {"zh": zh.RULES, "en": en.RULES, "ja": ja.RULES, "ko": ko.RULES}
"""The table of rules of each language that has one, by primary subtag."""

FEATURES: frozenset[str] = frozenset(
    {CLAUSES, LEXICON, SSML}
    | {rule.feature for rules in RULES.values() for rule in rules}
    | {step.feature for policy in ("drop", "name") for step in cleaning(policy) if step.feature}
)
"""Every name: those of rules and cleaning steps, and the three above that are neither."""


def unknown_features(names: Iterable[str]) -> list[str]:
    """Those of `names` that are no feature, sorted."""
    return sorted(set(names) - FEATURES)
