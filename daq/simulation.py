"""Build the simulated bench of a station file: sample, twins, and the library they answer on."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from daq.config.bench import ADC1, drivers_of
from daq.config.simulated import CryostatStart, SimulatedConfig
from daq.config.station import StationConfig
from daq.samples.catalogue import make_sample
from instruments.clock import Clock, ScaledClock, SystemClock, VirtualClock
from instruments.errors import ConfigurationError
from instruments.simulated.bench import Bench
from instruments.simulated.circuit import ScannerWiring, VoltageWiring, Wiring
from instruments.simulated.device import Device
from instruments.simulated.dsp7265 import DSP7265Twin
from instruments.simulated.dsp7265_reference import ExternalReference
from instruments.simulated.dsp7265_state import AdcInputs
from instruments.simulated.keithley6221 import Keithley6221Twin
from instruments.simulated.model6000 import Model6000
from instruments.simulated.multivu import MultiVuServer
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_field_course import MagnetOptions
from instruments.simulated.ppms_options import PpmsOptions
from instruments.simulated.sample_space import Mount
from instruments.simulated.switch import dc_voltage
from instruments.simulated.visa import SimulatedVisaLibrary
from instruments.simulated.wiring_errors import NONE, WiringErrors, draw_wiring

OERSTED = 1e-4
"""T per Oe."""
WITHOUT_TWIN = frozenset(drivers_of("voltmeter") + drivers_of("switch"))


@dataclass
class SimulatedBench:
    """A bench with its twins, by role.

    Parameters
    ----------
    bench
        Circuit, sample and clock.
    devices
        Twins that answer messages, by role.
    cryostat
        The PPMS, or None.
    multivu
        The server in front of it, or None.
    library
        A VISA library of its own.
    wirings
        By name of the contact; the first is wired.
    """

    bench: Bench
    devices: Mapping[str, Device]
    cryostat: PpmsTwin | None
    multivu: MultiVuServer | None
    library: SimulatedVisaLibrary
    wirings: Mapping[str, Wiring] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """Return the clock of the bench."""
        return self.bench.clock

    @property
    def lock(self) -> threading.RLock:
        """Return the lock of the bench."""
        return self.bench.lock


def make_clock(simulated: SimulatedConfig, epoch: datetime | None = None) -> Clock:
    """Make the clock that a station file asks for.

    Parameters
    ----------
    simulated
        The part of the station file.
    epoch
        Zero of a scaled clock that another process shares; now if omitted.

    Returns
    -------
    Clock
        Virtual, scaled, or that on the wall.
    """
    if simulated.clock.kind == "virtual":
        return VirtualClock()
    if simulated.clock.kind == "system":
        return SystemClock()
    return ScaledClock(simulated.clock.scale, epoch)


def build_bench(
    config: StationConfig,
    clock: Clock | None = None,
    *,
    serial: bool = False,
    hidden: WiringErrors | None = None,
) -> SimulatedBench:
    """Build the twins of a station.

    Parameters
    ----------
    config
        A station with a part ``simulated``.
    clock
        The clock; the one that the file asks for if omitted.
    serial
        Whether the lock-ins answer as on their RS-232 port, for TCP.
    hidden
        By how much the wires differ from what is told of them; drawn of the seed if omitted.

    Returns
    -------
    SimulatedBench
        Ready to be asked.

    Raises
    ------
    ConfigurationError
        The station is not simulated, or an instrument has no twin.
    """
    simulated = config.simulated
    if simulated is None:
        raise ConfigurationError(
            f"station {config.name} has no part 'simulated'; add one to play it with twins"
        )
    clock = make_clock(simulated) if clock is None else clock
    sample = make_sample(simulated.sample.name, simulated.sample.options)
    wirings = {name: _wiring(config, contact) for name, contact in config.contacts.items()}
    wiring = next(iter(wirings.values()), _wiring(config, {}))
    bench = Bench(
        sample,
        clock,
        wiring=wiring,
        mount=_mount(config),
        seed=simulated.seed,
        hidden=_hidden(simulated) if hidden is None else hidden,
    )
    cryostat = _cryostat(bench, config, simulated) if "cryostat" in config.instruments else None
    devices: dict[str, Device] = {}
    multivu = None
    for role, instrument in config.instruments.items():
        if instrument.driver in WITHOUT_TWIN:
            continue  # the bench plays them, without messages
        if instrument.driver == "MultiVu":
            assert cryostat is not None  # noqa: S101 (made above for this very role)
            multivu = MultiVuServer(cryostat)
        else:
            devices[role] = _device(
                bench, role, config, cryostat, serial=serial, reference=_reference_output(devices)
            )
    library = SimulatedVisaLibrary.serving(
        devices.values(), clock, lock=bench.lock, latency=simulated.latency or 0.0
    )
    library.pace = float(bench.generator().uniform(1.0 - simulated.spread, 1.0 + simulated.spread))
    return SimulatedBench(bench, devices, cryostat, multivu, library, wirings)


def _hidden(simulated: SimulatedConfig) -> WiringErrors:
    """Return what is hidden in the wiring; nothing on a bench without noise."""
    if not simulated.noise:
        return NONE
    told = simulated.wiring_seed
    return draw_wiring(simulated.seed if told is None else told)


def _wiring(config: StationConfig, contact: Mapping[str, str]) -> Wiring:
    inputs = {role: pair for role, pair in contact.items() if role != "source"}
    bias = config.bias
    series = 1e12 if bias is None or bias.series_resistance is None else bias.series_resistance
    capacitor = None if bias is None else bias.blocking_capacitor
    return Wiring(
        source=contact.get("source", "I+ I-"),
        inputs={"lockin": "V+ V-", "voltmeter": inputs.get("lockin", "V+ V-"), **inputs},
        series_resistance=series,
        blocking_capacitor=capacitor,
        voltage=_voltage_wiring(config),
        scanner=_scanner_wiring(config),
    )


def _voltage_wiring(config: StationConfig) -> VoltageWiring | None:
    bias, amplifier = config.bias, config.preamplifier
    if bias is None or bias.divider is None or amplifier is None:
        return None
    return VoltageWiring(
        divider=bias.divider,
        oscillator_divider=bias.oscillator_divider or bias.divider,
        dac=bias.dac,
        gain=amplifier.gain,
        bandwidth=amplifier.bandwidth,
        noise=amplifier.noise,
        full_scale=amplifier.full_scale,
    )


def _scanner_wiring(config: StationConfig) -> ScannerWiring | None:
    if config.scanner is None:
        return None
    origin = 0.0 if config.simulated is None else config.simulated.cryostat.position
    return ScannerWiring(config.scanner.per_volt, config.scanner.dac, origin)


def _mount(config: StationConfig) -> Mount | None:
    """Return the mount of the file as the true one of the bench, which the rotator turns."""
    said = config.mount
    if said is None:
        return None
    return Mount(said.along, said.towards, said.offset, said.misalignment)


def _cryostat(bench: Bench, config: StationConfig, simulated: SimulatedConfig) -> PpmsTwin:
    start = simulated.cryostat
    options = PpmsOptions.at(start.temperature, start.field, start.angle)
    options = replace(options.with_spread(simulated.spread), magnet=_magnet(start))
    if start.coldest is not None:
        options = replace(options, temperature=replace(options.temperature, lowest=start.coldest))
    if config.mount is not None:
        rotator = replace(options.rotator, backlash=config.mount.backlash)
        options = replace(options, rotator=rotator)
    twin = PpmsTwin(bench.clock, bench.generator(), options)
    twin.before_change = bench.sync
    bench.put_into(twin)
    return twin


def _magnet(start: CryostatStart) -> MagnetOptions:
    """Return the magnet of the file; its supply is as strong as the rate needs (assumed)."""
    magnet = MagnetOptions()
    if start.magnet is not None:
        magnet = replace(magnet, highest=start.magnet / OERSTED)
    if start.magnet_rate is not None:
        rate = start.magnet_rate / OERSTED
        magnet = replace(magnet, inductance=magnet.inductance * magnet.fastest / rate)
    return magnet


def _reference_output(devices: Mapping[str, Device]) -> ExternalReference:
    """Return what the reference output of the main lock-in tells those beside it."""

    def frequency(_now: float) -> float | None:
        main = devices.get("lockin")
        return main.lockin.settings.frequency if isinstance(main, DSP7265Twin) else None

    return frequency


def _adc_inputs(bench: Bench, role: str, config: StationConfig) -> AdcInputs:
    """Wire the preamplifiers of the voltmeters to ADC 1; they let nothing but dc pass (assumed).

    That of the current of a sample that is biased with a voltage feeds the input and ADC 1.
    """
    if config.biases_voltage:
        return {1: lambda: dc_voltage(bench, role)}
    for voltmeter, said in config.instruments.items():
        if isinstance(said, ADC1) and said.lockin == role:
            terminals = voltmeter if voltmeter in bench.wiring.inputs else "voltmeter"
            return {1: _preamplifier(bench, terminals, said.gain)}
    return {}


def _preamplifier(bench: Bench, terminals: str, gain: float) -> Callable[[], float]:
    return lambda: gain * dc_voltage(bench, terminals)


def _device(
    bench: Bench,
    role: str,
    config: StationConfig,
    cryostat: PpmsTwin | None,
    *,
    serial: bool,
    reference: ExternalReference,
) -> Device:
    instrument = config.instruments[role]
    noise = config.simulated is None or config.simulated.noise
    match instrument.driver:
        case "Keithley6221":
            source = Keithley6221Twin(bench, instrument.resource, ideal=not noise)
            source.addressed = not serial
            return source
        case "DSP7265":
            return DSP7265Twin(
                bench,
                instrument.resource,
                role,
                drives_oscillator=role == "lockin",
                external_reference=None if role == "lockin" else reference,
                interface="rs232" if serial else "gpib",
                ideal=not noise,
                noise=1.0 if noise else 0.0,
                line_frequency=instrument.line,
                adc_inputs=_adc_inputs(bench, role, config),
            )
        case "Model6000" if cryostat is not None:
            return Model6000(cryostat, bench.generator(), instrument.resource)
    raise ConfigurationError(
        f"station {config.name}: {role}: there is no twin of {instrument.driver}; remove it"
    )
