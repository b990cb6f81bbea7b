"""The numbers beside the curves: what the analysis says of a run as far as it has come."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.spectrum import spectrum
from daq.analysis.transition import resistive_transition
from daq.analysis.zero_bias_peak import zero_bias_peak

MOST = 20_000
"""Rows of a run up to which its numbers are worked out while it runs."""
LEAST = 12
RESISTANCE_COLUMNS = ("Temperature (K)", "Resistance (ohm)")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a run.

    Parameters
    ----------
    name
        For people.
    text
        Value, error and unit; or why there is none.
    good
        Whether it is a number.
    definition
        What was computed.
    warns
        Whether it is a warning.
    """

    name: str
    text: str
    good: bool = True
    definition: str = ""
    warns: bool = False


def running_numbers(procedure: str, columns: Mapping[str, FloatArray]) -> tuple[Number, ...]:
    """Return what can be said of a run as far as it has come.

    Parameters
    ----------
    procedure
        Its name.
    columns
        Its columns, shape (n,) each; copies, as this is called in another thread.

    Returns
    -------
    tuple of Number
        Nothing for a procedure that has no numbers.
    """
    rows = min((len(values) for values in columns.values()), default=0)
    kind = _KINDS.get(procedure)
    if kind is None:
        return ()
    if rows > MOST:
        return (Number("numbers", f"at the end: more than {MOST} points", good=False),)
    if rows < LEAST:
        return (Number("numbers", "after some more points", good=False),)
    try:
        return kind(columns)
    except ValueError as failure:
        return (Number("numbers", str(failure), good=False),)


def _peak(columns: Mapping[str, FloatArray]) -> tuple[Number, ...]:
    measured = spectrum(pd.DataFrame(columns))
    peak = zero_bias_peak(measured.voltage, measured.conductance)
    conditions = (
        Number("temperature", f"{measured.temperature:.3g} K"),
        Number("field", f"{measured.field:.3g} T"),
    )
    if isinstance(peak, NoResult):
        return (*conditions, Number("zero-bias peak", str(peak), good=False))
    found = "" if peak.found else " (not significant)"
    dips = ", ".join(f"{1e3 * dip.voltage:+.2f} mV" for dip in peak.dips) or "none"
    height = f"{_percent(peak.height)}{found}"
    width = f"{1e3 * peak.width:.2f} mV" if peak.found else "no peak"
    return (
        *conditions,
        Number("zero-bias peak", height, definition=peak.height.definition),
        Number("its width", width, good=peak.found, definition="full width at half height"),
        Number("dips at", dips, good=bool(peak.dips)),
        Number("normal state", f"{1.0 / peak.normal_conductance:.4g} ohm"),
        Number("scatter", f"{100.0 * peak.sigma:.2g} %", definition="about the background"),
    )


def _percent(estimate: Estimate) -> str:
    return f"{100.0 * estimate.value:+.2f} ± {100.0 * estimate.error:.2f} %"


def _transition(columns: Mapping[str, FloatArray]) -> tuple[Number, ...]:
    found = resistive_transition(*(columns[name] for name in RESISTANCE_COLUMNS))
    if isinstance(found, NoResult):
        return (Number("Tc", str(found), good=False),)
    return tuple(
        _kelvin(name, answer)
        for name, answer in (
            ("Tc onset", found.onset_tangent),
            ("Tc zero", found.zero_fraction),
        )
    )


def _kelvin(name: str, answer: Estimate | NoResult) -> Number:
    if isinstance(answer, NoResult):
        return Number(name, str(answer), good=False)
    text = f"{answer.value:.3f} ± {answer.error:.3f} K"
    return Number(name, text, definition=answer.definition)


_KINDS = {
    "bias_spectrum": _peak,
    "temperature_ramp": _transition,
    "thermal_cycle": _transition,
}
