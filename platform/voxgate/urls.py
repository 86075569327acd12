"""Every route of the server."""

from django.contrib import admin
from django.urls import include, path

from voxgate.ops.health import LiveView, ReadyView
from voxgate.web import HomeView

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("api/", include("tts.api.urls")),
    path("livez", LiveView.as_view(), name="livez"),
    path("readyz", ReadyView.as_view(), name="readyz"),
    path("admin/", admin.site.urls),
]

handler400 = "voxgate.errors.bad_request"
handler403 = "voxgate.errors.forbidden"
handler404 = "voxgate.errors.not_found"
handler500 = "voxgate.errors.server_error"
