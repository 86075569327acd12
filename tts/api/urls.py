"""Routes of the API, below `/api/`."""

from django.urls import path

from tts.api.account import AccountView
from tts.api.cancel import RequestCancelView
from tts.api.history import RequestsView
from tts.api.not_found import NotFoundView
from tts.api.preview import PreviewView
from tts.api.requests import RequestAudioView, RequestView
from tts.api.speech import SpeechView
from tts.api.usage import UsageView
from tts.api.usage_export import UsageExportView
from tts.api.usage_export_file import UsageExportFileView, UsageExportManifestView
from tts.api.usage_exports import UsageExportDetailView, UsageExportsView
from tts.api.voices import VoicesView

urlpatterns = [
    path("tts", SpeechView.as_view(), name="speech"),
    path("requests", RequestsView.as_view(), name="requests"),
    path("requests/<uuid:request_id>/cancel", RequestCancelView.as_view(), name="request-cancel"),
    path("requests/<uuid:request_id>", RequestView.as_view(), name="request"),
    path("requests/<uuid:request_id>/audio", RequestAudioView.as_view(), name="request-audio"),
    path("voices", VoicesView.as_view(), name="voices"),
    path("account", AccountView.as_view(), name="account"),
    path("usage", UsageView.as_view(), name="usage"),
    path("usage/export", UsageExportView.as_view(), name="usage-export"),
    path("usage/exports", UsageExportsView.as_view(), name="usage-exports"),
    path("usage/exports/<uuid:export_id>", UsageExportDetailView.as_view(), name="usage-exports-one"),
    path("usage/exports/<uuid:export_id>/file", UsageExportFileView.as_view(), name="usage-exports-file"),
    path(
        "usage/exports/<uuid:export_id>/manifest",
        UsageExportManifestView.as_view(),
        name="usage-exports-manifest",
    ),
    path("text/preview", PreviewView.as_view(), name="text-preview"),
    # Below everything else: unknown paths get a problem, not a page.
    path("<path:rest>", NotFoundView.as_view(), name="api-not-found"),
]
