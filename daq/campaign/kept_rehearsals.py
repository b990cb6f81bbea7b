"""What rehearsals have found, kept for whoever asks for the very same sequence and station again.

A rehearsal depends on the text of the sequence, the text of the station file, the calibration that
it names, what a MultiVu sequence measures, the resistor that stands for a sample, what was learned
of the instruments' answers, and the version of this program: their hash is its name. It is in the
user's state folder.
"""

import hashlib
import json
import logging
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock

from daq.campaign.latencies import learned
from daq.campaign.pace import Pace
from daq.campaign.rehearsal_station import RESISTANCE
from daq.config.calibration import LARGEST, named_calibration
from daq.config.station import StationConfig
from daq.runs.durability import replace
from daq.runs.plain import FORMAT, to_document
from daq.runs.run_file import versions

LATENCY_STEP = 1.25
"""Factor by which an answer must have become slower or faster to count as another one."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptRehearsal:
    """What a rehearsal has found, or why there was none.

    Parameters
    ----------
    answer
        As ``coldpoint check --json`` prints it, for a disk that is large enough; empty if the
        sequence could not be rehearsed.
    life
        Time in s of life that the campaign will take, where its clock runs faster than life.
    problem
        Why the sequence cannot be carried out to its end, in one line; empty if it can.
    """

    answer: Mapping[str, Any]
    life: float = math.nan
    problem: str = ""

    @property
    def duration(self) -> float:
        """Return how long the campaign takes by the clock of the station, in s."""
        return float(self.answer.get("duration_s", math.nan))

    @property
    def paces(self) -> tuple[Pace, ...]:
        """Return the seconds by activity of every step."""
        return tuple(dict(step["activities_s"]) for step in self.answer.get("steps", ()))


def rehearsal_key(
    sequence: str | bytes,
    station: str | bytes,
    name: str,
    *,
    measure: str = "",
    resistance: float = RESISTANCE,
) -> str:
    """Return the name under which a rehearsal is kept.

    Parameters
    ----------
    sequence
        Text of the sequence.
    station
        Text of the station file; the calibration that it names is read.
    name
        Of the station: what was learned of it counts.
    measure
        What a MultiVu sequence measures.
    resistance
        In ohm, of the resistor that stands for a sample without a model.

    Returns
    -------
    str
        A hash, in hexadecimal.
    """
    slowness = {
        role: round(math.log(max(seconds, 1e-9)) / math.log(LATENCY_STEP))
        for role, seconds in learned(name).seconds.items()
    }
    about = [versions()["coldpoint"], measure, repr(float(resistance)), sorted(slowness.items())]
    whole = _plain(station)
    parts = [_plain(sequence), whole, json.dumps(about).encode(), *_calibration(whole)]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def keep(key: str, found: KeptRehearsal) -> None:
    """Keep a rehearsal; a file that cannot be written is logged.

    Parameters
    ----------
    key
        As `rehearsal_key` returns it.
    found
        What it has found.
    """
    life = found.life if math.isfinite(found.life) else None
    document = {"answer": found.answer, "life_s": life, "problem": found.problem}
    path = kept_file(key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, to_document({"format": FORMAT, **document}))
    except OSError as failure:
        log.warning("%s cannot be written: %s", path, failure)


def kept(key: str) -> KeptRehearsal | None:
    """Return what was found under a name; None if nothing is known, or nothing can be read."""
    path = kept_file(key)
    try:
        said = json.loads(path.read_bytes())
        with suppress(OSError):
            os.utime(path)  # it is in use, and not to be cleaned away
        life = said["life_s"]
        found = KeptRehearsal(
            dict(said["answer"]), math.nan if life is None else float(life), str(said["problem"])
        )
        _ = (found.duration, found.paces)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
        log.warning("%s is not used: %r", path, failure)
        return None
    return found


@contextmanager
def rehearsing(key: str) -> Iterator[None]:
    """Rehearse while nobody else rehearses the same; look for what is kept once it has begun.

    Parameters
    ----------
    key
        As `rehearsal_key` returns it.

    Yields
    ------
    None
        When it is this program's turn.
    """
    path = kept_file(key).with_suffix(".lock")
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as failure:  # where nothing can be kept, everybody rehearses for himself
        log.warning("%s cannot be made: %s", path, failure)
    try:
        yield
    finally:
        lock.release()


def kept_file(key: str) -> Path:
    """Return where a rehearsal is kept."""
    return platformdirs.user_state_path("coldpoint") / "rehearsals" / f"{key}.json"


def seconds_of_life(station: StationConfig, duration: float, took: float) -> float:
    """Return how long a campaign takes in life.

    Parameters
    ----------
    station
        Its clock may run faster than life.
    duration
        By that clock, in s.
    took
        What the rehearsal took in life, in s: as long as a campaign on a virtual clock.

    Returns
    -------
    float
        In s.
    """
    if station.simulated is None:
        return duration / (1.0 if station.clock is None else station.clock.scale)
    clock = station.simulated.clock
    return took if clock.kind == "virtual" else duration / clock.scale


def _calibration(station: bytes) -> Iterator[bytes]:
    """Give the content of the calibration that a station file names; nothing if there is none."""
    file = named_calibration(station.decode(errors="replace"))
    if file is not None:
        with suppress(OSError), file.open("rb") as content:
            yield content.read(LARGEST)


def _plain(text: str | bytes) -> bytes:
    """Return a text as bytes that are the same however its lines end."""
    content = text.encode() if isinstance(text, str) else text
    return content.replace(b"\r\n", b"\n")
