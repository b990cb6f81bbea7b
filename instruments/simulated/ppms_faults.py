"""Faults of the simulated PPMS on demand, for every transport."""

from typing import Literal, Protocol

from instruments.simulated.faults import ReplyFaults

Subsystem = Literal["temperature", "magnet", "chamber", "position"]


class Breakable(Protocol):
    """What can be broken in a cryostat."""

    def block_impedance(self) -> None:
        """Stop the flow through the impedance."""
        ...

    def shut_down(self) -> None:
        """Go to standby."""
        ...

    def fail_temperature(self) -> None:
        """Lose control of the temperature."""
        ...

    def quench(self, code: int) -> None:
        """Quench the magnet."""
        ...

    def repair(self) -> None:
        """Have everything repaired."""
        ...


class PpmsFaults:
    """Arm faults of one twin; everything is off until it is armed, and `repair` ends all.

    Parameters
    ----------
    twin
        The cryostat.
    """

    def __init__(self, twin: Breakable) -> None:
        self._twin = twin
        self.replies = ReplyFaults()
        self.forced: dict[Subsystem, int] = {}
        self._transient = 0
        self._zeros = 0
        self._not_fresh = 0
        self._confirmations = 0
        self._requests = 0
        self._unconfirmed = 0
        self._vanish = 0
        self.second_client = False

    def stale_reply(self, count: int = 1) -> None:
        """Answer the next `count` queries with the reply before (Model 6000 and MultiVu)."""
        self.replies.stale(count)

    def truncated_reply(self, count: int = 1) -> None:
        """Cut the next `count` replies in half."""
        self.replies.truncate(count)

    def missing_reply(self, count: int = 1) -> None:
        """Lose the next `count` replies."""
        self.replies.lose(count)

    def garbled_reply(self, count: int = 1) -> None:
        """Spoil the next `count` replies."""
        self.replies.garble(count)

    def late_reply(self, seconds: float, count: int = 1) -> None:
        """Send the next `count` replies `seconds` s late."""
        self.replies.delay(seconds, count)

    def transient_zero(self, count: int = 1) -> None:
        """Show status 0 everywhere in the next `count` readings of the status."""
        self._transient += count

    def zero_reading(self, count: int = 1) -> None:
        """Report 0.0 for temperature, field and position in the next `count` readings."""
        self._zeros += count

    def not_fresh(self, count: int = 1) -> None:
        """Leave all data out of the next `count` replies to GETDAT?, with their bits cleared."""
        self._not_fresh += count

    def force_status(self, subsystem: Subsystem, code: int) -> None:
        """Show a status code, 0 to 15, until `repair`; the physics goes on."""
        if not 0 <= code <= 15:
            raise ValueError(f"a status code of {subsystem} is {code}; give 0 to 15")
        self.forced[subsystem] = code

    def impedance_error(self) -> None:
        """Block the impedance: temperature status 14."""
        self._twin.block_impedance()

    def standby(self) -> None:
        """Shut the cryostat down behind the back of the program: temperature status 10."""
        self._twin.shut_down()

    def failure(self) -> None:
        """Lose control of the temperature: status 15."""
        self._twin.fail_temperature()

    def quench(self, code: int = 11) -> None:
        """Quench the magnet; 11 and 15 are both told to be its status."""
        self._twin.quench(code)

    def drop_connection(self, count: int = 1) -> None:
        """Let the MultiVu server vanish at the next `count` requests, unanswered."""
        self._vanish += count

    def drop_request(self, count: int = 1) -> None:
        """Lose the next `count` MultiVu requests, as a server does that clears its buffer."""
        self._requests += count

    def drop_confirmation(self, count: int = 1) -> None:
        """Answer the next `count` MultiVu requests without the confirmation in between."""
        self._confirmations += count

    def set_point_unconfirmed(self, count: int = 1) -> None:
        """Do not see the next `count` set points reported back: SET_POINT_UNCONFIRMED."""
        self._unconfirmed += count

    def repair(self) -> None:
        """Disarm everything and have everything repaired."""
        self.replies.clear()
        self.forced.clear()
        self._transient = self._zeros = self._not_fresh = 0
        self._confirmations = self._requests = self._unconfirmed = self._vanish = 0
        self.second_client = False
        self._twin.repair()

    def take_transient(self) -> bool:
        """Tell a twin whether this status is a transient 0."""
        self._transient, hit = _take(self._transient)
        return hit

    def take_zero(self) -> bool:
        """Tell a twin whether this reading is 0.0."""
        self._zeros, hit = _take(self._zeros)
        return hit

    def take_not_fresh(self) -> bool:
        """Tell a twin whether these data are not fresh."""
        self._not_fresh, hit = _take(self._not_fresh)
        return hit

    def take_vanish(self) -> bool:
        """Tell a server whether to vanish now."""
        self._vanish, hit = _take(self._vanish)
        return hit

    def take_request(self) -> bool:
        """Tell a server whether to lose this request."""
        self._requests, hit = _take(self._requests)
        return hit

    def take_confirmation(self) -> bool:
        """Tell a server whether to leave out this confirmation."""
        self._confirmations, hit = _take(self._confirmations)
        return hit

    def take_unconfirmed(self) -> bool:
        """Tell a server whether this set point is not reported back."""
        self._unconfirmed, hit = _take(self._unconfirmed)
        return hit


def _take(left: int) -> tuple[int, bool]:
    return (left - 1, True) if left > 0 else (0, False)
