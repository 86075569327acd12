from tts.admin.lexicons import PronunciationAdmin
from tts.admin.queues import QueuesAdmin
from tts.admin.requests import RequestAdmin
from tts.admin.routes import RouteAdmin
from tts.admin.shadow import ShadowAdmin
from tts.admin.usage import UsageAdmin
from tts.admin.voices import VoiceAdmin

__all__ = [
    "PronunciationAdmin",
    "QueuesAdmin",
    "RequestAdmin",
    "RouteAdmin",
    "ShadowAdmin",
    "UsageAdmin",
    "VoiceAdmin",
]
