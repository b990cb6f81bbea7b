"""Which reference frequencies suit an average, and the time constant that goes with them."""

import cmath
import math
from dataclasses import dataclass

REFRESH = 5e-3
"""Interval in s at which a 7265 refreshes its outputs at time constants from 5 ms on (assumed)."""
POLL_INTERVAL = 10e-3
"""Time between two readings of an average in s, a multiple of the refresh."""
RIPPLE = 1e-3
"""What the output filter may leave of the ripple, as a fraction of the signal."""
SLOPE = 24
"""Of the output filter behind which readings are averaged, in dB/oct."""
ORDERS = 3
"""Harmonics of signal and line that are considered."""
LEAST_OF_LINE = 1e-3
LEAST_OF_SIGNAL = 1e-6
"""Transmission of the output filter below which a tone of line or signal is left alone."""
LEAST_DWELL = 20.0
"""Shortest dwell in time constants of the rule (a lock-in has the next longer ones only)."""
NEAREST_STEP = 0.5
NEAREST_REACH = 100.0
"""Step and reach in Hz of the search for a better frequency."""


@dataclass(frozen=True, slots=True)
class Detection:
    """How a lock-in is set while it is averaged.

    Parameters
    ----------
    frequency
        Of the reference in Hz.
    time_constant
        In s.
    slope
        Of the output filter in dB/oct.
    harmonic
        That is detected.
    line_frequency
        Of the mains in Hz.
    quantum
        Smallest step of the outputs in V.
    """

    frequency: float
    time_constant: float
    slope: int = SLOPE
    harmonic: int = 1
    line_frequency: float = 50.0
    quantum: float = 0.0

    @property
    def poles(self) -> int:
        """Return the number of poles of the output filter."""
        return self.slope // 6


@dataclass(frozen=True, slots=True)
class FrequencyVerdict:
    """Whether a reference frequency suits an average.

    Parameters
    ----------
    frequency
        That was judged, in Hz.
    dwell
        In s.
    problem
        What is wrong with it in words; empty if it is good.
    nearest
        The nearest good frequency in Hz; itself if it is good, None if there is none near.
    """

    frequency: float
    dwell: float
    problem: str
    nearest: float | None

    @property
    def good(self) -> bool:
        """Tell whether it may be used."""
        return not self.problem


def aliased(frequency: float, interval: float) -> float:
    """Return where a tone in Hz is seen when sampled every `interval` s; sign kept."""
    rate = 1.0 / interval
    return (frequency + 0.5 * rate) % rate - 0.5 * rate


def averaging_time_constant(frequency: float, harmonic: int = 1, slope: int = SLOPE) -> float:
    """Return the shortest time constant in s behind which readings are averaged.

    It is 5 ms, the refresh of the outputs, since a shorter one would alias noise; longer where a
    reference is so low that the filter would leave more than a thousandth of the ripple, which lies
    at twice the reference, or at the reference itself when the second harmonic is detected.

    Parameters
    ----------
    frequency
        Of the reference in Hz.
    harmonic
        That is detected.
    slope
        In dB/oct.

    Returns
    -------
    float
        The lock-in takes the next longer one that it has.
    """
    lowest = 2.0 * frequency if harmonic == 1 else frequency
    reach = math.sqrt(RIPPLE ** (-12.0 / slope) - 1.0)
    return max(REFRESH, reach / (2.0 * math.pi * lowest))


def disturbing_tones(detection: Detection) -> tuple[float, ...]:
    """Return the tones behind the filter, in Hz with sign, that matter: line first, then signal."""
    return (*_line_tones(detection), *_signal_tones(detection))


def judge_frequency(
    frequency: float,
    dwell: float,
    *,
    harmonic: int = 1,
    line_frequency: float = 50.0,
    time_constant: float | None = None,
) -> FrequencyVerdict:
    """Judge a reference frequency for averages of `dwell` s, and propose the nearest good one.

    Good is one that leaves 20 time constants in a dwell, and for which neither the ripple of the
    detection nor a line harmonic, as far as the output filter lets it through, is sampled to within
    1/dwell of zero. What holds at the polling interval of 10 ms holds at the refresh of the
    outputs, 5 ms, too.

    Parameters
    ----------
    frequency
        In Hz.
    dwell
        In s.
    harmonic
        1 or 2.
    line_frequency
        In Hz.
    time_constant
        In s; that of the rule if omitted.

    Returns
    -------
    FrequencyVerdict
        With the problem in words.
    """
    problem = _problem(frequency, dwell, harmonic, line_frequency, time_constant)
    if not problem:
        return FrequencyVerdict(frequency, dwell, "", frequency)
    for turn in range(1, round(NEAREST_REACH / NEAREST_STEP)):
        for side in (1.0, -1.0):
            other = round(frequency + side * turn * NEAREST_STEP, 3)
            if other > 0.0 and not _problem(other, dwell, harmonic, line_frequency, time_constant):
                return FrequencyVerdict(frequency, dwell, problem, other)
    return FrequencyVerdict(frequency, dwell, problem, None)


def _problem(
    frequency: float, dwell: float, harmonic: int, line: float, time_constant: float | None
) -> str:
    if time_constant is None:
        time_constant = averaging_time_constant(frequency, harmonic)
    if dwell < LEAST_DWELL * time_constant * (1.0 - 1e-9):
        return (
            f"it needs a time constant of {time_constant:.2g} s or more and a dwell of"
            f" {LEAST_DWELL * time_constant:.2g} s"
        )
    detection = Detection(frequency, time_constant, SLOPE, harmonic, line)
    ripple = [(-2.0 * harmonic * frequency, "the ripple")]
    if harmonic != 1:
        ripple.append(((1 - harmonic) * frequency, "the ripple"))
    lines = [(tone, "a beat with the line") for tone in _line_tones(detection)]
    for tone, name in (*ripple, *lines):
        seen = abs(aliased(tone, POLL_INTERVAL))
        if seen < (1.0 - 1e-9) / dwell:
            return (
                f"{name} at {abs(tone):g} Hz is sampled to {seen:.3g} Hz, less than 1/dwell ="
                f" {1.0 / dwell:.3g} Hz"
            )
    return ""


def _line_tones(detection: Detection) -> tuple[float, ...]:
    centre = detection.harmonic * detection.frequency
    tones = [
        tone
        for order in range(1, ORDERS + 1)
        for tone in (
            order * detection.line_frequency - centre,
            -order * detection.line_frequency - centre,
        )
    ]
    return tuple(tone for tone in tones if _left(tone, detection) >= LEAST_OF_LINE)


def _signal_tones(detection: Detection) -> tuple[float, ...]:
    n, f = detection.harmonic, detection.frequency
    tones = [
        (sign * order - n) * f
        for order in range(1, ORDERS + 1)
        for sign in (-1, 1)
        if sign * order != n
    ]
    return tuple(tone for tone in tones if _left(tone, detection) >= LEAST_OF_SIGNAL)


def _left(tone: float, detection: Detection) -> float:
    """Return what the output filter leaves of a tone, |1 + i w TC|^-n."""
    seconds = detection.time_constant
    return abs(1.0 + 2.0j * cmath.pi * tone * seconds) ** -detection.poles
