"""A tunnel junction in the hands of a person: a voltage is set, dI/dV is read."""

import threading

import pytest

from daq.campaign.hands import Hands
from instruments.errors import ConfigurationError, LimitError, RefusedError
from instruments.simulated.sample import Resistor

OHMS = 1e8


@pytest.fixture
def junction(tunnelling_station):
    _, station = tunnelling_station(sample=Resistor(OHMS))
    return station


@pytest.fixture
def hands(junction):
    return Hands(junction, threading.Event())


def test_a_voltage_by_hand_is_set_and_the_conductance_read_and_the_way_to_zero_known(
    hands, junction
):
    answer = hands.carry_out({"do": "bias", "voltage": "2 mV", "modulation_rms": "0.1 mV"})
    assert answer["conductance"] == pytest.approx(1.0 / OHMS, abs=4.0 * answer["error"])
    assert 0.0 < answer["error"] < 0.05 / OHMS
    state = hands.carry_out({"do": "state"})["state"]
    assert state["bias"]["voltage"] == pytest.approx(2e-3, abs=1e-6)
    assert state["bias"]["modulation_rms"] == pytest.approx(1e-4, rel=0.02)
    assert state["reading"]["conductance"] == answer["conductance"]
    hands.carry_out({"do": "rest"})
    at_rest = junction.tunnelling.connect()
    assert (at_rest.voltage, at_rest.modulation) == (0.0, 0.0)
    assert "reading" not in hands.carry_out({"do": "state"})["state"]


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ({"voltage": "20 mV"}, LimitError, "V"),
        ({"voltage": "1 mV", "set_point": "1 V"}, LimitError, "V"),
        ({"voltage": "11.9 mV", "modulation_rms": "1 mV"}, LimitError, "V"),
        ({"voltage": "2"}, ConfigurationError, "unit"),
        ({"voltage": "1 mA"}, ConfigurationError, "V"),
    ],
)
def test_a_voltage_beyond_the_limits_is_refused_and_nothing_is_sent(
    hands, junction, said, kind, words
):
    with pytest.raises(kind, match=words):
        hands.carry_out({"do": "bias", **said})
    at_rest = junction.tunnelling.connect()
    assert (at_rest.voltage, at_rest.modulation) == (0.0, 0.0)


def test_a_stop_ends_a_voltage_by_hand_at_zero(junction):
    stop = threading.Event()
    stop.set()
    with pytest.raises(RefusedError, match="at zero"):
        Hands(junction, stop).carry_out({"do": "bias", "voltage": "2 mV"})
    assert junction.tunnelling.connect().voltage == 0.0
