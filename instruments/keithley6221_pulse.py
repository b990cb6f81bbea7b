"""One pulse of current, timed by the 6221: one cycle of a square wave from zero to the level."""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from instruments.declared import OutOfRangeError
from instruments.errors import ColdpointError, InstrumentError, RefusedError
from instruments.keithley6221_buffer import BufferedSource
from instruments.keithley6221_registers import REGISTER
from instruments.keithley6221_state import (
    STATE_QUERY,
    SourceState,
    any_of_two,
    source_state,
    wave_runs,
)

COMPLIANCE_BIT = 1 << 3
LOW_COMPLIANCE = 0.5
"""Compliance in V outside a pulse where no limit says otherwise."""
SHORTEST, LONGEST = 5e-6, 500.0
"""Widths in s that 100 kHz to 1 mHz leave for half a cycle."""
LARGEST_PULSE, SMALLEST_PULSE = 0.105, 4e-12
COMPLIANCE_STEP = 0.01
LOWEST_COMPLIANCE = 0.1
COMPLIANCE_SLACK = 1e-4

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PulseReport:
    """What is known of a pulse when it is over.

    Parameters
    ----------
    current
        Level that was asked for in A.
    width
        In s.
    compliance
        That held during the pulse in V.
    compliance_event
        Whether the compliance has held the source since the pulse was prepared.
    """

    current: float
    width: float
    compliance: float
    compliance_event: bool


@dataclass(frozen=True, slots=True)
class _Prepared:
    current: float
    width: float
    compliance: float
    before: SourceState


class PulseSource(BufferedSource):
    """A 6221 that can put out single pulses."""

    _pulse: _Prepared | None = None
    _tripped = False

    @property
    def measurement_events(self) -> int:
        """Get and clear the measurement events (int); a compliance event stays known."""
        events: int = self.decoded(":STAT:MEAS?", REGISTER.decode, str(REGISTER))
        self._tripped = self._tripped or bool(events & COMPLIANCE_BIT)
        return events

    def in_compliance(self) -> bool:
        """Tell whether the compliance holds the source at this moment."""
        return bool(self.measurement_condition & COMPLIANCE_BIT)

    def compliance_tripped(self) -> bool:
        """Tell whether the compliance has held the source since this was last asked, or does now.

        The event tells of an entry into compliance only; who stays there shows in the condition.
        """
        with self.lock:
            registers = self.decoded(
                ":STAT:MEAS?;:STAT:MEAS:COND?", any_of_two, "two registers of 16 bits"
            )
            tripped = self._tripped or bool(registers & COMPLIANCE_BIT)
            self._tripped = False
        return tripped

    def read_state(self) -> SourceState:
        """Read level, compliance, range, output and waveform in one conversation.

        Returns
        -------
        SourceState
            As of now.
        """
        state: SourceState = self.decoded(STATE_QUERY, source_state, "seven values")
        return state

    def prepare_pulse(self, current: float, width: float, compliance: float) -> None:
        """Arm one rectangular pulse: 0, then `current` for `width`, then 0.

        It is one cycle of a square wave with half of `current` as offset and half as amplitude. A
        square begins with its high part (assumed), so that a negative pulse begins one width after
        the start. If anything fails the low compliance is restored.

        Parameters
        ----------
        current
            Level in A; not zero.
        width
            In s, from 5e-6 to 500.
        compliance
            During the pulse in V.

        Raises
        ------
        LimitError
            Current, width or compliance are beyond the instrument or the limits of a pulse.
        RefusedError
            A dc current flows or a waveform runs.
        """
        self._check_pulse(current, width, compliance)
        with self.lock:
            state = self.read_state()
            if self._pulse is not None or state.wave_running:
                raise RefusedError(f"{self.name}: a pulse or waveform is on; end it first")
            if state.current != 0.0:
                raise RefusedError(
                    f"{self.name}: a dc current of {state.current:g} A flows; ramp it to zero"
                    " before a pulse"
                )
            self.compliance_tripped()
            self._pulse = _Prepared(current, width, compliance, state)
            with self._undone_on_failure(), self.guard.pulsing():
                self._arm_pulse(current, width, compliance)

    def fire_pulse(self) -> None:
        """Start the prepared pulse; the output is switched on before if it is off.

        Raises
        ------
        RefusedError
            No pulse is prepared.
        """
        with self.lock:
            if self._pulse is None:
                raise RefusedError(f"{self.name}: no pulse is prepared; call prepare_pulse first")
            with self._undone_on_failure(), self.guard.pulsing():
                # whether INIT switches it on is disputed, and afterwards would be too late
                if not self.source_enabled:
                    self.source_enabled = True
                self.waveform_start()

    def pulse_running(self) -> bool:
        """Tell whether a waveform, such as the pulse, runs now."""
        condition = self.operation_condition
        # the armed state is asked for only where it decides
        return wave_runs(condition, armed=False) or (
            wave_runs(condition, armed=True) and bool(self.waveform_armed)
        )

    def end_pulse(self) -> PulseReport:
        """End the pulse, and put compliance, range and output back with the dc level at zero.

        Returns
        -------
        PulseReport
            What was applied.

        Raises
        ------
        RefusedError
            No pulse was prepared.
        InstrumentError
            The compliance could not be brought down; the output is off then.
        """
        with self.lock:
            pulse = self._pulse
            if pulse is None:
                raise RefusedError(f"{self.name}: there is no pulse to end")
            try:
                event = self.compliance_tripped()
            finally:
                self._restore(pulse.before)
            return PulseReport(pulse.current, pulse.width, pulse.compliance, event)

    def compliance_within(self, limit: float) -> float:
        """Return the highest compliance to program so that a limit is never exceeded.

        Parameters
        ----------
        limit
            Voltage in V that must not be exceeded.

        Returns
        -------
        float
            A setting in V, below the limit by the accuracy of the compliance: 0.1 % + 20 mV up to
            20 V, 0.1 % + 100 mV above (specification of the 6221).

        Raises
        ------
        OutOfRangeError
            Even the lowest compliance of 0.1 V may exceed the limit.
        """
        offset = 0.02 if limit <= 20.0 else 0.1
        steps = math.floor((limit - offset) / 1.001 / COMPLIANCE_STEP + 1e-9)
        setting = min(105.0, round(steps * COMPLIANCE_STEP, 2))
        if setting < LOWEST_COMPLIANCE:
            raise OutOfRangeError(
                f"{self.name}: its lowest compliance of {LOWEST_COMPLIANCE:g} V may reach 0.12 V,"
                f" above the limit of {limit:g} V; raise the limit to 0.121 V or more"
            )
        return setting

    def low_compliance(self) -> float:
        """Return the compliance in V that holds outside a pulse."""
        limits = self.guard.limits
        if limits is None:
            return LOW_COMPLIANCE
        return min(self.compliance_within(limits.compliance), LOW_COMPLIANCE)

    def _check_pulse(self, current: float, width: float, compliance: float) -> None:
        limits = self.guard.limits
        most = LARGEST_PULSE if limits is None else limits.pulse_current
        highest = 105.0 if limits is None else limits.pulse_voltage
        for label, value, low, high, unit in (
            ("current", abs(current), SMALLEST_PULSE, most, "A"),
            ("width", width, SHORTEST, LONGEST, "s"),
            ("compliance", compliance, 0.1, highest, "V"),
        ):
            if not low <= value <= high:
                raise OutOfRangeError(
                    f"{self.name}: a pulse with a {label} of {value:g} {unit} is outside {low:g} to"
                    f" {high:g} {unit}; nothing was sent"
                )

    def _arm_pulse(self, current: float, width: float, compliance: float) -> None:
        self.waveform_abort()
        self.waveform_function = "square"
        self.waveform_dutycycle = 50.0
        self.waveform_frequency = min(0.5 / width, 1e5)
        half = 0.5 * abs(current)
        # in this order the sum stays below the limit whatever stood before
        self.waveform_offset = 0.0
        self.waveform_amplitude = half
        self.waveform_offset = 0.5 * current
        self.waveform_duration_cycles = 1
        self.waveform_ranging = "best"
        self.source_compliance = compliance
        self.waveform_arm()

    @contextmanager
    def _undone_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException as failure:
            pulse = self._pulse
            if pulse is not None:
                try:
                    self._restore(pulse.before)
                except (ColdpointError, ExceptionGroup) as worse:
                    failure.add_note(f"and the low compliance could not be restored: {worse}")
            raise

    def _restore(self, before: SourceState) -> None:
        """Abort, zero, low compliance, range and output as before; try everything."""
        self._pulse = None
        low = min(before.compliance, self._ceiling())
        try:
            self._try_all(
                self.waveform_abort,
                lambda: setattr(self, "source_current", 0.0),
                lambda: self._lower_compliance(low),
            )
        except ExceptionGroup as first:
            try:
                self.source_enabled = False
            except ColdpointError as second:
                raise ExceptionGroup(first.message, [*first.exceptions, second]) from None
            raise
        self._try_all(
            lambda: self._restore_range(before), lambda: self._restore_output(before.enabled)
        )

    def _ceiling(self) -> float:
        return 105.0 if self.guard.limits is None else self.guard.limits.compliance

    def _lower_compliance(self, compliance: float) -> None:
        self.source_compliance = compliance
        held = self.source_compliance
        if not abs(held - compliance) <= 0.5 * COMPLIANCE_STEP + COMPLIANCE_SLACK:
            raise InstrumentError(
                f"{self.name}: the compliance is {held:g} V instead of {compliance:g} V after a"
                " pulse; the output is switched off, check the source"
            )

    def _restore_range(self, before: SourceState) -> None:
        if before.autorange:
            self.source_auto_range = True
        else:
            self.source_range = before.range

    def _restore_output(self, enabled: bool) -> None:
        if self.source_enabled != enabled:
            self.source_enabled = enabled

    def _try_all(self, *steps: Callable[[], None]) -> None:
        """Take every step; raise what failed at the end."""
        failures: list[Exception] = []
        for step in steps:
            try:
                step()
            except Exception as failure:  # the next step must be taken too
                log.exception("%s: a step towards safety failed", self.name)
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: {len(failures)} steps failed", failures)
