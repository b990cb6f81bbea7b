"""A contact in the thermal regime: the superconductor under it goes normal at a critical current.

The resistance of a contact is that of a ballistic one (Sharvin) and that of the spreading current
(Maxwell) in series (Wexler 1966). The Maxwell part is zero up to the critical current and then
grows: its onset makes spikes in dV/dI, dips in the conductance, and a zero-bias peak above two that
has nothing to do with Andreev reflection (Sheet et al. 2004).
"""

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import (
    ComplexArray,
    FloatArray,
    not_negative,
    not_negative_array,
    real_array,
)


def thermal_contact_voltage(
    current: ArrayLike,
    critical_current: ArrayLike,
    maxwell_resistance: ArrayLike,
    series_resistance: float = 0.0,
    smoothing: ArrayLike = 0.0,
) -> FloatArray:
    """Return the voltage over a contact in the thermal regime.

    V = I R_s + sign(I) R_M Re sqrt((abs(I) + i w)^2 - I_c^2): without smoothing w the resistively
    shunted junction. Add the voltage of the ballistic part where there is one.

    Parameters
    ----------
    current
        In A.
    critical_current
        I_c in A, zero or more; zero for the normal state.
    maxwell_resistance
        R_M in ohm, zero or more.
    series_resistance
        R_s in ohm, zero or more.
    smoothing
        w in A, zero or more: what many channels in parallel do to the onset.

    Returns
    -------
    :
        In V, odd in the current; shape of the arguments broadcast against each other.

    Raises
    ------
    ValueError
        A negative parameter, or a number that is not finite.
    """
    drive = real_array("current", current)
    series = not_negative("series_resistance", series_resistance)
    maxwell = not_negative_array("maxwell_resistance", maxwell_resistance)
    critical = not_negative_array("critical_current", critical_current)
    smooth = not_negative_array("smoothing", smoothing)
    return np.asarray(drive * series + maxwell_voltage(drive, critical, maxwell, smooth))[()]


def maxwell_voltage(
    current: FloatArray,
    critical_current: FloatArray | float,
    maxwell_resistance: FloatArray | float,
    smoothing: FloatArray | float,
) -> FloatArray:
    """Return the Maxwell part of `thermal_contact_voltage`; nothing is checked, for inner loops.

    Parameters
    ----------
    current
        In A.
    critical_current
        I_c in A, zero or more.
    maxwell_resistance
        R_M in ohm, zero or more.
    smoothing
        w in A, zero or more.

    Returns
    -------
    :
        In V, odd in the current; shape of the arguments broadcast against each other.
    """
    _, root = _plane(current, critical_current, smoothing)
    return np.asarray(np.sign(current) * maxwell_resistance * root.real)


def thermal_contact_resistance(
    current: ArrayLike,
    critical_current: ArrayLike,
    maxwell_resistance: ArrayLike,
    series_resistance: float = 0.0,
    smoothing: ArrayLike = 0.0,
) -> FloatArray:
    """Return dV/dI of `thermal_contact_voltage`.

    R_s + R_M Re[z / sqrt(z^2 - I_c^2)] with z = abs(I) + i w: the function of Dynes, with the
    critical current for the gap and the smoothing for the broadening.

    Parameters
    ----------
    current
        In A.
    critical_current
        I_c in A, zero or more; zero for the normal state.
    maxwell_resistance
        R_M in ohm, zero or more.
    series_resistance
        R_s in ohm, zero or more.
    smoothing
        w in A, zero or more.

    Returns
    -------
    :
        In ohm, even in the current; infinite at the critical current without smoothing.

    Raises
    ------
    ValueError
        A negative parameter, or a number that is not finite.
    """
    drive = real_array("current", current)
    series = not_negative("series_resistance", series_resistance)
    maxwell = not_negative_array("maxwell_resistance", maxwell_resistance)
    critical = not_negative_array("critical_current", critical_current)
    z, root = _plane(drive, critical, not_negative_array("smoothing", smoothing))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.abs((z / root).real)
    share = np.where(root == 0, np.inf, share)
    share = np.where(critical == 0, 1.0, share)
    with np.errstate(invalid="ignore"):
        spread = np.where(maxwell == 0, 0.0, maxwell * share)
    return np.asarray(series + spread)[()]


def _plane(
    drive: FloatArray, critical: FloatArray | float, smoothing: FloatArray | float
) -> tuple[ComplexArray, ComplexArray]:
    """Return z and sqrt(z^2 - I_c^2)."""
    z = np.abs(drive) + 1j * smoothing
    return z, np.sqrt(z - critical) * np.sqrt(z + critical)


def critical_current(
    reduced_temperature: ArrayLike, reduced_field: ArrayLike, zero: float
) -> FloatArray:
    """Return the critical current of a contact, zero (1 - t^2)^(3/2) (1 - h) (assumed).

    Parameters
    ----------
    reduced_temperature
        t = T / Tc, zero or more.
    reduced_field
        h = abs(H) / Hc2(T), zero or more.
    zero
        In A at zero temperature and field, zero or more.

    Returns
    -------
    :
        In A, zero from t = 1 or h = 1 on.

    Raises
    ------
    ValueError
        A negative argument, or a number that is not finite.
    """
    t = not_negative_array("reduced_temperature", reduced_temperature)
    h = not_negative_array("reduced_field", reduced_field)
    cold = np.maximum(1 - t * t, 0) ** 1.5
    return np.asarray(not_negative("zero", zero) * cold * np.maximum(1 - h, 0))[()]
