import math

import pytest

from instruments.errors import ConfigurationError
from procedures.base import StationProcedure
from procedures.settings import boolean, choice, describe, integer, real


class Every(StationProcedure):
    """One setting of every kind."""

    field: float = real("Field", units="T", default=0.5, minimum=-1.0, maximum=1.0)
    points: int = integer("Points", default=3, minimum=2, maximum=5)
    both: bool = boolean("Both", default=True)
    slope: int = choice("Slope", [6, 12], default=12)
    needed: float = real("Needed", units="A")


def test_settings_are_described_in_the_order_of_declaration():
    settings = Every.settings()
    assert list(settings) == ["field", "points", "both", "slope", "needed"]
    assert [item.kind for item in settings.values()] == [
        "real",
        "integer",
        "boolean",
        "choice",
        "real",
    ]
    field = settings["field"]
    assert (field.label, field.units, field.default) == ("Field", "T", 0.5)
    assert (field.minimum, field.maximum) == (-1.0, 1.0)
    assert settings["slope"].choices == (6, 12)
    assert settings["needed"].default is None


def test_defaults_hold_until_something_is_said():
    found = Every(points=5).setting_values()
    assert found == {"field": 0.5, "points": 5, "both": True, "slope": 12, "needed": None}


@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0, 1])
def test_both_ends_of_a_range_are_allowed(value):
    assert Every(field=value).field == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("field", 1.0000001),
        ("field", -math.inf),
        ("field", math.nan),
        ("field", "two"),
        ("points", 1),
        ("points", 6),
        ("slope", 7),
        ("both", "perhaps"),
    ],
)
def test_what_is_out_of_range_is_refused_when_it_is_made_and_when_it_is_assigned(name, value):
    with pytest.raises(ConfigurationError, match=f"Every: {name} = "):
        Every(**{name: value})
    procedure = Every()
    before = getattr(procedure, name)
    with pytest.raises(ConfigurationError):
        setattr(procedure, name, value)
    assert getattr(procedure, name) == before


def test_an_error_names_the_range_and_the_unit():
    with pytest.raises(ConfigurationError, match="from -1 to 1 T"):
        Every(field=2.0)


def test_a_real_setting_is_written_with_all_its_digits():
    third = 1.0 / 3.0
    parameter = Every(field=third).parameter_objects()["field"]
    assert str(parameter) == f"{third!r} T"
    assert str(Every().parameter_objects()["needed"]) == ""


def test_only_declared_kinds_are_settings():
    from pymeasure.experiment import Parameter

    with pytest.raises(TypeError, match="declare it with"):
        describe("text", Parameter("Text"))
