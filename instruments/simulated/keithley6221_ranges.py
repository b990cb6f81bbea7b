"""The ranges of a 6221, their noise, and how far a unit is from the truth.

The table is the one-year specification of the User's Manual; noise is its rms from 10 Hz to the
bandwidth, spread evenly over the bandwidth.
"""

import math
from dataclasses import dataclass

import numpy as np

OVER_RANGE = 1.05
HIGHEST_CURRENT = 0.105


@dataclass(frozen=True, slots=True)
class Range:
    """One current range.

    Parameters
    ----------
    full_scale
        In A.
    gain
        Accuracy as a fraction of the current.
    offset
        Accuracy in A on top of it.
    counts
        Steps of the converter per A.
    noise
        Rms over the bandwidth in A.
    bandwidth
        In Hz.
    """

    full_scale: float
    gain: float
    offset: float
    counts: float
    noise: float
    bandwidth: float

    @property
    def highest(self) -> float:
        """Return the highest current of the range in A, over-range included."""
        return self.full_scale * OVER_RANGE

    @property
    def noise_density(self) -> float:
        """Return the noise in A/rtHz."""
        return self.noise / math.sqrt(self.bandwidth)


RANGES = (
    Range(2e-9, 4e-3, 2e-12, 1e13, 50e-12, 1e4),
    Range(20e-9, 3e-3, 10e-12, 1e12, 50e-12, 1e4),
    Range(200e-9, 3e-3, 100e-12, 1e11, 0.5e-9, 1e5),
    Range(2e-6, 1e-3, 1e-9, 1e10, 5e-9, 1e6),
    Range(20e-6, 5e-4, 10e-9, 1e9, 100e-9, 1e6),
    Range(200e-6, 5e-4, 100e-9, 1e8, 0.2e-6, 1e6),
    Range(2e-3, 5e-4, 1e-6, 1e7, 1e-6, 1e6),
    Range(20e-3, 5e-4, 10e-6, 1e6, 4e-6, 1e6),
    Range(0.1, 1e-3, 50e-6, 1e5, 20e-6, 1e6),
)
LARGEST = len(RANGES) - 1


def holding(current: float) -> int:
    """Return the index of the smallest range whose full scale holds `current` in A.

    The largest range takes its over-range too. (Assumed: the others do not when a range is chosen.)
    """
    magnitude = abs(current)
    for index, candidate in enumerate(RANGES):
        if magnitude <= candidate.full_scale * (1.0 + 1e-9):
            return index
    return LARGEST


def fits(current: float, index: int) -> bool:
    """Tell whether the range takes a current in A, over-range included."""
    return abs(current) <= RANGES[index].highest * (1.0 + 1e-9)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one unit differs from its display: what it is told is not quite what it does.

    Parameters
    ----------
    gains
        True current per programmed current, less one, by range.
    offsets
        True current at zero in A, by range.
    compliance_gain
        True compliance per programmed compliance, less one.
    compliance_offsets
        In V, up to 20 V and above.
    """

    gains: tuple[float, ...] = (0.0,) * len(RANGES)
    offsets: tuple[float, ...] = (0.0,) * len(RANGES)
    compliance_gain: float = 0.0
    compliance_offsets: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def hidden(cls, random: np.random.Generator) -> "Calibration":
        """Draw the errors of a unit, anywhere within the one-year accuracy."""
        draw = random.uniform
        return cls(
            tuple(float(draw(-r.gain, r.gain)) for r in RANGES),
            tuple(float(draw(-r.offset, r.offset)) for r in RANGES),
            float(draw(-1e-3, 1e-3)),
            (float(draw(-20e-3, 20e-3)), float(draw(-100e-3, 100e-3))),
        )

    def current(self, programmed: float, index: int) -> float:
        """Return what flows in A when a current is programmed on a range."""
        counts = RANGES[index].counts
        quantised = round(programmed * counts) / counts
        return quantised * (1.0 + self.gains[index]) + self.offsets[index]

    def amplitude(self, programmed: float, index: int) -> float:
        """Return the true amplitude in A of a wave on a range: no offset belongs to it."""
        counts = RANGES[index].counts
        return round(programmed * counts) / counts * (1.0 + self.gains[index])

    def compliance(self, programmed: float) -> float:
        """Return the voltage in V at which the output is truly held."""
        offset = self.compliance_offsets[0 if programmed <= 20.0 else 1]
        return programmed * (1.0 + self.compliance_gain) + offset
