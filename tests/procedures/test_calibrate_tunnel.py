import numpy as np
import pytest

from daq.analysis.tunnel_calibration import calibrate_tunnel
from instruments.errors import ConfigurationError, LimitError
from instruments.simulated.sample import Resistor
from instruments.status import Status
from instruments.tunnel_reading import Modulation
from instruments.waiting import drive
from procedures.calibrate_tunnel import CalibrateTunnel
from procedures.tunnel_spectrum import TunnelSpectrum

KNOWN = Resistor(100e3, temperature=300.0)
SHORT = {"points": 5, "dwell": 0.2, "readings": 16}


def columns(rows):
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_resistor_tells_what_is_hidden_and_the_station_sets_and_reads_the_truth(
    tunnelling_place, seed
):
    here = tunnelling_place(("seed: 1", f"seed: {seed}"), sample=KNOWN)
    found = calibrate_tunnel(
        columns(here.rows(CalibrateTunnel(**SHORT))), date=here.station.clock.utc().isoformat()
    )
    truth, lockin = here.bench.truth(), here.twins.devices["lockin"].errors
    modulation, gain = truth["modulation_scale"] / 1e-3, truth["preamplifier_gain"] / 1e8
    for measured, wanted in [
        (found.bias_scale, truth["bias_scale"] / 1e-3),
        (found.bias_offset, truth["bias_offset"]),
        (found.modulation_scale, modulation),
        (found.current_scale, gain),
        (found.conductance_scale, modulation * gain * (1.0 + lockin.gain)),
    ]:
        assert abs(measured.value - wanted) < 3.5 * measured.error
    assert found.bias_offset.error < 2e-6
    assert found.conductance_scale.error < 5e-4
    assert 1.5e-3 < found.scale_error < 3e-3  # a resistor cannot tell divider and gain apart
    here.station.use(found)
    here.bench.insert(Resistor(10e6, temperature=0.32))
    rows = columns(here.rows(TunnelSpectrum(points=5, modulation_rms=1e-3)))
    assert rows["dI/dV (S)"] == pytest.approx(np.full(5, 1e-7), rel=1.5e-3)
    bias = here.station.tunnelling
    drive(
        bias.configure(Modulation(1e-3, 977.0, 0.01), 5e-3, 0.0),
        here.station.clock,
        stopped=lambda: False,
        handle=lambda event: None,
    )
    dc = here.station.role("lockin").dac1 * truth["bias_scale"] + truth["bias_offset"]
    assert abs(dc) < 4e-6  # it goes to what makes zero volts, within a step and the error
    assert here.station.snapshot()["calibration"]["bias_offset"]["value"] == found.bias_offset.value


def test_it_reads_what_an_earlier_calibration_does_not_correct(tunnelling_place):
    here = tunnelling_place(sample=KNOWN)
    date = here.station.clock.utc().isoformat()
    first = calibrate_tunnel(columns(here.rows(CalibrateTunnel(**SHORT))), date=date)
    here.station.use(first)
    again = calibrate_tunnel(columns(here.rows(CalibrateTunnel(**SHORT))), date=date)
    assert again.conductance_scale.value == pytest.approx(first.conductance_scale.value, abs=1e-3)
    assert again.bias_offset.value == pytest.approx(first.bias_offset.value, abs=5e-6)


def test_what_overloads_the_preamplifier_is_refused_before_anything_is_sent(tunnelling_place):
    here = tunnelling_place(sample=KNOWN)
    with pytest.raises(LimitError, match="choose a smaller largest voltage or a larger resistor"):
        CalibrateTunnel(resistance=50e3).check(here.station)


def test_a_wrong_resistor_that_overloads_it_is_flagged(tunnelling_place):
    here = tunnelling_place(("full_scale: 10 V", "full_scale: 4 V"), sample=Resistor(50e3))
    rows = columns(here.rows(CalibrateTunnel(largest=3e-3, **SHORT)))
    assert (rows["Status"].astype(int)[[0, -2]] & Status.OVERLOAD).all()


def test_a_station_that_applies_a_current_is_told_what_to_use(place):
    with pytest.raises(ConfigurationError, match="use calibrate, or a station with"):
        CalibrateTunnel().check(place().station)
