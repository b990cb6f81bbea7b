"""What a voltage bias applies to a tunnel junction, and what it reads of it."""

import math
from dataclasses import dataclass

from instruments.averaging import Average
from instruments.excitation import Excitation
from instruments.status import Status


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
