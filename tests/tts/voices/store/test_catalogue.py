import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tts.voices.description import Family
from tts.voices.store.catalogue import CatalogueVoice, CommercialUse, load_catalogue
from tts.voices.store.errors import CatalogueBroken, UnknownVoice

ENTRY = {
    "name": "xx-a",
    "title": "A",
    "family": "piper",
    "languages": ["xx"],
    "gender": "female",
    "sample_rate": 22050,
    "licence": "CC0",
    "commercial_use": "yes",
    "downloads": [{"url": "https://publisher.example/a/xx-a.onnx", "bytes": 7, "md5": "0" * 32}],
}
SHIPPED = list(load_catalogue())


def written(tmp_path: Path, *entries: object) -> Path:
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"voices": entries}))
    return path


@pytest.mark.parametrize("voice", SHIPPED, ids=[voice.name for voice in SHIPPED])
def test_the_shipped_catalogue_is_honest(voice: CatalogueVoice) -> None:
    assert voice.licence
    assert urlsplit(voice.licence_url).scheme == "https"
    # Nothing could be downloaded where it was written; an entry that says otherwise needs a test of its own.
    assert not voice.verified
    assert voice.checked
    if voice.recommended:
        assert voice.commercial_use is not CommercialUse.NO
        assert any(download.checksums for download in voice.downloads)
    for download in voice.downloads:
        assert "/resolve/main/" not in download.url, "a branch moves; pin a revision"
        assert "sha256" in download.checksums or not download.is_archive


@pytest.mark.parametrize(
    "voice", [v for v in SHIPPED if v.family is Family.PIPER], ids=lambda voice: voice.name
)
def test_piper_voices_have_a_model_and_its_configuration(voice: CatalogueVoice) -> None:
    assert [download.name for download in voice.downloads] == [
        f"{voice.name}.onnx",
        f"{voice.name}.onnx.json",
    ]


def test_the_shipped_catalogue_recommends_voices_for_chinese_and_english() -> None:
    recommended = [voice for voice in SHIPPED if voice.recommended]
    for family in ("zh", "en"):
        spoken = [voice for voice in recommended if voice.languages[0].startswith(family)]
        assert len(spoken) >= 3
        assert any(voice.commercial_use is CommercialUse.YES for voice in spoken)
    assert len({voice.family for voice in SHIPPED}) == len(Family)


def test_sizes_add_up_and_are_unknown_when_one_is(tmp_path: Path) -> None:
    downloads = [*ENTRY["downloads"], {"url": "https://publisher.example/b", "bytes": 5}]  # type: ignore[misc]  # a list
    (voice,) = load_catalogue(written(tmp_path, ENTRY | {"downloads": downloads}))
    assert voice.size_bytes == 12
    downloads.append({"url": "https://publisher.example/c"})
    (voice,) = load_catalogue(written(tmp_path, ENTRY | {"downloads": downloads}))
    assert voice.size_bytes is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "../etc"}, "name"),
        ({"name": 7}, "name"),
        ({"title": None}, "title"),
        ({"family": "tacotron"}, "family"),
        ({"languages": []}, "languages"),
        ({"languages": ["not a tag"]}, "languages"),
        ({"languages": "zh"}, "languages"),
        ({"gender": "robot"}, "gender"),
        ({"speakers": True}, "speakers"),
        ({"sample_rate": "22050"}, "sample_rate"),
        ({"commercial_use": "maybe"}, "commercial_use"),
        ({"downloads": []}, "downloads"),
        ({"downloads": {}}, "downloads"),
        ({"downloads": [{"url": "http://publisher.example/a"}]}, "url"),
        ({"downloads": [{"url": "https://me:secret@publisher.example/a"}]}, "url"),
        ({"downloads": [{"url": "https://publisher.example/"}]}, "name"),
        ({"downloads": [{"url": "https://publisher.example/a", "sha256": "ABC"}]}, "sha256"),
        ({"downloads": [{"url": "https://publisher.example/a", "bytes": "7"}]}, "bytes"),
        ({"downloads": [{"url": "https://publisher.example/a", "members": ["../a"]}]}, "members"),
        ({"downloads": [{"url": "https://publisher.example/a", "members": ["/a"]}]}, "members"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, object], field: str) -> None:
    with pytest.raises(CatalogueBroken, match=rf"catalogue\.json\.voices\[0\].*{field}"):
        load_catalogue(written(tmp_path, ENTRY | changes))


def test_no_name_is_there_twice(tmp_path: Path) -> None:
    with pytest.raises(CatalogueBroken, match="xx-a is there twice"):
        load_catalogue(written(tmp_path, ENTRY, ENTRY))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff"])
def test_a_file_that_is_no_catalogue_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(content)
    with pytest.raises(CatalogueBroken, match=r"catalogue\.json"):
        load_catalogue(path)
    with pytest.raises(CatalogueBroken, match="cannot be read"):
        load_catalogue(tmp_path / "other.json")


def test_unknown_names_lead_to_known_ones() -> None:
    catalogue = load_catalogue()
    with pytest.raises(UnknownVoice, match=r"Did you mean .*zh_CN-huayan-medium"):
        catalogue.find("HUAYAN")
    with pytest.raises(UnknownVoice, match="`voices list`"):
        catalogue.find("nobody")
