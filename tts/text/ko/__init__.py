"""Korean text normalisation: numbers become words, native ones where things are counted."""

from tts.text.addresses import address_rules
from tts.text.ko import quantities, symbols
from tts.text.ko.numbers import spell_digits
from tts.text.lists import list_mark
from tts.text.rules import Rule

RULES: tuple[Rule, ...] = (
    list_mark("ko"),
    *address_rules("ko", symbols.ADDRESS_SYMBOLS, spell_digits),
    *quantities.RULES,
    *symbols.RULES,
)
"""In order: what has a form of its own comes before what any number matches."""
