"""The output filter of a lock-in amplifier in time: n equal RC poles, exact for any step of time.

What enters is what the multiplier of the lock-in puts out: a constant (the signal), tones (twice
the reference frequency, dc and harmonics shifted by the reference, the beat of a line) and white
noise. In units of the time constant the chain obeys dx_1 = (u - x_1) dt, dx_j = (x_(j-1) - x_j) dt.
Constant and tones have a steady answer; the difference from it decays by F(s) with
F_ij = exp(-s) s^(i-j)/(i-j)!, s = dt/TC, so nothing is stepped. The noise is
a Gauss-Markov process with the same F and the covariance of its innovations in closed form.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

ComplexArray = NDArray[np.complex128]
FloatArray = NDArray[np.float64]

TICK = 1.25e-3
"""Interval in s on which the noise is carried forward; every refresh of the outputs lies on it."""
BANDWIDTH = (1.0 / 4.0, 1.0 / 8.0, 3.0 / 32.0, 5.0 / 64.0)
"""Equivalent noise bandwidth times the time constant, for 1 to 4 poles."""
LONG = 700.0
"""Time constants after which nothing is left of anything."""


@dataclass(frozen=True, slots=True)
class Drive:
    """What the multiplier puts out, X + iY, until its next change.

    Parameters
    ----------
    constant
        The part that does not move, in V.
    amplitudes
        Of the tones at time zero of the clock, complex, in V; shape (m,).
    beats
        Frequencies of the tones in Hz, of either sign; m of them.
    noise
        White noise that X and Y each carry, as density before the filter in V/rtHz.
    """

    constant: complex = 0.0 + 0.0j
    amplitudes: ComplexArray = field(default_factory=lambda: np.zeros(0, np.complex128))
    beats: tuple[float, ...] = ()
    noise: float = 0.0


def noise_bandwidth(poles: int, time_constant: float) -> float:
    """Return the equivalent noise bandwidth in Hz of 1 to 4 poles of `time_constant` s."""
    return BANDWIDTH[poles - 1] / time_constant


def decay(poles: int, steps: float) -> list[float]:
    """Return the first column of F for a time of `steps` time constants; shape (poles,)."""
    if steps > LONG:
        return [0.0] * poles
    column = [math.exp(-steps)]
    for order in range(1, poles):
        column.append(column[-1] * steps / order)
    return column


@lru_cache(maxsize=4096)
def innovation(poles: int, steps: float) -> tuple[FloatArray, FloatArray]:
    """Return how noise of unit stationary input evolves over `steps` time constants.

    The impulse response of pole i is h_i(t) = t^(i-1) exp(-t)/(i-1)!, so the noise gathered in a
    time s has the covariance Q_ij = C(i+j-2, i-1) 2^-(i+j-1) P(i+j-1, 2s), with P the regularised
    lower incomplete gamma function. Unlike P - F P F^T this loses no digits for small s.

    Parameters
    ----------
    poles
        1 to 4.
    steps
        Time over time constant, above 0.

    Returns
    -------
    tuple
        F and a lower triangular factor of Q, for noise of density sqrt(2 TC); both of shape
        (poles, poles).
    """
    column = decay(poles, steps)
    matrix = np.zeros((poles, poles))
    covariance = np.zeros((poles, poles))
    for i in range(poles):
        for j in range(poles):
            if j <= i:
                matrix[i, j] = column[i - j]
            order = i + j + 1
            share = math.comb(i + j, i) * 2.0**-order
            covariance[i, j] = share * float(gammainc(order, 2.0 * steps))
    scale = np.sqrt(np.diag(covariance))
    factor = np.linalg.cholesky(covariance / np.outer(scale, scale))
    return matrix, scale[:, np.newaxis] * factor


class OutputFilter:
    """One filter for X and Y; it remembers where it was at the last change of its drive.

    Parameters
    ----------
    generator
        Of the noise.
    time
        At which the filter begins, at rest, in s.
    time_constant
        In s.
    poles
        1 to 4.
    """

    def __init__(
        self, generator: np.random.Generator, time: float, time_constant: float, poles: int
    ) -> None:
        self.time_constant = time_constant
        self.poles = poles
        self._generator = generator
        self._since = time
        self._drive = Drive()
        self._rest = [0.0 + 0.0j] * poles
        self._ripple: ComplexArray | None = None
        self._tuned: tuple[float, ...] = ()
        self._spin: ComplexArray = np.zeros(0, np.complex128)
        self._left: ComplexArray = np.zeros((poles, 0), np.complex128)
        self._noise = np.zeros((poles, 2))
        self._noise_tick = tick(time)
        self._energy = 0.0

    def follow(self, time: float, drive: Drive) -> None:
        """Take up another drive from `time` s on; the outputs have no step.

        Parameters
        ----------
        time
            Not before the last change.
        drive
            What the multiplier puts out from then on.
        """
        before, ripple = self._drive, self._ripple
        self._energy += before.noise**2 * (time - self._since)
        if ripple is None or drive.beats != self._tuned:
            state = self._state(time)
            self._drive = drive
            self._tune()
            self._begin(time, state)
            return
        self._rest = self._decayed(time)
        self._since = time
        self._drive = drive
        self._ripple = drive.amplitudes * self._left
        moved = (ripple - self._ripple) @ np.exp(self._spin * time)
        step = before.constant - drive.constant
        for i, shift in enumerate(moved.tolist()):
            self._rest[i] += step + shift

    def reshape(self, time: float, time_constant: float, poles: int) -> None:
        """Change time constant and number of poles at `time` s.

        Parameters
        ----------
        time
            Not before the last change.
        time_constant
            In s.
        poles
            1 to 4; the last poles are kept, new ones begin at the value of the output.
        """
        state = self._state(time)
        self._carry_noise(tick(time))
        missing = poles - self.poles
        state = state[-poles:] + [state[-1]] * missing
        kept = self._noise[-poles:]
        self._noise = np.vstack([kept, *[self._noise[-1:]] * missing])
        self._energy += self._drive.noise**2 * (time - self._since)
        self.time_constant = time_constant
        self.poles = poles
        self._tune()
        self._begin(time, state)

    def value(self, time: float) -> complex:
        """Return the output X + iY in V at `time` s.

        Parameters
        ----------
        time
            Not before the last change; the noise is the one of the last tick at or before it, and
            never goes back.

        Returns
        -------
        complex
            Constant and tones as filtered, and noise.
        """
        time = max(time, self._since)
        self._carry_noise(tick(time))
        x, y = self._noise[-1].tolist()
        return self._output(time) + complex(x, y)

    def _tune(self) -> None:
        """Work out what each pole leaves of tones at the beats of the drive."""
        self._tuned = self._drive.beats
        self._spin = 2j * np.pi * np.array(self._tuned, np.complex128)
        exponents = -np.arange(1, self.poles + 1)[:, np.newaxis]
        self._left = (1.0 + self._spin * self.time_constant) ** exponents

    def _begin(self, time: float, state: list[complex]) -> None:
        self._since = time
        self._ripple = self._drive.amplitudes * self._left if self._tuned else None
        steady = self._steady(time)
        self._rest = [x - s for x, s in zip(state, steady, strict=True)]

    def _steady(self, time: float) -> list[complex]:
        if self._ripple is None:
            return [self._drive.constant] * self.poles
        moved: list[complex] = (self._ripple @ np.exp(self._spin * time)).tolist()
        constant = self._drive.constant
        return [constant + part for part in moved]

    def _decayed(self, time: float) -> list[complex]:
        """Return what is left at `time` of the difference from the steady answer."""
        column = decay(self.poles, (time - self._since) / self.time_constant)
        rest = self._rest
        return [sum(column[i - j] * rest[j] for j in range(i + 1)) for i in range(self.poles)]

    def _state(self, time: float) -> list[complex]:
        rest = self._decayed(time)
        return [s + r for s, r in zip(self._steady(time), rest, strict=True)]

    def _output(self, time: float) -> complex:
        """Return the state of the last pole alone."""
        column = decay(self.poles, (time - self._since) / self.time_constant)
        output = self._drive.constant
        for left, rest in zip(reversed(column), self._rest, strict=True):
            output += left * rest
        if self._ripple is not None:
            output += complex(self._ripple[-1] @ np.exp(self._spin * time))
        return output

    def _carry_noise(self, target: int) -> None:
        ticks = target - self._noise_tick
        if ticks <= 0:
            return
        seconds = ticks * TICK
        lately = self._drive.noise**2 * max(0.0, target * TICK - self._since)
        density = math.sqrt(max(0.0, self._energy + lately) / seconds)
        self._energy = -lately
        matrix, factor = innovation(self.poles, min(seconds / self.time_constant, LONG))
        scale = density / math.sqrt(2.0 * self.time_constant)
        fresh = factor.dot(self._generator.standard_normal((self.poles, 2)))
        fresh *= scale
        self._noise = matrix.dot(self._noise)
        self._noise += fresh
        self._noise_tick = target


def tick(time: float) -> int:
    """Return the number of the last tick at or before `time` s; a rounding error early counts."""
    return math.floor(time / TICK + 1e-6)
