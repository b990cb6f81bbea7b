import numpy as np
import pytest

from daq.analysis.hall import hall_loop
from daq.analysis.hump import hump
from daq.analysis.result import NoResult
from daq.analysis.transition import resistive_transition
from daq.config.sample_options import QUINTUPLE_LAYERS, UNIT_CELLS
from daq.samples.catalogue import make_sample
from daq.samples.film_numbers import BY_LAYERS, BY_UNIT_CELLS, HallFilmNumbers, film_numbers
from daq.samples.hall_film import HallFilm
from instruments.simulated.sample import OPTICAL, Environment, Lit

CURRENT = np.array([1e-5])
NO_FIELD = (0.0, 0.0, 0.0)
COLD = np.arange(1.9, 15.0, 0.02)


def film(m=8, n=20):
    return make_sample("crbst_fete", {"m": m, "n": n})


def curve(sample, temperature):
    """Resistance against temperature in ohm by V(I), without noise, at rest at every point."""
    found = []
    for t in temperature:
        sample.evolve(1e4, Environment(float(t)), {})
        volts = sample.voltage(CURRENT, "V+ V-", "I+ I-", Environment(float(t)))
        found.append(volts[0] / CURRENT[0])
    return np.array(found)


def crossing(sample, fraction):
    """Temperature in K at which the resistance is a fraction of that of the normal state."""
    own = sample.numbers
    normal = own.normal_resistance * (
        1.0
        + own.hump_height * COLD / own.hump_temperature * np.exp(1.0 - COLD / own.hump_temperature)
    )
    return float(np.interp(fraction, curve(sample, COLD) / normal, COLD))


def test_the_tables_are_those_that_a_station_file_can_name():
    assert tuple(BY_LAYERS) == QUINTUPLE_LAYERS
    assert tuple(BY_UNIT_CELLS) == UNIT_CELLS


def test_the_film_without_numbers_is_eight_on_twenty():
    assert film_numbers() == HallFilmNumbers(vortex_temperature=pytest.approx(9.7))
    assert make_sample("crbst_fete", {}).truth() == film().truth()


@pytest.mark.parametrize(
    ("m", "n", "onset", "zero"),
    [(1, 20, 9.6, 2.9), (8, 20, 12.4, 10.0), (8, 18, 12.2, 2.0), (8, 50, 12.4, 11.4)],
)
def test_onset_and_zero_are_those_of_the_paper(m, n, onset, zero):
    assert crossing(film(m, n), 0.9) == pytest.approx(onset, abs=0.02)
    assert crossing(film(m, n), 0.01) == pytest.approx(zero, abs=0.02)


def test_with_more_quintuple_layers_the_zero_rises_more_than_the_onset_and_saturates_from_four():
    onsets, zeros = zip(*BY_LAYERS.values(), strict=True)
    assert list(onsets) == sorted(onsets)
    assert list(zeros) == sorted(zeros)
    assert zeros[3] - zeros[0] > 2.0 * (onsets[3] - onsets[0])
    assert zeros[3] - zeros[2] < 0.2
    assert onsets[3] - onsets[2] < 0.2


@pytest.mark.parametrize("n", [n for n in UNIT_CELLS if n >= 20])
def test_from_twenty_unit_cells_on_the_zero_lies_between_ten_and_eleven_and_a_half(n):
    assert 9.98 <= crossing(film(8, n), 0.01) <= 11.42


def test_sixteen_unit_cells_are_metallic_without_a_zero():
    resistance = curve(film(8, 16), COLD)
    assert resistance[0] > 0.1 * resistance[-1]
    assert np.all(np.diff(resistance) > 0.0)


@pytest.mark.parametrize("n", [6, 8, 10, 12, 14])
def test_up_to_fourteen_unit_cells_the_resistance_falls_and_then_rises_to_kiloohms(n):
    resistance = curve(film(8, n), COLD)
    lowest = int(np.argmin(resistance))
    hump_top = resistance[(COLD > 9.0) & (COLD < 14.0)].max()
    assert 3.0 < COLD[lowest] < 9.0
    assert resistance[lowest] < 0.95 * hump_top
    assert 1.5e3 < resistance[0] < 6e3


@pytest.mark.parametrize("sample", [film(8, 50), make_sample("fete_film", {})])
def test_the_normal_state_has_its_hump_at_sixty_kelvin(sample):
    temperature = np.arange(20.0, 300.0, 1.0)
    resistance = curve(sample, temperature)
    assert temperature[np.argmax(resistance)] == pytest.approx(60.0, abs=1.0)
    noisy = resistance * (1.0 + 1e-3 * np.random.default_rng(1).standard_normal(280))
    assert hump(temperature, noisy, 15.0).position.value == pytest.approx(60.0, abs=3.0)


def test_bare_fete_does_not_superconduct_and_has_no_loop():
    bare = make_sample("fete_film", {})
    temperature = np.linspace(1.9, 15.0, 200)
    resistance = curve(bare, temperature)
    noisy = resistance + 0.05 * np.random.default_rng(1).standard_normal(200)
    assert isinstance(resistive_transition(temperature, noisy), NoResult)
    assert resistance[0] > 0.85 * resistance[-1]  # the slope of the hump
    low, high = (loop(bare, 14.0, way) for way in (1, -1))
    np.testing.assert_allclose(low[0], high[0][::-1], atol=1e-9)
    assert np.all(low[1] == 0.0)


FIELD = np.concatenate(
    [
        np.linspace(-0.5, -0.15, 36)[:-1],
        np.linspace(-0.15, 0.15, 101),
        np.linspace(0.15, 0.5, 36)[1:],
    ]
)


def loop(sample, temperature, way):
    """R_yx in ohm and light in V along one branch after saturation, up (1) or down (-1)."""
    sample.evolve(1e4, Environment(temperature), {})
    sample.evolve(1.0, Environment(temperature, (-0.6 * way, 0.0, 0.0)), {})
    rows = []
    for field in FIELD[::way]:
        here = Environment(temperature, (float(field), 0.0, 0.0))
        sample.evolve(1.0, here, {})
        volts = sample.voltage(CURRENT, "H+ H-", "I+ I-", here)[0]
        rows.append((volts / CURRENT[0], sample.light(OPTICAL, here)))
    return np.array(rows).T


def areas(sample, temperature):
    """Area between the branches of R_yx in ohm T, and of the light in V T."""
    up, down = loop(sample, temperature, 1), loop(sample, temperature, -1)[:, ::-1]
    return [float(np.trapezoid(down[i] - up[i], FIELD)) for i in (0, 1)]


def coercive(field, signal):
    """Field at which the odd part of a rising branch changes sign."""
    return float(np.interp(0.0, signal, field))


@pytest.mark.parametrize("n", [20, 50])
def test_the_hall_loop_is_shorted_below_the_zero_and_the_light_is_not(n):
    hall, light = {}, {}
    for temperature in (2.2, 10.0, 12.0, 14.0):
        hall[temperature], light[temperature] = areas(film(8, n), temperature)
    assert hall[2.2] == 0.0
    assert abs(hall[10.0]) < 1e-4 * hall[14.0]
    assert 0.0 < hall[12.0] < (0.5 if n == 50 else 1.0) * hall[14.0]
    assert light[2.2] > light[10.0] > light[12.0] > light[14.0] > 0.1 * light[2.2]


@pytest.mark.parametrize("temperature", [13.0, 14.0, 17.0])
def test_hall_and_light_have_one_coercive_field(temperature):
    sample = film(8, 50)
    up, down = loop(sample, temperature, 1), loop(sample, temperature, -1)
    rows = np.concatenate([FIELD, FIELD[::-1]])
    rng = np.random.default_rng(int(temperature))
    found = []
    for channel, scale in ((0, 0.01), (1, 2e-6)):
        y = np.concatenate([up[channel], down[channel]]) + scale * rng.standard_normal(len(rows))
        found.append(hall_loop(rows, y, np.ones(len(rows))).coercive_field)
    hall, light = found
    assert light.value == pytest.approx(hall.value, rel=0.05)
    assert light.value == pytest.approx(coercive(FIELD, up[1]), abs=0.002)


def test_field_cooled_at_two_kelvin_the_film_turns_at_sixty_one_millitesla():
    sample = film()
    sample.evolve(1e4, Environment(30.0, (-0.01, 0.0, 0.0)), {})
    for temperature in np.arange(30.0, 2.1, -0.2):
        sample.evolve(300.0, Environment(float(temperature), (-0.01, 0.0, 0.0)), {})
    sample.evolve(1e4, Environment(2.2, (-0.01, 0.0, 0.0)), {})
    fields = np.array([-0.01, 0.047, 0.053, 0.056, 0.061, 0.064, 0.09])
    light = []
    for field in fields:
        here = Environment(2.2, (float(field), 0.0, 0.0))
        sample.evolve(1.0, here, {})
        light.append(sample.light(OPTICAL, here))
    light = np.array(light) / light[-1]
    assert light[0] == pytest.approx(-1.0, abs=1e-9)  # one domain, downward
    assert -1.0 < light[1] < -0.97  # nucleation
    assert np.all(np.diff(light) > 0.0)
    assert coercive(fields, light) == pytest.approx(0.061, abs=0.002)


def test_the_optical_channel_is_no_pair_of_contacts_and_has_its_own_noise():
    sample = film()
    assert isinstance(sample, Lit)
    here = Environment(2.0)
    with pytest.raises(ValueError, match="has no terminals"):
        sample.voltage(CURRENT, OPTICAL, "I+ I-", here)
    with pytest.raises(ValueError, match="has no terminals"):
        sample.light("V+ V-", here)
    assert sample.noise_density(OPTICAL, here) == sample.numbers.optical_noise
    assert sample.noise_density("V+ V-", here) == 0.0


def test_the_history_of_a_film_is_restored_bit_for_bit():
    one, other = film(8, 50), film(8, 50)
    loop(one, 14.0, 1)
    one.evolve(1.0, Environment(13.0, (-0.04, 0.0, 0.0)), {})
    other.restore(one.state())
    np.testing.assert_array_equal(loop(other, 12.5, 1), loop(one, 12.5, 1))


@pytest.mark.parametrize(("m", "n", "name"), [(3, 20, "m"), (8, 17, "n")])
def test_a_film_that_nobody_has_made_is_refused(m, n, name):
    with pytest.raises(ValueError, match=f"{name} is {m if name == 'm' else n}: give one of"):
        film_numbers(m, n)


def test_the_film_for_a_hall_loop_takes_its_thickness_from_the_station_file():
    assert isinstance(film(4, 38), HallFilm)
    assert film(4, 38).numbers.normal_resistance == pytest.approx(500.0 * 20 / 38)
