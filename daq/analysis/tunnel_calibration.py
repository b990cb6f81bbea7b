"""Turn the rows of a run of `calibrate_tunnel` into a calibration.

Of a known resistor R behind the dividers d (converter) and o (oscillator), with the gain g of the
preamplifier and l of the lock-in, all over what is told of them, the run shows

    ADC = output offset + g gain (d divider DAC + bias offset)/R
    X = zero + l g gain(f) o oscillator_divider OA / R

so that two numbers are measured, d g and o g l, and four are wanted. What is known of them by
specification is a normal distribution round one; the most probable values and their covariance
follow by linear least squares of the logarithms. The offset of the output is known by
specification alone, and is as large a part of the bias offset as R/gain makes it.

A product that differs from one by more than five sigma of the specifications is none of the
instruments that are told: such as of another resistor.
"""

import math
from collections.abc import Mapping

import numpy as np

from daq.analysis.result import FloatArray
from instruments.calibration import Measured
from instruments.tunnel_calibration import TunnelCalibration

DIVIDER, OSCILLATOR, GAIN, LOCKIN = range(4)
PRIORS = (
    "Relative divider error",
    "Relative oscillator error",
    "Relative preamplifier error",
    "Relative lock-in error",
)
CONSTANTS = (
    "Frequency (Hz)",
    "Resistance (ohm)",
    "Resistance error (ohm)",
    "Converter number",
    "Divider",
    "Oscillator divider",
    "Preamplifier gain (V/A)",
    "Gain at the frequency (V/A)",
    "Output error (V)",
    *PRIORS,
)
COLUMNS = (
    "Converter (V)",
    "Oscillator (V)",
    "ADC (V)",
    "ADC error (V)",
    "X (V)",
    "X error (V)",
    *CONSTANTS,
)
PRODUCTS = ("divider and preamplifier", "oscillator, preamplifier and lock-in")
FEWEST = 3
SURE = 5.0
"""Sigmas of the specifications beyond which a product is not believed."""
LEAST = 1e-9
"""Least error that anything has, in V and relative: keeps the weights finite."""


def calibrate_tunnel(
    rows: Mapping[str, FloatArray], *, date: str, contact: str = ""
) -> TunnelCalibration:
    """Fit the calibration run of a tunnelling station.

    Parameters
    ----------
    rows
        The columns of a run of `calibrate_tunnel`, arrays of shape (n,).
    date
        When it was measured: UTC, ISO 8601.
    contact
        That was wired.

    Returns
    -------
    TunnelCalibration
        With one standard error for every value.

    Raises
    ------
    ValueError
        Readings are missing that the fit needs, or contradict the specifications.
    """
    column, told = _columns(rows)
    resistance, gain = told["Resistance (ohm)"], told["Preamplifier gain (V/A)"]
    relative = told["Resistance error (ohm)"] / resistance
    line, covariance = _straight(
        column["Converter (V)"], column["ADC (V)"], column["ADC error (V)"]
    )
    at_zero, slope = line
    direct = slope * resistance / (told["Divider"] * gain)
    if not direct > 0.0:
        raise ValueError("the output of the preamplifier does not rise with the voltage")
    direct_error = math.sqrt(covariance[1, 1]) / slope
    over = told["Gain at the frequency (V/A)"] * told["Oscillator divider"] / resistance
    alternating = _signal(column, over)
    both = np.array([math.log(direct), math.log(alternating.value)])
    # the resistor is the same in both
    spread = np.diag([direct_error, alternating.error / alternating.value])
    found, errors = _shared(both, spread**2 + relative**2, np.array([told[key] for key in PRIORS]))
    per_volt = resistance / (math.exp(found[GAIN]) * gain)
    offset = per_volt * float(at_zero)
    offset_error = math.hypot(
        per_volt * math.sqrt(covariance[0, 0]),
        per_volt * told["Output error (V)"],
        offset * float(errors[DIVIDER]),
    )
    return TunnelCalibration(
        date=date,
        contact=contact,
        divider=told["Divider"],
        oscillator_divider=told["Oscillator divider"],
        preamplifier_gain=gain,
        dac=int(told["Converter number"]),
        frequency=told["Frequency (Hz)"],
        bias_scale=_scale(found, errors, DIVIDER),
        bias_offset=Measured(offset, offset_error),
        modulation_scale=_scale(found, errors, OSCILLATOR),
        current_scale=_scale(found, errors, GAIN),
        conductance_scale=Measured(
            alternating.value, math.hypot(alternating.error, alternating.value * relative)
        ),
    )


def _columns(
    rows: Mapping[str, FloatArray],
) -> tuple[dict[str, FloatArray], dict[str, float]]:
    """Return the finite rows, and what is the same in all of them."""
    missing = [name for name in COLUMNS if name not in rows]
    if missing:
        raise ValueError(
            f"columns {missing} are missing; give the rows of a run of calibrate_tunnel"
        )
    column = {name: np.asarray(rows[name], np.float64) for name in COLUMNS}
    kept = np.all([np.isfinite(values) for values in column.values()], axis=0)
    column = {name: values[kept] for name, values in column.items()}
    lit = column["Oscillator (V)"] > 0.0
    if len(np.unique(column["Converter (V)"][lit])) < FEWEST:
        raise ValueError(f"too few voltages at the resistor; {FEWEST} needed")
    if lit.all():
        raise ValueError("no zero of the lock-in; take one without the modulation")
    return column, {name: float(column[name][0]) for name in CONSTANTS}


def _straight(x: FloatArray, y: FloatArray, error: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return value at zero and slope of a straight line, and their covariance.

    It is scaled by the scatter where that is larger than the errors say.
    """
    weight = 1.0 / np.maximum(error, LEAST)
    design = np.stack((np.ones_like(x), x), axis=1) * weight[:, None]
    covariance = np.linalg.inv(design.T @ design)
    found = covariance @ (design.T @ (y * weight))
    left = y * weight - design @ found
    scale = max(1.0, float(left @ left) / (len(x) - 2))
    return np.asarray(found), np.asarray(scale * covariance)


def _signal(column: Mapping[str, FloatArray], over: float) -> Measured:
    """Return the in-phase signal without its zero, over what is told it should be."""
    oscillator = column["Oscillator (V)"]
    lit = oscillator > 0.0
    dark = _mean(column["X (V)"][~lit], column["X error (V)"][~lit])
    expected = over * oscillator[lit]
    mean = _mean(column["X (V)"][lit] / expected, column["X error (V)"][lit] / expected)
    zero = dark.value / float(np.mean(expected))
    value = mean.value - zero
    if not value > 0.0:
        raise ValueError("the lock-in does not see the modulation")
    return Measured(value, math.hypot(mean.error, dark.error / float(np.mean(expected))))


def _mean(values: FloatArray, errors: FloatArray) -> Measured:
    """Return the weighted mean; its error is that of the scatter where that is larger."""
    weight = np.maximum(errors, LEAST * np.max(np.abs(values)) + 1e-15) ** -2.0
    total = float(np.sum(weight))
    mean = float(np.sum(weight * values)) / total
    freedom = len(values) - 1
    scatter = float(np.sum(weight * (values - mean) ** 2)) / freedom if freedom else 0.0
    return Measured(mean, math.sqrt(max(1.0, scatter) / total))


def _shared(
    measured: FloatArray, covariance: FloatArray, priors: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Share two measured products between four factors that are known by specification.

    Parameters
    ----------
    measured
        Logarithms of d g and o g l.
    covariance
        Of these two, shape (2, 2).
    priors
        One sigma of the logarithms of d, o, g and l.

    Returns
    -------
    tuple of array
        The logarithms of the four, and one sigma of each.
    """
    products = np.zeros((2, 4))
    products[0, [DIVIDER, GAIN]] = 1.0
    products[1, [OSCILLATOR, GAIN, LOCKIN]] = 1.0
    known = np.diag(np.maximum(priors, LEAST) ** 2)
    expected = products @ known @ products.T + covariance
    for words, value, sigma in zip(PRODUCTS, measured, np.sqrt(np.diag(expected)), strict=True):
        if abs(value) > SURE * sigma:
            raise ValueError(
                f"{words} are {math.exp(value):.4g} of what is told of them,"
                f" {abs(value) / sigma:.0f} sigma of their specifications away; look at the"
                " resistor, the divider and the gain, or tell larger errors"
            )
    weight = known @ products.T @ np.linalg.inv(expected)
    found = weight @ measured
    left = known - weight @ products @ known
    return np.asarray(found), np.sqrt(np.maximum(np.diag(left), 0.0))


def _scale(found: FloatArray, errors: FloatArray, place: int) -> Measured:
    value = math.exp(float(found[place]))
    return Measured(value, value * float(errors[place]))
