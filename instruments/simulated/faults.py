"""What can go wrong on the way from an instrument to the program, on demand.

`ReplyFaults` is a schedule: each call arms the next replies. `Faulty` puts it before any device::

    lockin = Faulty(dsp7265, clock)
    lockin.faults.lose(1)  # the next reply never comes
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from instruments.clock import Clock
from instruments.simulated.device import Device


class Kind(Enum):
    """What happens to a reply."""

    STALE = "the reply before this one comes instead"
    TRUNCATED = "the second half and the terminator are missing"
    MISSING = "nothing comes"
    GARBLED = "some bytes are wrong"
    LATE = "the reply comes after a while"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that waits for the next reply.

    Parameters
    ----------
    kind
        What happens to it.
    seconds
        How late it comes, in s, for `Kind.LATE`.
    """

    kind: Kind
    seconds: float = 0.0


class ReplyFaults:
    """Faults for the replies to come, in the order in which they were armed."""

    def __init__(self) -> None:
        self._armed: deque[Fault] = deque()
        self._previous = b""

    def stale(self, count: int = 1) -> None:
        """Answer the next `count` queries with the reply to the query before."""
        self._arm(Kind.STALE, count)

    def truncate(self, count: int = 1) -> None:
        """Cut the next `count` replies in half; the terminator is lost."""
        self._arm(Kind.TRUNCATED, count)

    def lose(self, count: int = 1) -> None:
        """Never send the next `count` replies."""
        self._arm(Kind.MISSING, count)

    def garble(self, count: int = 1) -> None:
        """Spoil bytes in the next `count` replies; their length and terminator stay."""
        self._arm(Kind.GARBLED, count)

    def delay(self, seconds: float, count: int = 1) -> None:
        """Send the next `count` replies `seconds` s late."""
        self._arm(Kind.LATE, count, seconds)

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def apply(self, reply: bytes) -> tuple[bytes, float] | None:
        """Return what becomes of a reply, with its delay in s, or None when nothing comes of it."""
        before, self._previous = self._previous, reply
        if not self._armed:
            return reply, 0.0
        fault = self._armed.popleft()
        match fault.kind:
            case Kind.MISSING:
                return None
            case Kind.STALE:
                return (before, 0.0) if before else None
            case Kind.TRUNCATED:
                return reply[: len(reply) // 2], 0.0
            case Kind.GARBLED:
                return _garbled(reply), 0.0
            case Kind.LATE:
                return reply, fault.seconds

    def _arm(self, kind: Kind, count: int, seconds: float = 0.0) -> None:
        self._armed.extend([Fault(kind, seconds)] * count)


class LinkFaults:
    """What can go wrong with the connection itself, armed at any time.

    Parameters
    ----------
    blocked
        As `block` sets it.
    """

    def __init__(self, blocked: float = 0.0) -> None:
        self.blocked = blocked

    def block(self, seconds: float) -> None:
        """Let nobody in for `seconds` s of the bench after a broken connection; 0 lets all in."""
        self.blocked = seconds


class Replies:
    """The output queue of an instrument, with the faults of the way.

    Parameters
    ----------
    faults
        What happens to each reply that is put in.
    """

    def __init__(self, faults: ReplyFaults) -> None:
        self.faults = faults
        self._waiting: deque[tuple[float, bytes]] = deque()

    def put(self, reply: bytes, now: float) -> None:
        """Take a reply at `now` s."""
        fate = self.faults.apply(reply)
        if fate is not None:
            sent, delay = fate
            self._waiting.append((now + delay, sent))

    def get(self, now: float) -> bytes | None:
        """Return the next reply that has arrived by `now` s."""
        if self._waiting and self._waiting[0][0] <= now:
            return self._waiting.popleft()[1]
        return None

    def ready(self, now: float) -> bool:
        """Tell whether a reply waits."""
        return bool(self._waiting) and self._waiting[0][0] <= now

    def due(self) -> float | None:
        """Return when the next reply arrives, in s, or None."""
        return self._waiting[0][0] if self._waiting else None

    def clear(self) -> None:
        """Drop everything that waits."""
        self._waiting.clear()


class Faulty:
    """A device whose replies can be spoiled on demand.

    Parameters
    ----------
    device
        The device behind.
    clock
        The clock of its bench, for late replies.
    """

    def __init__(self, device: Device, clock: Clock) -> None:
        self.device = device
        self.faults = ReplyFaults()
        self._clock = clock
        self._replies = Replies(self.faults)

    @property
    def resource(self) -> str:
        """Return the resource name of the device behind."""
        return self.device.resource

    def write(self, message: bytes) -> None:
        """Pass a message on."""
        self.device.write(message)

    def read(self) -> bytes | None:
        """Return the next reply, or what the faults have left of it."""
        now = self._clock.now()
        while (reply := self.device.read()) is not None:
            self._replies.put(reply, now)
        return self._replies.get(now)

    def serial_poll(self) -> int:
        """Poll the device behind."""
        return self.device.serial_poll()

    def clear(self) -> None:
        """Clear the device and what is on the way."""
        self.device.clear()
        self._replies.clear()

    def latency(self, message: bytes) -> float:
        """Return the latency of the device behind in s."""
        return self.device.latency(message)


def _garbled(reply: bytes) -> bytes:
    """Spoil every third byte of the body; a spoilt byte is never a digit."""
    body = reply.rstrip(b";\r\n")
    spoilt = bytes(0x80 | byte if index % 3 == 1 else byte for index, byte in enumerate(body))
    return spoilt + reply[len(body) :]
