"""English text normalisation: an ordered table of rules.

Plain numbers are left to the voices, which read them well; rewritten is what they read badly.
"""

from tts.text.addresses import address_rules
from tts.text.en import calendar, comparisons, expressions, hours, measures, quantities, symbols
from tts.text.en.numbers import spell_digits
from tts.text.rules import Rule

RULES: tuple[Rule, ...] = (
    *address_rules("en", symbols.ADDRESS_SYMBOLS, spell_digits),
    *comparisons.RULES,
    *expressions.EARLY,
    *measures.RULES,
    *calendar.DATES,
    *hours.RULES,
    *calendar.TIMES,
    expressions.VERSION,
    *quantities.RULES,
    *expressions.LATE,
    *symbols.ABBREVIATIONS,
    *symbols.SYMBOLS,
)
"""In order: what has a form of its own comes before what any number matches."""
