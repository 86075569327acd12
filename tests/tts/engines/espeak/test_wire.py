import os

import pytest

from tts.engines.espeak import wire
from tts.engines.espeak.wire import Clause, Utterance


def test_synthesis_request_survives_the_pipe() -> None:
    utterance = Utterance("你好\n“quoted”", "cmn", "f5", 90, 80, 1, 99)
    message = wire.pack_synthesis(utterance)
    assert message[:1] == b"S"
    assert wire.unpack_synthesis(message[1:]) == utterance


def test_phonemes_survive_the_pipe() -> None:
    clauses = [Clause("ni2", "你，好"), Clause("", "")]
    assert wire.unpack_clauses(wire.pack_clauses(clauses)) == clauses
    assert wire.unpack_clauses(wire.pack_clauses([])) == []


def test_field_separator_in_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        wire.pack_phonemization("a\0b", "cmn")


def test_message_is_written_whole_and_framed_by_its_length() -> None:
    reading, writing = os.pipe()
    try:
        wire.write_all(writing, wire.framed(b"x" * 1000))
        assert os.read(reading, 2000) == (1000).to_bytes(4, "little") + b"x" * 1000
    finally:
        os.close(reading)
        os.close(writing)
