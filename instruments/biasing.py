"""What procedures ask of a bias, and what a bias asks of a source of direct current."""

from collections.abc import Mapping
from typing import Any, Protocol

from instruments.averaging import Average
from instruments.calibration import Calibration
from instruments.excitation import RAMP_STEP, BiasReading, Excitation
from instruments.waiting import Steps


class CurrentSource(Protocol):
    """What a bias asks of a source of direct current."""

    source_current: float
    source_compliance: float
    source_range: float
    source_enabled: bool

    def compliance_tripped(self) -> bool:
        """Tell whether the compliance has held the source since this was last asked."""
        ...

    def compliance_within(self, limit: float) -> float:
        """Return the compliance to program so that `limit` V is never exceeded."""
        ...

    def ramp_current(self, target: float, rate: float, step_time: float = RAMP_STEP) -> None:
        """Ramp to `target` A at `rate` A/s, waiting on the clock."""
        ...


class Bias(Protocol):
    """Apply dc and ac current to the contact, and read the response."""

    def configure(
        self, excitation: Excitation, largest: float, *, accept: bool = False
    ) -> Steps[None]:
        """Prepare for a dc current of magnitude up to `largest` A; everything is frozen then."""
        ...

    def set(self, current: float) -> Steps[None]:
        """Ramp the dc current to `current` A."""
        ...

    def read(self) -> Steps[BiasReading]:
        """Wait for the output filter, then read."""
        ...

    def zero(self) -> Steps[None]:
        """Measure the offsets of the lock-in, and subtract them until the sensitivity changes."""
        ...

    def raw(self) -> Steps[Average]:
        """Settle from now on, and average what the lock-in shows, uncorrected."""
        ...

    @property
    def sensitivity(self) -> float:
        """Return the full scale in V that was chosen last."""
        ...

    def calibrate(self, calibration: Calibration) -> None:
        """Correct every reading from now on."""
        ...

    def leak(self, voltage: float) -> float:
        """Return the dc current in A that does not pass the sample at a contact voltage in V."""
        ...

    def rest(self) -> None:
        """Ramp the dc to zero and take the excitation down, waiting on the clock."""
        ...

    def release(self) -> None:
        """Come to rest with the output off, so that wires may be moved; forget the contact."""
        ...

    def isolate(self) -> None:
        """Take the excitation down and ground the input, for a pulse."""
        ...

    def silence(self) -> None:
        """Take the excitation down with the input connected; undone by `reconnect`."""
        ...

    def reconnect(self) -> None:
        """Undo `isolate`."""
        ...

    def setpoints(self) -> Mapping[str, float]:
        """Return what was set last, without a question: currents in A, frequency in Hz, and more.

        ``current``, ``excitation_rms``, ``frequency``, ``time_constant`` in s, ``sensitivity``,
        ``oscillator_rms``, ``compliance``, and at the sample ``voltage`` and ``modulation_rms`` in
        V, as far as they apply.
        """
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return wiring and frozen settings."""
        ...
