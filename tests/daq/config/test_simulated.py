import pytest

from daq.config.document import parse_document
from daq.config.simulated import SimulatedConfig
from daq.config.station import station_from
from daq.simulation import build_bench
from instruments.errors import ConfigurationError

STATION = """\
name: twins
instruments:
  source: {{driver: Keithley6221, resource: GPIB0::12::INSTR}}
  lockin: {{driver: DSP7265, resource: GPIB0::14::INSTR}}
  cryostat: {{driver: MultiVu}}
bias: {{kind: oscillator, series_resistance: 100 kohm}}
limits: {{current: 0.2 mA, current_rate: 0.1 mA/s, temperature: [1.8 K, 350 K],
         temperature_rate: 12 K/min, field: 14 T, field_rate: 42 Oe/s}}
simulated: {{sample: resistor, seed: {seed}, spread: {spread}}}
"""


def station(spread, seed=1):
    return station_from(parse_document(STATION.format(spread=spread, seed=seed), "twins.yaml"))


def test_the_spread_of_the_twins_is_a_fraction_up_to_a_fifth():
    assert station("20 %").simulated.spread == 0.2
    assert SimulatedConfig(sample="resistor").spread == 0.0


@pytest.mark.parametrize("spread", ["21 %", "-1 %", "5 K", "true", "[1]"])
def test_another_spread_is_refused_with_its_line(spread):
    with pytest.raises(ConfigurationError, match=r"twins.yaml:9: simulated.spread: found"):
        station(spread)


def test_the_seed_decides_how_far_the_bus_and_the_cryostat_are_off_the_book():
    benches = [build_bench(station("20 %", seed)) for seed in (1, 2, 2)]
    paces = [bench.library.pace for bench in benches]
    assert all(0.8 <= pace <= 1.2 for pace in paces)
    assert paces[0] != paces[1] == paces[2]
    assert benches[0].cryostat.options.spread == 0.2


def test_without_a_spread_everything_keeps_to_the_book():
    bench = build_bench(station("0 %"))
    assert bench.library.pace == 1.0
    assert bench.cryostat.options.spread == 0.0
