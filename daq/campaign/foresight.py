"""The rehearsal of a campaign that runs: in a process of its own, so that no point waits for it."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daq.campaign.pace import Pace
from instruments.closing import Closing

NICE = 10
"""How far the rehearsal steps behind everything else on this computer."""
END_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a rehearsal in another process has found.

    Parameters
    ----------
    paces
        Seconds by activity of every step.
    seconds
        In total.
    sample
        What was measured, in words.
    """

    paces: tuple[Pace, ...]
    seconds: float
    sample: str


def rehearsal_command(folder: Path, resistance: str) -> list[str]:
    """Return how the sequence in a campaign folder is rehearsed.

    Parameters
    ----------
    folder
        Of the campaign; its ``sequence.yaml`` and ``station.yaml`` are read.
    resistance
        Of the resistor that stands for a sample without a model.

    Returns
    -------
    list of str
        Program and arguments.
    """
    files = [str(folder / "sequence.yaml"), "--station", str(folder / "station.yaml")]
    options = ["--json", "--kept", "--resistance", resistance, "--data", str(folder.parent)]
    return [sys.executable, "-P", "-m", "daq", "check", *files, *options]


def read_foreseen(text: str, steps: int) -> Foreseen | None:
    """Return what ``coldpoint check --json`` has printed; None if it is not of so many steps."""
    try:
        said = json.loads(text.strip().splitlines()[-1])
        paces = tuple(dict(step["activities_s"]) for step in said["steps"])
        found = Foreseen(paces, float(said["duration_s"]), str(said["sample"]))
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return found if len(paces) == steps else None


class Foresight(Closing):
    """Rehearse a campaign beside it; use it as a context manager.

    Parameters
    ----------
    command
        Program and arguments.
    steps
        How many steps there are.
    arrived
        Takes what was found, in a thread of its own; not called if it comes to nothing.
    """

    def __init__(
        self, command: Sequence[str], steps: int, arrived: Callable[[Foreseen], None]
    ) -> None:
        self._steps = steps
        self._arrived = arrived
        path = os.pathsep.join(part for part in sys.path if part)
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
        if hasattr(os, "setpriority"):  # not on Windows
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
        self._thread = threading.Thread(target=self._read, name="foresight", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the rehearsal if it still goes on."""
        self._steps = -1
        with contextlib.suppress(OSError):
            self._process.kill()
        self._thread.join(END_PATIENCE)

    def _read(self) -> None:
        told: Any
        told, _ = self._process.communicate()
        found = read_foreseen(told.decode(errors="replace"), self._steps)
        if found is not None:
            self._arrived(found)
