import numpy as np
import pytest

from daq.samples.flake import Flake
from daq.samples.hall_film import HallFilm
from daq.samples.soft_contact import SoftContact
from instruments.clock import VirtualClock
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import SourceOutput, Tone, Wiring
from instruments.simulated.circuit_current import CurrentCircuit
from instruments.simulated.circuit_ohmic import OhmicCircuit
from instruments.simulated.sample import Environment, Ohmic

COLD = Environment(3.1, (0.02, 0.01, 0.0))
WIRING = Wiring(series_resistance=1e3)
SAMPLES = [Flake(written=0.7), HallFilm()]
DRIVES = {
    "dc and ac": (SourceOutput(connected=True, current=1e-4), Tone(177.0, 0.1)),
    "dc alone": (SourceOutput(connected=True, current=-2e-5), None),
    "ac alone": (SourceOutput(), Tone(33.0, 0.5, 0.3)),
    "held by its compliance": (
        SourceOutput(connected=True, current=1e-3, compliance=0.02),
        Tone(177.0, 0.1),
    ),
    "nothing": (SourceOutput(), None),
}


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "not loaded"])
@pytest.mark.parametrize("drive", DRIVES)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_the_short_way_through_an_ohmic_sample_ends_where_the_long_one_does(sample, drive, loaded):
    output, tone = DRIVES[drive]
    long, short = (
        circuit(sample, WIRING, COLD, loaded, 0.01).solve(output, tone)
        for circuit in (CurrentCircuit, OhmicCircuit)
    )
    assert short.current == pytest.approx(long.current, rel=1e-12, abs=1e-24)
    assert short.voltage == pytest.approx(long.voltage, rel=1e-12, abs=1e-20)
    assert short.clamped == long.clamped
    assert short.slope == pytest.approx(long.slope, rel=1e-9)
    assert short.exposure.peak_voltage == pytest.approx(long.exposure.peak_voltage, rel=1e-12)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_a_sample_that_says_it_is_ohmic_has_voltages_that_go_as_its_current(sample):
    assert isinstance(sample, Ohmic)
    current = np.array([1e-7, 1e-4, -3e-3])
    voltage = sample.voltage(current, "V+ V-", "I+ I-", COLD)
    assert voltage == pytest.approx(current * voltage[0] / current[0], rel=1e-12)


def test_a_bench_follows_the_law_of_a_contact_that_takes_the_place_of_a_flake(monkeypatch):
    solved = []
    for circuit in (CurrentCircuit, OhmicCircuit):

        def share(self, *arguments, own=circuit._share, circuit=circuit):  # noqa: SLF001 (watched)
            solved.append(circuit)
            return own(self, *arguments)

        monkeypatch.setattr(circuit, "_share", share)
    bench = Bench(Flake(), VirtualClock())
    assert solved == [OhmicCircuit]
    bench.insert(SoftContact())
    bench.truth()
    assert solved == [OhmicCircuit, CurrentCircuit]
