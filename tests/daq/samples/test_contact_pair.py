import numpy as np
import pytest

from daq.analysis.harmonics import angular_fit, axis_difference
from daq.samples.contact_pair import ContactPair
from daq.samples.soft_contact import SoftContact
from instruments.simulated.sample import Environment, Exposure
from instruments.simulated.sample_space import Mount

MOUNT = Mount(misalignment=0.5)
ANGLES = np.arange(0.0, 360.0, 5.0)
STEP = np.array([-1e-7, 1e-7])


def written():
    return ContactPair(SoftContact(1.0, 10.0), SoftContact(1.0, 70.0))


def resistances(pair, terminals, *, field=2.0, temperature=1.9, seed=None):
    """Zero-bias resistance against the angle of the rotator, in ohm."""
    found = []
    for angle in ANGLES:
        here = Environment(temperature, MOUNT.field(field, float(angle)))
        low, high = pair.voltage(STEP, terminals, terminals, here)
        found.append((high - low) / (STEP[1] - STEP[0]))
    noise = 0.0 if seed is None else 0.05 * np.random.default_rng(seed).standard_normal(len(ANGLES))
    return np.array(found) + noise


def test_each_contact_shows_the_axis_of_its_own_domain():
    pair = written()
    for seed in range(20):
        first, second = (
            angular_fit(ANGLES, resistances(pair, terminals, seed=seed + 100 * i))
            for i, terminals in enumerate(("A+ A-", "B+ B-"))
        )
        one, other = first.harmonics[2], second.harmonics[2]
        assert one.found
        assert other.found
        # the resistance is largest where the critical field is smallest
        assert one.axis.value == pytest.approx(100.0, abs=2.0)
        assert other.axis.value == pytest.approx(160.0, abs=2.0)
        assert axis_difference(other, one).value == pytest.approx(60.0, abs=3.0)
        assert first.ratio(4, 2).value < 0.2


@pytest.mark.parametrize(("field", "temperature"), [(3.5, 1.9), (2.0, 5.0)])
def test_above_critical_field_and_temperature_nothing_depends_on_the_angle(field, temperature):
    for seed in range(20):
        y = resistances(written(), "A+ A-", field=field, temperature=temperature, seed=seed)
        assert angular_fit(ANGLES, y).harmonics[2].significance < 4.0


def half_width(contact, angle):
    """Current at which the conductance above background is half its peak, at 2 T and 1.9 K."""
    here = Environment(1.9, Mount().field(2.0, angle))
    normal = Environment(1.9, (0.0, 0.0, 9.0))
    current = np.linspace(0.0, 6e-5, 3001)
    excess = []
    for environment in (here, normal):
        even = contact.voltage(current, "", "", environment)
        even = even - contact.voltage(-current, "", "", environment)
        excess.append(1.0 / np.gradient(even, current))
    peak = excess[0] - excess[1]
    return current[np.argmax(peak < 0.5 * peak[0])]


def test_the_peak_is_half_as_wide_again_along_the_axis_at_two_tesla():
    contact = SoftContact(1.0, 30.0)
    ratio = half_width(contact, 30.0) / half_width(contact, 120.0)
    assert ratio == pytest.approx(1.5, abs=0.1)


def test_the_critical_field_along_the_axis_is_that_of_the_paper():
    contact = SoftContact(1.0, 30.0)
    for angle, gone in ((30.0, 3.0), (120.0, 2.571)):
        below, above = (
            contact.voltage(STEP, "", "", Environment(1.9, Mount().field(field, angle)))
            for field in (gone - 0.05, gone + 0.05)
        )
        normal = contact.voltage(STEP, "", "", Environment(9.0))
        np.testing.assert_allclose(above, normal, rtol=1e-12)
        assert abs(below[1]) < abs(normal[1]) * (1.0 - 1e-5)


def test_a_pulse_writes_its_own_contact_only():
    pair = ContactPair()
    pair.evolve(5e-3, Environment(1.9), {"A+ A-": Exposure(0.06, 6.0, 6.0)})
    assert pair.contact("A+ A-").written > 0.9
    assert pair.contact("B+ B-").written == 0.0


def test_warming_up_erases_both_contacts():
    pair = written()
    pair.evolve(3600.0, Environment(300.0), {})
    assert pair.contact("A+ A-").written < 0.01
    assert pair.contact("B+ B-").written < 0.01


def test_no_voltage_of_one_contact_is_seen_at_the_other():
    assert np.all(written().voltage(STEP, "B+ B-", "A+ A-", Environment(1.9)) == 0.0)
