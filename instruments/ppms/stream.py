"""A stream of bytes to a MultiPyVu server: over TCP here, in process elsewhere."""

import contextlib
import socket
from typing import Protocol

from instruments.errors import CommunicationError

CHUNK = 65536
QUICK_ACKNOWLEDGE: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux only; without it every exchange waits 40 ms for a delayed acknowledgement."""


class Stream(Protocol):
    """Carry bytes both ways."""

    def send(self, data: bytes) -> None:
        """Send all of `data`; raise CommunicationError or OSError if the other side is gone."""
        ...

    def receive(self, timeout: float) -> bytes:
        """Return what has come within `timeout` s; nothing if nothing has.

        Raises CommunicationError or OSError if the other side is gone.
        """
        ...

    def close(self) -> None:
        """Close; never raises."""
        ...


class SocketStream:
    """A TCP connection without Nagle's algorithm.

    Parameters
    ----------
    host
        Where MultiPyVu's server runs.
    port
        Where it listens.
    timeout
        Longest time to connect or to send in s.
    """

    def __init__(self, host: str, port: int, timeout: float = 5.0) -> None:
        self._name = f"{host}:{port}"
        self._timeout = timeout
        try:
            self._socket = socket.create_connection((host, port), timeout)
        except OSError as refused:
            raise CommunicationError(
                f"MultiVu at {self._name}: no connection ({refused}); "
                "start the MultiPyVu server on the computer of the PPMS"
            ) from refused
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        """Send all of `data` in one call."""
        self._socket.settimeout(self._timeout)
        self._socket.sendall(data)

    def receive(self, timeout: float) -> bytes:
        """Return what has come within `timeout` s of life."""
        if QUICK_ACKNOWLEDGE is not None:  # Linux forgets it, so it is asked for every time
            self._socket.setsockopt(socket.IPPROTO_TCP, QUICK_ACKNOWLEDGE, 1)
        self._socket.settimeout(timeout)
        try:
            data = self._socket.recv(CHUNK)
        except TimeoutError:
            return b""
        if not data:
            raise CommunicationError(f"MultiVu at {self._name} has closed the connection")
        return data

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
