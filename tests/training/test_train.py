import math
from pathlib import Path

import pytest

from tests.training.made_up import made_up_utterances
from tts.training.utterance import write_utterances

torch = pytest.importorskip("torch", reason="the training environment has PyTorch, the platform's has not")

from torch import Tensor  # noqa: E402 - needs PyTorch

from tts.training import train as training_module  # noqa: E402 - needs PyTorch
from tts.training.batches import Example  # noqa: E402 - needs PyTorch
from tts.training.network import Size  # noqa: E402 - needs PyTorch
from tts.training.symbols import SymbolTable  # noqa: E402 - needs PyTorch
from tts.training.train import (  # noqa: E402 - needs PyTorch
    LAST_RATE_SHARE,
    PEAK_RATE,
    WARM_UP_STEPS,
    Plan,
    Training,
    held_out_losses,
    learning_rate,
    load,
    main,
    save,
    train,
)

# Enough sentences that some are held out.
EXAMPLES = [Example.of(utterance) for utterance in made_up_utterances(120, speakers=2)]
SYMBOLS = len(SymbolTable.of(example.symbols for example in EXAMPLES))
SMALL = Size(symbols=SYMBOLS, text_channels=16, frame_channels=16, frame_blocks=2)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def begun(**plan: object) -> Training:
    return Training(EXAMPLES, Plan(**{"steps": 20, "batch_size": 4} | plan), SMALL)  # type: ignore[arg-type]  # a test's own choice


def weights(training: Training) -> list[Tensor]:
    return [*training.network.state_dict().values(), *training.average.values()]


def same(first: Training, second: Training) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(first), weights(second), strict=True))


def test_two_runs_give_equal_weights() -> None:
    first, second = begun(), begun()
    for _ in range(20):
        first.advance()
        second.advance()
    assert same(first, second)


def test_another_seed_gives_other_weights() -> None:
    assert not same(begun(seed=7), begun(seed=8))


def test_a_resumed_run_ends_like_one_that_was_not_interrupted(tmp_path: Path) -> None:
    straight, interrupted = begun(), begun()
    for _ in range(8):
        interrupted.advance()
    save(interrupted.state(), tmp_path / "x.pt")
    resumed = begun()
    resumed.resume(load(tmp_path / "x.pt"))
    assert resumed.step == 8
    for _ in range(20):
        straight.advance()
    for _ in range(12):
        resumed.advance()
    assert same(straight, resumed)


def test_a_checkpoint_of_another_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="another seed"):
        begun(seed=8).resume(begun(seed=7).state())


@pytest.mark.parametrize("bfloat16", [False, True])
def test_training_learns(bfloat16: bool) -> None:
    training = begun(steps=150, bfloat16=bfloat16, batch_size=8)
    first = training.advance()
    for _ in range(148):
        training.advance()
    last = training.advance()
    assert last["spectrum"] < 0.7 * first["spectrum"]
    assert last["voicing"] < 0.7 * first["voicing"]
    assert last["duration"] < 0.7 * first["duration"]


def test_held_out_losses_are_told_by_language_and_speaker() -> None:
    training = begun()
    result = held_out_losses(training.averaged(), training.table, EXAMPLES)
    assert list(result) == ["en-US 0", "en-US 1"]
    assert all(
        math.isfinite(value) and value > 0.0 for values in result.values() for value in values.values()
    )


def test_calibration_slows_down_what_is_too_fast() -> None:
    training = begun()
    with torch.no_grad():
        training.average["duration.weight"].zero_()
        training.average["duration.bias"].fill_(math.log(4.0))
    # Every symbol is predicted to last 3 frames; those of the made-up speech last 4 to 8.
    pace = training.averaged().statistics.pace
    assert 1.5 < float(pace[0]) < 2.5
    assert float(pace[2]) == 1.0


def test_calibration_widens_what_is_too_flat_within_limits() -> None:
    training = begun()
    with torch.no_grad():
        training.average["leave.weight"].mul_(0.01)
    spread = training.averaged().statistics.spread
    assert float(spread[0].max()) == pytest.approx(1.35)
    assert bool((spread >= 1.0).all())
    assert spread[0, :2].tolist() == [1.0, 1.0]


def test_the_rate_rises_then_falls() -> None:
    rates = [learning_rate(step, 1000) for step in range(1000)]
    assert max(rates) == rates[WARM_UP_STEPS] == pytest.approx(PEAK_RATE)
    assert rates[:WARM_UP_STEPS] == sorted(rates[:WARM_UP_STEPS])
    assert rates[WARM_UP_STEPS:] == sorted(rates[WARM_UP_STEPS:], reverse=True)
    assert rates[-1] == pytest.approx(PEAK_RATE * LAST_RATE_SHARE, rel=0.02)
    assert [learning_rate(step, None) for step in range(WARM_UP_STEPS)] == rates[:WARM_UP_STEPS]


def test_minutes_are_turned_into_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_module, "_TIMED_STEPS", 3)
    training = begun(steps=None, minutes=1e-9)
    train(training, tmp_path / "x.pt")
    assert training.steps == training.step == 4
    assert load(tmp_path / "x.pt")["steps"] == 4


def test_the_command_writes_a_checkpoint_and_goes_on_from_it(tmp_path: Path) -> None:
    write_utterances(tmp_path / "data" / "1.npz", made_up_utterances(20))
    command = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out" / "x.pt")]
    main([*command, "--steps", "2"])
    first = load(tmp_path / "out" / "x.pt")
    main([*command, "--steps", "3", "--resume"])
    second = load(tmp_path / "out" / "x.pt")
    assert (first["step"], second["step"]) == (2, 3)
    assert second["languages"] == ["en-US"]


def test_the_command_asks_how_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path), "--out", str(tmp_path / "x.pt")])
    assert "--steps" in capsys.readouterr().err
