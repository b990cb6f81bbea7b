"""Upper critical fields: their dependence on temperature, angle and pair breaking. All in T."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from daq.physics.arguments import (
    FloatArray,
    not_negative,
    not_negative_array,
    positive,
    positive_array,
    real,
    real_array,
    within,
)
from daq.physics.constants import BOHR_MAGNETON, BOLTZMANN, FLUX_QUANTUM, WEAK_COUPLING

PAULI_CLASSIC: Final = 1.84
"""Paramagnetic limit over Tc in T/K, as Clogston (1962) and most papers quote it."""

PAULI_WEAK_COUPLING: Final = WEAK_COUPLING * BOLTZMANN / (np.sqrt(2) * BOHR_MAGNETON)
"""The same from the weak-coupling gap, gap / sqrt(2) mu_B: 1.857 T/K."""

WHH_ZERO: Final = float(np.exp(-np.euler_gamma) / 2 * np.pi**2 / 4)
"""Value of `whh_orbital` at zero temperature, 0.692673."""


def perpendicular_gl(
    temperature: ArrayLike, critical_temperature: float, coherence_length: float
) -> FloatArray:
    """Return the critical field normal to a film, Phi0 / (2 pi xi^2) (1 - T/Tc).

    Ginzburg and Landau: good near Tc only.

    Parameters
    ----------
    temperature
        In K, zero or more.
    critical_temperature
        In K, more than zero.
    coherence_length
        In the plane, at zero temperature, in m, more than zero.

    Returns
    -------
    :
        In T, shape of the temperature; zero from Tc on.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    prefactor = FLUX_QUANTUM / (2 * np.pi * positive("coherence_length", coherence_length) ** 2)
    return (prefactor * _below(temperature, critical_temperature))[()]


def parallel_gl(
    temperature: ArrayLike, critical_temperature: float, coherence_length: float, thickness: float
) -> FloatArray:
    """Return the critical field along a film, sqrt(12) Phi0 / (2 pi xi d) sqrt(1 - T/Tc).

    Ginzburg and Landau, for a thickness below 1.8 xi(T): good near Tc only (Tinkham, ch. 4).

    Parameters
    ----------
    temperature
        In K, zero or more.
    critical_temperature
        In K, more than zero.
    coherence_length
        In the plane, at zero temperature, in m, more than zero.
    thickness
        Of the superconductor, in m, more than zero.

    Returns
    -------
    :
        In T, shape of the temperature; zero from Tc on.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    area = positive("coherence_length", coherence_length) * positive("thickness", thickness)
    prefactor = np.sqrt(12) * FLUX_QUANTUM / (2 * np.pi * area)
    return np.asarray(prefactor * np.sqrt(_below(temperature, critical_temperature)))[()]


def parabolic(temperature: ArrayLike, critical_temperature: float, zero_field: float) -> FloatArray:
    """Return zero_field (1 - (T/Tc)^2).

    Parameters
    ----------
    temperature
        In K, zero or more.
    critical_temperature
        In K, more than zero.
    zero_field
        Critical field at zero temperature in T, zero or more.

    Returns
    -------
    :
        In T, shape of the temperature; zero from Tc on.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    short = _below(temperature, critical_temperature)
    return (not_negative("zero_field", zero_field) * short * (2 - short))[()]


def _below(temperature: ArrayLike, critical_temperature: float) -> FloatArray:
    """Return 1 - T/Tc, or zero above Tc."""
    t = not_negative_array("temperature", temperature)
    tc = positive("critical_temperature", critical_temperature)
    return np.asarray(np.maximum(tc - t, 0) / tc)


def tinkham(angle: ArrayLike, perpendicular: ArrayLike, parallel: ArrayLike) -> FloatArray:
    """Return the critical field of a thin film at an angle, with a cusp along the film.

    abs(H sin(angle) / perpendicular) + (H cos(angle) / parallel)^2 = 1 (Tinkham 1963).

    Parameters
    ----------
    angle
        From the plane of the film, in rad.
    perpendicular
        Critical field along the normal in T, more than zero.
    parallel
        Critical field in the plane in T, more than zero.

    Returns
    -------
    :
        In T, shape of the arguments broadcast against each other.

    Raises
    ------
    ValueError
        A field that is not above zero, or a number that is not finite.
    """
    theta = real_array("angle", angle)
    s = np.abs(np.sin(theta)) / positive_array("perpendicular", perpendicular)
    c = (np.cos(theta) / positive_array("parallel", parallel)) ** 2
    return np.asarray(2 / (s + np.sqrt(s * s + 4 * c)))[()]


def anisotropic_gl(angle: ArrayLike, perpendicular: ArrayLike, parallel: ArrayLike) -> FloatArray:
    """Return the critical field of an anisotropic bulk superconductor, smooth along the plane.

    (H sin(angle) / perpendicular)^2 + (H cos(angle) / parallel)^2 = 1 (Lawrence and Doniach).

    Parameters
    ----------
    angle
        From the plane of the film, in rad.
    perpendicular
        Critical field along the normal in T, more than zero.
    parallel
        Critical field in the plane in T, more than zero.

    Returns
    -------
    :
        In T, shape of the arguments broadcast against each other.

    Raises
    ------
    ValueError
        A field that is not above zero, or a number that is not finite.
    """
    theta = real_array("angle", angle)
    s = np.sin(theta) / positive_array("perpendicular", perpendicular)
    c = np.cos(theta) / positive_array("parallel", parallel)
    return np.asarray(1 / np.hypot(s, c))[()]


def nematic(angle: ArrayLike, maximum: ArrayLike, ratio: float, axis: float) -> FloatArray:
    """Return the critical field in a plane with a two-fold axis.

    maximum / sqrt(cos^2(angle - axis) + ratio^2 sin^2(angle - axis)): Ginzburg and Landau with
    two coherence lengths in the plane.

    Parameters
    ----------
    angle
        Of the field in the plane, in rad.
    maximum
        Largest critical field in T, zero or more.
    ratio
        Largest over smallest critical field, one or more.
    axis
        Angle of the largest critical field in rad; it counts modulo pi.

    Returns
    -------
    :
        In T, shape of angle and maximum broadcast against each other.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    phi = real_array("angle", angle) - real("axis", axis)
    if positive("ratio", ratio) < 1:
        raise ValueError(f"ratio is {ratio:g}: give largest over smallest, one or more")
    top = not_negative_array("maximum", maximum)
    return np.asarray(top / np.hypot(np.cos(phi), ratio * np.sin(phi)))[()]


def whh_orbital(reduced_temperature: ArrayLike) -> FloatArray:
    """Return the orbital critical field of a dirty superconductor over its slope at Tc.

    Hc2 / (-Tc dHc2/dT at Tc) from ln(1/t) = psi(1/2 + h / 2t) - psi(1/2), times pi^2 / 4
    (Werthamer, Helfand and Hohenberg 1966), without paramagnetism and spin-orbit scattering.

    Parameters
    ----------
    reduced_temperature
        t = T / Tc, zero or more.

    Returns
    -------
    :
        Shape of the temperature: 0.692673 at zero, 1 - t near one, zero from one on.

    Raises
    ------
    ValueError
        A negative temperature, or a number that is not finite.
    """
    from scipy.special import digamma, polygamma  # noqa: PLC0415 (slow to import, rarely used)

    t = not_negative_array("reduced_temperature", reduced_temperature)
    low = np.clip(t, 1e-9, 1.0)  # below 1e-9 the value is that at zero, to 1e-17
    goal = digamma(0.5) - np.log(low)
    # psi is concave, so Newton from the left of the root stays there
    x = np.maximum(np.exp(digamma(0.5)) / low - 0.5, 0)
    for _ in range(12):
        x = np.maximum(x - (digamma(0.5 + x) - goal) / polygamma(1, 0.5 + x), 0)
    return np.asarray(np.where(t < 1, 2 * low * x * np.pi**2 / 4, 0.0))[()]


def pauli_limit(critical_temperature: ArrayLike, constant: float = PAULI_CLASSIC) -> FloatArray:
    """Return the paramagnetic limit in T for a critical temperature in K.

    Parameters
    ----------
    critical_temperature
        In K, zero or more.
    constant
        In T/K: `PAULI_CLASSIC` (1.84) or `PAULI_WEAK_COUPLING` (1.857); say which.

    Returns
    -------
    :
        In T, shape of the critical temperature.

    Raises
    ------
    ValueError
        A negative argument, or a number that is not finite.
    """
    tc = not_negative_array("critical_temperature", critical_temperature)
    return np.asarray(positive("constant", constant) * tc)[()]


def saturating(
    reduced_temperature: ArrayLike,
    near_tc: ArrayLike,
    low_field: ArrayLike,
    start: float = 0.6,
    stop: float = 0.9,
) -> FloatArray:
    """Blend a law that holds near Tc into one that holds at low temperature (assumed).

    The weight goes from zero at the start to one at the stop as a quintic step, so that both
    laws are exact outside.

    Parameters
    ----------
    reduced_temperature
        t = T / Tc, zero or more.
    near_tc
        Critical field by the law near Tc in T, broadcast against the temperature.
    low_field
        Critical field by the law at low temperature in T, broadcast against the temperature.
    start
        Reduced temperature up to which the low law holds alone, from 0 to 1.
    stop
        Reduced temperature from which the law near Tc holds alone, above the start.

    Returns
    -------
    :
        In T, shape of the arguments broadcast against each other.

    Raises
    ------
    ValueError
        An argument outside its range, or a number that is not finite.
    """
    t = not_negative_array("reduced_temperature", reduced_temperature)
    start = within("start", start, 0, 1)
    if real("stop", stop) <= start:
        raise ValueError(f"stop is {stop:g}: give more than the start, {start:g}")
    u = np.clip((t - start) / (stop - start), 0, 1)
    weight = u * u * u * (10 - 15 * u + 6 * u * u)
    high, low = real_array("near_tc", near_tc), real_array("low_field", low_field)
    return np.asarray(low + weight * (high - low))[()]
