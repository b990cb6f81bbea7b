"""A line from bare FeTe across the edge onto one quintuple layer: Yi et al. (row Y10).

The scanner stands at x = 0 on the edge, with bare FeTe at x < 0, where there is no gap; on the
layer the gap is the same everywhere.
"""

from daq.samples.crbst_tip import HIDDEN, FilmTipNumbers
from daq.samples.truth import told
from daq.samples.tunnel_junction import Spectrum, TunnelJunction
from instruments.simulated.sample import Environment


def fete_line(numbers: FilmTipNumbers | None = None) -> TunnelJunction:
    """Return a tip that the scanner moves across the edge.

    Parameters
    ----------
    numbers
        Of the paper unless given.

    Returns
    -------
    TunnelJunction
        Depends on the position.
    """
    known = FilmTipNumbers() if numbers is None else numbers

    def spectrum(environment: Environment) -> Spectrum:
        return known.spectrum(environment, 1 if environment.position >= 0.0 else 0)

    truth = {**told(known, HIDDEN), "gap": known.zero_gap(1)}
    return TunnelJunction(known.set_point(), spectrum, truth)
