"""What a 7265 can be set to: the held values, their tables, and which combinations are legal."""

import math
from dataclasses import dataclass, field

TIME_CONSTANTS = (
    *(10e-6, 20e-6, 40e-6, 80e-6, 160e-6, 320e-6, 640e-6),
    *(5e-3, 10e-3, 20e-3, 50e-3, 100e-3, 200e-3, 500e-3),
    *(1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0),
    *(1e3, 2e3, 5e3, 10e3, 20e3, 50e3, 100e3),
)
"""In s, by the number that TC takes."""
FASTEST_SLOW = 7
"""The first time constant of the slow filter, 5 ms; below it only 6 and 12 dB/oct are legal."""
SENSITIVITIES = 27
_FULL_SCALES = tuple(
    step / 10.0 ** (9 - decade) for decade in range(SENSITIVITIES // 3) for step in (2, 5, 10)
)
LOWEST_IN_LOW_NOISE = 7
CURRENT_SCALE = (1.0, 1e-6, 1e-8)
"""Full scale in A over full scale in V for the same SEN, by IMODE."""
HIGHEST_DETECTION = 250e3
INPUT_LIMIT = 3.0
"""Peak voltage in V that the input takes at 0 dB of ac gain (assumed)."""
RESERVE = 100.0
"""Highest ratio of input limit and full scale in dB (assumed)."""
FIXED_FULL_SCALE = 10_000
FIXED_LIMIT = 30_000
CURVE_MEMORY = 32_768
STORED_CURVES = 16
"""Curves of the single reference mode: bits 0 to 15 of CBD."""


class ParameterError(Exception):
    """Raise when a 7265 would set status bit 2, and say nothing."""


class CommandError(Exception):
    """Raise when a 7265 would set status bit 1, and say nothing."""


@dataclass(slots=True)
class Interface:
    """How the instrument talks; ADF 1 leaves it as it is.

    Parameters
    ----------
    address
        On GPIB.
    terminator
        The second number of GP: 0 and 1 CR, 2 and 3 CR LF, 4 and 5 none.
    delimiter
        Code of the character between two values of one reply.
    baud
        Code of the baud rate.
    framing
        The second number of RS: bit 3 echo, bit 4 no prompt.
    mask
        Status bits that assert a service request.
    """

    address: int = 14
    terminator: int = 2
    delimiter: int = 44
    baud: int = 11
    framing: int = 16
    mask: int = 0


@dataclass(slots=True)
class Settings:
    """The held values of a 7265, after power-on and ADF (the values themselves are assumed).

    Names follow the commands; integers are the numbers that the commands take, floats are in SI
    units and degrees.
    """

    imode: int = 0
    vmode: int = 1
    fet: int = 1
    shield: int = 1
    coupling: int = 0
    line: tuple[int, int] = (0, 1)
    sensitivity: int = 27
    ac_gain: int = 0
    automatic: int = 1
    source: int = 0
    harmonic: int = 1
    phase: float = 0.0
    amplitude: float = 0.0
    frequency: float = 1000.0
    time_constant: int = 11
    slope: int = 1
    synchronous: int = 0
    offset_x: tuple[int, int] = (0, 0)
    offset_y: tuple[int, int] = (0, 0)
    expand: int = 0
    outputs: list[int] = field(default_factory=lambda: [0, 1])
    adc3_time: int = 100
    dac: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    byte: int = 0
    star: int = 5
    sweep_frequency: list[float] = field(default_factory=lambda: [1000.0, 1000.0])
    sweep_frequency_step: tuple[float, int] = (1.0, 1)
    sweep_amplitude: list[float] = field(default_factory=lambda: [0.0, 0.0])
    sweep_amplitude_step: float = 0.001
    sweep_rate: float = 0.1
    curves: int = 3
    length: int = 1000
    interval: int = 10
    event: int = 0
    remote: int = 0
    lights: int = 1

    def seconds(self) -> float:
        """Return the time constant in s."""
        return TIME_CONSTANTS[self.time_constant]

    def poles(self) -> int:
        """Return the number of poles of the output filter."""
        return self.slope + 1

    def full_scale(self) -> float:
        """Return the full scale in V, or in A in a current mode."""
        return full_scale(self.sensitivity) * CURRENT_SCALE[self.imode]

    def input_limit(self) -> float:
        """Return the peak voltage in V that the input takes at the present ac gain (assumed)."""
        return float(INPUT_LIMIT / 10.0 ** (self.ac_gain / 2.0))


def full_scale(sensitivity: int) -> float:
    """Return the full scale in V for a SEN number from 1 to 27."""
    return _FULL_SCALES[sensitivity - 1]


def legal_gains(sensitivity: int) -> range:
    """Return the ACGAIN numbers that are legal at a SEN number.

    Assumed rule: full scale must not overload the input, and input limit over full scale must not
    exceed the dynamic reserve.
    """
    scale = full_scale(sensitivity)
    highest = 2.0 * math.log10(INPUT_LIMIT / (math.sqrt(2.0) * scale))
    lowest = 2.0 * math.log10(INPUT_LIMIT / scale) - RESERVE / 10.0
    return range(max(0, math.ceil(lowest)), min(9, math.floor(highest)) + 1)


def automatic_gain(sensitivity: int) -> int:
    """Return the ACGAIN of AUTOMATIC: the highest at which 300 % of full scale fits (assumed)."""
    gains = legal_gains(sensitivity)
    fits = 2.0 * math.log10(INPUT_LIMIT / (3.0 * math.sqrt(2.0) * full_scale(sensitivity)))
    return min(max(math.floor(fits), gains.start), gains.stop - 1)


def check_range(value: float, lowest: float, highest: float) -> None:
    """Refuse a value outside a range, and one that is not a number."""
    if not lowest <= value <= highest:
        raise ParameterError


def set_imode(settings: Settings, value: int) -> None:
    """Choose voltage input or one of the current inputs; the sensitivity stays legal (assumed)."""
    check_range(value, 0, 2)
    settings.imode = value
    if value == 2 and settings.sensitivity < LOWEST_IN_LOW_NOISE:
        set_sensitivity(settings, LOWEST_IN_LOW_NOISE)


def set_sensitivity(settings: Settings, value: int) -> None:
    """Choose the full scale; the ac gain follows AUTOMATIC, or is kept legal (assumed)."""
    check_range(value, LOWEST_IN_LOW_NOISE if settings.imode == 2 else 1, SENSITIVITIES)
    settings.sensitivity = value
    gains = legal_gains(value)
    kept = min(max(settings.ac_gain, gains.start), gains.stop - 1)
    settings.ac_gain = automatic_gain(value) if settings.automatic else kept


def set_ac_gain(settings: Settings, value: int) -> None:
    """Choose the ac gain by hand, which ends AUTOMATIC (assumed)."""
    if value not in legal_gains(settings.sensitivity):
        raise ParameterError
    settings.ac_gain = value
    settings.automatic = 0


def set_automatic(settings: Settings, value: int) -> None:
    """Let the ac gain follow the sensitivity, or not."""
    check_range(value, 0, 1)
    settings.automatic = value
    set_sensitivity(settings, settings.sensitivity)


def set_fet(settings: Settings, value: int) -> None:
    """Choose the input device; the bipolar one cannot be coupled to dc."""
    check_range(value, 0, 1)
    if value == 0 and settings.coupling == 1:
        raise ParameterError
    settings.fet = value


def set_coupling(settings: Settings, value: int) -> None:
    """Choose ac or dc coupling; the bipolar input device cannot be coupled to dc."""
    check_range(value, 0, 1)
    if value == 1 and settings.fet == 0:
        raise ParameterError
    settings.coupling = value


def set_line(settings: Settings, value: tuple[int, int]) -> None:
    """Choose the line notches: off, f, 2f, both; at 60 or 50 Hz."""
    check_range(value[0], 0, 3)
    check_range(value[1], 0, 1)
    settings.line = value


def set_time_constant(settings: Settings, value: int) -> None:
    """Choose the time constant; below 5 ms a slope above 12 dB/oct is in the way (assumed)."""
    check_range(value, 0, len(TIME_CONSTANTS) - 1)
    if value < FASTEST_SLOW and settings.slope > 1:
        raise ParameterError
    settings.time_constant = value


def set_slope(settings: Settings, value: int) -> None:
    """Choose the slope; below 5 ms only 6 and 12 dB/oct."""
    check_range(value, 0, 1 if settings.time_constant < FASTEST_SLOW else 3)
    settings.slope = value


def set_harmonic(settings: Settings, value: int) -> None:
    """Choose the harmonic that is detected, up to 250 kHz."""
    check_range(value, 1, 65535)
    check_range(value * settings.frequency, 0.0, HIGHEST_DETECTION)
    settings.harmonic = value


def set_frequency(settings: Settings, value: float) -> None:
    """Set the frequency of the oscillator in Hz, with a resolution of 1 mHz."""
    check_range(value, 0.001, HIGHEST_DETECTION)
    check_range(value * settings.harmonic, 0.0, HIGHEST_DETECTION)
    settings.frequency = round(value, 3)


def set_amplitude(settings: Settings, value: float) -> None:
    """Set the amplitude of the oscillator in V rms."""
    check_range(value, 0.0, 5.0)
    settings.amplitude = round(value, 6)


def set_phase(settings: Settings, value: float) -> None:
    """Set the reference phase in degrees, with a resolution of 1 mdeg."""
    check_range(value, -360.0, 360.0)
    settings.phase = round(value, 3)


def set_curves(settings: Settings, value: int) -> None:
    """Choose the stored curves; the length is shortened to what fits."""
    check_range(value, 1, 2**STORED_CURVES - 1)
    settings.curves = value
    settings.length = min(settings.length, CURVE_MEMORY // value.bit_count())


def set_length(settings: Settings, value: int) -> None:
    """Choose the number of points of every curve."""
    check_range(value, 1, CURVE_MEMORY // settings.curves.bit_count())
    settings.length = value


def set_interval(settings: Settings, value: int) -> None:
    """Choose the storage interval in ms, rounded up to a multiple of 5; 0 stands for 1.25 ms."""
    check_range(value, 0, 1_000_000_000)
    settings.interval = -(-value // 5) * 5
