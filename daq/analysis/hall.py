"""A loop of the Hall resistance: coercive field, anomalous and ordinary part, area.

The loop is antisymmetrised branch against branch: R(H, up) with R(-H, down). On one branch alone
R(H) - R(-H) would take the hysteresis itself away. The field that is reported may be off by a
trapped field: it moves the centre of the loop, and not half the distance of its zero crossings,
which is the coercive field here. Every error holds the causes that `daq.analysis.hall_errors`
names.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from daq.analysis.hall_branches import Branch, branches, crossing
from daq.analysis.hall_errors import field_of_signal, magnet_error, redundancy
from daq.analysis.result import Estimate, FloatArray, NoResult

Answer: TypeAlias = Estimate | NoResult

LEAST_POINTS = 40
LEAST_SATURATED = 6
SATURATED = 3.0
"""Field in coercive fields from which on the film counts as saturated."""
SIGNIFICANT = 5.0
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class HallLoop:
    """What a loop of the Hall resistance says.

    Parameters
    ----------
    coercive_field
        Half the distance of the two zero crossings in T; the error holds `field_error`.
    centre
        Middle between the zero crossings in T: minus the trapped field.
    hall_coefficient
        R_0, slope in ohm/T where the film is saturated: with the ordinary part whatever else goes
        with the field there, such as a superconductor that shunts R_A less in a higher field.
    anomalous
        R_A, saturated anomalous part in ohm.
    mixing
        Longitudinal resistance in the transverse one, as a fraction; no result without the former.
    area
        Of the loop in ohm T, positive where R_A is and the falling branch is the upper one.
    field
        From the centre of the loop in T, rising, shape (n,).
    rising, falling
        Antisymmetrised Hall resistance of the two branches in ohm, shape (n,).
    saturated
        Field in T, from the centre, beyond which the straight lines were fitted.
    sigma
        Scatter of the points about the straight lines in ohm.
    field_error
        One sigma in T of what the magnet's lag takes from the coercive field.
    """

    coercive_field: Answer
    centre: Answer
    hall_coefficient: Estimate
    anomalous: Estimate
    mixing: Answer
    area: Estimate
    field: FloatArray
    rising: FloatArray
    falling: FloatArray
    saturated: float
    sigma: float
    field_error: float


def hall_loop(
    field: FloatArray,
    transverse: FloatArray,
    longitudinal: FloatArray | None = None,
    *,
    saturated: float | None = None,
    time: FloatArray | None = None,
    lag: FloatArray | float = 0.0,
    field_error: float | None = None,
    gain_error: float = 0.0,
) -> HallLoop | NoResult:
    """Analyse a loop of the Hall resistance.

    Parameters
    ----------
    field
        Normal to the film in T, in the order in which it was swept, shape (n,).
    transverse
        Hall resistance R_yx in ohm, shape (n,).
    longitudinal
        R_xx in ohm at the same points; without it a constant and a parabola in the field are
        taken for what a misalignment of the contacts adds.
    saturated
        Field in T beyond which the film is saturated; three times the coercive field if omitted.
    time
        Of the rows in s, rising, shape (n,); omit it where the field is that of the signal already.
    lag
        Of the signal in s, where `time` is given: a number or shape (n,).
    field_error
        One sigma in T of the lag of the magnet behind the field that it reports, alike in both
        branches; half a per cent of the largest field, at most 12 mT, if omitted (assumed).
    gain_error
        Relative one sigma of the ohm, from a calibration; none is assumed.

    Returns
    -------
    HallLoop or NoResult
        No result where there are too few points, or the loop is not whole.

    Raises
    ------
    ValueError
        The arrays differ in length.
    """
    h, yx = np.asarray(field, dtype=np.float64), np.asarray(transverse, dtype=np.float64)
    measured = longitudinal is not None
    xx = np.asarray(longitudinal if measured else np.full(h.shape, np.nan), dtype=np.float64)
    if not h.shape == yx.shape == xx.shape:
        raise ValueError(f"arrays of one length are needed, not {h.shape}, {yx.shape}, {xx.shape}")
    if time is not None:
        h = field_of_signal(h, np.asarray(time, dtype=np.float64), lag)
    good = np.isfinite(h) & np.isfinite(yx) & (np.isfinite(xx) if measured else True)
    if np.count_nonzero(good) < LEAST_POINTS:
        return NoResult(f"{np.count_nonzero(good)} finite points; {LEAST_POINTS} are needed")
    pair = branches(h[good], yx[good], xx[good])
    if isinstance(pair, NoResult):
        return pair
    of_magnet = magnet_error(h[good]) if field_error is None else field_error
    return _iterate(pair, saturated, _Unseen(of_magnet, gain_error))


@dataclass(frozen=True, slots=True)
class _Unseen:
    """What no scatter shows: one sigma of the field in T, and of the ohm relative to it."""

    field: float
    gain: float


@dataclass(frozen=True, slots=True)
class _Saturated:
    """The straight lines above the loop: offset or mixing first, then R_0, then R_A."""

    coefficients: FloatArray
    covariance: FloatArray
    sigma: float
    beyond: float

    def estimate(self, index: int, definition: str, relative: float = 0.0) -> Estimate:
        value = float(self.coefficients[index])
        error = float(np.hypot(np.sqrt(self.covariance[index, index]), relative * value))
        return Estimate(value, error, definition)

    @property
    def loop(self) -> bool:
        """Tell whether there is an anomalous part."""
        return self.estimate(2, "").significance > SIGNIFICANT


def _iterate(
    pair: tuple[Branch, Branch], saturated: float | None, unseen: _Unseen
) -> HallLoop | NoResult:
    """Fit and look for the crossings in turn, until window and centre are those of the loop."""
    reach = min(float(min(-b.field[0], b.field[-1])) for b in pair)
    beyond, centre = (0.5 * reach if saturated is None else saturated), 0.0
    coercive: Answer = NoResult("there is no anomalous Hall resistance")
    middle: Answer = coercive
    fit = _fit(pair, centre, beyond)
    for _ in range(ROUNDS):
        if isinstance(fit, NoResult):
            return fit
        if not fit.loop:
            break
        coercive, middle = _crossings(pair, fit, centre, unseen)
        centre = middle.value
        if saturated is None:
            beyond = min(max(SATURATED * abs(coercive.value), 0.1 * reach), 0.7 * reach)
        fit = _fit(pair, centre, beyond)
    if isinstance(fit, NoResult):
        return fit
    return _result(pair, fit, centre, (coercive, middle), unseen)


def _crossings(
    pair: tuple[Branch, Branch], fit: _Saturated, centre: float, unseen: _Unseen
) -> tuple[Estimate, Estimate]:
    """Return the coercive field and the middle of the loop in T."""
    up, down = (
        crossing(b, _anomalous(b, fit, centre), float(fit.coefficients[2]), fit.sigma) for b in pair
    )
    error = 0.5 * float(np.hypot(up.error, down.error))
    distance = float(np.hypot(error, unseen.field))
    name = "half the distance of the zero crossings in T, with the lag of the magnet in its error"
    return (
        Estimate(0.5 * (up.value - down.value), distance, name),
        Estimate(0.5 * (up.value + down.value), error, "middle of the zero crossings in T"),
    )


def _fit(pair: tuple[Branch, Branch], centre: float, beyond: float) -> _Saturated | NoResult:
    """Fit R_0 H + R_A sign(H) and what a misalignment adds, where the film is saturated."""
    rows, values, lengths = [], [], []
    for branch in pair:
        h = branch.field - centre
        for side in (-1.0, 1.0):
            far = side * h > beyond
            if np.count_nonzero(far) < LEAST_SATURATED:
                return NoResult(
                    f"there are fewer than {LEAST_SATURATED} points beyond {beyond:.3g} T on"
                    " either side"
                )
            rows.append(_design(branch, centre)[far])
            values.append(branch.transverse[far])
            lengths.append(int(np.count_nonzero(far)))
    design, y = np.concatenate(rows), np.concatenate(values)
    scale = np.linalg.norm(design, axis=0)
    inverse = np.linalg.pinv((design / scale).T @ (design / scale)) / np.outer(scale, scale)
    coefficients = inverse @ design.T @ y
    left = y - design @ coefficients
    variance = float(left @ left) / (len(y) - design.shape[1])
    sigma = float(np.sqrt(variance))
    covariance = inverse * variance * redundancy(np.split(left, np.cumsum(lengths)[:-1]), y, sigma)
    return _Saturated(coefficients, covariance, sigma, beyond)


def _design(branch: Branch, centre: float) -> FloatArray:
    h = branch.field - centre
    if np.isfinite(branch.longitudinal).all():
        return np.stack([branch.longitudinal, h, np.sign(h)], axis=1)
    return np.stack([np.ones_like(h), h, np.sign(h), h * h], axis=1)


def _anomalous(branch: Branch, fit: _Saturated, centre: float) -> FloatArray:
    """Return the transverse resistance without mixing and ordinary part."""
    others = _design(branch, centre)
    others[:, 2] = 0.0
    return np.asarray(branch.transverse - others @ fit.coefficients)


def _result(
    pair: tuple[Branch, Branch],
    fit: _Saturated,
    centre: float,
    crossings: tuple[Answer, Answer],
    unseen: _Unseen,
) -> HallLoop:
    up, down = (_anomalous(branch, fit, centre) for branch in pair)
    h = pair[0].field - centre
    inside = np.abs(h) <= min(-h[0], h[-1], centre - pair[1].field[0], pair[1].field[-1] - centre)
    h, up = h[inside], up[inside]
    falling = pair[1].field - centre
    odd = 0.5 * (up - np.interp(-h, falling, down)) + fit.coefficients[1] * h
    weights = np.gradient(h)
    weights[[0, -1]] *= 0.5
    area = float(weights @ (np.interp(h, falling, down) - up))
    height = float(fit.coefficients[2])
    error = float(
        np.sqrt(
            2.0 * fit.sigma**2 * (weights @ weights)
            + (4.0 * height * unseen.field) ** 2
            + (unseen.gain * area) ** 2
        )
    )
    measured = bool(np.isfinite(pair[0].longitudinal).all())
    mixing: Answer = NoResult("the longitudinal resistance was not measured")
    return HallLoop(
        coercive_field=crossings[0],
        centre=crossings[1],
        hall_coefficient=fit.estimate(
            1,
            "R_0 in ohm/T: slope where the film is saturated",
            float(np.hypot(unseen.gain, unseen.field / h[-1])),
        ),
        anomalous=fit.estimate(2, "R_A in ohm: intercept of the saturated branches", unseen.gain),
        mixing=fit.estimate(0, "fraction of R_xx in R_yx") if measured else mixing,
        area=Estimate(area, error, "area of the loop in ohm T"),
        field=h,
        rising=odd,
        falling=-np.interp(-h, h, odd),
        saturated=fit.beyond,
        sigma=fit.sigma,
        field_error=unseen.field,
    )
