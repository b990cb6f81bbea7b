"""The part of the command table that is not the lock-in: ADC, DAC, curve buffer, interfaces."""

from collections.abc import Callable, Mapping

from instruments.simulated import dsp7265_settings as legal
from instruments.simulated.dsp7265_settings import Interface, ParameterError, Settings
from instruments.simulated.dsp7265_table import (
    Binary,
    Command,
    Instrument,
    Lines,
    Parameters,
    Reply,
    action,
    counted,
    held,
    whole,
)

# --- auxiliary inputs and outputs -----------------------------------------------------------------


def _place(number: float, highest: int) -> int:
    if number not in range(1, highest + 1):
        raise ParameterError
    return int(number)


def _adc(instrument: Instrument, given: Parameters) -> int:
    number = _place(given[0], 3)
    return instrument.lockin.adc3() if number == 3 else instrument.lockin.adc(number)


def _adc_floating(instrument: Instrument, given: Parameters) -> float:
    scale = 1.0 if given[0] == 3 else 1e-3
    return scale * _adc(instrument, given)


def _dac(instrument: Instrument, given: Parameters) -> Reply:
    held = instrument.lockin.settings.dac
    place = _place(given[0], 4) - 1
    if len(given) == 1:
        return held[place]
    legal.check_range(given[1], -12.0, 12.0)
    held[place] = round(given[1], 3)
    return None


def _dac_fixed(instrument: Instrument, given: Parameters) -> Reply:
    if len(given) == 2:
        return _dac(instrument, (given[0], given[1] / 1000.0))
    return round(1000.0 * instrument.lockin.settings.dac[_place(given[0], 4) - 1])


def _analog_output(instrument: Instrument, given: Parameters) -> Reply:
    held = instrument.lockin.settings.outputs
    place = _place(given[0], 2) - 1
    if len(given) == 1:
        return held[place]
    legal.check_range(given[1], 0, 9)
    held[place] = int(given[1])
    return None


def _no_trigger(_settings: Settings, value: int) -> None:
    """Refuse every trigger mode but the free-running one: nothing else is simulated."""
    legal.check_range(value, 0, 0)


STAR_PAIRS: Mapping[int, str] = dict(enumerate(("X", "Y", "MAG", "PHA", "ADC 1", "XY", "MP")))
"""What the single character '*' asks for, by STAR (assumed)."""

AUXILIARY = (
    counted({1}, "ADC", _adc, _adc_floating),
    held("ADC3TIME", "adc3_time", 10, 2000),
    counted({1, 2}, "DAC", _dac_fixed, _dac),
    whole("TADC", lambda _: 0, _no_trigger),
    held("BYTE", "byte", 0, 255),
    counted({1, 2}, "CH", _analog_output),
    held("STAR", "star", 0, len(STAR_PAIRS) - 1),
)

# --- curve buffer ---------------------------------------------------------------------------------


def _while_idle(
    clears: bool, write: Callable[[Settings, int], None], name: str, read: Callable[[Settings], int]
) -> Command:
    """Control the curve buffer; not while it is being filled (assumed)."""
    control = whole(name, read, write)

    def handle(instrument: Instrument, given: Parameters) -> Reply:
        if given and instrument.lockin.curves.running:
            raise ParameterError
        assert control.fixed is not None  # noqa: S101 (by construction)
        reply = control.fixed(instrument, given)
        if given and clears:
            instrument.lockin.curves.clear()
        return reply

    return Command(name, control.counts, fixed=handle)


def _curve(instrument: Instrument, given: Parameters) -> Reply:
    lockin = instrument.lockin
    return Lines(lockin.curves.column(int(given[0]), lockin.settings.curves))


def _curve_floating(instrument: Instrument, given: Parameters) -> Reply:
    lockin = instrument.lockin
    if given[0] not in range(legal.STORED_CURVES):
        raise ParameterError
    return Lines(lockin.curves.floating(int(given[0]), lockin.settings.curves))


def _table(instrument: Instrument, given: Parameters) -> Reply:
    legal.check_range(given[0], 1, 2**legal.STORED_CURVES - 1)
    lockin = instrument.lockin
    return Lines(lockin.curves.table(int(given[0]), lockin.settings.curves))


def _binary(instrument: Instrument, given: Parameters) -> Reply:
    lockin = instrument.lockin
    column = lockin.curves.column(int(given[0]), lockin.settings.curves)
    return Binary(b"".join((value % 65536).to_bytes(2, "big") for value in column))


def _monitor(instrument: Instrument, _given: Parameters) -> Reply:
    buffer = instrument.lockin.curves
    return (int(buffer.state), buffer.sweeps, instrument.status(), len(buffer.rows))


CURVES = (
    _while_idle(True, legal.set_curves, "CBD", lambda s: s.curves),  # noqa: FBT003 (a table)
    _while_idle(False, legal.set_length, "LEN", lambda s: s.length),  # noqa: FBT003 (a table)
    _while_idle(False, legal.set_interval, "STR", lambda s: s.interval),  # noqa: FBT003 (a table)
    action("NC", lambda s: s.curves.clear()),
    action("TD", lambda s: s.store(circular=False)),
    action("TDC", lambda s: s.store(circular=True)),
    action("HC", lambda s: s.curves.halt()),
    held("EVENT", "event", 0, 32767),
    counted({0}, "M", _monitor),
    counted({1}, "DC", _curve, _curve_floating),
    counted({1}, "DCT", _table),
    counted({1}, "DCB", _binary),
)

# --- interface ------------------------------------------------------------------------------------


def _gpib(instrument: Instrument, given: Parameters) -> Reply:
    interface = instrument.interface
    if not given:
        return (interface.address, interface.terminator)
    if given[0] != interface.address:
        raise ParameterError  # a simulated instrument cannot move on its bus
    legal.check_range(given[1], 0, 5)
    interface.terminator = int(given[1])
    return None


def _serial(instrument: Instrument, given: Parameters) -> Reply:
    interface = instrument.interface
    if not given:
        return (interface.baud, interface.framing)
    legal.check_range(given[0], 0, 12)
    legal.check_range(given[1], 0, 31)
    interface.baud, interface.framing = int(given[0]), int(given[1])
    return None


def _delimiter(instrument: Instrument, given: Parameters) -> Reply:
    if not given:
        return instrument.interface.delimiter
    if given[0] != 13:
        legal.check_range(given[0], 32, 125)
    instrument.interface.delimiter = int(given[0])
    return None


def _mask(instrument: Instrument, given: Parameters) -> Reply:
    if not given:
        return instrument.interface.mask
    legal.check_range(given[0], 0, 255)
    instrument.interface.mask = int(given[0])
    return None


def _defaults(instrument: Instrument, given: Parameters) -> Reply:
    """Take up the factory settings; ADF 1 keeps the interfaces as they are."""
    legal.check_range(given[0], 0, 1)
    instrument.lockin.reset()
    if given[0] == 0:
        factory = Interface(address=instrument.interface.address)
        for name in ("terminator", "delimiter", "baud", "framing", "mask"):
            setattr(instrument.interface, name, getattr(factory, name))
    return None


INTERFACE = (
    counted({0, 2}, "GP", _gpib),
    counted({0, 2}, "RS", _serial),
    counted({0, 1}, "DD", _delimiter),
    counted({0, 1}, "MSK", _mask),
    counted({1}, "ADF", _defaults),
    held("REMOTE", "remote", 0, 1),
    held("LTS", "lights", 0, 1),
)
