"""English text normalisation: an ordered table of rules."""

from tts.text.addresses import address_rules
from tts.text.en import (
    abbreviations,
    arithmetic,
    calendar,
    codes,
    comparisons,
    durations,
    expressions,
    fractions,
    hours,
    measures,
    money,
    names,
    quantities,
    roman,
    symbols,
    telephone,
    years,
)
from tts.text.en.numbers import paired, spell_digits
from tts.text.lists import list_mark
from tts.text.rules import Rule

RULES: tuple[Rule, ...] = (
    list_mark("en"),
    *address_rules("en", symbols.ADDRESS_SYMBOLS, spell_digits, paired),
    *comparisons.RULES,
    *symbols.EARLY,
    *abbreviations.EARLY,
    *telephone.RULES,
    *codes.RULES,
    *measures.RULES,
    *calendar.DATES,
    *years.RULES,
    *hours.RULES,
    *durations.RULES,
    *calendar.TIMES,
    *names.VERSIONS,
    *arithmetic.POWERS,
    *fractions.RULES,
    *money.RULES,
    *quantities.RULES,
    money.PER,
    *arithmetic.RULES,
    *expressions.RULES,
    *roman.RULES,
    *names.RULES,
    years.BARE,
    expressions.NUMBER_RULE,
    *abbreviations.RULES,
    *symbols.RULES,
)
"""In order: what has a form of its own comes before what any number matches."""
