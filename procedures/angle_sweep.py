"""Resistance against the angle of the rotator, always approached from one side."""

import math
from collections.abc import Generator

import numpy as np

from instruments.errors import ConfigurationError
from instruments.ppms.limits import within
from instruments.ppms.status import AngleStatus
from instruments.station import Station
from instruments.waiting import Event, Progress, Value, wait
from procedures.base import Resume
from procedures.environment import cryostat_of, reach_angle
from procedures.resistance import RESISTANCE_COLUMNS, ResistanceProcedure
from procedures.settings import boolean, integer, real


class AngleSweep(ResistanceProcedure):
    """Turn the sample from angle to angle, and measure at each.

    A rotator has play, so every angle is approached from the same side: before the first one the
    rotator goes beyond it by ``approach``. With ``both_ways`` a second branch comes back, and
    begins by going beyond ``stop``: its readings are off by the play. The branch is 1 while the
    angle rises and -1 while it falls. Where the station knows the mount, the angle of the crystal
    is free of play and offset, and ``J.H`` is the cosine of the angle between current and field.
    """

    start: float = real("Start", units="deg", default=0.0, minimum=-1000.0, maximum=1000.0)
    stop: float = real("Stop", units="deg", default=360.0, minimum=-1000.0, maximum=1000.0)
    points: int = integer("Points", default=73, minimum=2, maximum=100_000)
    both_ways: bool = boolean("Both ways", default=False)
    approach: float = real("Approach", units="deg", default=3.0, minimum=0.1, maximum=90.0)
    pause: float = real("Pause", units="s", default=2.0, minimum=0.0, maximum=1e5)

    resume = Resume.CONTINUE
    DATA_COLUMNS = [
        *RESISTANCE_COLUMNS,
        "Setpoint (deg)",
        "Branch",
        "Crystal angle (deg)",
        "J.H",
    ]

    def check(self, station: Station) -> None:
        """Refuse angles outside the limits, and an approach that is no larger than the backlash.

        Parameters
        ----------
        station
            An open station.
        """
        super().check(station)
        cryostat = cryostat_of(station)
        if cryostat.reading.angle_status is AngleStatus.ABSENT:
            raise ConfigurationError(
                f"{self.name}: station {station.name} has no rotator; write rotator: true in its"
                " file if there is one"
            )
        if self.start == self.stop:
            raise ConfigurationError(
                f"{self.name}: start and stop are both {self.start:g} deg; give two angles"
            )
        ends = (self.start, self.stop, self._beyond(self.start, self._sense()))
        back = (self._beyond(self.stop, -self._sense()),) if self.both_ways else ()
        for angle in (*ends, *back):
            within("angle", angle, *cryostat.limits.angle, "deg")
        if station.mount is not None and not self.approach > station.mount.backlash:
            raise ConfigurationError(
                f"{self.name}: an approach of {self.approach:g} deg is not larger than the backlash"
                f" of {station.mount.backlash:g} deg; give a larger one"
            )

    def targets(self) -> list[float]:
        """Return the angle of every point in degrees, in the order in which they are taken."""
        there = [float(angle) for angle in np.linspace(self.start, self.stop, self.points)]
        return there + there[::-1] if self.both_ways else there

    def sweep(self, station: Station) -> Generator[Event, None, None]:
        """Go beyond the first angle, then from angle to angle.

        Parameters
        ----------
        station
            An open station.

        Yields
        ------
        Event
            One record per angle.
        """
        targets = self.targets()
        sense = 0
        for index, angle in enumerate(targets[self.first :], self.first):
            branch = self._sense() if index < self.points else -self._sense()
            if branch != sense:
                yield from reach_angle(station, self._beyond(angle, branch))
            yield from reach_angle(station, angle)
            if not sense:
                yield from self.switch_on(station)
            sense = branch
            yield from wait(station.clock, self.pause, "the sample to follow")
            found = yield from self.row(station, self._further(station, angle, branch))
            yield found
            yield Progress((index + 1) / len(targets), f"at {angle:g} deg")

    def _sense(self) -> int:
        return 1 if self.stop > self.start else -1

    def _beyond(self, angle: float, sense: int) -> float:
        """Return where to come from, in degrees, so that `angle` is reached in one sense."""
        return angle - sense * self.approach

    def _further(self, station: Station, angle: float, branch: int) -> dict[str, Value]:
        values: dict[str, Value] = {
            "Setpoint (deg)": angle,
            "Branch": branch,
            "Crystal angle (deg)": math.nan,
            "J.H": math.nan,
        }
        if station.mount is not None:
            reading = cryostat_of(station).reading
            turned, falling = reading.angle, branch < 0
            values["Crystal angle (deg)"] = station.mount.crystal_angle(turned, falling=falling)
            values["J.H"] = station.mount.current_to_field(reading.field, turned, falling=falling)
        return values
