"""Check that the excitation and the bias do not heat or disturb the contact."""

import math
from collections.abc import Generator
from dataclasses import dataclass

from instruments.errors import LimitError
from instruments.excitation import Excitation
from instruments.station import CONTEXT_COLUMNS, Station, record
from instruments.waiting import Event, Events, Progress
from procedures.averaged import check_frequency
from procedures.base import Resume, StationProcedure
from procedures.settings import integer, real

LEVELS = (0.5, 1.0, 2.0)
EXCITATION, BIAS = 0, 1
"""What the column ``Varied`` says."""


@dataclass(frozen=True, slots=True)
class _Point:
    """One setting; A."""

    varied: int
    level: float
    rms: float
    current: float


class HeatingCheck(StationProcedure):
    """Read R at half, one and two times the excitation, and at as many times a dc bias.

    All readings use the sensitivity that the largest excitation needs, and the offsets of the
    lock-in are measured before each and taken off: neither its gain nor its offset can look like
    heating. Every second round goes backwards, so that a steady drift cancels. A contact whose
    dV/dI depends on the current by itself changes too: only the experiment can tell that from
    heating. `daq.analysis.heating.heating` judges the rows; ``Varied`` is 0 where the excitation is
    varied and 1 where the bias is.
    """

    excitation_rms: float = real(
        "Excitation, rms", units="A", default=1e-6, minimum=1e-12, maximum=0.037
    )
    current: float = real("Bias", units="A", default=0.0, minimum=-0.05, maximum=0.05)
    frequency: float = real("Frequency", units="Hz", default=137.0, minimum=0.5, maximum=250e3)
    dwell: float = real("Dwell", units="s", default=1.0, minimum=0.1, maximum=1000.0)
    rounds: int = integer("Rounds", default=4, minimum=1, maximum=10_000)

    resume = Resume.RESTART
    DATA_COLUMNS = [
        *CONTEXT_COLUMNS,
        "Varied",
        "Level",
        "Current (A)",
        "Excitation (A)",
        "dV/dI (ohm)",
        "dV/dI error (ohm)",
        "X (V)",
        "Y (V)",
        "Sensitivity (V)",
    ]

    def check(self, station: Station) -> None:
        """Refuse a frequency that cannot be averaged, and twice the currents beyond the limit.

        Parameters
        ----------
        station
            An open station.
        """
        check_frequency(station, self.name, self.frequency, self.dwell)
        root = math.sqrt(2.0)
        peak = max(
            2.0 * root * self.excitation_rms,
            2.0 * abs(self.current) + root * self.excitation_rms,
        )
        if not peak <= station.limits.current:
            raise LimitError(
                f"heating_check: twice the excitation or the bias reaches {peak:g} A, above the"
                f" limit of {station.limits.current:g} A; choose less"
            )

    def records(self, station: Station) -> Generator[Event, None, None]:
        """Go through the levels, there and back.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            One record per level and round.
        """
        self.check(station)
        points = self._points()
        widest = max(abs(point.current) for point in points)
        largest = Excitation.averaged(LEVELS[-1] * self.excitation_rms, self.frequency, self.dwell)
        yield from station.bias.configure(largest, 0.0)
        sensitivity = station.bias.sensitivity
        total = self.rounds * len(points)
        for turn in range(self.rounds):
            for index, point in enumerate(points[:: -1 if turn % 2 else 1]):
                done = (turn * len(points) + index) / total
                yield Progress(done, f"{point.rms:.3g} A rms, {point.current:.3g} A dc")
                yield from self._read(station, point, widest, sensitivity)
        yield Progress(1.0, "measured")

    def _points(self) -> list[_Point]:
        points = [_Point(EXCITATION, level, level * self.excitation_rms, 0.0) for level in LEVELS]
        if self.current != 0.0:
            points += [
                _Point(BIAS, level, self.excitation_rms, level * self.current) for level in LEVELS
            ]
        return points

    def _read(self, station: Station, point: _Point, widest: float, sensitivity: float) -> Events:
        excitation = Excitation.averaged(
            point.rms, self.frequency, self.dwell, sensitivity=sensitivity
        )
        dc = abs(point.current) if point.varied == EXCITATION else widest
        yield from station.bias.configure(excitation, dc)
        yield from station.bias.zero()
        yield from station.bias.set(point.current)
        reading = yield from station.bias.read()
        values = {
            "Varied": point.varied,
            "Level": point.level,
            "Current (A)": point.current,
            "Excitation (A)": reading.excitation,
            "dV/dI (ohm)": reading.resistance,
            "dV/dI error (ohm)": reading.error,
            "X (V)": reading.x,
            "Y (V)": reading.y,
            "Sensitivity (V)": station.bias.sensitivity,
        }
        yield record(station, values, reading.status)
        yield from station.bias.set(0.0)
