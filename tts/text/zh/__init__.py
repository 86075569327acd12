"""Mandarin text normalisation: an ordered table of rules."""

from tts.text.addresses import address_rules
from tts.text.lists import list_mark
from tts.text.rules import Rule
from tts.text.zh import (
    arithmetic,
    calendar,
    clock,
    codes,
    comparisons,
    expressions,
    fractions,
    money,
    names,
    number_words,
    places,
    quantities,
    roman,
    scores,
    symbols,
    telephone,
)
from tts.text.zh.numbers import spell_digits

RULES: tuple[Rule, ...] = (
    list_mark("zh"),
    *address_rules("zh", symbols.ADDRESS_SYMBOLS, spell_digits),
    *roman.RULES,
    *comparisons.RULES,
    *codes.EARLY,
    *expressions.EARLY,
    *scores.RULES,
    *names.EARLY,
    *telephone.RULES,
    *codes.RULES,
    *places.RULES,
    *number_words.RULES,
    clock.TIME_STAMPS,
    *calendar.RULES,
    *clock.RULES,
    names.PROTOCOL,
    names.VERSION,
    *expressions.RANGES,
    *arithmetic.POWERS,
    *money.RULES,
    *quantities.RULES,
    quantities.PER_UNIT,
    *fractions.RULES,
    scores.RATIO,
    calendar.COMPACT,
    *expressions.RULES,
    *arithmetic.RULES,
    *names.RULES,
    expressions.NUMBER_RULE,
    *symbols.RULES,
)
"""In order: what has a form of its own comes before what any number matches."""
