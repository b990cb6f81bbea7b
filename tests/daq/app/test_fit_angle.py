import numpy as np
import pandas as pd
import pytest

from daq.app.fit_angle import TAKEN_UP, angle_answer

ANGLE = np.arange(350.0, 0.0, -15.0)
TIME = 8.0 * np.arange(len(ANGLE))


def rows(seed, *, axis=20.0):
    """Return a sweep in which the rotator warms the sample while it turns."""
    random = np.random.default_rng(seed)
    heat = 0.01 * np.exp(-TIME / 60.0)
    resistance = 10.0 + np.cos(2.0 * np.radians(ANGLE - axis)) - 20.0 * heat
    return pd.DataFrame(
        {
            "Time (s)": TIME,
            "Temperature (K)": 1.9 + heat + 1e-4 * random.standard_normal(len(ANGLE)),
            "Crystal angle (deg)": ANGLE,
            "Resistance (ohm)": resistance + 3e-3 * random.standard_normal(len(ANGLE)),
        }
    )


def test_a_sweep_is_fitted_with_the_trend_of_the_temperature_where_the_rows_tell_it():
    found = [angle_answer(rows(seed)) for seed in range(10)]
    off = np.mean([one.quantities["axis 2"][0].value for one in found]) - 20.0
    bare = [angle_answer(rows(seed).drop(columns="Temperature (K)")) for seed in range(10)]
    plain = np.mean([one.quantities["axis 2"][0].value for one in bare]) - 20.0
    assert abs(off) < 0.5 * abs(plain)
    assert found[0].notes == (TAKEN_UP,)
    assert "drift" in found[0].quantities
    assert "drift" not in bare[0].quantities
    left = found[0].layer.y - found[0].layer.curve
    assert np.std(left) < 6e-3


def test_rows_that_lack_a_column_say_which():
    with pytest.raises(ValueError, match="no column Resistance"):
        angle_answer(rows(1).drop(columns="Resistance (ohm)"))
