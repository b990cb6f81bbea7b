"""Sample chamber of the simulated PPMS: sequences of valves with their pressures in Torr."""

from dataclasses import dataclass, field
from math import exp, log

import numpy as np

from instruments.simulated.ppms_motion import Latency, Lateness, Piece, Trajectory

UNKNOWN, PURGED, VENTED, SEALED, PURGING, VENTING, PUMPING_DOWN, HIGH_VACUUM = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
)
PUMPING, FLOODING, VACUUM_ERROR, FAILURE = 8, 9, 14, 15
SEAL, PURGE_SEAL, VENT_SEAL, PUMP, VENT, VACUUM = range(6)
NO_COMMAND = 10


@dataclass(frozen=True)
class ChamberOptions:
    """Pressures and durations, all assumed but the exchange gas of 3 Torr.

    Parameters
    ----------
    exchange_gas
        Pressure of the sealed chamber in Torr.
    air
        Pressure of the vented chamber in Torr.
    pumped
        Pressure that continuous pumping reaches in Torr.
    vacuum
        Pressure of high vacuum in Torr.
    pump_tau
        Time constant of the logarithm of the pressure in s.
    flushes
        Times that purging pumps and floods.
    flush
        Time of each half of that in s.
    vent
        Time to vent in s.
    pump_down
        Time before the high-vacuum pump takes over in s.
    warm
        Temperature of the block in K below which venting is a catastrophe.
    latency
        Of status and valves after a command.
    """

    exchange_gas: float = 3.0
    air: float = 760.0
    pumped: float = 0.05
    vacuum: float = 1e-5
    pump_tau: float = 10.0
    flushes: int = 3
    flush: float = 30.0
    vent: float = 60.0
    pump_down: float = 300.0
    warm: float = 273.0
    latency: Latency = field(default_factory=lambda: Latency(1.0, 3.0, 0.0, 0.0))


class Chamber:
    """Valves, pump and pressure of the sample space.

    Parameters
    ----------
    options
        How it behaves.
    generator
        Of latencies.
    now
        The present in s; the chamber begins purged and sealed.
    """

    def __init__(self, options: ChamberOptions, generator: np.random.Generator, now: float) -> None:
        self.options = options
        self.last = NO_COMMAND
        self._random = generator
        self._path = Trajectory(Piece(now, log(options.exchange_gas), code=PURGED))
        self._late = Lateness()

    @property
    def until(self) -> float:
        """Return the time in s at which the last sequence has ended."""
        return self._path.last_start

    def pressure(self, now: float) -> float:
        """Return the pressure in Torr."""
        return exp(self._path.at(now).value(now))

    def status(self, now: float) -> int:
        """Return the status code that is shown, 0 to 15."""
        return self._late.show(now, self._path.at(now).code)

    def set(self, now: float, code: int) -> None:
        """Begin a sequence: 0 seal, 1 purge, 2 vent, 3 pump, 4 vent on and on, 5 high vacuum."""
        self.last = code
        shown = self.status(now)
        late, unknown = self.options.latency.draw(*self._random.uniform(size=2))
        begin = now + late / 2.0
        self._late.hold(shown, now + late, unknown)
        self._path.follow(self._sequence(begin, code))

    def fail(self, now: float) -> None:
        """Show a failure from now on; the pressure stays."""
        self._late.hold(FAILURE, now)
        self._path.follow((Piece(now, self._path.at(now).value(now), code=FAILURE),))

    def repair(self, now: float) -> None:
        """End a failure; the chamber is sealed, with what it holds unknown."""
        present = self._path.at(now)
        if present.code == FAILURE:
            self._path.follow((Piece(now, present.value(now), code=SEALED),))

    def _sequence(self, begin: float, code: int) -> list[Piece]:
        o = self.options
        present = self._path.at(begin)
        stages: dict[int, list[tuple[float, int, float]]] = {
            SEAL: [(0.0, _sealed(present.code), 0.0)],
            PURGE_SEAL: [
                *[(o.flush, PURGING, o.pumped), (o.flush, PURGING, o.air)] * o.flushes,
                (o.flush, PURGING, o.exchange_gas),
                (0.0, PURGED, o.exchange_gas),
            ],
            VENT_SEAL: [(o.vent, VENTING, o.air), (0.0, VENTED, o.air)],
            PUMP: [(0.0, PUMPING, o.pumped)],
            VENT: [(0.0, FLOODING, o.air)],
            VACUUM: [(o.pump_down, PUMPING_DOWN, o.pumped), (0.0, HIGH_VACUUM, o.vacuum)],
        }
        pieces: list[Piece] = []
        time, level = begin, present.value(begin)
        for duration, status, pressure in stages[code]:
            towards = log(pressure) if pressure > 0.0 else level
            piece = Piece(time, towards, amount=level - towards, tau=o.pump_tau, code=status)
            pieces.append(piece)
            time += duration
            level = piece.value(time)
        return pieces


def _sealed(before: int) -> int:
    if before in {PURGED, PURGING}:
        return PURGED
    return VENTED if before in {VENTED, VENTING, FLOODING} else SEALED
