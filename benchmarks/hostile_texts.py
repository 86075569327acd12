"""A hundred thousand hostile texts: `python -m benchmarks.hostile_texts [--count 100000] [--seed 1]`.

A process of its own prepares each text and speaks it through the engine chain as a worker does (the starter voices,
then espeak-ng), texts of even numbers with automatic fallback, odd ones by the fallback alone. Prints what became of
them. Exits with 1 when the process died, or when anything came out of it but audio or a refusal that history knows.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

from tests.hostile import hostile_text
from tts.engines.base import CancelToken, Deadline, SpeechTask
from tts.engines.chain import AllEnginesFailed, EngineChain, Mode
from tts.engines.registry import EngineSettings, engine_build
from tts.text import NothingToSpeak, prepare

STARTERS = frozenset({"voxgate-starter-en", "voxgate-starter-zh"})
DEADLINE_SECONDS = 15.0
REPORT_EVERY = 1000


def build_chain(directory: Path) -> EngineChain:
    settings = EngineSettings(directory / "voices", directory / "cache", starter_voices=STARTERS)
    chain = EngineChain(
        engine_build("tts.engines.onnx.factory:build", settings),
        engine_build("tts.engines.espeak.factory:build", settings),
    )
    chain.primary.warm_up(deadline=Deadline.after(60.0))
    return chain


def outcome_of(chain: EngineChain, text: str, mode: Mode) -> str:
    """What became of one text, as history would name it; the type of what should not have come out."""
    try:
        task = SpeechTask(prepare(text).sentences)
        synthesis = chain.run(
            task, mode=mode, deadline=Deadline.after(DEADLINE_SECONDS), cancel=CancelToken()
        )
    except NothingToSpeak:
        return "refused: nothing to speak"
    except AllEnginesFailed as failure:
        return f"failed: {failure.attempts[-1].outcome}"
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is what this program looks for
        return f"UNEXPECTED {type(problem).__name__}"
    return f"spoken by {synthesis.engine}, fallback {synthesis.fallback}"


def speak_all(pipe: Connection, directory: str, first: int, count: int, seed: int) -> None:
    """In the process that may die: (number, outcome) of each text goes through `pipe`."""
    chain = build_chain(Path(directory))
    for number in range(first, first + count):
        mode = Mode.FALLBACK if number % 2 else Mode.AUTO
        pipe.send((number, outcome_of(chain, hostile_text(number, seed=seed), mode)))
    chain.close()
    pipe.close()


def run(count: int, seed: int, first: int) -> tuple[Counter[str], int | None]:
    """Outcomes, and the number of the text during which the process died."""
    outcomes: Counter[str] = Counter()
    started, number = time.monotonic(), first - 1
    with tempfile.TemporaryDirectory() as directory:
        receiver, sender = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("spawn").Process(
            target=speak_all, args=(sender, directory, first, count, seed)
        )
        process.start()
        sender.close()
        try:
            for done in range(1, count + 1):
                number, outcome = receiver.recv()
                outcomes[outcome] += 1
                if done % REPORT_EVERY == 0:
                    rate = done / (time.monotonic() - started)
                    print(
                        f"{done} of {count}, {rate:.0f}/s, {(count - done) / rate / 60:.0f} min left",
                        flush=True,
                    )
        except EOFError:
            process.join()
            return outcomes, number + 1
        process.join()
    return outcomes, None if process.exitcode == 0 else number


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first text")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    outcomes, died_at = run(arguments.count, arguments.seed, arguments.first)
    for outcome, count in outcomes.most_common():
        print(f"{count:8} {outcome}")
    if died_at is not None:
        print(f"the process died at text {died_at}")
    unexpected = [outcome for outcome in outcomes if outcome.startswith("UNEXPECTED")]
    return 1 if died_at is not None or unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
