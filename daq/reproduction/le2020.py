"""The figures of Le et al. (2020): erasable superconductivity of silver contacts on Bi2Se3."""

from daq.reproduction.le2020_angle import two_axes, widths
from daq.reproduction.le2020_contact import in_fields, in_temperatures, tips, written
from daq.reproduction.le2020_erased import contact_cycles, flake_cycles
from daq.reproduction.le2020_flake import bar, before_and_after, flake_in_fields
from daq.reproduction.recipe import Recipe

TITLE = "Le et al., erasable superconductivity in Bi2Se3 point contacts induced by a voltage pulse"
WIDE = (8.4, 3.8)
RECIPES: tuple[Recipe, ...] = (
    Recipe("fig2c", "Figure 2c: a flake after thermal cycles", flake_cycles, size=WIDE),
    Recipe("fig2d", "Figure 2d: a contact after thermal cycles", contact_cycles, size=WIDE),
    Recipe("fig3b", "Figure 3b: dV/dI against the direction of the field", widths, size=WIDE),
    Recipe("fig1f", "Figure 1f: dV/dI in fields at 1.9 K", in_fields, size=WIDE),
    Recipe("fig1g", "Figure 1g: dV/dI at temperatures", in_temperatures, size=WIDE),
    Recipe("fig2b", "Figure 2b: a written flake in fields", flake_in_fields, size=WIDE),
    Recipe("fig3a", "Figure 3a: two contacts against the direction", two_axes, size=WIDE),
    Recipe("fig1b", "Figure 1b: resistivity of the bar", bar),
    Recipe("fig2a", "Figure 2a: a flake before and after a pulse", before_and_after),
    Recipe(
        "fig1hij",
        "Figures 1h to 1j: tips of silver, gold, copper and titanium",
        tips,
        sequences=("fig1hj", "fig1i_au", "fig1i_cu", "fig1i_ti"),
        size=(9.6, 3.4),
    ),
    Recipe("fig1de", "Figures 1d and 1e: dV/dI before and after a pulse", written, size=WIDE),
)
