"""dV/dI against current, and dI/dV against the voltage of the contact: one into the other."""

from dataclasses import dataclass

import numpy as np

from daq.analysis.result import FloatArray, NoResult, finite_pairs

LEAST_POINTS = 5


@dataclass(frozen=True, slots=True)
class VoltageAxis:
    """A spectrum over the voltage of the contact alone.

    Parameters
    ----------
    current
        In A, rising, shape (n,).
    voltage
        Over the contact without its series resistance in V, shape (n,).
    conductance
        Of the contact alone in S, shape (n,).
    """

    current: FloatArray
    voltage: FloatArray
    conductance: FloatArray


def on_voltage_axis(
    current: FloatArray, resistance: FloatArray, series_resistance: float = 0.0
) -> VoltageAxis | NoResult:
    """Integrate dV/dI from zero current, take the series resistance off, and invert.

    What the lock-in averaged over its current swing stays averaged over it: one over the mean of
    dV/dI is not the mean of dI/dV. Look at the curve so; fit it as it was taken, by
    `daq.analysis.contact_fit.fit_contact`.

    Parameters
    ----------
    current
        Dc current through the contact in A, shape (n,), in any order, on both sides of zero.
    resistance
        dV/dI in ohm, shape (n,); points that are not finite are left out.
    series_resistance
        Of leads and crystal in ohm.

    Returns
    -------
    VoltageAxis or NoResult
        No result where the current has one sign, or dV/dI falls to the series resistance.
    """
    try:
        i, r = finite_pairs(current, resistance, LEAST_POINTS)
    except ValueError as refused:
        return NoResult(str(refused))
    if not i[0] <= 0.0 <= i[-1]:
        return NoResult("the current does not pass zero, from where the voltage is integrated")
    contact = r - series_resistance
    if np.min(contact) <= 0.0:
        return NoResult(
            f"dV/dI falls to {float(np.min(r)):.4g} ohm, not above the series resistance of"
            f" {series_resistance:.4g} ohm"
        )
    steps = 0.5 * (contact[1:] + contact[:-1]) * np.diff(i)
    voltage = np.concatenate(([0.0], np.cumsum(steps)))
    return VoltageAxis(i, voltage - np.interp(0.0, i, voltage), 1.0 / contact)
