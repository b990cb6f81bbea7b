import numpy as np
import pandas as pd

from daq.app.logbook.results import key_numbers


def test_a_spectrum_has_its_normal_resistance_and_its_peak():
    v = np.linspace(-10e-3, 10e-3, 201)
    g = 0.01 * (1.0 + 0.2 * np.exp(-((v / 1.5e-3) ** 2)))
    g *= 1.0 + 1e-4 * np.random.default_rng(1).standard_normal(len(v))
    data = pd.DataFrame(
        {
            "Current (A)": v * 0.01,
            "Bias voltage (V)": v,
            "dV/dI (ohm)": 1.0 / g,
            "Status": 0,
            "Temperature (K)": 1.9,
            "Field (T)": 0.0,
        }
    )
    words = key_numbers("bias_spectrum", data)
    assert words.startswith("R_N 100")
    assert "zero-bias peak" in words
    assert "no result" in key_numbers("bias_spectrum", data.iloc[:5])
    assert "no result" in key_numbers("bias_spectrum", data.drop(columns="Status"))


def test_a_transition_has_its_definitions():
    t = np.linspace(2.0, 12.0, 300)
    noise = 0.01 * np.random.default_rng(1).standard_normal(300)
    data = pd.DataFrame(
        {"Temperature (K)": t, "Resistance (ohm)": 50.0 / (1.0 + np.exp(-(t - 6.0) / 0.2)) + noise}
    )
    assert "midpoint 6" in key_numbers("temperature_ramp", data)
    flat = data.assign(**{"Resistance (ohm)": 50.0})
    assert "no result" in key_numbers("temperature_ramp", flat)


def test_other_runs_have_their_range_or_nothing():
    data = pd.DataFrame({"Resistance (ohm)": [1.0, 3.0, np.nan]})
    assert key_numbers("field_loop", data) == "Resistance 1 to 3 ohm"
    assert key_numbers("field_loop", data.iloc[:1]) == "Resistance 1 ohm"
    assert key_numbers("field_loop", data.iloc[2:]) == ""
    assert key_numbers("voltage_pulse", pd.DataFrame({"Pulse (V)": [6.0]})) == ""
    assert key_numbers("zero_bias", pd.DataFrame({"dV/dI (ohm)": [1.0, 3.0]})) == (
        "dV/dI 2 ± 1 ohm"
    )
    assert key_numbers("field_loop", data.iloc[:0]) == ""
