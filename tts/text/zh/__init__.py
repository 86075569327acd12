"""Mandarin text normalisation: an ordered table of rules."""

from tts.text.addresses import address_rules
from tts.text.rules import Rule
from tts.text.zh import calendar, comparisons, expressions, quantities, symbols, telephone
from tts.text.zh.numbers import spell_digits

RULES: tuple[Rule, ...] = (
    *address_rules("zh", symbols.ADDRESS_SYMBOLS, spell_digits),
    *comparisons.RULES,
    *expressions.EARLY,
    *telephone.RULES,
    *calendar.RULES,
    expressions.VERSION,
    *expressions.RANGES,
    *quantities.RULES,
    quantities.PER_UNIT,
    *expressions.LATE,
    *symbols.RULES,
)
"""In order: what has a form of its own comes before what any number matches."""
