import numpy as np
import pytest

from daq.analysis.fit_result import Fit
from daq.analysis.flatness import flat
from daq.analysis.shape import Conditions
from daq.analysis.shapes import SHAPES
from daq.analysis.spectrum_fit import SpectrumModel, fit_spectrum, spectrum_problem

V = np.linspace(-4e-3, 4e-3, 201)
CONDITIONS = Conditions(1.5, 1e-4)


def judged(conductance, shape):
    model = SpectrumModel(shape, CONDITIONS, offset=True)
    return flat(spectrum_problem(V, conductance, model), V, model.theory, CONDITIONS), model


def weak(seed, shape):
    """Return a spectrum whose gap is about as large as the noise."""
    random = np.random.default_rng(seed)
    gap = random.uniform(0.08, 0.7) * V[-1]
    extra = [10.0 ** random.uniform(-0.7, 0.5)] if shape == "btk" else []
    values = np.array([gap, gap * 10.0 ** random.uniform(-1.5, -0.2), *extra])
    offset = random.uniform(-0.1, 0.1) * V[-1]
    curve = SHAPES[shape].curve(V - offset, values, CONDITIONS)
    beside = np.std(curve - np.polyval(np.polyfit(V, curve, 2), V))
    size = beside / 10.0 ** random.uniform(-0.7, 0.0)
    return curve * (1.0 + 10.0 * V) + size * random.standard_normal(len(V))


@pytest.mark.parametrize("shape", ["dynes", "btk"])
def test_most_flat_spectra_are_told_without_a_fit(shape):
    noise = 0.01 * np.random.default_rng(1).standard_normal((5, len(V)))
    told = [judged(1.0 + 10.0 * V + one, shape)[0] is not None for one in noise]
    assert np.mean(told) >= 0.4


def kept(shape, seeds):
    early = [(seed, judged(weak(seed, shape), shape)) for seed in seeds]
    lost = [(seed, model) for seed, (said, model) in early if said is not None]
    return [seed for seed, model in lost if _has_a_gap(weak(seed, shape), model)], len(lost)


def _has_a_gap(conductance, model):
    start = {"gap": 1e-3}  # a given start spares the early judgement
    return isinstance(fit_spectrum(V, conductance, model, start=start), Fit)


def test_no_spectrum_in_which_a_fit_finds_a_gap_is_called_flat():
    assert kept("dynes", range(20))[0] == []


@pytest.mark.soak
@pytest.mark.parametrize("shape", ["dynes", "btk", "d-wave"])
def test_no_spectrum_of_any_theory_in_which_a_fit_finds_a_gap_is_called_flat(shape):
    wrong, told = kept(shape, range(300))
    assert wrong == []
    assert told > 0
