"""The table of verdicts, a line as soon as each is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """A line of the table: what was promised of `subject`, what was seen, and whether that keeps the promise."""

    subject: str
    bound: str
    observed: str
    kept: bool


def print_title() -> None:
    _print("", "bound", "observed", "verdict")


def print_row(verdict: Verdict) -> None:
    word = "kept" if verdict.kept else "BROKEN"
    _print(verdict.subject, verdict.bound, verdict.observed, word)


def _print(subject: str, bound: str, observed: str, word: str) -> None:
    print(f"{subject:<40}{bound:<36}{observed:<22}{word}", flush=True)
