"""The conversation with a MultiPyVu server: one session, three steps per question, a pause.

The server clears its buffer when it turns to the next message, so that a question that follows the
last confirmation at once is lost; hence the pause. It serves one client, and any error ends the
session; hence the reconnecting. WAITFOR is never sent (it blocks the server for everybody), nor is
EXIT (it ends it).
"""

import contextlib
import logging
import math
import uuid
from collections.abc import Callable

from instruments.clock import Clock
from instruments.errors import (
    CommunicationError,
    DesynchronisedError,
    InstrumentError,
)
from instruments.ppms.frames import FrameReader, Message, encode
from instruments.ppms.stream import Stream

GAP = 0.005
CONFIRMATION = 1.0
"""Longest time in s until the server confirms a request; then it is sent again."""
TRIES = 3
START_TRIES = 2
"""Fewer, since this may follow the tries of a question and the cryostat is locked meanwhile."""
PAUSE = 0.5
"""Time in s between tries."""
ANSWER = 10.0
"""Longest time in s for the answer; a set may take 2 s until MultiVu reports it back."""
REJECTED = "Connection attempt rejected"
REFUSED = "MultiPyVuError"
UNKNOWN_COMMAND = "has not been implemented"

log = logging.getLogger(__name__)


class RefusalError(InstrumentError):
    """Raise when the server answers with an error; it has ended the session then."""


class _NoReplyError(CommunicationError):
    """Raise when nothing has come in time."""


class MultiVuSession:
    """Ask and order over a stream, connecting anew when the session is broken.

    Parameters
    ----------
    open_stream
        Makes a new stream to the server.
    clock
        The clock of the station.
    gap
        Shortest time in s of life between a confirmation and the next request.
    name
        Of the server, for messages.
    """

    def __init__(
        self,
        open_stream: Callable[[], Stream],
        clock: Clock,
        *,
        gap: float = GAP,
        name: str = "MultiVu",
    ) -> None:
        self.name = name
        self.version = ""
        self._open = open_stream
        self._clock = clock
        self._gap = gap
        self._stream: Stream | None = None
        self._frames = FrameReader()
        self._inbox: list[Message] = []
        self._quiet_until = -math.inf

    def ask(self, action: str) -> str:
        """Return the answer to a question; it is asked once more over a new session if need be.

        Parameters
        ----------
        action
            Such as ``TEMP?``.

        Returns
        -------
        str
            The result as the server words it.

        Raises
        ------
        CommunicationError
            There is no answer, or the server answers with an error.
        """
        try:
            return self._exchange(action, "")
        except InstrumentError as failure:
            log.warning("%s: %s is asked again: %s", self.name, action, failure)
        try:
            return self._exchange(action, "")
        except RefusalError as refusal:
            raise CommunicationError(str(refusal)) from refusal

    def order(self, action: str, query: str) -> str:
        """Send an order once and return what the server says to it.

        Parameters
        ----------
        action
            Such as ``TEMP``.
        query
            All its arguments.

        Returns
        -------
        str
            The result as the server words it.

        Raises
        ------
        CommunicationError
            There is no answer: the order may have arrived or not.
        InstrumentError
            The server refuses it.
        """
        result = self._exchange(action, query)
        if not result.startswith(f"{action} Command Received"):
            self.drop()
            raise InstrumentError(
                f"{self.name}: {action} {query} was answered by {result!r}; look at MultiVu"
            )
        return result

    def drop(self) -> None:
        """End a session whose answers cannot be trusted; the next question opens another."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def close(self) -> None:
        """Give the one session of the server free."""
        if self._stream is None:
            return
        with contextlib.suppress(InstrumentError):
            self._converse(Message(_new_id(), "CLOSE"), tries=1)
        self.drop()

    def _exchange(self, action: str, query: str) -> str:
        if self._stream is None:
            self._connect()
        reply = self._guarded(Message(_new_id(), action, query))
        if reply.result.startswith(REFUSED) or UNKNOWN_COMMAND in reply.result:
            self.drop()
            raise RefusalError(f"{self.name}: {action} {query} was refused: {reply.result}")
        return reply.result

    def _connect(self) -> None:
        self._frames = FrameReader()
        self._inbox.clear()
        try:
            self._stream = self._open()
        except OSError as refused:
            raise CommunicationError(
                f"{self.name}: no connection ({refused}); start the MultiPyVu server"
            ) from refused
        reply = self._guarded(Message(_new_id(), "START"), START_TRIES)
        if reply.result.startswith(REJECTED):
            self.drop()
            raise CommunicationError(
                f"{self.name} serves another client ({reply.result}); "
                "close that client, or restart the server if the client is dead"
            )
        if "PPMS MultiVuServer" not in reply.result:
            self.drop()
            raise CommunicationError(
                f"{self.name} answers {reply.result!r}; expected the MultiPyVu server of a PPMS"
            )
        self.version = reply.query

    def _guarded(self, request: Message, tries: int = TRIES) -> Message:
        """Converse; whatever goes wrong ends the session, since late replies may follow."""
        try:
            return self._converse(request, tries)
        except CommunicationError:
            self.drop()
            raise
        except OSError as broken:
            self.drop()
            raise CommunicationError(
                f"{self.name}: the connection broke at {request.action} ({broken})"
            ) from broken

    def _converse(self, request: Message, tries: int) -> Message:
        reply = self._confirmed(request, tries)
        if reply.type != "completed":
            reply = self._expect(request, ANSWER, completed=True)
        self._acknowledge(reply)
        return reply

    def _confirmed(self, request: Message, tries: int) -> Message:
        """Send until the server confirms, or answers without having confirmed."""
        for attempt in range(tries):
            if attempt:
                self._clock.elapse(self._life(PAUSE))
            self._keep_quiet()
            self._send(request)
            with contextlib.suppress(_NoReplyError):
                return self._expect(request, CONFIRMATION, completed=False)
        raise CommunicationError(
            f"{self.name} does not confirm {request.action} in {tries} tries; is the server alive?"
        )

    def _expect(self, request: Message, timeout: float, *, completed: bool) -> Message:
        """Return the next reply to `request`; one to anything else is never its answer."""
        deadline = self._clock.now() + self._clock.slice(timeout)
        while True:
            while self._inbox:
                message = self._inbox.pop(0)
                if self._answers(message, request) and (
                    message.type == "completed" or not completed
                ):
                    return message
            data = self._live().receive(timeout) if self._clock.now() <= deadline else b""
            if not data:
                raise _NoReplyError(
                    f"{self.name}: no answer to {request.action} in {timeout:g} s; "
                    "is MultiVu busy with a dialog?"
                )
            self._inbox += self._frames.feed(data)

    def _answers(self, message: Message, request: Message) -> bool:
        if message.id != request.id:
            self._stray(message)
            return False
        if message.action != request.action:
            raise DesynchronisedError(
                f"{self.name}: {request.action} was answered as {message.action}"
            )
        return True

    def _stray(self, message: Message) -> None:
        """Confirm an old answer that is repeated, for the server waits; drop anything else."""
        log.warning("%s: a stray reply to %s is dropped", self.name, message.action)
        if message.type == "completed":
            self._acknowledge(message)

    def _acknowledge(self, reply: Message) -> None:
        self._send(Message(reply.id, reply.action, reply.query, reply.result, type="confirmed"))
        self._quiet_until = self._clock.now() + self._life(self._gap)

    def _keep_quiet(self) -> None:
        left = self._quiet_until - self._clock.now()
        if left > 0.0:
            self._clock.elapse(left)

    def _life(self, seconds: float) -> float:
        """Return `seconds` of life in s of the clock: the server lives in life."""
        scaled = self._clock.slice(seconds)
        return scaled if math.isfinite(scaled) else seconds

    def _send(self, message: Message) -> None:
        self._live().send(encode(message))

    def _live(self) -> Stream:
        if self._stream is None:
            raise CommunicationError(f"{self.name}: the session has ended")
        return self._stream


def _new_id() -> str:
    return str(uuid.uuid4())
