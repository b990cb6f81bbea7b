"""The papers, and which recipes they have."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from daq.reproduction import le2020, lin2022, yi2024
from daq.reproduction.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper.

    Parameters
    ----------
    name
        As on the command line.
    title
        For the report.
    recipes
        Those that take long first.
    """

    name: str
    title: str
    recipes: tuple[Recipe, ...]


PAPERS: Mapping[str, Paper] = MappingProxyType(
    {
        paper.name: paper
        for paper in (
            Paper("le2020", le2020.TITLE, le2020.RECIPES),
            Paper("yi2024", yi2024.TITLE, yi2024.RECIPES),
            Paper("lin2022", lin2022.TITLE, lin2022.RECIPES),
        )
    }
)


def find_recipe(paper: str, name: str) -> Recipe | None:
    """Return a recipe of a paper, or None if there is none of that name."""
    return next((recipe for recipe in PAPERS[paper].recipes if recipe.name == name), None)
