"""What a twin looks like to a transport: bytes in, bytes out, and the time they take."""

from typing import Protocol


class Device(Protocol):
    """Answer the bytes that the real instrument would answer.

    A device has no transport and no thread. It works out its state from the bench's clock when
    asked.
    """

    @property
    def resource(self) -> str:
        """Return the VISA resource name under which the instrument would stand on a bench."""
        ...

    def write(self, message: bytes) -> None:
        """Take one program message, without or with its terminator."""
        ...

    def read(self) -> bytes | None:
        """Return the next complete reply with its terminator, or None if there is none."""
        ...

    def serial_poll(self) -> int:
        """Return the status byte, as a serial poll on GPIB reads it."""
        ...

    def clear(self) -> None:
        """Forget half-read messages and pending replies, as a device clear does."""
        ...

    def latency(self, message: bytes) -> float:
        """Return the modelled time in s that the bus and the instrument need for `message`."""
        ...
