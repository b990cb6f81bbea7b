"""A silver-paint point contact on Bi2Se3: Le et al., figures 1d to 1g.

The numbers of the paper stand in `SoftContactNumbers`; what the paper does not give is marked (a).
The law is that of a contact in the thermal regime: an ohmic part with a smooth, asymmetric
background, and a part whose voltage vanishes below a critical current. That part is as large as the
written fraction of the contact; a voltage pulse writes, warming up erases.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from daq.physics import kinetics
from daq.physics.critical_field import nematic
from daq.physics.thermal_contact import critical_current, maxwell_voltage
from daq.samples.inverse import inverse
from daq.samples.truth import told
from instruments.simulated.sample import Environment, Exposure, FloatArray, State

BOLTZMANN = 1.380649e-23
_LOG_2 = math.log(2.0)
FROZEN = 20.0
"""Temperature in K below which nothing is erased in years."""


@dataclass(frozen=True, slots=True)
class SoftContactNumbers:
    """What the paper says of its contact, and what it leaves open (a).

    Parameters
    ----------
    normal_resistance
        In ohm (a).
    critical_temperature
        Highest one, in K.
    critical_field
        At 1.9 K along the axis in T, where the peak is gone.
    critical_field_ratio
        Of the critical fields in the ab plane, largest over smallest: it makes the widths of the
        peak at 2.0 T differ by 1.5, as the paper quotes, since they go as 1 - H/Hc2.
    normal_critical_field
        Along the c axis at 1.9 K in T (a).
    base_temperature
        At which `critical_field` was measured, in K.
    maxwell_resistance
        Of the part that becomes superconducting, in ohm (a).
    critical_current
        At zero temperature in A (a).
    smoothing
        Spread of the critical currents of the channels, as a fraction (a).
    odd, even
        Parts of the background that are odd and even in the current (a).
    background_current
        Scale of the background in A (a).
    """

    normal_resistance: float = 100.0
    critical_temperature: float = 4.5
    critical_field: float = 3.0
    critical_field_ratio: float = 3.0 / 2.5714
    normal_critical_field: float = 3.0
    base_temperature: float = 1.9
    maxwell_resistance: float = 20.0
    critical_current: float = 40e-6
    smoothing: float = 0.2
    odd: float = 0.02
    even: float = 0.01
    background_current: float = 4e-4


HIDDEN: Mapping[str, str] = MappingProxyType(
    {
        "normal_resistance": "resistance",
        "critical_temperature": "critical temperature",
        "critical_field": "critical field",
        "normal_critical_field": "critical field",
    }
)
"""What a blind test does not know."""


class SoftContact:
    """A contact that can be written and erased.

    Parameters
    ----------
    written
        Fraction that is written at the start; 0 is pristine.
    axis
        Of the crystal along which the critical field is largest, in degrees.
    numbers
        Of the paper.
    threshold
        Voltage in V below which nothing is written.
    """

    native: Literal["V(I)", "I(V)"] = "V(I)"
    symmetric = False

    def __init__(
        self,
        written: float = 0.0,
        axis: float = 0.0,
        numbers: SoftContactNumbers | None = None,
        *,
        threshold: float = kinetics.THRESHOLD,
    ) -> None:
        self.threshold = threshold
        self.numbers = SoftContactNumbers() if numbers is None else numbers
        self.axis = axis
        self._state = kinetics.filled(written)
        self._temperature = 0.0
        self._found: tuple[object, object, float, float] = (None, None, 0.0, 0.0)

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return the voltage across the contact; the leads of a soft contact are negligible."""
        n = self.numbers
        u = current / n.background_current
        bent = n.odd * (np.logaddexp(u, -u) - _LOG_2) + n.even * (u - np.tanh(u))
        ohmic = n.normal_resistance * (current - n.background_current * bent)
        strength, critical = self._superconducting(environment)
        if strength == 0.0:
            return np.asarray(ohmic)
        maxwell = n.maxwell_resistance
        part = maxwell_voltage(current, critical, maxwell, n.smoothing * critical)
        return np.asarray(ohmic + strength * (part - maxwell * current))

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return the current at a voltage, by bisection."""
        scale = 1.0 / self.numbers.normal_resistance
        return inverse(lambda i: self.voltage(i, source, source, environment), voltage, scale)

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the Johnson noise of the normal resistance in V/rtHz."""
        resistance = self.numbers.normal_resistance
        return float(np.sqrt(4.0 * BOLTZMANN * environment.temperature * resistance))

    def evolve(
        self, seconds: float, environment: Environment, exposures: Mapping[str, Exposure]
    ) -> None:
        """Write while the voltage is above the threshold, erase by the temperature."""
        voltage = max([exposure.peak_voltage for exposure in exposures.values()], default=0.0)
        if voltage > self.threshold:
            self._state = kinetics.write(self._state, voltage, seconds, threshold=self.threshold)
        self._temperature = environment.temperature
        if self._temperature > FROZEN:
            self._state = kinetics.erase(self._state, self._temperature, seconds)

    @property
    def restless(self) -> bool:
        """Tell whether the contact is being erased."""
        return self._temperature > FROZEN and self.written > 0.0

    @property
    def written(self) -> float:
        """Return the fraction of the contact that is written."""
        return kinetics.fraction(self._state)

    def truth(self) -> Mapping[str, float]:
        """Return the numbers that a blind test does not know."""
        return {**told(self.numbers, HIDDEN), "axis": self.axis}

    def state(self) -> State:
        """Return what is written, by barrier, and the last temperature in K."""
        return {
            "written": [float(value) for value in self._state],
            "temperature": self._temperature,
        }

    def restore(self, state: State) -> None:
        """Take up what was written."""
        self._state = np.array(state["written"], dtype=np.float64)
        temperature = state.get("temperature", 0.0)
        assert isinstance(temperature, float)  # noqa: S101 (as written by `state`)
        self._temperature = temperature

    def _superconducting(self, environment: Environment) -> tuple[float, float]:
        """Return the strength of the superconducting part and its critical current in A.

        Both are found once per environment and state: neither is ever changed in place.
        """
        where, state, strength, critical = self._found
        if where is not environment or state is not self._state:
            strength, critical = self._find(environment)
            self._found = (environment, self._state, strength, critical)
        return strength, critical

    def _find(self, environment: Environment) -> tuple[float, float]:
        n = self.numbers
        written = self.written
        top = kinetics.critical_temperature(written, n.critical_temperature)
        if environment.temperature >= top:
            return 0.0, 0.0
        t = environment.temperature / top
        base = n.base_temperature / n.critical_temperature
        upper = n.critical_field * (1.0 - t * t) / (1.0 - base * base)
        h = self._reduced_field(environment.field, float(upper))
        if h >= 1.0:
            return 0.0, 0.0
        critical = float(critical_current(t, h, n.critical_current))
        return float(written * (1.0 - t * t) * (1.0 - h)), critical

    def _reduced_field(self, field: tuple[float, float, float], upper: float) -> float:
        """Return the field over the critical field there; `upper` is that along the axis."""
        n = self.numbers
        x, y, z = field
        direction = math.atan2(y, x) - math.radians(self.axis)
        in_plane = float(nematic(direction, upper, n.critical_field_ratio, 0.0))
        along_c = upper * n.normal_critical_field / n.critical_field
        return math.hypot(math.hypot(x, y) / in_plane, z / along_c)
