"""The settings of a 7265 as declared properties: pymeasure's, strict, and those that it lacks."""

from dataclasses import dataclass
from typing import Any

from instruments.declared import control, measurement
from instruments.domains import Choice, Flag, Plausible, Real, Several, Table, Text, Whole

TIME_CONSTANTS = (
    *(10e-6, 20e-6, 40e-6, 80e-6, 160e-6, 320e-6, 640e-6),
    *(float(f"{step}e{power}") for power in range(-3, 4) for step in (5, 10, 20)),
    *(50e3, 100e3),
)
"""Time constants in s by index, 0 to 29; there is none between 640 us and 5 ms."""
IMODES = ("voltage mode", "current mode", "low noise current mode")
LOWEST_INDEX = (1, 1, 7)
"""Lowest legal sensitivity index in each current mode."""
EITHER = Choice({0: "0", 1: "1"})
OUTPUT = Plausible(-31.0, 31.0, "V or A")
"""Three times the largest full scale, and ten times more for an expanded output."""
CONVERTER = Real(-12.0, 12.0, "V", form="plain")
BYTE = Whole(0, 255)


def full_scales(imode: int) -> dict[int, float]:
    """Return the full scales by index, in V or A, in one of the input modes 0, 1, 2.

    Parameters
    ----------
    imode
        0 voltage, 1 current, 2 low noise current.

    Returns
    -------
    dict[int, float]
        In ascending order.
    """
    shift = (0, -6, -8)[imode]
    scales = {}
    for index in range(LOWEST_INDEX[imode], 28):
        mantissa = ("2", "5", "10")[(index - 1) % 3]
        scales[index] = float(f"{mantissa}e{(index - 1) // 3 - 9 + shift}")
    return scales


@dataclass(frozen=True, slots=True)
class Offset:
    """An output offset as a fraction of full scale from -3 to 3; None is off."""

    def encode(self, value: Any) -> str:
        """Return the text to send."""
        if value is None:
            return "0 0"
        count = round(float(value) * 10000)
        if not -30000 <= count <= 30000:
            raise ValueError(value)
        return f"1 {count}"

    def decode(self, reply: str) -> float | None:
        """Return the value of a reply."""
        enabled, count = Several(2, whole=True).decode(reply)
        if enabled not in {0, 1} or abs(count) > 30000:
            raise ValueError(reply)
        return count / 10000 if enabled else None

    def __str__(self) -> str:
        return "a fraction of full scale from -3 to 3, or None"


class InputSettings:
    """Signal input and filters."""

    id = measurement("ID", Whole(0, 99999), """Get the model number (int).""")
    firmware = measurement("VER", Text(), """Get the version of the firmware (str).""")
    imode = control(
        "IMODE",
        "IMODE %s",
        Choice({name: str(place) for place, name in enumerate(IMODES)}),
        """Control the input (str, 'voltage mode', 'current mode', 'low noise current mode').""",
    )
    vmode = control(
        "VMODE",
        "VMODE %s",
        Choice({"grounded": "0", "A": "1", "-B": "2", "A-B": "3"}),
        """Control the voltage input (str, strictly 'grounded', 'A', '-B' or 'A-B').""",
    )
    fet = control("FET", "FET %s", EITHER, """Control the input device (int, 0 bipolar, 1 FET).""")
    shield = control(
        "FLOAT", "FLOAT %s", EITHER, """Control the shields (int, 0 grounded, 1 floating)."""
    )
    coupling = control("CP", "CP %s", EITHER, """Control the coupling (int, 0 ac, 1 dc).""")
    gain = control(
        "ACGAIN",
        "ACGAIN %s",
        Table(tuple(10.0 * place for place in range(10)), "dB"),
        """Control the ac gain in dB (float, strictly a multiple of 10 from 0 to 90).""",
    )
    auto_gain = control(
        "AUTOMATIC", "AUTOMATIC %s", Flag(), """Control the automatic ac gain (bool)."""
    )
    time_constant = control(
        "TC",
        "TC %s",
        Table(TIME_CONSTANTS, "s"),
        """Control the time constant in s (float, strictly one of 30 from 10e-6 to 100e3).""",
    )
    slope = control(
        "SLOPE",
        "SLOPE %s",
        Choice({6: "0", 12: "1", 18: "2", 24: "3"}),
        """Control the slope of the output filter in dB/oct (int, strictly 6, 12, 18 or 24).""",
    )
    synchronous = control(
        "SYNC", "SYNC %s", Flag(), """Control the synchronous filter of slow references (bool)."""
    )


class ReferenceSettings:
    """Reference and oscillator."""

    reference = control(
        "IE",
        "IE %s",
        Choice({"internal": "0", "external rear": "1", "external front": "2"}),
        """Control the reference (str, 'internal', 'external rear' (TTL) or 'external front').""",
    )
    reference_frequency = measurement(
        "FRQ.", Plausible(0.0, 3e5, "Hz"), """Get the reference frequency in Hz; 0 if unlocked."""
    )
    reference_phase = control(
        "REFP.",
        "REFP. %s",
        Real(-360.0, 360.0, "degrees", form="plain"),
        """Control the reference phase in degrees (float strictly from -360 to 360).""",
    )
    harmonic = control(
        "REFN", "REFN %s", Whole(1, 65535), """Control the harmonic (int, from 1 to 65535)."""
    )
    voltage = control(
        "OA.",
        "OA. %s",
        Real(0.0, 5.0, "V", form="plain"),
        """Control the amplitude of the oscillator, rms in V (float strictly from 0 to 5).""",
    )
    frequency = control(
        "OF.",
        "OF. %s",
        Real(0.001, 2.5e5, "Hz", form="plain"),
        """Control the frequency of the oscillator in Hz (float strictly from 0.001 to 250000).""",
    )


class OutputSettings:
    """Outputs, converters and status."""

    x = measurement("X.", OUTPUT, """Measure X, rms in V, or in A in a current mode.""")
    y = measurement("Y.", OUTPUT, """Measure Y, rms in V, or in A in a current mode.""")
    xy = measurement("XY.", Several(2), """Measure X and Y, rms in V, or A in a current mode.""")
    mag = measurement("MAG.", OUTPUT, """Measure the magnitude, rms in V or A.""")
    phase = measurement(
        "PHA.", Plausible(-360.0, 360.0, "degrees"), """Measure the phase in degrees."""
    )
    magnitude_phase = measurement(
        "MP.", Several(2), """Measure magnitude, rms in V or A, and phase in degrees."""
    )
    ratio = measurement("RT.", Plausible(), """Measure X divided by ADC1 (float).""")
    log_ratio = measurement("LR.", Plausible(), """Measure the logarithm of X divided by ADC1.""")
    noise = measurement("NHZ.", Plausible(), """Measure the noise in V or A per root hertz.""")
    noise_bandwidth = measurement("ENBW.", Plausible(), """Get the noise bandwidth in Hz.""")
    adc1 = measurement(
        "ADC. 1", Plausible(-13.0, 13.0, "V"), """Measure the voltage at ADC1 in V."""
    )
    adc2 = measurement(
        "ADC. 2", Plausible(-13.0, 13.0, "V"), """Measure the voltage at ADC2 in V."""
    )
    dac1 = control("DAC. 1", "DAC. 1 %s", CONVERTER, """Control DAC1 in V (float, -12 to 12).""")
    dac2 = control("DAC. 2", "DAC. 2 %s", CONVERTER, """Control DAC2 in V (float, -12 to 12).""")
    dac3 = control("DAC. 3", "DAC. 3 %s", CONVERTER, """Control DAC3 in V (float, -12 to 12).""")
    dac4 = control("DAC. 4", "DAC. 4 %s", CONVERTER, """Control DAC4 in V (float, -12 to 12).""")
    x_offset = control(
        "XOF", "XOF %s", Offset(), """Control the offset of X, a fraction of full scale or None."""
    )
    y_offset = control(
        "YOF", "YOF %s", Offset(), """Control the offset of Y, a fraction of full scale or None."""
    )
    expand = control(
        "EX",
        "EX %s",
        Choice({"off": "0", "x": "1", "y": "2", "both": "3"}),
        """Control which outputs are expanded ten times (str, 'off', 'x', 'y' or 'both').""",
    )
    remote = control(
        "REMOTE", "REMOTE %s", Flag(), """Control the lock of the front panel (bool)."""
    )
    service_mask = control("MSK", "MSK %s", BYTE, """Control which bits ask for service (int).""")
    overload_byte = measurement("N", BYTE, """Get the overload byte (int).""")


class CurveSettings:
    """The curve buffer."""

    curve_buffer_bits = control(
        "CBD", "CBD %s", Whole(1, 2097151), """Control which outputs are stored (int, bit mask)."""
    )
    curve_buffer_length = control(
        "LEN", "LEN %s", Whole(1, 32768), """Control the length (int, 32768 over the curves)."""
    )
    curve_buffer_interval = control(
        "STR",
        "STR %s",
        Whole(0, 1_000_000_000),
        """Control the interval in ms (int, rounded up to 5; 0 is 1.25 ms for X and Y alone).""",
    )
    curve_buffer_status = measurement(
        "M", Several(4, whole=True), """Get state, sweeps, status byte and points (list of int)."""
    )


class LockinSettings(InputSettings, ReferenceSettings, OutputSettings, CurveSettings):
    """All declared properties of a 7265."""
