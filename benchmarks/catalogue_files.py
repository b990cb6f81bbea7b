"""A tree of many small runs, as some years of measuring leave it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from daq.runs.header import describe, footer
from daq.runs.plain import to_document
from procedures.angle_sweep import AngleSweep
from procedures.base import StationProcedure
from procedures.bias_spectrum import BiasSpectrum
from procedures.field_loop import FieldLoop
from procedures.temperature_ramp import TemperatureRamp
from procedures.thermal_cycle import ThermalCycle
from procedures.tunnel_spectrum import TunnelSpectrum

PER_CAMPAIGN = 200
ROWS = 21
"""Of a run; the catalogue looks at the two ends of a file only."""
SAMPLES = ("contact 1", "contact 2", "lead", "flake 7", "film")
OUTCOMES = ("finished",) * 8 + ("aborted", "failed")
BEGIN = datetime(2022, 1, 1, tzinfo=UTC)
KINDS: dict[str, type[StationProcedure]] = {
    "bias_spectrum": BiasSpectrum,
    "field_loop": FieldLoop,
    "temperature_ramp": TemperatureRamp,
    "angle_sweep": AngleSweep,
    "thermal_cycle": ThermalCycle,
    "tunnel_spectrum": TunnelSpectrum,
}


def make_tree(data: Path, runs: int) -> None:
    """Make so many runs of all kinds in campaigns below a folder.

    Parameters
    ----------
    data
        The folder; it is made.
    runs
        How many.
    """
    heads = {name: describe(kind(), {}) for name, kind in KINDS.items()}
    rows = {name: _rows(len(head.columns)) for name, head in heads.items()}
    names = tuple(KINDS)
    for index in range(runs):
        campaign, number = divmod(index, PER_CAMPAIGN)
        moment = BEGIN + timedelta(hours=6 * campaign, minutes=number)
        folder = data / f"{BEGIN + timedelta(hours=6 * campaign):%Y-%m-%dT%H%M%SZ}-night-{campaign}"
        if number == 0:
            folder.mkdir(parents=True)
        name, outcome = names[index % len(names)], OUTCOMES[index % len(OUTCOMES)]
        head, sample = heads[name], SAMPLES[campaign % len(SAMPLES)]
        settings = {**head.settings, "points": 11 + index % 200}
        said = {
            "started": moment.isoformat(),
            "run": str(number + 1),
            "attempt": "1",
            "procedure": name,
            "resume": "continue",
            "station": "simulated",
            "contact": sample,
            "sample": sample,
            "coldpoint": "0.1.0",
            "settings": json.dumps(settings),
        }
        path = folder / f"{number + 1:04d}-{name}.csv"
        begin, end = replace(head, metadata=said).to_bytes(), footer(outcome, ROWS)
        path.write_bytes(begin + rows[name] + end)
        path.with_suffix(".json").write_bytes(_document(said, settings, outcome))


def _document(said: dict[str, str], settings: dict[str, object], outcome: str) -> bytes:
    return to_document(
        {
            "format": 1,
            **said,
            "settings": {name: {"value": value, "unit": "A"} for name, value in settings.items()},
            "snapshot": {
                role: {f"property_{number}": 0.1 * number for number in range(40)}
                for role in ("source", "lockin", "cryostat")
            },
            "versions": {"coldpoint": "0.1.0"},
            "outcome": outcome,
            "error": "the helium is empty" if outcome == "failed" else "",
        }
    )


def _rows(columns: int) -> bytes:
    values = np.random.default_rng(1).normal(size=(ROWS, columns))
    return "".join(",".join(map(repr, row)) + "\n" for row in values.tolist()).encode()
