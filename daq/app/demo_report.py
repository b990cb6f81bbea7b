"""What the demo saw: two spectra, their peaks, and a picture of both."""

from pathlib import Path

from daq.analysis.result import NoResult
from daq.analysis.spectrum import Spectrum, spectrum
from daq.analysis.zero_bias_peak import ZeroBiasPeak, zero_bias_peak
from daq.app.pictures import Curve, draw
from daq.campaign.outcome import CampaignOutcome
from daq.runs.files import open_run
from instruments.errors import ColdpointError

PICTURE = "spectra.png"


def _spectra(outcome: CampaignOutcome) -> list[Spectrum]:
    return [
        spectrum(open_run(run.csv).data) for run in outcome.runs if run.procedure == "bias_spectrum"
    ]


def _peak(measured: Spectrum) -> ZeroBiasPeak:
    peak = zero_bias_peak(measured.voltage, measured.conductance)
    if isinstance(peak, NoResult):
        raise ColdpointError(f"demo: {peak}")
    return peak


def picture(outcome: CampaignOutcome) -> Path:
    """Draw the spectra before and after the pulse as G/G_N against bias voltage.

    Parameters
    ----------
    outcome
        Of the campaign.

    Returns
    -------
    Path
        The PNG file, in the campaign folder.
    """
    spectra = _spectra(outcome)
    labels = ("before the pulse", "after 6 V, 5 ms")
    curves = []
    for measured, label in zip(spectra, labels, strict=True):
        peak = _peak(measured)
        curves.append(
            Curve(1e3 * measured.voltage, measured.conductance / peak.normal_conductance, label)
        )
    return draw(
        outcome.folder / PICTURE,
        curves,
        title="Ag-Bi$_2$Se$_3$ point contact (simulated)",
        x_label="Bias voltage (mV)",
        y_label=r"$G/G_N$",
        note=f"{spectra[0].temperature:.2f} K, {abs(spectra[0].field):.2f} T",
    )


def report(outcome: CampaignOutcome, drawn: Path) -> list[str]:
    """Return what was seen, and what to try next, line by line.

    Parameters
    ----------
    outcome
        Of the campaign.
    drawn
        The picture.

    Returns
    -------
    list of str
        For a terminal.
    """
    before, after = (_peak(measured) for measured in _spectra(outcome))
    return [
        "SIMULATED station: no instrument was touched.",
        f"before the pulse: {_in_words(before)}",
        f"after 6 V, 5 ms:  {_in_words(after)}",
        f"picture: {drawn}",
        f"data:    {outcome.folder}",
        "next:    coldpoint runs                     what has been measured",
        f"         coldpoint show {outcome.runs[-1].csv}",
        "         coldpoint check zero_bias_peak_in_field",
        "         coldpoint simulate simulated       the twins on TCP, for any VISA client",
    ]


def _in_words(peak: ZeroBiasPeak) -> str:
    height = f"{100.0 * peak.height.value:+.2f} +- {100.0 * peak.height.error:.2f} % at zero bias"
    if not peak.found:
        return f"no zero-bias peak ({height})"
    dips = ", ".join(f"{1e3 * dip.voltage:+.2f} mV" for dip in peak.dips) or "none"
    return (
        f"a zero-bias peak of {height}, {peak.height.significance:.0f} sigma,"
        f" {1e3 * peak.width:.2f} mV wide; dips at {dips}"
    )
