"""Kill switches of the text front end, read as a server would."""

from pathlib import Path

import pytest

from tests.voxgate.test_settings import SECRETS, process

SHOW = "from django.conf import settings as s; print(sorted(s.TTS_TEXT_OFF), s.TTS_TEXT_EMOJI)"


def test_nothing_is_off_unless_somebody_says_so(tmp_path: Path) -> None:
    assert process(tmp_path, SHOW, **SECRETS).stdout.strip() == "[] drop"


def test_features_are_named_with_commas(tmp_path: Path) -> None:
    done = process(tmp_path, SHOW, VOXGATE_TEXT_OFF="lexicon, ssml,", VOXGATE_TEXT_EMOJI="name", **SECRETS)
    assert done.stdout.strip() == "['lexicon', 'ssml'] name"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("VOXGATE_TEXT_OFF", "lexicon,magic", "no such feature: magic; there are abbreviations, "),
        ("VOXGATE_TEXT_EMOJI", "sing", "Must be one of: drop, name"),
    ],
)
def test_a_name_that_does_not_exist_stops_the_process(
    tmp_path: Path, name: str, value: str, told: str
) -> None:
    done = process(tmp_path, SHOW, **{name: value}, **SECRETS)
    assert done.returncode != 0
    assert name in done.stderr
    assert told in done.stderr
