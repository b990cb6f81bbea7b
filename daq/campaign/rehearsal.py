"""Rehearse a sequence: the very steps through the very drivers, on twins and a virtual clock.

Nothing is written, no lock is taken and no instrument is touched. The time of every message and the
snapshot at the begin of every run are part of it. Failures are treated as `on_error` says. A point
that `watch` would not allow is told, but the rehearsal goes on: what a person would decide is not
known. Where a person must confirm that the sample may become warmer than the station keeps it, the
rehearsal goes on as if that were done, and says so.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from daq.campaign import plan
from daq.campaign.attempts import may_repeat
from daq.campaign.closest_approach import ClosestApproach
from daq.campaign.latencies import Learned, learned
from daq.campaign.plan import PlannedStep, ProcedureStep
from daq.campaign.policy import Policy
from daq.campaign.prepared import Prepared
from daq.campaign.reference import References
from daq.campaign.rehearsal_report import Rehearsal
from daq.campaign.rehearsal_station import RESISTANCE, rehearsal_station, sample_in_words
from daq.campaign.rehearsal_tally import Tally
from daq.campaign.rehearsal_warnings import WatchWarner
from daq.campaign.surroundings import set_surroundings
from daq.campaign.words import in_words
from daq.config.station import StationConfig
from daq.runs.engine import CleanUpError, Follower, MemorySink, execute
from daq.simulation import SimulatedBench, build_bench
from daq.station_file import open_configured
from instruments.errors import ColdpointError, one_line
from instruments.simulated.wiring_errors import NONE
from instruments.station import Station
from instruments.waiting import Event, Steps, Stop, Value, drive
from procedures.catalogue import PROCEDURES

Announce = Callable[[int, str], None]


def rehearse(
    prepared: Prepared,
    *,
    resistance: float = RESISTANCE,
    stop: threading.Event | None = None,
    follower: Follower | None = None,
    announce: Announce = lambda _index, _words: None,
) -> Rehearsal:
    """Rehearse a checked sequence on twins that keep to the book.

    Parameters
    ----------
    prepared
        What to do.
    resistance
        In ohm, of the resistor that is measured if the station has no model of its sample.
    stop
        Set by anybody to break off.
    follower
        Told of every event.
    announce
        Told in words when a step begins.

    Returns
    -------
    Rehearsal
        What happened.
    """
    station = rehearsal_station(prepared.station, resistance)
    real = prepared.station.simulated is None
    known = learned(prepared.station.name) if real else None
    return rehearse_on(
        station, prepared, stop=stop, follower=follower, announce=announce, known=known
    )


def rehearse_on(
    config: StationConfig,
    prepared: Prepared,
    *,
    stop: threading.Event | None = None,
    follower: Follower | None = None,
    announce: Announce = lambda _index, _words: None,
    known: Learned | None = None,
) -> Rehearsal:
    """Rehearse a checked sequence on given twins, which may differ from the book.

    Parameters
    ----------
    config
        A station with a part ``simulated`` and a virtual clock.
    prepared
        What to do.
    stop
        Set by anybody to break off.
    follower
        Told of every event.
    announce
        Told in words when a step begins.
    known
        How long instruments take to answer; by the book if omitted.

    Returns
    -------
    Rehearsal
        What happened.
    """
    stop = threading.Event() if stop is None else stop
    bench = build_bench(config, hidden=NONE)  # the wires are taken for what is told of them
    known = Learned({}) if known is None else known
    bench.library.learn(
        {
            config.instruments[role].resource: seconds
            for role, seconds in known.seconds.items()
            if role in bench.devices
        }
    )
    station = open_configured(config, limits=prepared.limits, bench=bench)
    try:
        rehearser = _Rehearser(prepared, bench, station, stop=stop, announce=announce)
        found = rehearser.play(sample_in_words(config), follower)
        return replace(found, latencies=known.words)
    finally:
        station.close()


class _Rehearser:
    """Carry the steps out and keep what is learned."""

    def __init__(
        self,
        prepared: Prepared,
        bench: SimulatedBench,
        station: Station,
        *,
        stop: threading.Event,
        announce: Announce,
    ) -> None:
        self._prepared = prepared
        self.station = station
        self._stop = stop
        self._announce = announce
        self._tally = Tally(prepared, bench, station)
        self._approach = ClosestApproach(bench, prepared.limits)
        self._followers: list[Follower] = [self._tally.watch, self._approach]
        station.confirmed_above, station.warned = True, self._tally.warm
        reference = prepared.sequence.reference
        self._references = (
            None if reference is None else References(reference, prepared.steps, self)
        )

    def play(self, sample: str, follower: Follower | None) -> Rehearsal:
        """Carry out every step and say what was found."""
        self._followers += [] if follower is None else [follower]
        with self._tally.counting():
            error = self._carry_out()
        return self._tally.result(sample, self._approach.result(), error)

    def _carry_out(self) -> str:
        sequence = self._prepared.sequence
        policy = Policy(sequence.on_error, sequence.watch)
        try:
            for planned in self._prepared.steps:
                self._with_policy(planned, policy)
        except Stop:
            return "stopped on request"
        except ColdpointError as failure:
            return f"step {planned.index + 1}: {one_line(failure)}"
        return ""

    def _with_policy(self, planned: PlannedStep, policy: Policy) -> None:
        """Carry out a step, again if it fails and the sequence says so."""
        tried, error = 0, ""
        self._tally.begin(planned)
        try:
            then = "retry"
            while then == "retry":
                try:
                    self._refer(planned)
                    self._once(planned)
                except ColdpointError as failure:
                    tried += 1
                    error = one_line(failure)
                    repeatable = may_repeat(planned.step, PROCEDURES)
                    then = policy.after(failure, tried=tried, repeatable=repeatable)
                    if then == "land":
                        raise
                else:
                    error, then = "", "go on"
        finally:
            self._tally.end(planned, error)

    def _refer(self, planned: PlannedStep) -> None:
        """Take a reference if one is due; its time is that of the step that follows."""
        if self._references is None or not self._references.wanted(planned):
            return
        self._announce(planned.index, "reference")
        self._approach.begin(pulse=False)
        self._referred = planned
        try:
            self._references.before(planned)
        finally:
            self._approach.end()

    def take_reference(self, step: ProcedureStep) -> tuple[Sequence[Mapping[str, Value]], str]:
        """Measure a reference; see `daq.campaign.reference.Taker`."""
        return self._measured(replace(self._referred, step=step), step), ""

    def go(self, story: Steps[None]) -> None:
        """Carry out a story that sets the surroundings."""
        drive(
            story,
            self.station.clock,
            stopped=self._stop.is_set,
            handle=self._tell,
            stop=self._stop,
        )

    def note(self, event: str, **fields: Any) -> None:
        """Warn of references that will not be as the sequence wants them."""
        why = fields.get("why") or fields.get("error")
        if why and event != "reference travels":
            self._tally.warn(f"{event} before step {fields['before'] + 1}: {why}")

    def _once(self, planned: PlannedStep) -> None:
        step = planned.step
        pulse = isinstance(step, ProcedureStep) and "pulse" in step.name
        self._announce(planned.index, in_words(step))
        self._approach.begin(pulse=pulse)
        try:
            if isinstance(step, ProcedureStep):
                self._measured(planned, step)
            elif not isinstance(step, plan.NoteStep):
                self.go(set_surroundings(self.station, step))
        finally:
            self._approach.end()

    def _tell(self, event: Event) -> None:
        for follower in self._followers:
            follower.offer(event, 0)

    def _measured(self, planned: PlannedStep, step: ProcedureStep) -> Sequence[Mapping[str, Value]]:
        procedure = PROCEDURES[step.name](**step.settings)
        sink = MemorySink()
        described = len(json.dumps(self.station.snapshot(), default=str))
        try:
            outcome = execute(
                procedure, self.station, sink, self._stop, [*self._followers, self._judge()]
            )
        except CleanUpError as failure:
            outcome = failure.outcome
        self._tally.add_run(planned, procedure, sink.rows, described)
        if outcome.status == "aborted":
            raise Stop
        if outcome.status != "finished":
            raise ColdpointError(f"{step.name} {outcome.status}: {outcome.error}")
        return sink.rows

    def _judge(self) -> Follower:
        return WatchWarner(self._prepared.sequence.watch, self._tally.warn)
