"""Writing a contact by a voltage pulse, and erasing it by warming it up.

A contact is a distribution of traps with a Gaussian of barriers. A voltage above a threshold fills
all of them alike; each empties by itself over its own barrier (first-order desorption, Redhead
1962). One barrier alone would erase everything within 15 K; the width of the Gaussian spreads it
over the range that Le et al. (2020) see. Every number is assumed (a): the paper gives none.
"""

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import FloatArray, not_negative, positive, real
from daq.physics.constants import BOLTZMANN
from daq.physics.quadrature import gauss

THRESHOLD = 3.5
"""Voltage in V below which silver is not moved (a)."""
WRITE_TIME = 0.5e-3
"""Time constant of writing at twice the threshold in s (a)."""
ATTEMPT_RATE = 1e13
"""Attempts to leave a trap per s (a)."""
BARRIER, SPREAD = 0.55, 0.13
"""Mean and standard deviation of the barriers in eV (a)."""
BINS = 300
_ENERGIES = np.linspace(BARRIER - 4.0 * SPREAD, BARRIER + 4.0 * SPREAD, BINS)
_WEIGHTS = np.exp(-0.5 * ((_ENERGIES - BARRIER) / SPREAD) ** 2)
_WEIGHTS /= _WEIGHTS.sum()


def filled(fraction: float) -> FloatArray:
    """Return a state in which every kind of trap is filled to `fraction`.

    Parameters
    ----------
    fraction
        From 0, pristine, to 1.

    Returns
    -------
    array
        Filling by barrier, shape (300,).

    Raises
    ------
    ValueError
        The fraction is not from 0 to 1.
    """
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"a written fraction of {fraction} is impossible; give 0 to 1")
    return np.full(BINS, float(fraction))


def fraction(state: FloatArray) -> float:
    """Return which part of all traps is filled, from 0 to 1."""
    return float(_WEIGHTS @ state)


def write(
    state: FloatArray,
    voltage: float,
    seconds: float,
    *,
    threshold: float = THRESHOLD,
    write_time: float = WRITE_TIME,
) -> FloatArray:
    """Return the state after a voltage has stood at the contact.

    x -> 1 - (1 - x) exp(-(abs(V)/V_c - 1) t / tau) above the threshold V_c, unchanged below.

    Parameters
    ----------
    state
        Filling by barrier, shape (300,).
    voltage
        In V.
    seconds
        How long it stood, in s.
    threshold
        V_c in V.
    write_time
        tau in s.

    Returns
    -------
    array
        Filling by barrier.

    Raises
    ------
    ValueError
        A negative time, or a number that is not finite.
    """
    not_negative("seconds", seconds)
    real("voltage", voltage)
    excess = max(0.0, abs(voltage) / positive("threshold", threshold) - 1.0)
    left = np.exp(-excess * seconds / positive("write_time", write_time))
    return np.asarray(1.0 - (1.0 - state) * left)


def erase(
    state: FloatArray, temperature: float, seconds: float, final_temperature: float | None = None
) -> FloatArray:
    """Return the state after some time at a temperature, or on a steady ramp between two.

    Each barrier E empties as dx/dt = -nu x exp(-E / kT); the step is exact at a constant
    temperature and on a linear ramp, whatever its length.

    Parameters
    ----------
    state
        Filling by barrier, shape (300,).
    temperature
        In K.
    seconds
        How long, in s.
    final_temperature
        Where a linear ramp from the temperature ends, in K; none is given for a dwell.

    Returns
    -------
    array
        Filling by barrier.

    Raises
    ------
    ValueError
        A negative argument, or a number that is not finite.
    """
    not_negative("seconds", seconds)
    start = not_negative("temperature", temperature)
    stop = start if final_temperature is None else final_temperature
    hottest = max(start, not_negative("final_temperature", stop))
    if hottest == 0.0:
        return state
    rates = ATTEMPT_RATE * _mean_boltzmann(_ENERGIES, start, stop)
    return np.asarray(state * np.exp(-rates * seconds))


def _mean_boltzmann(energy: FloatArray, start: float, stop: float) -> FloatArray:
    """Return exp(-E / kT) averaged over the temperatures from the start to the stop.

    In closed form [T exp(-u) - (E / k) E1(u)], u = E / kT, between the ends (Redhead 1962); a
    short step, where that would cancel, by five Gauss points.
    """
    low, high = min(start, stop), max(start, stop)
    if low == high:
        return np.exp(-energy / (BOLTZMANN * high))
    if high - low <= 1e-2 * high:
        nodes, weights = gauss(5)
        between = (low + high) / 2 + (high - low) / 2 * nodes
        factor = np.exp(-energy[:, None] / (BOLTZMANN * between))
        return np.asarray(factor @ weights / 2)
    from scipy.special import exp1  # noqa: PLC0415 (slow to import, and only a long ramp needs it)

    def primitive(temperature: float) -> FloatArray:
        if temperature == 0.0:
            return np.zeros_like(energy)
        u = energy / (BOLTZMANN * temperature)
        return np.asarray(temperature * (np.exp(-u) - u * exp1(u)))

    return (primitive(high) - primitive(low)) / (high - low)


def critical_temperature(written: ArrayLike, highest: float) -> FloatArray:
    """Return the critical temperature of a contact that is written to a fraction.

    Tc = highest x^(1/4) (a), which falls over thermal cycles as in Le et al. (2020), figure 2c.

    Parameters
    ----------
    written
        Fraction from 0 to 1.
    highest
        Critical temperature in K when all is written.

    Returns
    -------
    array
        In K, shape of `written`.
    """
    inside = np.minimum(np.maximum(np.asarray(written, dtype=np.float64), 0.0), 1.0)
    return np.asarray(highest * inside**0.25)
