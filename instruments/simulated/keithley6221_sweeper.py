"""Sweeps and lists of a 6221: steps of the dc current, each at least 1 ms long by its parameter."""

import math
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from instruments.simulated.circuit import SourceOutput
from instruments.simulated.keithley6221_output import (
    DIP,
    SWEEP_ABORTED,
    WAITING_ARM,
    WAITING_TRIGGER,
    Mode,
    Output,
)
from instruments.simulated.keithley6221_program import Program
from instruments.simulated.keithley6221_ranges import RANGES, holding
from instruments.simulated.keithley6221_sweep import MOST_POINTS, Event, Ranging, Spacing, Sweep
from instruments.simulated.scpi_parameters import ScpiError

JITTER = 1e-3
"""Longest delay in s that the front panel adds to a step."""
_PASSING = {Event.IMMEDIATE, Event.TIMER}
"""(Assumed: the timer lets the first sweep pass at once.)"""


@dataclass(slots=True)
class _Step:
    level: float
    index: int
    seconds: float
    compliance: float | None = None


class Sweeper:
    """Arm, start and stop sweeps on an output.

    Parameters
    ----------
    output
        Where the sweep is put out.
    random
        Of the jitter.
    switches_on
        Whether the start switches the output on (assumed to go with that of waves).
    """

    def __init__(self, output: Output, random: np.random.Generator, *, switches_on: bool) -> None:
        self._output = output
        self._random = random
        self.switches_on = switches_on
        self.sweep = Sweep()
        self.panel_on = True
        self._armed: list[_Step] = []

    @property
    def armed(self) -> bool:
        """Tell whether a sweep is armed or runs."""
        self._output.catch_up()
        return self._output.mode in {Mode.SWEEP_ARMED, Mode.SWEEP_WAITING, Mode.SWEEP}

    def change(self, name: str, value: object) -> None:
        """Change a setting; refused while a sweep is armed or runs (assumed)."""
        if self.armed:
            raise ScpiError(-221)
        setattr(self.sweep, name, value)

    def append(self, name: str, values: tuple[float, ...]) -> None:
        """Append to one of the lists."""
        longer = getattr(self.sweep, name) + values
        if len(longer) > MOST_POINTS:
            raise ScpiError(-225)
        self.change(name, longer)

    def arm(self) -> None:
        """Check the settings; the output stays as it is (assumed)."""
        output = self._output
        output.catch_up()
        if output.mode in {Mode.WAVE, Mode.SWEEP, Mode.SWEEP_WAITING}:
            raise ScpiError(-221)
        self._armed = self._steps()
        output.abort_on_compliance = self.sweep.abort_on_compliance
        output.become(Mode.SWEEP_ARMED, output.program)

    def start(self) -> None:
        """Start the armed sweep, or wait for what its trigger model waits for."""
        output = self._output
        now = output.catch_up()
        if output.mode is not Mode.SWEEP_ARMED:
            raise ScpiError(-221)
        if self.switches_on:
            output.set_on(True)
        if self.sweep.arm_source not in _PASSING:
            self._wait(WAITING_ARM)
        else:
            self._pass_arm(now)

    def pulse(self, source: Event) -> bool:
        """Pass the layer that waits for an event of a source; tell whether one did."""
        now = self._output.catch_up()
        if self._waits(WAITING_ARM) and self.sweep.arm_source is source:
            self._pass_arm(now)
            return True
        if self._waits(WAITING_TRIGGER) and self.sweep.trigger_source is source:
            self._begin(now)
            return True
        return False

    def signal_arm(self) -> None:
        """Pass the arm layer whatever it waits for."""
        now = self._output.catch_up()
        if not self._waits(WAITING_ARM):
            raise ScpiError(-211)
        self._pass_arm(now)

    def signal_trigger(self) -> None:
        """Pass the trigger layer whatever it waits for."""
        now = self._output.catch_up()
        if not self._waits(WAITING_TRIGGER):
            raise ScpiError(-211)
        self._begin(now)

    def stop(self) -> None:
        """End a sweep that runs or waits; it stays armed (assumed)."""
        output = self._output
        now = output.catch_up()
        if output.mode is Mode.SWEEP:
            output.leave(SWEEP_ABORTED, now)
        elif output.mode is Mode.SWEEP_WAITING:
            self._wait(None)
            output.become(Mode.SWEEP_ARMED, output.program)

    def abort(self) -> None:
        """End and disarm if there is something to end; the level reached stays (assumed)."""
        self.stop()
        if self._output.mode is Mode.SWEEP_ARMED:
            self._output.disarm()

    def pending_until(self) -> float:
        """Return the time in s at which a sweep that runs will have ended; infinite if it waits."""
        if self._output.mode is Mode.SWEEP:
            return self._output.program.end
        return math.inf if self._output.mode is Mode.SWEEP_WAITING else 0.0

    def _pass_arm(self, now: float) -> None:
        if self.sweep.trigger_source is Event.IMMEDIATE:
            self._begin(now)
        else:
            self._wait(WAITING_TRIGGER)

    def _wait(self, layer: int | None) -> None:
        operation = self._output.status.operation
        operation.set(WAITING_ARM, to=layer == WAITING_ARM)
        operation.set(WAITING_TRIGGER, to=layer == WAITING_TRIGGER)
        if layer is not None:
            self._output.become(Mode.SWEEP_WAITING, self._output.program)

    def _waits(self, layer: int) -> bool:
        waiting = self._output.mode is Mode.SWEEP_WAITING
        return waiting and bool(self._output.status.operation.condition >> layer & 1)

    def _begin(self, now: float) -> None:
        self._wait(None)
        steps = self._armed
        lengths = np.array([step.seconds for step in steps])
        if self.panel_on:
            lengths += self._random.uniform(0.0, JITTER, len(steps))
        ends = tuple(accumulate(map(float, lengths)))
        outputs = tuple(self._put_out(step) for step in steps)
        end = now + ends[-1] * self.sweep.count
        self._output.sweep_levels = tuple(step.level for step in steps)
        program = Program(now, (0.0, *ends[:-1]), outputs, ends[-1], end, outputs[-1])
        self._output.become(Mode.SWEEP, program)

    def _put_out(self, step: _Step) -> SourceOutput:
        output = self._output
        level = output.level(step.level, step.index)
        if step.compliance is None:
            return level
        held = output.calibration.compliance(step.compliance)
        return replace(level, compliance=held)

    def _steps(self) -> list[_Step]:
        sweep = self.sweep
        levels = sweep.levels()
        listed = sweep.spacing is Spacing.LIST
        delays = sweep.delays if listed else (sweep.delay,) * len(levels)
        volts: tuple[float | None, ...] = sweep.compliances if listed else (None,) * len(levels)
        if not len(levels) == len(delays) == len(volts):
            raise ScpiError(-221)  # (assumed) lists of different lengths
        steps: list[_Step] = []
        best = holding(max(map(abs, levels)))
        for level, seconds, held in zip(levels, delays, volts, strict=True):
            index = self._range(level, best)
            if sweep.ranging is Ranging.AUTO and steps and steps[-1].index != index:
                steps.append(_Step(0.0, index, DIP, held))
            limit = RANGES[index].highest
            clipped = min(max(level, -limit), limit)
            steps.append(_Step(clipped, index, seconds, held))
        return steps

    def _range(self, level: float, best: int) -> int:
        if self.sweep.ranging is Ranging.BEST:
            return best
        if self.sweep.ranging is Ranging.AUTO:
            return holding(level)
        return self._output.direct.range_index
