"""What the circuits of a bench have in common: what drives them, and one period on a cosine grid.

One period of whatever oscillates is sampled at the extrema of a Chebyshev polynomial, so that the
lock-in finds its harmonics by a short sum and never asks the sample for a derivative.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from instruments.simulated.sample import Exposure, FloatArray

OSCILLATOR_RESISTANCE = 50.0
PHASES = 12
"""Intervals of the cosine grid on which one period is sampled."""
NODES = np.cos(np.pi * np.arange(PHASES + 1) / PHASES)
WEIGHTS = np.where(np.isin(np.arange(PHASES + 1), (0, PHASES)), 0.5, 1.0) * 2.0 / PHASES
SERIES = WEIGHTS * np.cos(np.pi * np.outer(np.arange(PHASES), np.arange(PHASES + 1)) / PHASES)
SERIES[0] *= 0.5
ORDERS = 1j * np.arange(PHASES)


@dataclass(frozen=True, slots=True)
class Tone:
    """A sine: amplitude * cos(2 pi frequency t + phase).

    Parameters
    ----------
    frequency
        In Hz.
    amplitude
        Peak, in A or V.
    phase
        In rad.
    """

    frequency: float
    amplitude: float
    phase: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceOutput:
    """What a current source puts out until its next change.

    Parameters
    ----------
    connected
        Whether the output is on; an output that is off is an open circuit.
    current
        Dc in A.
    compliance
        Highest voltage in V.
    tone
        A sine on top, amplitude in A.
    noise
        White noise of the range in A/rtHz.
    """

    connected: bool = False
    current: float = 0.0
    compliance: float = 10.0
    tone: Tone | None = None
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class Signal:
    """What stands between two terminals while nothing changes.

    Parameters
    ----------
    frequency
        Of the fundamental in Hz; 0 when nothing oscillates.
    harmonics
        Complex peak amplitudes in V, index n for n times the fundamental, relative to a cosine of
        phase 0 of the oscillator; index 0 is the dc voltage. Shape (12,).
    peak
        Highest magnitude of the voltage without its dc part, in V.
    noise
        White noise in V/rtHz, of the sample and of what drives or amplifies it.
    """

    frequency: float
    harmonics: np.ndarray[tuple[int], np.dtype[np.complex128]]
    peak: float
    noise: float


@dataclass(frozen=True, slots=True)
class VoltageWiring:
    """How a converter and the oscillator of a lock-in bias a sample, and what reads its current.

    Parameters
    ----------
    divider
        Voltage at the sample over that of the converter.
    oscillator_divider
        Ac voltage at the sample over that of the oscillator.
    dac
        Number of the converter.
    gain
        Of the current preamplifier in V/A.
    bandwidth
        Of the preamplifier in Hz, one pole.
    noise
        Of its input in A/rtHz.
    full_scale
        Highest magnitude of its output in V.
    input_offset
        At which its input stands, in V.
    output_offset
        Of its output in V.
    """

    divider: float = 1e-3
    oscillator_divider: float = 1e-3
    dac: int = 1
    gain: float = 1e8
    bandwidth: float = 10e3
    noise: float = 15e-15
    full_scale: float = 10.0
    input_offset: float = 0.0
    output_offset: float = 0.0


@dataclass(frozen=True, slots=True)
class ScannerWiring:
    """How a converter of a lock-in moves the tip.

    Parameters
    ----------
    per_volt
        In m/V.
    dac
        Number of the converter.
    origin
        Position at 0 V in m.
    """

    per_volt: float
    dac: int = 2
    origin: float = 0.0


@dataclass(frozen=True)
class Wiring:
    """How the instruments are connected to the sample.

    Parameters
    ----------
    source
        Terminals of the current source and of the oscillator's resistor.
    inputs
        Terminals by role of the meter, such as ``{"lockin": "V+ V-"}``.
    series_resistance
        Between oscillator and sample in ohm.
    blocking_capacitor
        In series with that resistance in F; None if there is none.
    voltage
        How a voltage reaches the sample in place of a current; None where a current does.
    scanner
        What moves the tip; None if nothing does.
    """

    source: str = "I+ I-"
    inputs: Mapping[str, str] = field(default_factory=lambda: {"lockin": "V+ V-"})
    series_resistance: float = 100e3
    blocking_capacitor: float | None = None
    voltage: VoltageWiring | None = None
    scanner: ScannerWiring | None = None


@dataclass(frozen=True, slots=True)
class Solution:
    """The circuit on the cosine grid of one period.

    Parameters
    ----------
    frequency
        Of the fundamental in Hz; 0 when nothing oscillates.
    phase
        Of the fundamental in rad, relative to a cosine of the oscillator.
    current
        Through the sample in A, on the grid; one value when nothing oscillates.
    voltage
        Between the terminals of the source in V, on the grid.
    clamped
        Whether the source is held by its compliance, or the preamplifier by its full scale.
    slope
        dV/dI of the sample in ohm.
    exposure
        What the sample feels.
    peak_current
        Highest magnitude of the current in A.
    """

    frequency: float
    phase: float
    current: FloatArray
    voltage: FloatArray
    clamped: bool
    slope: float
    exposure: Exposure
    peak_current: float


def extent(values: FloatArray) -> tuple[float, float]:
    """Return the lowest and the highest value; faster than numpy for so few."""
    numbers = values.tolist()
    return min(numbers), max(numbers)


def mean(values: FloatArray) -> float:
    """Return the dc part of what stands on the cosine grid."""
    return float(SERIES[0] @ values) if len(values) > 1 else float(values[0])


def phasor(tone: Tone) -> complex:
    """Return amplitude and phase of a tone as a complex number."""
    return tone.amplitude * complex(math.cos(tone.phase), math.sin(tone.phase))
