"""The calibration step of a blind measurement on a tunnelling station."""

from collections.abc import Sequence

from daq.campaign.plan import ProcedureStep
from daq.runs.calibration import TUNNEL_PROCEDURE

RESISTOR, ITS_ERROR = 100e3, 10.0
"""The known resistor and how well it is known, in ohm."""
MODULATION = 200e-6
"""Rms in V: more than of a spectrum, since a resistor has no structure."""
FULL = 0.85
"""Of the full scale of the preamplifier that dc plus peak ac takes at most."""


def tunnel_step(steps: Sequence[ProcedureStep], gain: float, full_scale: float) -> str:
    """Return the step that calibrates at the voltages and the frequency of other steps.

    Parameters
    ----------
    steps
        Of the sequence to come.
    gain
        Of the preamplifier in V/A.
    full_scale
        Of its output in V.

    Returns
    -------
    str
        As a sequence file has it.
    """
    ends = [abs(float(one.settings[key])) for one in steps for key in ("start", "stop")]
    reach = FULL * full_scale * RESISTOR / gain - 2.0**0.5 * MODULATION
    settings = {
        "resistance": f"{RESISTOR:g} ohm",
        "resistance_error": f"{ITS_ERROR:g} ohm",
        "largest": f"{min(reach, max(ends)):g} V",
        "modulation_rms": f"{MODULATION:g} V",
        "frequency": f"{float(steps[0].settings['frequency']):g} Hz",
    }
    told = ", ".join(f"{key}: {value}" for key, value in settings.items())
    return f"{TUNNEL_PROCEDURE}: {{{told}}}"
