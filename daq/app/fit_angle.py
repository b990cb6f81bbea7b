"""The model ``angle`` of ``coldpoint fit``: harmonics of a resistance against the angle."""

import numpy as np
import pandas as pd

from daq.analysis.harmonics import AngularFit, angular_fit, trend
from daq.analysis.result import FloatArray, NoResult
from daq.app.fit_answer import Answer, Layer, Quantity, columns

ANGLE, CRYSTAL, RESISTANCE = "Angle (deg)", "Crystal angle (deg)", "Resistance (ohm)"
TIME, TEMPERATURE = "Time (s)", "Temperature (K)"
TITLE = "angle: harmonics of the resistance against the angle"
TAKEN_UP = "the trend of the temperature is fitted along: it has harmonics of its own"
NOT_TOLD = (
    "the trend of the temperature cannot be told from the harmonics and is left out: what warmed"
    " the sample may have turned the axes"
)


def angle_answer(data: pd.DataFrame) -> Answer:
    """Fit the harmonics of an angle sweep, free of what the rotator warms where the rows tell it.

    Parameters
    ----------
    data
        Rows with an angle and a resistance; time and temperature are used where they are there.

    Returns
    -------
    Answer
        With amplitudes and axes, or why there are none.
    """
    name = CRYSTAL if CRYSTAL in data.columns else ANGLE
    angle, resistance = columns(data, name, RESISTANCE)
    if not np.isfinite(angle).any():
        name, (angle,) = ANGLE, columns(data, ANGLE)
    level = _level(data)
    found = angular_fit(angle, resistance, drift=level)
    warnings: tuple[str, ...] = ()
    if isinstance(found, NoResult) and level is not None:
        found, warnings = angular_fit(angle, resistance), (NOT_TOLD,)
    if isinstance(found, NoResult):
        layer = Layer(angle, resistance, None, None, name, RESISTANCE)
        return Answer("angle", TITLE, reason=found.reason, layer=layer)
    curve = found.curve(angle)
    notes: tuple[str, ...] = ()
    if found.drift is not None and level is not None:
        curve, notes = curve + found.drift.value * (level - found.mean_drift), (TAKEN_UP,)
    layer = Layer(angle, resistance, curve, np.full_like(angle, found.sigma), name, RESISTANCE)
    warnings += tuple(
        f"the harmonic of order {order} is not significant: {one.significance:.1f} sigma"
        for order, one in found.harmonics.items()
        if not one.found
    )
    return Answer("angle", TITLE, _quantities(found), notes=notes, warnings=warnings, layer=layer)


def _quantities(found: AngularFit) -> dict[str, Quantity]:
    quantities: dict[str, Quantity] = {"mean": (found.mean, "ohm")}
    for order, harmonic in found.harmonics.items():
        quantities[f"amplitude {order}"] = (harmonic.amplitude, "ohm")
        if harmonic.found:
            quantities[f"axis {order}"] = (harmonic.axis, "deg")
    if found.drift is not None:
        quantities["drift"] = (found.drift, "ohm/K")
    return quantities


def _level(data: pd.DataFrame) -> FloatArray | None:
    """Return the trend of the temperature over the rows in K; None where they do not tell it."""
    if not {TIME, TEMPERATURE} <= set(data.columns):
        return None
    level = trend(*columns(data, TIME, TEMPERATURE))
    return level if np.isfinite(level).all() else None
