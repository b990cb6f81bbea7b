"""A whole simulated station for procedures: a PPMS, one or two lock-ins, and any sample."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import Event as Flag

import pytest

from daq.config.document import parse_document
from daq.config.station import station_from
from daq.runs.engine import MemorySink, Outcome, execute
from daq.simulation import SimulatedBench, build_bench
from daq.station_file import open_configured
from instruments.limits import StationLimits
from instruments.simulated.bench import Bench
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.sample import VirtualSample
from instruments.station import Station
from procedures.base import StationProcedure

FILE = """\
name: simulated
instruments:
  source: {{driver: Keithley6221, resource: GPIB0::12::INSTR}}
  lockin: {{driver: DSP7265, resource: GPIB0::14::INSTR, line: 50 Hz}}
{beside}  cryostat: {{driver: MultiVu, host: 127.0.0.1, port: 27183}}
bias: {{kind: oscillator, series_resistance: 100 kohm}}
contacts:
  contact 1: {{source: "I+ I-", lockin: "V+ V-"{transverse}}}
limits:
  current: 0.2 mA
  current_rate: 0.1 mA/s
  compliance: 0.5 V
  pulse_voltage: 10 V
  pulse_current: 105 mA
  temperature: [1.8 K, 350 K]
  temperature_rate: 12 K/min
  field: 14 T
  field_rate: 42 Oe/s
simulated:
  sample: bi2se3_soft_contact
  clock: virtual
  seed: {seed}
  latency: {latency}
  cryostat: {{temperature: {temperature} K, field: {field} T, angle: {angle} deg}}
  noise: {noise}
"""
BESIDE = "  lockin_yx: {driver: DSP7265, resource: GPIB0::16::INSTR, line: 50 Hz}\n"


@dataclass
class Place:
    """A simulated station with its bench."""

    station: Station
    twins: SimulatedBench

    @property
    def bench(self) -> Bench:
        return self.twins.bench

    @property
    def ppms(self) -> PpmsTwin:
        assert self.twins.cryostat is not None
        return self.twins.cryostat

    def run(self, procedure: StationProcedure) -> tuple[list[dict], Outcome]:
        """Carry the procedure out; return its rows and how it ended."""
        sink = MemorySink()
        outcome = execute(procedure, self.station, sink, Flag())
        return [dict(row) for row in sink.rows], outcome

    def rows(self, procedure: StationProcedure) -> list[dict]:
        """Return the rows of a procedure that must reach its end."""
        rows, outcome = self.run(procedure)
        assert outcome.status == "finished", outcome.traceback
        return rows

    def assert_at_rest(self) -> None:
        """Assert that nothing flows: the truth of the bench."""
        truth = self.bench.truth()
        assert truth["source_current"] == pytest.approx(0.0, abs=1e-7)
        assert truth["source_tone"] == 0.0
        assert truth["oscillator_rms"] == 0.0
        if self.station.tunnelling is not None:
            left = abs(truth["bias_offset"])  # what no command takes away
            assert truth["contact_voltage"] == pytest.approx(left, abs=1e-12)
            assert left < 100e-6


@pytest.fixture
def place() -> Iterator[Callable[..., Place]]:
    """Return a maker of simulated stations."""
    opened: list[Station] = []

    def make(
        sample: VirtualSample | None = None,
        *,
        temperature: float = 4.0,
        field: float = 0.0,
        angle: float = 0.0,
        transverse: bool = False,
        noise: str = "on",
        latency: str = "0 s",
        seed: int = 1,
        poll_period: float = 2.0,
        **limits,
    ) -> Place:
        text = FILE.format(
            beside=BESIDE if transverse else "",
            transverse=', lockin_yx: "Vy+ Vy-"' if transverse else "",
            temperature=temperature,
            field=field,
            angle=angle,
            noise=noise,
            latency=latency,
            seed=seed,
        )
        config = station_from(parse_document(text, "simulated.yaml"))
        twins = build_bench(config)
        if sample is not None:
            twins.bench.insert(sample)
        wanted: StationLimits = replace(config.limits, **limits)
        station = open_configured(config, limits=wanted, poll_period=poll_period, bench=twins)
        opened.append(station)
        return Place(station, twins)

    yield make
    for station in opened:
        station.close()


@pytest.fixture
def tunnelling_place(tunnelling_station: Callable[..., tuple[SimulatedBench, Station]]):
    """Return a maker of stations that bias a tunnel junction with a voltage."""

    def make(*changes: tuple[str, str], sample: VirtualSample | None = None) -> Place:
        twins, station = tunnelling_station(*changes, sample=sample)
        return Place(station, twins)

    return make
