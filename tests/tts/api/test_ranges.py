"""RFC 9110, section 14: byte ranges of a representation of 100 bytes."""

import pytest

from tts.api.ranges import ByteRange, NotSatisfiable, byte_range

WHOLE = None
CASES: list[tuple[str | None, tuple[int, int] | None]] = [
    (None, WHOLE),
    ("", WHOLE),
    ("bytes=0-0", (0, 0)),
    ("bytes=0-99", (0, 99)),
    ("bytes=10-", (10, 99)),
    ("bytes=10-1000", (10, 99)),
    ("bytes=99-99", (99, 99)),
    ("bytes=-1", (99, 99)),
    ("bytes=-100", (0, 99)),
    ("bytes=-101", (0, 99)),
    ("  bytes=0-1 ", (0, 1)),
    # Unit names are case-insensitive.
    ("Bytes=0-1", (0, 1)),
    ("bytes=0000-0001", (0, 1)),
    # Far beyond the end is the end, however many digits say so.
    ("bytes=0-" + "9" * 16, (0, 99)),
    ("bytes=-" + "9" * 5000, (0, 99)),
    ("bytes=" + "0" * 5000 + "-5", (0, 5)),
    # Not valid, so to be ignored.
    ("bytes=-", WHOLE),
    ("bytes=", WHOLE),
    ("bytes=5-4", WHOLE),
    ("bytes=200-150", WHOLE),
    ("bytes=a-b", WHOLE),
    ("bytes=1.5-2", WHOLE),
    ("bytes=+1-2", WHOLE),
    ("bytes=٣-٤", WHOLE),
    ("bytes 0-1", WHOLE),
    ("bytes=0-1\n", (0, 1)),
    # Other units, and several ranges, may be ignored.
    ("samples=0-1", WHOLE),
    ("bytes=0-1,3-4", WHOLE),
    ("bytes=0-1, -1", WHOLE),
]
BEYOND = ["bytes=100-", "bytes=100-200", "bytes=1000-2000", "bytes=-0", "bytes=" + "9" * 5000 + "-"]


@pytest.mark.parametrize(("header", "expected"), CASES, ids=[str(case[0])[:24] for case in CASES])
def test_a_range_is_what_it_asks_for(header: str | None, expected: tuple[int, int] | None) -> None:
    found = byte_range(header, 100)
    assert (None if found is None else (found.first, found.last)) == expected


@pytest.mark.parametrize("header", BEYOND, ids=[header[:24] for header in BEYOND])
def test_a_range_outside_is_not_satisfiable(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        byte_range(header, 100)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-5", "bytes=-0"])
def test_nothing_has_no_parts(header: str) -> None:
    assert byte_range(header, 0) is None


def test_the_header_of_a_part_names_both_ends_and_the_whole() -> None:
    assert ByteRange(10, 19, 100).header == "bytes 10-19/100"
