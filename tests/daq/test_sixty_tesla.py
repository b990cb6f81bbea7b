"""The magnet of 60 T, and the optical channel: what the stations of Yi et al. add to the bench."""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from daq.analysis.hall import hall_loop
from daq.config.station import load_station
from daq.lab import Lab
from daq.simulation import build_bench
from daq.station_file import open_configured
from instruments.errors import LimitError
from instruments.simulated.sample import OPTICAL, Environment
from procedures.field_loop import FieldLoop
from procedures.zero_bias import ZeroBias

CONFIGS = Path(__file__).parents[2] / "configs" / "stations"


def changed(name, old, new):
    """Return the text of a station that comes with Coldpoint, with one change."""
    text = (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new)


@contextmanager
def laboratory(folder, text):
    file = folder / "station.yaml"
    file.write_text(text, encoding="utf-8")
    with Lab.open(file, data=folder / "data") as lab:
        yield lab


def test_the_magnet_of_the_file_goes_to_sixty_tesla_and_no_further():
    config = load_station("sixty_tesla")
    bench = build_bench(config)
    assert bench.cryostat.options.magnet.highest == pytest.approx(6e5)
    assert bench.cryostat.options.magnet.fastest == pytest.approx(1000.0)
    assert bench.cryostat.options.temperature.lowest == 1.4
    opened = open_configured(config, bench=bench)
    try:
        opened.cryostat.set_field(55.0)
        opened.clock.sleep(900.0)
        assert opened.cryostat.poll().field == pytest.approx(55.0, abs=0.01)
        assert bench.bench.truth()["field"] == pytest.approx(55.0, abs=0.02)
        with pytest.raises(LimitError, match="61 T lies outside"):
            opened.cryostat.set_field(61.0)
    finally:
        opened.close()


def test_without_a_word_of_the_magnet_it_is_the_one_of_fourteen_tesla():
    bench = build_bench(load_station("simulated"))
    assert bench.cryostat.options.magnet.highest == 140_000.0
    assert bench.cryostat.options.temperature.lowest == 1.8


@pytest.mark.parametrize(
    ("name", "words"), [("sixty_tesla", "not the paper's pulsed field"), ("rmcd", "(assumed)")]
)
def test_the_snapshot_repeats_what_a_reader_must_know_of_the_station(name, words):
    opened = open_configured(load_station(name))
    try:
        assert words in opened.snapshot()["remark"]
    finally:
        opened.close()


def test_a_station_without_a_remark_has_none_in_its_snapshot():
    opened = open_configured(load_station("simulated"))
    try:
        assert "remark" not in opened.snapshot()
    finally:
        opened.close()


@pytest.mark.parametrize("angle", [0, 90])
def test_the_film_loses_its_superconductivity_at_the_field_of_the_paper(tmp_path, angle):
    start = "{temperature: 1.9 K, field: 0 T,"
    here = f"{{temperature: 1.5 K, field: 43 T, angle: {angle} deg,"
    fields, found = [43.0, *np.arange(44.0, 45.25, 0.2), 47.0], []
    with laboratory(tmp_path, changed("sixty_tesla", start, here)) as lab:
        for field in fields:
            lab.field(float(field))
            rows = lab.run(ZeroBias(readings=1, dwell=0.2)).data
            assert rows["Field (T)"][0] == pytest.approx(field, abs=0.01)
            found.append(float(rows["dV/dI (ohm)"][0]))
    assert abs(found[0]) < 0.01 * found[-1]
    assert np.all(np.diff(found) > -0.01 * found[-1])
    assert np.interp(0.5 * found[-1], found, fields) == pytest.approx(44.5, abs=0.05)


def test_hall_resistance_and_light_of_one_film_have_one_coercive_field(tmp_path):
    sweep = FieldLoop(
        maximum=0.15,
        mode="sweep",
        rate=0.001,
        interval=3.0,
        initial_branch=False,
        zero_first=False,
        excitation_rms=3e-6,
    )
    found = {}
    with laboratory(tmp_path, changed("rmcd", "seed: 1", "seed: 4")) as lab:
        for contact in ("bar", "light"):
            lab.contact(contact)
            rows = lab.run(sweep).data
            columns = (rows[name].to_numpy() for name in ("Field (T)", "R_yx (ohm)"))
            found[contact] = hall_loop(*columns, rows["Resistance (ohm)"].to_numpy())
    scale = ((1.0 - 14.0 / 20.0) / (1.0 - 2.2 / 20.0)) ** 0.25
    for loop in found.values():
        assert loop.coercive_field.value == pytest.approx(0.061 * scale, abs=0.002)
    hall, light = (found[contact].coercive_field.value for contact in ("bar", "light"))
    assert light == pytest.approx(hall, rel=0.05)


def test_below_the_zero_of_the_resistance_light_still_shows_the_loop(tmp_path):
    sweep = FieldLoop(
        maximum=0.15,
        mode="sweep",
        rate=0.001,
        interval=3.0,
        initial_branch=False,
        zero_first=False,
        excitation_rms=3e-6,
    )
    cold = changed("rmcd", "temperature: 14 K", "temperature: 2.2 K")
    with laboratory(tmp_path, cold) as lab:
        lab.contact("light")
        rows = lab.run(sweep).data
    field = rows["Field (T)"].to_numpy()
    # the main lock-in finds no phase on a film without resistance: turn the light into one channel
    both = rows["X_yx (V)"].to_numpy() + 1j * rows["Y_yx (V)"].to_numpy()
    turned = both * np.exp(-0.5j * np.angle(np.sum(both**2)))
    light = turned.real * np.sign(np.sum(turned.real * field))
    rising = rows["Branch"].to_numpy() > 0
    assert abs(light).max() == pytest.approx(1e-3 / 2**0.5, rel=0.05)
    for branch, sign in ((rising, 1.0), (~rising, -1.0)):
        inside = branch & (np.abs(light) < 0.5 * np.abs(light).max())
        order = np.argsort(light[inside])
        zero = np.interp(0.0, light[inside][order], field[inside][order])
        assert sign * zero == pytest.approx(0.061, abs=0.005)  # the sweep and its trapped flux


def test_light_is_dark_without_the_oscillator_that_modulates_it():
    config = load_station("rmcd")
    bench = build_bench(config).bench
    bench.connect(replace(bench.wiring, inputs={**bench.wiring.inputs, "lockin_yx": OPTICAL}))
    bench.sample.evolve(1.0, Environment(14.0, (0.5, 0.0, 0.0)), {})
    assert bench.sample.light(OPTICAL, bench.environment) > 1e-4  # it is magnetised
    signal = bench.signal("lockin_yx")
    assert np.all(signal.harmonics == 0.0)
    assert signal.noise == 1e-6
