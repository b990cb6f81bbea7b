"""The bench: what stands on it, and the time that passes for all of it together.

The bench owns the virtual sample and what drives it. Twins read the bench and tell it what they put
out; they have no tick of their own. `Bench.sync` carries everything forward to the present: it must
be called *before* a twin changes what it puts out, and before it reads.

`sample_space` tells where the sample is, `circuit_wired` what flows through it.
"""

import math
import threading
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from instruments.clock import Clock
from instruments.simulated.circuit import Signal, Solution, SourceOutput, Tone, Wiring
from instruments.simulated.circuit_wired import Driven, WiredCircuit
from instruments.simulated.sample import Environment, VirtualSample
from instruments.simulated.sample_space import Condition, CryostatModel, Mount, Steady
from instruments.simulated.wiring_errors import NONE, WiringErrors

MOVING_STEP = 1.0
"""Longest step in s while the surroundings or the sample move."""


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


class ConverterModel(Protocol):
    """A twin with digital-to-analogue converters."""

    def converter(self, number: int) -> float:
        """Return what the converter `number`, counted from 1, puts out in V."""
        ...


class Observer(Protocol):
    """A twin with a memory in time, such as the output filter of a lock-in."""

    def advance(self, start: float, end: float) -> None:
        """Carry the memory from `start` to `end` s; the signals are constant meanwhile."""
        ...


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
        Of all noise and all hidden errors of the instruments.
    hidden
        By how much the wires differ from what is told of them.
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
        hidden: WiringErrors = NONE,
    ) -> None:
        self.sample = sample
        self.clock = clock
        self.hidden = hidden
        self.wiring = Wiring() if wiring is None else wiring
        self._circuit = WiredCircuit.of(sample, self.wiring, hidden)
        self.mount = Mount() if mount is None else mount
        self.cryostat: CryostatModel = Steady() if cryostat is None else cryostat
        self.source: SourceModel | None = None
        self.oscillator: OscillatorModel | None = None
        self.converters: ConverterModel | None = None
        self.peaks = Peaks()
        self.lock = threading.RLock()
        self._seeds = np.random.SeedSequence(seed)
        self._observers: list[Observer] = []
        self._time = clock.now()
        self._condition = self.cryostat.condition(self._time)
        self._environment = self._surroundings()
        self._block_voltage = 0.0
        self._driven = Driven()
        self._solution = self._circuit.solve(self._driven, self._environment)
        self._solved = False
        self._stepping = False
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
        self._rewire()

    def insert(self, sample: VirtualSample) -> None:
        """Put another sample in the place of this one, such as one whose contact has opened."""
        self.sync()
        self.sample = sample
        self._rewire()

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
            self._signals[role] = self._circuit.measure(
                self.wiring.inputs[role], self._solution, self._driven, self._environment
            )
        return self._signals[role]

    def in_compliance(self) -> bool:
        """Tell whether the source is held by its compliance now."""
        return self._solve().clamped

    def truth(self) -> dict[str, float]:
        """Return what only tests may see, in SI units and degrees."""
        self.sync()
        solution = self._solve()
        output = self._output()
        tone = self.hidden.sounding(self._tone())
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
            "position": self._environment.position,
            **self.wires(),
        }

    def wires(self) -> dict[str, float]:
        """Return what the wires are, whatever is told of them, in SI units."""
        return self.hidden.told(self._circuit.wires)

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
        self._block_voltage = self._circuit.charged(self._driven, solution, end - start)
        self.sample.evolve(end - start, self._environment, {self.wiring.source: exposure})
        moved = self._moving()
        self._time = end
        self._look_around(end)
        if moved or exposure.peak_voltage > 1.0:
            self._forget()

    def _look_around(self, moment: float) -> None:
        """See where the sample is; a command may have set the cryostat in motion since."""
        condition = self.cryostat.condition(moment)
        if condition is not self._condition and condition.differs(self._condition):
            self._condition = condition
            self._environment = self._surroundings()
            self._forget()

    def _next_change(self) -> float:
        return math.inf if self.source is None else self.source.next_change(self._time)

    def _moving(self) -> bool:
        return self._condition.moving or self.sample.restless

    def _surroundings(self) -> Environment:
        vector = self.mount.field(self._condition.field, self._condition.angle)
        return Environment(self._condition.temperature, vector, self._position())

    def _position(self) -> float:
        scanner = self.wiring.scanner
        return 0.0 if scanner is None else scanner.origin + scanner.per_volt * self._dc(scanner.dac)

    def _dc(self, number: int) -> float:
        return 0.0 if self.converters is None else self.converters.converter(number)

    def _output(self) -> SourceOutput:
        return SourceOutput() if self.source is None else self.source.output(self._time)

    def _tone(self) -> Tone | None:
        return None if self.oscillator is None else self.oscillator.oscillator()

    def _drive(self) -> Driven:
        """Return what drives the circuit now."""
        biased = self.wiring.voltage
        converter = 0.0 if biased is None else self._dc(biased.dac)
        loaded = self.oscillator is not None
        return Driven(self._output(), self._tone(), loaded, self._block_voltage, converter)

    def _rewire(self) -> None:
        self._circuit = WiredCircuit.of(self.sample, self.wiring, self.hidden)
        self._forget()

    def _forget(self) -> None:
        self._solved = False
        self._signals.clear()

    def _solve(self) -> Solution:
        if self._stepping:
            return self._solution  # whatever an observer does now counts from the end of the step
        if self.wiring.scanner is not None and self._position() != self._environment.position:
            self._environment = replace(self._environment, position=self._position())
            self._forget()
        driven = self._drive()
        if not self._solved or driven != self._driven:
            self._signals.clear()
            self._solution = self._circuit.solve(driven, self._environment)
            self._driven, self._solved = driven, True
        return self._solution
