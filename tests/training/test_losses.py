from dataclasses import replace

import pytest

from tests.training.made_up import made_up_utterances
from tts.training.symbols import SymbolTable
from tts.training.utterance import CEPSTRA

torch = pytest.importorskip("torch", reason="the training environment has PyTorch, the platform's has not")

from torch import Generator  # noqa: E402 - needs PyTorch

from tts.training.batches import Batch, Example, collate  # noqa: E402 - needs PyTorch
from tts.training.losses import cropped, losses, whole  # noqa: E402 - needs PyTorch
from tts.training.network import LOG_F0, VOICING, Network, Size  # noqa: E402 - needs PyTorch

EXAMPLES = [Example.of(utterance) for utterance in made_up_utterances(4)]
TABLE = SymbolTable.of(example.symbols for example in EXAMPLES)
LENGTH = 30


@pytest.fixture
def batch() -> Batch:
    return collate(EXAMPLES, TABLE)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(7)
    return Network(Size(symbols=len(TABLE), text_channels=16, frame_channels=16, frame_blocks=2))


def chance(seed: int = 7) -> Generator:
    return Generator().manual_seed(seed)


def test_a_crop_is_a_stretch_of_each_utterance(batch: Batch) -> None:
    crop = cropped(batch, chance(), LENGTH)
    for row, example in enumerate(EXAMPLES):
        numbers = crop.frames[row].tolist()
        assert numbers == list(range(numbers[0], numbers[0] + LENGTH))
        assert numbers[-1] < example.frames
        assert torch.equal(crop.features[row], batch.features[row, numbers[0] : numbers[-1] + 1])


def test_crops_differ_with_the_generator_only(batch: Batch) -> None:
    assert torch.equal(cropped(batch, chance(), LENGTH).frames, cropped(batch, chance(), LENGTH).frames)
    assert not torch.equal(cropped(batch, chance(), LENGTH).frames, cropped(batch, chance(8), LENGTH).frames)


def test_frames_next_to_a_cut_do_not_count_and_those_at_the_ends_do(batch: Batch) -> None:
    crops = [cropped(batch, chance(seed), LENGTH) for seed in range(40)]
    first = {float(crop.counts[row, 0, 0]) for crop in crops for row in range(4) if crop.frames[row, 0] > 0}
    begin = {float(crop.counts[row, 0, 0]) for crop in crops for row in range(4) if crop.frames[row, 0] == 0}
    assert first == {0.0}
    assert begin == {1.0}
    assert all(bool(crop.counts[:, LENGTH // 2].all()) for crop in crops)


def test_short_utterances_are_not_cropped(batch: Batch) -> None:
    crop = cropped(batch, chance(), 10_000)
    assert torch.equal(crop.features, batch.features)
    assert torch.equal(crop.counts, batch.frame_mask)


def test_padding_does_not_change_losses(network: Network) -> None:
    both = collate(EXAMPLES[:2], TABLE)
    alone = [
        losses(network, batch, whole(batch)).values() for batch in (collate([e], TABLE) for e in EXAMPLES[:2])
    ]
    weights = [float(example.frames) for example in EXAMPLES[:2]]
    expected = sum(part["cepstra"] * w for part, w in zip(alone, weights, strict=True)) / sum(weights)
    assert losses(network, both, whole(both)).values()["cepstra"] == pytest.approx(expected, rel=1e-4)


def test_what_the_network_says_anyway_costs_nothing(network: Network, batch: Batch) -> None:
    with torch.no_grad():
        network.leave.weight.zero_()
        network.leave.bias.zero_()
        network.leave.bias[VOICING] = 20.0
        features = torch.zeros_like(batch.features)
        features[..., VOICING] = 1.0
        parts = losses(network, batch, whole(replace(batch, features=features))).values()
    for name, value in parts.items():
        assert value == pytest.approx(0.0, abs=1e-5) or name == "duration"


def test_pitch_errors_weigh_more_in_tone_languages_only(network: Network, batch: Batch) -> None:
    tonal = replace(batch, tonal=torch.ones(4))
    plain = losses(network, tonal, whole(tonal)).values()
    heavy = losses(network, tonal, whole(tonal), tone_weight=2.0).values()
    assert heavy["pitch"] == pytest.approx(2.0 * plain["pitch"])
    assert heavy["pitch_change"] == pytest.approx(2.0 * plain["pitch_change"])
    assert heavy["spectrum"] == plain["spectrum"]
    untouched = losses(network, batch, whole(batch), tone_weight=2.0).values()
    assert untouched["pitch"] == plain["pitch"]


def test_pitch_counts_less_where_nothing_is_voiced(network: Network, batch: Batch) -> None:
    features = batch.features.clone()
    unvoiced = features[..., VOICING] < 0.5
    features[..., LOG_F0] = torch.where(unvoiced, features[..., LOG_F0] + 5.0, features[..., LOG_F0])
    shifted = whole(replace(batch, features=features))
    before, after = (losses(network, batch, crop).values() for crop in (whole(batch), shifted))
    share = float((unvoiced * batch.frame_mask[..., 0]).sum() / batch.frame_mask.sum())
    assert after["pitch"] - before["pitch"] < 5.0 * share
    assert shifted.features.shape[2] == CEPSTRA + 2
