"""Driver of the Signal Recovery 7265 lock-in amplifier, on top of pymeasure's."""

from dataclasses import dataclass
from typing import Any

from instruments.domains import numbers
from instruments.dsp7265_conversation import OVERLOADED, UNLOCKED, LockinStatus
from instruments.dsp7265_curves import CurveBuffer
from instruments.errors import CommunicationError, InstrumentError

__all__ = ["DSP7265", "LockinReading", "LockinState", "LockinStatus"]

PLAUSIBLE = 31.0
"""Three times the largest full scale, and ten times more for an expanded output."""
SAFE_PATIENCE = 20.0
"""Longest time in s that `make_safe` waits for an automatic function."""
SAFE_POLL = 0.01
SNAPSHOT = (
    "id",
    "imode",
    "vmode",
    "fet",
    "coupling",
    "shield",
    "sensitivity",
    "gain",
    "auto_gain",
    "line_filter",
    "time_constant",
    "slope",
    "synchronous",
    "reference",
    "reference_frequency",
    "reference_phase",
    "harmonic",
    "voltage",
    "frequency",
    "x_offset",
    "y_offset",
    "expand",
    "overload_byte",
)


@dataclass(frozen=True, slots=True)
class LockinReading:
    """Both channels at one moment.

    Parameters
    ----------
    x, y
        Rms in V, or in A in a current mode.
    status
        What the lock-in says of them.
    """

    x: float
    y: float
    status: LockinStatus


@dataclass(frozen=True, slots=True)
class LockinState:
    """How a lock-in is set.

    Parameters
    ----------
    voltage
        Amplitude of the oscillator, rms in V.
    frequency
        Of the oscillator in Hz.
    reference
        ``internal``, ``external rear`` or ``external front``.
    harmonic
        That is detected.
    reference_phase
        In degrees.
    sensitivity
        Full scale in V, or in A in a current mode.
    time_constant
        In s.
    slope
        In dB/oct.
    imode, vmode
        What the input is.
    """

    voltage: float
    frequency: float
    reference: str
    harmonic: int
    reference_phase: float
    sensitivity: float
    time_constant: float
    slope: int
    imode: str
    vmode: str


class DSP7265(CurveBuffer):
    """A Signal Recovery 7265 lock-in amplifier.

    Everything of pymeasure's class works, strictly: a value outside a range raises instead of being
    clipped, a command that the status byte calls invalid raises, a reply that cannot belong to the
    question is never returned. Opening sends nothing; call `connect`.

    Parameters
    ----------
    adapter
        A VISA resource name (``GPIB0::14::INSTR``), a GPIB address, or a pymeasure adapter.
    name
        For messages.
    clock
        What it waits with; the clock on the wall if omitted.
    line_frequency
        Of the mains in Hz, 50 or 60: the line filter needs it.
    **kwargs
        For pymeasure's VISAAdapter.
    """

    def connect(self) -> LockinState:
        """Check who answers, and read the settings; nothing is changed.

        Returns
        -------
        LockinState
            How the lock-in is set.

        Raises
        ------
        CommunicationError
            Nobody answers, or not a 7265.
        """
        with self.lock:
            query, mark = self._identity()
            identity = self.ask(query)
            if mark not in identity:
                raise CommunicationError(
                    f"{self.name}: {identity!r} answers to {query} instead of {mark}; check the"
                    " address in the station file"
                )
            self.adapter.learn_ending()
            return self.read_state()

    def read_xy(self) -> LockinReading:
        """Read both channels and the status in one conversation.

        Returns
        -------
        LockinReading
            Rms in V, or in A in a current mode.

        Raises
        ------
        DesynchronisedError
            The reply is not two plausible numbers.
        """
        with self.lock:
            reply, status = self._ask_with_status("XY.")
            try:
                x, y = numbers(reply, 2)
                if not (abs(x) <= PLAUSIBLE and abs(y) <= PLAUSIBLE):
                    raise ValueError(reply)  # noqa: TRY301 (one way out for what is no reading)
            except ValueError:
                self.disown("XY.", reply, f"two numbers within {PLAUSIBLE:g}")
            overload = self.overload_byte if status & (UNLOCKED | OVERLOADED) else 0
            return LockinReading(x, y, LockinStatus(status, overload))

    def read_status(self) -> LockinStatus:
        """Read status byte and overload byte."""
        with self.lock:
            return LockinStatus(self.status_byte(), self.overload_byte)

    def read_state(self) -> LockinState:
        """Read the main settings in one conversation."""
        with self.lock:
            return LockinState(
                **{name: getattr(self, name) for name in LockinState.__dataclass_fields__}
            )

    def auto_sensitivity(self) -> None:
        """Start to look for the sensitivity; poll `busy`."""
        self.write("AS")

    def auto_measure(self) -> None:
        """Start to look for sensitivity, time constant and phase; poll `busy`."""
        self.write("ASM")

    def auto_phase(self) -> None:
        """Start to look for the phase that makes Y vanish; poll `busy`."""
        self.write("AQN")

    def auto_offset(self) -> None:
        """Offset X and Y to zero."""
        self.write("AXO")

    def make_safe(self) -> None:
        """Take the oscillator, and a converter that biases a sample, to 0 V and check them.

        The input stays as it is.

        Raises
        ------
        InstrumentError
            The oscillator or the converter could not be taken down.
        """
        with self.lock:
            try:
                self._await_automatic()
                self.voltage = 0.0
            except CommunicationError:
                self.resynchronise()
                self.voltage = 0.0
            left = self.voltage
            if left != 0.0:
                raise InstrumentError(
                    f"{self.name}: the oscillator is at {left:g} V instead of 0 V; take it down by"
                    " hand"
                )
            if self.guard.summed is not None:
                self._release_converter(self.guard.summed.converter)

    def shutdown(self) -> None:
        """Make the lock-in safe; gain and sensitivity stay as they are."""
        try:
            self.make_safe()
        finally:
            self.isShutdown = True

    def snapshot(self) -> dict[str, Any]:
        """Return the settings by the names of their properties.

        Returns
        -------
        dict[str, Any]
            Numbers, text and booleans; None for an output offset that is off.
        """
        with self.lock:
            found = {name: getattr(self, name) for name in SNAPSHOT}
        return found | {"line_frequency": self.line_frequency}

    def _release_converter(self, number: int) -> None:
        name = f"dac{number}"
        setattr(self, name, 0.0)
        left = getattr(self, name)
        if left != 0.0:
            raise InstrumentError(
                f"{self.name}: DAC {number} is at {left:g} V instead of 0 V; take it down by hand"
            )

    def _await_automatic(self) -> None:
        end = self.clock.now() + SAFE_PATIENCE
        while self._automatic and self.busy() and self.clock.now() < end:
            self.clock.elapse(SAFE_POLL)
        self._automatic = False
