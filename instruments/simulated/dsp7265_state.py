"""The state of a simulated 7265: settings, reference, output filter, outputs and curve buffer."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from instruments.simulated import dsp7265_curves as curves
from instruments.simulated import dsp7265_settings as legal
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import Signal
from instruments.simulated.dsp7265_demodulation import (
    HiddenErrors,
    clipping,
    demodulate,
    white_noise,
)
from instruments.simulated.dsp7265_reference import ExternalReference, Reference
from instruments.simulated.dsp7265_settings import FIXED_FULL_SCALE, FIXED_LIMIT, Settings
from instruments.simulated.lockin_filter import TICK, Drive, OutputFilter, noise_bandwidth

REFRESH = 4 * TICK
"""Interval in s at which the outputs are refreshed at TC >= 5 ms; else every tick (assumed)."""
ADC_NOISE = 1e-3
"""Rms in V of a reading of ADC 1 or 2 (assumed)."""
ADC3_COUNTS = 50_000
NHZ_LIMIT = 60e3

AdcInputs = Mapping[int, Callable[[], float]]


class Automatic(Enum):
    """What runs for a while by itself; the value is its time in time constants (assumed)."""

    SENSITIVITY = 10.0
    MEASURE = 15.0
    PHASE = 5.0


AUTOMATIC_TIME = 0.05
"""Added to the time of every automatic function in s (assumed)."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """X and Y in fixed point; full scale is 10000 and both end at 30000."""

    x: int
    y: int

    @property
    def magnitude(self) -> int:
        """Return the magnitude in fixed point."""
        return min(FIXED_LIMIT, round(math.hypot(self.x, self.y)))

    @property
    def phase(self) -> int:
        """Return the phase in hundredths of a degree."""
        return round(100.0 * math.degrees(math.atan2(self.y, self.x)))


class LockIn:
    """A 7265 without strings.

    Parameters
    ----------
    bench
        The circuit.
    role
        Of the input among the wiring's inputs.
    generator
        Of the noise.
    errors
        Of this instrument.
    noise
        Factor on all white noise; 0 is a quiet instrument.
    external_reference
        Frequency in Hz at the reference input at a time, or None.
    adc_inputs
        Voltage in V at an ADC input by its number; must not move the bench.
    adc_noise
        Whether ADC 1 and 2 are noisy.
    """

    def __init__(
        self,
        bench: Bench,
        role: str,
        generator: np.random.Generator,
        errors: HiddenErrors,
        *,
        noise: float = 1.0,
        external_reference: ExternalReference | None = None,
        adc_inputs: AdcInputs | None = None,
        adc_noise: bool = True,
    ) -> None:
        self.settings = Settings()
        self.errors = errors
        self.curves = curves.CurveBuffer()
        self._bench = bench
        self._role = role
        self._generator = generator
        self._noise = noise
        self._reference = Reference(external_reference, self.settings.frequency)
        self._adc_inputs: AdcInputs = {} if adc_inputs is None else adc_inputs
        self._adc_noise = ADC_NOISE if adc_noise else 0.0
        now = bench.clock.now()
        settings = self.settings
        self._filter = OutputFilter(generator, now, settings.seconds(), settings.poles())
        self._held = 0.0 + 0.0j
        self._held_at = now
        self._version = 0
        self._driven: tuple[Signal | None, int, float] | None = None
        self._automatic: Automatic | None = None
        self._automatic_end = -math.inf

    # --- time -------------------------------------------------------------------------------------

    def advance(self, start: float, end: float) -> None:
        """Carry filter, reference and curve buffer from `start` to `end` s."""
        self._drive_filter(start)
        locks_at, automatic_end = self._reference.locks_at, self._automatic_end
        if start < locks_at <= end or start < automatic_end <= end:
            for moment in sorted(m for m in {locks_at, automatic_end} if start < m <= end):
                self._store_until(moment)
                if moment == automatic_end:
                    self._end_automatic(moment)
                self._drive_filter(moment)
        self._store_until(end)

    def now(self) -> float:
        """Return the time of the bench in s."""
        return self._bench.clock.now()

    def busy_for(self, now: float) -> float:
        """Return how long in s an automatic function goes on."""
        return max(0.0, self._automatic_end - now)

    def begin(self, function: Automatic) -> None:
        """Start an automatic function; an auto-measure sets 100 ms and 12 dB/oct (assumed)."""
        if function is Automatic.MEASURE:
            self.settings.time_constant, self.settings.slope = 11, 1
            self.changed()
        self._automatic = function
        lasts = function.value * self.settings.seconds() + AUTOMATIC_TIME
        self._automatic_end = self.now() + lasts

    def changed(self) -> None:
        """Note that a setting has changed: from now on the filter sees something else."""
        self._version += 1

    def reset(self) -> None:
        """Take up the factory settings; what the curve buffer holds is lost."""
        self.settings = Settings()
        self.curves.clear()
        self.lose_lock()

    def lose_lock(self) -> None:
        """Search for the reference anew."""
        self._reference.lose()
        self.changed()

    def reference(self, now: float) -> float | None:
        """Return the frequency of the reference in Hz, or None while it is not locked."""
        return self._reference.frequency(now, self.settings.source, self.settings.frequency)

    # --- outputs ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take up the outputs of the last refresh before the present."""
        self._hold(self.now())

    def outputs(self) -> Outputs:
        """Return X and Y as last refreshed."""
        self.refresh()
        return self._outputs()

    def _outputs(self) -> Outputs:
        settings = self.settings
        reading = self._held / legal.full_scale(settings.sensitivity) + self.errors.offset
        x = round(reading.real * FIXED_FULL_SCALE) - settings.offset_x[0] * settings.offset_x[1]
        y = round(reading.imag * FIXED_FULL_SCALE) - settings.offset_y[0] * settings.offset_y[1]
        return Outputs(_clip(x), _clip(y))

    def volts(self, counts: float) -> float:
        """Return fixed-point counts in V, or in A in a current mode."""
        return counts * self.settings.full_scale() / FIXED_FULL_SCALE

    def input_overloaded(self) -> bool:
        """Tell whether the input is overloaded now."""
        return clipping(self.settings, self._signal()) != 1.0

    def overload(self) -> int:
        """Return the overload byte N."""
        found = self.outputs()
        values = (found.x, found.y, found.magnitude)
        byte = 0
        for channel, chosen in enumerate(self.settings.outputs):
            gain = 10 if chosen < 2 and self.settings.expand >> chosen & 1 else 1
            beyond = chosen < len(values) and abs(values[chosen]) * gain > 1.2 * FIXED_FULL_SCALE
            byte |= beyond << (1 + channel)
        byte |= (abs(found.y) >= FIXED_LIMIT) << 3
        byte |= (abs(found.x) >= FIXED_LIMIT) << 4
        byte |= self.input_overloaded() << 6
        byte |= (self.reference(self.now()) is None) << 7
        return byte

    def noise_density(self) -> float:
        """Return the noise at the input in V/rtHz, for a reference below 60 kHz."""
        if (self.reference(self.now()) or 0.0) >= NHZ_LIMIT:
            raise legal.ParameterError
        return self._noise * white_noise(self.settings, self._signal())

    def noise_bandwidth(self) -> float:
        """Return the equivalent noise bandwidth of the output filter in Hz."""
        return noise_bandwidth(self.settings.poles(), self.settings.seconds())

    def noise_output(self) -> float:
        """Return the mean absolute noise of an output in V: sqrt(2/pi) of its rms (assumed)."""
        density = self._noise * white_noise(self.settings, self._signal())
        return density * math.sqrt(2.0 / math.pi * self.noise_bandwidth())

    def adc(self, number: int) -> int:
        """Return the voltage at ADC 1 or 2 in mV."""
        volts = self._adc_inputs[number]() if number in self._adc_inputs else 0.0
        volts += self._adc_noise * float(self._generator.standard_normal())
        return max(-12_000, min(12_000, round(1000.0 * volts)))

    def adc3(self) -> int:
        """Return the integral of the voltage at ADC 3 over its time in counts."""
        volts = self._adc_inputs[3]() if 3 in self._adc_inputs else 0.0
        return round(ADC3_COUNTS * volts * self.settings.adc3_time * 1e-3)

    def ratio(self) -> float:
        """Return X over ADC 1 at the last `refresh`; 0 when ADC 1 reads 0 (assumed)."""
        below = self.adc(1)
        return 1000.0 * self.volts(self._outputs().x) / below if below else 0.0

    def log_ratio(self) -> float:
        """Return the decimal logarithm of the ratio, at least -3 (assumed)."""
        return math.log10(max(1e-3, self.ratio()))

    # --- curve buffer -----------------------------------------------------------------------------

    def store(self, *, circular: bool) -> None:
        """Start to store; an interval of 0 stores X and Y with a fast filter."""
        settings = self.settings
        if settings.interval == 0:
            legal.set_curves(settings, 3)
            settings.time_constant = min(settings.time_constant, legal.FASTEST_SLOW - 1)
            settings.slope = min(settings.slope, 1)
            self.changed()
        self.curves.start(self.now(), settings, circular=circular)

    def _row(self) -> tuple[int, ...]:
        bits = self.settings.curves
        return tuple(self._stored(bit) for bit in range(legal.STORED_CURVES) if bits >> bit & 1)

    def _stored(self, bit: int) -> int:
        if bit <= curves.PHASE:
            found = self._outputs()
            return (found.x, found.y, found.magnitude, found.phase)[bit]
        return int(_STORED[bit](self))

    def _store_until(self, end: float) -> None:
        while self.curves.due <= end:
            self._hold(self.curves.due)
            self.curves.store(self._row())

    # --- inside -----------------------------------------------------------------------------------

    def _signal(self) -> Signal | None:
        settings = self.settings
        if settings.imode or settings.vmode in {0, 2}:
            return None
        if self._role not in self._bench.wiring.inputs:
            return None
        return self._bench.signal(self._role)

    def _drive_filter(self, time: float) -> None:
        signal = self._signal()
        reference = self.reference(time)
        frequency = self._reference.free_running if reference is None else reference
        driven = self._driven
        if driven is not None and driven[0] is signal and driven[1:] == (self._version, frequency):
            return
        self._hold(time)
        self._driven = (signal, self._version, frequency)
        settings = self.settings
        wanted = (settings.seconds(), settings.poles())
        if wanted != (self._filter.time_constant, self._filter.poles):
            self._filter.reshape(time, *wanted)
        drive = demodulate(settings, signal, self.errors, frequency)
        if self._noise != 1.0:
            noise = self._noise * drive.noise
            drive = Drive(drive.constant, drive.amplitudes, drive.beats, noise)
        self._filter.follow(time, drive)

    def _hold(self, time: float) -> None:
        slow = self.settings.time_constant >= legal.FASTEST_SLOW
        interval = REFRESH if slow else TICK
        refreshed = math.floor(time / interval + 1e-6) * interval
        if refreshed > self._held_at:
            self._held = self._filter.value(refreshed)
            self._held_at = refreshed

    def _end_automatic(self, time: float) -> None:
        self._hold(time)
        running, self._automatic = self._automatic, None
        if running is not Automatic.PHASE:
            self._choose_sensitivity()
        if running is not Automatic.SENSITIVITY:
            self._turn_phase()
        self.changed()

    def _choose_sensitivity(self) -> None:
        settings = self.settings
        clip = clipping(settings, self._signal())
        magnitude = abs(self._held / clip)
        lowest = legal.LOWEST_IN_LOW_NOISE if settings.imode == 2 else 1
        for number in range(lowest, legal.SENSITIVITIES + 1):
            legal.set_sensitivity(settings, number)
            fits = magnitude <= 0.9 * legal.full_scale(number)
            if fits and clipping(settings, self._signal()) == 1.0:
                return

    def _turn_phase(self) -> None:
        found = math.degrees(math.atan2(self._held.imag, self._held.real))
        turned = (self.settings.phase + found + 180.0) % 360.0 - 180.0
        legal.set_phase(self.settings, turned)


def _clip(counts: int) -> int:
    return max(-FIXED_LIMIT, min(FIXED_LIMIT, counts))


def _millihertz(lockin: LockIn) -> int:
    return round(1000.0 * (lockin.reference(lockin.curves.due) or 0.0))


_STORED: Mapping[int, Callable[[LockIn], float]] = {
    curves.SENSITIVITY: lambda s: curves.sensitivity_code(s.settings),
    curves.ADC1: lambda s: s.adc(1),
    curves.ADC2: lambda s: s.adc(2),
    curves.ADC3: LockIn.adc3,
    curves.DAC1: lambda s: round(1000.0 * s.settings.dac[0]),
    curves.DAC2: lambda s: round(1000.0 * s.settings.dac[1]),
    curves.NOISE: lambda s: round(s.noise_output() / s.volts(1.0)),
    curves.RATIO: lambda s: max(-32768, min(32767, round(1000.0 * s.ratio()))),
    curves.LOG_RATIO: lambda s: round(1000.0 * s.log_ratio()),
    curves.EVENT: lambda s: s.settings.event,
    curves.LOW_WORD: lambda s: _millihertz(s) % 65536,
    curves.HIGH_WORD: lambda s: _millihertz(s) // 65536,
}
