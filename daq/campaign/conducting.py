"""Conduct a campaign on a station that is open: guarded, followed, logged, and told to its end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from daq.campaign.attending import Attendance, attended
from daq.campaign.conductor import Conductor
from daq.campaign.control import Control
from daq.campaign.control_port import ControlPort
from daq.campaign.guarding import Guarding, guarding
from daq.campaign.latencies import Latencies
from daq.campaign.noting import add_note
from daq.campaign.outcome import CampaignOutcome, Start
from daq.campaign.post import Post
from daq.campaign.prepared import Prepared
from daq.campaign.told_state import told_state
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.cryostat_log import CryostatLog
from daq.station_file import open_configured, traced
from instruments.errors import StorageError
from instruments.station import Station
from instruments.trace import Trace
from procedures.catalogue import PROCEDURES

TRACE = "trace.jsonl"


@dataclass(frozen=True, slots=True)
class Opened:
    """A station that is open, and what watches it.

    Parameters
    ----------
    station
        The station.
    guard
        Its guardian; None for twins that live in this very process.
    trace
        Is told of every message; None if nobody wants to know.
    """

    station: Station
    guard: Guarding | None
    trace: Trace | None = None


@contextmanager
def opened_for(prepared: Prepared, *, trace: bool = False) -> Iterator[Opened]:
    """Open the station of a sequence, with a guardian unless its twins live in this very process.

    Parameters
    ----------
    prepared
        The checked sequence.
    trace
        Whether every message to and from an instrument is kept.

    Yields
    ------
    Opened
        Closed at the end.
    """
    config = prepared.station
    kept = traced(config) if trace else None
    with guarding(config) as guard:
        station = open_configured(config, limits=prepared.limits, trace=kept)
        try:
            yield Opened(station, guard, kept)
        finally:
            station.close()
            if kept is not None:
                kept.close()


def conduct(
    prepared: Prepared,
    opened: Opened,
    folder: CampaignFolder,
    start: Start,
    attendance: Attendance,
    *,
    post: Post,
) -> CampaignOutcome:
    """Carry out a campaign that has begun in its journal, whatever becomes of it.

    Parameters
    ----------
    prepared
        What to do.
    opened
        The station.
    folder
        Of the campaign.
    start
        Where to begin.
    attendance
        Who attends to it.
    post
        Carries messages to people.

    Returns
    -------
    CampaignOutcome
        How it ended.
    """
    station, guard, stop = opened.station, opened.guard, attendance.stop
    control = stop if isinstance(stop, Control) else Control(stop)
    conductor = _conductor(prepared, station, folder, control, attendance)
    with conductor.to_its_end(), ExitStack() as leaving:
        if opened.trace is not None:
            opened.trace.write_to(folder.path / TRACE)
        station.confirmed_above = prepared.confirmed_above
        station.confirmed_up_to = prepared.confirmed_up_to
        station.warned = lambda why, _to: folder.journal.event("confirmed", sync=True, why=why)
        if guard is not None:
            conductor.dismiss = guard.dismiss
            _arm(guard, folder, control, attendance)
            station.finish()  # whoever was here before may have left a current on
        latencies = None if prepared.station.simulated is not None else Latencies(station)
        note = partial(add_note, folder.journal)
        leaving.enter_context(ControlPort(folder.path, control, note, partial(told_state, station)))
        leaving.enter_context(_cryostat_logged(station, folder))
        attending = leaving.enter_context(
            attended(
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
            )
        )
        conductor.follower = attending
        conductor.announce = attending.announcing(attendance.announce)
        try:
            return conductor.carry_out(prepared.steps, prepared.sequence.on_error, start)
        finally:
            if latencies is not None:
                latencies.keep(folder.path.name)
            if guard is not None and guard.lost:
                with suppress(StorageError):  # how the campaign ended matters more
                    folder.journal.event("guardian lost", pid=guard.pid)
            _tell_trace(opened.trace, folder, attendance.say)


def _arm(guard: Guarding, folder: CampaignFolder, control: Control, attendance: Attendance) -> None:
    """Have a guardian watch from now on, and tell it at every heartbeat that the engine lives."""
    promise = guard.arm(folder.path, attendance.hang)
    folder.journal.event("guardian watches", sync=True, pid=guard.pid, promise=promise)
    attendance.say(promise)
    control.looked = guard.beat


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
