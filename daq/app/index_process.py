"""The update of a catalogue as a process of its own, so that nobody has to share a processor lock.

Run as ``python -m daq.app.index_process DATA``. It prints JSON, a line each: ``{"read": 1200}`` now
and then, and at the end ``{"known": {...}}`` or ``{"failed": "..."}``. Whoever started it and has
lost interest closes the pipe or ends it: what has been written into the catalogue stays.
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from daq.app.run_index import RunIndex
from instruments.clock import Clock, SystemClock
from instruments.errors import ColdpointError

TELL = 0.2
"""Seconds between two lines about progress."""
GENTLE = 10
"""How far it stands back behind a measurement on the same machine."""


def tell_update(data: Path, tell: Callable[[dict[str, object]], None], clock: Clock) -> int:
    """Update the catalogue of a data folder and tell how far it is.

    Parameters
    ----------
    data
        The folder.
    tell
        Takes every message.
    clock
        Says when to tell.

    Returns
    -------
    int
        The exit code.
    """
    last = clock.now()

    def wanted() -> bool:
        nonlocal last
        if clock.now() - last >= TELL:
            last = clock.now()
            tell({"read": index.read})
        return True

    index = RunIndex(data, wanted)
    try:
        known = index.update()
    except ColdpointError as failure:
        tell({"failed": str(failure)})
        return 1
    tell({"known": asdict(known)})
    return 0


def main() -> int:
    """Do it as a process."""
    if hasattr(os, "nice"):
        os.nice(GENTLE)

    def tell(message: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    with suppress(BrokenPipeError):  # nobody waits for it any more
        return tell_update(Path(sys.argv[1]), tell, SystemClock())
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


if __name__ == "__main__":
    sys.exit(main())
