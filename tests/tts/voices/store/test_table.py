from dataclasses import replace

import pytest

from tts.voices.store.catalogue import CommercialUse
from tts.voices.store.installed import Row
from tts.voices.store.table import SHOWN_IDS, languages_told, of_language, table

ROW = Row(
    name="many",
    voice_ids=tuple(f"many:{number}" for number in range(SHOWN_IDS + 2)),
    title="Many",
    family="kokoro",
    languages=("zh-CN", "en-US"),
    gender="",
    speakers=SHOWN_IDS + 2,
    sample_rate=24000,
    licence="CC0",
    commercial_use=CommercialUse.NO,
    size_bytes=364_816_464,
    state="ready",
    problem="",
    advice="",
    recommended=True,
    in_catalogue=True,
    is_starter=False,
)
ONE = replace(ROW, name="one", voice_ids=("one",), speakers=1, gender="male", languages=("en-GB",))


def ids(row: Row, *, all_ids: bool = False) -> list[str]:
    """What is told below the row's own line."""
    return [line.strip() for line in list(table([row], all_ids=all_ids))[2:]]


def test_a_row_tells_state_size_and_whether_money_may_be_earned() -> None:
    header, line, *_ = table([ROW])
    assert header.split() == ["name", "state", "languages", "speaker", "size", "licence"]
    assert line == (
        f"* many  ready  zh-CN, en-US  {SHOWN_IDS + 2} speakers  364.8 MB  CC0 (not for commercial use)"
    )


def test_names_that_are_no_ids_are_followed_by_the_first_ids() -> None:
    assert ids(ROW) == [*ROW.voice_ids[:SHOWN_IDS], "… 2 more: `voices list many` shows all"]
    assert ids(ROW, all_ids=True) == list(ROW.voice_ids)
    assert ids(replace(ROW, voice_ids=ROW.voice_ids[:SHOWN_IDS])) == list(ROW.voice_ids[:SHOWN_IDS])


def test_names_that_are_ids_are_not_repeated() -> None:
    assert ids(ONE) == []
    assert ids(replace(ROW, voice_ids=())) == []


def test_problems_come_last_with_what_to_do() -> None:
    wrong = replace(ONE, state="corrupt", problem="it is torn", advice="sew it")
    assert ids(wrong) == ["it is torn: sew it"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("zh", ["many"]),
        ("cmn", ["many"]),
        ("ZH_cn", ["many"]),
        ("en", ["many", "one"]),
        ("en-GB", ["one"]),
        ("e", []),
        ("zh-TW", []),
    ],
)
def test_languages_are_compared_subtag_by_subtag(wanted: str, found: list[str]) -> None:
    assert [row.name for row in of_language([ROW, ONE], wanted)] == found


def test_languages_are_told_once_each() -> None:
    assert languages_told([ROW, ONE, ROW]) == "en-GB, en-US, zh-CN"
    assert languages_told([]) == "none"
