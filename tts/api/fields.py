"""Fields that take the JSON type they name and nothing that merely looks like it, with messages of our own."""

from typing import Any

from rest_framework import serializers

NULL = {"null": "must not be null; leave the field out instead"}


class StrictCharField(serializers.CharField):
    """A JSON string that Postgres can hold: no NUL, no half of a surrogate pair."""

    default_error_messages = {
        **NULL,
        "type": "must be a string",
        "required": "is required",
        "blank": "is empty",
        "max_length": "may have at most {max_length} characters",
        "nul": "holds a NUL character; remove it",
        "surrogate": "holds half of a surrogate pair (\\ud800 … \\udfff), which is no character; remove it",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # DRF's validators for the same two characters would answer first, with other codes.
        self.validators = [validator for validator in self.validators if hasattr(validator, "limit_value")]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("type")
        if "\0" in data:
            raise serializers.ValidationError(self.error_messages["nul"], "invalid_characters")
        if any("\ud800" <= character <= "\udfff" for character in data):
            raise serializers.ValidationError(self.error_messages["surrogate"], "invalid_characters")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    default_error_messages = {
        **NULL,
        "type": "must be a whole number",
        "invalid": "must be a whole number",
        "max_string_length": "is too large",
    }

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("type")
        return super().to_internal_value(data)


class StrictFloatField(serializers.FloatField):
    default_error_messages = {
        **NULL,
        "type": "must be a number",
        "invalid": "must be a number",
        "overflow": "is too large",
    }

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("type")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    default_error_messages = {**NULL, "type": "must be true or false"}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("type")
        return data
