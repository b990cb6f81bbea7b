"""Steps of a plan in words, for people."""

from functools import singledispatch

from daq.campaign import plan
from daq.config.quantity import format_quantity


@singledispatch
def in_words(step: plan.LeafStep) -> str:
    """Return what a step does, such as ``temperature to 1.9 K at 3 K/min``."""
    return type(step).__name__


@in_words.register
def _(step: plan.TemperatureStep) -> str:
    rate = "" if step.rate is None else f" at {60.0 * step.rate:.4g} K/min"
    return f"temperature to {format_quantity(step.to, 'K')}{rate}"


@in_words.register
def _(step: plan.FieldStep) -> str:
    rate = "" if step.rate is None else f" at {1e4 * step.rate:.4g} Oe/s"
    return f"field to {format_quantity(step.to, 'T')}{rate}, {step.approach}, {step.mode}"


@in_words.register
def _(step: plan.AngleStep) -> str:
    return f"angle to {step.to:g} deg"


@in_words.register
def _(step: plan.PositionStep) -> str:
    return f"position to {format_quantity(step.to, 'm')}"


@in_words.register
def _(step: plan.ContactStep) -> str:
    return f"contact {step.to}"


@in_words.register
def _(step: plan.WaitStep) -> str:
    return f"wait {step.seconds:g} s"


@in_words.register
def _(step: plan.NoteStep) -> str:
    return f"note: {step.text}"


@in_words.register
def _(step: plan.ProcedureStep) -> str:
    return f"{step.name} ({_settings(step)})"


def _settings(step: plan.ProcedureStep) -> str:
    return ", ".join(
        f"{name} {_value(value, step.units.get(name))}" for name, value in step.settings.items()
    )


def _value(value: plan.SettingValue, unit: str | None) -> str:
    if unit is None or not isinstance(value, int | float):
        return str(value)
    return format_quantity(float(value), unit)
