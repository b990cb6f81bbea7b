"""Measure the figures of the papers: run their sequences side by side, and understand the files.

Each figure is an ordinary sequence on an ordinary station file, run by the ordinary runner; only
the seed of the noise is written into a copy of the station file. What is recovered is read from the
files on disk.
"""

import logging
import multiprocessing
import signal
import threading
import traceback
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from daq.campaign.prepared import DEFAULT_STATION, prepare
from daq.config.document import Node, parse_document, read_document
from daq.config.folder import find_config
from daq.config.problem import Place
from daq.reproduction.blind import Hidden, calibrated, shifted_sample
from daq.reproduction.campaigns import finished
from daq.reproduction.drawing import save
from daq.reproduction.papers import find_recipe
from daq.reproduction.recipe import Measured, Recovered
from daq.reproduction.rows import papers_folder
from instruments.clock import SystemClock
from instruments.errors import ColdpointError

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Task:
    """One figure to be measured with one seed.

    Parameters
    ----------
    paper, recipe
        Names of both.
    seed
        Of the noise, from 1.
    data
        The folder of all campaigns of the reproduction.
    hidden
        What of sample and instruments nobody knows; None for the numbers of the paper.
    """

    paper: str
    recipe: str
    seed: int
    data: Path
    hidden: Hidden | None = None

    @property
    def folder(self) -> Path:
        """Return the folder of its campaigns."""
        blind = "" if self.hidden is None else f"-blind-{self.hidden.seed}"
        return self.data / self.paper / f"seed-{self.seed}{blind}" / self.recipe


@dataclass(frozen=True, slots=True)
class Done:
    """A figure that was measured.

    Parameters
    ----------
    task
        Which one.
    recovered
        One per row; empty if it failed.
    folders
        Campaign folders.
    picture
        PNG file, or None.
    seconds
        How long it took.
    error
        Why it failed, in one line; empty if it did not.
    """

    task: Task
    recovered: tuple[Recovered, ...] = ()
    folders: tuple[Path, ...] = ()
    picture: Path | None = None
    seconds: float = 0.0
    error: str = ""


def carry_out(task: Task) -> Done:
    """Measure one figure and understand it; never raises.

    Parameters
    ----------
    task
        What to do.

    Returns
    -------
    Done
        What came out, or why nothing did.
    """
    clock = SystemClock()
    began = clock.now()
    task.folder.mkdir(parents=True, exist_ok=True)
    failed = task.folder / "failure.txt"
    failed.unlink(missing_ok=True)
    log = logging.FileHandler(task.folder / "log.txt", mode="w", encoding="utf-8")
    logging.getLogger().addHandler(log)
    try:
        done = _measured(task)
    except Exception as failure:  # noqa: BLE001 (a figure that fails must not take the others along)
        failed.write_text(traceback.format_exc(), encoding="utf-8")
        done = Done(task, error=" ".join(f"{type(failure).__name__}: {failure}".split()))
    finally:
        logging.getLogger().removeHandler(log)
        log.close()
    return replace(done, seconds=clock.now() - began)


def carry_out_all(tasks: Sequence[Task], workers: int = WORKERS) -> Iterator[Done]:
    """Measure figures side by side.

    Parameters
    ----------
    tasks
        Those that take long first.
    workers
        How many processes; with one, it is this one.

    Yields
    ------
    Done
        As soon as one is done.

    Raises
    ------
    ColdpointError
        Somebody has ended a process.
    """
    if workers == 1:
        yield from map(carry_out, tasks)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context)
    try:
        with _deaf_to_interrupts():
            waiting: list[Future[Done]] = [pool.submit(carry_out, task) for task in tasks]
        for one in as_completed(waiting):
            yield one.result()
    except KeyboardInterrupt:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    except BrokenProcessPool:
        raise ColdpointError(
            "reproduce: a process that measured was ended from outside; see whether there is memory"
            " left, then begin again, perhaps with --workers 1"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes begin that ignore Ctrl-C, which this one hears and ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _measured(task: Task) -> Done:
    recipe = find_recipe(task.paper, task.recipe)
    if recipe is None:
        raise ColdpointError(f"{task.paper} has no recipe {task.recipe!r}; add it to its module")
    folders = tuple(_campaign(task, name) for name in recipe.files)
    found = recipe.understand(Measured(folders))
    picture = save(task.folder / f"{task.recipe}.png", recipe.size, found.draw)
    return Done(task, found.recovered, folders, picture)


def noise_seed(task: Task, name: str) -> int:
    """Return the seed of the noise of one sequence: no two sequences share their noise.

    Parameters
    ----------
    task
        Knows paper and seed.
    name
        Of the sequence.

    Returns
    -------
    int
        The same for the same names and seed, on any machine.
    """
    return zlib.crc32(f"{task.paper}/{name}/{task.seed}".encode())


def wiring_seed(task: Task) -> int:
    """Return the seed of what is hidden in the wires: all figures of a paper share one bench."""
    return zlib.crc32(f"{task.paper}/{task.seed}".encode())


def _campaign(task: Task, name: str) -> Path:
    """Run one sequence with the seed of the task; return its campaign folder."""
    file = papers_folder() / task.paper / f"{name}.yaml"
    station = prepare(file).sequence.station or DEFAULT_STATION
    document = read_document(find_config("stations", station))
    changes: dict[Place, Node] = {
        ("simulated", "seed"): noise_seed(task, name),
        ("simulated", "wiring_seed"): wiring_seed(task),
    }
    if task.hidden is not None:
        changes |= shifted_sample(document, task.hidden)
    seeded = task.folder / f"{name}.station.yaml"
    text = document.edited(changes)
    seeded.write_text(text, encoding="utf-8")
    prepared = prepare(file, seeded)
    # without one nobody knows by how much all gaps are wrong
    needed = prepared.station.biases_voltage if task.hidden is None else task.hidden.calibrated
    if needed:
        document = parse_document(text, str(seeded))
        calibration = calibrated(document, prepared, task.folder)
        if calibration is not None:
            named = document.edited({("calibration",): str(calibration)})
            seeded.write_text(named, encoding="utf-8")
            prepared = prepare(file, seeded)
    return finished(prepared, task.folder)
