"""The ac part of a measurement, what is read of it, and how long a filter takes to settle."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Self

from scipy.special import gammainccinv

from instruments.reference_frequency import SLOPE, averaging_time_constant
from instruments.status import Status

RAMP_STEP = 0.05
"""Time between two steps of a ramp of the bias in s."""
OUTPUT_REFRESH = 5e-3
"""Longest time in s by which the outputs of a lock-in are late."""
QUADRATURE = 0.05
"""Quadrature over in-phase signal above which a reading is flagged."""
RETAKES = 3
"""How often an overloaded reading is taken again less sensitively."""
COUNTS = 10_000
"""Smallest steps of the outputs of a lock-in in a full scale."""


@dataclass(frozen=True, slots=True)
class Excitation:
    """The ac part of a measurement.

    Parameters
    ----------
    rms
        Current in A.
    frequency
        In Hz.
    time_constant
        Of the output filter in s; the next longer one that the lock-in has is taken.
    slope
        Of the output filter in dB/oct: 6, 12, 18 or 24.
    settle_fraction
        What a step may leave behind when a reading is taken, as a fraction of the step.
    harmonic
        1 or 2.
    dwell
        Time in s over which readings are averaged once the filter has settled; 0 takes a single
        reading.
    sensitivity
        Full scale in V to be used; None lets the bias choose.
    """

    rms: float
    frequency: float
    time_constant: float
    slope: int = 24
    settle_fraction: float = 0.01
    harmonic: int = 1
    dwell: float = 0.0
    sensitivity: float | None = None

    @classmethod
    def averaged(
        cls,
        rms: float,
        frequency: float,
        dwell: float,
        *,
        settle_fraction: float = 0.01,
        harmonic: int = 1,
        sensitivity: float | None = None,
    ) -> Self:
        """Return an excitation whose readings are averaged; time constant and slope by rule."""
        seconds = averaging_time_constant(frequency, harmonic)
        return cls(rms, frequency, seconds, SLOPE, settle_fraction, harmonic, dwell, sensitivity)


@dataclass(frozen=True, slots=True)
class PhaseSetting:
    """A reference phase that was found on a contact; it holds for one frequency.

    Parameters
    ----------
    frequency
        In Hz.
    degrees
        Reference phase at which the quadrature of the contact vanishes.
    """

    frequency: float
    degrees: float


@dataclass(frozen=True, slots=True)
class BiasReading:
    """The response of the contact at one bias.

    Parameters
    ----------
    x, y
        In-phase signal and quadrature of the chosen harmonic, rms in V; corrected where the
        station has a calibration.
    excitation
        Ac current through the contact, rms in A.
    resistance
        dV/dI in ohm; not a number at the second harmonic.
    status
        What is wrong with the reading.
    error
        One standard error of dV/dI in ohm, from noise and quantisation; not a number for a single
        reading.
    """

    x: float
    y: float
    excitation: float
    resistance: float
    status: Status
    error: float = math.nan


@cache
def settling_time(poles: int, fraction: float) -> float:
    """Return the time after which `poles` equal RC poles leave `fraction` of a step.

    A step leaves exp(-s) sum_{k<n} s^k/k!, the regularised upper incomplete gamma function Q(n, s).

    Parameters
    ----------
    poles
        From 1 to 4.
    fraction
        Between 0 and 1.

    Returns
    -------
    float
        In units of the time constant.

    Raises
    ------
    ValueError
        The fraction is not between 0 and 1.
    """
    if not 0.0 < fraction < 1.0:
        raise ValueError(f"a settle fraction of {fraction} cannot be waited for; give 0 < f < 1")
    return float(gammainccinv(poles, fraction))
