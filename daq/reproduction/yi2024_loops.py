"""Figure 2 of Yi et al.: loops of one film by its Hall resistance, and by light."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daq.analysis.hall import HallLoop, hall_loop
from daq.analysis.result import Estimate, FloatArray, NoResult
from daq.analysis.thermometer import at_reading
from daq.reproduction.drawing import FIRST, SECOND, family, label, legend
from daq.reproduction.recipe import NOT_KNOWN, Figured, Measured, Recovered
from daq.runs.files import Run
from instruments.errors import ColdpointError

HALL_AT = (14.0, 12.0, 10.0)
"""Temperatures in K of the loops by Hall resistance, in their order; each is followed by light."""
LIGHT_AT = (14.0, 12.0, 10.0, 6.0, 2.2)
"""Temperatures in K of the loops by light, in their order."""
CLEAR = 5.0
"""Sigmas of its area that make a loop."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A loop as measured.

    Parameters
    ----------
    field
        At the time of the signal in T, shape (n,).
    value
        Hall resistance in ohm, or light over the excitation in the same unit, shape (n,).
    longitudinal
        R_xx in ohm; None for light.
    """

    field: FloatArray
    value: FloatArray
    longitudinal: FloatArray | None = None

    def loop(self, where: str, field_error: float | None = None) -> HallLoop:
        """Return what the loop says.

        Parameters
        ----------
        where
            For messages.
        field_error
            See `hall_loop`.

        Returns
        -------
        HallLoop
            With its coercive field, or why there is none.

        Raises
        ------
        ColdpointError
            The loop is not whole.
        """
        found = hall_loop(self.field, self.value, self.longitudinal, field_error=field_error)
        if isinstance(found, NoResult):
            raise ColdpointError(f"loop at {where}: {found}; measure it again")
        return found


def loops(measured: Measured) -> Figured:
    """Find the loops of one film by both ways.

    Parameters
    ----------
    measured
        Loops by Hall resistance and by light in turn while that is known, then by light alone.

    Returns
    -------
    Figured
        Rows Y5 to Y7.
    """
    runs = measured.runs("field_loop")
    both = 2 * len(HALL_AT)
    hall = dict(zip(HALL_AT, map(hall_of, runs[:both:2]), strict=True))
    light = dict(zip(LIGHT_AT, map(light_of, [*runs[1:both:2], *runs[both:]]), strict=True))
    found = {t: signal.loop(f"{t:g} K") for t, signal in hall.items()}
    seen = {t: signal.loop(f"{t:g} K, light") for t, signal in light.items()}
    bare = found[10.0].anomalous
    area = found[12.0].area
    partial, full = (hall[t].loop(f"{t:g} K", 0.0).area for t in (12.0, 14.0))  # in the same magnet
    missing = [t for t, loop in seen.items() if not loop.area.value > CLEAR * loop.area.error]
    words = "no hysteresis at " + ", ".join(f"{t:g} K" for t in missing) if missing else "all have"
    recovered = (
        Recovered.sigmas("Y5.a", abs(bare.value) / bare.error, bare.definition),
        Recovered.sigmas("Y5.b", area.value / area.error, area.definition),
        Recovered.of("Y5.c", _over(partial, full, "area at 12 K over that at 14 K")),
        Recovered.count("Y6.a", len(missing), words),
        _same_magnet("Y6.b", light[14.0], hall[14.0]),
        Recovered.of("Y7", seen[2.2].coercive_field, 1e3),
    )

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        _draw_loops(left, found, r"$R_{yx}$, odd part ($\Omega$)")
        _draw_light(right, seen)

    return Figured(recovered, draw)


def hall_of(run: Run) -> Signal:
    """Return a loop of the Hall resistance in ohm."""
    transverse, longitudinal = (
        run.data[name].to_numpy(dtype=np.float64) for name in ("R_yx (ohm)", "Resistance (ohm)")
    )
    return Signal(_field(run), transverse, longitudinal)


def light_of(run: Run) -> Signal:
    """Return a loop of the light, turned into one channel; it is positive in a positive field.

    Below the zero of the film no phase could be set, so that the light is in X and Y.

    Parameters
    ----------
    run
        A field loop whose second lock-in sees the light.

    Returns
    -------
    Signal
        Over the excitation, without a longitudinal resistance.
    """
    columns = ("X_yx (V)", "Y_yx (V)", "Excitation (A)")
    x, y, excitation = (run.data[name].to_numpy(dtype=np.float64) for name in columns)
    both = (x + 1j * y) / excitation
    centred = both - np.mean(both)
    turned = np.real(both * np.exp(-0.5j * np.angle(np.sum(centred**2))))
    field = _field(run)
    return Signal(field, np.asarray(turned * np.sign(np.sum(turned * field)), dtype=np.float64))


def _field(run: Run) -> FloatArray:
    """Return the field in T at the times at which the signal was at the sample."""
    names = ("Time (s)", "Lag (s)", "Field (T)", "Cryostat age (s)")
    time, lag, field, age = (run.data[name].to_numpy(dtype=np.float64) for name in names)
    found = at_reading(time - lag, field, age - lag)
    if isinstance(found, NoResult):
        raise ColdpointError(f"{run.path.name}: {found}; measure the loop again")
    return found.value


def _over(one: Estimate, other: Estimate, words: str) -> Estimate:
    value = one.value / other.value
    relative = math.hypot(one.error / one.value, other.error / other.value)
    return Estimate(value, abs(value) * relative, words)


def _same_magnet(row: str, light: Signal, hall: Signal) -> Recovered:
    """Compare the coercive fields; the lag of the magnet is the same for both."""
    one, other = (signal.loop("14 K", 0.0).coercive_field for signal in (light, hall))
    if isinstance(one, NoResult) or isinstance(other, NoResult):
        return Recovered(row, NOT_KNOWN, NOT_KNOWN, "one of the loops has no coercive field")
    return Recovered.of(row, _over(one, other, "coercive field by light over that by Hall"))


def _draw_loops(axes: Axes, found: Mapping[float, HallLoop], name: str) -> None:
    for (t, loop), colour in zip(found.items(), _colours(len(found)), strict=True):
        axes.plot(1e3 * loop.field, loop.rising, ".-", ms=2, lw=0.9, color=colour)
        axes.plot(
            1e3 * loop.field, loop.falling, ".-", ms=2, lw=0.9, color=colour, label=f"{t:g} K"
        )
    label(axes, "Field (mT)", name, "(8,20), Hall")
    legend(axes)


def _draw_light(axes: Axes, seen: Mapping[float, HallLoop]) -> None:
    """Draw the loops above each other, each over its own height."""
    order = sorted(seen)
    for index, (t, colour) in enumerate(zip(order, family(len(order)), strict=True)):
        loop = seen[t]
        height, shift = 2.0 * float(np.max(np.abs(loop.rising))), 1.2 * index
        for branch in (loop.rising, loop.falling):
            axes.plot(1e3 * loop.field, branch / height + shift, lw=0.9, color=colour)
        axes.annotate(f"{t:g} K", (0.02, shift + 0.25), xycoords=("axes fraction", "data"))
    label(axes, "Field (mT)", "Circular dichroism, scaled and shifted", "(8,20), light")
    axes.set_yticks([])


def _colours(count: int) -> Sequence[str]:
    return (FIRST, SECOND, "#111827")[:count]
