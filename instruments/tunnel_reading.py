"""What a voltage bias applies to a tunnel junction, and what it reads of it."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from instruments.averaging import Average
from instruments.excitation import QUADRATURE, Excitation
from instruments.lockin import LockinReading, flags_of
from instruments.status import Status
from instruments.tunnel_wiring import Preamplifier, TunnelWiring

ADC_STEP = 1e-3
"""Smallest step of an ADC of a 7265 in V."""


class Modulation(Excitation):
    """An `Excitation` whose ``rms`` is a voltage at the sample, in V."""


@dataclass(frozen=True, slots=True)
class VoltageBiasState:
    """What stands at the sample.

    Parameters
    ----------
    voltage
        Dc in V.
    modulation
        Ac, rms in V.
    """

    voltage: float
    modulation: float


@dataclass(frozen=True, slots=True)
class TunnelReading:
    """The response of the junction at one bias.

    Parameters
    ----------
    x, y
        In-phase signal and quadrature at the input of the lock-in, rms in V.
    modulation
        Ac voltage at the sample, rms in V.
    conductance
        dI/dV in S.
    current
        Dc current in A.
    status
        What is wrong with the reading.
    error
        One standard error of dI/dV in S; not a number for a single reading.
    """

    x: float
    y: float
    modulation: float
    conductance: float
    current: float
    status: Status
    error: float = math.nan


@dataclass(frozen=True, slots=True)
class RawReading:
    """What the lock-in shows, uncorrected.

    Parameters
    ----------
    converter
        To which the converter is set, in V.
    oscillator
        To which the oscillator is set, rms in V.
    output
        Dc output of the preamplifier in V, and one standard error of it.
    mean
        The outputs of the lock-in.
    """

    converter: float
    oscillator: float
    output: tuple[float, float]
    mean: Average


@dataclass(frozen=True, slots=True)
class TunnelCircuit:
    """A junction while it is modulated.

    Parameters
    ----------
    wiring
        How the numbers of the lock-in become those of the junction.
    preamplifier
        Between the two.
    modulation
        The ac part.
    """

    wiring: TunnelWiring
    preamplifier: Preamplifier
    modulation: Modulation

    def current(self, output: float) -> float:
        """Return the dc current in A for an output of the preamplifier in V."""
        return output / self.wiring.gain

    def response(
        self, reading: LockinReading, error: float, output: float, normal: float, status: Status
    ) -> TunnelReading:
        """Return the response of the junction.

        Parameters
        ----------
        reading
            Of the lock-in.
        error
            Of X in V.
        output
            Of the preamplifier, dc in V.
        normal
            Magnitude of X at the set-point in V; 0 before it is known.
        status
            What is wrong with the reading already.

        Returns
        -------
        TunnelReading
            Without a conductance at a higher harmonic.
        """
        modulation, amplifier = self.modulation, self.preamplifier
        signal = math.hypot(reading.x, reading.y)
        status |= flags_of(reading.status)
        if amplifier.overloaded(output, signal):
            status |= Status.OVERLOAD
        current = self.current(output)
        if modulation.harmonic != 1:
            return TunnelReading(reading.x, reading.y, modulation.rms, math.nan, current, status)
        if abs(reading.y) > QUADRATURE * max(abs(reading.x), normal):
            status |= Status.QUADRATURE
        share = amplifier.gain_at(modulation.frequency) / amplifier.gain
        over = self.wiring.response * share * modulation.rms / self.wiring.modulation
        conductance = reading.x / over
        return TunnelReading(
            reading.x, reading.y, modulation.rms, conductance, current, status, error / over
        )


def mean_output(shown: Sequence[float]) -> tuple[float, float]:
    """Return the mean of readings of an ADC in V, and one standard error of it.

    Readings that scatter by less than half a step do not tell where between two steps the voltage
    is, however many there are: the error is that of a step, over the square root of 12.

    Parameters
    ----------
    shown
        At least two readings in V.

    Returns
    -------
    tuple of float
        Both in V.
    """
    scatter = statistics.stdev(shown)
    error = scatter / math.sqrt(len(shown))
    if scatter < 0.5 * ADC_STEP:
        error = ADC_STEP / math.sqrt(12.0)
    return statistics.fmean(shown), error
