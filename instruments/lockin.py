"""What a bias and an average ask of a lock-in, whatever its make."""

from typing import Protocol

from instruments.status import Status


class LockinStatus(Protocol):
    """What a lock-in says of a reading."""

    @property
    def overload(self) -> bool:
        """Tell whether an input or an output was overloaded."""
        ...

    @property
    def reference_unlocked(self) -> bool:
        """Tell whether the reference was lost."""
        ...


class LockinReading(Protocol):
    """One reading of a lock-in."""

    @property
    def x(self) -> float:
        """Return the in-phase signal, rms in V."""
        ...

    @property
    def y(self) -> float:
        """Return the quadrature, rms in V."""
        ...

    @property
    def status(self) -> LockinStatus:
        """Return what the lock-in says of it."""
        ...


class Readable(Protocol):
    """A lock-in that can be read."""

    def read_xy(self) -> LockinReading:
        """Read both channels and the status in one conversation."""
        ...


class LockIn(Readable, Protocol):
    """What a bias asks of a lock-in with an oscillator."""

    voltage: float
    frequency: float
    harmonic: int
    time_constant: float
    slope: int
    sensitivity: float
    reference_phase: float
    reference: str
    imode: str
    vmode: str
    coupling: int
    auto_gain: bool
    line_frequency: float

    def sensitivities(self) -> list[float]:
        """Return the full scales in V, the most sensitive first."""
        ...

    def time_constants(self) -> list[float]:
        """Return the time constants in s, the shortest first."""
        ...


def flags_of(said: LockinStatus) -> Status:
    """Return the flags of a reading, or of an average, of which a lock-in says something."""
    status = Status.OVERLOAD if said.overload else Status(0)
    return status | Status.UNLOCKED if said.reference_unlocked else status


def less_sensitive(lockin: LockIn, full_scale: float) -> float | None:
    """Return the next full scale in V above one, or None if there is none.

    Parameters
    ----------
    lockin
        Whose ranges they are.
    full_scale
        The present one in V.

    Returns
    -------
    float or None
        Nothing has been set.
    """
    known = full_scale * (1.0 + 1e-9)
    return next((full for full in lockin.sensitivities() if full > known), None)
