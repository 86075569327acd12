"""Bodies of requests: what is allowed, and errors that name the field and say what would be right."""

import unicodedata
from itertools import islice
from typing import Any, NoReturn, cast

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.selectors import Caller
from tts.api.fields import StrictBooleanField, StrictCharField, StrictFloatField, StrictIntegerField
from tts.api.problems import FieldError, InvalidRequest
from tts.audio.formats import FORMATS, sample_rate_problem
from tts.models import SynthesisRequest
from tts.selectors import speaker_exists, voice_on_record
from tts.services.allowances import default_timeout, longest_timeout, max_characters_sync
from tts.services.parameters import SpeechParameters
from tts.text import count_characters
from tts.text.clean import is_speakable
from tts.text.features import SSML
from tts.text.language import LANGUAGE_TAG
from tts.text.script import Script
from tts.text.ssml import InvalidSsml, parse_ssml, ssml_max_length
from tts.voices.voice import VoiceState

SPEEDS = (0.5, 2.0)
SAMPLE_RATES = (8000, 16000, 22050, 24000, 44100, 48000)
STANDARD_SPEAKERS = range(4)
MAX_FIELDS = 100
MAX_ERRORS = 20
"""A body of nothing but unknown fields must not be answered by forty times its size."""

UNCOUNTED_FACTOR = 4
"""Characters sent for each one allowed: control characters and combining marks cost room although not counted."""

MINIMUM_TIMEOUT_SECONDS = 0.5
NOTHING_TO_SPEAK = "holds nothing to speak: no letter, digit or ideograph"


class BodySerializer(serializers.Serializer[Any]):
    """A body whose unknown fields are refused, and whose errors come out flat."""

    def checked(self) -> dict[str, Any]:
        """The validated fields. Raises `InvalidRequest` with every bad field, the first twenty of them."""
        errors = [
            FieldError(name, "unknown", f"unknown field; this call takes {', '.join(self.fields)}")
            for name in map(_printable, islice(self.initial_data, MAX_FIELDS))
            if name not in self.fields
        ]
        if not self.is_valid():
            for name, details in self.errors.items():
                errors += [FieldError(name, str(detail.code), str(detail)) for detail in details]
        if errors:
            raise InvalidRequest(errors[:MAX_ERRORS])
        return dict(self.validated_data)


class TextSerializer(BodySerializer):
    """`text` or `ssml`, its language and whether to normalise it.

    The checked fields hold `source`, the text or the script that the SSML stands for.
    """

    script: Script

    def __init__(self, *, caller: Caller, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.caller = caller

    text = StrictCharField(trim_whitespace=False, required=False)
    ssml = StrictCharField(trim_whitespace=False, required=False)
    language = StrictCharField(default="auto", max_length=35)
    normalize = StrictBooleanField(default=True)

    @property
    def max_characters(self) -> int:
        """Of one text: the plan's word, below what this server takes at all."""
        return max_characters_sync(self.caller)

    def validate_text(self, text: str) -> str:
        limit = self.max_characters
        if len(text) > UNCOUNTED_FACTOR * limit:
            _refuse_length(len(text), limit)
        _check_text(text, count_characters(text), limit)
        return text

    def validate_ssml(self, ssml: str) -> str:
        limit = self.max_characters
        if SSML in settings.TTS_TEXT_OFF:
            raise serializers.ValidationError("is switched off by the operator; send text", "switched_off")
        if len(ssml) > ssml_max_length(limit):
            _refuse_length(len(ssml), ssml_max_length(limit))
        try:
            self.script = parse_ssml(ssml)
        except InvalidSsml as problem:
            raise serializers.ValidationError(str(problem), problem.code) from problem
        spoken = self.script.spoken
        _check_text(spoken, max(self.script.characters, count_characters(spoken)), limit)
        return ssml

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["source"] = self.script if "ssml" in attrs else attrs["text"]
        return attrs

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        # Here and not in `validate`, which is not reached when another field is wrong: all are named at once.
        problems: dict[str, list[ErrorDetail]] = {}
        if "text" in data and "ssml" in data:
            problems["ssml"] = [ErrorDetail("excludes text; send one of them", "exclusive")]
        elif "text" not in data and "ssml" not in data:
            problems["text"] = [ErrorDetail("is required, or ssml", "required")]
        try:
            fields: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as others:
            raise serializers.ValidationError(problems | cast("dict[str, Any]", others.detail)) from others
        if problems:
            raise serializers.ValidationError(problems)
        return fields

    def validate_language(self, language: str) -> str:
        if language == "auto":
            return ""
        if not LANGUAGE_TAG.fullmatch(language):
            raise serializers.ValidationError(
                "must be a BCP 47 tag such as zh-CN or en-US, or auto", "invalid"
            )
        return language


class SpeechSerializer(TextSerializer):
    """The body of `POST /api/tts`."""

    speaker_id = StrictIntegerField(required=False)
    voice = StrictCharField(required=False, max_length=200)
    speed = StrictFloatField(
        default=1.0,
        min_value=SPEEDS[0],
        max_value=SPEEDS[1],
        error_messages=dict.fromkeys(
            ("min_value", "max_value"), f"must lie between {SPEEDS[0]} and {SPEEDS[1]}"
        ),
    )
    format = StrictCharField(default="wav")
    sample_rate = StrictIntegerField(required=False)
    timeout = StrictFloatField(required=False)
    engine = StrictCharField(default="auto")
    reference = StrictCharField(default="", allow_blank=True, max_length=128)

    def validate_speaker_id(self, speaker_id: int) -> int:
        if speaker_id not in STANDARD_SPEAKERS and not speaker_exists(speaker_id=speaker_id):
            raise serializers.ValidationError(
                "must be 0, 1, 2 or 3, or one that /api/voices lists", "out_of_range"
            )
        return speaker_id

    def validate_voice(self, voice_id: str) -> str:
        voice = voice_on_record(voice_id=voice_id)
        allowed = self.caller.allowed_voices
        if allowed is not None and voice_id not in allowed:
            raise serializers.ValidationError(
                "is not among the voices this key may use; /api/voices lists them", "voice_not_allowed"
            )
        if voice is None:
            raise serializers.ValidationError(
                "is not a voice of this server; /api/voices lists them", "unknown_voice"
            )
        if not voice.enabled:
            raise serializers.ValidationError("is switched off by the operator", "voice_unavailable")
        if voice.state == VoiceState.MISSING:
            raise serializers.ValidationError("is no longer installed", "voice_unavailable")
        return voice_id

    def validate_format(self, name: str) -> str:
        if name not in FORMATS:
            raise serializers.ValidationError(f"must be one of {', '.join(FORMATS)}", "invalid_choice")
        return name

    def validate_sample_rate(self, rate: int) -> int:
        if rate not in SAMPLE_RATES:
            raise serializers.ValidationError(
                f"must be one of {', '.join(map(str, SAMPLE_RATES))}", "invalid_choice"
            )
        return rate

    def validate_timeout(self, seconds: float) -> float:
        longest = longest_timeout(self.caller)
        if not MINIMUM_TIMEOUT_SECONDS <= seconds <= longest:
            raise serializers.ValidationError(
                f"must lie between {MINIMUM_TIMEOUT_SECONDS} and {longest:g} seconds",
                "out_of_range",
            )
        return seconds

    def validate_engine(self, engine: str) -> str:
        if engine not in SynthesisRequest.EngineChoice.values:
            raise serializers.ValidationError(
                f"must be one of {', '.join(SynthesisRequest.EngineChoice.values)}", "invalid_choice"
            )
        return engine

    def validate_reference(self, reference: str) -> str:
        if not reference.isprintable():
            raise serializers.ValidationError("must hold printable characters only", "invalid_characters")
        return reference

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "voice" in attrs and "speaker_id" in attrs:
            raise serializers.ValidationError(
                {"voice": ["excludes speaker_id; send one of them"]}, "exclusive"
            )
        rate = attrs.get("sample_rate")
        if rate is not None and sample_rate_problem(attrs["format"], rate) is not None:
            fit = [
                str(other) for other in SAMPLE_RATES if sample_rate_problem(attrs["format"], other) is None
            ]
            message = f"must be one of {', '.join(fit)} for {attrs['format']}"
            raise serializers.ValidationError({"sample_rate": [message]}, "invalid_choice")
        return attrs

    def parameters(self) -> SpeechParameters:
        """The validated request. Raises `InvalidRequest`."""
        fields = self.checked()
        if longest_timeout(self.caller) < MINIMUM_TIMEOUT_SECONDS:
            raise InvalidRequest(
                [FieldError("timeout", "out_of_range", "the plan leaves no time for a request")]
            )
        return SpeechParameters(
            text=fields.get("ssml") or fields["text"],
            is_ssml="ssml" in fields,
            characters=characters_of(fields["source"]),
            audio_format=fields["format"],
            timeout_seconds=fields.get("timeout", default_timeout(self.caller)),
            speaker_id=None if "voice" in fields else fields.get("speaker_id", 0),
            voice=fields.get("voice", ""),
            speed=fields["speed"],
            sample_rate=fields.get("sample_rate"),
            language=fields["language"],
            normalize=fields["normalize"],
            engine=fields["engine"],
            reference=fields["reference"],
        )


def characters_of(source: str | Script) -> int:
    """The billed count of a text or a script."""
    return count_characters(source) if isinstance(source, str) else source.characters


def _check_text(text: str, characters: int, limit: int) -> None:
    if characters == 0:
        raise serializers.ValidationError("is empty", "blank")
    if characters > limit:
        _refuse_length(characters, limit)
    if settings.TTS_TEXT_EMOJI == "drop" and not is_speakable(text):
        raise serializers.ValidationError(NOTHING_TO_SPEAK, "nothing_to_speak")


def _refuse_length(characters: int, limit: int) -> NoReturn:
    raise serializers.ValidationError(
        f"has {characters} characters; at most {limit} are allowed, so send it in parts", "too_long"
    )


def _printable(name: str) -> str:
    """A field name of the client's making, fit to be quoted back."""
    return "".join(c if c.isprintable() and unicodedata.category(c) != "Cs" else "?" for c in name[:60])
