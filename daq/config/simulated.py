"""What a station file says of a simulated bench: sample, clock, and how the twins begin."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from daq.config.fields import (
    Degrees,
    Kelvins,
    Metres,
    Model,
    PositiveTeslas,
    Seconds,
    Teslas,
    TeslasPerSecond,
    YesNo,
)
from daq.config.problem import UnacceptableError, shown
from daq.config.quantity import parse_quantity
from daq.config.sample_options import Option, check_sample

LARGEST_SPREAD = 0.2
"""By which the twins may differ from the book."""


@dataclass(frozen=True, slots=True)
class SampleChoice:
    """Which virtual sample is mounted.

    Parameters
    ----------
    name
        Of the sample, as in configs/samples.
    options
        What else is said of it, as written; the sample reads its own quantities.
    """

    name: str
    options: Mapping[str, Option]


@dataclass(frozen=True, slots=True)
class ClockChoice:
    """Which clock the bench runs on.

    Parameters
    ----------
    kind
        ``virtual`` jumps, ``system`` is life, ``scaled`` is faster than life.
    scale
        Seconds of the clock per second of life, for ``scaled``; 1 otherwise.
    """

    kind: Literal["virtual", "system", "scaled"] = "virtual"
    scale: float = 1.0


def _sample(value: object) -> object:
    example = "write the name of a sample, or {name: ..., and its options}"
    if isinstance(value, SampleChoice):
        return value
    written = isinstance(value, dict)  # else there is no key 'name' in the file
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, dict):
        raise UnacceptableError(shown(value), "a sample", example)
    name = value.get("name")
    if not isinstance(name, str) or not name.strip():
        raise UnacceptableError(shown(name), "the name of a sample", example, ("name",))
    for key, option in value.items():
        if not isinstance(option, Option) or (
            isinstance(option, float) and not math.isfinite(option)
        ):
            raise UnacceptableError(
                shown(option), "a text, a finite number or true or false", "correct it", (key,)
            )
    choice = SampleChoice(name.strip(), {key: value[key] for key in value if key != "name"})
    try:
        check_sample(choice.name, choice.options)
    except UnacceptableError as problem:
        place = problem.place if written else ()
        raise UnacceptableError(problem.found, problem.expected, problem.advice, place) from None
    return choice


def _clock(value: object) -> object:
    if isinstance(value, ClockChoice):
        return value
    if value in {"virtual", "system"}:
        return ClockChoice(kind=value)
    word, colon, number = value.partition(":") if isinstance(value, str) else ("", "", "")
    if word == "scaled" and colon and len(number) <= 12:
        try:
            scale = float(number)
        except ValueError:
            scale = math.nan
        if 0.0 < scale <= 1e6:
            return ClockChoice("scaled", scale)
    raise UnacceptableError(
        shown(value), "virtual, system, or scaled: with a scale", "write one, such as 'scaled:60'"
    )


def _spread(value: object) -> object:
    number = parse_quantity(value, "") if isinstance(value, str) else value
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise UnacceptableError(shown(value), "a fraction in %", "write it like '20 %'")
    if not 0.0 <= number <= LARGEST_SPREAD:
        raise UnacceptableError(shown(value), "0 % to 20 %", "write a smaller one, such as '20 %'")
    return float(number)


class CryostatStart(Model):
    """How the simulated cryostat begins: K, T, degrees, and m of a scanner.

    A `magnet` other than that of 14 T has its highest field in T, and `magnet_rate` in T/s. One
    that goes below 1.8 K has its `coldest` temperature in K.
    """

    temperature: Kelvins = 300.0
    field: Teslas = 0.0
    angle: Degrees = 0.0
    position: Metres = 0.0
    magnet: PositiveTeslas | None = None
    magnet_rate: TeslasPerSecond | None = None
    coldest: Kelvins | None = None


class SimulatedConfig(Model):
    """What the twins play.

    What is hidden in the wires is drawn of `seed` too, unless it has a `wiring_seed` of its own: so
    one bench is met with other noise. `latency` in s is the time of one message. By up to `spread`
    the rates, the settling, the pot filling and the time of a message differ from what the book
    says; by how much, the seed decides.
    """

    sample: Annotated[SampleChoice, BeforeValidator(_sample)]
    clock: Annotated[ClockChoice, BeforeValidator(_clock)] = ClockChoice()
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    wiring_seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    latency: Seconds | None = None
    cryostat: CryostatStart = CryostatStart()
    noise: YesNo = True
    spread: Annotated[float, BeforeValidator(_spread)] = 0.0
