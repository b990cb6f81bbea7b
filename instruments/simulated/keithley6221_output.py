"""The output of a 6221: its dc level, ranges and compliance, and what it puts out in time.

Settling is ignored: the output is on a new level at once. Filter, response, shield and the
connection of output-low are held and do nothing.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum, auto

from instruments.simulated.bench import Bench
from instruments.simulated.circuit import SourceOutput, Tone
from instruments.simulated.keithley6221_program import Program
from instruments.simulated.keithley6221_ranges import RANGES, Calibration, fits, holding
from instruments.simulated.scpi_parameters import ScpiError
from instruments.simulated.scpi_status import Status

DIP = 1e-3
"""Time in s that the output spends at 0 A when the range changes (assumed)."""
INTERLOCK, OVER_TEMPERATURE, COMPLIANCE = 1, 2, 3
"""Bits of the measurement register."""
SWEEP_DONE, SWEEP_ABORTED, SWEEPING, WAVE_STARTED = 1, 2, 3, 4
WAITING_TRIGGER, WAITING_ARM, WAVE_STOPPED, IDLE = 5, 6, 7, 10
"""Bits of the operation register."""


class Mode(Enum):
    """What the source is busy with."""

    DC = auto()
    WAVE_ARMED = auto()
    WAVE = auto()
    SWEEP_ARMED = auto()
    SWEEP_WAITING = auto()
    SWEEP = auto()


class Inner(Enum):
    """What the inner shield is connected to."""

    LOW = auto()
    GUARD = auto()


@dataclass(slots=True)
class Direct:
    """Settings of the dc source, as after a reset.

    Parameters
    ----------
    level
        In A.
    range_index
        Of the range.
    automatic
        Whether the range follows the level.
    compliance
        In V.
    filtered
        Whether the analog filter is on.
    earthed
        Whether output-low is connected to earth.
    inner
        What the inner shield is connected to.
    """

    level: float = 0.0
    range_index: int = 0
    automatic: bool = True
    compliance: float = 10.0
    filtered: bool = False
    earthed: bool = False
    inner: Inner = Inner.LOW


class Output:
    """What stands at the output terminals; it drives the bench and watches its compliance.

    Parameters
    ----------
    bench
        The circuit.
    calibration
        How this unit differs from its display.
    status
        The registers of the instrument.
    """

    def __init__(self, bench: Bench, calibration: Calibration, status: Status) -> None:
        self.bench = bench
        self.calibration = calibration
        self.status = status
        self.direct = Direct()
        self.mode = Mode.DC
        self.sweep_levels: tuple[float, ...] = ()
        self.on = False
        self.abort_on_compliance = False
        self.stuck_compliance = False
        self._interlock_open = False
        self._hot = False
        self.program = Program.steady(SourceOutput())
        self._off = SourceOutput()
        self.put_out_level()
        self.status.operation.set(IDLE, to=True)

    def output(self, now: float) -> SourceOutput:
        """Return what is put out at `now` s."""
        return self.program.output(now) if self.on else self._off

    def next_change(self, now: float) -> float:
        """Return the first time after `now` at which the output changes by itself."""
        return self.program.next_change(now) if self.on else math.inf

    def advance(self, start: float, end: float) -> None:
        """Remember a compliance that lasted from `start` to `end` s; end a sweep that minds it."""
        held = self.bench.in_compliance()
        self.status.measurement.set(COMPLIANCE, to=held or self.stuck_compliance)
        if held and self.abort_on_compliance and self.mode is Mode.SWEEP:
            self.leave(SWEEP_ABORTED, end)
            self.switch(to=False)  # (assumed) an abort on compliance switches the output off

    def catch_up(self) -> float:
        """Carry the bench, and what has ended meanwhile, to the present; return the time."""
        self.bench.sync()
        now = self.bench.clock.now()
        if now >= self.program.end:
            self._end_by_itself(now)
        return now

    def refresh(self) -> None:
        """Bring the registers up to date."""
        self.catch_up()
        measurement = self.status.measurement
        held = self.bench.in_compliance() or self.stuck_compliance
        measurement.set(COMPLIANCE, to=held)
        measurement.set(INTERLOCK, to=self._interlock_open)
        measurement.set(OVER_TEMPERATURE, to=self._hot)

    def set_level(self, level: float) -> None:
        """Program the dc current in A."""
        self.refuse_when_armed()
        direct = self.direct
        index = holding(level) if direct.automatic else direct.range_index
        if not fits(level, index):
            raise ScpiError(-222)
        self._change(level, index)

    def set_range(self, level: float) -> None:
        """Fix the range that holds `level` in A; it must hold the present one (assumed)."""
        self.refuse_when_armed()
        index = holding(level)
        if not fits(self.direct.level, index):
            raise ScpiError(-221)
        self._change(self.direct.level, index)
        self.direct.automatic = False

    def set_automatic(self, automatic: bool) -> None:
        """Let the range follow the level, or leave it where it is."""
        self.refuse_when_armed()
        if automatic:
            self._change(self.direct.level, holding(self.direct.level))
        self.direct.automatic = automatic

    def set_compliance(self, volts: float) -> None:
        """Hold the voltage, in steps of 10 mV; allowed at any time (assumed while armed)."""
        self.catch_up()
        self.direct.compliance = round(volts * 100.0) / 100.0
        held = self.calibration.compliance(self.direct.compliance)
        self.program = self.program.altered(lambda output: replace(output, compliance=held))
        self._off = replace(self._off, compliance=held)

    def set_on(self, on: bool) -> None:
        """Switch the output; off ends whatever runs."""
        now = self.catch_up()
        if on and (self._interlock_open or self._hot):
            raise ScpiError(-221)  # (assumed) the code with which an open interlock refuses
        if not on and self.mode in {Mode.WAVE, Mode.SWEEP}:
            self.leave(WAVE_STOPPED if self.mode is Mode.WAVE else SWEEP_ABORTED, now)
        self.switch(to=on)

    def clear(self) -> None:
        """Switch the output off and set the level to zero, whatever goes on."""
        self.set_on(False)
        self.disarm()
        self.direct.level = 0.0
        self.put_out_level()

    def reset(self) -> None:
        """Go back to the state after power-on; it remembers nothing but its faults."""
        self.catch_up()
        for bit in (SWEEP_DONE, SWEEP_ABORTED, SWEEPING, WAVE_STARTED, WAVE_STOPPED):
            self.status.operation.set(bit, to=False)
        self.disarm()
        self.on = False
        self.direct = Direct()
        self.abort_on_compliance = False
        self.set_compliance(self.direct.compliance)
        self.put_out_level()

    def recall(self, direct: Direct) -> None:
        """Take up other settings with the output off."""
        self.reset()
        self.direct = direct
        self.set_compliance(direct.compliance)
        self.put_out_level()

    def refuse_when_armed(self) -> None:
        """Raise if a wave or a sweep is armed or runs; bring everything up to date before."""
        self.catch_up()
        if self.mode is not Mode.DC:
            raise ScpiError(413, "Not allowed with mode arm")

    def become(self, mode: Mode, program: Program) -> None:
        """Take up a mode and its programme."""
        self.mode = mode
        self.program = program
        operation = self.status.operation
        operation.set(IDLE, to=mode in {Mode.DC, Mode.WAVE_ARMED, Mode.SWEEP_ARMED})
        operation.set(WAVE_STARTED, to=mode is Mode.WAVE)
        operation.set(SWEEPING, to=mode is Mode.SWEEP)
        if mode is Mode.WAVE:
            operation.set(WAVE_STOPPED, to=False)
        if mode is Mode.SWEEP:
            operation.set(SWEEP_DONE, to=False)
            operation.set(SWEEP_ABORTED, to=False)

    def leave(self, bit: int, now: float) -> None:
        """End a wave or a sweep at `now` s; `bit` of the operation register says why.

        A wave is disarmed and leaves 0 A, with the output off (assumed after an abort). A sweep
        stays armed (assumed), at the level it has reached.
        """
        if self.mode is Mode.WAVE:
            self.become(Mode.DC, self.program)
            self.switch(to=False)
            self.put_out_level()
        else:
            self._stay_at(self.sweep_levels[self.program.index(now)])
            self.become(Mode.SWEEP_ARMED, Program.steady(self.program.output(now)))
        self.status.operation.set(bit, to=True)

    def disarm(self) -> None:
        """Go back to dc; a level that a sweep has reached stays (assumed)."""
        self.status.operation.set(WAITING_ARM, to=False)
        self.status.operation.set(WAITING_TRIGGER, to=False)
        self.become(Mode.DC, self.program)

    def switch(self, *, to: bool) -> None:
        """Switch the output relay."""
        self.on = to

    def level(self, current: float, index: int, tone: Tone | None = None) -> SourceOutput:
        """Return what a programmed current in A on a range truly puts out.

        Parameters
        ----------
        current
            In A.
        index
            Of the range.
        tone
            On top.

        Returns
        -------
        SourceOutput
            With the errors of this unit and the noise of the range.
        """
        return SourceOutput(
            connected=True,
            current=self.calibration.current(current, index),
            compliance=self.calibration.compliance(self.direct.compliance),
            tone=tone,
            noise=RANGES[index].noise_density,
        )

    def put_out_level(self) -> None:
        """Put out the dc level."""
        self.program = Program.steady(self.level(self.direct.level, self.direct.range_index))
        self._off = replace(self.program.outputs[0], connected=False, current=0.0, noise=0.0)

    @property
    def interlock_open(self) -> bool:
        """Whether the interlock is open: the output goes off and cannot be switched on."""
        return self._interlock_open

    @interlock_open.setter
    def interlock_open(self, fault: bool) -> None:
        self._interlock_open = fault
        self._trip(fault)

    @property
    def over_temperature(self) -> bool:
        """Whether the source is too hot: the output goes off and cannot be switched on."""
        return self._hot

    @over_temperature.setter
    def over_temperature(self, fault: bool) -> None:
        self._hot = fault
        self._trip(fault)

    def _trip(self, fault: bool) -> None:
        if fault:
            self.set_on(False)
        self.refresh()

    def _change(self, level: float, index: int) -> None:
        """Put out a level; through 0 A when the range changes (assumed unless it is automatic)."""
        direct = self.direct
        before, direct.level, direct.range_index = direct.range_index, level, index
        output = self.level(level, index)
        if self.on and before != index:
            now = self.bench.clock.now()
            zero = self.level(0.0, max(before, index))
            self.program = Program.through(zero, now, DIP, output)
        else:
            self.program = Program.steady(output)

    def _stay_at(self, level: float) -> None:
        self.direct.level = level
        if self.direct.automatic or not fits(level, self.direct.range_index):
            self.direct.range_index = holding(level)

    def _end_by_itself(self, now: float) -> None:
        if self.mode is Mode.WAVE:
            self.leave(WAVE_STOPPED, now)
        elif self.mode is Mode.SWEEP:
            self.leave(SWEEP_DONE, now)
