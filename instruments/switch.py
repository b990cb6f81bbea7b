"""Which contact is wired: by a person, or by a switch matrix.

A switch is told to connect a contact only by `Station.connect`, at 0 A, with the oscillator down
and the output of the source off.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from pyvisa.errors import Error as VisaError

from instruments.errors import CommunicationError, InstrumentError, RefusedError

Ask = Callable[[str], bool]
"""Asks a person to wire a contact, given its name; tells whether it has been done."""


class OperatorNeededError(RefusedError):
    """Raise when a person must move wires before anything can go on.

    Parameters
    ----------
    message
        One line.
    contact
        That is needed.
    """

    def __init__(self, message: str, contact: str) -> None:
        super().__init__(message)
        self.contact = contact


class Switch(Protocol):
    """Connect one contact to the instruments, and no other."""

    @property
    def contact(self) -> str:
        """Return the name of the contact that is wired; empty if none or if it is not known."""
        ...

    def connect(self, contact: str) -> None:
        """Wire a contact; with a RefusedError everything stays as it was."""
        ...

    def make_safe(self) -> None:
        """Do nothing: wires are never moved in an emergency."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return settings and state as text, numbers and booleans."""
        ...


class AskOperator:
    """A person who moves the wires.

    Parameters
    ----------
    wired
        The contact that is wired now.
    ask
        Asks for another one. Without it nobody can be asked here: another contact is refused until
        somebody has confirmed it, and the message says what to rewire.
    """

    def __init__(self, wired: str, ask: Ask | None = None) -> None:
        self.contact = wired
        self._ask = ask

    def connect(self, contact: str) -> None:
        """Ask for a contact to be wired.

        Parameters
        ----------
        contact
            Its name.

        Raises
        ------
        OperatorNeededError
            Nobody can be asked.
        RefusedError
            The answer is no.
        """
        if contact == self.contact:
            return
        if self._ask is None:
            raise OperatorNeededError(
                f"switch: {self.contact!r} is wired, {contact!r} is needed and nobody can be asked"
                f" here; rewire by hand, write 'wired: {contact}' under 'switch' in the station"
                " file, and run or resume with it",
                contact,
            )
        if not self._ask(contact):
            raise RefusedError(f"switch: {contact!r} has not been wired; wire it and try again")
        self.contact = contact

    def confirm(self, contact: str) -> None:
        """Take it from a person that a contact has been wired."""
        self.contact = contact

    def make_safe(self) -> None:
        """Do nothing."""

    def snapshot(self) -> dict[str, Any]:
        """Return which contact is said to be wired."""
        return {"kind": "operator", "contact": self.contact}


class Matrix:
    """A switch matrix behind any driver of pymeasure that opens and closes channels.

    Known are the calls of pymeasure's Keithley2700 (``open_all_channels``, ``closed_channels``),
    Keithley2750 (``open_all``, ``close``) and KeithleyDAQ6510 (``open_channels``,
    ``close_channels``). Where the driver can tell which channels are closed, that is compared.

    Parameters
    ----------
    driver
        The open driver. Nothing is sent to it here.
    channels
        Which channels are closed for each contact, by its name.
    """

    def __init__(self, driver: Any, channels: Mapping[str, Sequence[int]]) -> None:
        self._driver = driver
        self._channels = {name: tuple(numbers) for name, numbers in channels.items()}
        self._tells = hasattr(type(driver), "closed_channels")
        self._told = ""

    @property
    def contact(self) -> str:
        """Return the contact whose channels are closed; empty if they are nobody's.

        Raises
        ------
        CommunicationError
            The matrix does not answer.
        """
        if not self._tells:
            return self._told
        closed = self._closed()
        return next((name for name, own in self._channels.items() if set(own) == closed), "")

    def connect(self, contact: str) -> None:
        """Open all channels, then close those of a contact, and compare.

        Parameters
        ----------
        contact
            Its name.

        Raises
        ------
        RefusedError
            No channels are known for it; nothing was sent.
        InstrumentError
            Other channels are closed now than were asked for.
        CommunicationError
            The matrix does not answer; what is closed is not known.
        """
        if contact not in self._channels:
            raise RefusedError(
                f"switch: there are no channels for {contact!r}; add them under 'channels' of the"
                f" switch, beside {sorted(self._channels)}"
            )
        wanted = self._channels[contact]
        self._told = ""
        try:
            self._open_all()
            self._close(wanted)
        except (VisaError, OSError, ValueError) as failure:
            raise _unanswered(failure) from failure
        if self._tells and self._closed() != set(wanted):
            raise InstrumentError(
                f"switch: channels {sorted(self._closed())} are closed for {contact!r} instead of"
                f" {sorted(wanted)}; look at the cards and the channel numbers"
            )
        self._told = contact

    def make_safe(self) -> None:
        """Do nothing: the channels stay as they are."""

    def snapshot(self) -> dict[str, Any]:
        """Return the contact and its channels."""
        contact = self.contact
        numbers = self._channels.get(contact, ())
        shown = " ".join(str(number) for number in numbers)
        return {"kind": "matrix", "contact": contact, "channels": shown, "compared": self._tells}

    def close(self) -> None:
        """Close the link; the channels stay as they are."""
        self._driver.adapter.close()

    def _closed(self) -> set[int]:
        try:
            return {int(number) for number in self._driver.closed_channels or ()}
        except (VisaError, OSError, ValueError) as failure:
            raise _unanswered(failure) from failure

    def _open_all(self) -> None:
        driver = self._driver
        if hasattr(type(driver), "open_all_channels"):
            driver.open_all_channels()
        elif hasattr(type(driver), "open_all"):
            driver.open_all()
        else:
            everyone = sorted({number for own in self._channels.values() for number in own})
            driver.open_channels(everyone)

    def _close(self, channels: Sequence[int]) -> None:
        driver = self._driver
        if hasattr(type(driver), "close_channels"):
            driver.close_channels(list(channels))
        elif hasattr(type(driver), "close"):
            for number in channels:
                driver.close(number)
        else:
            driver.closed_channels = list(channels)


def _unanswered(failure: BaseException) -> CommunicationError:
    why = " ".join(str(failure).split()) or type(failure).__name__
    return CommunicationError(
        f"switch: the matrix does not do as it is told: {why}; which contact is wired is not known"
    )
