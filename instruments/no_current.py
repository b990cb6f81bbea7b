"""The current bias of a station that applies a voltage: it rests, and refuses all else."""

from collections.abc import Generator
from typing import Any

from instruments.averaging import Average
from instruments.calibration import Calibration
from instruments.errors import RefusedError
from instruments.excitation import BiasReading, Excitation
from instruments.voltage_bias import VoltageBias
from instruments.waiting import Event, Steps


class NoCurrentBias:
    """The `Bias` of a station that applies a voltage: it rests, and refuses all else.

    Parameters
    ----------
    voltage
        What biases the sample.
    """

    def __init__(self, voltage: VoltageBias) -> None:
        self._voltage = voltage

    def configure(
        self, excitation: Excitation, largest: float, *, accept: bool = False
    ) -> Generator[Event, None, None]:
        """Refuse: no current is applied here.

        Parameters
        ----------
        excitation
            Of a current.
        largest
            In A.
        accept
            As for a current.

        Yields
        ------
        Event
            Nothing.

        Raises
        ------
        RefusedError
            Always.
        """
        yield from ()
        raise _refused()

    def set(self, current: float) -> Steps[None]:
        """Refuse, but for 0 A, which stands."""
        yield from ()
        if current != 0.0:
            raise _refused()

    def read(self) -> Steps[BiasReading]:
        """Refuse."""
        yield from ()
        raise _refused()

    def zero(self) -> Steps[None]:
        """Refuse."""
        yield from ()
        raise _refused()

    def raw(self) -> Steps[Average]:
        """Refuse."""
        yield from ()
        raise _refused()

    @property
    def sensitivity(self) -> float:
        """Return the full scale in V that was chosen last."""
        return self._voltage.sensitivity

    def calibrate(self, calibration: Calibration) -> None:
        """Refuse: it is a calibration of a current, and another kind holds here."""
        raise _refused()

    def leak(self, voltage: float) -> float:
        """Return 0 A: nothing leaks."""
        return 0.0

    def rest(self) -> None:
        """Ramp the voltage to zero and take the modulation down."""
        self._voltage.rest()

    def release(self) -> None:
        """Come to rest, so that wires may be moved."""
        self._voltage.release()

    def isolate(self) -> None:
        """Refuse: there are no pulses here."""
        raise _refused()

    def silence(self) -> None:
        """Refuse: there are no pulses here."""
        raise _refused()

    def reconnect(self) -> None:
        """Refuse: there are no pulses here."""
        raise _refused()

    def setpoints(self) -> dict[str, float]:
        """Return what was set last of the voltage, without a question."""
        return self._voltage.setpoints()

    def snapshot(self) -> dict[str, Any]:
        """Return wiring, and what stands."""
        return self._voltage.snapshot()


def _refused() -> RefusedError:
    return RefusedError(
        "bias: this station biases its sample with a voltage, and no current can be set; use"
        " tunnel_spectrum, or a station with kind: oscillator"
    )
