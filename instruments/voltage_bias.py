"""A tunnel junction biased with a voltage, and its current read behind a preamplifier.

One lock-in does it all: a converter (DAC) behind a divider makes the dc, the oscillator behind
another the ac, both summed at the sample; a current preamplifier feeds the input, and its dc output
an ADC::

    V = divider DAC + oscillator_divider OA            dI/dV = X / (gain oscillator_divider OA)

A calibration tells what the dividers, the gain and the offset of the bias really are.
`OscillatorBias` is the same for a current; a station has one of the two.
"""

import math
from collections.abc import Generator
from dataclasses import replace
from typing import Any, Protocol

from instruments.clock import Clock
from instruments.detector import Detector
from instruments.errors import InstrumentError, RefusedError
from instruments.excitation import RAMP_STEP
from instruments.limits import StationLimits
from instruments.lockin import LockIn
from instruments.tunnel_calibration import TunnelCalibration
from instruments.tunnel_limits import ROUNDING, check_bias, ramp_step
from instruments.tunnel_reading import (
    Modulation,
    RawReading,
    TunnelCircuit,
    TunnelReading,
    VoltageBiasState,
    mean_output,
)
from instruments.tunnel_wiring import Dividers, Preamplifier, TunnelWiring, whole_step
from instruments.waiting import Event, Steps, wait

HEADROOM = 4.0
"""Full scale over the signal at the set-point: a coherence peak is up to three times as high."""
CURRENT_READINGS, SET_POINT_READINGS = 2, 16
"""Readings of the ADC that are averaged to one dc current, of a point and of the set-point."""


class ConvertingLockIn(LockIn, Protocol):
    """A lock-in with converters."""

    dac1: float
    dac2: float
    dac3: float
    dac4: float

    @property
    def adc1(self) -> float:
        """Return the voltage at ADC 1 in V."""
        ...


class VoltageBias:
    """Dc from a converter, ac from the oscillator, both of one lock-in and each behind a divider.

    Parameters
    ----------
    lockin
        The lock-in; its input follows the preamplifier, and so does its ADC 1.
    clock
        The clock of the station.
    limits
        Of the station; dc plus peak ac is checked here before anything is sent.
    dividers
        Between lock-in and sample.
    preamplifier
        Between sample and lock-in.
    input_mode
        Of the lock-in: ``A``, ``-B`` or ``A-B``.
    """

    def __init__(
        self,
        lockin: ConvertingLockIn,
        clock: Clock,
        limits: StationLimits,
        *,
        dividers: Dividers,
        preamplifier: Preamplifier,
        input_mode: str = "A",
    ) -> None:
        self._lockin = lockin
        self._clock = clock
        self._limits = limits
        self.dividers = dividers
        self.preamplifier = preamplifier
        self._wiring = TunnelWiring.of(dividers, preamplifier)
        self._input_mode = input_mode
        self._name = f"dac{dividers.dac}"
        self._modulation: Modulation | None = None
        self._detector: Detector | None = None
        self._largest = 0.0
        self._volts = self._oscillator = math.nan
        self._phase = math.nan
        self._at_set_point: TunnelReading | None = None

    @property
    def at_set_point(self) -> TunnelReading:
        """Return the reading at the set-point.

        Raises
        ------
        RefusedError
            The bias is not configured.
        """
        if self._at_set_point is None:
            raise RefusedError("bias: nothing is known of the set-point before configure()")
        return self._at_set_point

    @property
    def voltage(self) -> float:
        """Return the dc voltage that was set last in V: a whole step of the converter."""
        return self._wiring.voltage(self._volts)

    @property
    def sensitivity(self) -> float:
        """Return the full scale in V that was chosen last."""
        return math.nan if self._detector is None else self._detector.sensitivity

    def calibrate(self, calibration: TunnelCalibration) -> None:
        """Set and read by the wiring that was measured, from now on.

        The limits hold for the wiring that is told as well.
        """
        self._wiring = TunnelWiring.of(self.dividers, self.preamplifier, calibration)

    def connect(self) -> VoltageBiasState:
        """Read what stands; nothing is changed.

        Returns
        -------
        VoltageBiasState
            At the sample.
        """
        self._volts = float(getattr(self._lockin, self._name))
        self._oscillator = self._lockin.voltage
        return VoltageBiasState(self.voltage, self._wiring.modulation * self._oscillator)

    def configure(
        self, modulation: Modulation, largest: float, set_point: float
    ) -> Generator[Event, None, None]:
        """Go to the set-point, choose sensitivity and phase there, freeze them, and read.

        Parameters
        ----------
        modulation
            The ac part.
        largest
            Magnitude of the largest dc voltage that will be set, in V.
        set_point
            Dc voltage in V at which the junction conducts as in the normal state.

        Yields
        ------
        Event
            Waits while the lock-in settles.

        Raises
        ------
        LimitError
            Dc plus peak ac is above the limit, or the instrument cannot make it; nothing was sent.
        """
        self._check(modulation.rms, max(abs(largest), abs(set_point)))
        self.connect()
        self._sound(0.0)
        detector = Detector(self._lockin, self._clock, modulation, headroom=HEADROOM)
        detector.prepare(self._input_mode)
        self._modulation, self._detector = modulation, detector
        self._largest, self._at_set_point = max(abs(largest), abs(set_point)), None
        yield from self.set(set_point)
        self._sound(modulation.rms / self._wiring.modulation)
        detector.touch()
        yield from detector.choose_sensitivity()
        found = yield from detector.find_phase(0.0)
        self._phase = 0.0 if found is None else found
        if modulation.harmonic != 1:
            yield from detector.change_harmonic()
        reading = yield from self.read()
        current = self._output(SET_POINT_READINGS) / self._wiring.gain
        self._at_set_point = replace(reading, current=current)

    def set(self, voltage: float) -> Generator[Event, None, None]:
        """Ramp the dc voltage at the rate of the station.

        Parameters
        ----------
        voltage
            At the sample in V; the nearest step of the converter is taken.

        Yields
        ------
        Event
            A wait per step of the ramp.

        Raises
        ------
        RefusedError
            The bias is not configured, or the voltage is beyond what it was configured for.
        """
        modulation = self._modulation
        if modulation is None:
            raise RefusedError("bias: set() before configure(); configure the modulation first")
        if abs(voltage) > self._largest * ROUNDING:
            raise RefusedError(
                f"bias: {voltage:g} V is beyond the {self._largest:g} V that it was configured for"
            )
        self._check(modulation.rms, voltage)
        target = self._wiring.converter(voltage)
        step = ramp_step(self._limits, self.dividers, self._wiring)
        while abs(target - self._volts) > step:
            self._send(whole_step(self._volts + math.copysign(step, target - self._volts)))
            yield from wait(self._clock, RAMP_STEP, "the bias to ramp")
        if target != self._volts:
            self._send(target)

    def read(self) -> Steps[TunnelReading]:
        """Wait for the output filter and read; an overloaded point is taken again less sensitively.

        Returns
        -------
        TunnelReading
            With the flags of everything that is wrong with it.

        Raises
        ------
        RefusedError
            The bias is not configured.
        """
        modulation, detector = self._modulation, self._detector
        if detector is None or modulation is None:
            raise RefusedError("bias: read() before configure(); configure the modulation first")
        reading, error = yield from detector.kept()
        reading, error, status = yield from detector.in_range(reading, error)
        circuit = TunnelCircuit(self._wiring, self.preamplifier, modulation)
        normal = 0.0 if self._at_set_point is None else abs(self._at_set_point.x)
        output = self._output(CURRENT_READINGS)
        return circuit.response(reading, error, output, normal, status)

    def raw(self, readings: int) -> Steps[RawReading]:
        """Settle from now on, and average what the lock-in and its ADC show, uncorrected.

        Parameters
        ----------
        readings
            Of the ADC, at least two.

        Returns
        -------
        RawReading
            With what converter and oscillator are set to.

        Raises
        ------
        RefusedError
            The bias is not configured, or not with a dwell.
        """
        modulation, detector = self._modulation, self._detector
        if detector is None or modulation is None or not modulation.dwell:
            raise RefusedError(
                "bias: an average was asked for and no dwell is configured; configure one first"
            )
        detector.touch()
        mean = yield from detector.averaged()
        output = mean_output([self._lockin.adc1 for _ in range(readings)])
        return RawReading(self._volts, self._lockin.voltage, output, mean)

    def silence(self) -> None:
        """Take the modulation down; the dc stays."""
        self._sound(0.0)

    def rest(self) -> None:
        """Ramp the dc to zero, then take the modulation down, waiting on the clock."""
        try:
            self.connect()
            step = ramp_step(self._limits, self.dividers, self._wiring)
            while abs(self._volts) > step:
                self._send(whole_step(self._volts - math.copysign(step, self._volts)))
                self._clock.sleep(RAMP_STEP)
            self._send(0.0)
        finally:
            self._sound(0.0)
            self._modulation = self._detector = None

    def release(self) -> None:
        """Come to rest and read it back, so that wires may be moved; forget the junction.

        Raises
        ------
        InstrumentError
            The converter or the oscillator is not at rest: no wire may be moved.
        """
        self.rest()
        left = self.connect()
        if self._volts or left.modulation:
            raise InstrumentError(
                f"bias: {left.voltage:g} V dc and {left.modulation:g} V rms stand at the sample"
                " instead of 0 V; no wire was moved, look at the lock-in"
            )
        self._phase, self._at_set_point = math.nan, None

    def setpoints(self) -> dict[str, float]:
        """Return what was set last, without a question; see `instruments.biasing.Bias`."""
        detector, modulation = self._detector, self._modulation
        found = {
            "voltage": self.voltage,
            "modulation_rms": self._wiring.modulation * self._oscillator,
            "oscillator_rms": self._oscillator,
        }
        found = {name: value for name, value in found.items() if not math.isnan(value)}
        if modulation is not None:
            found["frequency"] = modulation.frequency
        if detector is not None:
            found["sensitivity"] = detector.sensitivity
            found["time_constant"] = detector.time_constant
        return found

    def snapshot(self) -> dict[str, Any]:
        """Return wiring, and what stands."""
        state = self.connect()
        modulation = self._modulation
        return {
            "kind": "voltage",
            "divider": self.dividers.divider,
            "oscillator_divider": self.dividers.oscillator_divider,
            "dac": self.dividers.dac,
            "preamplifier_gain_V_per_A": self.preamplifier.gain,
            "preamplifier_bandwidth_Hz": self.preamplifier.bandwidth,
            "preamplifier_full_scale_V": self.preamplifier.full_scale,
            "voltage_V": state.voltage,
            "modulation_rms_V": state.modulation,
            "sensitivity_V": self.sensitivity,
            "phase_deg": self._phase,
            "dwell_s": None if modulation is None else modulation.dwell,
        }

    def _check(self, rms: float, largest: float) -> None:
        check_bias(self._limits, self.dividers, self._wiring, rms, largest)

    def _output(self, readings: int) -> float:
        """Return the dc output of the preamplifier in V, the mean of some readings."""
        return sum(self._lockin.adc1 for _ in range(readings)) / readings

    def _sound(self, rms: float) -> None:
        """Set the oscillator to a voltage, rms in V."""
        self._lockin.voltage = rms
        self._oscillator = rms

    def _send(self, volts: float) -> None:
        setattr(self._lockin, self._name, volts)
        self._volts = volts
        if self._detector is not None:
            self._detector.touch()
