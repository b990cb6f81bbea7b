"""A line from Pb(111) across the edge onto the Ni-Pb alloy: Lin et al., figure 4 (rows N8, N10).

The scanner stands at x = 0 on the edge, with lead at x < 0. The paper gives two decay lengths for
the same data: 3.55 nm in the text, 2.75 nm in the caption; the first is taken unless one is given.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from daq.samples import nipb
from daq.samples.nipb import AlloyNumbers
from daq.samples.truth import told
from daq.samples.tunnel_junction import Spectrum, TunnelJunction, felt_temperature
from instruments.simulated.sample import Environment


@dataclass(frozen=True, slots=True)
class LineNumbers:
    """What the paper says of the edge, and what it leaves open (a).

    Parameters
    ----------
    decay_length
        In m.
    edge_gap
        Gap of the alloy at the edge at zero temperature in eV; smaller than that of lead, so that
        the gap jumps there (a).
    alloy
        Far from the edge.
    """

    decay_length: float = 3.55e-9
    edge_gap: float = 1.25e-3
    alloy: AlloyNumbers = field(default_factory=AlloyNumbers)


HIDDEN: Mapping[str, str] = MappingProxyType(
    {"decay_length": "decay length", "edge_gap": "alloy gap"}
)
"""What a blind test does not know, besides that of the alloy."""


def nipb_line(numbers: LineNumbers | None = None) -> TunnelJunction:
    """Return a tip that the scanner moves across the edge.

    On the alloy the gap is that far away plus the rest at the edge times exp(-x / decay length);
    anisotropy and density of states grow towards those of the alloy over the same length (a).

    Parameters
    ----------
    numbers
        Of the paper unless given.

    Returns
    -------
    TunnelJunction
        Depends on the position.

    Raises
    ------
    ValueError
        The decay length is not above zero.
    """
    known = LineNumbers() if numbers is None else numbers
    if not known.decay_length > 0.0:
        raise ValueError(f"a decay length of {known.decay_length:g} m is none; give one above 0 m")
    alloy = known.alloy
    lead = alloy.lead

    def spectrum(environment: Environment) -> Spectrum:
        temperature = felt_temperature(environment)
        if environment.position < 0.0:
            return Spectrum(lead.gap(environment), lead.broadening, temperature)
        left = math.exp(-environment.position / known.decay_length)
        zero_gap = alloy.zero_gap + (known.edge_gap - alloy.zero_gap) * left
        return Spectrum(
            lead.gap(environment, zero_gap),
            alloy.broadening,
            temperature,
            alloy.anisotropy * (1.0 - left),
            alloy.enhancement * (1.0 - left),
            alloy.enhancement_width,
        )

    truth = {**told(alloy, nipb.HIDDEN), **told(known, HIDDEN), "lead_gap": lead.zero_gap}
    return TunnelJunction(lead.set_point(), spectrum, truth)
