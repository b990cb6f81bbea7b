"""Run a sequence from beginning to end, or from where it stopped: open, conduct, close."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from daq.campaign.attempts import where
from daq.campaign.conductor import PATIENCE, Conductor
from daq.campaign.control import Control
from daq.campaign.control_port import ControlPort
from daq.campaign.guarding import Guarding, guarding
from daq.campaign.limits import effective_limits, resolve
from daq.campaign.outcome import CampaignOutcome, Start
from daq.campaign.plan import PlannedStep, Sequence, flatten
from daq.campaign.plan_json import to_mapping
from daq.campaign.resume import Resumption, read_resumption, station_doubts
from daq.campaign.sequence import load_sequence
from daq.config.station import StationConfig, load_station
from daq.runs.campaign_folder import CampaignFolder
from daq.runs.cryostat_log import CryostatLog
from daq.runs.engine import Follower
from daq.runs.lock import Owner
from daq.station_file import open_configured
from instruments.errors import RefusedError
from instruments.limits import StationLimits
from instruments.station import Station
from procedures.catalogue import PROCEDURES

DEFAULT_STATION = "simulated"
HANG = 60.0
"""Time in s of life without a heartbeat after which the guardian takes a program for hung."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sequence that has been checked against its station; nothing has been opened or written.

    Parameters
    ----------
    sequence
        Resolved for the station.
    station
        The station.
    limits
        Of the station, tightened by the sequence.
    steps
        In the order of execution.
    confirmed_above
        Whether a person has said that the sample may go above the station's `keep_below`.
    """

    sequence: Sequence
    station: StationConfig
    limits: StationLimits
    steps: tuple[PlannedStep, ...]
    confirmed_above: bool = False


def prepare(path: str | Path, station: str | Path | None = None, *, measure: str = "") -> Prepared:
    """Read and check a sequence.

    Parameters
    ----------
    path
        The sequence file, or the name of one in configs/sequences.
    station
        Station file or name, instead of the one that the sequence names.
    measure
        What a MultiVu sequence measures, as a step of ours.

    Returns
    -------
    Prepared
        Ready for `run_prepared`.

    Raises
    ------
    ConfigurationError
        Sequence or station is wrong, or the sequence would break a limit.
    """
    settings = {name: procedure.settings() for name, procedure in PROCEDURES.items()}
    sequence = load_sequence(path, procedures=settings, measure=measure)
    config = load_station(station or sequence.station or DEFAULT_STATION)
    resolved = resolve(sequence, config)
    limits = effective_limits(sequence, config)
    return Prepared(resolved, config, limits, flatten(resolved))


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who attends to a campaign while it runs.

    Parameters
    ----------
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
        Time in s of life after which the guardian takes the program for hung.
    """

    stop: threading.Event | None = None
    follower: Follower | None = None
    announce: Callable[[int, str], None] = lambda _index, _words: None
    say: Callable[[str], None] = lambda _words: None
    patience: float = PATIENCE
    hang: float = HANG


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

    Returns
    -------
    CampaignOutcome
        How it ended; everything is on disk and the station is closed.
    """
    attendance = Attendance(stop, follower, announce, say, patience, hang)
    sequence = prepared.sequence
    with _opened(prepared.station, prepared.limits) as opened:
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
            folder.journal.event("campaign begun", sync=True, **_about(opened.station))
            return _conduct(prepared, opened, folder, Start(), attendance)


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
    prepared = Prepared(sequence, config, limits, found.steps, confirmed_above=accept)
    attendance = Attendance() if attendance is None else attendance
    with _opened(config, prepared.limits) as opened:
        doubts = [*found.doubts, *_other_station(found, opened.station, config)]
        if doubts and not accept:
            raise RefusedError(
                f"{path.name}: {'; '.join(doubts)}; look at it, then resume with --accept"
            )
        start = found.after_accepting if found.doubts else found.start
        sample = str(sequence.sample.get("name", ""))
        with CampaignFolder.reopen(path, opened.station.clock, sample=sample) as folder:
            about = _about(opened.station)
            folder.journal.event(
                "campaign resumed", sync=True, at=start.index, accepted=doubts, **about
            )
            if start.index > found.start.index:
                folder.journal.event("step accepted", sync=True, step=found.start.index)
            return _conduct(prepared, opened, folder, start, attendance)


@dataclass(frozen=True, slots=True)
class _Opened:
    station: Station
    guard: Guarding | None


@contextmanager
def _opened(config: StationConfig, limits: StationLimits) -> Iterator[_Opened]:
    """Open a station, with a guardian unless its twins live in this very process."""
    with guarding(config) as guard:
        station = open_configured(config, limits=limits)
        try:
            yield _Opened(station, guard)
        finally:
            station.close()


def _conduct(
    prepared: Prepared,
    opened: _Opened,
    folder: CampaignFolder,
    start: Start,
    attendance: Attendance,
) -> CampaignOutcome:
    station, guard, stop = opened.station, opened.guard, attendance.stop
    station.confirmed_above = prepared.confirmed_above
    control = stop if isinstance(stop, Control) else Control(stop)
    if guard is not None:
        promise = guard.arm(folder.path, attendance.hang)
        folder.journal.event("guardian watches", sync=True, pid=guard.pid, promise=promise)
        attendance.say(promise)
        control.looked = guard.beat
        station.finish()  # whoever was here before may have left a current on
    conductor = Conductor(
        station,
        folder,
        PROCEDURES,
        stop=control,
        follower=attendance.follower,
        announce=attendance.announce,
        say=attendance.say,
        watch=prepared.sequence.watch,
        patience=attendance.patience,
    )

    def note(text: str) -> None:
        folder.journal.event("note", sync=True, text=text)

    try:
        with ControlPort(folder.path, control, note), _cryostat_logged(station, folder):
            return conductor.carry_out(prepared.steps, prepared.sequence.on_error, start)
    finally:
        if guard is not None and conductor.landed:
            guard.dismiss()
        if guard is not None and guard.lost:
            folder.journal.event("guardian lost", pid=guard.pid)


@contextmanager
def _cryostat_logged(station: Station, folder: CampaignFolder) -> Iterator[None]:
    """Write every sample of the cryostat beside the runs."""
    if station.cryostat is None:
        yield
        return

    def ended(why: str) -> None:
        folder.journal.event("cryostat log ended", error=why)

    with closing(CryostatLog(folder.path / "cryostat.csv", ended)) as log:
        station.cryostat.listen(log.take)
        yield


def _about(station: Station) -> dict[str, str]:
    return {"owner": Owner.this_process().to_json(), "station": station.name}


def _other_station(found: Resumption, station: Station, config: StationConfig) -> list[str]:
    """Return what is not as the journal says."""
    doubts = station_doubts(found, where(station), safe_field=config.safe.field)
    named = found.sequence.station
    if named and named != station.name:
        doubts.append(f"this is station {station.name!r}, the campaign was begun on {named!r}")
    return doubts
