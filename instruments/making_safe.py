"""How a station is made safe: everything is tried, and it is told what became of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from instruments.errors import one_line


@dataclass(frozen=True, slots=True)
class SafeStep:
    """What became of one instrument while the station was made safe.

    Parameters
    ----------
    role
        Of the instrument.
    reached
        Whether it is safe.
    problem
        Why not, in one line; empty if it is.
    """

    role: str
    reached: bool
    problem: str = ""


class NotSafeError(ExceptionGroup[Exception]):
    """Raise when a station could not be made safe; everything has been tried.

    Attributes
    ----------
    steps
        What became of each instrument.
    """

    steps: tuple[SafeStep, ...] = ()

    def __str__(self) -> str:
        """Return the message without the count of what went wrong."""
        return self.message


@dataclass(frozen=True)
class SafePolicy:
    """Where the cryostat goes when the station is made safe.

    Parameters
    ----------
    field
        ``zero``, ``persistent`` or ``hold``.
    temperature
        ``hold`` or ``leave``.
    """

    field: Literal["zero", "persistent", "hold"] = "zero"
    temperature: Literal["hold", "leave"] = "hold"


def make_all_safe(
    who: str, actions: Iterable[tuple[str, Callable[[], Any]]]
) -> tuple[SafeStep, ...]:
    """Take every action, each by itself.

    Parameters
    ----------
    who
        Is made safe, for the message.
    actions
        By role, in order.

    Returns
    -------
    tuple of SafeStep
        What became of each.

    Raises
    ------
    NotSafeError
        At least one action has failed; every other one has been taken.
    """
    steps: list[SafeStep] = []
    failures: list[Exception] = []
    for role, action in actions:
        try:
            action()
        except Exception as failure:  # noqa: BLE001 (the next output must go down too)
            failures.append(failure)
            steps.append(SafeStep(role, reached=False, problem=_problem(failure)))
        else:
            steps.append(SafeStep(role, reached=True))
    if failures:
        told = "; ".join(f"{step.role}: {step.problem}" for step in steps if not step.reached)
        group = NotSafeError(f"{who} is not safe: {told}", failures)
        group.steps = tuple(steps)
        raise group
    return tuple(steps)


def _problem(failure: Exception) -> str:
    """Return what went wrong in one line; of a group each thing once."""
    if isinstance(failure, ExceptionGroup):
        return "; ".join(dict.fromkeys(map(_problem, failure.exceptions)))
    return one_line(failure)
