"""The dc voltage at the contact: an auxiliary input of a lock-in, or a nanovoltmeter."""

import math
from typing import Any, Protocol

from pyvisa.errors import Error as VisaError

from instruments.errors import CommunicationError

FULL_SCALE = 10.0
"""Of ADC 1 in V; beyond, the preamplifier or the input is overloaded."""
OVERFLOW = 1e30
"""A 2182A says 9.9E37 when its range is exceeded."""


class Voltmeter(Protocol):
    """Read the dc voltage at the contact."""

    def read(self) -> float:
        """Return the voltage at the contact in V; not a number if the input is overloaded."""
        ...

    def make_safe(self) -> None:
        """Do nothing: a voltmeter has no output."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Return settings as text, numbers and booleans."""
        ...


class AuxiliaryInput(Protocol):
    """A lock-in with an auxiliary input."""

    @property
    def adc1(self) -> float:
        """Return the voltage at ADC 1 in V."""
        ...


class Adc1:
    """ADC 1 of a lock-in behind a preamplifier, which must keep the excitation out of it.

    Its smallest step is 1 mV, so that of the voltage is 1 mV over the gain.

    Parameters
    ----------
    lockin
        The lock-in.
    gain
        Of the preamplifier; negative if it inverts.
    role
        Of the lock-in, for the snapshot.
    """

    def __init__(self, lockin: AuxiliaryInput, gain: float, role: str = "lockin") -> None:
        self._lockin = lockin
        self._gain = gain
        self._role = role

    def read(self) -> float:
        """Return the voltage at ADC 1 over the gain in V; not a number beyond its full scale."""
        volts = float(self._lockin.adc1)
        return volts / self._gain if abs(volts) < FULL_SCALE else math.nan

    def make_safe(self) -> None:
        """Do nothing."""

    def snapshot(self) -> dict[str, Any]:
        """Return input and gain."""
        return {"kind": "ADC 1", "lockin": self._role, "gain": self._gain}


class Nanovoltmeter:
    """A Keithley 2182A behind pymeasure's Keithley2182, channel 1.

    Parameters
    ----------
    driver
        The open driver.
    cycles
        Periods of the mains over which one reading is integrated.
    """

    def __init__(self, driver: Any, cycles: float) -> None:
        self._driver = driver
        self._cycles = cycles
        try:
            driver.write(":INIT:CONT OFF")  # READ? is refused otherwise
            driver.ch_1.setup_voltage(auto_range=True, nplc=cycles)
        except (VisaError, OSError, ValueError) as failure:
            raise _unanswered(failure) from failure

    def read(self) -> float:
        """Return the voltage in V; not a number if the range is exceeded.

        Returns
        -------
        float
            Of one reading.

        Raises
        ------
        CommunicationError
            The voltmeter does not answer.
        """
        try:
            volts = float(self._driver.voltage)
        except (VisaError, OSError, ValueError, TypeError) as failure:
            raise _unanswered(failure) from failure
        return volts if abs(volts) < OVERFLOW else math.nan

    def make_safe(self) -> None:
        """Do nothing."""

    def snapshot(self) -> dict[str, Any]:
        """Return the kind of meter and its integration."""
        return {"kind": "Keithley 2182A", "line_cycles": self._cycles}

    def close(self) -> None:
        """Close the link."""
        self._driver.adapter.close()


def _unanswered(failure: BaseException) -> CommunicationError:
    why = " ".join(str(failure).split()) or type(failure).__name__
    return CommunicationError(
        f"voltmeter: the 2182A gives no reading: {why}; see whether it is switched on"
    )
