"""A tip in front of a superconductor: a tunnel junction that answers I(V).

The tip stands where the current at the set-point voltage is that of the set-point: so a scanning
tunnelling microscope leaves it before a spectrum. All else is the density of states of the sample,
which `Spectrum` describes at one place, field and temperature. The tip itself is a normal metal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from daq.physics.averaging import conductance
from daq.physics.density import Density
from daq.physics.tunnelling import anisotropic_density, dynes_current
from daq.samples.inverse import inverse
from instruments.simulated.sample import Environment, Exposure, FloatArray, State

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline

BOLTZMANN = 1.380649e-23
TABLES = 512
"""Curves that are kept: one per place, field and temperature."""
_FINE, _FAR = 1.5e-5, 30e-3
"""Spacing in V of a table up to three gaps, and the end of it; beyond the conductance is one."""


@dataclass(frozen=True, slots=True)
class SetPoint:
    """Where the tip was stabilised before the spectrum.

    Parameters
    ----------
    voltage
        In V.
    current
        In A.
    """

    voltage: float
    current: float


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The density of states that the tip sees.

    Parameters
    ----------
    gap
        Mean gap in eV; zero in the normal state.
    broadening
        Dynes broadening in eV.
    temperature
        In K.
    anisotropy
        The gap is gap (1 + anisotropy cos(n theta)).
    enhancement
        eta of the factor 1 + eta / (1 + (E / w)^2) on the density of states.
    enhancement_width
        w in eV.
    """

    gap: float
    broadening: float
    temperature: float
    anisotropy: float = 0.0
    enhancement: float = 0.0
    enhancement_width: float = 3e-3

    def density(self, energy: FloatArray) -> FloatArray:
        """Return the density of states at energies in eV; one far from the Fermi energy."""
        factor = 1.0 + self.enhancement / (1.0 + (energy / self.enhancement_width) ** 2)
        bare = anisotropic_density(energy, self.gap, self.anisotropy, self.broadening)
        return np.asarray(factor * bare)

    def current(self, voltage: FloatArray) -> FloatArray:
        """Return the current times the normal resistance in V at voltages in V; odd."""
        if self.anisotropy == 0.0 and self.enhancement == 0.0:
            flowing = dynes_current(voltage, self.gap, self.broadening, self.temperature)
            return np.asarray(flowing)
        size = np.abs(voltage)
        inside = np.minimum(size, _FAR)
        flowing = _integrated(self)(inside) + (size - inside)
        return np.asarray(np.copysign(flowing, voltage))


@lru_cache(maxsize=TABLES)
def _integrated(spectrum: Spectrum) -> "CubicSpline":
    """Return the integral of dI/dV from 0 V on, as a spline through exact conductances."""
    from scipy.interpolate import CubicSpline  # noqa: PLC0415 (slow, and of no use to a contact)

    least = max(3.0 * spectrum.gap, 5e-4)
    voltage = np.concatenate(
        [np.arange(0.0, least, _FINE), np.geomspace(least, _FAR, 60)],
    )
    curve = conductance(_as_density(spectrum), voltage, spectrum.temperature, 0.0)
    spline: CubicSpline = CubicSpline(voltage, curve, bc_type=("clamped", "natural"))
    return spline.antiderivative()


def _as_density(spectrum: Spectrum) -> Density:
    """Tell where the density is not smooth."""
    gap, spread = spectrum.gap, abs(spectrum.anisotropy)
    function = partial(Spectrum.density, spectrum)
    if gap == 0.0:
        width = spectrum.enhancement_width
        return Density(function, (width,), width / 4.0)
    edges = (gap * (1.0 - spread), gap * (1.0 + spread)) if spread else (gap,)
    finest = max(spectrum.broadening, 1e-6 * gap)
    return Density(function, edges, finest / 4.0, spectrum.broadening)


class TunnelJunction:
    """A tunnel junction at its set-point.

    Parameters
    ----------
    set_point
        Where the tip was stabilised; it is stabilised anew at every place.
    spectrum
        Returns what the tip sees in given surroundings.
    truth
        Numbers that a blind test does not know.
    """

    native: Literal["V(I)", "I(V)"] = "I(V)"
    symmetric = True
    restless = False

    def __init__(
        self,
        set_point: SetPoint,
        spectrum: Callable[[Environment], Spectrum],
        truth: Mapping[str, float],
    ) -> None:
        self.set_point = set_point
        self.spectrum = spectrum
        self._truth = dict(truth)
        self._scale: tuple[Environment, Spectrum, float] | None = None

    def current(self, voltage: FloatArray, source: str, environment: Environment) -> FloatArray:
        """Return the tunnelling current in A at a voltage in V."""
        spectrum, scale = self._at(environment)
        return np.asarray(scale * spectrum.current(np.asarray(voltage, dtype=np.float64)))

    def voltage(
        self, current: FloatArray, terminals: str, source: str, environment: Environment
    ) -> FloatArray:
        """Return the voltage in V at a current in A, by bisection."""
        resistance = self.set_point.voltage / self.set_point.current
        law = partial(self.current, source=source, environment=environment)
        return inverse(law, current, resistance)

    def noise_density(self, terminals: str, environment: Environment) -> float:
        """Return the Johnson noise of the set-point resistance in V/rtHz."""
        resistance = self.set_point.voltage / self.set_point.current
        return float(np.sqrt(4.0 * BOLTZMANN * environment.temperature * resistance))

    def evolve(
        self, seconds: float, environment: Environment, exposures: Mapping[str, Exposure]
    ) -> None:
        """Do nothing: a tunnel junction remembers nothing."""

    def truth(self) -> Mapping[str, float]:
        """Return the numbers that a blind test does not know."""
        return self._truth

    def state(self) -> State:
        """Return nothing."""
        return {}

    def restore(self, state: State) -> None:
        """Take nothing."""

    def _at(self, environment: Environment) -> tuple[Spectrum, float]:
        """Return what the tip sees, and the normal conductance in S that the set-point makes."""
        if self._scale is None or self._scale[0] is not environment:
            spectrum = self.spectrum(environment)
            there = float(spectrum.current(np.array([self.set_point.voltage]))[0])
            self._scale = (environment, spectrum, self.set_point.current / there)
        return self._scale[1], self._scale[2]


def felt_temperature(environment: Environment) -> float:
    """Return the temperature in K, rounded to what no spectrum could tell apart."""
    return float(f"{environment.temperature:.4g}")
