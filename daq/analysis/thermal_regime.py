"""Tell a contact in the thermal regime, whose conductance says nothing of a gap.

Where the superconductor beside a contact goes normal at a critical current, dV/dI has a spike: a
dip of the conductance beside the peak at zero bias. Below it the Maxwell resistance is missing, and
the conductance may exceed twice the normal one, the most that Andreev reflection gives (Sheet et
al. 2004).
"""

from dataclasses import dataclass

from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.zero_bias_peak import zero_bias_peak

MOST = 2.0
"""Conductance at zero bias over the normal one, by Andreev reflection."""
SIGNIFICANT = 3.0
DEEP = 0.01
"""Depth that a dip must have beside its significance: backgrounds are not better than that."""


@dataclass(frozen=True, slots=True)
class ThermalRegime:
    """A warning: the contact is not ballistic, so no gap is quoted.

    Parameters
    ----------
    reasons
        What shows it, in words.
    zero_bias
        Conductance at zero bias over the background.
    dips
        Voltages of the dips in V.
    """

    reasons: tuple[str, ...]
    zero_bias: Estimate
    dips: tuple[float, ...]

    def __str__(self) -> str:
        return f"the contact is in the thermal regime ({'; '.join(self.reasons)})"

    @property
    def no_gap(self) -> NoResult:
        """Return why no gap is quoted."""
        return NoResult(f"{self}: a peak without Andreev reflection; no gap is quoted")


def thermal_regime(voltage: FloatArray, conductance: FloatArray) -> ThermalRegime | None:
    """Look for dips beside the peak at zero bias, and for a conductance above two.

    Parameters
    ----------
    voltage
        Bias voltage in V, shape (n,).
    conductance
        dI/dV in S, shape (n,).

    Returns
    -------
    ThermalRegime or None
        None where the spectrum shows neither; that alone makes no contact ballistic.
    """
    peak = zero_bias_peak(voltage, conductance)
    if isinstance(peak, NoResult) or not peak.found:
        return None
    height = peak.height
    zero = Estimate(1.0 + height.value, height.error, "G/G_background at zero bias")
    reasons = []
    if zero.value - SIGNIFICANT * zero.error > MOST:
        reasons.append(f"G/G_N = {zero.value:.2f} at zero bias, above {MOST:g}")
    dips = tuple(
        dip.voltage for dip in peak.dips if dip.depth.value - SIGNIFICANT * dip.depth.error > DEEP
    )
    if dips:
        reasons.append("dips at " + ", ".join(f"{1e3 * v:.3g} mV" for v in dips))
    return ThermalRegime(tuple(reasons), zero, dips) if reasons else None
