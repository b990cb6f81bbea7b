"""A metal tip pressed on Bi2Se3, needle against anvil: Le et al. (rows L4 and L7).

It is the soft contact with another electrode: a silver tip is written by the same pulses as silver
paint. Gold and copper do nothing up to 10 V. Titanium goes into the crystal as silver does, but no
superconductivity follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from daq.physics.kinetics import THRESHOLD
from daq.samples.soft_contact import SoftContact, SoftContactNumbers


@dataclass(frozen=True, slots=True)
class Metal:
    """What a metal does at the contact.

    Parameters
    ----------
    threshold
        Voltage in V below which it is not moved (a).
    superconducting
        Whether the written contact becomes superconducting.
    """

    threshold: float
    superconducting: bool


METALS: Mapping[str, Metal] = MappingProxyType(
    {
        "Ag": Metal(THRESHOLD, superconducting=True),
        "Au": Metal(12.0, superconducting=False),
        "Cu": Metal(12.0, superconducting=False),
        "Ti": Metal(THRESHOLD, superconducting=False),
    }
)
"""By symbol; that gold and copper are not moved is known up to about 10 V only."""

TIP = SoftContactNumbers(normal_resistance=110.0, maxwell_resistance=22.0)
"""The contact of a needle: that of paint, larger in resistance, so that 105 mA reach 10 V (a)."""


def bi2se3_tip(
    metal: str = "Ag",
    written: float = 0.0,
    axis: float = 0.0,
    numbers: SoftContactNumbers | None = None,
) -> SoftContact:
    """Return the contact of a tip.

    Parameters
    ----------
    metal
        ``Ag``, ``Au``, ``Cu`` or ``Ti``.
    written
        Fraction that is written at the start; 0 is pristine.
    axis
        Of the crystal along which the critical field is largest, in degrees.
    numbers
        Of the contact with silver; `TIP` unless given.

    Returns
    -------
    SoftContact
        Biased with current.

    Raises
    ------
    ValueError
        There is no such metal.
    """
    if metal not in METALS:
        raise ValueError(f"there is no tip of {metal!r}; choose one of {list(METALS)}")
    chosen = METALS[metal]
    numbers = TIP if numbers is None else numbers
    if not chosen.superconducting:
        numbers = replace(numbers, maxwell_resistance=0.0)
    return SoftContact(written, axis, numbers, threshold=chosen.threshold)
