"""What the tests of all floors share: simulated stations, what twins know, and patience."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from daq.config.document import parse_document
from daq.config.folder import configs_folder
from daq.config.station import station_from
from daq.simulation import SimulatedBench, build_bench
from daq.station_file import open_configured
from instruments.bias import OscillatorBias
from instruments.clock import SystemClock, VirtualClock
from instruments.dsp7265 import DSP7265
from instruments.keithley6221 import Keithley6221
from instruments.limits import StationLimits
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import Wiring
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.sample import Resistor, VirtualSample
from instruments.simulated.sample_space import Condition, Steady
from instruments.simulated.visa import SimulatedVisaLibrary
from instruments.station import Station

LIMITS = StationLimits(current=2e-4, current_rate=1e-4, compliance=0.5)


@pytest.fixture
def bench_station() -> Iterator[Callable[..., tuple[Bench, Station]]]:
    """Return a maker of a source and a lock-in on a bench, at a constant temperature."""
    opened: list[Station] = []

    def make(
        sample: VirtualSample | None = None,
        *,
        temperature: float = 1.9,
        field: float = 0.0,
        limits: StationLimits = LIMITS,
        ideal: bool = False,
        seed: int = 1,
        latency: float = 0.0,
        series_resistance: float = 100e3,
        blocking_capacitor: float | None = None,
        **bias,
    ) -> tuple[Bench, Station]:
        clock = VirtualClock()
        bench = Bench(
            Resistor(100.0) if sample is None else sample,
            clock,
            wiring=Wiring(
                series_resistance=series_resistance, blocking_capacitor=blocking_capacitor
            ),
            cryostat=Steady(Condition(temperature=temperature, field=field)),
            seed=seed,
        )
        twins = [
            Keithley6221Twin(bench, ideal=ideal),
            DSP7265Twin(bench, ideal=ideal, noise=0.0 if ideal else 1.0),
        ]
        library = SimulatedVisaLibrary.serving(twins, clock, latency=latency)
        source = Keithley6221("GPIB0::12::INSTR", visa_library=library, clock=clock)
        lockin = DSP7265("GPIB0::14::INSTR", visa_library=library, clock=clock)
        source.apply_limits(
            current=limits.current,
            compliance=limits.compliance,
            pulse_current=limits.pulse_current,
            pulse_voltage=limits.pulse_voltage,
        )
        lockin.apply_limits(oscillator=limits.compliance / 2**0.5)
        bias_ = OscillatorBias(
            source,
            lockin,
            clock,
            limits,
            series_resistance=series_resistance,
            blocking_capacitor=blocking_capacitor,
            **bias,
        )
        station = Station(
            "bench",
            clock,
            {"source": source, "lockin": lockin},
            bias_,
            limits=limits,
            contact="contact 1",
            simulated=True,
            on_close=[source.adapter.close, lockin.adapter.close],
        )
        opened.append(station)
        return bench, station

    yield make
    for station in opened:
        station.close()


@pytest.fixture
def tunnelling_station() -> Iterator[Callable[..., tuple[SimulatedBench, Station]]]:
    """Return a maker of the shipped tunnelling station, with changes of its text.

    Each change is a pair of texts; the first must be in the file.
    """
    opened: list[Station] = []
    file = configs_folder() / "stations" / "tunnelling.yaml"

    def make(
        *changes: tuple[str, str], sample: VirtualSample | None = None, poll_period: float = 8.0
    ) -> tuple[SimulatedBench, Station]:
        text = file.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        config = station_from(parse_document(text, "tunnelling.yaml"))
        twins = build_bench(config)
        if sample is not None:
            twins.bench.insert(sample)
        station = open_configured(config, bench=twins, poll_period=poll_period)
        opened.append(station)
        return twins, station

    yield make
    for station in opened:
        station.close()


class TruthChannel:
    """What twins know that are served over TCP, perhaps by another process."""

    def __init__(self, port: int) -> None:
        self._port = port

    def truth(self) -> dict[str, Any]:
        with socket.create_connection(("127.0.0.1", self._port), timeout=20.0) as client:
            client.sendall(b"?\n")
            with client.makefile("rb") as answers:
                return dict(json.loads(answers.readline()))

    def dark(self) -> bool:
        """Tell whether no current and no excitation is on."""
        on = ("source_connected", "source_current", "oscillator_rms")
        truth = self.truth()
        return all(truth[name] == 0.0 for name in on)


@pytest.fixture(scope="session")
def truth_channel() -> type[TruthChannel]:
    """Return a maker of clients of the truth channel at a port."""
    return TruthChannel


@pytest.fixture(scope="session")
def wait_for() -> Callable[[Callable[[], object], float], float | None]:
    """Return a function that waits for a condition, at most for some seconds of life.

    It returns how long that took; None if the condition has never held.
    """

    def wait(condition: Callable[[], object], seconds: float) -> float | None:
        clock = SystemClock()
        began = clock.now()
        while clock.now() - began < seconds:
            if condition():
                return clock.now() - began
            clock.sleep(0.01)
        return None

    return wait


@pytest.fixture(scope="session")
def cold_station() -> Callable[..., str]:
    """Return a maker of station files: the simulated station, cold from the start, with changes.

    Each change is a pair of texts; the first must be in the file.
    """
    file = configs_folder() / "stations" / "simulated.yaml"
    whole = file.read_text(encoding="utf-8")

    def make(*changes: tuple[str, str]) -> str:
        text = whole
        for old, new in (("{temperature: 300 K", "{temperature: 1.9 K"), *changes):
            assert old in text
            text = text.replace(old, new)
        return text

    return make
