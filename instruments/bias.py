"""How dc and ac current reach the sample, and how its response is read.

`OscillatorBias` is the wiring with the oscillator of the lock-in behind a series resistance and the
dc from the current source, both into the same contact::

    I_ac = (OA - V) / (series resistance + 50 ohm [+ 1/(i w C)])      (rms, complex)

and the response is dV/dI = V / I_ac. The direct current that leaks back through the resistor is
V_dc / (series resistance + 50 ohm), unless a capacitor blocks it.
"""

import cmath
import math
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, Self

from scipy.special import gammainccinv

from instruments.averaging import Average, average
from instruments.calibration import Calibration
from instruments.clock import Clock
from instruments.errors import InstrumentError, LimitError, RefusedError
from instruments.limits import StationLimits
from instruments.lockin import LockIn, LockinReading
from instruments.reference_frequency import SLOPE, Detection, averaging_time_constant
from instruments.status import Status
from instruments.waiting import Event, Steps, wait

OSCILLATOR_RESISTANCE = 50.0
RAMP_STEP = 0.05
"""Time between two steps of a ramp of the dc current in s."""
OUTPUT_REFRESH = 5e-3
SOURCE_SETTLING = 1e-3
LOADING = 0.1
"""Largest contact resistance over series resistance that is accepted unasked."""
QUADRATURE = 0.05
HEADROOM = 2.0
RETAKES = 3
LOWEST_COMPLIANCE = 0.1
COUNTS = 10_000
"""Smallest steps of the outputs of a lock-in in a full scale."""


class CurrentSource(Protocol):
    """What a bias asks of a source of direct current."""

    source_current: float
    source_compliance: float
    source_range: float
    source_enabled: bool

    def compliance_tripped(self) -> bool:
        """Tell whether the compliance has held the source since this was last asked."""
        ...

    def compliance_within(self, limit: float) -> float:
        """Return the compliance to program so that `limit` V is never exceeded."""
        ...

    def ramp_current(self, target: float, rate: float, step_time: float = RAMP_STEP) -> None:
        """Ramp to `target` A at `rate` A/s, waiting on the clock."""
        ...


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


class Bias(Protocol):
    """Apply dc and ac current to the contact, and read the response."""

    def configure(
        self, excitation: Excitation, largest: float, *, accept: bool = False
    ) -> Steps[None]:
        """Prepare for a dc current of magnitude up to `largest` A; everything is frozen then."""
        ...

    def set(self, current: float) -> Steps[None]:
        """Ramp the dc current to `current` A."""
        ...

    def read(self) -> Steps[BiasReading]:
        """Wait for the output filter, then read."""
        ...

    def zero(self) -> Steps[None]:
        """Measure the offsets of the lock-in, and subtract them until the sensitivity changes."""
        ...

    def raw(self) -> Steps[Average]:
        """Settle from now on, and average what the lock-in shows, uncorrected."""
        ...

    @property
    def sensitivity(self) -> float:
        """Return the full scale in V that was chosen last."""
        ...

    def calibrate(self, calibration: Calibration) -> None:
        """Correct every reading from now on."""
        ...

    def leak(self, voltage: float) -> float:
        """Return the dc current in A that does not pass the sample at a contact voltage in V."""
        ...

    def rest(self) -> None:
        """Ramp the dc to zero and take the excitation down, waiting on the clock."""
        ...

    def release(self) -> None:
        """Come to rest with the output off, so that wires may be moved; forget the contact."""
        ...

    def isolate(self) -> None:
        """Take the excitation down and ground the input, for a pulse."""
        ...

    def silence(self) -> None:
        """Take the excitation down with the input connected; undone by `reconnect`."""
        ...

    def reconnect(self) -> None:
        """Undo `isolate`."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return wiring and frozen settings."""
        ...


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
        self._source = source
        self._lockin = lockin
        self._clock = clock
        self._limits = limits
        self._series = series_resistance
        self._capacitor = blocking_capacitor
        self._accept_loading = accept_loading
        self._input_mode = input_mode
        self._excitation: Excitation | None = None
        self._amplitude = 0.0
        self._resistance = 0.0
        self._largest = 0.0
        self._current = 0.0
        self._changed = -math.inf
        self._sensitivity = math.nan
        self._calibration: Calibration | None = None
        self._zero: Average | None = None
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
        yield from self._park()
        self._prepare_source(largest)
        if accept:
            self.phase = None
        self._prepare_lockin(excitation)
        self._excitation, self._largest, self._resistance = excitation, largest, 0.0
        self._drive(excitation.rms)
        reading = yield from self._choose_sensitivity(excitation)
        voltage = self._voltage(reading)
        self._resistance = abs(voltage / self._ac_current(voltage))
        if accept:
            self._resistance = min(self._resistance, LOADING * self._total())
        else:
            self._check_loading()
        if self._drive(excitation.rms):
            reading = yield from self._choose_sensitivity(excitation)
        stale = self.phase is None or self.phase.frequency != excitation.frequency
        if stale and not accept:
            if excitation.dwell:
                reading = yield from self._averaged_reading(excitation)
            yield from self._find_phase(reading, excitation)
        if excitation.harmonic != 1:
            self._lockin.harmonic = excitation.harmonic
            self._touch()
            yield from self._choose_sensitivity(excitation)

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
                f" chosen for;"
                " a range is not changed in mid-spectrum"
            )
        self._check_limits(self._excitation, current)
        step = self._limits.current_rate * RAMP_STEP
        while abs(current - self._current) > step:
            self._send(self._current + math.copysign(step, current - self._current))
            yield from wait(self._clock, RAMP_STEP, "the bias to ramp")
        if current != self._current:
            self._send(current)

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
        if self._excitation is None:
            raise RefusedError("bias: read() before configure(); configure the excitation first")
        status = Status(0)
        reading, error = yield from self._kept_reading(self._excitation)
        limited = self._source.compliance_tripped()
        for _ in range(RETAKES):
            if not reading.status.overload or limited or not self._desensitise():
                break
            status |= Status.SENSITIVITY_CHANGED
            reading, error = yield from self._kept_reading(self._excitation)
        if limited:
            status |= Status.COMPLIANCE
        return self._evaluate(reading, error, self._excitation, status)

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
        self._zero = yield from self.raw()
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
        if self._excitation is None or not self._excitation.dwell:
            raise RefusedError(
                "bias: an average was asked for and no dwell is configured; configure one first"
            )
        self._touch()
        mean = yield from self._averaged_reading(self._excitation)
        return mean

    def calibrate(self, calibration: Calibration) -> None:
        """Correct gain, series resistance, offsets and phase of every reading from now on.

        The phase is taken from the calibration at the frequencies that it covers, instead of being
        found on the contact, so that the quadrature is that of the contact.
        """
        self._calibration = calibration
        self.phase = None

    @property
    def sensitivity(self) -> float:
        """Return the full scale in V that was chosen last."""
        return self._sensitivity

    def leak(self, voltage: float) -> float:
        """Return the dc current in A that flows back through the series resistance."""
        if self._capacitor is not None:
            return 0.0
        return voltage / self._total()

    def rest(self) -> None:
        """Ramp the dc to zero, then take the excitation down, waiting on the clock."""
        try:
            self._source.ramp_current(0.0, self._limits.current_rate, RAMP_STEP)
            self._current = 0.0
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
        self._source.source_compliance = LOWEST_COMPLIANCE
        self._source.source_enabled = False
        current, amplitude = self._source.source_current, self._lockin.voltage
        enabled = self._source.source_enabled
        if current or amplitude or enabled:
            raise InstrumentError(
                f"bias: the source is {'on' if enabled else 'off'} at {current:g} A and the"
                f" oscillator at {amplitude:g} V instead of off at 0 A and 0 V; no wire was moved,"
                " look at both"
            )
        self.phase = self._zero = None
        self._sensitivity, self._resistance = math.nan, 0.0

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

    def snapshot(self) -> dict[str, Any]:
        """Return wiring and frozen settings."""
        return {
            "kind": "oscillator",
            "series_resistance_ohm": self._series,
            "oscillator_resistance_ohm": OSCILLATOR_RESISTANCE,
            "blocking_capacitor_F": self._capacitor,
            "oscillator_rms_V": self._amplitude,
            "contact_resistance_ohm": self._resistance,
            "sensitivity_V": self._sensitivity,
            "phase_frequency_Hz": self.phase.frequency if self.phase else None,
            "phase_deg": self.phase.degrees if self.phase else None,
            "dwell_s": self._excitation.dwell if self._excitation else None,
        }

    def settling(self) -> float:
        """Return the time in s from a change of the bias to a reading that may be kept."""
        if self._excitation is None:
            return 0.0
        fraction = self._excitation.settle_fraction
        poles = self._excitation.slope // 6
        seconds = settling_time(poles, fraction) * self._time_constant(self._excitation)
        if self._capacitor is not None:
            seconds += math.log(1.0 / fraction) * self._total() * self._capacitor
        return seconds + SOURCE_SETTLING + OUTPUT_REFRESH

    def _check_limits(self, excitation: Excitation, largest: float) -> None:
        peak = abs(largest) + math.sqrt(2.0) * excitation.rms
        if not peak <= self._limits.current:
            raise LimitError(
                f"bias: {abs(largest):g} A dc plus {excitation.rms:g} A rms reach {peak:g} A,"
                f" above the"
                f" limit of {self._limits.current:g} A; choose less dc or less excitation"
            )
        open_circuit = math.sqrt(2.0) * excitation.rms * self._total()
        if not open_circuit <= self._limits.compliance:
            raise LimitError(
                f"bias: an open contact would see {open_circuit:.3g} V of the oscillator, above the"
                f" compliance of {self._limits.compliance:g} V; choose less excitation or a smaller"
                " series resistance"
            )

    def _park(self) -> Steps[None]:
        """Go to 0 A by the rate, with the oscillator down."""
        self._current = self._source.source_current
        step = self._limits.current_rate * RAMP_STEP
        while abs(self._current) > step:
            self._send(self._current - math.copysign(step, self._current))
            yield from wait(self._clock, RAMP_STEP, "the bias to ramp to zero")
        self._send(0.0)
        self._lockin.voltage = 0.0
        self._amplitude = 0.0

    def _prepare_source(self, largest: float) -> None:
        self._source.source_compliance = LOWEST_COMPLIANCE
        self._source.source_range = largest
        if not self._source.source_enabled:
            self._source.source_enabled = True
        wanted = self._source.compliance_within(self._limits.compliance)
        self._source.source_compliance = wanted
        held = self._source.source_compliance
        if not abs(held - wanted) <= 0.0051:
            raise InstrumentError(
                f"bias: the source holds a compliance of {held:g} V instead of {wanted:g} V;"
                " nothing was applied"
            )
        self._source.compliance_tripped()

    def _prepare_lockin(self, excitation: Excitation) -> None:
        self._lockin.imode = "voltage mode"
        self._lockin.vmode = self._input_mode
        self._lockin.coupling = 0
        self._lockin.reference = "internal"
        self._lockin.auto_gain = True
        self._lockin.frequency = excitation.frequency
        self._lockin.harmonic = 1
        self._lockin.time_constant = self._time_constant(excitation)
        self._lockin.slope = excitation.slope
        self._zero = None
        if self.phase is not None and self.phase.frequency != excitation.frequency:
            self.phase = None
        if self._calibration is not None and self._calibration.covers(excitation.frequency):
            turn = self._calibration.phase_at(excitation.frequency).value
            turn -= math.degrees(cmath.phase(self._impedance_at(excitation.frequency)))
            self.phase = PhaseSetting(excitation.frequency, turn)
        self._lockin.reference_phase = 0.0 if self.phase is None else self.phase.degrees
        self._touch()

    def _drive(self, rms: float) -> bool:
        """Set the oscillator for `rms` A through the contact; tell if it moved."""
        amplitude = rms * abs(self._impedance() + self._resistance)
        amplitude = min(amplitude, self._limits.compliance / math.sqrt(2.0))
        if math.isclose(amplitude, self._amplitude, rel_tol=1e-3):
            return False
        self._lockin.voltage = amplitude
        self._amplitude = amplitude
        self._touch()
        return True

    def _choose_sensitivity(self, excitation: Excitation) -> Steps[LockinReading]:
        """Go to the most sensitive range that leaves headroom, and return the last reading."""
        ranges = self._lockin.sensitivities()
        if excitation.sensitivity is not None:
            ranges = [full for full in ranges if full >= excitation.sensitivity * (1.0 - 1e-9)]
            ranges = ranges[:1]
        chosen = ranges[-1]
        self._set_sensitivity(chosen)
        while True:
            reading = yield from self._settled_reading(excitation)
            if reading.status.overload:
                while reading.status.overload and self._desensitise():
                    reading = yield from self._settled_reading(excitation)
                return reading
            magnitude = math.hypot(reading.x, reading.y)
            wanted = max(HEADROOM * magnitude, chosen / 100.0)
            better = next(full for full in ranges if full >= min(wanted, ranges[-1]))
            if better >= chosen:
                return reading
            chosen = better
            self._set_sensitivity(chosen)

    def _find_phase(self, reading: LockinReading, excitation: Excitation) -> Steps[None]:
        found = math.degrees(math.atan2(reading.y, reading.x))
        self._lockin.reference_phase = found
        self.phase = PhaseSetting(excitation.frequency, found)
        self._touch()
        yield from wait(self._clock, 0.0, "")

    def _check_loading(self) -> None:
        ratio = self._resistance / self._series
        if ratio > LOADING and not self._accept_loading:
            raise RefusedError(
                f"bias: the contact of {self._resistance:.4g} ohm is {ratio:.0%} of the series"
                f" resistance"
                f" of {self._series:g} ohm, so the excitation would follow the contact; use a"
                f" larger one"
                " or say accept_loading: true in the station file"
            )

    def _settled_reading(self, excitation: Excitation) -> Steps[LockinReading]:
        left = self._changed + self.settling() - self._clock.now()
        yield from wait(self._clock, max(0.0, left), "the lock-in to settle")
        return self._lockin.read_xy()

    def _kept_reading(self, excitation: Excitation) -> Steps[tuple[LockinReading, float]]:
        """Return a settled reading, averaged if there is a dwell, and the error of X in V."""
        if not excitation.dwell:
            single = yield from self._settled_reading(excitation)
            return single, math.nan
        mean = yield from self._averaged_reading(excitation)
        spread = 0.0 if self._zero is None else self._zero.x_error
        return mean, math.hypot(mean.x_error, spread)

    def _averaged_reading(self, excitation: Excitation) -> Steps[Average]:
        left = self._changed + self.settling() - self._clock.now()
        yield from wait(self._clock, max(0.0, left), "the lock-in to settle")
        detection = Detection(
            excitation.frequency,
            self._time_constant(excitation),
            excitation.slope,
            excitation.harmonic,
            self._lockin.line_frequency,
            self._sensitivity / COUNTS,
        )
        mean = yield from average(self._lockin, self._clock, excitation.dwell, detection)
        return mean

    def _desensitise(self) -> bool:
        """Take the next less sensitive range; tell whether there was one."""
        ranges = self._lockin.sensitivities()
        wider = [full for full in ranges if full > self._sensitivity * (1.0 + 1e-9)]
        if not wider:
            return False
        self._set_sensitivity(wider[0])
        return True

    def _set_sensitivity(self, full_scale: float) -> None:
        self._lockin.sensitivity = full_scale
        if not math.isclose(full_scale, self._sensitivity):
            self._zero = None
        self._sensitivity = full_scale
        self._touch()

    def _evaluate(
        self, reading: LockinReading, error: float, excitation: Excitation, status: Status
    ) -> BiasReading:
        if reading.status.overload:
            status |= Status.OVERLOAD
        if reading.status.reference_unlocked:
            status |= Status.UNLOCKED
        voltage = self._voltage(reading)
        x, y = voltage.real, voltage.imag
        if excitation.harmonic != 1:
            current = self._amplitude / abs(self._impedance() + self._resistance)
            return BiasReading(x, y, current, math.nan, status)
        if abs(y) > QUADRATURE * abs(x):
            status |= Status.QUADRATURE
        ac = self._ac_current(voltage)
        if not ac:
            return BiasReading(x, y, 0.0, math.nan, status)
        # R = V Z/(OA - V), so that dR/dV = OA Z/(OA - V)^2 = OA/(Z I^2)
        error *= self._amplitude / (self._gain() * abs(self._impedance()) * abs(ac) ** 2)
        return BiasReading(x, y, abs(ac), (voltage / ac).real, status, error)

    def _voltage(self, reading: LockinReading) -> complex:
        """Return the complex rms voltage at the contact, freed of offsets and gain."""
        raw = complex(reading.x, reading.y)
        if self._zero is not None:
            raw -= complex(self._zero.x, self._zero.y)
        elif self._calibration is not None:
            raw -= self._calibration.offset_at(self._sensitivity)
        return raw / self._gain()

    def _gain(self) -> float:
        if self._calibration is None:
            return 1.0
        return self._calibration.gain_at(self._sensitivity)

    def _ac_current(self, voltage: complex) -> complex:
        """Return the complex rms current through the contact, in the frame of the lock-in."""
        impedance = self._impedance()
        in_frame = cmath.rect(1.0, -cmath.phase(impedance))
        return (self._amplitude - voltage * in_frame) / abs(impedance)

    def _impedance(self) -> complex:
        frequency = 0.0 if self._excitation is None else self._excitation.frequency
        return self._impedance_at(frequency)

    def _impedance_at(self, frequency: float) -> complex:
        total = complex(self._total())
        if self._capacitor is not None and frequency > 0.0:
            total += 1.0 / (2.0j * math.pi * frequency * self._capacitor)
        return total

    def _total(self) -> float:
        known = self._calibration
        series = self._series if known is None else known.series_resistance.value
        return series + OSCILLATOR_RESISTANCE

    def _time_constant(self, excitation: Excitation) -> float:
        """Return the shortest time constant that is not shorter than the one asked for."""
        offered = self._lockin.time_constants()
        longer = [value for value in offered if value >= excitation.time_constant * (1.0 - 1e-9)]
        if not longer:
            raise LimitError(
                f"bias: a time constant of {excitation.time_constant:g} s is longer than the"
                f" longest,"
                f" {offered[-1]:g} s"
            )
        return longer[0]

    def _send(self, current: float) -> None:
        self._source.source_current = current
        self._current = current
        self._touch()

    def _touch(self) -> None:
        self._changed = self._clock.now()


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
