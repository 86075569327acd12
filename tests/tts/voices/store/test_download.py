import hashlib
import json
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tts.voices.store.publisher import (
    QUICK,
    Publisher,
    Reply,
    compressed,
    cut_after,
    endless,
    hang,
    ignore_ranges,
    redirect,
    status,
    wrong_part,
)
from tts.voices.store.catalogue import Download
from tts.voices.store.download import Downloader, Patience
from tts.voices.store.errors import DownloadFailed, StoreNotWritable, WrongContent

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "voice.onnx"


def wanted(**changes: object) -> Download:
    known = Download("https://publisher.example/voice.onnx", NAME, len(CONTENT), {"sha256": SHA256})
    return replace(known, **changes)  # type: ignore[arg-type]  # passed on


class Fetching:
    """A downloader that never really waits."""

    def __init__(self, folder: Path, patience: Patience = QUICK, *, max_bytes: int = 2**30) -> None:
        self.folder = folder
        self.waits: list[float] = []
        self.seen: list[tuple[int, int | None]] = []
        self._downloader = Downloader(patience=patience, max_bytes=max_bytes, sleep=self.waits.append)

    def __call__(self, url: str, download: Download | None = None) -> bytes:
        path = self._downloader.fetch(
            download or wanted(),
            self.folder,
            url=url,
            watch=lambda done, total: self.seen.append((done, total)),
        )
        return path.read_bytes()

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def fetch(tmp_path: Path) -> Fetching:
    return Fetching(tmp_path / "partial")


def test_a_file_arrives_whole_and_its_progress_is_told(publisher: Publisher, fetch: Fetching) -> None:
    assert fetch(publisher.publish("/v", CONTENT)) == CONTENT

    assert fetch.left() == [NAME]
    assert fetch.seen[0] == (0, len(CONTENT))
    assert fetch.seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in fetch.seen] == sorted(done for done, _ in fetch.seen)
    assert publisher.asked[0].headers["Accept-Encoding"] == "identity"


def test_a_file_that_is_there_and_right_is_not_fetched_again(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT)
    fetch(url)
    fetch(url)
    assert len(publisher.asked) == 1


def test_a_file_that_is_there_and_damaged_is_fetched_again(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT)
    fetch(url)
    (fetch.folder / NAME).write_bytes(b"y" * len(CONTENT))
    assert fetch(url) == CONTENT


def test_a_cut_connection_is_resumed_where_it_broke(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT, cut_after(300_000), cut_after(200_000))

    assert fetch(url) == CONTENT
    assert publisher.ranges() == ["", "bytes=300000-", "bytes=500000-"]
    assert publisher.asked[1].headers["If-Range"] == '"first"'
    assert fetch.waits == [1.0, 2.0]


def test_a_later_command_goes_on_where_an_earlier_one_stopped(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT, *[cut_after(100_000)] * 3)
    with pytest.raises(DownloadFailed, match=r"ended after 300000 of 1048576 .* What has arrived is kept"):
        fetch(url)
    assert fetch.left() == [f"{NAME}.partial", f"{NAME}.partial.json"]

    assert Fetching(fetch.folder)(url) == CONTENT
    assert publisher.ranges()[-1] == "bytes=300000-"
    assert fetch.left() == [NAME]


def test_progress_makes_up_for_failures(publisher: Publisher, fetch: Fetching) -> None:
    patience = replace(QUICK, attempts=2, progress_bytes=50_000)
    url = publisher.publish("/v", CONTENT, *[cut_after(100_000)] * 9)
    assert Fetching(fetch.folder, patience)(url) == CONTENT


def test_a_server_without_ranges_starts_over(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT, cut_after(300_000), ignore_ranges)

    assert fetch(url) == CONTENT
    assert publisher.ranges() == ["", "bytes=300000-"]
    assert (0, len(CONTENT)) in fetch.seen[1:]


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(
    publisher: Publisher, fetch: Fetching
) -> None:
    url = publisher.publish("/v", b"o" * len(CONTENT), *[cut_after(100_000)] * 3, etag='"old"')
    with pytest.raises(DownloadFailed):
        fetch(url)
    publisher.publish("/v", CONTENT, etag='"new"')

    assert fetch(url) == CONTENT
    assert publisher.asked[-1].headers["If-Range"] == '"old"'
    assert len(publisher.asked) == 4


def test_a_beginning_of_another_file_shows_in_the_checksum_and_is_dropped(
    publisher: Publisher, fetch: Fetching
) -> None:
    url = publisher.publish("/v", b"o" * len(CONTENT), *[cut_after(100_000)] * 3, etag="")
    with pytest.raises(DownloadFailed):
        fetch(url)
    publisher.publish("/v", CONTENT, etag="")

    assert fetch(url) == CONTENT
    assert publisher.ranges()[-2:] == ["bytes=300000-", ""]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_etag_and_checksum_nothing_is_resumed(
    publisher: Publisher, fetch: Fetching, etag: str
) -> None:
    url = publisher.publish("/v", CONTENT, cut_after(300_000), etag=etag)
    assert fetch(url, wanted(checksums={})) == CONTENT
    assert publisher.ranges() == ["", ""]


def test_a_beginning_from_another_address_is_not_resumed(publisher: Publisher, fetch: Fetching) -> None:
    with pytest.raises(DownloadFailed):
        fetch(publisher.publish("/v", CONTENT, *[cut_after(100_000)] * 3))
    assert fetch(publisher.publish("/mirrored", CONTENT)) == CONTENT
    assert publisher.ranges()[-1] == ""


def test_a_complete_beginning_is_taken_as_it_is(publisher: Publisher, fetch: Fetching) -> None:
    fetch.folder.mkdir()
    url = publisher.publish("/v", CONTENT)
    (fetch.folder / f"{NAME}.partial").write_bytes(CONTENT)
    (fetch.folder / f"{NAME}.partial.json").write_text(json.dumps({"url": url, "etag": '"first"'}))

    assert fetch(url) == CONTENT
    assert publisher.asked == []


@pytest.mark.parametrize("size", [len(CONTENT), len(CONTENT) + 5])
def test_a_beginning_as_long_as_the_file_needs_no_size_to_be_noticed(
    publisher: Publisher, fetch: Fetching, size: int
) -> None:
    fetch.folder.mkdir()
    url = publisher.publish("/v", CONTENT)
    (fetch.folder / f"{NAME}.partial").write_bytes((CONTENT + b"extra")[:size])
    (fetch.folder / f"{NAME}.partial.json").write_text(json.dumps({"url": url, "etag": '"first"'}))

    assert fetch(url, wanted(size_bytes=None)) == CONTENT


def test_a_wrong_checksum_is_refused_and_nothing_kept(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", b"z" * len(CONTENT))
    with pytest.raises(WrongContent, match=r"sha256 of voice\.onnx is not the published one"):
        fetch(url)
    assert fetch.left() == []


def test_every_published_checksum_counts(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT)
    with pytest.raises(WrongContent, match="The md5 of"):
        fetch(url, wanted(checksums={"sha256": SHA256, "md5": "0" * 32}))


def test_a_wrong_size_is_refused_before_it_is_fetched(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT + b"!")
    with pytest.raises(WrongContent, match=r"has 1048577 bytes at the server and 1048576 in the catalogue"):
        fetch(url)
    assert fetch.left() == []
    assert fetch.seen == []


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_body_without_end_is_refused(publisher: Publisher, tmp_path: Path, size: int | None) -> None:
    fetch = Fetching(tmp_path / "partial", max_bytes=2 * len(CONTENT))
    with pytest.raises(WrongContent, match="larger than expected"):
        fetch(publisher.publish("/v", b"", endless), wanted(size_bytes=size))
    assert fetch.left() == []


def test_a_file_that_says_it_is_too_large_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    fetch = Fetching(tmp_path / "partial", max_bytes=1000)
    with pytest.raises(WrongContent, match="larger than expected"):
        fetch(publisher.publish("/v", CONTENT), wanted(size_bytes=None))


@pytest.mark.parametrize(
    ("code", "told"), [(404, "no such file"), (410, "no such file"), (403, "refused the file")]
)
def test_a_refusal_is_final(publisher: Publisher, fetch: Fetching, code: int, told: str) -> None:
    url = publisher.publish("/v", CONTENT, status(code))
    with pytest.raises(DownloadFailed, match=told):
        fetch(url)
    assert len(publisher.asked) == 1


@pytest.mark.parametrize("code", [500, 502, 503, 429, 408])
def test_a_server_in_trouble_is_asked_again(publisher: Publisher, fetch: Fetching, code: int) -> None:
    assert fetch(publisher.publish("/v", CONTENT, status(code), status(code))) == CONTENT
    assert fetch.waits == [1.0, 2.0]


def test_a_server_in_lasting_trouble_is_given_up(publisher: Publisher, fetch: Fetching) -> None:
    with pytest.raises(DownloadFailed, match="answered 500; gave up after 3 attempts"):
        fetch(publisher.publish("/v", CONTENT, *[status(500)] * 9))
    assert len(publisher.asked) == 3


def test_a_server_that_says_when_is_believed_up_to_a_minute(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT, status(503, Retry_After="7"), status(503, Retry_After="9999"))
    assert fetch(url) == CONTENT
    assert fetch.waits == [7.0, 60.0]


def test_redirects_are_followed_and_keep_what_was_asked_for(publisher: Publisher, fetch: Fetching) -> None:
    there = publisher.publish("/there", CONTENT, cut_after(300_000))
    here = publisher.publish("/here", b"", redirect(there), redirect("/there"))
    assert fetch(here) == CONTENT
    assert publisher.ranges() == ["", "", "bytes=300000-", "bytes=300000-"]


def test_redirects_in_a_circle_end(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", b"", *[redirect("/v")] * 50)
    with pytest.raises(DownloadFailed, match="in a circle"):
        fetch(url)
    assert len(publisher.asked) < 10


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/v", "file:///etc/hostname", "data:text/plain,x"])
def test_redirects_lead_to_no_other_protocol(publisher: Publisher, fetch: Fetching, to: str) -> None:
    with pytest.raises(DownloadFailed):
        fetch(publisher.publish("/v", b"", *[redirect(to)] * 9))
    assert [name for name in fetch.left() if not name.endswith(".json")] == []


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "ftp://127.0.0.1/v", "gopher://127.0.0.1/v", "nonsense"]
)
def test_other_protocols_are_not_spoken(fetch: Fetching, url: str) -> None:
    with pytest.raises(DownloadFailed, match="cannot be asked"):
        fetch(url)
    assert fetch.waits == []


def test_a_silent_server_is_left_after_the_timeout(publisher: Publisher, tmp_path: Path) -> None:
    fetch = Fetching(tmp_path / "partial", replace(QUICK, timeout_seconds=0.2))
    assert fetch(publisher.publish("/v", CONTENT, hang)) == CONTENT
    with pytest.raises(DownloadFailed, match="no answer in time"):
        fetch(publisher.publish("/silent", CONTENT, *[hang] * 3), wanted(name="other"))


def test_a_server_that_drips_is_left(publisher: Publisher, tmp_path: Path) -> None:
    moments = iter(range(0, 100_000, 40))
    downloader = Downloader(
        patience=replace(QUICK, slowest_bytes=2**21), clock=lambda: float(next(moments)), sleep=lambda _: None
    )
    with pytest.raises(DownloadFailed, match=r"only \d+ bytes in 80 s"):
        downloader.fetch(
            wanted(), tmp_path, url=publisher.publish("/v", CONTENT), watch=lambda done, total: None
        )


def test_nobody_at_the_address_is_told(fetch: Fetching, publisher: Publisher) -> None:
    address = publisher.url
    publisher.close()
    ways_out = "Check the network.*VOXGATE_VOICES_MIRROR.*`voices add`"
    with pytest.raises(DownloadFailed, match=rf"127\.0\.0\.1 cannot be reached: .*refused.* {ways_out}"):
        fetch(f"{address}/v")
    assert fetch.waits == [1.0, 2.0]


def test_a_part_that_was_not_asked_for_is_not_put_in(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT, cut_after(300_000), wrong_part)
    assert fetch(url) == CONTENT
    assert publisher.ranges() == ["", "bytes=300000-", ""]


def test_compressed_answers_are_refused(publisher: Publisher, fetch: Fetching) -> None:
    with pytest.raises(DownloadFailed, match="compressed"):
        fetch(publisher.publish("/v", CONTENT, compressed))


def test_a_full_disk_is_told_as_such(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(StoreNotWritable, match="is full"):
            fetch(url)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert fetch(url) == CONTENT
    assert publisher.ranges() == ["", "bytes=500000-"]


def test_ctrl_c_keeps_what_arrived(publisher: Publisher, fetch: Fetching) -> None:
    url = publisher.publish("/v", CONTENT)

    def interrupt(done: int, total: int | None) -> None:
        if done > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Downloader(patience=QUICK).fetch(wanted(), fetch.folder, url=url, watch=interrupt)
    assert fetch.left() == [f"{NAME}.partial", f"{NAME}.partial.json"]
    assert fetch(url) == CONTENT
    assert publisher.ranges()[1].startswith("bytes=2")


@pytest.mark.parametrize(
    ("code", "part"),
    [(416, "bytes */0"), (416, ""), (206, f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}"), (206, "")],
)
def test_an_answer_to_a_range_that_nobody_asked_for_is_refused(
    publisher: Publisher, fetch: Fetching, code: int, part: str
) -> None:
    def answer(reply: Reply) -> None:
        reply.head(code, len(CONTENT), Content_Range=part)
        reply.send(CONTENT)

    with pytest.raises(DownloadFailed, match=rf"had been asked for \(HTTP {code}\)"):
        fetch(publisher.publish("/v", CONTENT, answer))
    assert fetch.left() == []


@pytest.mark.parametrize("length", ["9" * 5000, "٣", "-1"])
def test_a_length_that_is_no_number_is_as_good_as_none(
    publisher: Publisher, fetch: Fetching, length: str
) -> None:
    def answer(reply: Reply) -> None:
        reply.head(200, None, Content_Length=length.encode().decode("latin-1"))
        reply.send(CONTENT)

    assert fetch(publisher.publish("/v", CONTENT, answer)) == CONTENT
