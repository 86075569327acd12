from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.made_up import made_up_utterance, made_up_utterances
from tts.training.symbols import SymbolTable
from tts.training.utterance import CEPSTRA, write_utterances

torch = pytest.importorskip("torch", reason="the training environment has PyTorch, the platform's has not")

from tts.training.batches import (  # noqa: E402 - needs PyTorch
    Batches,
    Example,
    collate,
    feature_statistics,
    held_out,
    inserted,
    joined,
    load_examples,
    without_final_mark,
    word_ends,
)

EXAMPLES = [Example.of(utterance) for utterance in made_up_utterances(30, speakers=2)]
TABLE = SymbolTable.of(example.symbols for example in EXAMPLES)
TABLE_OF_BOTH = SymbolTable.of([*(example.symbols for example in EXAMPLES), tuple("^1234$")])


def test_examples_come_from_all_files_in_order(tmp_path: Path) -> None:
    utterances = made_up_utterances(5)
    write_utterances(tmp_path / "b" / "1.npz", utterances[3:])
    write_utterances(tmp_path / "a" / "2.npz", utterances[1:3])
    write_utterances(tmp_path / "a" / "1.npz", utterances[:1])
    loaded = load_examples([tmp_path / "a", tmp_path / "b"])
    assert [example.symbols for example in loaded] == [utterance.symbols for utterance in utterances]


def test_utterances_next_to_unvoiced_are_left_out(tmp_path: Path) -> None:
    utterance = made_up_utterance(1)
    silent = replace(utterance, voiced=np.zeros_like(utterance.voiced))
    write_utterances(tmp_path / "1.npz", [silent])
    with pytest.raises(ValueError, match="no usable utterance"):
        load_examples([tmp_path])


def test_a_sentence_is_held_out_for_every_speaker_or_none() -> None:
    examples = [Example.of(utterance) for utterance in made_up_utterances(400, speakers=2)]
    flags = [example.held_out for example in examples]
    assert flags[::2] == flags[1::2]
    assert 0.005 < np.mean(flags) < 0.05
    groups = list(held_out(examples))
    assert [(language, speaker) for language, speaker, _ in groups] == [("en-US", 0), ("en-US", 1)]
    assert sum(len(group) for _, _, group in groups) == sum(flags)


def test_a_batch_is_padded_and_masked() -> None:
    short, long = (Example.of(made_up_utterance(1, symbols=count)) for count in (4, 9))
    batch = collate([short, long], TABLE)
    assert batch.ids.shape == (2, 12)
    assert batch.symbol_mask.sum(dim=(1, 2)).tolist() == [7, 12]
    assert batch.frame_mask.sum(dim=(1, 2)).tolist() == [short.frames, long.frames]
    assert batch.durations.sum(dim=1).tolist() == [short.frames, long.frames]
    assert batch.features.shape == (2, long.frames, CEPSTRA + 2)
    assert not batch.features[0, short.frames :].any()


def test_batches_depend_on_seed_and_step_only() -> None:
    first, second = (Batches(EXAMPLES, TABLE, size=4, seed=7) for _ in range(2))
    forwards = [first.at(step).ids for step in range(40)]
    backwards = [second.at(step).ids for step in reversed(range(40))]
    assert all(torch.equal(a, b) for a, b in zip(forwards, reversed(backwards), strict=True))
    other = Batches(EXAMPLES, TABLE, size=4, seed=8)
    assert not all(torch.equal(other.at(step).ids, ids) for step, ids in enumerate(forwards))


def test_an_epoch_holds_every_sentence_once() -> None:
    examples = [Example.of(made_up_utterance(n, symbols=10 + n)) for n in range(12)]
    batches = Batches(examples, TABLE, size=4, seed=7)
    lengths = [
        length for step in range(len(batches)) for length in batches.at(step).symbol_mask.sum(dim=(1, 2))
    ]
    # Joined ones are longer and unmarked ones shorter, so only those left alone can be counted.
    assert len(lengths) == 12
    assert len({int(length) for length in lengths}) >= 8


def test_joined_sentences_have_a_space_and_no_pause_between() -> None:
    first, second = EXAMPLES[0], EXAMPLES[2]
    both = joined(first, second)
    assert "".join(both.symbols) == "".join(first.symbols[:-2]) + " " + "".join(second.symbols[1:])
    silence = int(first.durations[-2:].sum() + second.durations[0])
    assert both.frames == int(both.durations.sum()) == first.frames + second.frames - silence


def test_an_inserted_phrase_stands_between_spaces() -> None:
    host, guest = EXAMPLES[0], EXAMPLES[2]
    mixed = inserted(host, 4, guest)
    words = "".join(guest.symbols[1:-2])
    assert "".join(mixed.symbols) == "".join(host.symbols[:4]) + f" {words} " + "".join(host.symbols[4:])
    assert int(mixed.durations.sum()) == mixed.frames == host.frames + int(guest.durations[1:-2].sum())
    place = mixed.symbols.index(" ")
    first = int(mixed.durations[:place].sum())
    silence = int(guest.durations[0])
    assert np.array_equal(mixed.features[first : first + 4], guest.features[silence : silence + 4])


def test_phrases_are_inserted_after_words_only() -> None:
    assert word_ends("^ab ni3xaʊ˙.$") == [4, 7]


def test_phrases_of_another_language_are_met_in_some_batches() -> None:
    chinese = [
        Example.of(
            replace(
                made_up_utterance(n, language="zh-CN"),
                symbols=tuple("^ai1su2oi3ka4.$"),
                durations=made_up_utterance(n).durations,
            )
        )
        for n in range(40)
    ]
    batches = Batches([*chinese, *EXAMPLES[::2]], TABLE_OF_BOTH, size=4, seed=7)
    space = TABLE_OF_BOTH.ids(" ")[0]
    spaces = [(batches.at(step).ids == space).sum(dim=1) for step in range(60)]
    assert any(bool((count == 2).any()) for count in spaces)


def test_a_sentence_may_lose_its_final_mark_but_not_its_length() -> None:
    bare = without_final_mark(EXAMPLES[0])
    assert bare.symbols == (*EXAMPLES[0].symbols[:-2], "$")
    assert int(bare.durations.sum()) == bare.frames == EXAMPLES[0].frames


def test_a_question_keeps_its_mark() -> None:
    question = Example.of(made_up_utterance(1, mark="?"))
    assert without_final_mark(question) is question


def test_statistics_are_those_of_each_speaker() -> None:
    mean, deviation = feature_statistics(EXAMPLES, 3)
    for speaker in range(2):
        frames = np.concatenate([e.features for e in EXAMPLES if e.speaker == speaker]).astype(np.float64)
        assert mean[speaker, :CEPSTRA].numpy() == pytest.approx(frames[:, :CEPSTRA].mean(axis=0), abs=1e-4)
        voiced = frames[frames[:, -1] > 0.5]
        assert float(deviation[speaker, CEPSTRA]) == pytest.approx(voiced[:, CEPSTRA].std(), abs=1e-4)
    assert mean[2].tolist() == [0.0] * (CEPSTRA + 1)
    assert bool((deviation > 0.0).all())
