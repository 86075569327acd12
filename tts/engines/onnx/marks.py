"""Punctuation marks, which some voices know in their full-width form only and others in ASCII only."""

from tts.engines.onnx.tokens import TokenTable

FULL_WIDTH = {
    "，": ",",
    "。": ".",
    "！": "!",
    "？": "?",
    "：": ":",
    "；": ";",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}
SENTENCE_MARKS = frozenset(",.!?:;，。！？：；、…—")


def with_both_widths(tokens: TokenTable) -> TokenTable:
    """With each mark that `tokens` has in one width only in the other as well; `、`, `；` and `：` fall back on a
    comma, `…` on a full stop."""
    aliases = FULL_WIDTH | {ascii_mark: mark for mark, ascii_mark in reversed(FULL_WIDTH.items())}
    tokens = tokens.with_aliases(aliases)
    return tokens.with_aliases({"、": "，", "；": "，", "：": "，", ";": ",", ":": ",", "…": "。", "—": "，"})
