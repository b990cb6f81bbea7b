"""A spectrum as its run wrote it, and a theory of the gap fitted to that alone."""

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np
import pandas as pd
from scipy.ndimage import median_filter, uniform_filter1d

from daq.analysis.contact_fit import ContactModel, fit_contact
from daq.analysis.fit_result import Fit
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.shape import Conditions
from daq.analysis.spectrum import SPOILED
from daq.analysis.spectrum_fit import SpectrumModel, fit_spectrum
from daq.analysis.thermal_regime import ThermalRegime, thermal_regime
from daq.analysis.voltage_axis import on_voltage_axis

Energy = TypeVar("Energy", bound=Estimate)
ROOT_TWO = math.sqrt(2.0)
ANDREEV = frozenset({"btk", "btk-2d"})
"""Shapes of a contact, that a thermal regime may be taken for."""
NEIGHBOURS = 11
"""Points whose errors are pooled; each comes from few independent readings of its own."""
APART = 10.0
"""Square of an error over the median of its neighbours above which the point stands for itself."""
_VOLTAGE = ("Voltage (V)", "dI/dV (S)", "dI/dV error (S)", "Modulation (V)")
_CURRENT = ("Current (A)", "dV/dI (ohm)", "dV/dI error (ohm)", "Excitation (A)")


@dataclass(frozen=True, slots=True)
class MeasuredSpectrum:
    """A derivative against the bias under which it was taken.

    Parameters
    ----------
    bias
        "voltage": dI/dV in S over V; "current": dV/dI in ohm over A.
    x, y
        Bias and derivative, shape (n,).
    error
        One sigma of the derivative, pooled over neighbours, shape (n,); None where not every row
        has one.
    temperature, field
        Means over the spectrum in K and T.
    modulation
        Peak amplitude in V or A: root two times the rms in the file.
    left_out
        Points that were left out because of their status.
    scale_error
        Relative one sigma of the bias, common to all points; 0 where it is not known.
    """

    bias: Literal["voltage", "current"]
    x: FloatArray
    y: FloatArray
    error: FloatArray | None
    temperature: float
    field: float
    modulation: float
    left_out: int
    scale_error: float = 0.0

    def with_scale(self, energy: Energy) -> Energy:
        """Return an energy of a fit at a voltage bias, its error with that of the bias."""
        return replace(energy, error=math.hypot(energy.error, self.scale_error * energy.value))

    def over_voltage(self, series_resistance: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Return voltage in V and dI/dV in S, to look at; empty where they cannot be had.

        Parameters
        ----------
        series_resistance
            In ohm, taken off a spectrum at a current bias.

        Returns
        -------
        tuple of array
            Shape (n,) each.
        """
        if self.bias == "voltage":
            return self.x, self.y
        axis = on_voltage_axis(self.x, self.y, series_resistance)
        if isinstance(axis, NoResult):
            return np.zeros(0), np.zeros(0)
        return axis.voltage, axis.conductance


def measured_spectrum(data: pd.DataFrame, scale_error: float = 0.0) -> MeasuredSpectrum:
    """Read a spectrum out of the rows of a run.

    Parameters
    ----------
    data
        Of a bias spectrum (dV/dI at a current bias) or a tunnel spectrum (dI/dV at a voltage bias).
    scale_error
        Relative one sigma of the bias, as the calibration of the station says.

    Returns
    -------
    MeasuredSpectrum
        In the order in which it was taken.

    Raises
    ------
    ValueError
        The columns are those of neither.
    """
    columns = {"voltage": _VOLTAGE, "current": _CURRENT}
    bias: Literal["voltage", "current"] = "voltage" if _VOLTAGE[1] in data.columns else "current"
    x, y, error, modulation = columns[bias]
    needed = (x, y, modulation, "Temperature (K)", "Status")
    missing = [name for name in needed if name not in data.columns]
    if missing:
        raise ValueError(f"this is no spectrum: there is no column {', '.join(missing)}")
    good = (data["Status"].to_numpy(dtype=np.int64) & SPOILED) == 0
    rows = data[good]
    errors = _numbers(rows, error) if error in rows.columns else np.zeros(0)
    known = bool(len(errors)) and bool(np.isfinite(errors).all() and (errors > 0.0).all())
    return MeasuredSpectrum(
        bias,
        _numbers(rows, x),
        _numbers(rows, y),
        pooled(errors) if known else None,
        _mean(rows, "Temperature (K)"),
        _mean(rows, "Field (T)"),
        ROOT_TWO * _mean(rows, modulation),
        int(np.count_nonzero(~good)),
        scale_error,
    )


def pooled(error: FloatArray) -> FloatArray:
    """Return errors that are pooled over neighbouring points.

    An error that comes from the scatter of nu independent readings scatters itself: weights of
    1/error^2 favour the points whose readings happened to agree, and chi square is too large by
    nu/(nu - 2) on average. The noise changes slowly with the bias, so that the mean square of
    neighbours is the better estimate. A point that was disturbed keeps the error of its own.

    Parameters
    ----------
    error
        One sigma of each point in the order in which they were taken, shape (n,).

    Returns
    -------
    array
        Shape (n,).
    """
    square = error**2
    median = median_filter(square, NEIGHBOURS, mode="nearest")
    disturbed = square > APART * median
    mean = uniform_filter1d(np.where(disturbed, median, square), NEIGHBOURS, mode="nearest")
    found: FloatArray = np.sqrt(np.where(disturbed, square, mean))
    return found


def _numbers(rows: pd.DataFrame, column: str) -> FloatArray:
    return rows[column].to_numpy(dtype=np.float64)


def _mean(rows: pd.DataFrame, column: str) -> float:
    if column not in rows.columns:
        return math.nan
    values = _numbers(rows, column)
    values = values[np.isfinite(values)]
    return float(np.mean(values)) if len(values) else math.nan


def contact_warning(
    measured: MeasuredSpectrum, series_resistance: float = 0.0
) -> ThermalRegime | None:
    """Return what speaks for a thermal regime, or None.

    Parameters
    ----------
    measured
        The spectrum.
    series_resistance
        In ohm.

    Returns
    -------
    ThermalRegime or None
        See `thermal_regime`.
    """
    voltage, conductance = measured.over_voltage(series_resistance)
    return thermal_regime(voltage, conductance) if len(voltage) else None


def fit_measured(
    measured: MeasuredSpectrum,
    shape: str,
    *,
    temperature: float | None = None,
    series_resistance: float = 0.0,
    curvature: bool = False,
) -> Fit | NoResult:
    """Fit a theory of the gap to a spectrum as it was taken.

    At a voltage bias the voltage at which the bias is zero is fitted too: a preamplifier has an
    offset.

    Parameters
    ----------
    measured
        The spectrum.
    shape
        Name of the theory, one of `daq.analysis.shapes.SHAPES`.
    temperature
        In K; that of the rows if omitted.
    series_resistance
        Of leads and crystal in ohm, for a spectrum at a current bias.
    curvature
        Whether the normal conductance may be bent, at a voltage bias.

    Returns
    -------
    Fit or NoResult
        No result for a contact in the thermal regime, and where `fit_spectrum` or `fit_contact`
        has none.
    """
    kelvin = measured.temperature if temperature is None else temperature
    if not (math.isfinite(kelvin) and kelvin >= 0.0 and math.isfinite(measured.modulation)):
        return NoResult("the temperature or the modulation is not known")
    warning = contact_warning(measured, series_resistance) if shape in ANDREEV else None
    if warning is not None:
        return warning.no_gap
    conditions = Conditions(kelvin, measured.modulation)
    if measured.bias == "voltage":
        model = SpectrumModel(shape, conditions, curvature=curvature, offset=True)
        return fit_spectrum(measured.x, measured.y, model, measured.error)
    contact = ContactModel(shape, conditions, series_resistance)
    return fit_contact(measured.x, measured.y, contact, measured.error)
