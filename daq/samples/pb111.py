"""Clean Pb(111) under a tip: Lin et al., figures 3a, 3c and 3d (rows N1, N3, N5 to N7).

The numbers of the paper stand in `LeadNumbers`; what the paper does not give is marked (a). The
quoted gap of 1.3 meV is rounded: the quoted ratio 2 gap / k Tc of 4.39 needs 1.343 meV.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from daq.physics.gap import bcs_gap
from daq.samples.truth import told
from daq.samples.tunnel_junction import SetPoint, Spectrum, TunnelJunction, felt_temperature
from instruments.simulated.sample import Environment


@dataclass(frozen=True, slots=True)
class LeadNumbers:
    """What the paper says of Pb(111), and what it leaves open (a).

    Parameters
    ----------
    zero_gap
        At zero temperature in eV.
    critical_temperature
        In K.
    critical_field
        At zero temperature in T: a step, since lead is of the first kind (a: that of bulk lead).
    broadening
        In eV (a).
    set_point_voltage
        In V.
    set_point_current
        In A.
    """

    zero_gap: float = 1.343e-3
    critical_temperature: float = 7.1
    critical_field: float = 0.0803
    broadening: float = 0.04e-3
    set_point_voltage: float = 10e-3
    set_point_current: float = 1e-9

    def gap(self, environment: Environment, zero_gap: float | None = None) -> float:
        """Return the gap in eV; the field quenches it at once, at Hc(0) (1 - (T/Tc)^2).

        Parameters
        ----------
        environment
            Temperature and field matter.
        zero_gap
            Gap at zero temperature in eV; that of lead if omitted.

        Returns
        -------
        float
            In eV.
        """
        reduced = environment.temperature / self.critical_temperature
        critical = self.critical_field * max(0.0, 1.0 - reduced * reduced)
        if reduced >= 1.0 or environment.field_magnitude >= critical:
            return 0.0
        zero = self.zero_gap if zero_gap is None else zero_gap
        return float(bcs_gap(felt_temperature(environment), self.critical_temperature, zero))

    def set_point(self) -> SetPoint:
        """Return where the tip was stabilised."""
        return SetPoint(self.set_point_voltage, self.set_point_current)


HIDDEN: Mapping[str, str] = MappingProxyType(
    {
        "zero_gap": "gap",
        "critical_temperature": "critical temperature",
        "critical_field": "critical field",
    }
)
"""What a blind test does not know."""


def pb111(numbers: LeadNumbers | None = None) -> TunnelJunction:
    """Return a tip above Pb(111).

    Parameters
    ----------
    numbers
        Of the paper unless given.

    Returns
    -------
    TunnelJunction
        With one isotropic gap.
    """
    known = LeadNumbers() if numbers is None else numbers

    def spectrum(environment: Environment) -> Spectrum:
        return Spectrum(known.gap(environment), known.broadening, felt_temperature(environment))

    return TunnelJunction(known.set_point(), spectrum, told(known, HIDDEN))
