r"""The twins on TCP, for any VISA or MultiPyVu client in another process; loopback only.

Each port has one thread, and all work on devices is done under the one lock of the bench::

    with serve([LinePort("6221", source, b"\n", single=True)], clock, lock=bench.lock) as servers:
        print(servers.ports["6221"])
"""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterable, Mapping
from typing import Self

from instruments.clock import Clock
from instruments.closing import Closing
from instruments.simulated.connections import (
    Accept,
    Connection,
    LinePort,
    Truth,
    line_clients,
    multivu_clients,
    truth_clients,
)
from instruments.simulated.multivu import MultiVuServer

HOST = "127.0.0.1"
POLL = 0.005
"""Time in s of life between two looks for late replies while somebody is connected."""
SEND_TIMEOUT = 5.0
"""Time in s of life after which a client that does not read is dropped."""
CHUNK = 65536
QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Acknowledge at once, where the system can: clients that write twice wait 40 ms for it else."""


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


class TwinServers(Closing):
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
        servers[line.name] = PortServer(line.name, line_clients(line, clock, guard), line.port)
    if multivu is not None:
        servers["multivu"] = PortServer("multivu", multivu_clients(multivu, guard), multivu_port)
        multivu.address = (HOST, servers["multivu"].port)
    if truth is not None:
        servers["truth"] = PortServer("truth", truth_clients(truth, guard), truth_port)
    return TwinServers(servers)
