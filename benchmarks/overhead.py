"""What the in-process path costs: twins, a bias point, engine and file. Prints one JSON object."""

import csv
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from constant_library import ConstantLibrary
from figures import QUICK, Effort, Figure, cost, once, ratio
from pymeasure.instruments import keithley, signalrecovery
from report import quick_asked, tell

from daq.config.station import load_station
from daq.runs.csv_file import CsvFile
from daq.runs.engine import MemorySink, Outcome, execute
from daq.runs.header import Header
from daq.samples.soft_contact import SoftContact
from daq.simulation import build_bench
from daq.station_file import open_configured
from instruments.bias import OscillatorBias
from instruments.clock import VirtualClock
from instruments.dsp7265 import DSP7265
from instruments.excitation import Excitation
from instruments.keithley6221 import Keithley6221
from instruments.limits import StationLimits
from instruments.simulated.bench import Bench
from instruments.simulated.device import Device
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.sample import Resistor, VirtualSample
from instruments.simulated.sample_space import Condition, Steady
from instruments.simulated.visa import SimulatedVisaLibrary
from instruments.station import Station
from instruments.waiting import Events, Record, Steps, Value, drive
from procedures.bias_spectrum import BiasSpectrum
from procedures.environment import reach_temperature

PROPERTY_LIMIT = 4.0
"""A property of our driver on a twin, over pymeasure's on a constant reply."""
POINT_LIMIT = 0.5
"""A new bias point in ms."""
FILE_LIMIT = 5.0
"""Engine and file, over csv.writer and flush."""
SETTLING = 0.2
"""Wait of a bias point on the virtual clock in s."""
LIMITS = StationLimits(current=2e-4, current_rate=1e-4, compliance=0.5)
EXCITATION = Excitation(1e-6, 137.0, 0.02)
WRITTEN = 0.8
BASE = 1.9
COLUMNS = ("Time (s)", *(f"Value {place} (V)" for place in range(6)), "Status")


class Bare:
    """Source, lock-in and bias on a bench of twins, the sample at 1.9 K."""

    def __init__(self, sample: VirtualSample) -> None:
        self.clock = VirtualClock()
        bench = Bench(sample, self.clock, cryostat=Steady(Condition(temperature=BASE)))
        twins: list[Device] = [Keithley6221Twin(bench), DSP7265Twin(bench)]
        library = SimulatedVisaLibrary.serving(twins, self.clock)
        self.library = library
        options: dict[str, Any] = {"visa_library": library, "clock": self.clock}
        self.source = Keithley6221("GPIB0::12::INSTR", **options)
        self.lockin = DSP7265("GPIB0::14::INSTR", **options)
        self.source.apply_limits(
            current=LIMITS.current,
            compliance=LIMITS.compliance,
            pulse_current=LIMITS.pulse_current,
            pulse_voltage=LIMITS.pulse_voltage,
        )
        self.lockin.apply_limits(oscillator=LIMITS.compliance / 2**0.5)
        self.bias = OscillatorBias(
            self.source, self.lockin, self.clock, LIMITS, series_resistance=100e3
        )
        self.drive(self.bias.configure(EXCITATION, 1e-4))

    def drive(self, story: Steps[None]) -> None:
        """Carry a story out."""
        drive(story, self.clock, stopped=_never, handle=_ignore)

    def points(self, count: int) -> int:
        """Step the bias by 1 uA up and down again, and read both channels at every step."""
        for number in range(count):
            self.drive(self.bias.set(1e-6 * min(number, count - number)))
            self.clock.sleep(SETTLING)
            self.lockin.read_xy()
        return count


class Rows:
    """A procedure that yields rows and does nothing else."""

    def __init__(self, rows: list[dict[str, Value]]) -> None:
        self._rows = rows

    def check(self, station: object) -> None:
        """Accept every station."""

    def records(self, station: object) -> Events:  # noqa: ARG002 (as the engine calls it)
        """Yield the rows."""
        for row in self._rows:
            yield Record(row)

    def end(self, station: object) -> None:
        """Leave everything as it is."""


class FileSink:
    """A data file as the engine sees it."""

    def __init__(self, path: Path) -> None:
        self._file = CsvFile(path, Header("overhead.Rows", columns=COLUMNS))
        self.append: Callable[[Mapping[str, Value]], None] = self._file.append

    def close(self, outcome: Outcome) -> Outcome:
        """End the file."""
        self._file.close(outcome.status)
        return outcome


class OnlyAClock:
    """As much of a station as the engine asks for."""

    def __init__(self) -> None:
        self.clock = VirtualClock()


def property_figures(effort: Effort) -> Iterator[Figure]:
    """Read properties of the twin, by pymeasure's class and by ours, and pymeasure's of a constant.

    Ours asks for the status of the instrument besides, which no constant reply pays for.
    """
    bare = Bare(SoftContact(WRITTEN))
    amperes = ConstantLibrary.answering(b"+1.000000E-06\n")
    volts = ConstantLibrary.answering(b"1.0E-04\r\n")
    source = keithley.Keithley6221("GPIB0::12::INSTR", visa_library=amperes)
    lockin = signalrecovery.DSP7265("GPIB0::14::INSTR", visa_library=volts)
    plain_source = keithley.Keithley6221("GPIB0::12::INSTR", visa_library=bare.library)
    plain_lockin = signalrecovery.DSP7265("GPIB0::14::INSTR", visa_library=bare.library)
    subjects: tuple[tuple[str, object, object, str], ...] = (
        ("Keithley 6221 source_current, pymeasure", plain_source, source, "source_current"),
        ("DSP 7265 voltage, pymeasure", plain_lockin, lockin, "voltage"),
        ("DSP 7265 x, pymeasure", plain_lockin, lockin, "x"),
        ("Keithley 6221 source_current, ours", bare.source, source, "source_current"),
        ("DSP 7265 voltage, ours", bare.lockin, lockin, "voltage"),
        ("DSP 7265 x, ours", bare.lockin, lockin, "x"),
    )
    for name, ours, theirs, attribute in subjects:
        yield ratio(
            f"twin property read, {name}",
            PROPERTY_LIMIT,
            _reads(ours, attribute, effort.calls),
            _reads(theirs, attribute, effort.calls),
            effort.repeats,
        )


def point_figures(effort: Effort) -> Iterator[Figure]:
    """Set, evaluate, read."""
    samples: tuple[tuple[str, VirtualSample], ...] = (
        ("soft contact", SoftContact(WRITTEN)),
        ("resistor", Resistor(100.0)),
    )
    for name, sample in samples:
        bare = Bare(sample)

        def batch(bare: Bare = bare) -> int:
            return bare.points(effort.points)

        yield cost(f"new bias point, {name}", POINT_LIMIT, batch, effort.repeats)


def file_figure(effort: Effort, folder: Path) -> Figure:
    """Bring rows through the engine into a file, and through csv.writer with a flush per row."""
    rows: list[dict[str, Value]] = [
        {name: 1e-4 * (number + place) / 7.0 for place, name in enumerate(COLUMNS)} | {"Status": 0}
        for number in range(effort.rows)
    ]
    numbers = iter(range(1_000_000))

    def ours() -> int:
        sink = FileSink(folder / f"ours-{next(numbers)}.csv")
        outcome = execute(Rows(rows), OnlyAClock(), sink, threading.Event())
        if outcome.rows != len(rows):
            raise RuntimeError(f"{outcome.rows} of {len(rows)} rows are stored: {outcome.error}")
        return outcome.rows

    def theirs() -> int:
        path = folder / f"theirs-{next(numbers)}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for row in rows:
                writer.writerow([row[name] for name in COLUMNS])
                file.flush()
        return len(rows)

    return ratio("engine and file", FILE_LIMIT, ours, theirs, effort.repeats)


def ramp_figure(effort: Effort) -> Figure:
    """Cool the simulated station for hours with the cryostat polled every 2 s."""
    station, _ = _simulated_station()
    cryostat = station.cryostat
    if cryostat is None:
        raise RuntimeError("the station 'simulated' has no cryostat; nothing can be cooled")
    seconds = 3600.0 * effort.hours

    def work() -> dict[str, float]:
        cryostat.set_temperature(BASE, (300.0 - BASE) / (3600.0 * 11.5))
        station.clock.sleep(seconds)
        reached = float(cryostat.reading.temperature)
        station.role("source").source_current  # noqa: B018 (the bench catches up)
        return {"hours": effort.hours, "polls": seconds / 2.0, "reached_K": reached}

    try:
        return once("temperature ramp, polled every 2 s", work)
    finally:
        station.close()


def spectrum_figure(effort: Effort) -> Figure:
    """Take a spectrum of single readings on the simulated station, at 1.9 K."""
    station, bench = _simulated_station()
    drive(reach_temperature(station, BASE, 0.2), station.clock, stopped=_never, handle=_ignore)
    bench.insert(SoftContact(WRITTEN))

    def batch() -> int:
        procedure = BiasSpectrum(points=effort.spectrum, acquisition="single")
        outcome = execute(procedure, station, MemorySink(), threading.Event())
        if outcome.status != "finished":
            raise RuntimeError(f"the spectrum {outcome.status}: {outcome.error}")
        return 1

    try:
        repeats = max(2, effort.repeats // 3)
        return cost(f"spectrum of {effort.spectrum} points", None, batch, repeats)
    finally:
        station.close()


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say on stderr which limits are missed; a miss is no failure."""
    quick = quick_asked(__doc__, arguments)
    effort = QUICK if quick else Effort()
    figures = [*property_figures(effort), *point_figures(effort)]
    with tempfile.TemporaryDirectory() as folder:
        figures.append(file_figure(effort, Path(folder)))
    figures += [spectrum_figure(effort), ramp_figure(effort)]
    return tell(figures, quick=quick)


def _simulated_station() -> tuple[Station, Bench]:
    config = load_station("simulated")
    built = build_bench(config)
    return open_configured(config, bench=built), built.bench


def _reads(instrument: object, attribute: str, calls: int) -> Callable[[], int]:
    def batch() -> int:
        for _ in range(calls):
            getattr(instrument, attribute)
        return calls

    return batch


def _never() -> bool:
    return False


def _ignore(event: object) -> None:
    """Take no notice."""


if __name__ == "__main__":
    sys.exit(main())
