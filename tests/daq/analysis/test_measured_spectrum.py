import numpy as np
import pandas as pd
import pytest

from daq.analysis.measured_spectrum import (
    contact_warning,
    fit_measured,
    measured_spectrum,
    pooled,
)
from daq.analysis.result import NoResult
from daq.physics.andreev import btk_current
from daq.physics.lockin import first_harmonic
from daq.physics.tunnelling import dynes_conductance

CURRENT = np.linspace(-4e-5, 4e-5, 121)
RMS = 4e-6


def contact(error=0.02):
    """dV/dI of a contact at 1.9 K, as the first harmonic of V(I) at an rms current."""
    v = np.linspace(-9e-3, 9e-3, 6001)
    current = 1e-2 * btk_current(v, 0.68e-3, 8e-5, 0.35, 1.9)
    slope = np.gradient(v, current)
    swing = RMS * np.sqrt(2.0)
    r = first_harmonic(lambda i: np.interp(i, current, slope), CURRENT, swing, 40)
    return pd.DataFrame(
        {
            "Temperature (K)": 1.9,
            "Field (T)": 0.0,
            "Status": 0,
            "Current (A)": CURRENT,
            "dV/dI (ohm)": r + 0.02 * np.random.default_rng(0).standard_normal(len(r)),
            "dV/dI error (ohm)": error,
            "Excitation (A)": RMS,
        }
    )


def test_the_rms_in_the_file_is_fitted_as_its_peak():
    measured = measured_spectrum(contact())
    assert measured.bias == "current"
    assert measured.modulation == pytest.approx(RMS * np.sqrt(2.0))
    found = fit_measured(measured, "btk")
    assert found["gap"].value == pytest.approx(0.68e-3, abs=4 * found["gap"].error)
    assert found["barrier"].value == pytest.approx(0.35, abs=4 * found["barrier"].error)
    assert found.reduced == pytest.approx(1.0, abs=0.4)
    assert contact_warning(measured) is None


def test_spoiled_points_are_left_out_and_errors_that_are_missing_are_not_made_up():
    data = contact(error=np.nan)
    data.loc[5:9, "Status"] = 1
    measured = measured_spectrum(data)
    assert measured.left_out == 5
    assert measured.error is None
    assert fit_measured(measured, "btk").noise == "scatter about the fit"


def test_a_spectrum_at_a_voltage_bias_has_its_own_columns():
    v = np.linspace(-4e-3, 4e-3, 101)
    data = pd.DataFrame(
        {
            "Temperature (K)": 0.5,
            "Status": 0,
            "Voltage (V)": v,
            "dI/dV (S)": 1e-8 * dynes_conductance(v, 1.2e-3, 5e-5, 0.5)
            + 1e-10 * np.random.default_rng(0).standard_normal(101),
            "Modulation (V)": 1e-6,
        }
    )
    measured = measured_spectrum(data)
    assert (measured.bias, np.isnan(measured.field)) == ("voltage", True)
    found = fit_measured(measured, "dynes")
    assert found["gap"].value == pytest.approx(1.2e-3, abs=4 * found["gap"].error)
    with pytest.raises(ValueError, match="no spectrum"):
        measured_spectrum(data.drop(columns="Voltage (V)"))


def test_an_unknown_temperature_is_no_result():
    data = contact()
    data["Temperature (K)"] = np.nan
    assert isinstance(fit_measured(measured_spectrum(data), "btk"), NoResult)


def test_errors_from_few_readings_are_pooled_so_that_chi_square_is_right():
    rng = np.random.default_rng(7)
    nu, count = 8, 4000
    noise = rng.normal(size=count)
    own = np.sqrt(rng.chisquare(nu, count) / nu)
    assert np.mean((noise / own) ** 2) > 1.25  # what pooling is against
    assert np.mean((noise / pooled(own)) ** 2) == pytest.approx(1.0, abs=0.06)


def test_a_disturbed_point_keeps_its_own_error_and_spoils_no_neighbour():
    error = np.full(41, 1.0)
    error[20] = 30.0
    found = pooled(error)
    assert found[20] == 30.0
    assert np.delete(found, 20) == pytest.approx(1.0)
