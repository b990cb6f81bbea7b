"""The Hall resistance of a magnetic film, and the loop of its magnetisation."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import (
    FloatArray,
    not_negative,
    not_negative_array,
    positive,
    real,
    real_array,
)
from daq.physics.quadrature import blocks


@dataclass(frozen=True, slots=True)
class PreisachLoop:
    """A magnetisation as relays, each of which remembers which way it was last switched.

    A relay goes up when the field reaches its threshold and down at minus that. Many relays with
    different thresholds close a loop and remember minor loops. The state is the two tuples: it
    can be saved and restored as it is.

    Parameters
    ----------
    thresholds
        Switching fields in T, ascending.
    states
        +1 or -1 for each relay.
    """

    thresholds: tuple[float, ...]
    states: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse thresholds that are not positive and ascending, and states that are not +-1."""
        fields = not_negative_array("thresholds", self.thresholds)
        if len(fields) == 0 or len(fields) != len(self.states) or (np.diff(fields) < 0).any():
            raise ValueError(
                f"{len(fields)} thresholds and {len(self.states)} states: give as many, ascending"
            )
        if not set(self.states) <= {-1, 1}:
            raise ValueError("states has a value that is neither -1 nor 1: give one of these")

    @classmethod
    def log_normal(cls, median: float, width: float, relays: int = 1000) -> "PreisachLoop":
        """Return a loop at remanence from above, with a log-normal distribution of thresholds.

        Parameters
        ----------
        median
            Of the switching fields in T, the coercive field, more than zero.
        width
            Standard deviation of the logarithm of the switching fields, zero or more.
        relays
            How many; they have equal weight.

        Returns
        -------
        :
            All relays up.

        Raises
        ------
        ValueError
            An argument outside its range, or a number that is not finite.
        """
        if relays < 1:
            raise ValueError(f"relays is {relays}: give one or more")
        normal, spread = NormalDist(), not_negative("width", width)
        positions = [normal.inv_cdf((i + 0.5) / relays) for i in range(relays)]
        fields = positive("median", median) * np.exp(spread * np.array(positions))
        return cls(tuple(fields.tolist()), (1,) * relays)

    @property
    def magnetisation(self) -> float:
        """Return the magnetisation over that of saturation, from -1 to 1."""
        return sum(self.states) / len(self.states)

    def applied(self, field: float, scale: float = 1.0) -> "PreisachLoop":
        """Return the loop after the field has gone straight to a value.

        Parameters
        ----------
        field
            In T along the easy axis.
        scale
            Factor on all thresholds, zero or more: what temperature makes of them.

        Returns
        -------
        :
            The relays that the field reaches have its sign, the others are as they were.

        Raises
        ------
        ValueError
            A negative scale, or a number that is not finite.
        """
        value, factor = real("fields", field), not_negative("scale", scale)
        if value == 0.0:
            return self
        reached = bisect_right(self.thresholds, abs(value), key=lambda own: own * factor)
        sign = 1 if value > 0.0 else -1
        states = (sign,) * reached + self.states[reached:]
        return self if states == self.states else replace(self, states=states)

    def trace(self, fields: ArrayLike, scale: ArrayLike = 1.0) -> tuple[FloatArray, "PreisachLoop"]:
        """Return the magnetisation along a path of fields, and the loop at its end.

        Parameters
        ----------
        fields
            Turning points and points between in T, shape (n,), in the order of time.
        scale
            Factor on all thresholds, one number or shape (n,), zero or more.

        Returns
        -------
        :
            Magnetisation over that of saturation, shape (n,), and the loop after the last field.

        Raises
        ------
        ValueError
            A negative scale, or a number that is not finite.
        """
        path = np.atleast_1d(real_array("fields", fields))
        if not path.size:
            return path, self
        factor = np.broadcast_to(not_negative_array("scale", scale), path.shape)
        thresholds = np.array(self.thresholds)
        states = np.array(self.states)
        magnetisation = np.empty_like(path)
        for part in blocks(len(path), len(thresholds)):
            field = path[part, None]
            reached = (np.abs(field) >= thresholds * factor[part, None]) & (field != 0)
            when = np.where(reached, np.arange(len(field))[:, None], -1)
            last = np.maximum.accumulate(when, axis=0)
            signs = np.sign(field[:, 0])[np.maximum(last, 0)]
            history = np.where(last >= 0, signs, states)
            magnetisation[part] = history.mean(axis=1)
            states = history[-1]
        after = replace(self, states=tuple(int(state) for state in states))
        return magnetisation, after


def coercive_scale(
    temperature: ArrayLike, curie_temperature: float, exponent: float = 1.0
) -> FloatArray:
    """Return the coercive field over that at zero temperature, (1 - T/T_C)^exponent (assumed).

    Parameters
    ----------
    temperature
        In K, zero or more.
    curie_temperature
        T_C in K, more than zero.
    exponent
        More than zero.

    Returns
    -------
    :
        From 0 to 1, shape of the temperature; zero from T_C on.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    t = not_negative_array("temperature", temperature)
    short = np.maximum(1 - t / positive("curie_temperature", curie_temperature), 0)
    return np.asarray(short ** positive("exponent", exponent))[()]


def saturation(temperature: ArrayLike, curie_temperature: float) -> FloatArray:
    """Return the saturation magnetisation over that at zero temperature.

    sqrt(1 - (T/T_C)^(3/2)): Bloch's law in the cold and a mean field at T_C (assumed).

    Parameters
    ----------
    temperature
        In K, zero or more.
    curie_temperature
        T_C in K, more than zero.

    Returns
    -------
    :
        From 0 to 1, shape of the temperature; zero from T_C on.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    t = not_negative_array("temperature", temperature)
    reduced = t / positive("curie_temperature", curie_temperature)
    return np.asarray(np.sqrt(np.maximum(1 - reduced**1.5, 0)))[()]


def hall_resistance(
    field: ArrayLike,
    magnetisation: ArrayLike,
    *,
    ordinary: float,
    anomalous: float,
    shunting: ArrayLike = 1.0,
    exponent: float = 1.0,
    mixed: ArrayLike = 0.0,
) -> FloatArray:
    """Return a transverse resistance as it is measured.

    (ordinary mu0 H + anomalous m) shunting^exponent + mixed.

    Parameters
    ----------
    field
        mu0 H along the normal in T.
    magnetisation
        m over that of saturation at zero temperature, from -1 to 1.
    ordinary
        Hall coefficient of the sheet in ohm/T.
    anomalous
        Anomalous Hall resistance at full magnetisation in ohm.
    shunting
        R_xx / R_n, zero or more: a superconductor in parallel takes the signal away.
    exponent
        Of the shunting, 1 to 2 (assumed); more than zero.
    mixed
        Longitudinal resistance that misaligned contacts add, in ohm.

    Returns
    -------
    :
        In ohm, shape of the arguments broadcast against each other.

    Raises
    ------
    ValueError
        A negative shunting, or a number that is not finite.
    """
    b, m = real_array("field", field), real_array("magnetisation", magnetisation)
    signal = real("ordinary", ordinary) * b + real("anomalous", anomalous) * m
    share = not_negative_array("shunting", shunting) ** positive("exponent", exponent)
    return np.asarray(signal * share + real_array("mixed", mixed))[()]
