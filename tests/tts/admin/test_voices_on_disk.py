"""What the admin's list says of files: their sizes, and damage to files of voices that still speak."""

from django.test import Client
from django.urls import reverse

from tts.services.voices import voices_sync
from tts.voices.store.catalogue import SHIPPED_CATALOGUE, load_catalogue
from tts.voices.store.progress import human_bytes
from tts.voices.voice import VoiceInfo, VoiceState

LIST = "/admin/tts/voice/"
PROBLEM = "speaks from its earlier file; the new one: v.onnx has changed since it was installed"


def test_a_voice_that_speaks_from_memory_is_to_be_mended_before_a_restart(root: Client) -> None:
    ready = VoiceInfo("v", "V", ("zh-CN",), "", "onnx", 22050, "", 0, VoiceState.READY, PROBLEM)
    voices_sync(engine="onnx", found=[ready])
    for address in (LIST, reverse("admin:tts_voice_change", args=["v"])):
        page = root.get(address).content.decode()
        assert PROBLEM in page
        assert "before workers restart" in page


def test_sizes_are_those_of_the_command_line(root: Client) -> None:
    page = root.get(LIST).content.decode()
    sizes = {voice.size_bytes for voice in load_catalogue(SHIPPED_CATALOGUE)}
    assert None in sizes
    for size in sizes:
        assert f"<td>{'?' if size is None else human_bytes(size)}</td>" in page
