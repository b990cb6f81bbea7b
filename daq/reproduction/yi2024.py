"""The figures of Yi et al. (2024): films of Cr-doped (Bi,Sb)2Te3 on FeTe."""

from daq.reproduction.recipe import Recipe
from daq.reproduction.yi2024_field import angles, near_transition
from daq.reproduction.yi2024_films import LAYERS, UNIT_CELLS, bare, by_layers, by_unit_cells, wide
from daq.reproduction.yi2024_loops import loops
from daq.reproduction.yi2024_tunnel import LAYERS as TUNNELLED
from daq.reproduction.yi2024_tunnel import across_edge, in_temperatures
from daq.reproduction.yi2024_tunnel import by_layers as gaps_by_layers

TITLE = "Yi et al., interface superconductivity of Cr-doped (Bi,Sb)2Te3 on FeTe"
WIDE = (8.4, 3.8)
RECIPES: tuple[Recipe, ...] = (
    Recipe("fig2", "Figure 2: loops by Hall resistance and by light", loops, size=WIDE),
    Recipe("fig4_gl", "Figure 4: critical fields near Tc", near_transition, size=WIDE),
    Recipe(
        "fig1_n",
        "Figure 1: R-T of films (8,n)",
        by_unit_cells,
        sequences=tuple(f"fig1_n{n}" for n in UNIT_CELLS),
        size=WIDE,
    ),
    Recipe(
        "fig4_angle",
        "Figure 4: critical field in all directions at 1.5 K",
        angles,
        size=WIDE,
        note="in a quasi-static field of up to 60 T, not in pulsed fields as in the paper",
    ),
    Recipe("fig1_wide", "Figure 1: R-T of (8,50) up to 300 K", wide, size=WIDE),
    Recipe(
        "fig1_m",
        "Figure 1: R-T of films (m,20)",
        by_layers,
        sequences=tuple(f"fig1_m{m}" for m in LAYERS),
    ),
    Recipe("fig3_t", "Figure 3: dI/dV of m = 8 at temperatures", in_temperatures, size=WIDE),
    Recipe("fig1_fete", "Figure 1: R-T of bare FeTe", bare),
    Recipe(
        "fig3_m",
        "Figure 3: dI/dV of films with m layers",
        gaps_by_layers,
        sequences=tuple(f"fig3_m{m}" for m in TUNNELLED),
        size=WIDE,
    ),
    Recipe("fig3_line", "Figure 3: dI/dV across the edge of a layer", across_edge, size=WIDE),
)
