"""``coldpoint demo``: the main job on the simulated station, with a picture at the end."""

import json
from pathlib import Path

import typer

from daq.analysis.result import NoResult
from daq.analysis.spectrum import Spectrum, spectrum
from daq.analysis.zero_bias_peak import ZeroBiasPeak, zero_bias_peak
from daq.app.options import AS_JSON, DATA
from daq.app.pictures import Curve, draw
from daq.app.progress import CampaignProgress
from daq.app.run_command import interruptible, summary
from daq.campaign.conductor import CampaignOutcome
from daq.campaign.runner import prepare, run_prepared
from daq.runs.files import open_run
from instruments.errors import ColdpointError

SEQUENCE = "first_spectrum"
PICTURE = "spectra.png"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(data: Path = DATA, *, as_json: bool = AS_JSON) -> None:
    """Take dV/dI of a simulated point contact before and after a voltage pulse, and draw both.

    Example: coldpoint demo
    """
    prepared = prepare(SEQUENCE, "simulated")
    progress = CampaignProgress(len(prepared.steps))
    with interruptible() as stop, progress:
        outcome = run_prepared(
            prepared, data, stop=stop, follower=progress, announce=progress.announce
        )
    if outcome.status != "finished":
        raise ColdpointError(f"demo: {outcome.status}: {outcome.error} ({outcome.folder})")
    picture = _picture(outcome)
    if as_json:
        typer.echo(json.dumps({**summary(outcome), "picture": str(picture)}))
    else:
        _tell(outcome, picture)


def _spectra(outcome: CampaignOutcome) -> list[Spectrum]:
    return [
        spectrum(open_run(run.csv).data) for run in outcome.runs if run.procedure == "bias_spectrum"
    ]


def _peak(measured: Spectrum) -> ZeroBiasPeak:
    peak = zero_bias_peak(measured.voltage, measured.conductance)
    if isinstance(peak, NoResult):
        raise ColdpointError(f"demo: {peak}")
    return peak


def _picture(outcome: CampaignOutcome) -> Path:
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


def _tell(outcome: CampaignOutcome, picture: Path) -> None:
    before, after = (_peak(measured) for measured in _spectra(outcome))
    typer.echo("SIMULATED station: no instrument was touched.")
    typer.echo(f"before the pulse: {_in_words(before)}")
    typer.echo(f"after 6 V, 5 ms:  {_in_words(after)}")
    typer.echo(f"picture: {picture}")
    typer.echo(f"data:    {outcome.folder}")
    typer.echo("next:    coldpoint runs                     what has been measured")
    typer.echo(f"         coldpoint show {outcome.runs[-1].csv}")
    typer.echo("         coldpoint check zero_bias_peak_in_field")
    typer.echo("         coldpoint simulate simulated       the twins on TCP, for any VISA client")


def _in_words(peak: ZeroBiasPeak) -> str:
    height = f"{100.0 * peak.height.value:+.2f} +- {100.0 * peak.height.error:.2f} % at zero bias"
    if not peak.found:
        return f"no zero-bias peak ({height})"
    dips = ", ".join(f"{1e3 * dip.voltage:+.2f} mV" for dip in peak.dips) or "none"
    return (
        f"a zero-bias peak of {height}, {peak.height.significance:.0f} sigma,"
        f" {1e3 * peak.width:.2f} mV wide; dips at {dips}"
    )
