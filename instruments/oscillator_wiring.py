"""The oscillator of a lock-in behind a series resistance: its current, and what is read with it.

With OA the voltage of the oscillator and V that of the contact, rms and complex::

    I_ac = (OA - V) / (series resistance + 50 ohm [+ 1/(i w C)])

and the response is dV/dI = V / I_ac. The direct current that leaks back through the resistor is
V_dc / (series resistance + 50 ohm), unless a capacitor blocks it.
"""

import cmath
import math
from dataclasses import dataclass, replace

from instruments.averaging import Average
from instruments.calibration import Calibration
from instruments.excitation import QUADRATURE, BiasReading, PhaseSetting
from instruments.lockin import LockinReading
from instruments.status import Status

OSCILLATOR_RESISTANCE = 50.0


@dataclass(frozen=True, slots=True)
class OscillatorCircuit:
    """The circuit at one frequency, sensitivity and voltage of the oscillator.

    Parameters
    ----------
    impedance
        Between oscillator and contact in ohm.
    amplitude
        Of the oscillator, rms in V.
    gain
        Of the lock-in.
    offset
        Of its outputs X + iY in V.
    """

    impedance: complex
    amplitude: float
    gain: float
    offset: complex

    def voltage(self, reading: LockinReading) -> complex:
        """Return the complex rms voltage at the contact, freed of offsets and gain."""
        return (complex(reading.x, reading.y) - self.offset) / self.gain

    def current(self, voltage: complex) -> complex:
        """Return the complex rms current through the contact, in the frame of the lock-in."""
        in_frame = cmath.rect(1.0, -cmath.phase(self.impedance))
        return (self.amplitude - voltage * in_frame) / abs(self.impedance)

    def response(self, reading: LockinReading, error: float, status: Status) -> BiasReading:
        """Return the response at the first harmonic.

        Parameters
        ----------
        reading
            Of the lock-in.
        error
            Of X in V.
        status
            What is wrong with it already; too much quadrature is added.

        Returns
        -------
        BiasReading
            Without a resistance where no current flows.
        """
        voltage = self.voltage(reading)
        x, y = voltage.real, voltage.imag
        if abs(y) > QUADRATURE * abs(x):
            status |= Status.QUADRATURE
        ac = self.current(voltage)
        if not ac:
            return BiasReading(x, y, 0.0, math.nan, status)
        # R = V Z/(OA - V), so that dR/dV = OA Z/(OA - V)^2 = OA/(Z I^2)
        error *= self.amplitude / (self.gain * abs(self.impedance) * abs(ac) ** 2)
        return BiasReading(x, y, abs(ac), (voltage / ac).real, status, error)

    def harmonic(self, reading: LockinReading, resistance: float, status: Status) -> BiasReading:
        """Return the response at a higher harmonic, of a contact of a resistance in ohm."""
        voltage = self.voltage(reading)
        current = self.amplitude / abs(self.impedance + resistance)
        return BiasReading(voltage.real, voltage.imag, current, math.nan, status)


@dataclass(frozen=True, slots=True)
class OscillatorWiring:
    """What lies between the oscillator and a contact, as it is told and as it was calibrated.

    Parameters
    ----------
    series_resistance
        As it is told, in ohm.
    blocking_capacitor
        In series with it in F, or None.
    calibration
        Of this wiring, or None.
    """

    series_resistance: float
    blocking_capacitor: float | None = None
    calibration: Calibration | None = None

    def calibrated(self, calibration: Calibration) -> "OscillatorWiring":
        """Return the same, corrected by a calibration."""
        return replace(self, calibration=calibration)

    @property
    def resistance(self) -> float:
        """Return the resistance in ohm between an ideal oscillator and the contact."""
        known = self.calibration
        series = self.series_resistance if known is None else known.series_resistance.value
        return series + OSCILLATOR_RESISTANCE

    def impedance(self, frequency: float) -> complex:
        """Return the impedance in ohm at a frequency in Hz."""
        total = complex(self.resistance)
        if self.blocking_capacitor is not None and frequency > 0.0:
            total += 1.0 / (2.0j * math.pi * frequency * self.blocking_capacitor)
        return total

    def turn(self, frequency: float) -> float:
        """Return by how many degrees the impedance turns the current at a frequency in Hz."""
        return -math.degrees(cmath.phase(self.impedance(frequency)))

    def phase(self, frequency: float) -> PhaseSetting | None:
        """Return the reference phase that the calibration tells at a frequency in Hz, or None."""
        known = self.calibration
        if known is None or not known.covers(frequency):
            return None
        return PhaseSetting(frequency, known.phase_at(frequency).value + self.turn(frequency))

    def charging(self, fraction: float) -> float:
        """Return the time in s after which the capacitor has left a fraction of a step."""
        if self.blocking_capacitor is None:
            return 0.0
        return math.log(1.0 / fraction) * self.resistance * self.blocking_capacitor

    def leak(self, voltage: float) -> float:
        """Return the dc current in A that a dc voltage at the contact in V drives back."""
        return 0.0 if self.blocking_capacitor is not None else voltage / self.resistance

    def circuit(
        self, frequency: float, amplitude: float, sensitivity: float, zero: Average | None
    ) -> OscillatorCircuit:
        """Return the circuit as it is driven and read.

        Parameters
        ----------
        frequency
            In Hz.
        amplitude
            Of the oscillator, rms in V.
        sensitivity
            Of the lock-in, full scale in V.
        zero
            Its outputs with the input grounded; None takes those of the calibration.

        Returns
        -------
        OscillatorCircuit
            Without a calibration, the one that is told.
        """
        known = self.calibration
        offset = 0.0 + 0.0j if known is None else known.offset_at(sensitivity)
        if zero is not None:
            offset = complex(zero.x, zero.y)
        gain = 1.0 if known is None else known.gain_at(sensitivity)
        return OscillatorCircuit(self.impedance(frequency), amplitude, gain, offset)
