"""The waveform generator of a 6221: its settings, its states, and the wave as the bench carries it.

A finite wave of up to 1000 steps, or a wave of up to 1 Hz, is put out as exact steps of the dc
current (a ramp in 64 steps a cycle, an arbitrary wave point by point). Every other wave is put out
as its mean and its fundamental tone: its overtones are missing. A sine is always a tone.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from instruments.simulated.circuit import SourceOutput
from instruments.simulated.keithley6221_output import WAVE_STOPPED, Mode, Output
from instruments.simulated.keithley6221_program import (
    Program,
    Shape,
    fundamental,
    is_stepped,
    mean,
    points,
    ramp,
    square,
    tone,
)
from instruments.simulated.keithley6221_ranges import HIGHEST_CURRENT, fits, holding
from instruments.simulated.scpi_parameters import ScpiError

MOST_POINTS = 65536
LiveWrites = Literal["allow", "reject", "allow_ampl_offs_freq"]
_LIVE = frozenset({"amplitude", "offset", "frequency"})


class Function(Enum):
    """The form of the wave; an arbitrary one by its place in memory."""

    ARBITRARY_0 = 0
    ARBITRARY_1 = 1
    ARBITRARY_2 = 2
    ARBITRARY_3 = 3
    ARBITRARY_4 = 4
    SINE = 10
    SQUARE = 11
    RAMP = 12


@dataclass(frozen=True, slots=True)
class Wave:
    """Settings of the generator, as after a reset.

    Parameters
    ----------
    function
        The form.
    amplitude
        Peak, in A.
    frequency
        In Hz.
    offset
        In A.
    duty
        Part of the cycle in percent that a square is high or a ramp rises.
    marker
        Phase of the phase marker in degrees.
    marker_on
        Whether the marker is put out.
    marker_line
        Trigger line of the marker.
    best
        Whether the range is chosen when the wave is armed; else it is that of the dc source.
    duration
        In s or in cycles.
    in_cycles
        Whether it is in cycles; the one that was set last.
    external
        Whether the wave waits for an external trigger.
    external_line
        Trigger line of that trigger.
    external_ignored
        Whether triggers during the wave are ignored; they always are here (assumed).
    inactive
        Value from -1 to 1 that is put out while it waits.
    """

    function: Function = Function.SINE
    amplitude: float = 1e-3
    frequency: float = 1e3
    offset: float = 0.0
    duty: float = 50.0
    marker: float = 180.0
    marker_on: bool = False
    marker_line: int = 3
    best: bool = True
    duration: float = math.inf
    in_cycles: bool = False
    external: bool = False
    external_line: int = 0
    external_ignored: bool = False
    inactive: float = 0.0

    @property
    def seconds(self) -> float:
        """Return the duration in s."""
        return self.duration / self.frequency if self.in_cycles else self.duration

    @property
    def cycles(self) -> float:
        """Return the duration in cycles."""
        return self.duration if self.in_cycles else self.duration * self.frequency

    @property
    def peak(self) -> float:
        """Return the highest magnitude in A."""
        return abs(self.offset) + self.amplitude


class WaveGenerator:
    """Arm, start and stop waves on an output.

    Parameters
    ----------
    output
        Where the wave is put out.
    live_writes
        Which settings may be written while a wave is armed or runs; this is disputed.
    switches_on
        Whether the start switches the output on; this is disputed.
    """

    def __init__(self, output: Output, live_writes: LiveWrites, *, switches_on: bool) -> None:
        if live_writes not in {"allow", "reject", "allow_ampl_offs_freq"}:
            raise ValueError(
                f"live writes are 'allow', 'reject' or 'allow_ampl_offs_freq', not {live_writes!r}"
            )
        self._output = output
        self._live_writes = live_writes
        self.switches_on = switches_on
        self.wave = Wave()
        self.memory: dict[int, tuple[float, ...]] = dict.fromkeys(range(5), ())
        self._range = 0
        self._origin = 0.0  # time at which the phase was zero
        self._started: float | None = None

    @property
    def armed(self) -> bool:
        """Tell whether a wave is armed or runs."""
        self._output.catch_up()
        return self._output.mode in {Mode.WAVE_ARMED, Mode.WAVE}

    @property
    def waiting(self) -> bool:
        """Tell whether a wave has been started but waits for its external trigger."""
        return self._output.mode is Mode.WAVE and self._started is None

    def running(self, now: float) -> bool:
        """Tell whether the wave goes on at `now` s."""
        started = self._output.mode is Mode.WAVE and self._started is not None
        return started and now < self._output.program.end

    def change(self, **settings: object) -> None:
        """Change settings; while a wave is armed or runs as far as this unit allows it."""
        now = self._output.catch_up()
        busy = self._output.mode in {Mode.WAVE_ARMED, Mode.WAVE}
        if busy and not self._allows(settings):
            raise ScpiError(-221)
        wave = replace(self.wave, **settings)  # type: ignore[arg-type]  # the table names fields
        if busy and not fits(wave.peak, self._range):
            raise ScpiError(-221)  # (assumed) the range was chosen when the wave was armed
        before, self.wave = self.wave, wave
        if busy and self._output.mode is Mode.WAVE:
            self._go_on(before, now)

    def arm(self) -> None:
        """Check the settings, choose the range and drive the output to 0 A."""
        output = self._output
        output.catch_up()
        if output.mode in {Mode.WAVE, Mode.SWEEP, Mode.SWEEP_WAITING}:
            raise ScpiError(-221)
        wave = self.wave
        index = holding(wave.peak) if wave.best else output.direct.range_index
        highest = HIGHEST_CURRENT * (1.0 + 1e-9)
        if wave.peak > highest or not fits(wave.peak, index):
            raise ScpiError(-221)
        if wave.function.value in self.memory and len(self.memory[wave.function.value]) < 2:
            raise ScpiError(-221)  # (assumed) an empty memory cannot be armed
        self._range = index
        output.direct.level = 0.0  # (assumed) nothing comes back after the wave
        output.become(Mode.WAVE_ARMED, Program.steady(output.level(0.0, index)))

    def start(self) -> None:
        """Start the armed wave."""
        output = self._output
        now = output.catch_up()
        if output.mode is not Mode.WAVE_ARMED:
            raise ScpiError(-221)
        if self.switches_on:
            output.set_on(True)
        self._started = None
        if self.wave.external:
            output.become(Mode.WAVE, Program.steady(self._inactive()))
        else:
            self._begin(now)

    def trigger(self, line: int) -> None:
        """Take a pulse on a trigger line: the wave that waits for it starts."""
        now = self._output.catch_up()
        if self.waiting and line == self.wave.external_line:
            self._begin(now)

    def abort(self) -> None:
        """Stop or disarm; harmless when there is nothing to stop."""
        output = self._output
        now = output.catch_up()
        if output.mode is Mode.WAVE:
            output.leave(WAVE_STOPPED, now)
        elif output.mode is Mode.WAVE_ARMED:
            output.disarm()
            output.put_out_level()

    def load(self, values: tuple[float, ...], *, append: bool = False) -> None:
        """Write points into the volatile memory."""
        if self.armed and self._live_writes != "allow":
            raise ScpiError(-221)
        values = self.memory[0] + values if append else values
        if len(values) > MOST_POINTS:
            raise ScpiError(-225)
        self.memory[0] = values

    def keep(self, place: int) -> None:
        """Copy the volatile memory to one that lasts; also a reset leaves it."""
        if not self.memory[0]:
            raise ScpiError(-221)
        self.memory[place] = self.memory[0]

    def marker_frequency(self, now: float) -> float | None:
        """Return the frequency of the phase marker's edges in Hz, or None when there are none."""
        return self.wave.frequency if self.wave.marker_on and self.running(now) else None

    def marker_phase(self, now: float) -> float | None:
        """Return the phase in rad of the sine that crosses zero upward at the edges of the marker.

        It is that of `bench.Tone`: of a cosine of the clock's time.
        """
        if self.marker_frequency(now) is None:
            return None
        turns = math.fmod(self.wave.frequency * self._origin, 1.0)
        return -0.5 * math.pi - 2.0 * math.pi * turns - math.radians(self.wave.marker)

    def _allows(self, settings: dict[str, object]) -> bool:
        if self._live_writes == "allow":
            return True
        return self._live_writes == "allow_ampl_offs_freq" and settings.keys() <= _LIVE

    def _begin(self, now: float) -> None:
        self._origin = self._started = now
        self._output.become(Mode.WAVE, self._program(now))

    def _go_on(self, before: Wave, now: float) -> None:
        """Take up changed settings in the middle of a wave without a jump of its phase."""
        if self._started is None:
            self._output.program = Program.steady(self._inactive())
            return
        turns = math.fmod((now - self._origin) * before.frequency, 1.0)
        self._origin = now - turns / self.wave.frequency
        self._output.program = self._program(self._started)

    def _inactive(self) -> SourceOutput:
        wave = self.wave
        return self._output.level(wave.offset + wave.inactive * wave.amplitude, self._range)

    def _program(self, started: float) -> Program:
        wave, output = self.wave, self._output
        end = started + wave.seconds
        after = replace(output.level(0.0, self._range), connected=False, current=0.0, noise=0.0)
        if wave.function is not Function.SINE:
            shape = self._shape()
            if is_stepped(shape, wave.frequency, wave.seconds):
                return self._steps(shape, end, after)
            middle, swing = mean(shape), fundamental(shape)
        else:
            middle, swing = 0.0, -1j
        peak = output.calibration.amplitude(wave.amplitude, self._range)
        sound = tone(swing * peak, wave.frequency, self._origin)
        dc = output.level(wave.offset + middle * wave.amplitude, self._range, sound)
        return Program(self._origin, (0.0,), (dc,), end=end, after=after)

    def _steps(self, shape: Shape, end: float, after: SourceOutput) -> Program:
        wave = self.wave
        levels = {
            value: self._output.level(wave.offset + value * wave.amplitude, self._range)
            for value in {value for _, value in shape}
        }
        return Program(
            self._origin,
            tuple(begin / wave.frequency for begin, _ in shape),
            tuple(levels[value] for _, value in shape),
            1.0 / wave.frequency,
            end,
            after,
        )

    def _shape(self) -> Shape:
        function = self.wave.function
        if function is Function.SQUARE:
            return square(self.wave.duty / 100.0)
        if function is Function.RAMP:
            return ramp(self.wave.duty / 100.0)
        return points(self.memory[function.value])
