"""The runner's side of the guardian: start it, tell it that the engine lives, dismiss it."""

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

from daq.campaign.detached import start_detached, write_at_once
from daq.config.station import StationConfig
from daq.runs.lock import Owner
from instruments.clock import SystemClock
from instruments.errors import ColdpointError

BEAT, DISMISSED = b".", b"e"
PERIOD = 0.2
"""Shortest time between two beats in s of life."""
READY = b"ready"
END_PATIENCE = 15.0
"""Longest time in s of life that a guardian that was dismissed may take to end."""
START_PATIENCE = 60.0
"""Longest time in s of life until the guardian must watch."""
ETHERNET_BLOCK = "30 to 60 s"
"""How long a 6221 may keep everybody out after a client has gone (its manual and its users)."""


class Guarding:
    """A guardian that has been started; `arm` tells it what to watch.

    Parameters
    ----------
    config
        The station.
    """

    def __init__(self, config: StationConfig) -> None:
        self._config = config
        self._clock = SystemClock()
        self._process = start_detached(["guardian"])
        if self._process.stdin is None or self._process.stdout is None:
            raise ColdpointError("the guardian has no pipes; start Coldpoint anew")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._told = -PERIOD
        self._state = "started"
        self.lost = False

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """Return the exit code of the process; None while it runs."""
        return self._process.poll()

    def arm(self, folder: Path, hang: float) -> str:
        """Tell the guardian what to watch, and wait until it does.

        Parameters
        ----------
        folder
            Of the campaign; the guardian reads the station file there and reports there.
        hang
            Time in s of life without a beat after which this process is ended.

        Returns
        -------
        str
            What the guardian can promise, in one line.

        Raises
        ------
        ColdpointError
            The guardian does not start: nothing may run unguarded.
        """
        orders = {
            "folder": str(folder.absolute()),
            "station": self._config.text,
            "owner": Owner.this_process().to_json(),
            "hang": hang,
        }
        heard: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._listen, args=(heard,), daemon=True).start()
        with contextlib.suppress(OSError):
            self._stdin.write(json.dumps(orders).encode() + b"\n")
        if not _is_ready(heard):
            raise ColdpointError(
                "the guardian does not start, and nothing runs unguarded; try"
                " 'coldpoint guardian --help' to see why"
            )
        write_at_once(self._stdin.fileno())
        self._state = "armed"
        return promise(self._config, hang)

    def beat(self) -> None:
        """Tell the guardian that the engine goes round; never waits and never raises."""
        now = self._clock.now()
        if self._state != "armed" or now - self._told < PERIOD:
            return
        self._told = now
        self._say(BEAT)

    def dismiss(self) -> None:
        """Tell the guardian that everything is safe; it ends."""
        if self._state == "armed":
            self._say(DISMISSED)
            self._state = "dismissed"

    def close(self) -> None:
        """Let go of the guardian: it ends if it was dismissed or never armed, and acts if not."""
        if self._state == "started":  # it may not even have begun, and has nothing to guard
            self._state = "dismissed"
            self._process.kill()
        with contextlib.suppress(OSError):
            self._stdin.close()
        with contextlib.suppress(OSError):
            self._stdout.close()
        if self._state == "dismissed":
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_PATIENCE)
        self._clock.close()

    def _say(self, word: bytes) -> None:
        try:
            os.write(self._stdin.fileno(), word)
        except BlockingIOError:
            return  # it does not read, and that is its affair: the run must not wait
        except OSError:
            self.lost = True

    def _listen(self, heard: "SimpleQueue[bytes]") -> None:
        line = b""
        with contextlib.suppress(OSError, ValueError):
            line = self._stdout.readline()
        heard.put(line)


def _is_ready(heard: "SimpleQueue[bytes]") -> bool:
    """Wait for the first line of a guardian; one that has ended already says nothing."""
    try:
        return READY in heard.get(timeout=START_PATIENCE)
    except Empty:
        return False


@contextmanager
def guarding(config: StationConfig) -> Iterator[Guarding | None]:
    """Start a guardian for a station; none for twins that live and die with this process.

    Parameters
    ----------
    config
        The station.

    Yields
    ------
    Guarding or None
        It starts while the station is opened.
    """
    if config.simulated is not None:
        yield None
        return
    guard = Guarding(config)
    try:
        yield guard
    finally:
        guard.close()


def promise(config: StationConfig, hang: float) -> str:
    """Return what the guardian of a station can promise, in one line."""
    words = (
        "a guardian watches: if this program dies, the outputs go down within about 5 s;"
        f" if it hangs for {hang:g} s, it is ended first"
    )
    shut = [
        role
        for role, instrument in config.instruments.items()
        if instrument.driver == "Keithley6221" and instrument.resource.upper().startswith("TCPIP")
    ]
    if shut:
        words += (
            f"; {', '.join(shut)} is on Ethernet and may keep everybody out for {ETHERNET_BLOCK}"
            " after a broken link: then it takes so much longer"
        )
    return words
