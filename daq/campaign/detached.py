"""Processes that outlive the one that starts them: all that differs between POSIX and Windows."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import psutil

from daq.runs.lock import Owner
from instruments.clock import SystemClock

END_PATIENCE = 5.0
"""Longest time in s that an ended process may take to disappear."""
LOOK = 0.02


def start_detached(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start this program in a session of its own, with pipes to its input and from its output.

    Neither Ctrl-C nor a closed terminal reaches it. It finds the same packages as this process.

    Parameters
    ----------
    arguments
        Of the command ``coldpoint``.

    Returns
    -------
    Popen
        The process.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-P", "-m", "daq", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)},
        start_new_session=True,
        creationflags=flags,
    )


def ignore_endings() -> None:
    """Ignore every signal by which terminals and log-outs end programs."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)


def write_at_once(descriptor: int) -> None:
    """Make writes to a pipe fail rather than wait for the reader, where the system can."""
    try:
        os.set_blocking(descriptor, False)
    except (OSError, AttributeError):  # Windows before Python 3.12: 64 KiB of beats fit
        return


def end_process(owner: Owner) -> bool:
    """End a process that does not listen, by its number and its start; tell whether it is gone.

    Parameters
    ----------
    owner
        The process; one that has got its number later is not touched.

    Returns
    -------
    bool
        Whether it does not run any more.
    """
    if not owner.is_alive():
        return True
    try:
        psutil.Process(owner.pid).kill()
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
    clock = SystemClock()
    until = clock.now() + END_PATIENCE
    while owner.is_alive() and clock.now() < until:  # a dead one may wait for its parent to look
        clock.sleep(LOOK)
    return not owner.is_alive()
