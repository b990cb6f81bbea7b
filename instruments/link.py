"""The link to one instrument: guarded by its limits, locked, with errors in our words."""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from pymeasure.adapters import Adapter, ProtocolAdapter, VISAAdapter
from pyvisa.constants import StatusCode
from pyvisa.errors import Error as VisaError
from pyvisa.errors import VisaIOError

from instruments.clock import Clock
from instruments.errors import CommunicationError, DesynchronisedError
from instruments.guard import Guard

DRAIN_TIMEOUT = 50
"""Time-out in ms of the reads that drain a stream."""
DRAIN_READS = 64
TIMED = 1000
"""Answers of which the time is kept."""

log = logging.getLogger(__name__)


class NoAnswerError(CommunicationError):
    """Raise when a read has timed out."""


class Timing:
    """Take the time from each message to the answer that follows, of the last so many.

    Parameters
    ----------
    clock
        Tells the time.
    """

    def __init__(self, clock: Clock) -> None:
        self.seconds: deque[float] = deque(maxlen=TIMED)
        self._clock = clock
        self._since: float | None = None

    def said(self) -> None:
        """Take note that a message goes out."""
        self._since = self._clock.now()

    def heard(self) -> None:
        """Take note that an answer has come."""
        if self._since is not None:
            self.seconds.append(self._clock.now() - self._since)
            self._since = None


class GuardedAdapter(Adapter):
    """Stand between an instrument and its pymeasure adapter.

    Every message passes the guard before a byte of it is sent, under the lock of the instrument.
    What this class does not know is taken from the adapter behind it.

    Parameters
    ----------
    inner
        The adapter that talks to the instrument.
    guard
        Refuses messages that would exceed a limit.
    lock
        Of the instrument.
    name
        Of the instrument, for messages.
    """

    def __init__(self, inner: Adapter, guard: Guard, lock: threading.RLock, name: str) -> None:  # type: ignore[valid-type,unused-ignore]  # RLock is a function before 3.13
        super().__init__()
        self.inner = inner
        self.connection = inner.connection
        self._guard = guard
        self._lock = lock
        self._name = name
        resource = str(getattr(inner, "resource_name", "") or "").upper()
        self.is_stream = resource.endswith("SOCKET") or resource.startswith(("ASRL", "COM"))
        """Whether messages end at a terminator only: no serial poll, no device clear."""
        self._joins = self.is_stream or not resource
        self._unfinished = ""
        # other adapters, such as the one of Prologix, do more in a read than reading
        self._reads_raw = type(inner) is VISAAdapter and not isinstance(
            inner.connection, ProtocolAdapter
        )
        ending = getattr(inner.connection, "read_termination", None) if self._reads_raw else None
        self._ending = (ending or "").encode()
        self._last = b""
        self.timing: Timing | None = None
        """Takes the time of every answer, if somebody wants to know."""

    def __getattr__(self, name: str) -> Any:
        if name == "inner":
            raise AttributeError(name)
        return getattr(self.inner, name)

    def __del__(self) -> None:
        """Leave the connection to the adapter behind."""

    def close(self) -> None:
        """Close the connection."""
        self.inner.close()

    def write(self, command: str, **kwargs: Any) -> None:
        """Send a message, unless the guard refuses it."""
        with self._lock:
            self._guard.check(self._unfinished + command)
            self._unfinished = ""
            if self.timing is not None:
                self.timing.said()
            try:
                self.inner.write(command, **kwargs)
            except (VisaError, OSError) as failure:
                self._fail(failure, command)
            self._guard.commit()

    def write_bytes(self, content: bytes, **kwargs: Any) -> None:
        """Send bytes, unless the guard refuses them; unfinished messages are put together."""
        text = bytes(content).decode("latin-1")
        with self._lock:
            whole = self._unfinished + text
            self._guard.check(whole)
            if self._joins:
                self._unfinished = whole[max(whole.rfind("\n"), whole.rfind("\r")) + 1 :]
            try:
                self.inner.write_bytes(content, **kwargs)
            except (VisaError, OSError) as failure:
                self._fail(failure, text)
            self._guard.commit()

    def read(self, **kwargs: Any) -> str:
        """Read one reply."""
        with self._lock:
            try:
                if self._reads_raw and not kwargs:
                    text = self._text(self.inner.read_bytes(-1, break_on_termchar=True))
                else:
                    text = str(self.inner.read(**kwargs))
            except (VisaError, OSError, UnicodeDecodeError) as failure:
                self._fail(failure)
            if self.timing is not None:
                self.timing.heard()
            return text

    def learn_ending(self) -> None:
        """Expect from now on that replies end as the last one did; a shorter one is truncated."""
        if self._reads_raw and not self._ending:
            self._ending = next((end for end in (b"\n", b"\r") if self._last.endswith(end)), b"")

    def read_bytes(
        self,
        count: int = -1,
        break_on_termchar: bool = False,  # noqa: FBT002 (pymeasure's signature)
        **kwargs: Any,
    ) -> bytes:
        """Read a number of bytes."""
        with self._lock:
            try:
                return bytes(self.inner.read_bytes(count, break_on_termchar, **kwargs))
            except (VisaError, OSError) as failure:
                self._fail(failure)

    def flush_read_buffer(self) -> None:
        """Drop what has been received and not read."""
        self.inner.flush_read_buffer()

    def serial_poll(self) -> int | None:
        """Return the status byte, or None where the interface cannot poll."""
        if self.is_stream:
            return None
        with self._lock:
            try:
                status = self.connection.read_stb()  # type: ignore[attr-defined]  # VISA only
            except (AttributeError, NotImplementedError):
                return None
            except VisaIOError as failure:
                if failure.error_code == StatusCode.error_nonsupported_operation:
                    return None
                self._fail(failure)
        return status if isinstance(status, int) else None

    def drain(self) -> None:
        """Throw away what the instrument still wants to say: device clear, or reads on a stream."""
        self._unfinished = ""
        if not self.is_stream:
            try:
                self.connection.clear()  # type: ignore[attr-defined]  # VISA only
            except (VisaError, AttributeError, NotImplementedError) as failure:
                log.debug("%s: no device clear (%s)", self._name, failure)
            return
        with self.patience(DRAIN_TIMEOUT):
            for _ in range(DRAIN_READS):
                try:
                    self.read()
                except NoAnswerError:
                    return
                except DesynchronisedError:
                    continue

    @contextmanager
    def patience(self, milliseconds: float) -> Iterator[None]:
        """Use another time-out for a while."""
        connection: Any = self.connection
        before = connection.timeout
        connection.timeout = milliseconds
        try:
            yield
        finally:
            connection.timeout = before

    def _format_binary_values(self, *args: Any, **kwargs: Any) -> bytes:
        return bytes(self.inner._format_binary_values(*args, **kwargs))  # noqa: SLF001 (escapes are the adapter's)

    def _text(self, content: bytes) -> str:
        """Return a reply without its terminator; without one it is not whole."""
        self._last = content.rstrip(b"\0")
        if not self._last.endswith(self._ending):
            raise DesynchronisedError(
                f"{self._name}: {content[:40]!r} ends without its terminator {self._ending!r}; the"
                " reply is truncated, ask again"
            )
        return content.decode("ascii").rstrip("\r\n")

    def _fail(self, failure: Exception, message: str | None = None) -> NoReturn:
        self._guard.forget()
        what = "reading" if message is None else f"sending {message.strip()!r}"
        if isinstance(failure, UnicodeDecodeError):
            raise DesynchronisedError(
                f"{self._name}: a reply is not text ({failure.object[:20]!r}); check the link"
            ) from failure
        if isinstance(failure, VisaIOError) and failure.error_code == StatusCode.error_timeout:
            raise NoAnswerError(f"{self._name}: time-out while {what}") from failure
        raise CommunicationError(
            f"{self._name}: {' '.join(str(failure).split())} while {what}; check cable and address"
        ) from failure
