import pytest

from tts.voices.store.mirror import NO_MIRROR, BadMirror, parse_mirror

HUB = "https://huggingface.co/rhasspy/piper-voices/resolve/v1/a.onnx"
RELEASE = "https://github.com/k2-fsa/sherpa-onnx/releases/download/tts-models/b.tar.bz2"


def test_without_a_mirror_addresses_stay() -> None:
    assert NO_MIRROR.address_of(HUB) == HUB
    assert parse_mirror([]).address_of(HUB) == HUB
    assert parse_mirror(["", " "]).address_of(HUB) == HUB


@pytest.mark.parametrize("base", ["https://mirror.example/voices", "https://mirror.example/voices/"])
def test_one_mirror_has_a_folder_for_each_host(base: str) -> None:
    mirror = parse_mirror([base])
    assert mirror.address_of(HUB) == f"https://mirror.example/voices/{HUB.removeprefix('https://')}"
    assert mirror.address_of(RELEASE).startswith("https://mirror.example/voices/github.com/k2-fsa/")


def test_single_hosts_are_replaced_by_their_prefix() -> None:
    mirror = parse_mirror(
        [
            "https://huggingface.co=https://hub.example",
            "https://github.com=http://10.0.0.7:8080/https://github.com",
        ]
    )
    assert mirror.address_of(HUB) == "https://hub.example/rhasspy/piper-voices/resolve/v1/a.onnx"
    assert mirror.address_of(RELEASE) == f"http://10.0.0.7:8080/{RELEASE}"
    assert mirror.address_of("https://elsewhere.example/c") == "https://elsewhere.example/c"


def test_replacements_go_before_the_mirror_for_everything() -> None:
    mirror = parse_mirror(["https://mirror.example", "https://github.com=https://gh.example"])
    assert mirror.address_of(RELEASE).startswith("https://gh.example/k2-fsa")
    assert mirror.address_of(HUB) == f"https://mirror.example/{HUB.removeprefix('https://')}"


@pytest.mark.parametrize(
    "wrong",
    [
        ["mirror.example"],
        ["ftp://mirror.example"],
        ["file:///srv"],
        ["https://"],
        ["https://me:secret@mirror.example"],
        ["huggingface.co=https://mirror.example"],
        ["https://a.example", "https://b.example"],
        ["https://[broken"],
    ],
)
def test_what_is_no_mirror_is_refused(wrong: list[str]) -> None:
    with pytest.raises(BadMirror):
        parse_mirror(wrong)
