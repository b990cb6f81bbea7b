"""What the station page shows of a campaign: one model with a station that is held by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from daq.app.gui.campaign_state import campaign_state
from daq.app.gui.cryostat_group import CryostatGroup
from daq.app.gui.station_readings import UNKNOWN, from_state

TOLD = {
    "cryostat": {
        "reading": {"temperature": 4.4, "temperature_status": "tracking", "field": 0.1},
        "setpoints": {
            "temperature": {"target": 6.0, "rate": 0.1},
            "field": {"target": 0.5, "rate": 0.004},
            "angle": None,
        },
        "age": 1.0,
        "trouble": "",
        "helium": 61.0,
    },
    "bias": {
        "current": 4e-6,
        "excitation_rms": 1e-6,
        "oscillator_rms": 0.1,
        "frequency": 137.0,
        "sensitivity": 1e-3,
        "time_constant": 0.02,
        "compliance": 0.5,
    },
}


def csv(**columns):
    names = {name.replace("_", " "): np.array(values) for name, values in columns.items()}
    rows = len(next(iter(names.values())))
    return SimpleNamespace(rows=rows, columns=tuple(names), column=names.__getitem__)


@pytest.fixture
def campaign():
    run = csv(**{"X (V)": [1e-4, 3e-4], "Y (V)": [0.0, 4e-4], "Current (A)": [1e-6, 2e-6]})
    log = csv(**{"Temperature (K)": [4.0, 4.5], "Field (T)": [0.0, 0.2]})
    return SimpleNamespace(cryostat=log, runs=(SimpleNamespace(csv=run),))


def test_a_campaign_tells_setpoints_rates_excitation_and_current_beside_the_readbacks(campaign):
    shown = from_state(campaign_state(campaign, TOLD))
    temperature, field = shown.axes["temperature"], shown.axes["field"]
    assert (temperature.readback, temperature.setpoint) == ("4.500 K", "6.000 K")
    assert (temperature.rate, temperature.status) == ("6 K/min", "tracking")
    assert (field.setpoint, field.rate) == ("0.5000 T", "4 mT/s")
    assert shown.axes["angle"].setpoint == UNKNOWN
    lockin, source = shown.lockins["lockin"].numbers, shown.sources["source"].numbers
    assert lockin["R"] == "500.0 \u00b5V"
    assert lockin["excitation"] == "1.000 \u00b5A"
    assert lockin["sensitivity"] == "1.00 mV"
    assert lockin["oscillator"] == "100.0 mV at 137.0 Hz"
    assert source["current"] == "4.000 \u00b5A"
    assert source["compliance limit"] == "500 mV"


def test_a_campaign_that_applies_a_voltage_tells_its_modulation_and_has_no_source(campaign):
    bias = {"voltage": 8e-3, "modulation_rms": 5e-5, "oscillator_rms": 0.05, "frequency": 977.0}
    shown = from_state(campaign_state(campaign, TOLD | {"bias": bias}))
    assert shown.sources == {}
    lockin = shown.lockins["lockin"].numbers
    assert lockin["excitation"] == "50.00 \u00b5V"
    assert lockin["oscillator"] == "50.00 mV at 977.0 Hz"


def test_without_a_word_of_the_runner_the_files_still_tell_the_readbacks(campaign):
    shown = from_state(campaign_state(campaign, {}))
    assert shown.axes["temperature"].readback == "4.500 K"
    assert shown.axes["temperature"].setpoint == UNKNOWN
    assert shown.sources["source"].numbers["current"] == "2.000 \u00b5A"
    assert shown.lockins["lockin"].numbers["excitation"] == UNKNOWN


def test_a_position_is_shown_only_where_there_is_a_scanner(campaign, qtbot):
    group = CryostatGroup()
    qtbot.addWidget(group)
    group.show()
    group.show_values(from_state(campaign_state(campaign, TOLD)))
    assert not group.cells["position"][1].isVisible()
    group.show_values(from_state(campaign_state(campaign, TOLD | {"scanner": {"target": 2e-9}})))
    assert group.cells["position"][1].isVisible()
    assert group.cells["position"][1].text() == "2.000 nm"
