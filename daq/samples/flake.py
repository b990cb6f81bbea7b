"""A flake of Bi2Se3 between silver electrodes: Le et al., figures 1h and 2.

The flake is four-wire: the source drives ``I+ I-``, the voltage stands at ``V+ V-``. A pulse
between the terminals of the source writes a superconducting part, which takes a small step out of
the resistance; warming up erases it. The flake follows the block of the cryostat with a lag.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from daq.physics import kinetics
from daq.physics.transition import surface_and_bulk
from daq.samples import thermal_lag
from daq.samples.terminals import check_terminals
from daq.samples.truth import told
from instruments.simulated.sample import Environment, Exposure, FloatArray, State

BOLTZMANN = 1.380649e-23
FROZEN = 20.0
"""Temperature in K below which nothing is erased in years."""
FINE_STEP = 1.0
"""Longest step in s while the flake follows the block and is being erased."""
SOURCE, VOLTMETER = "I+ I-", "V+ V-"


@dataclass(frozen=True, slots=True)
class FlakeNumbers:
    """What the paper says of its flake, and what it leaves open (a).

    Parameters
    ----------
    critical_temperature
        Highest one, in K.
    drop
        Fraction of the resistance that is gone far below it; the paper shows 1 to 2 %.
    critical_field
        At `base_temperature` in T, above which there is no step.
    base_temperature
        Lowest one of the paper in K.
    sharpness
        Of the step, which is 1 - (T/Tc)^sharpness (a).
    surface_resistance
        Of what conducts at all temperatures, in ohm (a).
    bulk_resistance
        Of what is activated, far above its gap, in ohm (a).
    bulk_gap
        In eV (a); it makes the resistance saturate below 40 K.
    contact_resistance
        Of each current lead in ohm (a).
    """

    critical_temperature: float = 4.5
    drop: float = 0.015
    critical_field: float = 2.5
    base_temperature: float = 1.9
    sharpness: float = 4.0
    surface_resistance: float = 120.0
    bulk_resistance: float = 360.0
    bulk_gap: float = 0.04
    contact_resistance: float = 5.0


HIDDEN: Mapping[str, str] = MappingProxyType(
    {
        "critical_temperature": "critical temperature",
        "critical_field": "critical field",
        "drop": "drop",
        "surface_resistance": "resistance",
        "bulk_resistance": "resistance",
    }
)
"""What a blind test does not know."""


class Flake:
    """A flake whose superconducting part is written and erased.

    Parameters
    ----------
    written
        Fraction that is written at the start; 0 is pristine.
    numbers
        Of the paper.
    """

    native: Literal["V(I)", "I(V)"] = "V(I)"
    symmetric = True
    ohmic: Literal[True] = True

    def __init__(self, written: float = 0.0, numbers: FlakeNumbers | None = None) -> None:
        self.numbers = FlakeNumbers() if numbers is None else numbers
        self._state = kinetics.filled(written)
        self._temperature = 0.0  # of the flake; zero before it has felt the block
        self._block = 0.0
        self._found: tuple[object, float, float, float] = (None, 0.0, 0.0, 0.0)

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return R I, plus the leads between the terminals of the source."""
        return np.asarray(current * self._between(terminals, source, environment))

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return V / (R + leads)."""
        return np.asarray(voltage / self._between(source, source, environment))

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the Johnson noise in V/rtHz."""
        resistance = self._between(terminals, SOURCE, environment)
        return math.sqrt(4.0 * BOLTZMANN * self._own_temperature(environment) * resistance)

    def evolve(
        self, seconds: float, environment: Environment, exposures: Mapping[str, Exposure]
    ) -> None:
        """Write while the voltage is above the threshold, follow the block, erase meanwhile."""
        voltage = max((exposure.peak_voltage for exposure in exposures.values()), default=0.0)
        if voltage > kinetics.THRESHOLD:
            self._state = kinetics.write(self._state, voltage, seconds)
        self._block = environment.temperature
        self._temperature = self._own_temperature(environment)
        left = seconds
        while left > 0.0:
            step = min(left, FINE_STEP) if self._changing else left
            before = self._temperature
            self._temperature = thermal_lag.followed(before, self._block, step)
            mean = 0.5 * (before + self._temperature)
            if mean > FROZEN:
                self._state = kinetics.erase(self._state, mean, step)
            left -= step

    @property
    def restless(self) -> bool:
        """Tell whether the flake still follows the block."""
        return self._block > 0.0 and not thermal_lag.settled(self._temperature, self._block)

    @property
    def written(self) -> float:
        """Return the fraction of the flake that is written."""
        return kinetics.fraction(self._state)

    def resistance(self, temperature: float, field: float = 0.0) -> float:
        """Return the four-wire resistance in ohm at a temperature of the flake in K, field in T."""
        n = self.numbers
        normal = surface_and_bulk(temperature, n.surface_resistance, n.bulk_resistance, n.bulk_gap)
        return float(normal) * (1.0 - n.drop * self._step(temperature, field))

    def truth(self) -> Mapping[str, float]:
        """Return the numbers that a blind test does not know."""
        return told(self.numbers, HIDDEN)

    def state(self) -> State:
        """Return what is written, by barrier, and the temperatures of flake and block in K."""
        return {
            "written": [float(value) for value in self._state],
            "temperatures": [self._temperature, self._block],
        }

    def restore(self, state: State) -> None:
        """Take up what was written, and the temperatures."""
        self._state = np.array(state["written"], dtype=np.float64)
        flake, block = np.array(state["temperatures"], dtype=np.float64)
        self._temperature, self._block = float(flake), float(block)

    @property
    def _changing(self) -> bool:
        return self.restless and max(self._temperature, self._block) > FROZEN

    def _own_temperature(self, environment: Environment) -> float:
        return self._temperature if self._temperature > 0.0 else environment.temperature

    def _between(self, terminals: str, source: str, environment: Environment) -> float:
        check_terminals("flake", terminals, source, {SOURCE: (SOURCE, VOLTMETER)})
        resistance = self._resistance_now(environment)
        return resistance + (2.0 * self.numbers.contact_resistance if terminals == SOURCE else 0.0)

    def _resistance_now(self, environment: Environment) -> float:
        """Return the four-wire resistance; found once per temperature, field and state."""
        where = self._own_temperature(environment), environment.field_magnitude
        state, *known, resistance = self._found
        if state is not self._state or tuple(known) != where:
            resistance = self.resistance(*where)
            self._found = (self._state, *where, resistance)
        return resistance

    def _step(self, temperature: float, field: float) -> float:
        """Return the size of the superconducting step, from 0 to the written fraction."""
        n = self.numbers
        written = self.written
        top = float(kinetics.critical_temperature(written, n.critical_temperature))
        base = n.base_temperature / n.critical_temperature
        reduced = field * (1.0 - base * base) / n.critical_field
        if reduced >= 1.0 or top == 0.0:
            return 0.0
        t = temperature / (top * math.sqrt(1.0 - reduced))
        return written * max(0.0, 1.0 - math.pow(t, n.sharpness))
