"""Under what conditions a station stands, and when they count as equal to earlier ones."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from daq.campaign.plan import UNITS
from instruments.station import Station

NEAR: Mapping[str, tuple[float, float]] = {
    "temperature": (0.02, 0.01),
    "field": (0.002, 0.001),
    "angle": (0.5, 0.0),
}
"""By how much conditions that count as equal may differ: absolute in K, T, degrees, and relative.

About what settling leaves (assumed: a contact whose resistance changes faster needs a tighter one).
"""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where a station stands.

    Parameters
    ----------
    temperature
        In K; None without a cryostat.
    field
        In T; None without a cryostat.
    angle
        In degrees; None without a rotator.
    contact
        That is wired.
    """

    temperature: float | None = None
    field: float | None = None
    angle: float | None = None
    contact: str = ""

    @classmethod
    def of(cls, station: Station) -> "Conditions":
        """Return where a station stands, as the cryostat was read last."""
        if station.cryostat is None:
            return cls(contact=station.contact)
        reading = station.cryostat.reading
        angle = float(reading.angle)
        known = angle if math.isfinite(angle) else None
        return cls(float(reading.temperature), float(reading.field), known, station.contact)

    def differences(self, first: "Conditions") -> list[str]:
        """Return in words what is not as it was first; empty if all of it is."""
        found = []
        for name in NEAR:
            now, then = getattr(self, name), getattr(first, name)
            if now is not None and then is not None and not near(name, now, then):
                unit = UNITS[name]
                found.append(f"{name} {now:.4g} {unit} instead of {then:.4g} {unit}")
        if self.contact != first.contact:
            found.append(f"contact {self.contact!r} instead of {first.contact!r}")
        return found


def near(name: str, one: float, other: float) -> bool:
    """Tell whether two values of a condition count as equal."""
    absolute, relative = NEAR[name]
    return abs(one - other) <= absolute + relative * abs(other)
