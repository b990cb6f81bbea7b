"""The numbers of the films of Yi et al.: Cr-(Bi,Sb)2Te3 of m QL on FeTe of n unit cells.

What the paper does not give is marked (a).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

THICK, THIN = 8, 20
"""m and n of the film that is named without numbers, (8,20)."""


@dataclass(frozen=True, slots=True)
class HallFilmNumbers:
    """What the paper says of its film, and what it leaves open (a).

    Parameters
    ----------
    onset, zero
        Temperatures in K at which the resistance is 90 % and 1 % of the normal one; of the part
        that superconducts, where `residual` is left.
    vortex_temperature
        T_BKT of the transition in K (a).
    residual
        Fraction of the normal resistance that no superconductivity takes away (a).
    normal_resistance
        Of a square far below the hump in ohm (a).
    hump_height, hump_temperature
        Of the broad maximum of the normal state, as a fraction (a), and in K.
    hopping_resistance, hopping_temperature, hopping_cap
        Of the insulating part that thin films have in series: ohm, K, and the highest in ohm (a).
    coherence_length
        In the plane, at zero temperature, in m.
    thickness
        Of what superconducts, in m.
    low_field
        Upper critical field in T at `low_field_temperature`, the same for every direction.
    low_field_temperature
        In K.
    curie_temperature
        In K.
    coercive_field
        Median of the switching fields at `coercive_temperature` in T.
    coercive_temperature
        In K.
    coercive_exponent
        Of (1 - T/T_C), with which the switching fields fall (a).
    switching_spread
        Standard deviation of the logarithm of the switching fields (a).
    anomalous
        Anomalous Hall resistance at full magnetisation in ohm (a).
    ordinary
        Hall coefficient of the sheet in ohm/T (a).
    shunting
        Power of R_xx/R_n with which the superconductor takes the Hall signal away (a): with less,
        the loop at 12 K would be larger than that at 14 K, and the paper shows it smaller.
    mixing
        Fraction of R_xx in R_yx, from contacts that are not opposite each other (a).
    contact_resistance
        Of each current lead in ohm (a).
    optical
        Peak voltage of the optical channel at full magnetisation in V (a).
    optical_noise
        White noise of that channel in V/rtHz (a).
    """

    onset: float = 12.4
    zero: float = 10.0
    vortex_temperature: float = 9.7
    residual: float = 0.0
    normal_resistance: float = 500.0
    hump_height: float = 0.3
    hump_temperature: float = 60.0
    hopping_resistance: float = 0.0
    hopping_temperature: float = 2000.0
    hopping_cap: float = 4000.0
    coherence_length: float = 2.2e-9
    thickness: float = 10.4e-9
    low_field: float = 44.5
    low_field_temperature: float = 1.5
    curie_temperature: float = 20.0
    coercive_field: float = 0.061
    coercive_temperature: float = 2.2
    coercive_exponent: float = 0.25
    switching_spread: float = 0.11
    anomalous: float = 5.0
    ordinary: float = 1.0
    shunting: float = 3.0
    mixing: float = 0.02
    contact_resistance: float = 50.0
    optical: float = 1e-3
    optical_noise: float = 1e-6


HIDDEN: Mapping[str, str] = MappingProxyType(
    {
        "onset": "critical temperature",
        "zero": "critical temperature",
        "vortex_temperature": "critical temperature",
        "hump_temperature": "hump temperature",
        "coherence_length": "coherence length",
        "thickness": "thickness",
        "low_field": "critical field",
        "curie_temperature": "Curie temperature",
        "coercive_field": "coercive field",
        "anomalous": "anomalous Hall resistance",
        "ordinary": "Hall coefficient",
    }
)
"""What a blind test does not know."""


@dataclass(frozen=True, slots=True)
class _Thickness:
    """What the thickness of the FeTe makes of a film with m = 8."""

    onset: float
    zero: float
    residual: float = 0.0
    hopping: float = 0.0


BY_LAYERS: Mapping[int, tuple[float, float]] = MappingProxyType(
    {
        1: (9.6, 2.9),
        2: (11.4, 7.6),  # (a)
        4: (12.3, 9.9),  # (a); the paper says that it saturates from 4 on
        8: (12.4, 10.0),
        10: (12.4, 10.0),  # (a)
    }
)
"""Onset and zero in K of the films (m,20), by m."""

BY_UNIT_CELLS: Mapping[int, _Thickness] = MappingProxyType(
    {
        6: _Thickness(10.0, 6.0, residual=0.75, hopping=0.45),  # (a), as are all without a zero
        8: _Thickness(10.5, 6.3, residual=0.65, hopping=0.40),
        10: _Thickness(11.0, 6.6, residual=0.55, hopping=0.35),
        12: _Thickness(11.5, 6.9, residual=0.45, hopping=0.30),
        14: _Thickness(11.8, 7.0, residual=0.35, hopping=0.25),
        16: _Thickness(12.0, 1.0, residual=0.15),
        18: _Thickness(12.2, 2.0),
        20: _Thickness(12.4, 10.0),
        30: _Thickness(12.4, 10.8),  # (a), within the 10.0 to 11.4 K of the paper
        38: _Thickness(12.4, 11.1),  # (a), as above
        50: _Thickness(12.4, 11.4),
    }
)
"""Of the films (8,n), by n."""


def film_numbers(m: int = THICK, n: int = THIN) -> HallFilmNumbers:
    """Return the numbers of a film (m,n).

    The paper has the films (m,20) and (8,n); one with neither has both effects (a).

    Parameters
    ----------
    m
        Quintuple layers of Cr-(Bi,Sb)2Te3, a key of `BY_LAYERS`.
    n
        Unit cells of FeTe, a key of `BY_UNIT_CELLS`.

    Returns
    -------
    HallFilmNumbers
        Of this film.

    Raises
    ------
    ValueError
        There is no such film.
    """
    for name, value, known in (("m", m, BY_LAYERS), ("n", n, BY_UNIT_CELLS)):
        if value not in known:
            raise ValueError(f"{name} is {value}: give one of {', '.join(map(str, known))}")
    onset, zero = BY_LAYERS[m]
    best_onset, best_zero = BY_LAYERS[THICK]
    own = BY_UNIT_CELLS[n]
    lowered = onset / best_onset
    zero = own.zero * (zero / best_zero if own.residual == 0.0 else lowered)
    return HallFilmNumbers(
        onset=own.onset * lowered,
        zero=zero,
        vortex_temperature=0.97 * zero,
        residual=own.residual,
        normal_resistance=HallFilmNumbers().normal_resistance * THIN / n,
        hopping_resistance=own.hopping,
    )


def fete_numbers() -> HallFilmNumbers:
    """Return the numbers of bare FeTe of 20 unit cells: a hump, no superconductor, no magnet."""
    return HallFilmNumbers(residual=1.0, anomalous=0.0, optical=0.0, mixing=0.01)
