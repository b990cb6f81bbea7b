import numpy as np
import pytest

from daq.samples.catalogue import make_sample
from daq.samples.soft_contact import SoftContact
from instruments.errors import ConfigurationError
from instruments.simulated.sample import Environment, Exposure

COLD = Environment(1.9, (0.0, 0.0, 0.0))
PAIR = "I+ I-"
CURRENT = np.linspace(-1e-4, 1e-4, 401)


def environment(temperature=1.9, field=0.0):
    return Environment(temperature, (field, 0.0, 0.0))


def conductance(contact, where=COLD):
    voltage = contact.voltage(CURRENT, PAIR, PAIR, where)
    return np.gradient(CURRENT, voltage)


def excess(contact, where=COLD):
    """Return the conductance at zero bias over that of the flanks, minus one."""
    found = conductance(contact, where)
    flanks = np.mean([found[5:20].mean(), found[-20:-5].mean()])
    return float(found[200] / flanks - 1.0)


def pulsed(volts, seconds, contact=None):
    contact = SoftContact() if contact is None else contact
    contact.evolve(seconds, COLD, {PAIR: Exposure(volts / 100.0, volts, abs(volts))})
    return contact


def test_a_pristine_contact_is_ohmic_with_a_smooth_background():
    found = conductance(SoftContact())
    assert found == pytest.approx(np.full_like(found, 0.01), rel=0.03)
    assert abs(excess(SoftContact())) < 5e-3


def test_a_written_contact_has_one_peak_at_zero_bias_with_a_dip_on_either_side():
    found = conductance(pulsed(6.0, 5e-3)) / conductance(SoftContact())
    assert int(np.argmax(found)) == pytest.approx(200, abs=2)
    assert found.max() > 1.1
    assert found[:200].min() < 0.999
    assert found[201:].min() < 0.999


@pytest.mark.parametrize(("volts", "seconds"), [(3.0, 5e-3), (3.0, 10.0), (1.0, 100.0)])
def test_below_the_threshold_nothing_is_written_however_long(volts, seconds):
    assert pulsed(volts, seconds).written == 0.0


def test_more_voltage_and_more_time_write_more():
    short, long = pulsed(4.0, 1e-3).written, pulsed(4.0, 9.9e-3).written
    high = pulsed(6.0, 1e-3).written
    assert 0.0 < short < long <= 1.0
    assert short < high


def test_either_polarity_writes():
    assert pulsed(-6.0, 5e-3).written == pytest.approx(pulsed(6.0, 5e-3).written)


@pytest.mark.parametrize("parts", [2, 10, 100])
def test_writing_does_not_depend_on_the_steps_in_time(parts):
    contact = SoftContact()
    for _ in range(parts):
        pulsed(5.0, 5e-3 / parts, contact)
    assert contact.written == pytest.approx(pulsed(5.0, 5e-3).written, rel=1e-9)


@pytest.mark.parametrize("where", [environment(field=3.6), environment(temperature=6.0)])
def test_above_its_critical_field_or_temperature_a_written_contact_shows_nothing(where):
    assert abs(excess(pulsed(6.0, 5e-3), where)) < 5e-3


@pytest.mark.parametrize("name", ["field", "temperature"])
def test_the_peak_shrinks_with_field_and_with_temperature(name):
    contact = pulsed(6.0, 5e-3)
    steps = {"field": (0.0, 1.0, 2.0, 2.9), "temperature": (1.9, 2.5, 3.2, 3.9)}[name]
    heights = [excess(contact, environment(**{name: value})) for value in steps]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > 0.05


def test_warming_up_erases_and_the_cold_keeps():
    contact = pulsed(6.0, 5e-3)
    before = contact.written
    contact.evolve(1e6, COLD, {})
    assert contact.written == before
    assert not contact.restless
    contact.evolve(3600.0, environment(temperature=300.0), {})
    assert contact.written < 0.05 * before


def test_the_state_is_restored_bit_for_bit():
    contact = pulsed(4.5, 2e-3)
    other = SoftContact()
    other.restore(contact.state())
    assert other.state() == contact.state()
    assert np.array_equal(conductance(other), conductance(contact))


def test_current_and_voltage_are_inverse_to_each_other():
    contact = pulsed(6.0, 5e-3)
    voltage = contact.voltage(CURRENT, PAIR, PAIR, COLD)
    assert contact.current(voltage, PAIR, COLD) == pytest.approx(CURRENT, rel=1e-6, abs=1e-12)


def test_the_voltage_rises_with_the_current():
    for contact in (SoftContact(), pulsed(6.0, 5e-3)):
        assert np.all(np.diff(contact.voltage(CURRENT, PAIR, PAIR, COLD)) > 0.0)


def test_a_station_file_can_begin_with_a_written_contact():
    assert make_sample("bi2se3_soft_contact", {"written": 0.5}).written == pytest.approx(0.5)
    assert make_sample("resistor", {"resistance": "1 kohm"}).resistance == 1000.0
    with pytest.raises(ConfigurationError, match="no option 'writen'"):
        make_sample("bi2se3_soft_contact", {"writen": 0.5})
