import math

import numpy as np
import pytest

from daq.physics.quadrature import blocks, both_ends, fermi, panels, semicircle


def test_the_fermi_rule_has_the_moments_of_the_fermi_edge():
    nodes, weights = fermi(10)
    for power, moment in ((0, 1), (2, math.pi**2 / 3), (4, 7 * math.pi**4 / 15)):
        assert weights @ nodes**power == pytest.approx(moment, rel=1e-12)
    assert weights @ nodes**5 == pytest.approx(0.0, abs=1e-6)


def test_the_semicircle_rule_has_the_moments_of_the_kernel():
    nodes, weights = semicircle(6)
    assert weights.sum() == pytest.approx(1.0, rel=1e-12)
    assert weights @ nodes**2 == pytest.approx(1 / 4, rel=1e-12)
    assert weights @ nodes**10 == pytest.approx(42 / 1024, rel=1e-12)


def test_the_rule_for_both_ends_takes_roots_and_logarithms():
    low, high, weights = both_ends()
    assert low + high == pytest.approx(np.ones_like(low), abs=1e-15)
    assert weights @ (1 / np.sqrt(low * high)) == pytest.approx(math.pi, abs=1e-8)
    assert weights @ np.log(low) == pytest.approx(-1.0, abs=1e-12)
    for near in (1e-2, 1e-5, 1e-8):  # singular just beyond an end
        found = weights @ (1 / np.sqrt(low + near))
        assert found == pytest.approx(2 * (math.sqrt(1 + near) - math.sqrt(near)), abs=1e-8)


def test_panels_may_be_empty_and_add_up():
    nodes, weights = panels(np.array([[0.0, 0.0, 2.0, 3.0], [1.0, 2.0, 2.0, 2.0]]))
    assert np.sum(weights * nodes**2, axis=1) == pytest.approx([9.0, 7.0 / 3.0], rel=1e-9)
    assert panels(np.zeros((0, 3)))[0].shape == (0, 2 * 113)


def test_blocks_cover_all_rows_once():
    for rows, columns in ((0, 5), (1, 1), (1000, 300), (7, 10**9)):
        parts = blocks(rows, columns)
        assert np.concatenate([np.arange(rows)[part] for part in parts]).tolist() == [*range(rows)]
