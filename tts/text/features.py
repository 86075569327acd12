"""What the text front end does beyond what safety asks for, by the names operators switch it off with.

Imports nothing: settings check names against it when every process starts.
"""

from collections.abc import Iterable

CLAUSES = "clauses"
"""English clauses inside Chinese, Japanese and Korean sentences are read by English rules."""

LEXICON = "lexicon"
"""Pronunciation dictionaries."""

FOREIGN_MARKUP = frozenset({"html", "markdown"})
"""Markup that is read without its marks. Not in SSML, which has marks of its own: there `&lt;b&gt;` is text."""

SSML = "ssml"
"""Requests with directions in SSML."""

CLEANING = FOREIGN_MARKUP | {"emoji", "kaomoji"}
"""Features of cleaning steps (`tts.text.clean`) that may be left out."""

RULES = frozenset(
    {
        *("abbreviations", "addresses", "alphanumerics", "arithmetic", "currency", "dates", "digits"),
        *("fractions", "numbers", "ordinals", "percent", "punctuation", "ranges", "roman", "scores"),
        *("symbols", "telephone", "temperature", "times", "units", "versions"),
    }
)
"""Features of the rules (`tts.text.tables`)."""

FEATURES: frozenset[str] = CLEANING | RULES | {CLAUSES, LEXICON, SSML}
"""Every name."""


def unknown_features(names: Iterable[str]) -> list[str]:
    """Those of `names` that are no feature, sorted."""
    return sorted(set(names) - FEATURES)
