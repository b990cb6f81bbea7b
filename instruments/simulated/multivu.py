"""Simulated MultiVu server: the sessions of the MultiPyVu 3.8.0 protocol, without sockets.

`MultiVuServer` holds what all connections share, `MultiVuSession` is one connection: bytes in,
bytes out. `server.serve` puts it on TCP; `MultiVuStream` speaks to it in process, on any clock.
"""

import threading
from collections import deque
from dataclasses import dataclass
from importlib import metadata
from math import inf

from instruments.clock import Clock
from instruments.simulated.faults import Replies, ReplyFaults
from instruments.simulated.multivu_actions import TICK, ActionError, Task, answer
from instruments.simulated.multivu_frames import Body, FrameError, FrameReader, encode
from instruments.simulated.ppms import PpmsTwin

PORT = 27183
VERSION = "3.8.0"
LATENCY = 1e-3
"""Modelled time in s of one direction in process: about 2 ms for a request (assumed)."""
LINGER = 60.0
"""Time in s that the server waits for the last confirmation before it closes (assumed)."""
STANDS_ALONE = {"ALIVE", "STATUS", "EXIT"}
"""Actions that need no START."""


def installed_version() -> str:
    """Return the version of the MultiPyVu package that is installed here, or 3.8.0."""
    try:
        return metadata.version("MultiPyVu")
    except metadata.PackageNotFoundError:
        return VERSION


@dataclass(slots=True)
class _Work:
    """The request that keeps the server busy."""

    session: "MultiVuSession"
    body: Body
    task: Task


class MultiVuSession:
    """One connection to the server.

    Parameters
    ----------
    faults
        What happens to the replies.
    peer
        Address of the client, as the server names it.
    """

    def __init__(self, faults: ReplyFaults, peer: tuple[str, int]) -> None:
        self.peer = peer
        self.requests: deque[Body] = deque()
        self.closed = False
        self._closing = inf
        self._reader = FrameReader()
        self._ready: deque[bytes] = deque()
        self._replies = Replies(faults)

    def feed(self, data: bytes) -> None:
        """Take bytes from the client; bytes that are no frame end the session."""
        try:
            bodies = self._reader.feed(data)
        except FrameError:
            self.closed = True
            return
        for body in bodies:
            if body.get("message_type") == "confirmed":
                self._closing = min(self._closing, self._closing - LINGER)
            elif "action" in body:
                self.requests.append(body)

    def confirm(self, body: Body) -> None:
        """Tell the client that its request has arrived."""
        self._ready.append(encode({**body, "message_type": "confirmed"}))

    def complete(self, body: Body, now: float) -> None:
        """Send the answer, with the faults of the way."""
        self._replies.put(encode({**body, "message_type": "completed"}), now)

    def take(self, now: float) -> list[bytes]:
        """Return the frames for the client that have become due, and close after the last."""
        sent = list(self._ready)
        self._ready.clear()
        while (reply := self._replies.get(now)) is not None:
            sent.append(reply)
        if self._replies.due() is None and now >= self._closing:
            self.closed = True
        return sent

    @property
    def closing(self) -> bool:
        """Tell whether the server takes no more requests."""
        return self.closed or self._closing < inf

    def close_soon(self, now: float) -> None:
        """Close when the client has confirmed the last answer, or after a while."""
        self._closing = now + LINGER

    def due(self) -> float:
        """Return when there is something to send, in s; infinite when there is nothing."""
        if self._ready:
            return -inf
        late = self._replies.due()
        return self._closing if late is None else late


class MultiVuServer:
    """The server behind all connections: one client, one request at a time.

    Parameters
    ----------
    twin
        The cryostat.
    address
        Under which it stands, for its greeting.
    version
        Of MultiPyVu that it reports; the stock client wants its own.
    """

    def __init__(
        self,
        twin: PpmsTwin,
        address: tuple[str, int] = ("127.0.0.1", PORT),
        version: str = VERSION,
    ) -> None:
        self.twin = twin
        self.address = address
        self.version = version
        self.running = True
        self._client: MultiVuSession | None = None
        self._sessions: list[MultiVuSession] = []
        self._work: _Work | None = None

    def connect(self, peer: tuple[str, int] = ("127.0.0.1", 50000)) -> MultiVuSession:
        """Accept a connection."""
        session = MultiVuSession(self.twin.faults.replies, peer)
        session.closed = not self.running
        self._sessions.append(session)
        return session

    def disconnect(self, session: MultiVuSession) -> None:
        """Forget a connection that is gone; what the server is busy with goes on."""
        session.closed = True
        self._forget_closed()

    def pump(self) -> None:
        """Do everything that is due by now."""
        now = self.twin.clock.now()
        while self._work is not None or self._begin(now):
            work = self._work
            if work is not None and not self._look(work, now):
                break
        self._forget_closed()

    def due(self, session: MultiVuSession) -> float:
        """Return when the server next has something to do, or to send to `session`, in s."""
        work = inf if self._work is None else self._work.task.due
        return min(work, session.due())

    def _look(self, work: _Work, now: float) -> bool:
        """Look at the request in work; tell whether it is done."""
        while work.task.due <= now:
            try:
                result = work.task.look(work.task.due)
            except ActionError as error:
                self._fail(work.session, work.body, error, now)
                result = ""
            if result is not None:
                self._work = None
                if result:
                    work.session.complete({**work.body, "result": result}, now)
                return True
            work.task.due += TICK
        return False

    def _begin(self, now: float) -> bool:
        """Take up the next request; tell whether there was one."""
        for session in self._sessions:
            if session.requests and not session.closing:
                self._take_up(session, session.requests.popleft(), now)
                return True
        return False

    def _take_up(self, session: MultiVuSession, body: Body, now: float) -> None:
        faults = self.twin.faults
        if faults.take_vanish():
            session.closed = True
            self._forget_closed()
            return
        if faults.take_request():
            return
        if not faults.take_confirmation():
            session.confirm(body)
        action = str(body["action"])
        if action in {"START", "CLOSE"} | STANDS_ALONE:
            self._administer(session, action, body, now)
        elif session is not self._client:
            self._fail(session, body, ActionError("the client is not connected"), now)
        else:
            self._act(session, action, body, now)

    def _act(self, session: MultiVuSession, action: str, body: Body, now: float) -> None:
        try:
            task = answer(self.twin, action, str(body.get("query", "")), now)
        except ActionError as error:
            self._fail(session, body, error, now)
        else:
            self._work = _Work(session, body, task)

    def _administer(self, session: MultiVuSession, action: str, body: Body, now: float) -> None:
        if action == "START":
            self._start(session, body, now)
            return
        result = ""
        if action == "STATUS":
            # a server calls itself idle to everybody but its client
            result = "connected" if session is self._client else "idle"
        session.complete({**body, "query": action, "result": result}, now)
        if action == "EXIT":
            self.running = False
            for other in self._sessions:
                other.closed = other is not session
            session.close_soon(now)
        elif action == "CLOSE" or session is not self._client:
            session.close_soon(now)
            self._client = None if session is self._client else self._client

    def _start(self, session: MultiVuSession, body: Body, now: float) -> None:
        taken = self._client is not None and self._client is not session
        if taken or self.twin.faults.second_client:
            result = f"Connection attempt rejected from {session.peer}"
            session.complete({**body, "result": result}, now)
            session.close_soon(now)
            return
        self._client = session
        greeting = f"Connected to PPMS MultiVuServer at {self.address}"
        session.complete({**body, "query": f"{self.version};t", "result": greeting}, now)

    def _fail(self, session: MultiVuSession, body: Body, error: ActionError, now: float) -> None:
        session.complete({**body, "result": f"MultiPyVuError: {error}"}, now)
        session.close_soon(now)
        if session is self._client:
            self._client = None

    def _forget_closed(self) -> None:
        if self._client is not None and self._client.closed:
            self._client = None
        self._sessions = [session for session in self._sessions if not session.closed]


class MultiVuStream:
    """A connection in process: what a socket would be, on the clock of the bench.

    Parameters
    ----------
    server
        The server.
    clock
        The clock of the bench.
    lock
        The lock of the bench; one of its own if omitted.
    """

    def __init__(
        self, server: MultiVuServer, clock: Clock, lock: "threading.RLock | None" = None
    ) -> None:
        self._server = server
        self._clock = clock
        self._lock = threading.RLock() if lock is None else lock
        with self._lock:
            if not server.running:
                raise ConnectionRefusedError(
                    "the simulated MultiVu server has stopped; start another one"
                )
            self._session = server.connect()

    def send(self, data: bytes) -> None:
        """Send bytes; raises ConnectionResetError when the server has gone."""
        self._clock.elapse(LATENCY)
        with self._lock:
            self._refuse_closed()
            self._session.feed(data)
            self._server.pump()

    def receive(self, timeout: float) -> bytes:
        """Return bytes that have arrived, or nothing after `timeout` s.

        Raises ConnectionResetError when the server has gone and nothing is left to read.
        """
        deadline = self._clock.now() + timeout
        while True:
            with self._lock:
                self._server.pump()
                data = b"".join(self._session.take(self._clock.now()))
                if not data:
                    self._refuse_closed()
                due = self._server.due(self._session)
            if data:
                self._clock.elapse(LATENCY)
                return data
            now = self._clock.now()
            if now >= deadline:
                return b""
            self._clock.elapse(max(0.0, min(due, deadline) - now))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._server.disconnect(self._session)

    def _refuse_closed(self) -> None:
        if self._session.closed:
            raise ConnectionResetError(
                "the simulated MultiVu server has closed the connection; connect again"
            )
