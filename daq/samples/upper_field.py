"""The upper critical field of the film against temperature and direction: Yi et al., section Y14.

Near Tc the law of Ginzburg and Landau for a thin film, with the angle as Tinkham has it; at low
temperature one field for all directions; between the two a smooth step (assumed). The law near Tc
must not be used in the cold: its field in the plane would fall below that along the normal.

The same laws stand in `daq.physics.critical_field` for arrays; these are for one number at a time,
as a film asks while the field moves, and the tests hold the two together.
"""

import math
from dataclasses import dataclass

from daq.physics.constants import FLUX_QUANTUM

START, STOP = 0.6, 0.9
"""Reduced temperatures between which the two laws are blended (assumed)."""

HALVINGS = 50


@dataclass(frozen=True, slots=True)
class UpperField:
    """The upper critical field of a film.

    Parameters
    ----------
    coherence_length
        In the plane, at zero temperature, in m.
    thickness
        Of what superconducts, in m.
    low_field
        In T at `low_temperature`, for every direction.
    low_temperature
        Of that, over Tc.
    """

    coherence_length: float
    thickness: float
    low_field: float
    low_temperature: float

    @property
    def perpendicular(self) -> float:
        """Return the field along the normal in T, continued from near Tc to zero temperature."""
        return FLUX_QUANTUM / (2.0 * math.pi * self.coherence_length**2)

    @property
    def parallel(self) -> float:
        """Return the field in the plane in T, continued from near Tc to zero temperature."""
        area = self.coherence_length * self.thickness
        return math.sqrt(12.0) * FLUX_QUANTUM / (2.0 * math.pi * area)

    def field(self, reduced: float, angle: float) -> float:
        """Return the critical field in T.

        Parameters
        ----------
        reduced
            Temperature over Tc, zero or more.
        angle
            Of the field from the normal of the film, in rad.

        Returns
        -------
        float
            Zero from Tc on.
        """
        if reduced >= 1.0:
            return 0.0
        u = min(1.0, max(0.0, (reduced - START) / (STOP - START)))
        weight = u * u * u * (10.0 - 15.0 * u + 6.0 * u * u)
        return (1.0 - weight) * self._cold(reduced) + weight * self._near(1.0 - reduced, angle)

    def reduced_temperature(self, normal: float, in_plane: float) -> float:
        """Return the temperature over Tc at which a field is the critical one.

        Parameters
        ----------
        normal
            Field along the normal in T.
        in_plane
            Field in the plane in T.

        Returns
        -------
        float
            From 1 without a field down to 0 for a field that is critical at no temperature.
        """
        near = 1.0 - abs(normal) / self.perpendicular - (in_plane / self.parallel) ** 2
        if near >= STOP:
            return near
        magnitude, angle = math.hypot(normal, in_plane), math.atan2(in_plane, abs(normal))
        if magnitude >= self.field(0.0, angle):
            return 0.0
        low, high = 0.0, STOP
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if self.field(middle, angle) > magnitude:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)

    def _cold(self, reduced: float) -> float:
        return self.low_field * (1.0 - reduced**2) / (1.0 - self.low_temperature**2)

    def _near(self, short: float, angle: float) -> float:
        """Return Tinkham's field at 1 - T/Tc."""
        s = abs(math.cos(angle)) / (self.perpendicular * short)
        c = (math.sin(angle) / self.parallel) ** 2 / short
        return 2.0 / (s + math.sqrt(s * s + 4.0 * c))
