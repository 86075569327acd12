from tts.models.attempt import EngineAttempt
from tts.models.bucket import ServiceBucket, UsageBucket
from tts.models.event import RequestEvent
from tts.models.export import UsageExport
from tts.models.idempotency import IdempotencyKey
from tts.models.lexicon import PronunciationDictionary, PronunciationEntry
from tts.models.log import LogRecord
from tts.models.maintenance import MaintenanceRun, MaintenanceTask
from tts.models.request import SynthesisRequest
from tts.models.route import VoiceRoute
from tts.models.turn import TenantTurn
from tts.models.usage import UsageEvent
from tts.models.voice import Voice

__all__ = [
    "EngineAttempt",
    "IdempotencyKey",
    "LogRecord",
    "MaintenanceRun",
    "MaintenanceTask",
    "PronunciationDictionary",
    "PronunciationEntry",
    "RequestEvent",
    "ServiceBucket",
    "SynthesisRequest",
    "TenantTurn",
    "UsageBucket",
    "UsageEvent",
    "UsageExport",
    "Voice",
    "VoiceRoute",
]
