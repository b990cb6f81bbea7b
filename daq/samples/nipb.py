"""The Ni-Pb surface alloy on Pb(111) under a tip: Lin et al., figure 3 (rows N2 to N7, N10, N11).

The numbers of the paper stand in `AlloyNumbers`; what the paper does not give is marked (a). The
quoted gap of 1.0 meV is rounded: the quoted ratio 2 gap / k Tc of 3.37 needs 1.031 meV. The alloy
has the critical temperature and the critical field of the lead under it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from daq.samples import pb111
from daq.samples.pb111 import LeadNumbers
from daq.samples.truth import told
from daq.samples.tunnel_junction import Spectrum, TunnelJunction, felt_temperature
from instruments.simulated.sample import Environment

SITES: Mapping[str, float] = MappingProxyType({"bridge": 1.0, "top": 1.002, "vacancy": 0.998})
"""Gap at each atomic site over that at the bridge (a): the paper sees no difference."""


@dataclass(frozen=True, slots=True)
class AlloyNumbers:
    """What the paper says of the alloy, and what it leaves open (a).

    Parameters
    ----------
    zero_gap
        Mean gap at zero temperature in eV.
    anisotropy
        The gap is gap (1 + anisotropy cos(n theta)) (a).
    enhancement
        eta of the density of states (1 + eta / (1 + (E / w)^2)): with it the coherence peak stands
        0.04 higher above the background than on lead, in (peak - background) / (peak + background),
        at a modulation of 0.1 mV peak (a).
    enhancement_width
        w in eV (a).
    broadening
        In eV (a).
    lead
        What lies below.
    """

    zero_gap: float = 1.031e-3
    anisotropy: float = 0.2
    enhancement: float = 0.916
    enhancement_width: float = 3e-3
    broadening: float = 0.04e-3
    lead: LeadNumbers = field(default_factory=LeadNumbers)


HIDDEN: Mapping[str, str] = MappingProxyType({"zero_gap": "alloy gap"})
"""What a blind test does not know, besides that of the lead."""


def nipb(site: str = "bridge", numbers: AlloyNumbers | None = None) -> TunnelJunction:
    """Return a tip above the alloy.

    Parameters
    ----------
    site
        ``bridge``, ``top`` or ``vacancy``.
    numbers
        Of the paper unless given.

    Returns
    -------
    TunnelJunction
        With one anisotropic gap.

    Raises
    ------
    ValueError
        There is no such site.
    """
    if site not in SITES:
        raise ValueError(f"there is no site {site!r} on the alloy; choose one of {list(SITES)}")
    known = AlloyNumbers() if numbers is None else numbers
    zero_gap = known.zero_gap * SITES[site]

    def spectrum(environment: Environment) -> Spectrum:
        return Spectrum(
            known.lead.gap(environment, zero_gap),
            known.broadening,
            felt_temperature(environment),
            known.anisotropy,
            known.enhancement,
            known.enhancement_width,
        )

    truth = {**told(known.lead, pb111.HIDDEN), **told(known, HIDDEN)}
    return TunnelJunction(known.lead.set_point(), spectrum, truth)
