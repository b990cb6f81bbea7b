"""How dc and ac current reach the sample, and how its response is read.

`OscillatorBias` is the wiring with the oscillator of the lock-in behind a series resistance and the
dc from the current source, both into the same contact. It plays three parts together: the dc is
`direct_current`'s, currents and responses are worked out by `oscillator_wiring`, and `detector`
reads the lock-in.
"""

import math
from collections.abc import Generator
from typing import Any

from instruments.averaging import Average
from instruments.biasing import CurrentSource
from instruments.calibration import Calibration
from instruments.clock import Clock
from instruments.detector import Detector
from instruments.direct_current import DirectCurrent
from instruments.errors import InstrumentError, LimitError, RefusedError
from instruments.excitation import BiasReading, Excitation, PhaseSetting
from instruments.limits import StationLimits
from instruments.lockin import LockIn, LockinReading, flags_of
from instruments.oscillator_wiring import (
    OSCILLATOR_RESISTANCE,
    OscillatorCircuit,
    OscillatorWiring,
)
from instruments.status import Status
from instruments.waiting import Event, Steps

SOURCE_SETTLING = 1e-3
LOADING = 0.1
"""Largest contact resistance over series resistance that is accepted unasked."""
HEADROOM = 2.0
"""Full scale over the signal at no bias."""


class OscillatorBias:
    """Dc from the current source, ac from the oscillator behind a series resistance.

    Parameters
    ----------
    source
        The current source.
    lockin
        The lock-in whose oscillator drives the resistor.
    clock
        The clock of the station.
    limits
        Of the station; dc plus peak ac is checked here.
    series_resistance
        In ohm.
    blocking_capacitor
        In series with it in F, or None.
    accept_loading
        Whether a contact above a tenth of the series resistance is accepted.
    input_mode
        Of the lock-in while it measures: ``A``, ``-B`` or ``A-B``.
    """

    def __init__(
        self,
        source: CurrentSource,
        lockin: LockIn,
        clock: Clock,
        limits: StationLimits,
        *,
        series_resistance: float,
        blocking_capacitor: float | None = None,
        accept_loading: bool = False,
        input_mode: str = "A-B",
    ) -> None:
        self._lockin = lockin
        self._clock = clock
        self._limits = limits
        self._direct = DirectCurrent(source, clock, limits, self._touch)
        self._wiring = OscillatorWiring(series_resistance, blocking_capacitor)
        self._accept_loading = accept_loading
        self._input_mode = input_mode
        self._excitation: Excitation | None = None
        self._amplitude = 0.0
        self._resistance = 0.0
        self._largest = 0.0
        self._detector: Detector | None = None
        self._zero: tuple[float, Average] | None = None
        self.phase: PhaseSetting | None = None

    def configure(
        self, excitation: Excitation, largest: float, *, accept: bool = False
    ) -> Generator[Event, None, None]:
        """Prepare source and lock-in, choose sensitivity and phase on the contact, and freeze them.

        Parameters
        ----------
        excitation
            The ac part.
        largest
            Magnitude of the largest dc current that will be set, in A.
        accept
            Whether any contact is accepted, even an open one, and the phase is not found on it:
            for a check of the contact.

        Yields
        ------
        Event
            Waits while the lock-in settles.

        Raises
        ------
        LimitError
            Dc plus peak ac is above the limit, or an open contact would see more than the
            compliance.
        RefusedError
            The contact loads the series resistance too much.
        """
        self._check_limits(excitation, largest)
        yield from self._direct.park()
        self._lockin.voltage = 0.0
        self._amplitude = 0.0
        self._direct.prepare(largest)
        if accept:
            self.phase = None
        detector = self._prepare_lockin(excitation)
        self._excitation, self._largest, self._resistance = excitation, largest, 0.0
        self._drive(excitation)
        reading = yield from detector.choose_sensitivity()
        circuit = self._circuit(excitation)
        voltage = circuit.voltage(reading)
        self._resistance = abs(voltage / circuit.current(voltage))
        if accept:
            self._resistance = min(self._resistance, LOADING * self._wiring.resistance)
        else:
            self._check_loading()
        if self._drive(excitation):
            yield from detector.choose_sensitivity()
        if self.phase is None and not accept:
            found = yield from detector.find_phase(self._wiring.turn(excitation.frequency))
            self.phase = None if found is None else PhaseSetting(excitation.frequency, found)
        if excitation.harmonic != 1:
            yield from detector.change_harmonic()

    def set(self, current: float) -> Generator[Event, None, None]:
        """Ramp the dc current at the rate of the station.

        Parameters
        ----------
        current
            In A.

        Yields
        ------
        Event
            A wait per step of the ramp.

        Raises
        ------
        RefusedError
            The bias is not configured, or the current needs another range.
        """
        if self._excitation is None:
            raise RefusedError("bias: set() before configure(); configure the excitation first")
        if abs(current) > self._largest * (1.0 + 1e-9):
            raise RefusedError(
                f"bias: {current:g} A is beyond the {self._largest:g} A that the range was"
                f" chosen for; a range is not changed in mid-spectrum"
            )
        self._check_limits(self._excitation, current)
        yield from self._direct.ramp(current)

    def read(self) -> Steps[BiasReading]:
        """Wait for the output filter and read; an overloaded point is taken again less sensitively.

        Returns
        -------
        BiasReading
            With the flags of everything that is wrong with it.

        Raises
        ------
        RefusedError
            The bias is not configured.
        """
        excitation, detector = self._excitation, self._detector
        if excitation is None or detector is None:
            raise RefusedError("bias: read() before configure(); configure the excitation first")
        reading, error = yield from detector.kept()
        if self._direct.tripped():
            status = Status.COMPLIANCE
        else:
            reading, error, status = yield from detector.in_range(reading, error)
        offset = self._offset()
        if offset is not None:
            error = math.hypot(error, offset.x_error)
        return self._evaluate(reading, error, excitation, status)

    def zero(self) -> Steps[None]:
        """Measure the outputs with the input grounded, and subtract them from now on.

        It holds until the sensitivity changes, and replaces what a calibration says of the offsets.

        Returns
        -------
        Events
            Waits while the lock-in settles and is averaged.

        Raises
        ------
        RefusedError
            The bias is not configured for averages.
        """
        self.isolate()
        offset = yield from self.raw()
        self._zero = (self.sensitivity, offset)
        self.reconnect()

    def raw(self) -> Steps[Average]:
        """Wait for the output filter from now on, and average the outputs without any correction.

        Returns
        -------
        Average
            In V, as the lock-in shows it.

        Raises
        ------
        RefusedError
            The bias is not configured for averages.
        """
        excitation, detector = self._excitation, self._detector
        if excitation is None or detector is None or not excitation.dwell:
            raise RefusedError(
                "bias: an average was asked for and no dwell is configured; configure one first"
            )
        detector.touch()
        mean = yield from detector.averaged()
        return mean

    def calibrate(self, calibration: Calibration) -> None:
        """Correct gain, series resistance, offsets and phase of every reading from now on.

        The phase is taken from the calibration at the frequencies that it covers, instead of being
        found on the contact, so that the quadrature is that of the contact.
        """
        self._wiring = self._wiring.calibrated(calibration)
        self.phase = None

    @property
    def sensitivity(self) -> float:
        """Return the full scale in V that was chosen last."""
        return math.nan if self._detector is None else self._detector.sensitivity

    def leak(self, voltage: float) -> float:
        """Return the dc current in A that flows back through the series resistance."""
        return self._wiring.leak(voltage)

    def rest(self) -> None:
        """Ramp the dc to zero, then take the excitation down, waiting on the clock."""
        try:
            self._direct.ramp_down()
        finally:
            self._lockin.voltage = 0.0
            self._amplitude = 0.0
            self._excitation = None
            self._touch()

    def release(self) -> None:
        """Come to rest, lower the compliance, switch the output off, and read all of it back.

        An output that is on charges the open leads up to the compliance, even at 0 A. Phase,
        sensitivity and resistance that were found on the contact are forgotten.

        Raises
        ------
        InstrumentError
            The source or the oscillator is not at rest: no wire may be moved.
        """
        self.rest()
        self._direct.switch_off()
        (current, enabled), amplitude = self._direct.shown(), self._lockin.voltage
        if current or amplitude or enabled:
            raise InstrumentError(
                f"bias: the source is {'on' if enabled else 'off'} at {current:g} A and the"
                f" oscillator at {amplitude:g} V instead of off at 0 A and 0 V; no wire was moved,"
                " look at both"
            )
        self.phase = self._zero = self._detector = None
        self._resistance = 0.0

    def isolate(self) -> None:
        """Take the excitation down and ground the input of the lock-in."""
        self._lockin.voltage = 0.0
        self._lockin.vmode = "grounded"

    def silence(self) -> None:
        """Take the excitation down; the input stays connected."""
        self._lockin.voltage = 0.0
        self._touch()

    def reconnect(self) -> None:
        """Connect the input of the lock-in and put the excitation back."""
        self._lockin.vmode = self._input_mode
        self._lockin.voltage = self._amplitude
        self._touch()

    def setpoints(self) -> dict[str, float]:
        """Return what was set last, without a question; see `instruments.biasing.Bias`."""
        excitation, detector = self._excitation, self._detector
        found = {
            "current": self._direct.current,
            "excitation_rms": 0.0 if excitation is None else excitation.rms,
            "oscillator_rms": self._amplitude,
            "compliance": self._direct.compliance,
        }
        if excitation is not None:
            found["frequency"] = excitation.frequency
        if detector is not None:
            found["sensitivity"] = detector.sensitivity
            found["time_constant"] = detector.time_constant
        return found

    def snapshot(self) -> dict[str, Any]:
        """Return wiring and frozen settings."""
        return {
            "kind": "oscillator",
            "series_resistance_ohm": self._wiring.series_resistance,
            "oscillator_resistance_ohm": OSCILLATOR_RESISTANCE,
            "blocking_capacitor_F": self._wiring.blocking_capacitor,
            "oscillator_rms_V": self._amplitude,
            "contact_resistance_ohm": self._resistance,
            "sensitivity_V": self.sensitivity,
            "phase_frequency_Hz": self.phase.frequency if self.phase else None,
            "phase_deg": self.phase.degrees if self.phase else None,
            "dwell_s": self._excitation.dwell if self._excitation else None,
        }

    def _check_limits(self, excitation: Excitation, largest: float) -> None:
        peak = abs(largest) + math.sqrt(2.0) * excitation.rms
        if not peak <= self._limits.current:
            raise LimitError(
                f"bias: {abs(largest):g} A dc plus {excitation.rms:g} A rms reach {peak:g} A,"
                f" above the limit of {self._limits.current:g} A; choose less dc or less excitation"
            )
        open_circuit = math.sqrt(2.0) * excitation.rms * self._wiring.resistance
        if not open_circuit <= self._limits.compliance:
            raise LimitError(
                f"bias: an open contact would see {open_circuit:.3g} V of the oscillator, above the"
                f" compliance of {self._limits.compliance:g} V; choose less excitation or a smaller"
                " series resistance"
            )

    def _prepare_lockin(self, excitation: Excitation) -> Detector:
        slow = SOURCE_SETTLING + self._wiring.charging(excitation.settle_fraction)
        detector = Detector(self._lockin, self._clock, excitation, headroom=HEADROOM, slow=slow)
        self._detector, self._zero = detector, None
        if self.phase is not None and self.phase.frequency != excitation.frequency:
            self.phase = None
        self.phase = self._wiring.phase(excitation.frequency) or self.phase
        detector.prepare(self._input_mode, 0.0 if self.phase is None else self.phase.degrees)
        return detector

    def _drive(self, excitation: Excitation) -> bool:
        """Set the oscillator for an excitation of the contact; tell if it moved."""
        impedance = self._wiring.impedance(excitation.frequency)
        amplitude = excitation.rms * abs(impedance + self._resistance)
        amplitude = min(amplitude, self._limits.compliance / math.sqrt(2.0))
        if math.isclose(amplitude, self._amplitude, rel_tol=1e-3):
            return False
        self._lockin.voltage = amplitude
        self._amplitude = amplitude
        self._touch()
        return True

    def _check_loading(self) -> None:
        series = self._wiring.series_resistance
        ratio = self._resistance / series
        if ratio > LOADING and not self._accept_loading:
            raise RefusedError(
                f"bias: the contact of {self._resistance:.4g} ohm is {ratio:.0%} of the series"
                f" resistance of {series:g} ohm, so the excitation would follow the contact; use a"
                " larger one or say accept_loading: true in the station file"
            )

    def _offset(self) -> Average | None:
        """Return the offsets that were measured at the present sensitivity."""
        if self._zero is None or not math.isclose(self._zero[0], self.sensitivity):
            return None
        return self._zero[1]

    def _evaluate(
        self, reading: LockinReading, error: float, excitation: Excitation, status: Status
    ) -> BiasReading:
        status |= flags_of(reading.status)
        circuit = self._circuit(excitation)
        if excitation.harmonic != 1:
            return circuit.harmonic(reading, self._resistance, status)
        return circuit.response(reading, error, status)

    def _circuit(self, excitation: Excitation) -> OscillatorCircuit:
        return self._wiring.circuit(
            excitation.frequency, self._amplitude, self.sensitivity, self._offset()
        )

    def _touch(self) -> None:
        """Note that something has changed: the filter begins to settle now."""
        if self._detector is not None:
            self._detector.touch()
