"""From the voltage at the input of a 7265 to what enters its output filter.

A component a cos(w t + phi) of the input becomes, behind the multiplier at the frequency w_d,

    X + iY = a/sqrt(2) (exp(i((w-w_d)t + phi)) + exp(-i((w+w_d)t + phi))) exp(i(error - REFP)),

so that a sample that is a resistor gives X > 0 and Y = 0 at a reference phase of 0. What does not
move is the reading (rms); everything else is ripple for the output filter.
"""

import cmath
import math
from dataclasses import dataclass

import numpy as np

from instruments.simulated.circuit import Signal
from instruments.simulated.dsp7265_settings import CURRENT_SCALE, Settings
from instruments.simulated.lockin_filter import Drive

VOLTAGE_NOISE = (2e-9, 5e-9)
"""Of the bipolar and of the FET input in V/rtHz."""
CURRENT_NOISE = (0.0, 130e-15, 13e-15)
"""Of the current inputs by IMODE in A/rtHz (assumed)."""
NOTCH = 0.003
"""What a line notch leaves of its line (assumed)."""
SYNCHRONOUS_LIMIT = 20.0
"""Highest reference frequency in Hz at which the synchronous filter acts (assumed)."""
CLIPPED_LAG = 0.1
"""Phase in rad by which a clipped input lags (assumed: wrong but plausible)."""
_NEGLIGIBLE = 1e-10
_ROOT_HALF = math.sqrt(0.5)


@dataclass(frozen=True, slots=True)
class HiddenErrors:
    """What only a calibration can find out about one instrument.

    Parameters
    ----------
    gain
        Relative error of the reading.
    phase
        In rad at zero frequency.
    phase_slope
        In rad/Hz.
    offset
        Of X and Y as fractions of full scale, as X + iY.
    pickup
        Complex peak amplitudes in V picked up at the line frequency and at its double.
    line_frequency
        In Hz.
    """

    gain: float = 0.0
    phase: float = 0.0
    phase_slope: float = 0.0
    offset: complex = 0.0 + 0.0j
    pickup: tuple[complex, complex] = (0.0 + 0.0j, 0.0 + 0.0j)
    line_frequency: float = 50.0

    def turn(self, frequency: float, reference_phase: float) -> complex:
        """Return the factor on X + iY at a detection frequency in Hz and a REFP in degrees."""
        angle = self.phase + self.phase_slope * frequency - math.radians(reference_phase)
        return (1.0 + self.gain) * cmath.exp(1.0j * angle)


def draw_errors(
    generator: np.random.Generator, *, ideal: bool, line_pickup: float, line_frequency: float
) -> HiddenErrors:
    """Draw the errors of one instrument.

    Parameters
    ----------
    generator
        Of the bench; as many numbers are drawn for an ideal instrument.
    ideal
        Whether gain, phase and offsets are free of error.
    line_pickup
        Rms in V, about right for the line and for twice the line.
    line_frequency
        In Hz.

    Returns
    -------
    HiddenErrors
        One sigma: 0.3 % in gain, 0.5 and 0.1 degrees per kHz in phase, 1e-4 of full scale.
    """
    gain, phase, slope, x, y = (float(v) for v in generator.standard_normal(5))
    sizes = math.sqrt(2.0) * line_pickup * generator.uniform(0.7, 1.3, 2)
    first, second = sizes * np.exp(2j * np.pi * generator.random(2))
    pickup = (complex(first), complex(second))
    if ideal:
        return HiddenErrors(pickup=pickup, line_frequency=line_frequency)
    return HiddenErrors(
        gain=3e-3 * gain,
        phase=math.radians(0.5 * phase),
        phase_slope=math.radians(1e-4 * slope),
        offset=1e-4 * complex(x, y),
        pickup=pickup,
        line_frequency=line_frequency,
    )


def clipping(settings: Settings, signal: Signal | None) -> complex:
    """Return the factor that an overloaded input puts on the reading; 1 below the limit.

    Parameters
    ----------
    settings
        Coupling and ac gain matter.
    signal
        At the input; None if it sees nothing.

    Returns
    -------
    complex
        Of a magnitude below 1 when the input is overloaded.
    """
    if signal is None:
        return 1.0 + 0.0j
    direct = abs(signal.harmonics[0]) if settings.coupling == 1 else 0.0
    peak = signal.peak + float(direct)
    limit = settings.input_limit()
    if peak <= limit:
        return 1.0 + 0.0j
    return (limit / peak) * cmath.exp(-1.0j * CLIPPED_LAG)


def white_noise(settings: Settings, signal: Signal | None) -> float:
    """Return the noise at the input in V/rtHz, or in A/rtHz in a current mode."""
    if settings.imode:
        return CURRENT_NOISE[settings.imode]
    amplifier = VOLTAGE_NOISE[settings.fet]
    return amplifier if signal is None else math.hypot(amplifier, signal.noise)


def demodulate(
    settings: Settings, signal: Signal | None, errors: HiddenErrors, reference: float
) -> Drive:
    """Work out what the multiplier puts out.

    Parameters
    ----------
    settings
        Of the instrument.
    signal
        At the input; None if the input is grounded or not connected.
    errors
        Of the instrument.
    reference
        Frequency of the reference in Hz.

    Returns
    -------
    Drive
        For the output filter; in a current mode in the V that have the same share of full scale.
    """
    detection = settings.harmonic * reference
    tones: list[tuple[complex, float]] = []
    constant = 0.0 + 0.0j
    if signal is not None:
        for amplitude, frequency in _components(settings, signal, errors):
            beat = frequency - detection
            if abs(beat) <= 1e-9 * detection:
                constant += amplitude
            else:
                tones.append((amplitude, beat))
            tones.append((amplitude.conjugate(), -frequency - detection))
    turn = errors.turn(detection, settings.phase) * clipping(settings, signal)
    amplitudes = np.array([amplitude for amplitude, _ in tones], np.complex128) * turn
    beats = tuple(beat for _, beat in tones)
    if settings.synchronous and reference <= SYNCHRONOUS_LIMIT:
        amplitudes *= np.sinc(np.array(beats) / reference)
    noise = white_noise(settings, signal) / CURRENT_SCALE[settings.imode]
    return Drive(constant * turn, amplitudes, beats, noise)


def _components(
    settings: Settings, signal: Signal, errors: HiddenErrors
) -> list[tuple[complex, float]]:
    """Return the rms phasors at the input in V with their frequencies in Hz."""
    harmonics: list[complex] = signal.harmonics.tolist()
    least = _NEGLIGIBLE * signal.peak
    components = [
        (_ROOT_HALF * amplitude, order * signal.frequency)
        for order, amplitude in enumerate(harmonics)
        if order and abs(amplitude) > least
    ]
    if settings.coupling == 1 and harmonics[0] != 0.0:
        components.append((_ROOT_HALF * harmonics[0], 0.0))
    which, at_fifty = settings.line
    right = errors.line_frequency == (50.0 if at_fifty else 60.0)
    for order, amplitude in enumerate(errors.pickup, start=1):
        if amplitude != 0.0:
            left = NOTCH if right and which & order else 1.0
            components.append((_ROOT_HALF * left * amplitude, order * errors.line_frequency))
    return components
