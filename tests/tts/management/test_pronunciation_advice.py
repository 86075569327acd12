"""What `manage.py pronunciations` warns of, and the advice of docs/voices.md on Chinese readings."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.cast import Cast
from tts.services.lexicons import lexicon_at, lexicon_version
from tts.text.pipeline import prepare
from tts.text.zh.mandarin_ipa import spoken_units
from tts.text.zh.pinyin import Syllable

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "voices.md"


def warned(file: Path) -> str:
    """What an import into the dictionary of `alice` says on standard error."""
    errors = io.StringIO()
    call_command("pronunciations", "import", "alice", str(file), stdout=io.StringIO(), stderr=errors)
    return errors.getvalue().strip()


def readings(cast: Cast, text: str) -> str:
    """The pinyin of `text` as the tenant `alice` hears it."""
    tenant = cast.alice.tenant
    lexicon = lexicon_at(tenant_id=tenant.pk, version=lexicon_version(tenant=tenant))
    units = spoken_units(prepare(text, lexicon=lexicon).normalized)
    return " ".join(f"{unit.spelled}{unit.tone}" for unit in units if isinstance(unit, Syllable))


def test_whole_words_without_a_language_are_warned_of_by_line(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text(
        "written,spoken,match,language\nchat,tchat,word,\nSQL,sequel,,en-US\n+,plus,exact,\nLi,Lee,,\n"
    )
    told = warned(file)
    assert told.startswith("2 entries that match whole words name no language")
    assert "(line 2, 5)" in told
    assert "chat" not in told


def test_many_lines_are_not_all_named(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("written,spoken\n" + "".join(f"word{number},said\n" for number in range(11)))
    assert "(line 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …)" in warned(file)


def test_entries_with_a_language_are_not_warned_of(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    file.write_text("written,spoken,language\nSQL,sequel,en-US\n")
    assert warned(file) == ""


def test_the_documented_entries_give_characters_their_other_reading(cast: Cast, tmp_path: Path) -> None:
    texts = {
        "解先生到了单县。": (
            "jie3 xian1 sheng5 dao4 le5 dan1 xian4",
            "xie4 xian1 sheng5 dao4 le5 shan4 xian4",
        ),
        "请理解先生。": 2 * ("qing2 li2 jie3 xian1 sheng5",),
    }
    for text, (before, _) in texts.items():
        assert readings(cast, text) == before

    (example,) = re.findall(r"```csv\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "names.csv"
    file.write_text(example, encoding="utf-8")
    assert warned(file) == ""
    for text, (_, after) in texts.items():
        assert readings(cast, text) == after
