"""Conversations with an instrument: one at a time, and in step again when a reply is missing."""

import threading
from collections.abc import Callable
from typing import Any, NoReturn

from pymeasure.instruments import Instrument
from pyvisa.errors import Error as VisaError

from instruments.clock import Clock, SystemClock
from instruments.errors import CommunicationError, DesynchronisedError, InstrumentError, LimitError
from instruments.guard import Guard
from instruments.link import GuardedAdapter, NoAnswerError

STALE_REPLIES = 8
"""Replies that may stand before the identity when a link is put in step again."""


class Conversing(Instrument):
    """Hold one conversation at a time, and put the link in step again when a reply is missing.

    Parameters
    ----------
    adapter
        A VISA resource name, a GPIB address, or a pymeasure adapter.
    name
        Of the instrument, for messages.
    clock
        What it waits with; the clock on the wall if omitted.
    guard
        Of its limits.
    **kwargs
        For pymeasure's VISAAdapter.
    """

    _owed = False
    """Whether a reply may still come: an interrupt fell between question and answer."""
    adapter: GuardedAdapter  # type: ignore[mutable-override,unused-ignore]  # narrower on purpose
    # pymeasure's hides names that only exist under another one, at a microsecond per look-up
    __getattribute__ = object.__getattribute__

    def __init__(
        self, adapter: Any, name: str, *, clock: Clock | None, guard: Guard, **kwargs: Any
    ) -> None:
        self.clock: Clock = SystemClock() if clock is None else clock
        self.lock = threading.RLock()
        self.guard = guard
        try:
            super().__init__(adapter, name, **kwargs)
        except (VisaError, OSError) as failure:
            raise CommunicationError(
                f"{name}: cannot open {adapter!r} ({' '.join(str(failure).split())}); check"
                " address, cable and power"
            ) from failure
        self.adapter = GuardedAdapter(self.adapter, guard, self.lock, name)

    def wait_for(self, query_delay: float | None = None) -> None:
        """Wait on the clock between a question and its answer."""
        if query_delay:
            self.clock.sleep(query_delay)

    def ask(self, command: str, query_delay: float | None = None) -> str:
        """Return the reply to a query, as one conversation."""
        with self.lock:
            self._say(command)
            self.wait_for(query_delay)
            return self._receive(command)

    def values(self, command: str, *args: Any, **kwargs: Any) -> list[Any]:
        """Return the values of a reply, as pymeasure does, in one conversation."""
        with self.lock:
            return list(super().values(command, *args, **kwargs))

    def decoded(self, command: str, decode: Callable[[str], Any], expected: str) -> Any:
        """Return the decoded reply to a query; never one that cannot belong to it.

        Parameters
        ----------
        command
            The query.
        decode
            Turns the reply into the answer, or raises ValueError.
        expected
            What the reply should be, in words.

        Returns
        -------
        Any
            What `decode` makes of it.
        """
        with self.lock:
            reply = self.ask(command)
            try:
                return decode(reply)
            except ValueError:
                self.disown(command, reply, expected)

    def resynchronise(self) -> None:
        """Clear the link, and check that the instrument at its end is the right one.

        Raises
        ------
        CommunicationError
            It does not answer, or somebody else does.
        """
        with self.lock:
            self.guard.forget()
            self.adapter.drain()
            query, mark = self._identity()
            self.adapter.write(query)
            seen = ""
            for _ in range(STALE_REPLIES):
                try:
                    seen = self.read()
                except NoAnswerError:
                    break
                except DesynchronisedError:
                    continue
                if mark in seen:
                    self.adapter.learn_ending()
                    if self.adapter.is_stream:
                        self.adapter.drain()
                    self._owed = False
                    return
            found = f"last heard was {seen.strip()!r}" if seen else "nothing was heard"
            raise CommunicationError(
                f"{self.name}: no identity with {mark!r} in answer to {query}, {found}; check"
                " power, cable and address"
            )

    def disown(self, command: str, reply: str, expected: str) -> NoReturn:
        """Clear the link and raise: this reply cannot belong to the question."""
        found = reply.strip()[:60]
        problem = f"{self.name}: {command!r} was answered by {found!r} instead of {expected}"
        try:
            self.resynchronise()
        except CommunicationError as lost:
            raise DesynchronisedError(f"{problem}; and then: {lost}") from lost
        raise DesynchronisedError(f"{problem}; the link has been cleared, ask again")

    def _say(self, message: str, **kwargs: Any) -> None:
        """Send a message to which a reply is owed; what an interrupt left behind goes first."""
        if self._owed:
            self.resynchronise()
        self._owed = True
        try:
            self.adapter.write(message, **kwargs)
        except LimitError:
            self._owed = False
            raise

    def _receive(self, command: str) -> str:
        try:
            reply = self.read()
        except NoAnswerError as silence:
            self._recover(command, silence)
        except DesynchronisedError as garbled:
            self.disown(command, str(garbled), "text")
        self._owed = False
        return reply

    def _recover(self, command: str, silence: NoAnswerError) -> NoReturn:
        try:
            complaint = self._complaint()
            self.resynchronise()
            complaint = complaint or self._complaint_afterwards()
        except CommunicationError as lost:
            raise CommunicationError(
                f"{self.name}: no answer to {command!r}, and the link is lost: {lost}"
            ) from silence
        if complaint:
            raise InstrumentError(f"{self.name}: {command!r} was refused: {complaint}") from silence
        raise CommunicationError(
            f"{self.name}: no answer to {command!r}; the link has been cleared and answers again,"
            " repeat the command"
        ) from silence

    def _identity(self) -> tuple[str, str]:
        """Return the query for the identity and what its reply must contain."""
        raise NotImplementedError

    def _complaint(self) -> str:
        """Return what the instrument says against the last command, before the link is cleared."""
        return ""

    def _complaint_afterwards(self) -> str:
        """Return what the instrument says against the last command, after the link is cleared."""
        return ""
