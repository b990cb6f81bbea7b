"""The figures of Le et al. with hidden numbers: of the sample, and of the instruments."""

import math

import numpy as np
import pytest

from daq.campaign.prepared import prepare
from daq.config.document import parse_document, read_document
from daq.config.folder import find_config
from daq.physics.critical_field import nematic
from daq.reproduction.blind import Hidden, calibrated, shifted_sample
from daq.reproduction.campaigns import finished
from daq.reproduction.le2020_ramps import lag_of, transition_temperature
from daq.reproduction.recipe import Measured
from daq.samples.catalogue import make_sample
from daq.samples.flake import FlakeNumbers
from daq.samples.soft_contact import SoftContactNumbers
from daq.samples.thermal_lag import COLD_LAG
from instruments.simulated.sample import Environment

PAPER = "le2020"
COLD = 1.9
"""Base temperature in K."""
RATIO = SoftContactNumbers().critical_field_ratio
FIELD = 2.0
"""In T, of the spectra in all directions."""
PERIODS = {"L13.c": 180.0, "L13.d": 180.0, "L13.e": 180.0}
"""In degrees, of axes."""
SEEDS = range(1, 11)


def width(contact, turned):
    """Return the full width at half height over the normal state, at an angle from the axis."""
    current = np.arange(-40e-6, 40e-6, 1e-8)
    direction = math.radians(contact.axis + turned)
    inside = (FIELD * math.cos(direction), FIELD * math.sin(direction), 0.0)
    below, above = (Environment(COLD, field) for field in (inside, (20.0, 0.0, 0.0)))
    voltage, normal = (contact.voltage(current, "A", "A", state) for state in (below, above))
    excess = np.gradient(normal, current) / np.gradient(voltage, current) - 1.0
    high = np.flatnonzero(excess > 0.5 * excess[len(current) // 2])
    return voltage[high[-1]] - voltage[high[0]]


def expected(blind):
    """Return what is expected of the rows that depend on hidden numbers."""

    def along_the_mount(row, truths):
        hidden = truths[0].hidden
        direction = math.radians(truths[0].station.mount.offset - hidden["axis"])
        return blind.scaled(row, float(nematic(direction, hidden["critical_field"], RATIO, 0.0)))

    def axis(terminals):
        return lambda row, truths: blind.moved(row, truths[0].hidden[f"{terminals} axis"])

    def widths(row, truths):
        choice = truths[0].station.simulated.sample
        contact = make_sample(choice.name, {**choice.options, "written_a": 1.0}).contact("A+ A-")
        return blind.scaled(row, width(contact, 0.0) / width(contact, 90.0))

    def drop(row, truths):
        # what is gone far below Tc, and how much of it is gone at the base
        hidden = truths[0].hidden
        t = COLD / hidden["critical_temperature"]
        return blind.scaled(row, 100.0 * hidden["drop"] * (1.0 - t ** FlakeNumbers().sharpness))

    return {
        "L5.a": along_the_mount,
        "L6.a": blind.by("critical_temperature"),
        "L8.a": blind.by("critical_temperature"),
        "L8.b": drop,
        "L9.a": blind.by("critical_field"),
        "L13.c": axis("A+ A-"),
        "L13.d": axis("B+ B-"),
        "L15": widths,
    }


RAMP = (
    "rate: 3 K/min, rate_below: 3 K/min, both_ways: false, interval: 1 s,"
    " excitation_rms: 3 uA, acquisition: averaged"
)
UP_AND_DOWN = f"""\
format: 1
title: up and down
steps:
  - temperature_ramp: {{from: 3 K, to: 6 K, {RAMP}}}
  - temperature_ramp: {{from: 6 K, to: 3 K, {RAMP}}}
"""


def test_a_transition_below_the_boiling_point_of_helium_is_recovered_with_the_lag_of_the_flake(
    tmp_path,
):
    hidden, file = Hidden(3), tmp_path / "s.yaml"
    file.write_text(UP_AND_DOWN)
    document = read_document(find_config("stations", "le2020_flake"))
    document = parse_document(document.edited(shifted_sample(document, hidden)), "station.yaml")
    written = document.edited({("simulated", "sample", "written"): 1.0})
    (tmp_path / "station.yaml").write_text(written)
    document = parse_document(written, "station.yaml")
    calibration = calibrated(document, prepare(file, tmp_path / "station.yaml"), tmp_path)
    (tmp_path / "station.yaml").write_text(document.edited({("calibration",): str(calibration)}))
    measured = Measured((finished(prepare(file, tmp_path / "station.yaml"), tmp_path),))
    up, down = measured.runs("temperature_ramp")
    choice = measured.station().simulated.sample
    truth = make_sample(choice.name, choice.options).truth()["critical_temperature"]
    assert truth < 4.2
    lag = lag_of(up, down)
    assert lag.value == pytest.approx(COLD_LAG, abs=0.3)
    assert lag.error < 0.5
    assert transition_temperature(up, lag).value == pytest.approx(truth, rel=0.1 / 4.5)


def test_a_contact_that_nobody_knows_is_recovered_with_instruments_that_nobody_knows(
    blind, contact
):
    verdicts = blind.judged(contact, expected(blind), PERIODS)
    assert [str(one) for one in verdicts if not one.passed] == []


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_every_figure_of_le_is_recovered_blind_with_ten_seeds(blind, tmp_path):
    tasks = blind.tasks(PAPER, blind.recipes(PAPER), SEEDS, tmp_path)
    found = blind.measured(tasks, 2)
    verdicts = [one for done in found for one in blind.judged(done, expected(blind), PERIODS)]
    assert blind.failures(verdicts) == []
