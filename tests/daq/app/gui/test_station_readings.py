"""What instruments tell, in words and in numbers with units."""

import pytest

from daq.app.gui.station_readings import UNKNOWN, from_state, si


def test_a_dead_cryostat_is_said_in_its_group_with_its_last_values():
    state = {
        "cryostat": {
            "reading": {"temperature": 4.2, "temperature_status": "stable"},
            "setpoints": {"temperature": None, "field": None, "angle": None},
            "age": 31.0,
            "trouble": "no answer",
        },
        "instruments": {"lockin": {"x": 1e-6, "y": 0.0, "sensitivity": 1e-3}},
    }
    shown = from_state(state)
    assert "31 s old" in shown.cryostat_trouble
    assert shown.axes["temperature"].readback == "4.200 K"
    assert shown.lockins["lockin"].numbers["R"] == "1.000 \u00b5V"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5e-6, "1.500 \u00b5V"), (0.0, "0.000 V"), (-0.02, "-20.00 mV"), (None, UNKNOWN)],
)
def test_numbers_have_prefixes_and_units(value, text):
    assert si(value, "V") == text
