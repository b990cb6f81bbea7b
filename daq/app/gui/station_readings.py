"""What the station panel shows, in words and numbers with units, whoever tells it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AXES = ("temperature", "field", "angle", "position", "helium")
UNKNOWN = "—"
OLD = 10.0
"""Age in s of a sample of the cryostat after which it is said how old it is."""
_UNITS = {"temperature": "K", "field": "T", "angle": "deg"}
_DIGITS = {"temperature": 3, "field": 4, "angle": 2}
_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "\u00b5", -3: "m", 0: "", 3: "k", 6: "M"}


@dataclass(frozen=True, slots=True)
class Axis:
    """One quantity of the cryostat, in words.

    Parameters
    ----------
    readback, setpoint, rate, status
        With units.
    weight
        Of the status: ``good``, ``warning``, ``bad`` or empty.
    """

    readback: str = UNKNOWN
    setpoint: str = UNKNOWN
    rate: str = UNKNOWN
    status: str = UNKNOWN
    weight: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One instrument: its numbers by name, and its lamps; a lamp that is not known is None.

    Parameters
    ----------
    numbers
        With units.
    lamps
        By name.
    trouble
        Why it cannot be asked; empty if it can.
    """

    numbers: Mapping[str, str] = field(default_factory=dict)
    lamps: Mapping[str, bool | None] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the panel shows.

    Parameters
    ----------
    axes
        By name.
    cryostat_trouble
        Why the cryostat cannot be asked.
    lockins, sources
        By role.
    reading
        The last dV/dI, or dI/dV.
    others
        Troubles of other instruments.
    """

    axes: Mapping[str, Axis] = field(default_factory=dict)
    cryostat_trouble: str = ""
    lockins: Mapping[str, Unit] = field(default_factory=dict)
    sources: Mapping[str, Unit] = field(default_factory=dict)
    reading: str = UNKNOWN
    others: str = ""


def si(value: Any, unit: str, digits: int = 4) -> str:
    """Return a number with a prefix and as many digits behind the point as `digits` leaves."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    power = 0 if size == 0.0 else 3 * math.floor(math.log10(size) / 3.0 + 1e-12)
    power = min(6, max(-15, power))
    scaled = value / 10.0**power
    before = len(f"{abs(scaled):.0f}")
    return f"{scaled:.{max(0, digits - before)}f} {_PREFIXES[power]}{unit}"


def from_state(state: Mapping[str, Any]) -> Shown:
    """Return what a station that is held tells.

    Parameters
    ----------
    state
        The answer to ``state``.

    Returns
    -------
    Shown
        For the panel.
    """
    bias = state.get("bias") or {}
    lockins: dict[str, Unit] = {}
    sources: dict[str, Unit] = {}
    others = []
    for role, told in state.get("instruments", {}).items():
        problem = str(told.get("problem", ""))
        if role.startswith("lockin") or "sensitivity" in told:
            lockins[role] = Unit(trouble=problem) if problem else _lockin(told, bias)
            bias = {}  # of the first one only: the others are read beside it
        elif role.startswith("source") or "source_current" in told:
            sources[role] = Unit(trouble=problem) if problem else _source(told)
        elif problem:
            others.append(f"{role}: {problem}")
    cryostat = state.get("cryostat")
    return Shown(
        axes=_axes(cryostat, state.get("scanner") or {}),
        cryostat_trouble=_cryostat_trouble(cryostat),
        lockins=lockins,
        sources=sources,
        reading=reading_in_words(state.get("reading") or {}),
        others="; ".join(others),
    )


def reading_in_words(reading: Mapping[str, Any]) -> str:
    """Return the response of a contact or of a junction, with its error where one is told."""
    name, unit = ("conductance", "S") if "conductance" in reading else ("resistance", "Ω")
    value = si(reading.get(name), unit, 5)
    error = reading.get("error")
    return value if error is None else f"{value} ± {si(error, unit, 2)}"


def _axes(cryostat: Mapping[str, Any] | None, scanner: Mapping[str, Any]) -> Mapping[str, Axis]:
    axes: dict[str, Axis] = {}
    if cryostat is not None:
        axes |= {name: _axis(cryostat, name) for name in AXES if name != "position"}
    position, target = scanner.get("position"), scanner.get("target")
    if position is not None or target is not None:
        axes["position"] = Axis(si(position, "m"), si(target, "m"), status="")
    return axes


def _cryostat_trouble(cryostat: Mapping[str, Any] | None) -> str:
    if cryostat is None:
        return "this station has no cryostat"
    age, trouble = cryostat.get("age"), cryostat.get("trouble")
    old = f"the last sample is {age:.0f} s old" if isinstance(age, int | float) else ""
    if trouble:
        return f"The cryostat does not answer ({old or 'no sample'}): {trouble}"
    return f"The cryostat is silent: {old}" if old and float(str(age)) > OLD else ""


def _axis(cryostat: Mapping[str, Any], name: str) -> Axis:
    reading = cryostat.get("reading") or {}
    if name == "helium":
        level, status = _level(cryostat.get("helium"))
        return Axis(level, status=status)
    unit, digits = _UNITS[name], _DIGITS[name]
    ours = (cryostat.get("setpoints") or {}).get(name) or {}
    status = str(reading.get(f"{name}_status", UNKNOWN))
    rate = ours.get("rate")
    return Axis(
        _fixed(reading.get(name), unit, digits),
        _fixed(ours.get("target"), unit, digits),
        UNKNOWN if rate is None else _rate(float(rate), unit),
        status,
        _weight(status),
    )


def _level(value: Any) -> tuple[str, str]:
    """Return the level of the helium, or that none is told."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return UNKNOWN, "no level is told"
    return f"{value:.1f} %", ""


def _fixed(value: Any, unit: str, digits: int) -> str:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return UNKNOWN
    return f"{value:.{digits}f} {unit}"


def _rate(per_second: float, unit: str) -> str:
    if unit == "K":
        return f"{60.0 * per_second:.3g} K/min"
    return f"{1e3 * per_second:.3g} mT/s" if unit == "T" else f"{per_second:.3g} deg/s"


def _weight(status: str) -> str:
    if status in {"stable", "persistent", "driven, holding", "stopped"}:
        return "good"
    bad = ("error", "failure", "quench", "disabled", "limit", "vented")
    return "bad" if any(word in status for word in bad) else "warning"


def _lockin(told: Mapping[str, Any], bias: Mapping[str, Any]) -> Unit:
    x, y = told.get("x"), told.get("y")
    both = isinstance(x, int | float) and isinstance(y, int | float)
    numbers = {
        "X": si(x, "V"),
        "Y": si(y, "V"),
        "R": si(math.hypot(x, y), "V") if both else UNKNOWN,  # type: ignore[arg-type]  # both are numbers
        "phase": f"{math.degrees(math.atan2(y, x)):.2f} deg" if both else UNKNOWN,  # type: ignore[arg-type]  # the same
        "sensitivity": si(told.get("sensitivity"), "V", 3),
        "time constant": si(told.get("time_constant"), "s", 3),
        "oscillator": _oscillator(told),
        "excitation": _excitation(bias),
        "dc voltage": si(bias.get("voltage"), "V"),
    }
    return Unit(
        numbers,
        {"overload": told.get("overload"), "reference unlocked": told.get("reference_unlocked")},
    )


def _excitation(bias: Mapping[str, Any]) -> str:
    if "modulation_rms" in bias:
        return si(bias["modulation_rms"], "V")
    return si(bias.get("excitation_rms"), "A")


def _oscillator(told: Mapping[str, Any]) -> str:
    if "voltage" not in told:
        return UNKNOWN
    return f"{si(told['voltage'], 'V')} at {si(told.get('frequency'), 'Hz')}"


def _source(told: Mapping[str, Any]) -> Unit:
    on = told.get("source_enabled")
    numbers = {
        "current": si(told.get("source_current"), "A"),
        "compliance limit": si(told.get("source_compliance"), "V", 3),
        "output": UNKNOWN if on is None else "ON" if on else "off",
    }
    return Unit(numbers, {"compliance": told.get("compliance_tripped")})
