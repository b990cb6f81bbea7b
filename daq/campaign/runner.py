"""Run a sequence from beginning to end, or from where it stopped: open, conduct, close."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from daq.campaign.attempts import where
from daq.campaign.attending import HANG, Attendance, Wishes, attended
from daq.campaign.conductor import PATIENCE, Conductor
from daq.campaign.control import Control
from daq.campaign.control_port import ControlPort
from daq.campaign.guarding import Guarding, guarding
from daq.campaign.latencies import Latencies
from daq.campaign.limits import effective_limits, resolve
from daq.campaign.outcome import CampaignOutcome, Start
from daq.campaign.plan_json import to_mapping
from daq.campaign.post import Post, posting
from daq.campaign.prepared import DEFAULT_STATION, Prepared, prepare
from daq.campaign.resume import CONFIRMED_ABOVE, Resumption, read_resumption, station_doubts
from daq.campaign.told_state import told_state
from daq.config.station import StationConfig, load_station
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.cryostat_log import CryostatLog
from daq.runs.engine import Follower
from daq.runs.lock import Owner
from daq.station_file import open_configured, traced
from instruments.errors import RefusedError, StorageError
from instruments.station import Station
from instruments.trace import Trace
from procedures.catalogue import PROCEDURES

__all__ = [
    "DEFAULT_STATION",
    "HANG",
    "PATIENCE",
    "TRACE",
    "Attendance",
    "Prepared",
    "prepare",
    "resume_campaign",
    "run_prepared",
]

TRACE = "trace.jsonl"


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
    with _posted(prepared, attendance) as post, _opened(prepared, trace=trace) as opened:
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
            return _conduct(prepared, opened, folder, Start(), attendance, post=post)


def resume_campaign(
    path: Path,
    station: str | Path | None = None,
    *,
    accept: bool = False,
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
    confirmed = accept or found.confirmed_above
    prepared = Prepared(sequence, config, limits, found.steps, confirmed_above=confirmed)
    attendance = Attendance() if attendance is None else attendance
    with (
        _posted(prepared, attendance) as post,
        _opened(prepared, trace=attendance.trace) as opened,
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
            return _conduct(prepared, opened, folder, start, attendance, post=post)


@dataclass(frozen=True, slots=True)
class _Opened:
    station: Station
    guard: Guarding | None
    trace: Trace | None = None


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


@contextmanager
def _opened(prepared: Prepared, *, trace: bool = False) -> Iterator[_Opened]:
    """Open a station, with a guardian unless its twins live in this very process."""
    config = prepared.station
    kept = traced(config) if trace else None
    with guarding(config) as guard:
        station = open_configured(config, limits=prepared.limits, trace=kept)
        try:
            yield _Opened(station, guard, kept)
        finally:
            station.close()
            if kept is not None:
                kept.close()


def _conduct(
    prepared: Prepared,
    opened: _Opened,
    folder: CampaignFolder,
    start: Start,
    attendance: Attendance,
    *,
    post: Post,
) -> CampaignOutcome:
    station, guard, stop = opened.station, opened.guard, attendance.stop
    if opened.trace is not None:
        opened.trace.write_to(folder.path / TRACE)
    station.confirmed_above = prepared.confirmed_above
    station.warned = lambda why: folder.journal.event("confirmed", sync=True, why=why)
    control = stop if isinstance(stop, Control) else Control(stop)
    if guard is not None:
        promise = guard.arm(folder.path, attendance.hang)
        folder.journal.event("guardian watches", sync=True, pid=guard.pid, promise=promise)
        attendance.say(promise)
        control.looked = guard.beat
        station.finish()  # whoever was here before may have left a current on
    conductor = _conductor(prepared, station, folder, control, attendance)
    latencies = None if prepared.station.simulated is not None else Latencies(station)

    def note(text: str, about: Mapping[str, Any]) -> None:
        folder.journal.event("note", sync=True, text=text, **({"about": about} if about else {}))

    with attended(
        station,
        folder,
        control,
        attendance.wishes,
        title=prepared.sequence.title,
        steps=len(prepared.steps),
        first=start.index,
        follower=attendance.follower,
        say=attendance.say,
        notify=prepared.station.notify,
        post=post,
    ) as attending:
        conductor.follower = attending
        conductor.announce = attending.announcing(attendance.announce)
        try:
            port = ControlPort(folder.path, control, note, partial(told_state, station))
            with port, _cryostat_logged(station, folder):
                return conductor.carry_out(prepared.steps, prepared.sequence.on_error, start)
        finally:
            if guard is not None and conductor.landed:
                guard.dismiss()
            if latencies is not None:
                latencies.keep(folder.path.name)
            if guard is not None and guard.lost:
                with suppress(StorageError):  # how the campaign ended matters more
                    folder.journal.event("guardian lost", pid=guard.pid)
            _tell_trace(opened.trace, folder, attendance.say)


def _tell_trace(trace: Trace | None, folder: CampaignFolder, say: Callable[[str], None]) -> None:
    """Say that a trace is not whole: nobody looks for it before it is needed."""
    if trace is None or not trace.problem:
        return
    say(f"{TRACE} is not whole: {trace.problem}")
    with suppress(StorageError):  # perhaps of the same disk; it has been said
        folder.journal.event("trace ended", error=trace.problem)


def _conductor(
    prepared: Prepared,
    station: Station,
    folder: CampaignFolder,
    control: Control,
    attendance: Attendance,
) -> Conductor:
    return Conductor(
        station,
        folder,
        PROCEDURES,
        stop=control,
        say=attendance.say,
        watch=prepared.sequence.watch,
        patience=attendance.patience,
        reference=prepared.sequence.reference,
    )


@contextmanager
def _cryostat_logged(station: Station, folder: CampaignFolder) -> Iterator[None]:
    """Write every sample of the cryostat beside the runs."""
    if station.cryostat is None:
        yield
        return

    def ended(why: str) -> None:
        with suppress(StorageError):  # it is called by the poller, which has to go on
            folder.journal.event("cryostat log ended", error=why)

    with closing(CryostatLog(folder.path / "cryostat.csv", ended)) as log:
        station.cryostat.listen(log.take)
        yield


def _about(station: Station, prepared: Prepared) -> dict[str, Any]:
    confirmed = {CONFIRMED_ABOVE: True} if prepared.confirmed_above else {}
    return {"owner": Owner.this_process().to_json(), "station": station.name, **confirmed}


def _other_station(found: Resumption, station: Station, config: StationConfig) -> list[str]:
    """Return what is not as the journal says."""
    doubts = station_doubts(found, where(station), safe_field=config.safe.field)
    named = found.sequence.station
    if named and named != station.name:
        doubts.append(f"this is station {station.name!r}, the campaign was begun on {named!r}")
    return doubts
