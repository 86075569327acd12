import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import espeakng_loader
import pytest

from tests.tts.engines.espeak.texts import CRASHING, HELLO, HOSTILE, NI_HAO, soon
from tests.tts.engines.espeak.workers import children_of
from tts.engines.base import (
    BadOutput,
    CancelToken,
    Deadline,
    EngineError,
    EngineTimeout,
    NoVoice,
    SynthesisCanceled,
)
from tts.engines.espeak import process as process_module
from tts.engines.espeak.process import EspeakProcess
from tts.engines.espeak.wire import Utterance


class Background:
    """A call on a thread of its own."""

    def __init__(self, call: Callable[[], bytes]) -> None:
        self.result: bytes | None = None
        self.error: Exception | None = None
        self._call = call
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._call()
        except EngineError as error:
            self.error = error

    def join(self) -> None:
        self._thread.join(5)
        assert not self._thread.is_alive()


def stopped_server(process: EspeakProcess) -> int:
    """A server that hangs for good."""
    process.synthesize(HELLO, deadline=soon())
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    return process.pid


def test_server_starts_with_the_first_request_and_stays(process: EspeakProcess) -> None:
    assert process.pid is None
    process.synthesize(HELLO, deadline=soon())
    pid = process.pid
    process.synthesize(NI_HAO, deadline=soon())
    assert pid is not None
    assert process.pid == pid
    assert process.starts == 1


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("voice", ["en-us", "cmn", "ar"])
def test_next_request_is_unchanged_byte_for_byte(
    shared_process: EspeakProcess, hostile: str, voice: str
) -> None:
    expected = [shared_process.synthesize(one, deadline=soon()) for one in (HELLO, NI_HAO)]
    phonemes = shared_process.phonemize(NI_HAO.text, voice="cmn", deadline=soon())
    problem = ""
    try:
        shared_process.synthesize(Utterance(hostile, voice, "f2", 300, 150, 90, 90), deadline=soon())
        shared_process.phonemize(hostile, voice=voice, deadline=soon())
    except EngineError as error:
        problem = str(error)
    assert hostile not in problem
    assert [shared_process.synthesize(one, deadline=soon()) for one in (HELLO, NI_HAO)] == expected
    assert shared_process.phonemize(NI_HAO.text, voice="cmn", deadline=soon()) == phonemes
    assert shared_process.starts == 1


def test_every_server_gives_the_same_bytes(process: EspeakProcess) -> None:
    utterances = [HELLO._replace(variant=variant) for variant in ("", "f2", "f3", "f5", "benjamin", "Reed")]
    expected = [process.synthesize(one, deadline=soon()) for one in utterances]
    # espeak-ng would seed its noise with the second of its start: go on until that has changed.
    second = int(time.time())
    while int(time.time()) == second:
        process.close()
        process.synthesize(HELLO, deadline=soon())
    process.close()
    assert [process.synthesize(one, deadline=soon()) for one in utterances] == expected


def test_crash_of_the_library_fails_that_request_only(
    process: EspeakProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = process.synthesize(HELLO, deadline=soon())
    monkeypatch.setattr(process_module, "cleaned", str)
    for voice in ("en-us", "cmn"):
        with pytest.raises(EngineError, match="SIGABRT") as caught:
            process.synthesize(Utterance(CRASHING, voice), deadline=soon())
        assert "s's" not in str(caught.value)
        with pytest.raises(EngineError, match="SIGABRT"):
            process.phonemize(CRASHING, voice=voice, deadline=soon())
    assert process.synthesize(HELLO, deadline=soon()) == expected
    assert process.starts == 1


def test_commands_in_the_text_do_not_reach_the_next_request_even_uncleaned(
    process: EspeakProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = process.synthesize(HELLO, deadline=soon())
    monkeypatch.setattr(process_module, "cleaned", str)
    slow = process.synthesize(HELLO._replace(text="\x0180S" + HELLO.text), deadline=soon())
    assert len(slow) > 1.3 * len(expected)
    assert process.synthesize(HELLO, deadline=soon()) == expected


def test_server_killed_between_requests_is_replaced(process: EspeakProcess) -> None:
    expected = process.synthesize(HELLO, deadline=soon())
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    assert process.synthesize(HELLO, deadline=soon()) == expected
    assert process.starts == 2


def test_server_killed_in_the_middle_of_a_request_is_replaced_and_asked_again(process: EspeakProcess) -> None:
    expected = process.synthesize(HELLO, deadline=soon())
    pid = stopped_server(process)
    call = Background(lambda: process.synthesize(HELLO, deadline=soon()))
    os.kill(pid, signal.SIGKILL)
    call.join()
    assert call.result == expected


def test_library_that_cannot_be_loaded_is_an_engine_error(
    process: EspeakProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path / "missing"))
    with pytest.raises(EngineError, match="cannot be loaded"):
        process.synthesize(HELLO, deadline=soon())
    assert process.starts == process_module.ATTEMPTS
    monkeypatch.undo()
    assert process.synthesize(HELLO, deadline=soon())


def test_hanging_server_times_out_and_is_replaced(process: EspeakProcess) -> None:
    pid = stopped_server(process)
    started = time.monotonic()
    with pytest.raises(EngineTimeout):
        process.synthesize(HELLO, deadline=soon(0.3))
    assert 0.3 <= time.monotonic() - started < 0.6
    assert not Path(f"/proc/{pid}").exists()
    assert process.synthesize(HELLO, deadline=soon())


def test_large_request_to_a_hanging_server_times_out(process: EspeakProcess) -> None:
    stopped_server(process)
    more_than_a_pipe_holds = NI_HAO._replace(text="好" * 60_000)
    with pytest.raises(EngineTimeout):
        process.synthesize(more_than_a_pipe_holds, deadline=soon(0.2))


def test_deadline_counts_on_the_clock_it_was_made_with(process: EspeakProcess) -> None:
    stopped_server(process)
    readings = iter(range(1000))
    started = time.monotonic()
    with pytest.raises(EngineTimeout):
        process.synthesize(HELLO, deadline=Deadline.after(5, clock=lambda: float(next(readings))))
    assert time.monotonic() - started < 2


def test_cancellation_ends_a_request_under_way(process: EspeakProcess) -> None:
    stopped_server(process)
    cancel = CancelToken()
    call = Background(lambda: process.synthesize(HELLO, deadline=soon(), cancel=cancel))
    cancel.cancel()
    call.join()
    assert isinstance(call.error, SynthesisCanceled)
    assert process.synthesize(HELLO, deadline=soon())


def test_waiting_thread_keeps_its_own_deadline_and_cancellation(process: EspeakProcess) -> None:
    stopped_server(process)
    first_cancel, second_cancel = CancelToken(), CancelToken()
    first = Background(lambda: process.synthesize(HELLO, deadline=soon(), cancel=first_cancel))
    with pytest.raises(EngineTimeout):
        process.synthesize(NI_HAO, deadline=soon(0.1))
    second = Background(lambda: process.synthesize(NI_HAO, deadline=soon(), cancel=second_cancel))
    second_cancel.cancel(EngineTimeout)
    second.join()
    assert isinstance(second.error, EngineTimeout)
    first_cancel.cancel()
    first.join()


def test_threads_share_a_server_without_mixing_answers(process: EspeakProcess) -> None:
    utterances = (HELLO, NI_HAO)
    expected = {one: process.synthesize(one, deadline=soon()) for one in utterances}
    answers: dict[Utterance, set[bytes]] = {}

    def ask(utterance: Utterance) -> bytes:
        answers[utterance] = {process.synthesize(utterance, deadline=soon()) for _ in range(25)}
        return b""

    calls = [Background(partial(ask, one)) for one in utterances]
    for call in calls:
        call.join()
        assert call.error is None
    assert answers == {one: {audio} for one, audio in expected.items()}
    assert process.starts == 1


def test_close_is_idempotent_and_leaves_no_process(process: EspeakProcess) -> None:
    process.close()
    process.synthesize(HELLO, deadline=soon())
    pid = process.pid
    process.close()
    process.close()
    assert process.pid is None
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_hundred_restarts_leak_neither_descriptors_nor_processes(process: EspeakProcess) -> None:
    tiny = Utterance("a", "en-us")
    process.synthesize(tiny, deadline=soon())
    process.close()
    descriptors, children = len(os.listdir("/proc/self/fd")), children_of(os.getpid())
    for turn in range(200):
        process.synthesize(tiny, deadline=soon())
        if turn % 2:
            process.close()
        else:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
    process.close()
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert children_of(os.getpid()) == children


@pytest.mark.parametrize(
    ("voice", "variant"),
    [("xx", ""), ("en-us", "nosuch"), ("../en", ""), ("en-us", "../!v/f2"), ("", ""), ("en us", "")],
)
def test_unknown_voice_is_refused(shared_process: EspeakProcess, voice: str, variant: str) -> None:
    with pytest.raises(NoVoice):
        shared_process.synthesize(HELLO._replace(voice=voice, variant=variant), deadline=soon())


def test_language_tags_are_understood_where_they_are_nobodys_name(shared_process: EspeakProcess) -> None:
    mandarin = shared_process.phonemize("你好", voice="cmn", deadline=soon())
    assert shared_process.phonemize("你好", voice="zh", deadline=soon()) == mandarin


def test_audio_beyond_ten_minutes_is_refused(shared_process: EspeakProcess) -> None:
    with pytest.raises(BadOutput):
        shared_process.synthesize(NI_HAO._replace(text="好" * 20_000), deadline=soon())


def test_twenty_thousand_characters_are_phonemised(shared_process: EspeakProcess) -> None:
    clauses = shared_process.phonemize(("好" * 50 + "，") * 400, voice="cmn", deadline=soon())
    assert sum(clause.phonemes.count("χ") for clause in clauses) == 20_000


def test_oversized_request_is_refused_before_it_is_sent(process: EspeakProcess) -> None:
    with pytest.raises(EngineError, match="too long"):
        process.synthesize(NI_HAO._replace(text="好" * 400_000), deadline=soon())
    assert process.starts == 0
