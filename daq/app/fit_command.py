"""``coldpoint fit``: what the file of a run says, with errors, or why it says nothing."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from daq.app.options import AS_JSON
from instruments.errors import ConfigurationError

if TYPE_CHECKING:
    from daq.app.fit_answer import Answer
    from daq.runs.files import Run

NO_RESULT = 1
RUN: Any = typer.Argument(..., help="A CSV of a run.")
MODEL: Any = typer.Option(
    ...,
    "--model",
    "-m",
    help="dynes, anisotropic, d-wave (each also with -enhanced), two-gap, two-gap-own, btk,"
    " btk-2d: spectra;"
    " transition; hall; angle.",
)
TEMPERATURE: Any = typer.Option(
    None, "--temperature", help='Of the sample, such as "1.9 K"; from the file if omitted.'
)
SERIES: Any = typer.Option(
    "0 ohm", "--series-resistance", help="Of leads and crystal, for dV/dI at a current bias."
)
BENT: Any = typer.Option(
    False,  # noqa: FBT003 (typer takes the default first)
    "--curvature",
    help="Let the normal conductance be bent, not sloped only (voltage bias).",
)
PICTURE: Any = typer.Option(
    None, "--picture", help="A PNG of data, fit and residuals; nothing is overwritten."
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fit")(fit)


def fit(
    run: Path = RUN,
    model: str = MODEL,
    temperature: str | None = TEMPERATURE,
    series_resistance: str = SERIES,
    picture: Path | None = PICTURE,
    *,
    curvature: bool = BENT,
    as_json: bool = AS_JSON,
) -> None:
    """Fit a model to a run, from its file alone; exit code 1 if there is no result.

    Example: coldpoint fit coldpoint-data/.../0003-bias_spectrum.csv --model btk --picture fit.png
    """
    from daq.app.fit_models import MODELS, Asked  # noqa: PLC0415 (paid for when it is used)
    from daq.app.run_fit import fit_opened  # noqa: PLC0415 (the same)
    from daq.runs.files import open_run  # noqa: PLC0415 (the same)

    if model not in MODELS:
        raise ConfigurationError(
            f"fit: the model {model!r} is not known; choose one of {', '.join(MODELS)}"
        )
    if picture is not None and picture.exists():
        raise ConfigurationError(f"fit: {picture} exists already; remove it or give another name")
    asked = Asked(
        None if temperature is None else _quantity(temperature, "K", "--temperature"),
        _quantity(series_resistance, "ohm", "--series-resistance"),
        curvature,
    )
    opened = open_run(run)
    answer = fit_opened(opened, model, asked)
    _tell(answer, opened, as_json=as_json)
    if picture is not None:
        _draw(answer, opened, picture, quiet=as_json)
    if not answer.found:
        raise typer.Exit(NO_RESULT)


def _quantity(text: str, unit: str, option: str) -> float:
    from daq.config.quantity import parse_quantity  # noqa: PLC0415 (paid for when it is used)

    try:
        value = parse_quantity(text, unit)
    except ValueError as refused:
        raise ConfigurationError(f"fit: {option}: {refused}") from None
    if not value >= 0.0:
        raise ConfigurationError(f"fit: {option} is {text}: give zero or more")
    return value


def _tell(answer: "Answer", run: "Run", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer.document(str(run.path))))
    else:
        typer.echo("\n".join(answer.lines()))
    for warning in answer.warnings:
        typer.echo(f"warning: {warning}", err=True)


def _draw(answer: "Answer", run: "Run", picture: Path, *, quiet: bool) -> None:
    from daq.app.fit_picture import draw_fit  # noqa: PLC0415 (paid for when it is used)

    if answer.layer is None:
        return
    note = "; ".join((run.path.name, *answer.notes[:1]))
    if answer.reason:
        note = f"no result, because {answer.reason}"
    draw_fit(picture, answer.layer, answer.title, note[:160])
    if not quiet:
        typer.echo(f"picture: {picture}")
