from tts.admin.queues import QueuesAdmin
from tts.admin.requests import RequestAdmin
from tts.admin.usage import UsageAdmin
from tts.admin.voices import VoiceAdmin

__all__ = ["QueuesAdmin", "RequestAdmin", "UsageAdmin", "VoiceAdmin"]
