import math
from dataclasses import dataclass

import pytest

from instruments.oscillator_wiring import OSCILLATOR_RESISTANCE, OscillatorWiring
from instruments.status import Status

FREQUENCY, AMPLITUDE = 137.0, 0.1
WIRINGS = [OscillatorWiring(100e3), OscillatorWiring(20e3, 1e-7)]


@dataclass(frozen=True)
class Shown:
    x: float
    y: float


def shown(wiring, resistance):
    """What a lock-in shows of a resistor when its phase has been turned to the current."""
    impedance = wiring.impedance(FREQUENCY)
    voltage = AMPLITUDE * resistance / (impedance + resistance)
    turned = voltage * impedance / abs(impedance)
    return Shown(turned.real, turned.imag)


def circuit(wiring):
    return wiring.circuit(FREQUENCY, AMPLITUDE, 1e-3, None)


@pytest.mark.parametrize("wiring", WIRINGS)
@pytest.mark.parametrize("resistance", [1.0, 100.0, 5000.0])
def test_the_response_is_the_resistance_whatever_it_loads(wiring, resistance):
    found = circuit(wiring).response(shown(wiring, resistance), 0.0, Status(0))
    assert found.resistance == pytest.approx(resistance, rel=1e-12)
    current = AMPLITUDE / abs(wiring.impedance(FREQUENCY) + resistance)
    assert found.excitation == pytest.approx(current, rel=1e-12)


@pytest.mark.parametrize("resistance", [1.0, 5000.0])
def test_the_error_of_the_response_is_its_derivative_by_the_voltage(resistance):
    wiring = WIRINGS[0]
    reading, step = shown(wiring, resistance), 1e-9
    further = Shown(reading.x + step, reading.y)
    here, there = (circuit(wiring).response(at, step, Status(0)) for at in (reading, further))
    assert there.resistance - here.resistance == pytest.approx(here.error, rel=1e-4)


def test_a_capacitor_turns_the_current_blocks_the_leak_and_takes_time_to_charge():
    plain, blocked = WIRINGS
    assert plain.turn(FREQUENCY) == 0.0
    reactance = 1.0 / (2.0 * math.pi * FREQUENCY * 1e-7)
    assert blocked.turn(FREQUENCY) == pytest.approx(
        math.degrees(math.atan2(reactance, 20e3 + OSCILLATOR_RESISTANCE))
    )
    assert plain.leak(1.0) == 1.0 / (100e3 + OSCILLATOR_RESISTANCE)
    assert blocked.leak(1.0) == 0.0
    assert plain.charging(0.01) == 0.0
    assert blocked.charging(math.exp(-1.0)) == pytest.approx(20_050.0 * 1e-7)
