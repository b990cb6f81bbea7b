"""Turn the rows of a run of `calibrate` into a calibration.

The model of a reading behind the offset of its range is

    X + iY = G exp(i(phase + slope f - reference phase)) OA R/(R + Z)      oscillator
    |X + iY| = G I |R Z/(R + Z)|                                           current source

with Z the series resistance, the oscillator's 50 ohm and the capacitor. G, the ac factor G Z_told/Z
and the phases and offsets are fitted together; the resistor and the current of the source are known
within their errors only and are fitted with them, so that the errors of the result contain theirs.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from daq.analysis.result import FloatArray
from instruments.calibration import Calibration, Measured, RangeCalibration
from instruments.oscillator_wiring import OSCILLATOR_RESISTANCE

ComplexArray = NDArray[np.complex128]
COLUMNS = (
    "Frequency (Hz)",
    "Sensitivity (V)",
    "Oscillator (V)",
    "Source rms (A)",
    "Reference phase (deg)",
    "X (V)",
    "X error (V)",
    "Y (V)",
    "Y error (V)",
    "Resistance (ohm)",
    "Resistance error (ohm)",
    "Relative source error",
    "Series resistance (ohm)",
    "Blocking capacitor (F)",
)
AC, GAIN, PHASE, SLOPE, RESISTOR, SOURCE = range(6)
"""Places of the parameters; the offsets X, Y of the ranges follow."""
OFFSETS = 6
FEWEST = 4
LEAST_ERROR = 1e-12
KILO = 1e3


@dataclass(frozen=True, slots=True)
class _Readings:
    """The rows as arrays of shape (n,), and which parameters they share."""

    frequency: FloatArray
    sensitivity: FloatArray
    oscillator: FloatArray
    source: FloatArray
    turn: ComplexArray
    z: ComplexArray
    error_x: FloatArray
    error_y: FloatArray
    place: NDArray[np.int_]
    ranges: tuple[float, ...]
    resistance: float
    resistance_error: float
    source_error: float
    told: float
    capacitor: float | None

    @property
    def separated(self) -> bool:
        """Tell whether the source drove the resistor as well."""
        return bool(np.any(self.source > 0.0))

    def reactance(self) -> ComplexArray:
        """Return the impedance of the capacitor in ohm."""
        if self.capacitor is None:
            return np.zeros(len(self.frequency), np.complex128)
        return np.asarray(1.0 / (2j * np.pi * self.frequency * self.capacitor), np.complex128)


def calibrate(rows: Mapping[str, FloatArray], *, date: str, contact: str = "") -> Calibration:
    """Fit the calibration run.

    Parameters
    ----------
    rows
        The columns of a run of `calibrate`, arrays of shape (n,).
    date
        When it was measured: UTC, ISO 8601.
    contact
        That was wired.

    Returns
    -------
    Calibration
        With one standard error for every value.

    Raises
    ------
    ValueError
        Readings are missing that the fit needs.
    """
    readings = _readings(rows)
    found, covariance = _fit(readings)
    errors = np.sqrt(np.diag(covariance))
    total = readings.told + OSCILLATOR_RESISTANCE
    gain, factor = found[GAIN], found[AC]
    # Z = Z_told G/ac, and the two errors of G and ac are correlated
    slope = np.zeros(len(found))
    slope[[GAIN, AC]] = total / factor, -total * gain / factor**2
    series_error = math.sqrt(max(0.0, float(slope @ covariance @ slope)))
    if readings.separated:
        gained = Measured(float(gain), float(errors[GAIN]))
        series = Measured(float(total * gain / factor) - OSCILLATOR_RESISTANCE, series_error)
    else:
        gained = Measured(float(factor), float(errors[AC]))
        series = Measured(readings.told, 0.0)
    degrees = math.degrees(1.0)
    return Calibration(
        date=date,
        contact=contact,
        wiring_resistance=readings.told,
        blocking_capacitor=readings.capacitor,
        lowest_frequency=float(readings.frequency.min()),
        highest_frequency=float(readings.frequency.max()),
        ac_factor=Measured(float(factor), float(errors[AC])),
        gain=gained,
        series_resistance=series,
        phase=Measured(float(found[PHASE]) * degrees, float(errors[PHASE]) * degrees),
        phase_slope=Measured(
            float(found[SLOPE]) * degrees / KILO, float(errors[SLOPE]) * degrees / KILO
        ),
        phase_covariance=float(covariance[PHASE, SLOPE]) * degrees**2 / KILO,
        separated=readings.separated,
        ranges=_ranges(readings, found),
    )


def _readings(rows: Mapping[str, FloatArray]) -> _Readings:
    missing = [name for name in COLUMNS if name not in rows]
    if missing:
        raise ValueError(f"columns {missing} are missing; give the rows of a run of calibrate")
    column = {name: np.asarray(rows[name], np.float64) for name in COLUMNS}
    kept = np.isfinite(column["X (V)"]) & np.isfinite(column["X error (V)"])
    column = {name: values[kept] for name, values in column.items()}
    oscillator, source = column["Oscillator (V)"], column["Source rms (A)"]
    if np.count_nonzero(oscillator) < FEWEST:
        raise ValueError(
            f"{np.count_nonzero(oscillator)} readings of the resistor; {FEWEST} needed"
        )
    if len(np.unique(column["Frequency (Hz)"][oscillator > 0.0])) < 2:
        raise ValueError("a single frequency; a phase against frequency needs two")
    sensitivity = column["Sensitivity (V)"]
    ranges = tuple(float(full) for full in np.unique(sensitivity))
    silent = (oscillator == 0.0) & (source == 0.0)
    for full in ranges:
        if not np.any(silent & (sensitivity == full)):
            raise ValueError(f"no zero at the sensitivity of {full:g} V; take one with every range")
    capacitor = float(column["Blocking capacitor (F)"][0])
    return _Readings(
        column["Frequency (Hz)"],
        sensitivity,
        oscillator,
        source,
        np.exp(-1j * np.radians(column["Reference phase (deg)"])),
        column["X (V)"] + 1j * column["Y (V)"],
        np.maximum(column["X error (V)"], LEAST_ERROR),
        np.maximum(column["Y error (V)"], LEAST_ERROR),
        np.searchsorted(np.array(ranges), sensitivity),
        ranges,
        float(column["Resistance (ohm)"][0]),
        float(column["Resistance error (ohm)"][0]),
        float(column["Relative source error"][0]),
        float(column["Series resistance (ohm)"][0]),
        None if math.isnan(capacitor) else capacitor,
    )


def _signals(readings: _Readings, p: FloatArray) -> tuple[ComplexArray, FloatArray]:
    """Return X + iY in V for the oscillator, and the magnitude for the source; shape (n,)."""
    told = readings.told + OSCILLATOR_RESISTANCE
    gain = p[GAIN] if readings.separated else p[AC]
    series = told * gain / p[AC] + readings.reactance()
    contact = readings.resistance + readings.resistance_error * p[RESISTOR]
    phase = p[PHASE] + p[SLOPE] * readings.frequency / KILO
    share = contact / (contact + series)
    driven = gain * np.exp(1j * phase) * readings.turn * readings.oscillator * share
    current = readings.source * (1.0 + readings.source_error * p[SOURCE])
    return driven, np.abs(gain * current * share * series)


def _offsets(readings: _Readings, p: FloatArray) -> ComplexArray:
    pairs = p[OFFSETS:].reshape(-1, 2) * np.array(readings.ranges)[:, np.newaxis]
    offsets: ComplexArray = (pairs[:, 0] + 1j * pairs[:, 1])[readings.place]
    return offsets


def _residuals(readings: _Readings, p: FloatArray) -> FloatArray:
    driven, magnitude = _signals(readings, p)
    left = readings.z - _offsets(readings, p)
    plain = readings.source == 0.0
    apart = left - driven
    of_source = (np.abs(left) - magnitude) / np.hypot(readings.error_x, readings.error_y)
    return np.concatenate(
        [
            (apart.real / readings.error_x)[plain],
            (apart.imag / readings.error_y)[plain],
            (of_source * math.sqrt(2.0))[~plain],
            p[[RESISTOR, SOURCE]],
        ]
    )


def _fit(readings: _Readings) -> tuple[FloatArray, FloatArray]:
    """Return the parameters and their covariance."""
    start = np.zeros(OFFSETS + 2 * len(readings.ranges))
    start[[AC, GAIN]] = 1.0
    lit = readings.oscillator > 0.0
    driven, _ = _signals(readings, start)
    start[PHASE] = float(np.angle(np.sum(readings.z[lit] / driven[lit])))

    def residuals(p: FloatArray) -> FloatArray:
        return _residuals(readings, p)

    fit = least_squares(residuals, start, x_scale="jac", method="trf")
    jacobian = np.asarray(fit.jac, np.float64)
    if not readings.separated:
        jacobian = np.vstack([jacobian, np.eye(len(start))[GAIN]])
    covariance = np.linalg.inv(jacobian.T @ jacobian)
    freedom = len(fit.fun) - len(start)
    scale = max(1.0, 2.0 * float(fit.cost) / freedom) if freedom > 0 else 1.0
    return np.asarray(fit.x, np.float64), np.asarray(covariance * scale, np.float64)


def _ranges(readings: _Readings, found: FloatArray) -> tuple[RangeCalibration, ...]:
    """Return gain and offsets of every range, the offsets from its zeros alone.

    In the common fit an offset takes up what a gain of its own would do to a range.
    """
    driven, _ = _signals(readings, found)
    spread = np.hypot(readings.error_x, readings.error_y) / math.sqrt(2.0)
    ranges = []
    for place, full in enumerate(readings.ranges):
        here = readings.place == place
        silent = here & (readings.oscillator == 0.0) & (readings.source == 0.0)
        x = _weighted(readings.z[silent].real, readings.error_x[silent])
        y = _weighted(readings.z[silent].imag, readings.error_y[silent])
        lit = here & (readings.oscillator > 0.0)
        gain = Measured(1.0, math.inf)
        if np.any(lit):
            ratio = (readings.z[lit] - complex(x.value, y.value)) / driven[lit]
            mean = _weighted(ratio.real, spread[lit] / np.abs(driven[lit]))
            size = float(np.abs(driven[lit]).max())
            gain = Measured(mean.value, math.hypot(mean.error, x.error / size))
        ranges.append(RangeCalibration(full, gain, x, y))
    return tuple(ranges)


def _weighted(values: FloatArray, errors: FloatArray) -> Measured:
    weight = errors**-2.0
    total = float(np.sum(weight))
    return Measured(float(np.sum(weight * values)) / total, total**-0.5)
