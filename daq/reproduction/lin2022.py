"""The figures of Lin et al. (2022): a monolayer of a Ni-Pb alloy on superconducting lead."""

from daq.reproduction.lin2022_line import along
from daq.reproduction.lin2022_surfaces import in_fields, surfaces
from daq.reproduction.lin2022_temperature import in_temperatures
from daq.reproduction.recipe import Recipe

TITLE = "Lin et al., anisotropic proximity superconductivity of a Ni-Pb monolayer on Pb(111)"
RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "fig4",
        "Figure 4: across the edge of the alloy",
        along,
        sequences=("fig4_text", "fig4_caption"),
        size=(9.0, 7.6),
        note="The text says 3.55 nm and the caption of figure 4d 2.75 nm for the same data: a line"
        " was measured on a sample of each. The gap of the alloy at the edge is assumed.",
    ),
    Recipe(
        "fig3cd",
        "Figures 3c and 3d: both gaps against temperature",
        in_temperatures,
        sequences=("fig3cd_pb", "fig3cd_bridge"),
        size=(11.0, 5.2),
    ),
    Recipe(
        "field",
        "Field control: the gap of lead in fields at 0.32 K",
        in_fields,
        sequences=("field",),
        size=(8.4, 4.6),
    ),
    Recipe(
        "fig3ab",
        "Figures 3a and 3b: lead, and the alloy at three sites",
        surfaces,
        sequences=("fig3_pb", "fig3_bridge", "fig3_top", "fig3_vacancy"),
        size=(11.0, 4.0),
        note="The modulation is not quoted; 50 uV rms are assumed.",
    ),
)
