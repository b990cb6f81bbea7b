"""A plan against a station: limits, contacts, instruments, and the rates that a file omits."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from daq.campaign.plan import (
    LIMIT_UNITS,
    UNITS,
    AngleStep,
    ContactStep,
    FieldStep,
    LoopStep,
    PlannedStep,
    PositionStep,
    ProcedureStep,
    Sequence,
    SetStep,
    Step,
    TemperatureStep,
)
from daq.campaign.settings import file_key
from daq.config.document import parse_document
from daq.config.problem import Place, Problem, key_text, shown, suggestion
from daq.config.quantity import format_quantity
from daq.config.station import StationConfig
from instruments.limits import Limit, StationLimits, wider

_OF_VOLTAGE = ("voltage", "voltage_rate")
_LIMIT_OF = {
    unit: name
    for name, unit in LIMIT_UNITS.items()
    if not name.startswith("pulse") and name not in _OF_VOLTAGE
}
_PULSE_LIMIT_OF = {"A": "pulse_current", "V": "pulse_voltage"}
_DIFFERENCES = ("tolerance", "step", "window", "span", "width", "resolution", "spacing")
"""Settings in K or T that are no setpoints."""


def resolve(sequence: Sequence, station: StationConfig) -> Sequence:
    """Return the plan for a station: checked, with the rates that the file omits written out.

    Parameters
    ----------
    sequence
        A plan.
    station
        The station that will carry it out.

    Returns
    -------
    Sequence
        The plan that is executed.

    Raises
    ------
    ConfigurationError
        Something exceeds a limit, or the station has no such contact or instrument.
    """
    problems = check_limits(sequence, station)
    if problems:
        raise problems[0].error()
    limits = effective_limits(sequence, station)
    steps = tuple(_with_rate(step, limits) for step in sequence.steps)
    return replace(sequence, station=station.name, steps=steps)


def effective_limits(sequence: Sequence, station: StationConfig) -> StationLimits:
    """Return the limits of the station with those of the sequence, which must be tighter."""
    return station.limits.tightened(**sequence.limits)


def check_limits(sequence: Sequence, station: StationConfig) -> list[Problem]:
    """Return everything in a plan that a station cannot or must not do, in order of lines.

    Parameters
    ----------
    sequence
        A plan.
    station
        The station that would carry it out.

    Returns
    -------
    list of Problem
        Empty if there is none; a loop is told of once.
    """
    wider = list(_wider_limits(sequence, station))
    limits = station.limits if wider else effective_limits(sequence, station)
    check = _Check(sequence.source or "(plan)", station, limits)
    found = [*wider, *check.steps(sequence.steps, ())]
    if sequence.reference is not None:
        found += check.procedure(sequence.reference.step, ("reference",))
    return sorted(found, key=lambda problem: problem.line)


def warmest(steps: Iterable[PlannedStep]) -> float:
    """Return the highest setpoint of the temperature in a plan, in K; minus infinity if none."""
    found = [-math.inf]
    for step in (planned.step for planned in steps):
        if isinstance(step, TemperatureStep):
            found.append(step.to)
        elif isinstance(step, ProcedureStep):
            found += [
                value
                for name, value in _numbers(step).items()
                if step.units[name] == "K" and not _is_difference(name)
            ]
    return max(found)


def _wider_limits(sequence: Sequence, station: StationConfig) -> Iterator[Problem]:
    document = parse_document(sequence.text, sequence.source) if sequence.text else None
    for name, value in sequence.limits.items():
        standing: Limit = getattr(station.limits, name)
        if not wider(value, standing):
            continue
        place = ("limits", name)
        line = 0 if document is None else document.line(place)
        unit = LIMIT_UNITS[name]
        expected = f"at most the station's {_shown(standing, unit)}"
        if isinstance(standing, tuple):
            expected = f"a range inside the station's {_shown(standing, unit)}"
        advice = "a sequence may only tighten a limit; change it in the station file"
        found, file = _shown(value, unit), sequence.source or "(plan)"
        yield Problem(file, line, key_text(place), found, expected, advice)


def _shown(value: Limit, unit: str) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(format_quantity(end, unit) for end in value)}]"
    return format_quantity(value, unit)


def _with_rate(step: Step, limits: StationLimits) -> Step:
    if isinstance(step, TemperatureStep) and step.rate is None:
        return replace(step, rate=limits.temperature_rate)
    if isinstance(step, FieldStep) and step.rate is None:
        return replace(step, rate=limits.field_rate)
    if isinstance(step, LoopStep):
        set_step = _with_rate(step.set_step, limits)
        steps = tuple(_with_rate(inner, limits) for inner in step.steps)
        return replace(step, set_step=set_step, steps=steps)  # type: ignore[arg-type]  # same type
    return step


@dataclass(frozen=True, slots=True)
class _Check:
    """Find what a station cannot or must not do."""

    file: str
    station: StationConfig
    limits: StationLimits

    def steps(self, steps: tuple[Step, ...], above: Place) -> Iterator[Problem]:
        for index, step in enumerate(steps):
            place = (*above, "steps", index)
            if isinstance(step, LoopStep):
                inside = (*place, "loop", step.variable)
                yield from self._values(step, inside)
                yield from self.steps(step.steps, place)
            elif isinstance(step, ProcedureStep):
                yield from self.procedure(step, (*place, step.name))
            elif isinstance(step, SetStep):
                yield from self._set(step, (*place, _variable(step)))

    def _values(self, loop: LoopStep, place: Place) -> Iterator[Problem]:
        for value in loop.values:
            found = list(self._set(loop.setting(value), place))
            if found:
                yield from found
                return

    def _set(self, step: SetStep, place: Place) -> Iterator[Problem]:
        if isinstance(step, ContactStep):
            yield from self._contact(step, place)
            return
        if isinstance(step, PositionStep) and self.station.scanner is None:
            found, advice = f"no scanner at station '{self.station.name}'", "add 'scanner' there"
            yield self._problem(place, step.line, found, "a scanner", advice)
            return
        if "cryostat" not in self.station.instruments and not isinstance(step, PositionStep):
            found, advice = f"no cryostat at station '{self.station.name}'", "add it there"
            yield self._problem(place, step.line, found, "a cryostat", advice)
            return
        unit = UNITS[_variable(step)]
        if not isinstance(step, AngleStep):
            yield from self._number((*place, "to"), step.line, step.to, unit)
        if isinstance(step, TemperatureStep | FieldStep) and step.rate is not None:
            yield from self._number((*place, "rate"), step.line, step.rate, f"{unit}/s")

    def _contact(self, step: ContactStep, place: Place) -> Iterator[Problem]:
        known = self.station.contacts
        if step.to not in known:
            expected = f"a contact of station '{self.station.name}'"
            advice = suggestion(step.to, known) if known else "add it to the station file"
            yield self._problem(place, step.line, shown(step.to), expected, advice)

    def procedure(self, step: ProcedureStep, place: Place) -> Iterator[Problem]:
        numbers = _numbers(step)
        pulse = "pulse" in step.name
        dc = [abs(numbers[name]) for name in numbers if _is_dc(name, step)]
        largest = 0.0 if pulse else max(dc, default=0.0)
        for name, value in numbers.items():
            inside = (*place, file_key(name, step.settings))
            line = step.lines.get(name, step.line)
            if step.units[name] == "A" and name.endswith("_rms"):
                yield from self._excitation(inside, line, value, largest)
            elif step.units[name] == "V" and name.endswith("_rms"):
                volts = [abs(numbers[other]) for other in numbers if _is_dc(other, step, "V")]
                yield from self._modulation(inside, line, value, max(volts, default=0.0))
            else:
                yield from self._number(inside, line, value, step.units[name], pulse=pulse)

    def _excitation(self, place: Place, line: int, rms: float, dc: float) -> Iterator[Problem]:
        peak = dc + math.sqrt(2.0) * rms
        if dc <= self.limits.current < peak:
            found = (
                f"{format_quantity(rms, 'A')} rms, with dc a peak of {format_quantity(peak, 'A')}"
            )
            expected = (
                f"a peak of at most {format_quantity(self.limits.current, 'A')} (limit current)"
            )
            yield self._problem(place, line, found, expected, "lower the dc or the excitation")

    def _modulation(self, place: Place, line: int, rms: float, dc: float) -> Iterator[Problem]:
        peak = dc + math.sqrt(2.0) * rms
        if dc <= self.limits.voltage < peak:
            found = (
                f"{format_quantity(rms, 'V')} rms, with dc a peak of {format_quantity(peak, 'V')}"
            )
            expected = (
                f"a peak of at most {format_quantity(self.limits.voltage, 'V')} (limit voltage)"
            )
            yield self._problem(place, line, found, expected, "lower the dc or the modulation")

    def _number(
        self, place: Place, line: int, value: float, unit: str, *, pulse: bool = False
    ) -> Iterator[Problem]:
        limit_name = _LIMIT_OF.get(unit)
        if limit_name == "compliance" and self.station.biases_voltage:
            limit_name = "voltage"
        if pulse:
            limit_name = _PULSE_LIMIT_OF.get(unit, limit_name)
        if limit_name is None:
            return
        limit: Limit = getattr(self.limits, limit_name)
        low, high = limit if isinstance(limit, tuple) else (-limit, limit)
        if _is_difference(str(place[-1])):
            low = -high
        if low <= value <= high:
            return
        ends = f"{format_quantity(low, unit)} to {format_quantity(high, unit)}"
        expected = f"{ends} (limit {limit_name})"
        found = format_quantity(value, unit)
        yield self._problem(place, line, found, expected, "write a value inside the limit")

    def _problem(self, place: Place, line: int, found: str, expected: str, advice: str) -> Problem:
        return Problem(self.file, line, key_text(place), found, expected, advice)


def _numbers(step: ProcedureStep) -> Mapping[str, float]:
    """Return the settings with a unit that are set; an error is told and not set."""
    return {
        name: value
        for name, value in step.settings.items()
        if name in step.units and not isinstance(value, str | bool)
        if not name.endswith("_error")
    }


def _is_difference(name: str) -> bool:
    return any(word in name for word in _DIFFERENCES)


def _is_dc(name: str, step: ProcedureStep, unit: str = "A") -> bool:
    return step.units[name] == unit and not name.endswith("_rms")


def _variable(step: SetStep) -> str:
    return type(step).__name__.removesuffix("Step").lower()
