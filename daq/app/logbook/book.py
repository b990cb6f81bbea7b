"""Gather what a campaign folder holds and write it as one page of HTML."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daq.app.logbook.course import Course, course_picture, helium_in_words, read_course
from daq.app.logbook.runs import ShownRun, shown_runs
from daq.app.logbook.timeline import Entry, guardian_reports, timeline
from daq.app.remark_marks import Marked
from daq.campaign.reference_readings import in_words, past_of
from daq.campaign.standing import Standing
from daq.config.station import StationConfig, load_station
from daq.runs.campaign_folder import JOURNAL
from daq.runs.files import open_run
from daq.runs.names import run_names
from daq.runs.page import embedded, rendered
from daq.runs.remark_rows import unix
from daq.runs.remarks import Remark, remarks
from daq.runs.row_times import row_times
from daq.runs.salvage import Salvaged, salvage
from instruments.clock import Clock
from instruments.errors import ColdpointError, ConfigurationError, StorageError

TEMPLATE = Path(__file__).with_name("page.html.j2")
SIGN = '<meta name="generator" content="coldpoint logbook">'
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """What the page shows.

    Parameters
    ----------
    title, name
        Of the campaign, and of its folder.
    state, error
        How it stands or ended, and why.
    simulated
        Whether twins stood in for instruments; None if that is not known.
    facts
        Names and values of the head: sample, station, contacts, versions, helium.
    problems
        What is missing or damaged, in words.
    entries
        Of the timeline.
    reports
        Of the guardian.
    references
        In one line; empty if there are none.
    course
        Source of an image; empty if there is none.
    runs
        By number.
    """

    title: str
    name: str
    state: str
    error: str
    simulated: bool | None
    facts: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    entries: tuple[Entry, ...]
    reports: tuple[str, ...]
    references: str
    course: str
    runs: tuple[ShownRun, ...]


def write_book(folder: Path, path: Path, clock: Clock, *, pictures: int) -> Book:
    """Write the log book of a campaign.

    Parameters
    ----------
    folder
        Of the campaign; it may be running, broken off, or damaged.
    path
        The HTML file; an earlier log book is replaced, nothing else.
    clock
        Tells when it is printed.
    pictures
        How many runs are drawn at most.

    Returns
    -------
    Book
        What the page shows.

    Raises
    ------
    ConfigurationError
        It is no campaign folder, or `path` is something else than a log book.
    StorageError
        The page cannot be written.
    """
    if not folder.is_dir() or not ((folder / JOURNAL).is_file() or run_names(folder)):
        raise ConfigurationError(
            f"logbook: {folder} is no campaign folder; `coldpoint runs` lists them"
        )
    _refuse_other(path)
    book = gather(folder, pictures=pictures)
    text = rendered(TEMPLATE, book=book, printed=f"{clock.utc():%Y-%m-%d %H:%M}Z")
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as failure:
        raise StorageError(
            f"{path} cannot be written: {failure.strerror}; give another --output"
        ) from failure
    return book


def gather(folder: Path, *, pictures: int) -> Book:
    """Read a campaign folder, whatever is left of it.

    Parameters
    ----------
    folder
        Of the campaign.
    pictures
        How many runs are drawn at most.

    Returns
    -------
    Book
        What is there, and in words what is not.
    """
    journal = salvage(folder / JOURNAL)
    events = journal.events
    course = read_course(folder / "cryostat.csv", events)
    runs = shown_runs(folder, events, pictures)
    station, problem = _station(folder / "station.yaml")
    standing = Standing()
    for event in events:
        standing = _after(standing, event)
    owner = standing.owner
    problems = [*journal.problems, problem, course.problem]
    problems += [f"run {run.number}: {run.problem}" for run in runs if run.problem]
    return Book(
        title=str(journal.plan.get("title") or folder.name),
        name=folder.name,
        state=standing.state(alive=None if owner is None else owner.is_alive()),
        error=standing.error,
        simulated=None if station is None else station.simulated is not None,
        facts=tuple(_facts(folder, journal, station, runs, course)),
        problems=tuple(filter(None, problems)),
        entries=timeline(events),
        reports=guardian_reports(folder),
        references=_references(events),
        course=_course(folder, course, events),
        runs=runs,
    )


def _refuse_other(path: Path) -> None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            ours = SIGN in file.read(2000)
    except FileNotFoundError:
        return
    except OSError as failure:
        raise StorageError(
            f"{path} cannot be written: {failure.strerror}; give another --output"
        ) from None
    if not ours:
        raise ConfigurationError(
            f"logbook: {path} exists and is no log book; remove it or give another --output"
        )


def _station(path: Path) -> tuple[StationConfig | None, str]:
    try:
        return load_station(path), ""
    except (ColdpointError, OSError) as failure:
        return None, f"{path.name} cannot be read: {' '.join(str(failure).split())}"


def _after(standing: Standing, event: Event) -> Standing:
    try:
        return standing.after(event)
    except (KeyError, TypeError, ValueError):
        return standing  # a damaged line tells nothing


def _references(events: Sequence[Event]) -> str:
    try:
        return in_words(past_of(events).readings)
    except (KeyError, TypeError, ValueError) as failure:
        return f"damaged: {failure!r}"


def _facts(
    folder: Path,
    journal: Salvaged,
    station: StationConfig | None,
    runs: Sequence[ShownRun],
    course: Course,
) -> Iterator[tuple[str, str]]:
    sample = journal.plan.get("sample")
    said = sample.items() if isinstance(sample, Mapping) else ()
    words = [f"{k}: {v}" if k != "name" else str(v) for k, v in said]
    yield "Sample", ", ".join(words) or "not named"
    if station is not None:
        yield "Station", station.name
        contacts = [
            f"{name} ({', '.join(f'{role} {pins}' for role, pins in wires.items())})"
            for name, wires in station.contacts.items()
        ]
        yield "Contacts", "; ".join(contacts) or "not named"
    used = dict.fromkeys(run.contact for run in runs if run.contact)
    yield "Measured on", ", ".join(used) or "no contact is known"
    yield "Versions", _versions(folder, runs) or "not known"
    yield "Helium", helium_in_words(course)
    begun, last = (_utc(journal.events, place) for place in (0, -1))
    yield "Journal", f"{begun} to {last}, {len(journal.events)} lines" if begun else "not known"


def _versions(folder: Path, runs: Sequence[ShownRun]) -> str:
    """Return the versions that took data; more than one where a campaign was resumed later."""
    found: dict[str, None] = {}
    for run in runs:
        try:
            said = open_run(folder, run.number).document.get("versions")
        except ColdpointError:
            continue
        if isinstance(said, dict):
            found[", ".join(f"{name} {version}" for name, version in said.items())] = None
    return "; then ".join(found)


def _utc(events: Sequence[Event], place: int) -> str:
    if not events:
        return ""
    return str(events[place].get("utc", ""))[:16].replace("T", " ") + "Z"


def _course(folder: Path, course: Course, events: Sequence[Event]) -> str:
    if not len(course.time):
        return ""
    spans: dict[str, list[float]] = {}
    for event in events:
        if event["event"] in {"run begun", "run ended"}:
            spans.setdefault(str(event.get("file")), []).append(unix(str(event.get("utc", ""))))
    runs = [(span[0], span[-1]) for span in spans.values() if len(span) > 1]
    noted = enumerate(remarks(events), 1)
    marked = [
        Marked(number, f"{remark.utc[11:16]}Z {remark.text}", when)
        for number, remark in noted
        if (when := _when(folder, remark, events)) is not None
    ]
    return embedded(course_picture(course, runs, marked))


def _when(folder: Path, remark: Remark, events: Sequence[Event]) -> float | None:
    """Return where a remark stands in the course: at its rows, or when it was written."""
    if not remark.rows:
        return unix(remark.utc)
    rows = remark.rows[0]
    try:
        run = open_run(folder / rows.file)
        attempt = next(each for each in run.attempts if each.path.name == rows.file)
        times = row_times(attempt, events)
        return float(times[min(rows.first, len(times)) - 1])
    except (ColdpointError, StopIteration, IndexError):
        return None
