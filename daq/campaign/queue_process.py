"""A run of the queue as a process of its own: how it is started, and what it says at its end."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import platformdirs

from daq.runs.lock import Owner

Spawn = Callable[[Sequence[str], Path], subprocess.Popen[bytes]]
"""Starts this program with arguments; output goes to the file, errors to one ending in ``.err``."""


def spawn(arguments: Sequence[str], output: Path) -> subprocess.Popen[bytes]:
    """Start this program in a session of its own; nothing reaches it but what is sent to it.

    Parameters
    ----------
    arguments
        Of the command ``coldpoint``.
    output
        File of what it prints; its errors go to a file beside, ending in ``.err``.

    Returns
    -------
    Popen
        The process.
    """
    path = os.pathsep.join(part for part in sys.path if part)
    with output.open("wb") as out, output.with_suffix(".err").open("wb") as errors:
        return subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-P", "-m", "daq", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )


def rehearse_behind(data: Path) -> None:
    """Start a process that rehearses what waits in a queue, and ends when all of it is known.

    Parameters
    ----------
    data
        The folder of all campaigns.
    """
    folder = platformdirs.user_state_path("coldpoint") / "started"
    folder.mkdir(parents=True, exist_ok=True)
    process = spawn(
        ["queue", "rehearse", "--data", str(data.absolute())], folder / "rehearse-queue.log"
    )
    process.returncode = 0  # nobody waits for its end, and Python must not ask for it


def told(output: Path) -> dict[str, Any] | None:
    """Return what a run said of itself at its end; None if it said nothing."""
    for line in reversed(lines_of(output)):
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and {"campaign", "outcome", "error"} <= said.keys():
            return said
    return None


def why(process: subprocess.Popen[bytes], output: Path) -> str:
    """Return why a run ended that said nothing of a campaign, in one line."""
    said = last_line(output.with_suffix(".err"))
    return said or f"it ended with code {process.returncode} and said nothing"


def last_line(path: Path) -> str:
    """Return the last line of a file that says something, without the name of the program."""
    lines = [line for line in lines_of(path) if line.strip()]
    text = lines[-1].decode(errors="replace").strip() if lines else ""
    return text.removeprefix("coldpoint: ")


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a file; none if it cannot be read."""
    try:
        return path.read_bytes().splitlines()
    except OSError:
        return []


def owner_of(process: subprocess.Popen[bytes], words: Sequence[str]) -> Owner:
    """Return a process that was started with `words`, as its owner files name it."""
    return Owner.of(process.pid, f"coldpoint {' '.join(words)}"[:200])
