"""The files that the window follows in its benchmark, and the runner beside which it stands."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from daq.campaign.prepared import prepare
from daq.campaign.runner import run_prepared
from daq.physics.andreev import btk_conductance
from daq.runs.header import describe
from instruments.waiting import Event, Record
from procedures.bias_spectrum import BiasSpectrum

HEAD = describe(BiasSpectrum(), {"procedure": "bias_spectrum"})
BLOCK = 10_000
"""Rows after which all columns but the time repeat."""
STEP = 0.35
"""Seconds of the station between two rows."""
NAME = "0001-bias_spectrum.csv"
SPECTRUM_POINTS = 201
SPECTRUM_HEAD = (
    "#Procedure: <procedures.bias_spectrum.BiasSpectrum>\n#Parameters:\n#Metadata:\n"
    "#\tprocedure: bias_spectrum\n#Data:\n"
    "Temperature (K),Field (T),Status,Current (A),dV/dI (ohm),Excitation (A)\n"
)
SEQUENCE = """\
format: 1
title: Points
sample: {{name: contact 1}}
steps:
  - bias_spectrum:
      {{from: -0.1 mA, to: 0.1 mA, points: {points}, excitation_rms: 1 uA, acquisition: single}}
"""


@dataclass
class Growing:
    """A data file that grows.

    Parameters
    ----------
    path
        The file.
    rows
        How many it has.
    """

    path: Path
    rows: int = 0

    def __post_init__(self) -> None:
        self._file = self.path.open("ab", buffering=0)
        self._tails = _tails()

    def add(self, count: int) -> None:
        """Append rows in one write."""
        rows = range(self.rows, self.rows + count)
        self._file.write(
            b"".join(repr(STEP * row).encode() + self._tails[row % BLOCK] for row in rows)
        )
        self.rows += count

    def start(self, rate: int, seconds: float) -> "subprocess.Popen[bytes]":
        """Let another process append rows, one by one."""
        words = [str(self.path), str(self.rows), str(rate), str(seconds)]
        return subprocess.Popen([sys.executable, __file__, *words])  # noqa: S603 (this file)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def campaign(data: Path, rows: int) -> Growing:
    """Make a campaign folder with one run of so many rows that goes on.

    Parameters
    ----------
    data
        The folder of all campaigns.
    rows
        Of the run.

    Returns
    -------
    Growing
        Its data file.
    """
    folder = data / "2026-01-01T000000Z-benchmark"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(HEAD.to_bytes())
    stamp = {"utc": "2026-01-01T00:00:00+00:00", "clock": 0.0}
    begun = {"run": 1, "attempt": 1, "procedure": "bias_spectrum", "file": NAME, "step": 0}
    events = [{"event": "plan", "plan": {"title": "Benchmark"}}, {"event": "run begun", **begun}]
    text = "".join(json.dumps({**stamp, **event}) + "\n" for event in events)
    (folder / "journal.jsonl").write_text(text, encoding="utf-8")
    growing = Growing(folder / NAME)
    while growing.rows < rows:
        growing.add(min(BLOCK, rows - growing.rows))
    return growing


def contact_spectrum(folder: Path) -> Path:
    """Write a spectrum of a contact with a gap, as a run that goes on, and return its file."""
    voltage = np.linspace(-6e-3, 6e-3, 2001)
    conductance = 0.01 * btk_conductance(voltage, 1.5e-3, 1e-4, 0.4, 1.9, 0.0)
    drawn = np.concatenate([[0.0], np.cumsum(conductance[1:]) * np.diff(voltage)])
    drawn -= np.interp(0.0, voltage, drawn)
    current = np.linspace(drawn[0], drawn[-1], SPECTRUM_POINTS)
    noise = 0.05 * np.random.default_rng(0).standard_normal(SPECTRUM_POINTS)
    resistance = np.interp(current, drawn, 1.0 / conductance) + noise
    lines = (
        f"1.9,0.0,0,{i!r},{r!r},1e-06\n"
        for i, r in zip(current.tolist(), resistance.tolist(), strict=True)
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "0001-spectrum.csv"
    path.write_text(SPECTRUM_HEAD + "".join(lines), encoding="utf-8")
    return path


def write_rows(path: Path, first: int, rate: int, seconds: float) -> None:
    """Append rows to a file at a steady rate."""
    growing = Growing(path, first)
    begin = time.perf_counter()
    for count in range(int(rate * seconds)):
        growing.add(1)
        wait = begin + (count + 1) / rate - time.perf_counter()
        if wait > 0.0:
            time.sleep(wait)  # noqa: TID251 (a benchmark by the clock on the wall)
    growing.close()


class Stopwatch:
    """Note when every record comes; a follower of events."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def offer(self, event: Event, rows: int) -> None:
        """Take an event."""
        del rows
        if isinstance(event, Record):
            self.times.append(time.perf_counter())


def run_points(data: Path, out: Path, points: int) -> None:
    """Carry out a spectrum on the twins as fast as they go, and write what a point took, in ms."""
    data.mkdir(parents=True, exist_ok=True)
    sequence = data / "points.yaml"
    sequence.write_text(SEQUENCE.format(points=points), encoding="utf-8")
    watch = Stopwatch()
    prepared = prepare(sequence, "simulated")
    run_prepared(replace(prepared, confirmed_above=True), data, follower=watch)
    out.write_text(json.dumps((1e3 * np.diff(watch.times)).tolist()), encoding="utf-8")


def _tails() -> list[bytes]:
    """Return rows without their time."""
    rng = np.random.default_rng(1)
    others = len(HEAD.columns) - 1
    values = 100.0 + rng.normal(scale=0.05, size=(BLOCK, others))
    values[:, HEAD.columns.index("Status") - 1] = 0.0
    return [("," + ",".join(map(repr, row)) + "\n").encode() for row in values.tolist()]


if __name__ == "__main__":
    given = sys.argv[1:]
    if len(given) == 4:
        write_rows(Path(given[0]), int(given[1]), int(given[2]), float(given[3]))
    else:
        run_points(Path(given[0]), Path(given[1]), int(given[2]))
