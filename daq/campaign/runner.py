"""Run a sequence from beginning to end, or from where it stopped: open, conduct, close."""

import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from daq.campaign.attempts import where
from daq.campaign.attending import HANG, Attendance, Wishes
from daq.campaign.conducting import conduct, opened_for
from daq.campaign.limits import effective_limits, resolve, warmest
from daq.campaign.outcome import CampaignOutcome, Start
from daq.campaign.pauses import PATIENCE
from daq.campaign.plan_json import to_mapping
from daq.campaign.post import Post, posting
from daq.campaign.prepared import Prepared
from daq.campaign.resume import CONFIRMED_ABOVE, Resumption, read_resumption, station_doubts
from daq.config.station import StationConfig, load_station
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.engine import Follower
from daq.runs.lock import Owner
from instruments.errors import RefusedError
from instruments.station import Station
from procedures.catalogue import PROCEDURES
from procedures.environment import LARGEST_OVERSHOOT


def run_prepared(
    prepared: Prepared,
    data: Path,
    *,
    stop: threading.Event | None = None,
    follower: Follower | None = None,
    announce: Callable[[int, str], None] = lambda _index, _words: None,
    say: Callable[[str], None] = lambda _words: None,
    patience: float = PATIENCE,
    hang: float = HANG,
    wishes: Wishes | None = None,
    trace: bool = False,
) -> CampaignOutcome:
    """Carry out a checked sequence in a campaign folder of its own.

    Parameters
    ----------
    prepared
        What to do.
    data
        The folder of all campaigns.
    stop
        Set by anybody to abort; a `Control` can be asked for more.
    follower
        Told of every event.
    announce
        Told in words when a step begins.
    say
        Told in words what a person must know at once.
    patience
        Time in s that a pause waits for a decision before the station is made safe.
    hang
        Time in s of life after which the guardian takes this process for hung and ends it.
    wishes
        What is wished for besides: messages, and a forecast of the end.
    trace
        Whether every message to and from an instrument is kept in ``trace.jsonl``.

    Returns
    -------
    CampaignOutcome
        How it ended; everything is on disk and the station is closed.
    """
    wishes = Wishes() if wishes is None else wishes
    attendance = Attendance(stop, follower, announce, say, patience, hang, wishes, trace)
    sequence = prepared.sequence
    with _posted(prepared, attendance) as post, opened_for(prepared, trace=trace) as opened:
        folder = CampaignFolder.create(
            data,
            sequence.title,
            opened.station.clock,
            to_mapping(sequence),
            sequence=sequence.text,
            station=prepared.station.text,
            sample=str(sequence.sample.get("name", "")),
        )
        with folder:
            folder.journal.event("campaign begun", sync=True, **_about(opened.station, prepared))
            return conduct(prepared, opened, folder, Start(), attendance, post=post)


def resume_campaign(
    path: Path,
    station: str | Path | None = None,
    *,
    accept: bool = False,
    confirm_above: bool = False,
    attendance: Attendance | None = None,
) -> CampaignOutcome:
    """Go on with a campaign where it stopped, from the plan in its journal.

    Parameters
    ----------
    path
        The campaign folder.
    station
        Station file or name, instead of the one that is kept in the folder.
    accept
        Whether a person accepts what speaks against going on.
    confirm_above
        Whether a person says that the sample may go above the station's `keep_below`. What was
        confirmed at the begin of the campaign stays so, up to the highest temperature of its plan.
    attendance
        Who attends to it.

    Returns
    -------
    CampaignOutcome
        How it ended; only runs of this time are told.

    Raises
    ------
    RefusedError
        Something speaks against going on, and nobody has accepted it; nothing was changed.
    """
    found = read_resumption(path, PROCEDURES)
    if found.finished:
        return CampaignOutcome("finished", path, ())
    config = load_station(path / "station.yaml" if station is None else station)
    sequence = resolve(found.sequence, config)
    limits = effective_limits(sequence, config)
    prepared = Prepared(
        sequence,
        config,
        limits,
        found.steps,
        confirmed_above=confirm_above or found.confirmed_above,
        confirmed_up_to=math.inf if confirm_above else warmest(found.steps),
    )
    attendance = Attendance() if attendance is None else attendance
    with (
        _posted(prepared, attendance) as post,
        opened_for(prepared, trace=attendance.trace) as opened,
    ):
        doubts = [*found.doubts, *_other_station(found, opened.station, config)]
        if doubts and not accept:
            raise RefusedError(
                f"{path.name}: {'; '.join(doubts)}; look at it, then resume with --accept"
            )
        start = found.after_accepting if found.doubts else found.start
        sample = str(sequence.sample.get("name", ""))
        with CampaignFolder.reopen(path, opened.station.clock, sample=sample) as folder:
            about = _about(opened.station, prepared)
            folder.journal.event(
                "campaign resumed", sync=True, at=start.index, accepted=doubts, **about
            )
            if start.index > found.start.index:
                folder.journal.event("step accepted", sync=True, step=found.start.index)
            return conduct(prepared, opened, folder, start, attendance, post=post)


def _posted(prepared: Prepared, attendance: Attendance) -> AbstractContextManager[Post]:
    """Have messages carried: people are told also of a station that does not open."""
    wishes = attendance.wishes
    return posting(
        prepared.sequence.title,
        prepared.station.notify,
        attendance.say,
        variable=wishes.notify_from,
        notifier=wishes.notifier,
    )


def _about(station: Station, prepared: Prepared) -> dict[str, Any]:
    told: dict[str, Any] = {"owner": Owner.this_process().to_json(), "station": station.name}
    keep = station.keep_below
    warms = keep is not None and warmest(prepared.steps) + LARGEST_OVERSHOOT > keep
    return told | ({CONFIRMED_ABOVE: True} if prepared.confirmed_above and warms else {})


def _other_station(found: Resumption, station: Station, config: StationConfig) -> list[str]:
    """Return what is not as the journal says."""
    doubts = station_doubts(found, where(station), safe_field=config.safe.field)
    named = found.sequence.station
    if named and named != station.name:
        doubts.append(f"this is station {station.name!r}, the campaign was begun on {named!r}")
    return doubts
