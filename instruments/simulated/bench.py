"""The circuit: sources, sample, meters, and the time that passes for all of them together.

The bench owns the virtual sample and what drives it. Twins read the bench and tell it what they put
out; they have no tick of their own. `Bench.sync` carries everything forward to the present: it must
be called *before* a twin changes what it puts out, and before it reads.

The circuit is the one of a dc source in parallel with an oscillator behind a series resistance::

    6221  ----+---- sample (terminals of the source) ----+
              |                                          |
    OSC --- series resistance (--- blocking capacitor)   ground

so that the current through the sample is I = I_source + (v_osc - V)/Z, with Z the series
resistance, the 50 ohm of the oscillator, and the capacitor. A connected source whose voltage would
exceed its compliance holds the compliance instead.
"""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from instruments.clock import Clock
from instruments.simulated.sample import Environment, Exposure, FloatArray, VirtualSample

OSCILLATOR_RESISTANCE = 50.0
PHASES = 12
"""Intervals of the cosine grid on which one period is sampled."""
_NODES = np.cos(np.pi * np.arange(PHASES + 1) / PHASES)
_WEIGHTS = np.where(np.isin(np.arange(PHASES + 1), (0, PHASES)), 0.5, 1.0) * 2.0 / PHASES
_SERIES = _WEIGHTS * np.cos(np.pi * np.outer(np.arange(PHASES), np.arange(PHASES + 1)) / PHASES)
_SERIES[0] *= 0.5
_ORDERS = 1j * np.arange(PHASES)


def _derivative(nodes: FloatArray) -> FloatArray:
    """Return the matrix that takes values on the cosine grid to their derivative there.

    It is that of the interpolating polynomial (Trefethen, Spectral Methods in MATLAB, chapter 6).
    """
    count = len(nodes)
    ends = np.where(np.isin(np.arange(count), (0, count - 1)), 2.0, 1.0)
    signs = ends * (-1.0) ** np.arange(count)
    apart = nodes[:, np.newaxis] - nodes + np.eye(count)
    matrix = np.outer(signs, 1.0 / signs) / apart
    return np.asarray(matrix - np.diag(matrix.sum(axis=1)))


_DERIVATIVE = _derivative(_NODES)
LOST = 1e-9
"""Ac over dc below which a difference of two voltages has too few digits for a slope."""
BALANCED = 1e-8
"""Last correction of the loading, relative to the current, after which only a straight line is
followed: a law that bends over its own argument is wrong by the square of this."""
SAME_TEMPERATURE = 1e-6
SAME_FIELD = 1e-8
SAME_ANGLE = 1e-5
"""Changes of temperature (relative), field (T) and angle (degrees) that make no difference."""
MOVING_STEP = 1.0
"""Longest step in s while the surroundings or the sample move."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a cryostat does to the sample, in truth and not as it reports it.

    Parameters
    ----------
    temperature
        Of the block under the sample in K.
    field
        Along the axis of the magnet in T.
    angle
        Of the rotator in degrees.
    moving
        Whether any of the three changes now.
    """

    temperature: float = 300.0
    field: float = 0.0
    angle: float = 0.0
    moving: bool = False


class CryostatModel(Protocol):
    """Tell the condition of the sample space at a time."""

    def condition(self, now: float) -> Condition:
        """Return the condition at `now` s; called with times that never go back."""
        ...


@dataclass(frozen=True, slots=True)
class Steady:
    """A cryostat that stays as it is."""

    held: Condition = Condition()

    def condition(self, now: float) -> Condition:
        """Return the condition that is held."""
        return self.held


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


class SourceModel(Protocol):
    """A twin that drives current."""

    def output(self, now: float) -> SourceOutput:
        """Return what is put out at `now` s."""
        ...

    def next_change(self, now: float) -> float:
        """Return the first time after `now` at which the output changes by itself, or infinity."""
        ...


class OscillatorModel(Protocol):
    """A twin with an oscillator."""

    def oscillator(self) -> Tone | None:
        """Return the open-circuit voltage of the oscillator in V, or None if off."""
        ...


class Observer(Protocol):
    """A twin with a memory in time, such as the output filter of a lock-in."""

    def advance(self, start: float, end: float) -> None:
        """Carry the memory from `start` to `end` s; the signals are constant meanwhile."""
        ...


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
        White noise in V/rtHz, of the sample and of the current sources on its slope.
    """

    frequency: float
    harmonics: np.ndarray[tuple[int], np.dtype[np.complex128]]
    peak: float
    noise: float


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
    """

    source: str = "I+ I-"
    inputs: Mapping[str, str] = field(default_factory=lambda: {"lockin": "V+ V-"})
    series_resistance: float = 100e3
    blocking_capacitor: float | None = None


@dataclass(frozen=True)
class Mount:
    """How the crystal sits on the rotator.

    At the angle phi the field in the crystal's frame is H (cos(phi - offset) u + sin(phi - offset)
    w), tilted out of the plane of u and w by `misalignment`.

    Parameters
    ----------
    along
        Unit vector u of the crystal that the field follows at the angle `offset`.
    towards
        Unit vector w that it follows 90 degrees later.
    offset
        Of the angle, in degrees.
    misalignment
        Of the plane of rotation, in degrees.
    """

    along: tuple[float, float, float] = (1.0, 0.0, 0.0)
    towards: tuple[float, float, float] = (0.0, 1.0, 0.0)
    offset: float = 0.0
    misalignment: float = 0.0

    def field(self, magnitude: float, angle: float) -> tuple[float, float, float]:
        """Return the field vector in the crystal's frame in T for a rotator angle in degrees."""
        turn = math.radians(angle - self.offset)
        tilt = math.radians(self.misalignment)
        u, w = self.along, self.towards
        normal = (
            u[1] * w[2] - u[2] * w[1],
            u[2] * w[0] - u[0] * w[2],
            u[0] * w[1] - u[1] * w[0],
        )
        a = magnitude * math.cos(turn) * math.cos(tilt)
        b = magnitude * math.sin(turn)
        c = magnitude * math.cos(turn) * math.sin(tilt)
        x, y, z = (a * p + b * q + c * r for p, q, r in zip(u, w, normal, strict=True))
        return (x, y, z)


@dataclass(slots=True)
class Peaks:
    """The highest values that the sample has ever felt.

    Parameters
    ----------
    voltage
        Between the terminals of the source in V.
    current
        Through the source's terminals in A.
    """

    voltage: float = 0.0
    current: float = 0.0


@dataclass(frozen=True, slots=True)
class _Solution:
    """The circuit on the cosine grid of one period."""

    frequency: float
    phase: float
    current: FloatArray
    voltage: FloatArray
    clamped: bool
    slope: float
    exposure: Exposure
    peak_current: float


class Bench:
    """One sample and the instruments round it.

    Parameters
    ----------
    sample
        The virtual sample.
    clock
        The time that passes.
    wiring
        How the instruments are connected.
    mount
        How the crystal sits on the rotator.
    cryostat
        Where the sample is; room temperature and no field if omitted.
    seed
        Of all noise and all hidden errors.
    """

    def __init__(
        self,
        sample: VirtualSample,
        clock: Clock,
        *,
        wiring: Wiring | None = None,
        mount: Mount | None = None,
        cryostat: CryostatModel | None = None,
        seed: int = 1,
    ) -> None:
        self.sample = sample
        self.clock = clock
        self.wiring = Wiring() if wiring is None else wiring
        self.mount = Mount() if mount is None else mount
        self.cryostat: CryostatModel = Steady() if cryostat is None else cryostat
        self.source: SourceModel | None = None
        self.oscillator: OscillatorModel | None = None
        self.peaks = Peaks()
        self.lock = threading.RLock()
        self._seeds = np.random.SeedSequence(seed)
        self._observers: list[Observer] = []
        self._time = clock.now()
        self._condition = self.cryostat.condition(self._time)
        self._environment = self._surroundings()
        self._block_voltage = 0.0
        self._solved: tuple[object, ...] | None = None
        self._stepping = False
        self._solution = self._circuit(SourceOutput(), None)
        self._signals: dict[str, Signal] = {}

    def generator(self) -> np.random.Generator:
        """Return a stream of random numbers for one twin; the order of calls matters."""
        return np.random.default_rng(self._seeds.spawn(1)[0])

    def watch(self, observer: Observer) -> None:
        """Carry the memory of `observer` along with time from now on."""
        self.sync()
        self._observers.append(observer)

    def sync(self) -> None:
        """Carry sample and observers to the present; the cryostat calls it before it obeys."""
        now = self.clock.now()
        if self._time < now:
            self._look_around(self._time)
        while self._time < now:
            end = min(now, self._next_change())
            if self._moving():
                end = min(end, self._time + MOVING_STEP)
                self._look_around(0.5 * (self._time + end))  # a step stands for its middle
            self._step(end)

    def put_into(self, cryostat: CryostatModel) -> None:
        """Put the sample into a cryostat."""
        self.sync()
        self.cryostat = cryostat
        self._look_around(self._time)

    def connect(self, wiring: Wiring) -> None:
        """Move the wires to another contact."""
        self.sync()
        self.wiring = wiring
        self._forget()

    def insert(self, sample: VirtualSample) -> None:
        """Put another sample in the place of this one, such as one whose contact has opened."""
        self.sync()
        self.sample = sample
        self._forget()

    @property
    def condition(self) -> Condition:
        """Return the condition of the sample space at the last `sync`."""
        return self._condition

    @property
    def environment(self) -> Environment:
        """Return the surroundings of the sample at the last `sync`."""
        return self._environment

    def signal(self, role: str) -> Signal:
        """Return what stands between the input terminals of the meter `role` now.

        Parameters
        ----------
        role
            A key of the wiring's inputs.

        Returns
        -------
        Signal
            Amplitudes relative to the oscillator.
        """
        self._solve()
        if role not in self._signals:
            self._signals[role] = self._measure(self.wiring.inputs[role])
        return self._signals[role]

    def in_compliance(self) -> bool:
        """Tell whether the source is held by its compliance now."""
        return self._solve().clamped

    def truth(self) -> dict[str, float]:
        """Return what only tests may see, in SI units and degrees."""
        self.sync()
        solution = self._solve()
        output = self._output()
        tone = self._tone()
        return {
            "time": self._time,
            "source_current": output.current if output.connected else 0.0,
            "source_connected": float(output.connected),
            "source_tone": output.tone.amplitude if output.connected and output.tone else 0.0,
            "oscillator_rms": tone.amplitude / math.sqrt(2.0) if tone else 0.0,
            "sample_current": solution.exposure.current,
            "contact_voltage": solution.exposure.peak_voltage,
            "peak_contact_voltage": self.peaks.voltage,
            "peak_contact_current": self.peaks.current,
            "temperature": self._condition.temperature,
            "field": self._condition.field,
            "angle": self._condition.angle,
        }

    def _step(self, end: float) -> None:
        start = self._time
        solution = self._solve()
        exposure = solution.exposure
        peaks = self.peaks
        if exposure.peak_voltage > peaks.voltage or solution.peak_current > peaks.current:
            peaks.voltage = max(peaks.voltage, exposure.peak_voltage)
            peaks.current = max(peaks.current, solution.peak_current)
        self._stepping = True
        try:
            for observer in self._observers:
                observer.advance(start, end)
        finally:
            self._stepping = False
        self._charge(solution, end - start)
        self.sample.evolve(end - start, self._environment, {self.wiring.source: exposure})
        moved = self._moving()
        self._time = end
        self._look_around(end)
        if moved or exposure.peak_voltage > 1.0:
            self._forget()

    def _look_around(self, moment: float) -> None:
        """See where the sample is; a command may have set the cryostat in motion since."""
        condition = self.cryostat.condition(moment)
        if condition is not self._condition and _differs(condition, self._condition):
            self._condition = condition
            self._environment = self._surroundings()
            self._forget()

    def _next_change(self) -> float:
        return math.inf if self.source is None else self.source.next_change(self._time)

    def _moving(self) -> bool:
        return self._condition.moving or self.sample.restless

    def _surroundings(self) -> Environment:
        vector = self.mount.field(self._condition.field, self._condition.angle)
        return Environment(self._condition.temperature, vector)

    def _output(self) -> SourceOutput:
        return SourceOutput() if self.source is None else self.source.output(self._time)

    def _tone(self) -> Tone | None:
        return None if self.oscillator is None else self.oscillator.oscillator()

    def _forget(self) -> None:
        self._solved = None
        self._signals.clear()

    def _solve(self) -> _Solution:
        if self._stepping:
            return self._solution  # whatever an observer does now counts from the end of the step
        output, tone = self._output(), self._tone()
        key = (output, tone, self._block_voltage)
        if self._solved != key:
            self._signals.clear()
            self._solution = self._circuit(output, tone)
            self._solved = key
        return self._solution

    def _circuit(self, output: SourceOutput, tone: Tone | None) -> _Solution:
        frequency, phasor = self._phasor(output, tone)
        direct = output.current if output.connected else 0.0
        nodes = _NODES if phasor != 0.0 else _NODES[:1]
        drive = direct + abs(phasor) * nodes
        conductance = 0.0 if self.oscillator is None else 1.0 / self._series()
        current, voltage = self._share(drive, abs(phasor), conductance)
        least, most = _extent(voltage)
        clamped = output.connected and max(most, -least) > output.compliance
        if clamped:
            current, voltage = self._hold(current, voltage, output.compliance)
            least, most = _extent(voltage)
        lowest, highest = _extent(current)
        span = highest - lowest
        peak = max(highest, -lowest)
        lost = span <= LOST * peak
        slope = self._slope(float(current[0])) if lost else (most - least) / span
        phase = math.atan2(phasor.imag, phasor.real)
        exposure = Exposure(_mean(current), _mean(voltage), max(most, -least))
        return _Solution(frequency, phase, current, voltage, clamped, slope, exposure, peak)

    def _hold(
        self, current: FloatArray, voltage: FloatArray, compliance: float
    ) -> tuple[FloatArray, FloatArray]:
        """Hold the voltage at the compliance wherever it would be beyond."""
        held = np.clip(voltage, -compliance, compliance)
        flowing = self.sample.current(held, self.wiring.source, self._environment)
        return np.where(np.abs(voltage) > compliance, flowing, current), held

    def _phasor(self, output: SourceOutput, tone: Tone | None) -> tuple[float, complex]:
        """Return the frequency and the complex peak amplitude of the current that is driven."""
        phasor = 0.0 + 0.0j
        frequency = 0.0
        if tone is not None and tone.amplitude > 0.0:
            frequency = tone.frequency
            impedance = complex(self._series())
            if self.wiring.blocking_capacitor is not None:
                impedance += 1.0 / (2.0j * math.pi * frequency * self.wiring.blocking_capacitor)
            phasor += _phase(tone) / impedance
        wave = output.tone if output.connected else None
        if wave is not None and (frequency in (0.0, wave.frequency)):
            frequency = wave.frequency
            phasor += _phase(wave)
        return frequency, phasor

    def _share(
        self, drive: FloatArray, amplitude: float, conductance: float
    ) -> tuple[FloatArray, FloatArray]:
        """Share the driven current between the sample and the resistor of the oscillator.

        The law is followed along its slope under the driven current, which the law itself tells.
        """
        pair = self.wiring.source
        current = drive
        voltage = self.sample.voltage(current, pair, pair, self._environment)
        if conductance == 0.0:
            return current, voltage
        if amplitude > LOST * abs(float(drive[0])):
            slope = _DERIVATIVE @ voltage / amplitude
        else:
            slope = np.full(len(drive), self._slope(float(drive[0])))
        taken = drive + conductance * self._block_voltage
        for _ in range(12):
            step = (taken - conductance * voltage - current) / (1.0 + conductance * slope)
            current = current + step
            if float(step @ step) <= BALANCED**2 * float(current @ current) + 1e-36:
                return current, voltage + slope * step
            voltage = self.sample.voltage(current, pair, pair, self._environment)
        return self._balance(taken, conductance)

    def _balance(self, drive: FloatArray, conductance: float) -> tuple[FloatArray, FloatArray]:
        """Find the voltage at which sample and resistor together take the driven current."""
        high = np.maximum(np.abs(drive) / conductance, 1e-12)
        low = -high
        for _ in range(80):
            middle = 0.5 * (low + high)
            taken = self.sample.current(middle, self.wiring.source, self._environment)
            above = taken + conductance * middle > drive
            high = np.where(above, middle, high)
            low = np.where(above, low, middle)
        voltage = 0.5 * (low + high)
        return drive - conductance * voltage, voltage

    def _slope(self, current: float) -> float:
        pair = self.wiring.source
        step = max(1e-9, 1e-4 * abs(current))
        around = np.array([current - step, current + step])
        low, high = self.sample.voltage(around, pair, pair, self._environment)
        return float(high - low) / (2.0 * step)

    def _measure(self, terminals: str) -> Signal:
        solution = self._solution
        voltage = self.sample.voltage(
            solution.current, terminals, self.wiring.source, self._environment
        )
        noise = math.hypot(
            self.sample.noise_density(terminals, self._environment),
            self._output().noise * solution.slope,
        )
        if len(voltage) == 1:
            harmonics = np.zeros(PHASES, dtype=np.complex128)
            harmonics[0] = voltage[0]
            return Signal(solution.frequency, harmonics, 0.0, noise)
        series = _SERIES @ voltage
        turned = series.astype(np.complex128)
        if solution.phase:
            turned *= np.exp(_ORDERS * solution.phase)
        least, most = _extent(voltage)
        middle = float(series[0])
        return Signal(solution.frequency, turned, max(most - middle, middle - least), noise)

    def _series(self) -> float:
        return self.wiring.series_resistance + OSCILLATOR_RESISTANCE

    def _charge(self, solution: _Solution, seconds: float) -> None:
        """Charge the blocking capacitor towards the dc voltage of the contact."""
        if self.wiring.blocking_capacitor is None or self.oscillator is None:
            return
        target = solution.exposure.voltage
        if abs(target - self._block_voltage) < 1e-12:
            return
        kept = math.exp(-seconds / (self._series() * self.wiring.blocking_capacitor))
        self._block_voltage = target + (self._block_voltage - target) * kept


def _extent(values: FloatArray) -> tuple[float, float]:
    """Return the lowest and the highest value; faster than numpy for so few."""
    numbers = values.tolist()
    return min(numbers), max(numbers)


def _mean(values: FloatArray) -> float:
    """Return the dc part of what stands on the cosine grid."""
    return float(_SERIES[0] @ values) if len(values) > 1 else float(values[0])


def _differs(one: Condition, other: Condition) -> bool:
    """Tell whether two conditions differ by more than any sample could feel."""
    return (
        one.moving != other.moving
        or abs(one.temperature - other.temperature) > SAME_TEMPERATURE * other.temperature
        or abs(one.field - other.field) > SAME_FIELD
        or abs(one.angle - other.angle) > SAME_ANGLE
    )


def _phase(tone: Tone) -> complex:
    return tone.amplitude * complex(math.cos(tone.phase), math.sin(tone.phase))
