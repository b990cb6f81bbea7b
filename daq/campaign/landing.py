"""Take the outputs of a station down without its runner: every instrument by itself, until it is.

Each is opened anew with the same drivers, in a thread of its own: one that does not answer does not
hold up the others.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from daq.config.station import StationConfig
from daq.station_file import clock_of, openers
from instruments.clock import Clock
from instruments.errors import one_line

DEADLINE = 180.0
"""Time in s of life within which an instrument must be reached."""
RETRY = 0.5
"""Time in s of life between two tries."""
FIRST_ANSWER = 1000.0
"""Time-out in ms of the first question: a link that is not free yet is tried again soon."""
LEFT = 5.0
"""Time in s of life after the deadline until a try that never returns is left behind."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Landing:
    """What became of one instrument.

    Parameters
    ----------
    role
        Of the instrument.
    tries
        How often it was tried.
    reached
        Whether it is safe.
    problem
        What went wrong last, in one line.
    seconds
        Time of life from the alarm until it was safe.
    """

    role: str
    tries: int = 0
    reached: bool = False
    problem: str = ""
    seconds: float | None = None


def land(
    openers_by_role: Mapping[str, Callable[[], Any]],
    make_safe: Callable[[str, Any], None],
    clock: Clock,
    deadline: float,
    *,
    leave: float = LEFT,
) -> list[Landing]:
    """Open every instrument and make it safe, each by itself, trying again until a deadline.

    Parameters
    ----------
    openers_by_role
        Open one instrument each.
    make_safe
        Takes the outputs of an open instrument down; given role and driver.
    clock
        Of life.
    deadline
        Time in s of life within which an instrument must be reached.
    leave
        Time in s of life after that until a try that never returns is left behind.

    Returns
    -------
    list of Landing
        What became of each.
    """
    began = clock.now()
    landings = [Landing(role) for role in openers_by_role]
    threads = [
        threading.Thread(
            target=_bring_down,
            args=(landing, openers_by_role[landing.role], make_safe, clock, began + deadline),
            name=f"landing {landing.role}",
            daemon=True,
        )
        for landing in landings
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, began + deadline - clock.now()) + leave)
    return landings


def secure(config: StationConfig, role: str, instrument: Any) -> None:
    """Clear half-sent messages, take every output down and give the link free.

    Parameters
    ----------
    config
        The station; its ``safe`` says where the cryostat goes.
    role
        Of the instrument.
    instrument
        Its open driver.
    """
    if role == "cryostat":
        try:
            instrument.make_safe(field=config.safe.field, temperature=config.safe.temperature)
        finally:
            instrument.close()
        return
    try:
        with instrument.adapter.patience(FIRST_ANSWER):
            instrument.resynchronise()
        instrument.make_safe()
    finally:
        instrument.adapter.close()


def _bring_down(
    landing: Landing,
    opener: Callable[[], Any],
    make_safe: Callable[[str, Any], None],
    clock: Clock,
    end: float,
) -> None:
    began = clock.now()
    # On a machine that is busy a thread may begin late: everything is tried once at least.
    while not landing.reached and (clock.now() < end or not landing.tries):
        landing.tries += 1
        try:
            make_safe(landing.role, opener())
        except Exception as failure:  # noqa: BLE001 (whatever it is, it is tried again)
            landing.problem = one_line(failure)
            log.warning("%s: try %d: %s", landing.role, landing.tries, landing.problem)
            clock.sleep(RETRY)
        else:
            landing.reached, landing.problem = True, ""
            landing.seconds = clock.now() - began


def land_station(config: StationConfig, clock: Clock, deadline: float) -> list[Landing]:
    """Open every instrument of a station and make it safe; see `land`.

    Parameters
    ----------
    config
        The station; nobody else may use it.
    clock
        Of life.
    deadline
        Time in s of life within which an instrument must be reached.

    Returns
    -------
    list of Landing
        What became of each.
    """
    station_clock = clock_of(config)
    try:
        return land(
            openers(config, station_clock),
            lambda role, instrument: secure(config, role, instrument),
            clock,
            deadline,
        )
    finally:
        station_clock.close()
