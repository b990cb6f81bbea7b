"""Carry out the steps that set the surroundings of the sample."""

from daq.campaign import plan
from daq.campaign.words import in_words
from instruments.errors import ColdpointError
from instruments.station import Station
from instruments.waiting import Steps, wait
from procedures.contact import reach_contact
from procedures.environment import reach_angle, reach_field, reach_temperature
from procedures.position import reach_position


def set_surroundings(station: Station, step: plan.LeafStep) -> Steps[None]:
    """Tell the story of a step that sets the surroundings of the sample, or waits."""
    match step:
        case plan.TemperatureStep():
            yield from reach_temperature(station, step.to, step.rate, step.approach)
            yield from wait(station.clock, step.dwell, "the sample to follow")
        case plan.FieldStep():
            yield from reach_field(station, step.to, step.rate, step.approach, step.mode)
            yield from wait(station.clock, step.dwell, "the sample to follow")
        case plan.AngleStep():
            yield from reach_angle(station, step.to, step.rate)
            yield from wait(station.clock, step.dwell, "the sample to follow")
        case plan.WaitStep():
            yield from wait(station.clock, step.seconds, "as the sequence says")
        case plan.PositionStep():
            yield from reach_position(station, step.to)
            yield from wait(station.clock, step.dwell, "the sample to follow")
        case plan.ContactStep():
            yield from reach_contact(station, step.to)
        case _:
            raise ColdpointError(
                f"station {station.name} cannot carry out {in_words(step)!r}; remove the step"
            )
