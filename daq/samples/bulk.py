"""A bar of bulk Bi2Se3: Le et al., the four-probe resistivity of the crystal itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from daq.samples.flake import Flake, FlakeNumbers


@dataclass(frozen=True, slots=True)
class BarNumbers:
    """What the paper says of its bar, and what it leaves open (a).

    Parameters
    ----------
    length, width, thickness
        Between the voltage probes, and of the cross section, in m.
    resistivity
        Saturated, below 40 K, in ohm m (a).
    activated
        Resistivity far above its gap of what is activated, over the saturated one (a).
    gap
        In eV (a).
    """

    length: float = 1073e-6
    width: float = 591e-6
    thickness: float = 6.3e-6
    resistivity: float = 1.0e-5
    activated: float = 3.0
    gap: float = 0.04

    @property
    def factor(self) -> float:
        """Return resistance over resistivity in 1/m."""
        return self.length / (self.width * self.thickness)


HIDDEN: Mapping[str, str] = MappingProxyType({"resistivity": "resistivity"})
"""What a blind test does not know."""


def bulk(numbers: BarNumbers | None = None) -> Flake:
    """Return a bar that has no superconducting part to be written.

    Parameters
    ----------
    numbers
        Of the paper.

    Returns
    -------
    Flake
        Four-wire, with the lag of a sample on its block.
    """
    bar = BarNumbers() if numbers is None else numbers
    saturated = bar.resistivity * bar.factor
    return Flake(
        numbers=FlakeNumbers(
            drop=0.0,
            surface_resistance=saturated,
            bulk_resistance=bar.activated * saturated,
            bulk_gap=bar.gap,
        )
    )
