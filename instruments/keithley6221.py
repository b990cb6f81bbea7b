"""Driver of the Keithley 6221 current source, on top of pymeasure's."""

import math
from typing import Any

from instruments.declared import Declared, OutOfRangeError
from instruments.errors import CommunicationError, InstrumentError, RefusedError
from instruments.keithley6221_pulse import PulseReport, PulseSource
from instruments.keithley6221_state import SourceState

__all__ = ["Keithley6221", "PulseReport", "SourceState"]

SAFE_RAMP = 0.5
"""Time in s in which `make_safe` takes a dc current to zero."""
PROBE_SHARE = 1e-3
"""Change of the offset, as a share of the amplitude, that tries whether it may be written live."""
QUERIES_PER_MESSAGE = 8
SNAPSHOT = (
    "id",
    "source_current",
    "source_compliance",
    "source_range",
    "source_auto_range",
    "source_enabled",
    "source_filter_enabled",
    "source_delay",
    "output_response",
    "output_low_grounded",
    "shield_to_guard_enabled",
    "waveform_function",
    "waveform_frequency",
    "waveform_amplitude",
    "waveform_offset",
    "waveform_dutycycle",
    "waveform_duration_cycles",
    "waveform_ranging",
    "waveform_use_phasemarker",
    "waveform_phasemarker_phase",
    "waveform_phasemarker_line",
    "waveform_armed",
    "measurement_condition",
    "operation_condition",
)


class Keithley6221(PulseSource):
    """A Keithley 6221 current source.

    Everything of pymeasure's class works, strictly: a value outside a range raises instead of being
    clipped, an error in the queue of the instrument raises, a reply that cannot belong to the
    question is never returned. Opening sends nothing; call `connect`.

    Parameters
    ----------
    adapter
        A VISA resource name (``GPIB0::12::INSTR``, ``TCPIP0::<ip>::1394::SOCKET``), a GPIB address,
        or a pymeasure adapter.
    name
        For messages.
    clock
        What it waits with; the clock on the wall if omitted.
    **kwargs
        For pymeasure's VISAAdapter.
    """

    def connect(self) -> SourceState:
        """Check who answers, make registers readable, empty the error queue, and read the state.

        No output changes.

        Returns
        -------
        SourceState
            What the source is doing; it may well be running.

        Raises
        ------
        CommunicationError
            Nobody answers, or not a 6221.
        """
        with self.lock:
            query, mark = self._identity()
            identity = self.ask(query)
            if mark not in identity:
                raise CommunicationError(
                    f"{self.name}: {identity.strip()!r} answers instead of a {mark.title()}; check"
                    " the address in the station file"
                )
            self.check_errors()
            self.write(":FORM:SREG ASC")
            return self.read_state()

    def ramp_current(self, target: float, rate: float, step_time: float = 0.05) -> None:
        """Ramp the dc current, waiting on the clock; for clean-up, since it cannot be interrupted.

        Parameters
        ----------
        target
            In A.
        rate
            In A/s, above zero.
        step_time
            Between two steps in s.

        Raises
        ------
        LimitError
            The rate or the target lies outside.
        """
        if not (rate > 0.0 and step_time > 0.0 and math.isfinite(target)):
            raise OutOfRangeError(
                f"{self.name}: no ramp to {target!r} A at {rate!r} A/s in steps of {step_time!r} s;"
                " give a rate and a step time above zero"
            )
        step = rate * step_time
        present = self.source_current
        while abs(target - present) > step:
            present += math.copysign(step, target - present)
            self.source_current = present
            self.clock.sleep(step_time)
        if present != target:
            self.source_current = target

    def wave_live_writes(self) -> bool:
        """Find out whether the offset may be written while the waveform runs.

        Facts on this are in conflict and may depend on the firmware. The offset is moved by a
        thousandth of the amplitude and put back. Where the answer is no, abort, set, arm and start
        again.

        Returns
        -------
        bool
            Whether the instrument took the offset without an error and kept running.

        Raises
        ------
        RefusedError
            No waveform runs.
        """
        with self.lock:
            if not self.pulse_running():
                raise RefusedError(f"{self.name}: no waveform runs; start one before the probe")
            before = self.waveform_offset
            change = PROBE_SHARE * self.waveform_amplitude
            probe = before - math.copysign(change, before)
            try:
                self.waveform_offset = probe
            except CommunicationError:
                raise
            except InstrumentError:
                return False
            taken = math.isclose(self.waveform_offset, probe, abs_tol=0.5 * change)
            self.waveform_offset = before
            return taken and self.pulse_running()

    def make_safe(self) -> None:
        """Stop waveform and sweep, take the current to zero, the output off, the compliance down.

        Every step is tried, whatever the ones before did.

        Raises
        ------
        ExceptionGroup
            What failed.
        """
        with self.lock:
            self._pulse = None
            self._try_all(
                self.waveform_abort,
                self._abort_sweep,
                self._zero,
                self.disable_source,
                lambda: setattr(self, "source_compliance", self.low_compliance()),
            )

    def shutdown(self) -> None:
        """Make the source safe."""
        try:
            self.make_safe()
        finally:
            self.isShutdown = True

    def snapshot(self) -> dict[str, float | int | str | bool | None]:
        """Return the settings and conditions by the names of their properties.

        Returns
        -------
        dict[str, float | int | str | bool | None]
            Infinite durations are None.
        """
        found: dict[str, float | int | str | bool | None] = {}
        with self.lock:
            for start in range(0, len(SNAPSHOT), QUERIES_PER_MESSAGE):
                found |= self._read_together(SNAPSHOT[start : start + QUERIES_PER_MESSAGE])
        return found

    def _read_together(self, names: tuple[str, ...]) -> dict[str, Any]:
        declared = {name: getattr(type(self), name) for name in names}
        query = ";".join(_absolute(item) for item in declared.values())

        def decode(reply: str) -> dict[str, Any]:
            fields = reply.split(";")
            if len(fields) != len(declared):
                raise ValueError(f"{len(fields)} values instead of {len(declared)}")
            values = {
                name: item.domain.decode(field)
                for (name, item), field in zip(declared.items(), fields, strict=True)
            }
            return {name: None if value == math.inf else value for name, value in values.items()}

        values: dict[str, Any] = self.decoded(query, decode, f"{len(names)} values")
        return values

    def _abort_sweep(self) -> None:
        try:
            self.sweep_abort()
        except CommunicationError:
            raise
        except InstrumentError as nothing_to_abort:
            # what an idle instrument answers is not known
            self.adapter.log.debug("%s: %s", self.name, nothing_to_abort)

    def _zero(self) -> None:
        try:
            present = abs(self.source_current)
            if present > 0.0:
                self.ramp_current(0.0, present / SAFE_RAMP)
        finally:
            self.source_current = 0.0


def _absolute(item: Declared) -> str:
    return item.query or ""
