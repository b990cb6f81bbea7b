"""What lies between a lock-in and a tunnel junction, as it is told and as it was calibrated."""

import math
from dataclasses import dataclass

from instruments.tunnel_calibration import TunnelCalibration

CONVERTER_STEP = 1e-3
"""Smallest step of a converter of a 7265 in V."""
FULL = 0.95
"""Of the full scale of the preamplifier: beyond, a reading is flagged as overloaded."""


@dataclass(frozen=True, slots=True)
class Preamplifier:
    """A current preamplifier.

    Parameters
    ----------
    gain
        In V/A.
    bandwidth
        In Hz, one pole.
    full_scale
        Highest magnitude of its output in V.
    """

    gain: float
    bandwidth: float = math.inf
    full_scale: float = 10.0

    def gain_at(self, frequency: float) -> float:
        """Return the magnitude of the gain in V/A at a frequency in Hz."""
        return self.gain / math.hypot(1.0, frequency / self.bandwidth)

    def overloaded(self, output: float, signal: float) -> bool:
        """Tell whether the output in V and the signal on it, rms in V, reach its full scale."""
        return abs(output) + math.sqrt(2.0) * signal >= FULL * self.full_scale


@dataclass(frozen=True, slots=True)
class Dividers:
    """What lies between the lock-in and the sample.

    Parameters
    ----------
    divider
        Voltage at the sample over that of the converter.
    oscillator_divider
        Ac voltage at the sample over that of the oscillator.
    dac
        Number of the converter, 1 to 4.
    """

    divider: float
    oscillator_divider: float
    dac: int = 1


@dataclass(frozen=True, slots=True)
class TunnelWiring:
    """How the numbers of the lock-in become those of the junction.

    Parameters
    ----------
    ratio
        Dc voltage at the sample over that of the converter.
    offset
        Dc voltage at the sample in V while the converter is set to 0 V.
    modulation
        Ac voltage at the sample over that of the oscillator.
    gain
        Of the preamplifier at dc in V/A.
    response
        Signal in V over dI/dV in S and the voltage of the oscillator in V, at no frequency.
    """

    ratio: float
    offset: float
    modulation: float
    gain: float
    response: float

    @classmethod
    def of(
        cls,
        dividers: Dividers,
        preamplifier: Preamplifier,
        calibration: TunnelCalibration | None = None,
    ) -> "TunnelWiring":
        """Return the wiring that is told, corrected by a calibration if there is one.

        Parameters
        ----------
        dividers
            As the station file tells.
        preamplifier
            As the station file tells.
        calibration
            Of this wiring.

        Returns
        -------
        TunnelWiring
            By which voltages are set and currents are read.
        """
        told = cls(
            dividers.divider,
            0.0,
            dividers.oscillator_divider,
            preamplifier.gain,
            dividers.oscillator_divider * preamplifier.gain,
        )
        if calibration is None:
            return told
        return cls(
            told.ratio * calibration.bias_scale.value,
            calibration.bias_offset.value,
            told.modulation * calibration.modulation_scale.value,
            told.gain * calibration.current_scale.value,
            told.response * calibration.conductance_scale.value,
        )

    def voltage(self, volts: float) -> float:
        """Return the dc voltage at the sample in V for one of the converter in V."""
        return self.ratio * volts + self.offset

    def converter(self, voltage: float) -> float:
        """Return the step of the converter in V that makes a voltage at the sample in V best."""
        return whole_step((voltage - self.offset) / self.ratio)


def whole_step(volts: float) -> float:
    """Return a voltage rounded to a whole step of the converter."""
    return round(volts, 3)
