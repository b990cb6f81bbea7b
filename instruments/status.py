"""What was wrong with a reading: the bits of the column ``Status``."""

from enum import IntFlag


class Status(IntFlag):
    """Flags of one record; 0 means that nothing is known against it.

    Attributes
    ----------
    OVERLOAD
        The input or an output of the lock-in was overloaded.
    UNLOCKED
        The lock-in had no reference.
    COMPLIANCE
        The source was held by its compliance.
    NOT_SETTLED
        Temperature, field or angle had not settled.
    STALE
        The sample of the cryostat was older than three polling periods, or missing.
    SENSITIVITY_CHANGED
        The sensitivity of the lock-in was changed for this point.
    QUADRATURE
        The quadrature exceeded 5 % of the in-phase signal.
    """

    OVERLOAD = 1
    UNLOCKED = 2
    COMPLIANCE = 4
    NOT_SETTLED = 8
    STALE = 16
    SENSITIVITY_CHANGED = 32
    QUADRATURE = 64
