"""Every message between this program and its instruments, with its time, in one file.

A line is with the kernel before the next message is exchanged, so that a program that is killed
leaves a whole trace; lines are not synced to the disk one by one. Messages that are exchanged
before the file is known are held, a bounded number of them. A trace holds what instruments say and
are told, nothing else: no token, address of a person or password passes these links.
"""

import json
import os
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pyvisa import ResourceManager
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from instruments.clock import Clock
from instruments.ppms.stream import Stream

FORMAT = 1
HELD = 10_000
"""Messages that are kept until the file is known; opening a station takes some hundreds."""
Direction = Literal["write", "read", "poll", "clear", "close"]


class Trace:
    """Keep messages in their order; threads may share it.

    Parameters
    ----------
    about
        What the first line says besides: station, driver and role of each resource.
    """

    def __init__(self, about: Mapping[str, Any]) -> None:
        self._about = dict(about)
        self._clock: Clock | None = None
        self._mine = threading.Lock()
        self._held: deque[bytes] = deque(maxlen=HELD)
        self._dropped = 0
        self._file: int | None = None
        self.problem = ""
        """Why the trace has ended before its time; empty while it has not."""

    def use(self, clock: Clock) -> None:
        """Stamp messages from now on with the time of `clock`."""
        self._clock = clock

    def write_to(self, path: Path) -> None:
        """Append to a file from now on; what has been held comes first.

        Parameters
        ----------
        path
            Such as ``trace.jsonl`` in the folder of a campaign; made if it is not there.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        with self._mine:
            try:
                self._file = os.open(path, flags, 0o644)
            except OSError as failure:
                self.problem = str(failure)
                return
            begun = {"format": FORMAT, "event": "trace", **self._about, "dropped": self._dropped}
            self._put(_line(begun))
            while self._held:
                self._put(self._held.popleft())

    def message(self, resource: str, direction: Direction, data: bytes, **more: Any) -> None:
        """Take a message.

        Parameters
        ----------
        resource
            Where the instrument is.
        direction
            ``write`` to the instrument, ``read`` from it; a ``poll`` of its status byte, a
            ``clear`` of the device, the ``close`` of the link.
        data
            The very bytes.
        **more
            What else belongs to it, such as the error of a read.
        """
        clock = self._clock
        stamp = {} if clock is None else {"utc": clock.utc().isoformat(), "clock": clock.now()}
        text = data.decode("latin-1")  # every byte is one character, and back
        line = _line({**stamp, "resource": resource, "direction": direction, "bytes": text, **more})
        with self._mine:
            if self._file is not None:
                self._put(line)
            elif not self.problem:
                self._dropped += len(self._held) == HELD
                self._held.append(line)

    def close(self) -> None:
        """Close the file; later messages are not kept."""
        with self._mine:
            if self._file is not None:
                os.close(self._file)
            self._file = None
            self.problem = self.problem or "closed"

    def _put(self, line: bytes) -> None:
        """Hand a line to the kernel; when that fails the trace ends, not the measurement."""
        try:
            if self._file is not None:
                os.write(self._file, line)
        except OSError as failure:
            self.problem = str(failure)
            if self._file is not None:
                os.close(self._file)
            self._file = None


class TracedStream:
    """A stream whose bytes are kept.

    Parameters
    ----------
    stream
        The stream behind.
    trace
        Where they go.
    resource
        Its name there.
    """

    def __init__(self, stream: Stream, trace: Trace, resource: str) -> None:
        self._stream = stream
        self._trace = trace
        self._resource = resource

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        self._trace.message(self._resource, "write", data)
        self._stream.send(data)

    def receive(self, timeout: float) -> bytes:
        """Return what has come within `timeout` s of life."""
        data = self._stream.receive(timeout)
        if data:
            self._trace.message(self._resource, "read", data)
        return data

    def close(self) -> None:
        """Close the connection."""
        self._trace.message(self._resource, "close", b"")
        self._stream.close()


class Tap:
    """Let a VISA library tell a trace of everything that passes it.

    Parameters
    ----------
    library
        A VISA library, or the name of one as pyvisa takes it.
    trace
        Is told.
    """

    def __init__(self, library: Any, trace: Trace) -> None:
        self.library: Any = ResourceManager(library).visalib
        """To be used for opening resources."""
        self._trace = trace
        self._names: dict[Any, str] = {}
        self._tapped = {
            "open": self._open,
            "write": self._write,
            "read": self._read,
            "read_stb": self._read_stb,
            "clear": self._clear,
        }
        self._calls = {name: getattr(self.library, name) for name in self._tapped}
        for name, call in self._tapped.items():
            setattr(self.library, name, call)

    def remove(self) -> None:
        """Leave the library as it was."""
        for name in self._tapped:
            vars(self.library).pop(name, None)

    def _open(self, session: Any, resource_name: str, *args: Any, **kwargs: Any) -> Any:
        found = self._calls["open"](session, resource_name, *args, **kwargs)
        self._names[found[0]] = resource_name
        return found

    def _write(self, session: Any, data: bytes) -> Any:
        self._tell(session, "write", bytes(data))
        return self._calls["write"](session, data)

    def _read(self, session: Any, count: int) -> Any:
        try:
            found = self._calls["read"](session, count)
        except VisaIOError as failure:
            self._tell(session, "read", b"", error=StatusCode(failure.error_code).name)
            raise
        self._tell(session, "read", bytes(found[0]))
        return found

    def _read_stb(self, session: Any) -> Any:
        found = self._calls["read_stb"](session)
        self._tell(session, "poll", bytes([found[0] & 0xFF]))
        return found

    def _clear(self, session: Any) -> Any:
        self._tell(session, "clear", b"")
        return self._calls["clear"](session)

    def _tell(self, session: Any, direction: Direction, data: bytes, **more: Any) -> None:
        self._trace.message(self._names.get(session, "unknown"), direction, data, **more)


def _line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"
