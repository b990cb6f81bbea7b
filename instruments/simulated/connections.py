"""What a client says to a twin and hears of it, in bytes; `server` carries them over sockets."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from instruments.clock import Clock
from instruments.simulated.device import Device
from instruments.simulated.faults import LinkFaults
from instruments.simulated.multivu import MultiVuServer

Truth = Callable[[], Mapping[str, object]]


class Connection(Protocol):
    """One client, as a port sees it."""

    def take(self, data: bytes) -> list[bytes]:
        """Take bytes from the client and return what is to be sent, one item per segment."""
        ...

    def pending(self) -> list[bytes]:
        """Return what has become due since."""
        ...

    def finished(self) -> bool:
        """Tell whether the server wants to close the connection."""
        ...

    def end(self, *, clean: bool) -> None:
        """Take note that the connection is gone; `clean` when the client has closed it in order."""
        ...


Accept = Callable[[tuple[str, int]], Connection | None]
"""Makes a connection for a client, or None to turn it away."""


@dataclass(frozen=True)
class LinePort:
    """A device behind a port that speaks in lines.

    Parameters
    ----------
    name
        Key in `TwinServers.ports`.
    device
        The twin.
    terminator
        Ends every reply: LF for a 6221, CR LF for a 7265 as on RS-232 with echo and prompt off, `;`
        for a Model 6000. A message ends with any of its bytes; with `;` CR and LF end one too.
    single
        Whether a second client is turned away while one is connected, as a 6221 does.
    link
        Says for how long nobody is let in after a client has gone without closing; 30 to 60 s is
        told of a 6221.
    left_on
        Tells whether the output is on. A program that is killed has its connection closed by the
        system, as if in order; one that leaves its output on counts as gone without closing
        (assumed).
    port
        Of TCP; a free one if 0.
    """

    name: str
    device: Device
    terminator: bytes = b"\n"
    single: bool = False
    link: LinkFaults = field(default_factory=LinkFaults)
    left_on: Callable[[], bool] = lambda: False
    port: int = 0


class _Lines:
    """The connections of one `LinePort`."""

    def __init__(self, port: LinePort, clock: Clock, lock: "threading.RLock") -> None:
        self.port = port
        self.clock = clock
        self.lock = lock
        self.clients = 0
        self.blocked_until = -inf
        ends = port.terminator + (b"\r\n" if port.terminator == b";" else b"")
        self.ends = re.compile(b"[" + re.escape(ends) + b"]")

    def accept(self, peer: tuple[str, int]) -> Connection | None:
        if self.port.single and (self.clients or self.clock.now() < self.blocked_until):
            return None
        self.clients += 1
        return _LineConnection(self)


class _LineConnection:
    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._buffer = b""

    def take(self, data: bytes) -> list[bytes]:
        *messages, self._buffer = self._lines.ends.split(self._buffer + data)
        replies: list[bytes] = []
        device = self._lines.port.device
        for message in messages:
            if message.strip():
                self._lines.clock.elapse(device.latency(message))
                with self._lines.lock:
                    device.write(message)
                replies += self.pending()
        return replies

    def pending(self) -> list[bytes]:
        replies: list[bytes] = []
        with self._lines.lock:
            while (reply := self._lines.port.device.read()) is not None:
                replies.append(self._ended(reply))
        return replies

    def finished(self) -> bool:
        return False

    def end(self, *, clean: bool) -> None:
        lines = self._lines
        lines.clients -= 1
        if not lines.port.link.blocked:
            return
        with lines.lock:
            broken = not clean or lines.port.left_on()
        if broken:
            lines.blocked_until = lines.clock.now() + lines.port.link.blocked

    def _ended(self, reply: bytes) -> bytes:
        terminator = self._lines.port.terminator
        return reply if reply.endswith(terminator) else reply.rstrip(b"\r\n") + terminator


class _MultiVuConnection:
    def __init__(
        self, server: MultiVuServer, peer: tuple[str, int], lock: "threading.RLock"
    ) -> None:
        self._server = server
        self._lock = lock
        self._session = server.connect(peer)

    def take(self, data: bytes) -> list[bytes]:
        with self._lock:
            self._session.feed(data)
        return self.pending()

    def pending(self) -> list[bytes]:
        with self._lock:
            self._server.pump()
            return self._session.take(self._server.twin.clock.now())

    def finished(self) -> bool:
        return self._session.closed

    def end(self, *, clean: bool) -> None:
        with self._lock:
            self._server.disconnect(self._session)


class _TruthConnection:
    def __init__(self, truth: Truth, lock: "threading.RLock") -> None:
        self._truth = truth
        self._lock = lock
        self._buffer = b""

    def take(self, data: bytes) -> list[bytes]:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        answers: list[bytes] = []
        for _ in lines:
            with self._lock:
                told = dict(self._truth())
            answers.append(json.dumps(told).encode() + b"\n")
        return answers

    def pending(self) -> list[bytes]:
        return []

    def finished(self) -> bool:
        return False

    def end(self, *, clean: bool) -> None:
        pass


def line_clients(port: LinePort, clock: Clock, lock: "threading.RLock") -> Accept:
    """Return what lets clients in to a device that speaks in lines.

    Parameters
    ----------
    port
        The device, and how it is spoken to.
    clock
        The clock of the bench.
    lock
        Of the bench.

    Returns
    -------
    Accept
        One client at a time where the port is single.
    """
    return _Lines(port, clock, lock).accept


def multivu_clients(server: MultiVuServer, lock: "threading.RLock") -> Accept:
    """Return what lets clients in to a MultiVu server, while it runs; `lock` is the bench's."""

    def accept(peer: tuple[str, int]) -> Connection | None:
        return _MultiVuConnection(server, peer, lock) if server.running else None

    return accept


def truth_clients(truth: Truth, lock: "threading.RLock") -> Accept:
    """Return what lets clients in to the truth: one line of JSON for every line."""
    return lambda _: _TruthConnection(truth, lock)
