r"""The twins on TCP, for any VISA or MultiPyVu client in another process; loopback only.

Each port has one thread, and all work on devices is done under the one lock of the bench::

    with serve([LinePort("6221", source, b"\n", single=True)], clock, lock=bench.lock) as servers:
        print(servers.ports["6221"])
"""

import contextlib
import json
import re
import selectors
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from types import TracebackType
from typing import Protocol, Self

from instruments.clock import Clock
from instruments.simulated.device import Device
from instruments.simulated.faults import LinkFaults
from instruments.simulated.multivu import MultiVuServer

HOST = "127.0.0.1"
POLL = 0.005
"""Time in s of life between two looks for late replies while somebody is connected."""
SEND_TIMEOUT = 5.0
"""Time in s of life after which a client that does not read is dropped."""
CHUNK = 65536
QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Acknowledge at once, where the system can: clients that write twice wait 40 ms for it else."""
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


class PortServer:
    """One listening socket, its connections, and the one thread that serves them.

    Parameters
    ----------
    name
        Of the thread.
    accept
        Makes a connection for a client, or None to turn it away.
    port
        Of TCP; a free one if 0.
    """

    def __init__(self, name: str, accept: Accept, port: int = 0) -> None:
        self._accept = accept
        self._listener = socket.create_server((HOST, port))
        self._listener.settimeout(0.0)
        self.port: int = self._listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._clients: dict[socket.socket, Connection] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name=f"twin {name}", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """Close every connection and end the thread."""
        self._wake.close()
        if self._thread.ident is not None:
            self._thread.join(timeout=10.0)
        for client in list(self._clients):
            self._drop(client, clean=True)
        self._selector.close()
        self._listener.close()
        self._woken.close()

    def _serve(self) -> None:
        while True:
            events = self._selector.select(POLL if self._clients else None)
            sockets = {key.fileobj for key, _ in events}
            if self._woken in sockets:
                return
            for client, connection in list(self._clients.items()):
                self._exchange(client, connection, readable=client in sockets)
            if self._listener in sockets:  # last, so that a client who has gone is gone
                self._let_in()

    def _let_in(self) -> None:
        try:
            client, peer = self._listener.accept()
        except OSError:  # the client has gone again
            return
        client.settimeout(SEND_TIMEOUT)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self._accept(peer)
        if connection is None:
            client.close()
            return
        self._clients[client] = connection
        self._selector.register(client, selectors.EVENT_READ)

    def _exchange(self, client: socket.socket, connection: Connection, *, readable: bool) -> None:
        try:
            data = client.recv(CHUNK) if readable else b""
            if data and QUICK_ACK is not None:
                client.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)
            if readable and not data:
                self._drop(client, clean=True)
                return
            for segment in connection.take(data) if data else connection.pending():
                client.sendall(segment)
        except OSError:
            self._drop(client, clean=False)
            return
        if connection.finished():
            self._drop(client, clean=True)

    def _drop(self, client: socket.socket, *, clean: bool) -> None:
        self._selector.unregister(client)
        connection = self._clients.pop(client)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        client.close()
        connection.end(clean=clean)


class TwinServers:
    """All ports of one bench; `ports` tells their numbers by name.

    Parameters
    ----------
    servers
        By name.
    """

    def __init__(self, servers: Mapping[str, PortServer]) -> None:
        self._servers = dict(servers)
        self.ports = {name: server.port for name, server in servers.items()}

    def start(self) -> None:
        """Begin to serve on every port."""
        for server in self._servers.values():
            server.start()

    def close(self) -> None:
        """Close every port; no thread is left."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def serve(
    lines: Iterable[LinePort],
    clock: Clock,
    *,
    multivu: MultiVuServer | None = None,
    multivu_port: int = 0,
    truth: Truth | None = None,
    truth_port: int = 0,
    lock: "threading.RLock | None" = None,
) -> TwinServers:
    """Open the ports of a bench; `TwinServers.start`, or a `with` statement, begins to serve.

    Parameters
    ----------
    lines
        Devices that speak in lines.
    clock
        The clock of the bench.
    multivu
        The MultiVu server; its port is named "multivu".
    multivu_port
        Of TCP; a free one if 0.
    truth
        Answers every line on the port named "truth" with one line of JSON; nothing changes there.
    truth_port
        Of TCP; a free one if 0.
    lock
        The lock of the bench; one of its own if omitted.

    Returns
    -------
    TwinServers
        With the numbers of the ports.
    """
    guard = threading.RLock() if lock is None else lock
    servers: dict[str, PortServer] = {}
    for line in lines:
        servers[line.name] = PortServer(line.name, _Lines(line, clock, guard).accept, line.port)
    if multivu is not None:
        servers["multivu"] = PortServer("multivu", _multivu(multivu, guard), multivu_port)
        multivu.address = (HOST, servers["multivu"].port)
    if truth is not None:
        told = truth
        servers["truth"] = PortServer("truth", lambda _: _TruthConnection(told, guard), truth_port)
    return TwinServers(servers)


def _multivu(server: MultiVuServer, lock: "threading.RLock") -> Accept:
    def accept(peer: tuple[str, int]) -> Connection | None:
        return _MultiVuConnection(server, peer, lock) if server.running else None

    return accept
