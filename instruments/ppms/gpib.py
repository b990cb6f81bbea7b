"""Questions and orders to a Model 6000 over VISA, with every reply verified."""

import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pymeasure.adapters import VISAAdapter
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from instruments.errors import CommunicationError, DesynchronisedError

TIMEOUT = 3000
"""Of a reply, in ms."""
DRAIN = 200
"""Of a reply that should not be there, in ms."""
TRIES = 3
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

T = TypeVar("T")

log = logging.getLogger(__name__)


class Model6000Bus:
    """Ask and order; a setter has no reply, so an order is never read after.

    Parameters
    ----------
    adapter
        To the instrument.
    """

    def __init__(self, adapter: VISAAdapter) -> None:
        self.adapter = adapter
        self.resource = str(getattr(adapter, "resource_name", adapter))
        self._terminated = False

    def order(self, command: str) -> None:
        """Send a command that has no reply."""
        try:
            self.adapter.write(command)
        except VisaIOError as broken:
            raise self._lost(command, broken) from broken

    def ask(self, query: str, parse: Callable[[list[float]], T], tries: int = TRIES) -> T:
        """Return the parsed reply to a query.

        Parameters
        ----------
        query
            Such as ``TEMP?``.
        parse
            Turns the numbers of the reply into the answer, or raises `DesynchronisedError` when
            they cannot belong to the query.
        tries
            How often to ask. Between two tries everything that still comes is thrown away, since an
            instrument that is one reply behind would stay so.

        Returns
        -------
        T
            The answer.

        Raises
        ------
        CommunicationError
            There was no reply that belongs to the query.
        """
        for attempt in range(tries):
            try:
                return parse(self._numbers(query))
            except CommunicationError as failure:
                last = failure
                log.warning("%s: %s", self.resource, failure)
                self._drain(hard=attempt > 0)
        raise last

    def close(self) -> None:
        """Close the resource."""
        try:
            self.adapter.connection.close()
        except VisaIOError as broken:
            log.warning("%s: not closed: %s", self.resource, broken)

    def _numbers(self, query: str) -> list[float]:
        try:
            self.adapter.write(query)
            reply = self.adapter.read_bytes(-1, break_on_termchar=True)
        except VisaIOError as broken:
            raise self._lost(query, broken) from broken
        text = reply.decode("ascii", errors="replace").strip()
        if self._terminated and not text.endswith(";"):
            raise DesynchronisedError(
                f"Model 6000 at {self.resource}: the reply {text!r} to {query} has no end"
            )
        self._terminated = self._terminated or text.endswith(";")
        parts = [part.strip() for part in text.removesuffix(";").split(",")]
        if not all(_NUMBER.fullmatch(part) for part in parts):
            raise DesynchronisedError(
                f"Model 6000 at {self.resource}: {query} was answered by {text!r}; expected numbers"
            )
        return [float(part) for part in parts]

    def _drain(self, *, hard: bool) -> None:
        """Read until nothing comes any more; clear the device as well if that was not enough."""
        connection: Any = self.adapter.connection
        patience = connection.timeout
        try:
            connection.timeout = DRAIN
            if hard:
                connection.clear()
            for _ in range(10):
                connection.read_raw()
        except VisaIOError as silent:
            if silent.error_code != StatusCode.error_timeout:
                log.warning("%s: could not be drained: %s", self.resource, silent)
        finally:
            connection.timeout = patience

    def _lost(self, command: str, broken: VisaIOError) -> CommunicationError:
        return CommunicationError(
            f"Model 6000 at {self.resource}: {command} failed ({broken.description}); "
            "look at the cable, the address, and whether MultiVu is closed"
        )
