"""The models of ``coldpoint fit``: from the rows of a run to an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from daq.analysis.fit_result import Fit, FittedParameter
from daq.analysis.hall import HallLoop, hall_loop
from daq.analysis.measured_spectrum import MeasuredSpectrum, fit_measured, measured_spectrum
from daq.analysis.result import Estimate, NoResult
from daq.analysis.shape import MEV
from daq.analysis.shapes import SHAPES
from daq.analysis.transition import Transition, resistive_transition
from daq.analysis.transition_fit import FilmTransition, film_transition
from daq.analysis.two_gap_shapes import RATIO, second_gap
from daq.app.fit_angle import RESISTANCE, angle_answer
from daq.app.fit_answer import Answer, Layer, Quantity, columns

FIELD = "Field (T)"
UNITS = MappingProxyType({"eV": ("meV", MEV), "V": ("mV", 1e-3)})
"""As they are shown: name and size of the unit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says beside the run and the model.

    Parameters
    ----------
    temperature
        In K; that of the file if None.
    series_resistance
        In ohm.
    curvature
        Whether the normal conductance may be bent.
    scale_error
        Relative one sigma that a calibration left in all voltages of the run.
    """

    temperature: float | None = None
    series_resistance: float = 0.0
    curvature: bool = False
    scale_error: float = 0.0


Model = Callable[[pd.DataFrame, Asked], Answer]


def _spectrum_model(shape: str) -> Model:
    def model(data: pd.DataFrame, asked: Asked) -> Answer:
        measured = measured_spectrum(data, asked.scale_error)
        found = _fitted(measured, shape, asked)
        title = f"{shape}: {SHAPES[shape].words}"
        notes = _spectrum_notes(measured, asked)
        if isinstance(found, NoResult):
            layer = _layer(measured, None)
            return Answer(shape, title, reason=found.reason, notes=notes, layer=layer)
        shown = {
            name: _shown(measured.with_scale(parameter) if parameter.unit == "eV" else parameter)
            for name, parameter in found.parameters.items()
            if parameter.state != "given"
        }
        if RATIO in found.parameters:
            smaller = found.derived(second_gap, "the smaller gap: gap ratio times the larger one")
            second = measured.with_scale(smaller)
            unit, size = UNITS["eV"]
            scaled = replace(second, value=second.value / size, error=second.error / size)
            shown["second gap"] = (scaled, unit)
        return Answer(
            shape,
            title,
            shown,
            statistics=_statistics(found) | _beside_simpler(measured, shape, found, asked),
            notes=notes,
            warnings=_fit_warnings(found),
            layer=_layer(measured, found),
        )

    return model


def _fitted(measured: MeasuredSpectrum, shape: str, asked: Asked) -> Fit | NoResult:
    return fit_measured(
        measured,
        shape,
        temperature=asked.temperature,
        series_resistance=asked.series_resistance,
        curvature=asked.curvature,
    )


def _beside_simpler(
    measured: MeasuredSpectrum, shape: str, found: Fit, asked: Asked
) -> dict[str, float | str]:
    """Return by how much the criteria are higher for the simpler model, if it has one."""
    name = SHAPES[shape].simpler
    simple = _fitted(measured, name, asked) if name else NoResult("there is none")
    if not isinstance(simple, Fit):
        return {}
    return {
        f"AIC of {name}, above this": simple.aic - found.aic,
        f"BIC of {name}, above this": simple.bic - found.bic,
    }


def _shown(parameter: FittedParameter) -> Quantity:
    unit, size = UNITS.get(parameter.unit, (parameter.unit, 1.0))
    value = replace(parameter, value=parameter.value / size, error=parameter.error / size)
    return value, unit


def _spectrum_notes(measured: MeasuredSpectrum, asked: Asked) -> tuple[str, ...]:
    given = asked.temperature
    kelvin = measured.temperature if given is None else given
    unit = "V" if measured.bias == "voltage" else "A"
    notes = [
        f"at {kelvin:.4g} K ({'from the file' if given is None else 'given'}),"
        f" {measured.bias} bias, modulation {measured.modulation:.3g} {unit} peak",
    ]
    if measured.left_out:
        notes.append(f"{measured.left_out} points were left out because of their status")
    if measured.scale_error:
        notes.append(
            f"the calibration leaves {100.0 * measured.scale_error:.2g} % of every voltage open,"
            " which is in the errors of all energies"
        )
    if measured.bias == "current":
        notes.append(f"series resistance {asked.series_resistance:g} ohm (given)")
    return tuple(notes)


def _statistics(found: Fit) -> dict[str, float | str]:
    statistics: dict[str, float | str] = {
        "points": float(found.points),
        "errors rest on": found.noise,
        "AIC": found.aic,
        "BIC": found.bic,
        "runs probability": found.runs.probability,
    }
    if found.noise.startswith("errors"):
        statistics["reduced chi square"] = found.reduced
    return statistics


def _fit_warnings(found: Fit) -> tuple[str, ...]:
    warnings = []
    if found.runs.structured:
        warnings.append(
            "the residuals have structure: the model misses something, and the errors are too small"
        )
    if found.noise.startswith("errors") and found.reduced > 2.0:
        warnings.append(
            f"chi square is {found.reduced:.3g} times what the errors of the points explain"
        )
    warnings += [f"{name} ends at its bound" for name in found.at_bounds]
    return tuple(warnings)


def _layer(measured: MeasuredSpectrum, found: Fit | None) -> Layer:
    voltage = measured.bias == "voltage"
    size = 1e-3 if voltage else 1e-6
    labels = ("Voltage (mV)", "dI/dV (S)") if voltage else ("Current (uA)", "dV/dI (ohm)")
    if found is None:
        return Layer(measured.x / size, measured.y, None, None, *labels)
    return Layer(found.x / size, found.y, found.curve, found.sigma, *labels)


_TITLES = MappingProxyType(
    {
        "transition": "transition: resistance against temperature, every definition",
        "hall": "hall: loop of the Hall resistance",
    }
)


def _transition(data: pd.DataFrame, _: Asked) -> Answer:
    temperature, resistance = columns(data, "Temperature (K)", RESISTANCE)
    labels = ("Temperature (K)", RESISTANCE)
    single = resistive_transition(temperature, resistance)
    films = {
        words: film_transition(temperature[rows], resistance[rows])
        for words, rows in _branches(data).items()
    }
    whole = [found for found in films.values() if isinstance(found, FilmTransition)]
    film = whole[0] if whole else next(iter(films.values()))
    quantities: dict[str, Quantity] = {
        f"{name}, joint fit{words}": (getattr(found, name), "K")
        for words, found in films.items()
        if isinstance(found, FilmTransition)
        for name in ("onset", "zero", "midpoint", "sheet", "hump")
    }
    if isinstance(single, Transition):
        for entry in fields(single):
            value = getattr(single, entry.name)
            if isinstance(value, Estimate | NoResult):
                quantities[entry.name] = (value, "" if entry.name == "drop" else "K")
    notes: tuple[str, ...]
    if isinstance(film, FilmTransition):
        layer = Layer(film.fit.x, film.fit.y, film.fit.curve, film.fit.sigma, *labels)
        notes = (f"normal state of the joint fit: {film.normal}",)
    else:
        layer = Layer(temperature, resistance, None, None, *labels)
        notes = (f"joint fit: {film}",)
    if isinstance(single, NoResult):
        notes += (f"window above the transition: {single}",)
    reason = "" if quantities else getattr(single, "reason", "")
    return Answer(
        "transition",
        _TITLES["transition"],
        quantities,
        reason,
        notes=notes,
        warnings=_film_warnings(whole),
        layer=layer,
    )


def _film_warnings(whole: list[FilmTransition]) -> tuple[str, ...]:
    warnings = []
    if any(film.fit.runs.structured for film in whole):
        warnings.append(
            "the residuals of the joint fit have structure: its errors are those of the noise alone"
        )
    if len(whole) > 1:
        apart = whole[0].midpoint.value - whole[1].midpoint.value
        warnings.append(
            f"warming and cooling are {apart:.3g} K apart: the thermometer lags, and the mean of"
            " both is nearer to the truth than either"
        )
    return tuple(warnings)


def _branches(data: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Return the rows of warming and cooling, which a lag of the thermometer sets apart."""
    branch = data["Branch"].to_numpy() if "Branch" in data.columns else np.zeros(len(data))
    both = bool((branch == 1).any() and (branch == -1).any())
    if not both:
        return {"": np.ones(len(data), dtype=np.bool_)}
    return {", warming": branch == 1, ", cooling": branch == -1}


def _hall(data: pd.DataFrame, _: Asked) -> Answer:
    field, transverse = columns(data, FIELD, "R_yx (ohm)")
    longitudinal = columns(data, RESISTANCE)[0] if RESISTANCE in data.columns else None
    if longitudinal is not None and not np.isfinite(longitudinal).all():
        longitudinal = None
    found = hall_loop(field, transverse, longitudinal)
    layer = Layer(field, transverse, None, None, FIELD, "R_yx (ohm)")
    if not isinstance(found, HallLoop):
        return Answer("hall", _TITLES["hall"], reason=found.reason, layer=layer)
    units = {
        "coercive_field": "T",
        "centre": "T",
        "hall_coefficient": "ohm/T",
        "anomalous": "ohm",
        "mixing": "",
        "area": "ohm T",
    }
    quantities = {name: (getattr(found, name), unit) for name, unit in units.items()}
    return Answer("hall", _TITLES["hall"], quantities, layer=layer)


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        **{name: _spectrum_model(name) for name in SHAPES},
        "transition": _transition,
        "hall": _hall,
        "angle": lambda data, _: angle_answer(data),
    }
)
"""By the name that the command line takes."""
