"""What may be told of an exception that nobody expected: everything but its message, which may quote a client."""

import traceback

from django.db import Error as DatabaseProblem
from psycopg import Error as DriverProblem


def name_of(problem: BaseException) -> str:
    """The type; of a database's complaint also its SQLSTATE and the constraint it names.

    PostgreSQL puts values of the row into its messages and details (`Key (written)=(…) already exists`).
    """
    name = type(problem).__qualname__
    # Django keeps the driver's own exception as the cause.
    cause = problem.__cause__ if isinstance(problem, DatabaseProblem) else problem
    if not isinstance(cause, DriverProblem):
        return name
    facts = [f"SQLSTATE {cause.sqlstate}"] if cause.sqlstate else []
    if cause.diag.constraint_name:
        facts.append(f"constraint {cause.diag.constraint_name}")
    return f"{name} ({', '.join(facts)})" if facts else name


def quotes_values(problem: BaseException) -> bool:
    """Whether it, or what led to it, is a database's complaint."""
    return any(isinstance(one, DatabaseProblem | DriverProblem) for one in _led_to(problem))


def stack_of(problem: BaseException) -> str:
    """Code only: the frames of `problem` and of what led to it, the earliest first, each with its name."""
    parts = [
        f"{''.join(traceback.format_tb(one.__traceback__))}{name_of(one)}\n"
        for one in reversed(_led_to(problem))
    ]
    return "\nwhich led to:\n".join(parts)


def _led_to(problem: BaseException) -> list[BaseException]:
    """`problem`, then its cause or context, and so on."""
    found: list[BaseException] = []
    one: BaseException | None = problem
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found
