"""Reading the JSON that describes a voice, field by field, with complaints that name the field."""

import json
from collections.abc import Mapping
from typing import cast

from tts.voices.description import GENDERS, STANDARD_SPEAKERS, Speaker
from tts.voices.language import tag_of_piper_code
from tts.voices.plain import is_storable, plain
from tts.voices.problems import VoiceCorrupt

MAX_CONFIG_BYTES = 2**20
"""Published configurations have 5 to 30 kB."""

MAX_TEXT_CHARACTERS = 200
"""What is kept of a text of the configuration; as many as the columns of voices hold."""

REQUIRED = object()
"""As a default: the field must be there."""


class Fields:
    """An object of a configuration; each reader raises `VoiceCorrupt` naming the field it complains about."""

    def __init__(self, values: Mapping[str, object], path: str = "") -> None:
        self.values = values
        self._path = path

    def section(self, key: str) -> "Fields":
        """The object at `key`, an empty one where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.wrong(key, "an object", value)
        return Fields(value, self._name(key) + ".")

    def items(self, key: str) -> list[object]:
        """The list at `key`, an empty one where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(key, "a list", value)
        return value

    def sections(self, key: str) -> "list[Fields]":
        """The objects in the list at `key`."""
        found = []
        for value in self.items(key):
            if not isinstance(value, dict):
                raise VoiceCorrupt(f"{self._name(key)} must be a list of objects")
            found.append(Fields(value, self._name(key) + "."))
        return found

    def text(self, key: str, default: object = REQUIRED) -> str:
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a string", value)
        if not is_storable(value):
            raise self.wrong(key, "a string without NUL and surrogates", value)
        return plain(value, MAX_TEXT_CHARACTERS)

    def flag(self, key: str, default: bool = False) -> bool:
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false", value)
        return value

    def integer(self, key: str, low: int, high: int, default: object = REQUIRED) -> int:
        value = self._get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high}", value)
        return value

    def number(self, key: str, low: float, high: float, default: object = REQUIRED) -> float:
        value = self._get(key, default)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not low <= cast("float", value) <= high:
            raise self.wrong(key, f"a number from {low} to {high}", value)
        return float(cast("float", value))

    def gender(self, key: str) -> str:
        """`female`, `male`, or empty for anything else."""
        known = self.text(key, "").lower()
        return known if known in GENDERS else ""

    def languages(self, key: str) -> tuple[str, ...]:
        """The BCP 47 tags at `key`."""
        tags = []
        for value in self.items(key):
            tag = tag_of_piper_code(value) if isinstance(value, str) else None
            if tag is None:
                raise VoiceCorrupt(f"{self._name(key)} must be a list of language tags")
            tags.append(tag)
        return tuple(tags)

    def speaker(self) -> Speaker:
        """The speaker whom `name`, `gender`, `standard` and `languages` describe."""
        standard = self.integer("standard", -1, STANDARD_SPEAKERS - 1, -1)
        return Speaker(
            name=self.text("name"),
            gender=self.gender("gender"),
            standard=None if standard < 0 else standard,
            languages=self.languages("languages"),
        )

    def wrong(self, key: str, expected: str, value: object) -> VoiceCorrupt:
        shown = repr(value)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        return VoiceCorrupt(f"{self._name(key)} must be {expected}, is {shown}")

    def _name(self, key: str) -> str:
        return f"{self._path}{key}"

    def _get(self, key: str, default: object) -> object:
        value = self.values.get(key, default)
        if value is REQUIRED:
            raise VoiceCorrupt(f"{self._name(key)} is missing")
        return value


def json_object(data: bytes) -> Mapping[str, object]:
    """The object that `data` spells in JSON. Raises `VoiceCorrupt`."""
    if len(data) > MAX_CONFIG_BYTES:
        raise VoiceCorrupt(f"the configuration is larger than {MAX_CONFIG_BYTES} bytes")
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise VoiceCorrupt(f"the configuration is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise VoiceCorrupt("the configuration is not a JSON object")
    return cast("Mapping[str, object]", values)
