"""How much is left of a campaign that is watched from outside: its journal and its rehearsal."""

from collections.abc import Mapping, Sequence

from daq.campaign.pace import Pace, TimeLeft
from daq.campaign.standing import Standing


def seconds_left(standing: Standing, paces: Sequence[Pace], now: float) -> float:
    """Return the time left of a campaign by the clock of its station, in s.

    Parameters
    ----------
    standing
        How it stands, as its journal tells.
    paces
        Seconds by activity of every step, as it was rehearsed.
    now
        Time of the clock of the station, in s.

    Returns
    -------
    float
        Of the step that runs and of all that have not ended.
    """
    left = TimeLeft(paces)
    for index, seconds in standing.ended:
        if index < len(paces):
            planned = paces[index]
            left.ended(index, planned if seconds is None else _shared(planned, seconds))
    running = standing.step if standing.in_step else None
    spent: Mapping[str, float] = {}
    if running is not None and running < len(paces):
        spent = _shared(paces[running], max(0.0, now - standing.begun_at))
    return left.seconds(running, spent)


def _shared(planned: Pace, seconds: float) -> dict[str, float]:
    """Divide the seconds of a step into its activities as the rehearsal did."""
    whole = sum(planned.values())
    return {name: seconds * part / whole for name, part in planned.items()} if whole else {}
