import pytest

from tts.training.utterance import CEPSTRA

torch = pytest.importorskip("torch", reason="the training environment has PyTorch, the platform's has not")

from tts.training.network import (  # noqa: E402 - needs PyTorch
    Network,
    Size,
    duration_in_frames,
    position_features,
    symbol_of_frame,
    whole_frames,
)

SMALL = Size(symbols=12, text_channels=16, frame_channels=16, frame_blocks=2)


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(7)
    network = Network(SMALL)
    network.eval()
    return network


def test_the_usual_size_fits_a_file_of_4_million_bytes() -> None:
    parameters = sum(parameter.numel() for parameter in Network(Size(symbols=120)).parameters())
    assert 1_500_000 < parameters < 1_920_000


def test_padding_changes_nothing(network: Network) -> None:
    ids, speaker = torch.tensor([[1, 5, 7, 9, 2]]), torch.tensor([3])
    alone = network.encode(ids, speaker, torch.ones(1, 5, 1))
    padded = network.encode(
        torch.nn.functional.pad(ids, (0, 6)), speaker, (torch.arange(11) < 5).float().reshape(1, 11, 1)
    )
    assert torch.allclose(alone[0], padded[0][:, :5], atol=1e-5)
    assert torch.allclose(alone[1], padded[1][:, :5], atol=1e-5)
    text, position = torch.randn(1, 9, 16), torch.randn(1, 9, 4)
    frames = network.decode(text, position, speaker, torch.ones(1, 9, 1))
    longer = network.decode(
        torch.nn.functional.pad(text, (0, 0, 0, 7)),
        torch.nn.functional.pad(position, (0, 0, 0, 7)),
        speaker,
        (torch.arange(16) < 9).float().reshape(1, 16, 1),
    )
    assert frames.shape == (1, 9, CEPSTRA + 2)
    assert torch.allclose(frames, longer[:, :9], atol=1e-5)


def test_the_last_symbol_reaches_the_first(network: Network) -> None:
    # A question is asked from its first word on.
    statement, question = torch.full((1, 90), 4), torch.full((1, 90), 4)
    question[0, -1] = 5
    mask, speaker = torch.ones(1, 90, 1), torch.tensor([0])
    first, second = (network.encode(ids, speaker, mask)[0][0, 0] for ids in (statement, question))
    assert not torch.equal(first, second)


def test_speakers_differ(network: Network) -> None:
    ids, mask = torch.tensor([[1, 5, 2]]), torch.ones(1, 3, 1)
    vectors = [network.encode(ids, torch.tensor([speaker]), mask)[0] for speaker in range(4)]
    assert not torch.equal(vectors[0], vectors[1])


def test_durations_below_a_third_of_a_frame_are_none() -> None:
    logarithms = torch.log(torch.tensor([[0.0, 0.3, 0.4, 5.0]]) + 1.0)
    assert duration_in_frames(logarithms).tolist()[0] == pytest.approx([0.0, 0.0, 0.4, 5.0], abs=1e-5)


def test_rounding_never_adds_up() -> None:
    durations = torch.full((1, 200), 0.4)
    whole = whole_frames(durations)
    assert int(whole.sum()) == 80
    assert set(whole.unique().tolist()) == {0, 1}


def test_frames_belong_to_the_symbols_that_last_that_long() -> None:
    durations = torch.tensor([[2, 0, 3, 1]])
    assert symbol_of_frame(durations, torch.arange(6)).tolist() == [[0, 0, 2, 2, 2, 3]]
    assert symbol_of_frame(durations, torch.tensor([[4, 5]])).tolist() == [[2, 3]]


def test_frames_after_the_end_belong_to_the_last_symbol() -> None:
    assert symbol_of_frame(torch.tensor([[1, 1]]), torch.arange(4)).tolist() == [[0, 1, 1, 1]]


def test_a_stretch_of_frames_has_the_positions_of_the_whole() -> None:
    durations = torch.tensor([[2, 0, 3, 1]])
    numbers = torch.arange(6)
    everywhere = position_features(durations, symbol_of_frame(durations, numbers), numbers)
    some = torch.tensor([[2, 3, 4]])
    assert torch.equal(
        everywhere[:, 2:5], position_features(durations, symbol_of_frame(durations, some), some)
    )
    assert everywhere[0, 2:5, 0].tolist() == pytest.approx([1 / 6, 3 / 6, 5 / 6])
