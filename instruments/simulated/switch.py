"""What moves wires and reads the dc voltage on a bench of twins, without messages."""

from collections.abc import Mapping
from typing import Any

from instruments.errors import RefusedError
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import Wiring


class BenchSwitch:
    """Move the wires of a bench from contact to contact.

    Parameters
    ----------
    bench
        The bench.
    wirings
        By name of the contact.
    """

    def __init__(self, bench: Bench, wirings: Mapping[str, Wiring]) -> None:
        self._bench = bench
        self._wirings = dict(wirings)

    @property
    def contact(self) -> str:
        """Return the contact that is wired; empty if the wires are nobody's."""
        wired = self._bench.wiring
        return next((name for name, own in self._wirings.items() if own is wired), "")

    def connect(self, contact: str) -> None:
        """Wire a contact.

        Parameters
        ----------
        contact
            Its name.

        Raises
        ------
        RefusedError
            There is no such contact.
        """
        if contact not in self._wirings:
            raise RefusedError(
                f"switch: the bench has no {contact!r}; it has {sorted(self._wirings)}"
            )
        with self._bench.lock:
            self._bench.connect(self._wirings[contact])

    def make_safe(self) -> None:
        """Do nothing."""

    def snapshot(self) -> dict[str, Any]:
        """Return the contact and its terminals."""
        wired = self._bench.wiring
        inputs = " ".join(f"{role}: {pair};" for role, pair in wired.inputs.items())
        return {
            "kind": "simulated",
            "contact": self.contact,
            "terminals": f"source: {wired.source}; {inputs}",
        }


class BenchVoltmeter:
    """Read the dc voltage of a bench, in place of a nanovoltmeter of which there is no twin.

    Parameters
    ----------
    bench
        The bench; its wiring has a voltmeter among the inputs.
    seconds
        Time that one reading takes.
    """

    def __init__(self, bench: Bench, seconds: float) -> None:
        self._bench = bench
        self._seconds = seconds

    def read(self) -> float:
        """Return the dc voltage in V after the time of a reading."""
        self._bench.clock.sleep(self._seconds)
        with self._bench.lock:
            self._bench.sync()
            return dc_voltage(self._bench)

    def make_safe(self) -> None:
        """Do nothing."""

    def snapshot(self) -> dict[str, Any]:
        """Return that it is simulated."""
        return {"kind": "simulated"}


def dc_voltage(bench: Bench, role: str = "voltmeter") -> float:
    """Return the dc voltage in V at an input, as of the last `Bench.sync`; the bench stays."""
    return float(bench.signal(role).harmonics[0].real)
