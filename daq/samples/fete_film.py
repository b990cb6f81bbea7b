"""Bare FeTe of 20 unit cells: Yi et al., the control of the films that superconduct.

It has the broad maximum of the normal state near 60 K and nothing else: no superconductivity down
to the lowest temperature, and no loop.
"""

from daq.samples.film_numbers import HallFilmNumbers, fete_numbers
from daq.samples.hall_film import HallFilm


def fete_film(numbers: HallFilmNumbers | None = None) -> HallFilm:
    """Return the bare film, wired as `HallFilm`.

    Parameters
    ----------
    numbers
        Of the film; those of `fete_numbers` if omitted.

    Returns
    -------
    HallFilm
        With the lag of a sample on its block.
    """
    return HallFilm(fete_numbers() if numbers is None else numbers, "fete_film")
