"""The key numbers of a run, where they are cheap: what a person writes beside it in a book."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from daq.analysis.result import Estimate, NoResult
from daq.analysis.spectrum import spectrum
from daq.analysis.transition import resistive_transition
from daq.analysis.zero_bias_peak import zero_bias_peak
from daq.config.quantity import format_quantity

RESISTANCE, DIFFERENTIAL, TEMPERATURE = "Resistance (ohm)", "dV/dI (ohm)", "Temperature (K)"
MOST = 100_000
"""Rows of a transition above which every n-th is taken."""


def key_numbers(procedure: str, data: pd.DataFrame) -> str:
    """Return the key numbers of a run in words; empty if there are none.

    Parameters
    ----------
    procedure
        Its name.
    data
        Its rows, without those that are marked bad.

    Returns
    -------
    str
        One line, with errors of one standard deviation.
    """
    if not len(data):
        return ""
    try:
        return _BY_PROCEDURE.get(procedure, _range)(data)
    except (ValueError, KeyError, ArithmeticError, np.linalg.LinAlgError) as refused:
        return f"no result, because {' '.join(str(refused).split())[:100]}"


def _peak(data: pd.DataFrame) -> str:
    measured = spectrum(data)
    peak = zero_bias_peak(measured.voltage, measured.conductance)
    if isinstance(peak, NoResult):
        return f"{_range(data)}; {peak}"
    height = f"{100.0 * peak.height.value:+.2f} ± {100.0 * peak.height.error:.2f} % at zero bias"
    words = f"R_N {format_quantity(1.0 / peak.normal_conductance, 'ohm', 5)}, {height}"
    if peak.found:
        words += f", zero-bias peak {format_quantity(peak.width, 'V', 3)} wide"
    return words


def _mean(data: pd.DataFrame) -> str:
    values = data[DIFFERENTIAL].to_numpy(dtype=np.float64)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return _range(data)
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    return f"dV/dI {np.mean(values):.6g} ± {error:.2g} ohm"


def _transition(data: pd.DataFrame) -> str:
    thin = data.iloc[:: max(1, len(data) // MOST)]
    found = resistive_transition(
        thin[TEMPERATURE].to_numpy(dtype=np.float64), thin[RESISTANCE].to_numpy(dtype=np.float64)
    )
    if isinstance(found, NoResult):
        return f"{_range(data)}; {found}"
    parts = [
        ("onset", found.onset_tangent),
        ("midpoint", found.midpoint),
        ("zero", found.zero_noise),
    ]
    return ", ".join(f"{name} {_kelvin(answer)}" for name, answer in parts)


def _kelvin(answer: Estimate | NoResult) -> str:
    if isinstance(answer, Estimate):
        return f"{answer.value:.4g} ± {answer.error:.1g} K"
    return "none"


def _range(data: pd.DataFrame) -> str:
    column = next((name for name in (RESISTANCE, DIFFERENTIAL) if name in data.columns), None)
    if column is None:
        return ""
    values = data[column].to_numpy(dtype=np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return ""
    name = column.partition(" (")[0]
    if len(values) == 1:
        return f"{name} {values[0]:.5g} ohm"
    return f"{name} {np.min(values):.5g} to {np.max(values):.5g} ohm"


_BY_PROCEDURE: Mapping[str, Callable[[pd.DataFrame], str]] = {
    "bias_spectrum": _peak,
    "zero_bias": _mean,
    "temperature_ramp": _transition,
}
