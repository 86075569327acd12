from tts.models.attempt import EngineAttempt
from tts.models.event import RequestEvent
from tts.models.request import SynthesisRequest
from tts.models.usage import UsageEvent
from tts.models.voice import Voice

__all__ = ["EngineAttempt", "RequestEvent", "SynthesisRequest", "UsageEvent", "Voice"]
