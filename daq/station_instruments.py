"""Open the instruments of a station one by one, where its file says that they are found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyvisa.errors import VisaIOError

from daq.simulation import SimulatedBench
from instruments.clock import Clock
from instruments.dsp7265 import DSP7265
from instruments.errors import CommunicationError, ConfigurationError, one_line
from instruments.keithley6221 import Keithley6221
from instruments.limits import StationLimits
from instruments.ppms.axes import CryostatSettings
from instruments.ppms.cryostat import Cryostat
from instruments.ppms.limits import CryostatLimits
from instruments.ppms.model6000 import Model6000
from instruments.ppms.multivu import MultiVu
from instruments.ppms.stream import SocketStream, Stream
from instruments.simulated.multivu import MultiVuStream
from instruments.switch import Ask
from instruments.trace import Trace, TracedStream


@dataclass(frozen=True)
class Place:
    """Where the instruments of a station are found."""

    clock: Clock
    library: Any = ""
    bench: SimulatedBench | None = None
    ask: Ask | None = None
    trace: Trace | None = None

    def stream(self, server: str, opened: Callable[[], Stream]) -> Callable[[], Stream]:
        """Return how to open a stream to a server, so that the trace is told of its messages."""
        trace = self.trace
        return opened if trace is None else lambda: TracedStream(opened(), trace, server)


def server_of(instrument: Any) -> str:
    """Return host and port of an instrument behind a server; empty for any other."""
    host, port = getattr(instrument, "host", None), getattr(instrument, "port", None)
    return f"{host}:{port}" if host and port else ""


@contextmanager
def answering(role: str, instrument: Any) -> Iterator[None]:
    """Say of a link that cannot be opened whose it is, and what to do."""
    try:
        yield
    except (OSError, ValueError, VisaIOError) as failure:
        where = getattr(instrument, "resource", None) or f"{instrument.host}:{instrument.port}"
        why = one_line(failure)
        raise CommunicationError(
            f"{role}: {where} cannot be opened: {why}; see whether it is switched on and its"
            " address right, or ask `coldpoint station --find`"
        ) from failure


def open_instrument(role: str, instrument: Any, place: Place, limits: StationLimits) -> Any:
    """Open the link to a source or a lock-in and write the limits into its driver.

    Parameters
    ----------
    role
        Of the instrument, for messages.
    instrument
        What the station file says of it.
    place
        Where it is found.
    limits
        That hold.

    Returns
    -------
    Any
        The driver.

    Raises
    ------
    ConfigurationError
        There is no such driver.
    """
    timeout = round(1000.0 * instrument.timeout)
    options = {"visa_library": place.library, "timeout": timeout, "clock": place.clock}
    match instrument.driver:
        case "Keithley6221":
            source = Keithley6221(instrument.resource, **options)
            source.apply_limits(
                current=limits.current,
                compliance=limits.compliance,
                pulse_current=limits.pulse_current,
                pulse_voltage=limits.pulse_voltage,
            )
            return source
        case "DSP7265":
            lockin = DSP7265(instrument.resource, line_frequency=instrument.line, **options)
            lockin.apply_limits(oscillator=limits.compliance / 2.0**0.5)
            return lockin
    raise ConfigurationError(f"{role}: there is no driver {instrument.driver}")


def open_cryostat(instrument: Any, place: Place, limits: StationLimits) -> Cryostat:
    """Open the link to a cryostat, with the limits in its driver; it is not polled yet.

    Parameters
    ----------
    instrument
        What the station file says of it.
    place
        Where it is found.
    limits
        That hold.

    Returns
    -------
    Cryostat
        The driver.
    """
    settings = CryostatSettings(
        limits=CryostatLimits(
            temperature=limits.temperature,
            temperature_rate=limits.temperature_rate,
            field=limits.field,
            field_rate=limits.field_rate,
        )
    )
    if instrument.driver == "Model6000":
        return Model6000(
            instrument.resource,
            clock=place.clock,
            visa_library=place.library,
            rotator=instrument.rotator,
            read_only=instrument.read_only,
            settings=settings,
        )
    bench = place.bench
    name = server_of(instrument)
    if bench is None or bench.multivu is None:
        host, port = instrument.host, instrument.port
        return MultiVu(
            host,
            port,
            clock=place.clock,
            open_stream=place.stream(name, lambda: SocketStream(host, port)),
            name=f"MultiVu at {name}",
            rotator=instrument.rotator,
            read_only=instrument.read_only,
            settings=settings,
        )
    server = bench.multivu
    return MultiVu(
        clock=place.clock,
        open_stream=place.stream(name, lambda: MultiVuStream(server, bench.clock, bench.lock)),
        rotator=instrument.rotator,
        read_only=instrument.read_only,
        settings=settings,
    )
