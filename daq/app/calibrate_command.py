"""``coldpoint calibrate``: a run of the procedure calibrate as a file that a station names."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.options import AS_JSON
from instruments.errors import StorageError

if TYPE_CHECKING:
    from instruments.calibration import Calibration, Measured
    from instruments.tunnel_calibration import TunnelCalibration

RUN: Any = typer.Argument(..., help="A CSV of a run of calibrate or calibrate_tunnel.")
OUTPUT: Any = typer.Option(None, "--output", "-o", help="The file; beside the run if omitted.")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("calibrate")(calibrate)


def calibrate(run: Path = RUN, output: Path | None = OUTPUT, *, as_json: bool = AS_JSON) -> None:
    """Make a calibration of a run on a known resistor, for the key calibration of a station file.

    Every value is printed with one standard error. Nothing is overwritten.

    Example: coldpoint calibrate coldpoint-data/.../0001-calibrate.csv -o bench.calibration.json
    """
    from daq.runs.calibration import calibration_of  # noqa: PLC0415 (paid for when it is used)
    from daq.runs.files import open_run  # noqa: PLC0415 (the same)

    opened = open_run(run)
    found = calibration_of(opened)
    path = opened.path.with_suffix(".calibration.json") if output is None else output
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(found.to_json())
    except FileExistsError:
        raise StorageError(f"{path} exists already; remove it or give another --output") from None
    except OSError as problem:
        raise StorageError(
            f"{path} cannot be written ({problem.strerror}); give another --output"
        ) from None
    whole = str(path.resolve())
    if as_json:
        typer.echo(json.dumps({"file": whole, "calibration": found.summary()}))
        return
    left_out = int(opened.bad.sum())
    if left_out:
        typer.echo(f"{left_out} rows marked bad are left out")
    for line in _lines(found):
        typer.echo(line)
    typer.echo(f"{path}: written; name it in the station file with")
    typer.echo(f"calibration: {json.dumps(whole, ensure_ascii=False)}")


def _lines(found: "Calibration | TunnelCalibration") -> list[str]:
    """Return what was found, a line each, with one standard error."""
    from instruments.calibration import Calibration  # noqa: PLC0415 (paid for when it is used)

    if isinstance(found, Calibration):
        return _lines_of_current(found)
    listed = [
        ("voltage at the sample over what is told", found.bias_scale, ""),
        ("voltage at the sample with the converter at 0 V", found.bias_offset, " V"),
        ("modulation over what is told", found.modulation_scale, ""),
        ("gain of the preamplifier over what is told", found.current_scale, ""),
        ("dI/dV as read over the true one", found.conductance_scale, ""),
    ]
    where = f"{found.contact or 'an unnamed contact'}, at {found.frequency:g} Hz"
    return [
        f"measured {found.date} on {where}",
        *(f"{name}: {_shown(value)}{unit}" for name, value, unit in listed),
        "divider and gain are told apart by their specifications alone: every voltage, and so"
        f" every gap, has an error of {100.0 * found.scale_error:.2g} %",
    ]


def _lines_of_current(found: "Calibration") -> list[str]:
    apart = "" if found.separated else " (not told apart: it was measured without the source)"
    listed = [
        ("ac factor", found.ac_factor, ""),
        (f"gain{apart}", found.gain, ""),
        (f"series resistance{apart}", found.series_resistance, " ohm"),
        ("phase at 0 Hz", found.phase, " deg"),
        ("phase slope", found.phase_slope, " deg/Hz"),
    ]
    lines = [f"measured {found.date} on {found.contact or 'an unnamed contact'}, from"]
    lines[0] += f" {found.lowest_frequency:g} to {found.highest_frequency:g} Hz"
    lines += [f"{name}: {_shown(value)}{unit}" for name, value, unit in listed]
    for one in found.ranges:
        lines.append(
            f"range {one.sensitivity:g} V: gain {_shown(one.gain)}, offset X"
            f" {_shown(one.x_offset)} V, Y {_shown(one.y_offset)} V"
        )
    return lines


def _shown(value: "Measured") -> str:
    return f"{value.value:.7g} +- {value.error:.2g}"
