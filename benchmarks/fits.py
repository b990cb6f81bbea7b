"""Fits of four parameters to spectra of 201 points, by three libraries. Prints one JSON object."""

import sys
from collections.abc import Callable
from functools import partial

import numpy as np
from figures import Batch, Figure, cost, ratio
from report import quick_asked, tell
from scipy.optimize import least_squares

from daq.analysis.fit_problem import Problem
from daq.analysis.fitting import fit
from daq.analysis.result import FloatArray, NoResult
from daq.analysis.shape import Conditions
from daq.analysis.spectrum_fit import SpectrumModel, spectrum_problem
from daq.physics.andreev import btk_conductance
from daq.physics.tunnelling import dynes_conductance

VOLTAGE = np.linspace(-5e-3, 5e-3, 201)
CONTACT = np.linspace(-3e-3, 3e-3, 201)
NOISE = 0.01


def dynes_problem() -> Problem:
    """Return a noisy tunnel spectrum at 0.32 K: gap, broadening, scale, slope."""
    clean = dynes_conductance(VOLTAGE, 1.343e-3, 6e-5, 0.32) * (1 + 10 * VOLTAGE)
    return _problem(VOLTAGE, clean, "dynes", 0.32, {"gap": 1.2e-3, "broadening": 3e-5})


def btk_problem() -> Problem:
    """Return a noisy contact at 1.9 K: gap, broadening, barrier, scale."""
    clean = btk_conductance(CONTACT, 0.68e-3, 1e-4, 0.4, 1.9)
    start = {"gap": 0.6e-3, "broadening": 8e-5, "barrier": 0.5}
    return _problem(CONTACT, clean, "btk", 1.9, start).holding({"slope": 0.0})


def _problem(
    v: FloatArray, clean: FloatArray, shape: str, temperature: float, start: dict[str, float]
) -> Problem:
    noise = NOISE * np.random.default_rng(1).standard_normal(len(v))
    model = SpectrumModel(shape, Conditions(temperature))
    problem = spectrum_problem(v, clean + noise, model, np.full(len(v), NOISE))
    if isinstance(problem, NoResult):
        raise TypeError(str(problem))
    return problem.starting(start | {"scale": 1.0})


class Bare:
    """The same residuals in the same numbers, for a library that knows no parameters."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._free = [i for i, p in enumerate(problem.parameters) if p.vary]
        chosen = [problem.parameters[i] for i in self._free]
        self.start = np.array([p.inward(p.start) for p in chosen])
        ends = np.array([self._ends(i) for i in self._free]).T
        self.bounds: tuple[FloatArray, FloatArray] = (ends[0], ends[1])
        self._key, self._last = b"", (self.start, self.start)

    def _ends(self, index: int) -> tuple[float, float]:
        p = self._problem.parameters[index]
        if p.logarithmic:
            return p.inward(p.low), p.inward(p.high)
        return p.low / p.scale, p.high / p.scale

    def at(self, numbers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return weighted residuals and slopes; each place is evaluated once."""
        if numbers.tobytes() != self._key:
            values, chosen = self._problem.starts, self._problem.parameters
            rates = np.ones(len(values))
            for index, number in zip(self._free, numbers, strict=True):
                values[index] = chosen[index].outward(number)
                rates[index] = chosen[index].rate(values[index])
            curve, slopes = self._problem.evaluate(values)
            self._last = (
                (curve - self._problem.y) / NOISE,
                (slopes * rates)[:, self._free] / NOISE,
            )
            self._key = numbers.tobytes()
        return self._last


def by_scipy(problem: Problem, method: str) -> object:
    """Fit with scipy alone: `trf` with bounds, `lm` without."""
    bare = Bare(problem)
    bounds = bare.bounds if method == "trf" else (-np.inf, np.inf)
    return least_squares(
        lambda p: bare.at(p)[0],
        bare.start,
        jac=lambda p: bare.at(p)[1],
        bounds=bounds,
        method=method,
    )


def by_minuit(problem: Problem) -> object:
    """Fit with iminuit: migrad with the exact gradient, then hesse."""
    from iminuit import Minuit  # noqa: PLC0415 (measured where it is installed)

    bare = Bare(problem)

    def chi_square(*p: float) -> float:
        left = bare.at(np.array(p))[0]
        return float(left @ left)

    def gradient(*p: float) -> FloatArray:
        left, slopes = bare.at(np.array(p))
        return np.asarray(2 * left @ slopes)

    minuit = Minuit(chi_square, *bare.start, grad=gradient)
    minuit.limits = list(zip(*bare.bounds, strict=True))
    minuit.errordef = 1.0
    minuit.migrad()
    minuit.hesse()
    return minuit


def repeated(work: Callable[[], object], calls: int) -> Batch:
    """Return a batch of calls."""

    def batch() -> int:
        for _ in range(calls):
            work()
        return calls

    return batch


def figures(calls: int, repeats: int) -> list[Figure]:
    """Measure each library in ms per fit, and ours over bare scipy in pairs."""
    found = []
    for name, limit, problem in (
        ("dynes", 1e3 / 150, dynes_problem()),
        ("btk", 1e3 / 100, btk_problem()),
    ):
        ours = repeated(partial(fit, problem), calls)
        rivals: list[tuple[str, Callable[[], object]]] = [
            ("scipy trf, bounds", partial(by_scipy, problem, "trf")),
            ("scipy lm, no bounds", partial(by_scipy, problem, "lm")),
        ]
        if _installed("iminuit"):
            rivals.append(("iminuit, bounds", partial(by_minuit, problem)))
        found.append(cost(f"{name} fit, ours on lmfit", limit, ours, repeats))
        found += [
            cost(f"{name} fit, {rival}", None, repeated(work, calls), repeats)
            for rival, work in rivals
        ]
        bare = repeated(partial(by_scipy, problem, "lm"), calls)
        found.append(ratio(f"{name} fit, ours over scipy lm", 4.0, ours, bare, repeats))
    return found


def _installed(name: str) -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 (asked once)

    return find_spec(name) is not None


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say on stderr which limits are missed; a miss is no failure."""
    quick = quick_asked(__doc__, arguments)
    measured = figures(*((1, 2) if quick else (20, 11)))
    return tell(measured, quick=quick)


if __name__ == "__main__":
    sys.exit(main())
