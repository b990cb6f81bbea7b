"""What a spectrum of 201 points costs, also beside scipy.quad. Prints one JSON object."""

import math
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
from figures import Batch, Figure, cost, ratio
from report import quick_asked, tell
from scipy.integrate import quad
from scipy.optimize import curve_fit

from daq.physics.andreev import btk_conductance, btk_conductance_2d, btk_derivatives
from daq.physics.arguments import FloatArray
from daq.physics.constants import BOLTZMANN
from daq.physics.gap import bcs_gap
from daq.physics.thermal_contact import thermal_contact_resistance, thermal_contact_voltage
from daq.physics.tunnelling import (
    anisotropic_conductance,
    d_wave_conductance,
    dynes_conductance,
    dynes_derivatives,
)

VOLTAGE = np.linspace(-5e-3, 5e-3, 201)
GAP, BROADENING = 1.343e-3, 2e-5
CONTACT = np.linspace(-3e-3, 3e-3, 201)
CONTACT_GAP, CONTACT_BROADENING, BARRIER = 0.68e-3, 5e-5, 0.4
Curve = Callable[[], object]
Slope = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def by_quad(density: Callable[[float], float], gap: float, temperature: float) -> Curve:
    """Return what averages a density as most programs do: quad with its defaults, by point."""
    thermal = BOLTZMANN * temperature

    def integrand(energy: float, voltage: float) -> float:
        return density(energy) / (4 * thermal * math.cosh((energy - voltage) / (2 * thermal)) ** 2)

    def curve() -> list[float]:
        return [
            quad(
                integrand,
                v - 30 * thermal,
                v + 30 * thermal,
                args=(v,),
                points=(-gap, gap, v),
                limit=200,
            )[0]
            for v in (0.1 * gap, 0.9 * gap, 1.5 * gap)
        ]

    return curve


def dynes(energy: float) -> float:
    """Return the density of Dynes at one energy."""
    z = complex(energy, BROADENING)
    return abs((z / (z * z - GAP * GAP) ** 0.5).real)


def btk(energy: float) -> float:
    """Return the conductance of Blonder, Tinkham and Klapwijk at one energy."""
    z = complex(abs(energy), CONTACT_BROADENING)
    u2 = (1 + (z * z - CONTACT_GAP * CONTACT_GAP) ** 0.5 / z) / 2
    v2 = 1 - u2
    bottom = abs(u2 + (u2 - v2) * BARRIER**2) ** 2
    normal = abs(u2 - v2) ** 2 * BARRIER**2 * (1 + BARRIER**2)
    return (1 + BARRIER**2) * (1 + (abs(u2 * v2) - normal) / bottom)


def repeated(work: Curve, calls: int, points: int = 1) -> Batch:
    """Return a batch of calls that counts points."""

    def batch() -> int:
        for _ in range(calls):
            work()
        return calls * points

    return batch


def spectra(calls: int, repeats: int) -> list[Figure]:
    """Measure spectra and maps, in ms each, against what is asked of them."""
    sharp = (VOLTAGE, GAP, BROADENING)
    cold = (VOLTAGE, GAP, 0.3, BROADENING, 0.32)
    contact = (CONTACT, CONTACT_GAP, CONTACT_BROADENING, BARRIER)
    angles = np.linspace(1e-4, 1.5e-4, 181)[:, None]
    temperatures = np.linspace(0, 8, 10_000)
    current = np.linspace(-3e-4, 3e-4, 201)
    tasks: list[tuple[str, float | None, Curve]] = [
        ("dynes 4.2 K", 0.15, partial(dynes_conductance, *sharp, 4.2)),
        ("dynes 0.32 K", 0.15, partial(dynes_conductance, *sharp, 0.32)),
        ("dynes 0.32 K, 0.1 mV", 0.7, partial(dynes_conductance, *sharp, 0.32, 1e-4)),
        ("dynes with derivatives 0.32 K", None, partial(dynes_derivatives, *sharp, 0.32)),
        ("anisotropic 0.32 K", 1.5, partial(anisotropic_conductance, *cold)),
        ("d-wave 0.32 K", None, partial(d_wave_conductance, *sharp, 0.32)),
        ("btk 1.9 K", 0.25, partial(btk_conductance, *contact, 1.9)),
        ("btk 4.2 K", 0.25, partial(btk_conductance, *contact, 4.2)),
        ("btk 0.32 K", 1.0, partial(btk_conductance, *contact, 0.32)),
        ("btk 1.9 K, 0.1 mV", None, partial(btk_conductance, *contact, 1.9, 1e-4)),
        ("btk with derivatives 1.9 K", None, partial(btk_derivatives, *contact, 1.9)),
        ("btk in a plane, s-wave, 1.9 K", None, partial(btk_conductance_2d, *contact, 1.9)),
        ("gap at 10000 temperatures", 10.0, partial(bcs_gap, temperatures, 7.1)),
        ("V(I) at 8 points", 0.2, partial(thermal_contact_voltage, current[:8], 1e-4, 5.0)),
        (
            "map of 181 angles and 201 biases",
            1000.0,
            partial(thermal_contact_resistance, current, angles, 5.0, 1.0, 0.1 * angles),
        ),
    ]
    return [cost(name, limit, repeated(work, calls), repeats) for name, limit, work in tasks]


def beside_quad(calls: int, repeats: int) -> list[Figure]:
    """Measure a point of a spectrum over a point by quad."""
    tunnel = partial(dynes_conductance, VOLTAGE, GAP, BROADENING, 0.32)
    contact = partial(
        btk_conductance, CONTACT, CONTACT_GAP, CONTACT_BROADENING, BARRIER, temperature=1.9
    )
    tasks = (
        ("dynes 0.32 K over quad", 1 / 300, tunnel, by_quad(dynes, GAP, 0.32)),
        ("btk 1.9 K over quad", 1 / 500, contact, by_quad(btk, CONTACT_GAP, 1.9)),
    )
    return [
        ratio(name, limit, repeated(ours, calls, 201), repeated(theirs, 1, 3), repeats)
        for name, limit, ours, theirs in tasks
    ]


def fits(repeats: int) -> list[Figure]:
    """Measure fits of four parameters to a noisy spectrum, in ms each."""
    noise = np.random.default_rng(1).normal(0, 0.01, 201)
    tunnel = 1.1 * dynes_conductance(VOLTAGE, GAP, 6e-5, 0.32) + 0.05 + noise
    contact = 1.1 * btk_conductance(CONTACT, CONTACT_GAP, 1e-4, 0.4, 1.9) + noise / 10

    def dynes_model(v: FloatArray, gap: float, log: float, a: float, b: float) -> FloatArray:
        return a * dynes_conductance(v, gap * 1e-3, math.exp(log) * 1e-3, 0.32) + b

    def dynes_slopes(v: FloatArray, gap: float, log: float, a: float, _: float) -> FloatArray:
        broadening = math.exp(log) * 1e-3
        d = dynes_derivatives(v, gap * 1e-3, broadening, 0.32)
        columns: Slope = (
            a * d.gap * 1e-3,
            a * d.broadening * broadening,
            d.conductance,
            np.ones_like(v),
        )
        return np.stack(columns, axis=1)

    def btk_model(v: FloatArray, gap: float, log: float, z: float, a: float) -> FloatArray:
        return a * btk_conductance(v, gap * 1e-3, math.exp(log) * 1e-3, abs(z), 1.9)

    def btk_slopes(v: FloatArray, gap: float, log: float, z: float, a: float) -> FloatArray:
        broadening = math.exp(log) * 1e-3
        d = btk_derivatives(v, gap * 1e-3, broadening, abs(z), 1.9)
        columns: Slope = (
            a * d.gap * 1e-3,
            a * d.broadening * broadening,
            a * d.barrier * math.copysign(1, z),
            d.conductance,
        )
        return np.stack(columns, axis=1)

    start = (1.2, -3.5, 1.0, 0.0)
    first = (0.6, -2.5, 0.5, 1.0)
    tasks: tuple[tuple[str, float, Curve], ...] = (
        ("dynes fit", 1e3 / 150, partial(curve_fit, dynes_model, VOLTAGE, tunnel, start)),
        (
            "dynes fit, exact Jacobian",
            1e3 / 400,
            partial(curve_fit, dynes_model, VOLTAGE, tunnel, start, jac=dynes_slopes),
        ),
        ("btk fit", 1e3 / 100, partial(curve_fit, btk_model, CONTACT, contact, first)),
        (
            "btk fit, exact Jacobian",
            1e3 / 100,
            partial(curve_fit, btk_model, CONTACT, contact, first, jac=btk_slopes),
        ),
    )
    return [cost(name, limit, repeated(work, 2), repeats) for name, limit, work in tasks]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say on stderr which limits are missed; a miss is no failure."""
    quick = quick_asked(__doc__, arguments)
    calls, repeats = (1, 2) if quick else (50, 11)
    figures = [*beside_quad(calls, repeats), *spectra(calls, repeats), *fits(repeats)]
    return tell(figures, quick=quick)


if __name__ == "__main__":
    sys.exit(main())
