from tts.models.attempt import EngineAttempt
from tts.models.event import RequestEvent
from tts.models.idempotency import IdempotencyKey
from tts.models.lexicon import PronunciationDictionary, PronunciationEntry
from tts.models.request import SynthesisRequest
from tts.models.route import VoiceRoute
from tts.models.turn import TenantTurn
from tts.models.usage import UsageEvent
from tts.models.voice import Voice

__all__ = [
    "EngineAttempt",
    "IdempotencyKey",
    "PronunciationDictionary",
    "PronunciationEntry",
    "RequestEvent",
    "SynthesisRequest",
    "TenantTurn",
    "UsageEvent",
    "Voice",
    "VoiceRoute",
]
