"""A blind measurement: hidden numbers of the sample, hidden errors of the instruments.

The hidden numbers of the virtual sample are shifted at random. The instruments are the same, and so
are their errors, in two campaigns: first a known resistor stands in place of the sample and a
calibration is fitted to that run, as ``coldpoint calibrate`` does; then the sample is measured on a
station that names the calibration. Only a test may ask the sample for its truth.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from daq.campaign.plan import ProcedureStep
from daq.campaign.prepared import Prepared, prepare
from daq.config.document import Document, Node
from daq.config.problem import Place
from daq.config.sample_options import SEED, SPREAD
from daq.reproduction import blind_tunnel
from daq.reproduction.blind_tunnel import tunnel_step
from daq.reproduction.campaigns import finished
from daq.runs.calibration import PROCEDURE, calibration_of
from daq.runs.files import open_run
from daq.runs.names import run_names
from instruments.errors import ColdpointError

SAMPLE: Place = ("simulated", "sample")
RESISTOR, ITS_ERROR = 100.0, 5e-3
"""The known resistor and how well it is known, in ohm."""
HIGHEST_FREQUENCY = 1131.0
"""Of the calibration in Hz, where the sequence does not go higher."""
MOST_CURRENTS = 20
SPECTRUM = "tunnel_spectrum"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What nobody knows in a blind measurement.

    Parameters
    ----------
    seed
        Decides by how much each hidden number of the sample is shifted.
    spread
        Largest shift, as a fraction.
    calibrated
        Whether the instruments are calibrated on a known resistor first.
    """

    seed: int
    spread: float = 0.15
    calibrated: bool = True


def shifted_sample(document: Document, hidden: Hidden) -> Mapping[Place, Node]:
    """Return what must be written into a station file so that its sample is shifted.

    Parameters
    ----------
    document
        The station file; its sample is a name or a mapping, whose options stay.
    hidden
        By how much, and the seed.

    Returns
    -------
    Mapping
        For `Document.edited`.

    Raises
    ------
    ColdpointError
        The station is not simulated.
    """
    simulated = document.data.get("simulated")
    if not isinstance(simulated, dict):
        raise ColdpointError(f"{document.file}: no part 'simulated'; a blind test needs one")
    sample = simulated["sample"]
    options: dict[str, Node] = dict(sample) if isinstance(sample, dict) else {"name": sample}
    return {SAMPLE: {**options, SPREAD: hidden.spread, SEED: hidden.seed}}


def calibrated(document: Document, prepared: Prepared, folder: Path) -> Path | None:
    """Measure a known resistor with the instruments of a station, and fit a calibration.

    Parameters
    ----------
    document
        The station file, with the seed of the measurement to come.
    prepared
        That measurement: its excitations and frequencies are calibrated.
    folder
        Where campaign, station, sequence and calibration are left.

    Returns
    -------
    Path
        Of the calibration, from the root; None if nothing is measured that needs one.
    """
    name = prepared.station.name
    told = _step(prepared)
    if told is None:
        return None
    ohms, step = told
    station = folder / f"{name}.resistor.yaml"
    resistor: dict[str, Node] = {"name": "resistor", "resistance": f"{ohms:g} ohm"}
    station.write_text(document.edited({SAMPLE: resistor}), encoding="utf-8")
    sequence = folder / f"{name}.calibration.yaml"
    text = f"format: 1\ntitle: calibration\nsteps:\n  - {step}\n"
    sequence.write_text(text, encoding="utf-8")
    campaign = finished(prepare(sequence, station), folder)
    (run,) = run_names(campaign)
    path = (folder / f"{name}.calibration.json").resolve()
    found = calibration_of(open_run(campaign / f"{run.stem}.csv"))
    path.write_text(found.to_json(), encoding="utf-8")
    return path


def _step(prepared: Prepared) -> tuple[float, str] | None:
    """Return the known resistor in ohm, and the step that calibrates with it for a sequence."""
    steps = [one.step for one in prepared.steps if isinstance(one.step, ProcedureStep)]
    amplifier = prepared.station.preamplifier
    if amplifier is None:
        return RESISTOR, _current_step(steps)
    spectra = [step for step in steps if step.name == SPECTRUM]
    if not spectra:
        return None
    return blind_tunnel.RESISTOR, tunnel_step(spectra, amplifier.gain, amplifier.full_scale)


def _current_step(steps: list[ProcedureStep]) -> str:
    """Return the step that calibrates at the excitations and frequencies of other ones."""
    excitations = _values(steps, "excitation_rms") or [1e-6]
    frequencies = _values(steps, "frequency") or [137.0]
    largest = max(excitations)
    settings = {
        "resistance": f"{RESISTOR:g} ohm",
        "resistance_error": f"{ITS_ERROR:g} ohm",
        "excitation_rms": f"{largest:g} A",
        "currents": min(MOST_CURRENTS, max(2, math.ceil(largest / min(excitations) - 1e-9))),
        "frequency": f"{min(frequencies):g} Hz",
        "highest_frequency": f"{max(HIGHEST_FREQUENCY, *frequencies):g} Hz",
        "frequencies": 3,
    }
    told = ", ".join(f"{key}: {value}" for key, value in settings.items())
    return f"{PROCEDURE}: {{{told}}}"


def _values(steps: list[ProcedureStep], setting: str) -> list[float]:
    """Return the values of a setting in all steps that have it, in SI units."""
    return [float(step.settings[setting]) for step in steps if setting in step.settings]
