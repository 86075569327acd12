from tts.admin.exports import ExportAdmin
from tts.admin.lexicons import PronunciationAdmin
from tts.admin.logs import LogAdmin
from tts.admin.maintenance import MaintenanceAdmin
from tts.admin.queues import QueuesAdmin
from tts.admin.requests import RequestAdmin
from tts.admin.routes import RouteAdmin
from tts.admin.shadow import ShadowAdmin
from tts.admin.usage import UsageAdmin
from tts.admin.usage_report import UsageReportAdmin
from tts.admin.voices import VoiceAdmin

__all__ = [
    "ExportAdmin",
    "LogAdmin",
    "MaintenanceAdmin",
    "PronunciationAdmin",
    "QueuesAdmin",
    "RequestAdmin",
    "RouteAdmin",
    "ShadowAdmin",
    "UsageAdmin",
    "UsageReportAdmin",
    "VoiceAdmin",
]
