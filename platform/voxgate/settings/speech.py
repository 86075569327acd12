"""Speech: limits of a request, deadlines, voices."""

from collections.abc import Iterable
from typing import cast

from environs import ValidationError, validate

from tts.text import features
from tts.text.emoji import EmojiPolicy
from tts.voices.store.catalogue import SHIPPED_CATALOGUE
from voxgate.settings.environment import DATA_DIR, env

TTS_TIMEOUT: float = env.float("TTS_TIMEOUT", 15.0, validate=validate.Range(min=0.5, max=600))
"""Seconds that a request gets which names no `timeout`, unless its tenant has another default."""

TTS_MAX_TIMEOUT: float = max(
    TTS_TIMEOUT, env.float("VOXGATE_MAX_TIMEOUT", 60.0, validate=validate.Range(min=0.5, max=600))
)
"""Seconds that a request may ask for at most, for every tenant; plans may allow less."""

TTS_MAX_CHARACTERS: int = env.int("VOXGATE_MAX_CHARACTERS", 4096, validate=validate.Range(min=1, max=20_000))
"""Characters of a text that is answered at once, for every tenant; plans allow less (the shipped ones 800)."""


def _known_features(names: Iterable[str]) -> None:
    unknown = features.unknown_features(name.strip() for name in names if name.strip())
    if unknown:
        raise ValidationError(
            f"no such feature: {', '.join(unknown)}; there are {', '.join(sorted(features.FEATURES))}"
        )


_off: list[str] = env.list("VOXGATE_TEXT_OFF", [], validate=_known_features)
TTS_TEXT_OFF = frozenset(name.strip() for name in _off if name.strip())
"""Features of the text front end (`tts.text.features`) that are switched off: for when one does harm."""

TTS_TEXT_EMOJI = cast(
    EmojiPolicy, env.str("VOXGATE_TEXT_EMOJI", "drop", validate=validate.OneOf(["drop", "name"]))
)
"""Whether nothing is said for emoji, or their name."""

TTS_MAX_BODY_BYTES: int = env.int("VOXGATE_MAX_BODY_BYTES", 256 * 1024, validate=validate.Range(min=1024))
"""A body above this is refused unread; 800 characters need 10 kB at most even when every one is escaped."""

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

TTS_WAITERS: int = env.int("VOXGATE_WAITERS", 96, validate=validate.Range(min=1))
"""Requests that may wait for audio in one web process; the threads above it serve health, history and admin."""

VOICES_DIR = env.path("VOXGATE_VOICES_DIR", DATA_DIR / "voices")
VOICE_CACHE_DIR = env.path("VOXGATE_VOICE_CACHE_DIR", DATA_DIR / "cache" / "voices")
STARTER_VOICES: list[str] = env.list("VOXGATE_STARTER_VOICES", ["voxgate-starter-en", "voxgate-starter-zh"])
"""Which of the voices that come with Voxgate may speak; natural voices go before them wherever there are any."""

VOICES_CATALOGUE = env.path("VOXGATE_VOICES_CATALOGUE", SHIPPED_CATALOGUE)
VOICES_MIRROR: list[str] = env.list("VOXGATE_VOICES_MIRROR", [])
"""Where `manage.py voices install` fetches from instead of the publishers: see `tts.voices.store.mirror`."""

VOICES_ALLOW_FIXTURE: bool = env.bool("VOXGATE_ALLOW_FIXTURE_VOICE", False)
"""Tests and benchmarks only: the fixture voice is tones, not speech."""

TTS_FALLBACK_RESERVE: float = env.float(
    "VOXGATE_FALLBACK_RESERVE", 2.0, validate=validate.Range(min=0.1, max=60)
)
"""Seconds of each deadline, at most a third of it, that belong to the fallback engine."""

TTS_PRIMARY_ENGINE: str = env.str("VOXGATE_PRIMARY_ENGINE", "tts.engines.onnx.factory:build")
TTS_FALLBACK_ENGINE: str = env.str("VOXGATE_FALLBACK_ENGINE", "tts.engines.espeak.factory:build")
"""`module:function` that builds an engine from `EngineSettings`; a platform with another engine names its own."""

WORKER_MEMORY_BYTES: int = env.int("VOXGATE_WORKER_MEMORY_BYTES", 1536 * 1024 * 1024)
WORKER_MAX_JOBS: int = env.int("VOXGATE_WORKER_MAX_JOBS", 5000)
"""A worker ends after the job that takes it past either; the supervisor starts a fresh one."""
