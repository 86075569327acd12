"""Japanese text normalisation: numbers become kana, with the counters behind them. Other kanji stay."""

from tts.text.addresses import address_rules
from tts.text.ja import quantities, symbols
from tts.text.ja.numbers import spell_digits
from tts.text.lists import list_mark
from tts.text.rules import Rule

RULES: tuple[Rule, ...] = (
    list_mark("ja"),
    *address_rules("ja", symbols.ADDRESS_SYMBOLS, spell_digits),
    *quantities.RULES,
    *symbols.RULES,
)
"""In order: what has a form of its own comes before what any number matches."""
