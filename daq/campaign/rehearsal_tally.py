"""What a rehearsal learns while it goes: times, runs, bytes, helium, warnings, and the course."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from daq.campaign.closest_approach import Approach
from daq.campaign.pace import Stopwatch
from daq.campaign.plan import PlannedStep
from daq.campaign.prepared import Prepared
from daq.campaign.rehearsal_report import Course, Rehearsal, RehearsedRun, RehearsedStep
from daq.campaign.rehearsal_warnings import collected_warnings
from daq.campaign.words import in_words
from daq.runs.header import describe
from daq.runs.rows import RowFormat
from daq.simulation import SimulatedBench
from instruments.station import Station
from instruments.status import Status
from instruments.waiting import Value
from procedures.base import StationProcedure

COURSE_PERIOD = 10.0
"""Time in s between two points of the course."""
JOURNAL_LINES = 1000
"""Bytes in the journal for one step and its run, about."""


class Tally:
    """Count what is rehearsed.

    Parameters
    ----------
    prepared
        What is rehearsed.
    bench
        The twins.
    station
        Opened on them; where it stands when the tally is made is where the rehearsal begins.
    """

    def __init__(self, prepared: Prepared, bench: SimulatedBench, station: Station) -> None:
        self._prepared = prepared
        self._bench = bench
        self._station = station
        self.watch = Stopwatch(station.clock, lambda: _where(station)[0])
        self._begins = _place(station)
        self._helium = self._level()
        self._steps: list[RehearsedStep] = []
        self._runs: list[RehearsedRun] = []
        self._course: list[tuple[float, float, float, float]] = []
        self._flags: Counter[str] = Counter()
        self._warnings: dict[str, None] = {}
        self._size = 0
        self._points = 0
        self._index = 0
        self._warming, self._warmest = "", -math.inf

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Note the course and what is logged as a warning, until the rehearsal ends."""
        self._note_course()
        timer = self._station.clock.every(COURSE_PERIOD, self._note_course)
        with collected_warnings(self._warnings):
            yield
        timer.cancel()
        self._note_course()

    def begin(self, planned: PlannedStep) -> None:
        """Note that a step begins."""
        self._index, self._points = planned.index, 0
        self.watch.lap()

    def end(self, planned: PlannedStep, error: str) -> None:
        """Note that a step has ended, and why it failed if it did."""
        pace, depth = self.watch.lap(), len(planned.loops)
        words = in_words(planned.step)
        self._steps.append(RehearsedStep(planned.index, words, depth, pace, self._points, error))

    def warn(self, text: str) -> None:
        """Note a warning; once is enough."""
        self._warnings.setdefault(text)

    def warm(self, why: str, to: float) -> None:
        """Note that a person must confirm what this step does; the highest setpoint is told."""
        if to > self._warmest:
            self._warmest, self._warming = to, f"step {self._index + 1}: {why}"

    def add_run(
        self,
        planned: PlannedStep,
        procedure: StationProcedure,
        rows: Sequence[Mapping[str, Value]],
        described: int,
    ) -> None:
        """Note a run.

        Parameters
        ----------
        planned
            The step that it belongs to.
        procedure
            That was carried out.
        rows
            What it has measured.
        described
            Bytes that the snapshot of the station takes.
        """
        self._points += len(rows)
        self._runs.append(RehearsedRun(planned.index, procedure.name, tuple(rows)))
        for row in rows:
            for flag in Status(int(row.get("Status", 0))):
                self._flags[str(flag.name).lower().replace("_", " ")] += 1
        header = describe(procedure, {}).to_bytes()
        self._size += len(header) + len(header) + described
        if rows:
            self._size += len(rows) * len(RowFormat(procedure.DATA_COLUMNS).line(rows[0]))

    def result(self, sample: str, limits: Mapping[str, Approach], error: str) -> Rehearsal:
        """Return what was found.

        Parameters
        ----------
        sample
            What was measured, in words.
        limits
            How near it came to each, by name.
        error
            Why it did not come to its end; empty if it did.

        Returns
        -------
        Rehearsal
            The whole of it.
        """
        sequence, level = self._prepared.sequence, self._level()
        return Rehearsal(
            title=sequence.title,
            station=self._station.name,
            sample=sample,
            begins=self._begins,
            steps=tuple(self._steps),
            planned=len(self._prepared.steps),
            runs=tuple(self._runs),
            limits=limits,
            course=Course(*np.array(self._course, dtype=np.float64).T),
            size=self._size + JOURNAL_LINES * len(self._steps) + len(sequence.text),
            helium=None if self._helium is None else self._helium - (level or 0.0),
            flagged=dict(self._flags),
            warnings=tuple(self._warnings),
            error=error,
            warming=self._warming,
            confirmed=self._prepared.confirmed_above,
        )

    def _note_course(self) -> None:
        self._course.append((self._station.clock.now(), *_where(self._station)))

    def _level(self) -> float | None:
        return None if self._bench.cryostat is None else self._bench.cryostat.level()


def _where(station: Station) -> tuple[float, float, float]:
    """Return temperature in K, field in T and angle in degrees, as they were read last."""
    if station.cryostat is None:
        return (float("nan"),) * 3
    reading = station.cryostat.reading
    return float(reading.temperature), float(reading.field), float(reading.angle)


def _place(station: Station) -> str:
    if station.cryostat is None:
        return "no cryostat"
    temperature, field, angle = _where(station)
    return f"{temperature:.4g} K, {field:.3g} T, {angle:.3g} deg"
