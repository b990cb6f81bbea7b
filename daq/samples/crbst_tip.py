"""Cr-doped (Bi,Sb)2Te3 on FeTe under a tip: Yi et al., figure 4 (rows Y8 and Y9).

The numbers of the paper stand in `FilmTipNumbers`; what the paper does not give is marked (a). The
gap falls with the thickness m of the magnetic film and closes at 6.5 K for m = 8, well below the
transition of the resistance: the two are not tied together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from daq.physics.constants import BOLTZMANN, WEAK_COUPLING
from daq.physics.gap import bcs_gap
from daq.samples.truth import told
from daq.samples.tunnel_junction import SetPoint, Spectrum, TunnelJunction, felt_temperature
from instruments.simulated.sample import Environment

LAYERS = range(1, 11)
"""Thicknesses in quintuple layers for which the paper sees a gap."""


@dataclass(frozen=True, slots=True)
class FilmTipNumbers:
    """What the paper says of the gap, and what it leaves open (a).

    Parameters
    ----------
    closing_temperature
        At which the gap of a film of `closing_layers` is gone, in K.
    closing_layers
        Its thickness m in quintuple layers.
    decay_layers
        m0: gap and closing temperature fall as exp(-(m - 1) / m0) (a).
    broadening
        In eV (a).
    set_point_voltage
        In V.
    set_point_current
        In A.
    """

    closing_temperature: float = 6.5
    closing_layers: int = 8
    decay_layers: float = 14.0
    broadening: float = 0.05e-3
    set_point_voltage: float = 10e-3
    set_point_current: float = 300e-12

    def closing_at(self, layers: int) -> float:
        """Return the temperature in K at which the gap of a film of m quintuple layers closes."""
        beyond = layers - self.closing_layers
        return self.closing_temperature * math.exp(-beyond / self.decay_layers)

    def zero_gap(self, layers: int) -> float:
        """Return the gap at zero temperature in eV, that of weak coupling (a)."""
        return WEAK_COUPLING * BOLTZMANN * self.closing_at(layers)

    def spectrum(self, environment: Environment, layers: int) -> Spectrum:
        """Return what a tip sees above a film of m quintuple layers; 0 is bare FeTe, without a gap.

        Parameters
        ----------
        environment
            The temperature matters.
        layers
            m.

        Returns
        -------
        Spectrum
            With one isotropic gap.
        """
        temperature = felt_temperature(environment)
        gap = 0.0
        if layers:
            gap = float(bcs_gap(temperature, self.closing_at(layers), self.zero_gap(layers)))
        return Spectrum(gap, self.broadening, temperature)

    def set_point(self) -> SetPoint:
        """Return where the tip was stabilised."""
        return SetPoint(self.set_point_voltage, self.set_point_current)


HIDDEN: Mapping[str, str] = MappingProxyType({"closing_temperature": "critical temperature"})
"""What a blind test does not know; the gaps follow from it."""


def crbst_tip(layers: int = 8, numbers: FilmTipNumbers | None = None) -> TunnelJunction:
    """Return a tip above a film on 38 unit cells of FeTe.

    Parameters
    ----------
    layers
        Thickness m in quintuple layers, 1 to 10.
    numbers
        Of the paper unless given.

    Returns
    -------
    TunnelJunction
        With one isotropic gap.

    Raises
    ------
    ValueError
        The paper has no such film.
    """
    if layers not in LAYERS:
        raise ValueError(f"there is no film of m = {layers}; choose 1 to {LAYERS[-1]}")
    known = FilmTipNumbers() if numbers is None else numbers
    truth = {**told(known, HIDDEN), "gap": known.zero_gap(layers), "Tc": known.closing_at(layers)}
    return TunnelJunction(known.set_point(), lambda at: known.spectrum(at, layers), truth)
