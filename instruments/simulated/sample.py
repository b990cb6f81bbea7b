"""What a virtual sample must answer, and the simplest one that does.

A sample answers V(I) or I(V) for a pair of terminals, on an array. It never hands out dV/dI: that
is for the lock-in to find. It may have slow state of its own (pulse history, magnetic history,
thermal lag), which `VirtualSample.evolve` carries forward in time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
State = Mapping[str, float | list[float]]
OPTICAL = "optical+ optical-"
"""Terminals of a detector of light, for a meter that looks at a sample that is `Lit`."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the sample is.

    Parameters
    ----------
    temperature
        Of the block that the sample sits on, in K.
    field
        Field vector in the frame of the crystal, in T.
    position
        Of a scanner, in m.
    """

    temperature: float = 300.0
    field: tuple[float, float, float] = (0.0, 0.0, 0.0)
    position: float = 0.0

    @property
    def field_magnitude(self) -> float:
        """Return the magnitude of the field in T."""
        x, y, z = self.field
        return float((x * x + y * y + z * z) ** 0.5)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the sample feels for a while: the dc bias, and the highest values on top of it.

    Parameters
    ----------
    current
        Dc current through the sample in A.
    voltage
        Dc voltage between the terminals of the source in V.
    peak_voltage
        Highest magnitude of that voltage, ac included, in V.
    """

    current: float = 0.0
    voltage: float = 0.0
    peak_voltage: float = 0.0


class VirtualSample(Protocol):
    """A sample with terminals."""

    @property
    def native(self) -> Literal["V(I)", "I(V)"]:
        """Tell which of the two laws the sample answers directly."""
        ...

    @property
    def symmetric(self) -> bool:
        """Tell whether V(-I) = -V(I) holds for every terminal pair in zero field."""
        ...

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return the voltage between `terminals` in V while `current` in A flows through `source`.

        Both terminal pairs are written as in the station file, such as ``"V+ V-"``; ``terminals``
        equal to ``source`` asks for the two-terminal voltage. Arrays have one shape. Raises
        ValueError for a terminal pair that the sample does not have.
        """
        ...

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return the current in A through `source` at a two-terminal `voltage` in V."""
        ...

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the white voltage noise of the sample between `terminals` in V/rtHz."""
        ...

    def evolve(
        self, seconds: float, environment: Environment, exposures: Mapping[str, Exposure]
    ) -> None:
        """Carry the slow state forward by `seconds`; `exposures` by the terminals of the source."""
        ...

    @property
    def restless(self) -> bool:
        """Tell whether the slow state moves by itself although nothing outside changes."""
        ...

    def truth(self) -> Mapping[str, float]:
        """Return the numbers that a blind test does not know."""
        ...

    def state(self) -> State:
        """Return the slow state, for `restore`."""
        ...

    def restore(self, state: State) -> None:
        """Take up a slow state, bit for bit."""
        ...


@runtime_checkable
class Lit(Protocol):
    """A sample under modulated light, such as for its circular dichroism.

    The modulator follows the oscillator of the main lock-in (assumed): a lock-in at its reference
    sees the signal in phase while the oscillator is on, whatever its level.
    """

    def light(self, terminals: str, environment: Environment) -> float:
        """Return the signed peak amplitude of the detector between `OPTICAL` in V."""
        ...


@runtime_checkable
class Ohmic(Protocol):
    """A sample whose voltages go as its current, so that a circuit has no law to follow.

    What is derived from one inherits the promise; `Resistor` makes none, for laws are built on it.
    """

    @property
    def ohmic(self) -> Literal[True]:
        """Say so."""
        ...


@dataclass
class Resistor:
    """An ohmic resistor with leads, the sample of calibrations.

    Parameters
    ----------
    resistance
        Between the voltage terminals in ohm.
    lead
        Resistance of each current lead in ohm; it is seen by the source alone.
    temperature
        Of the resistor in K, for its Johnson noise; None takes the block's.
    """

    resistance: float = 100.0
    lead: float = 0.0
    temperature: float | None = None
    native: Literal["V(I)", "I(V)"] = field(default="V(I)", init=False)
    symmetric: bool = field(default=True, init=False)
    restless: bool = field(default=False, init=False)

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return R I, plus the leads between the terminals of the source."""
        return current * self._between(terminals, source)

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return V / (R + leads)."""
        return voltage / self._between(source, source)

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the Johnson noise sqrt(4 k T R) in V/rtHz."""
        temperature = environment.temperature if self.temperature is None else self.temperature
        return float(np.sqrt(4.0 * 1.380649e-23 * temperature * self.resistance))

    def evolve(
        self, seconds: float, environment: Environment, exposures: Mapping[str, Exposure]
    ) -> None:
        """Do nothing: a resistor remembers nothing."""

    def truth(self) -> Mapping[str, float]:
        """Return what a calibration should find, in ohm."""
        return {"resistance": self.resistance, "lead": self.lead}

    def state(self) -> State:
        """Return nothing."""
        return {}

    def restore(self, state: State) -> None:
        """Take nothing."""

    def _between(self, terminals: str, source: str) -> float:
        return self.resistance + (2.0 * self.lead if terminals == source else 0.0)
