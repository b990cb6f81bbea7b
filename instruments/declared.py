"""Properties that are declared once: command, domain and docstring; strict both ways.

A value outside its domain raises before a byte is sent; a reply outside its domain is never
returned.
"""

from typing import Any, NoReturn, Protocol

from instruments.domains import Domain
from instruments.errors import LimitError


class OutOfRangeError(LimitError, ValueError):
    """Raise when a value lies outside what the instrument can do; nothing has been sent."""


class Speaker(Protocol):
    """An instrument that a declared property can belong to."""

    name: str

    def ask(self, command: str, query_delay: float | None = None) -> str:
        """Return the reply to a query."""
        ...

    def write(self, command: str, **kwargs: Any) -> None:
        """Send a command and raise what the instrument says against it."""
        ...

    def disown(self, command: str, reply: str, expected: str) -> NoReturn:
        """Clear the link and raise: the reply cannot belong to the question."""
        ...


class Declared(property):
    """A property of an instrument.

    Parameters
    ----------
    query
        The message that asks for it; None if it cannot be read.
    command
        The message that sets it, with one ``%s``; None if it cannot be set.
    domain
        What it may be.
    docs
        Its docstring.
    """

    def __init__(self, query: str | None, command: str | None, domain: Domain, docs: str) -> None:
        self.query = query
        self.command = command
        self.domain = domain
        self.label = ""
        super().__init__(
            self._fetch if query is not None else None,
            self._send if command is not None else None,
        )
        # the docstring of this class would hide one that is handed to property
        self.__doc__ = docs

    def __set_name__(self, owner: type, name: str) -> None:
        self.label = name

    def _fetch(self, instrument: Speaker) -> Any:
        query = self.query or ""
        reply = instrument.ask(query)
        try:
            return self.domain.decode(reply)
        except ValueError:
            instrument.disown(query, reply, str(self.domain))

    def _send(self, instrument: Speaker, value: Any) -> None:
        try:
            token = self.domain.encode(value)
        except (ValueError, TypeError):
            raise OutOfRangeError(
                f"{instrument.name}: {self.label} = {value!r} is not {self.domain}; nothing was"
                " sent, choose a value inside"
            ) from None
        instrument.write((self.command or "") % token)


def control(query: str, command: str, domain: Domain, docs: str) -> Declared:
    """Declare a property that can be read and set."""
    return Declared(query, command, domain, docs)


def measurement(query: str, domain: Domain, docs: str) -> Declared:
    """Declare a property that can only be read."""
    return Declared(query, None, domain, docs)
