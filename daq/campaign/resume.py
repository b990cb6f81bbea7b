"""Where a campaign can be taken up again, as its journal tells, and what speaks against it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from daq.campaign import plan
from daq.campaign.outcome import Start
from daq.campaign.plan import PlannedStep, flatten
from daq.campaign.plan_json import from_mapping
from daq.campaign.words import in_words
from daq.runs.campaign_folder import JOURNAL
from daq.runs.journal import read_journal
from daq.runs.lock import Owner
from instruments.errors import StationBusyError, StorageError
from procedures.base import Resume, StationProcedure

Standing = Literal["begun", "done", "skipped"]
Event = Mapping[str, Any]

TOLERANCES: Mapping[str, tuple[float, float]] = {
    "temperature": (1.0, 0.03),
    "field": (0.01, 0.01),
    "angle": (1.0, 0.0),
}
"""By how much a station may differ from the journal: absolute in K, T, degrees, and relative."""
_SETS: Mapping[type, str] = {
    plan.TemperatureStep: "temperature",
    plan.FieldStep: "field",
    plan.AngleStep: "angle",
}


CONFIRMED_ABOVE = "confirmed_above"
"""In the line that begins a campaign: a person has said that the sample may become so warm."""


@dataclass(frozen=True, slots=True)
class StepState:
    """What a journal says of one step.

    Parameters
    ----------
    standing
        How far it has come.
    run
        Number of its run, if it has one.
    alarm
        What `watch` found when it ended the campaign; empty as a rule.
    """

    standing: Standing
    run: int | None = None
    alarm: str = ""


@dataclass(frozen=True, slots=True)
class Resumption:
    """A campaign as far as it has come.

    Parameters
    ----------
    sequence
        The plan of its journal.
    steps
        In the order of execution.
    start
        Where to go on; after the last step if everything is done.
    doubts
        What a person has to accept first, one line each.
    after_accepting
        Where to go on when the doubts are accepted.
    last
        The last sample of the cryostat that the journal knows.
    confirmed_above
        Whether a person has said at the begin that the sample may go above the station's
        `keep_below`; what is said when a campaign is resumed holds for that time.
    """

    sequence: plan.Sequence
    steps: tuple[PlannedStep, ...]
    start: Start
    doubts: tuple[str, ...]
    after_accepting: Start
    last: Event
    confirmed_above: bool = False

    @property
    def finished(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.start.index >= len(self.steps)


def read_resumption(folder: Path, procedures: Mapping[str, type[StationProcedure]]) -> Resumption:
    """Read the journal of a campaign and find out where to go on; nothing is changed.

    Parameters
    ----------
    folder
        Of the campaign.
    procedures
        By the name that a sequence uses.

    Returns
    -------
    Resumption
        Where to go on.

    Raises
    ------
    StorageError
        There is no such campaign, or its plan cannot be read.
    StationBusyError
        The campaign is still running.
    """
    content = read_journal(folder / JOURNAL)
    refuse_if_running(content.events, folder)
    if "steps" not in content.plan:
        raise StorageError(
            f"{folder} was made by a script and has no plan to resume; run the script again"
        )
    sequence = from_mapping(content.plan)
    steps = flatten(sequence)
    states = step_states(content.events)
    index = next((s.index for s in steps if not _is_over(states, s.index)), len(steps))
    last: Event = next((e for e in reversed(content.events) if "temperature" in e), {})
    if index == len(steps):
        return Resumption(sequence, steps, Start(index), (), Start(index), last)
    begun = [event for event in content.events if event["event"] == "campaign begun"]
    confirmed = any(event.get(CONFIRMED_ABOVE) for event in begun)
    state = states.get(index)
    doubts = tuple(_doubts(steps[index], state, procedures))
    start = _start(steps, index, None if state is None else state.run)
    accepted = start
    if doubts and _asks(steps[index], procedures):
        accepted = _start(steps, index + 1, None)
    elif doubts:
        accepted = Start(start.index, start.run, start.before, unwatched=True)
    return Resumption(sequence, steps, start, doubts, accepted, last, confirmed)


def refuse_if_running(events: Sequence[Event], folder: Path) -> None:
    """Raise if the process that carries a campaign out still lives."""
    for event in reversed(events):
        if event["event"] == "campaign ended":
            return
        if "owner" in event:
            owner = Owner.from_json(str(event["owner"]))
            if owner is not None and owner.is_alive() and owner != Owner.this_process():
                raise StationBusyError(
                    f"{folder.name} is still carried out by process {owner.pid}"
                    f" ({owner.command}); end it first"
                )
            return


def step_states(events: Iterable[Event]) -> dict[int, StepState]:
    """Return what a journal says of every step that was begun.

    Parameters
    ----------
    events
        Of the journal, in order.

    Returns
    -------
    dict of StepState
        By index of the step.
    """
    states: dict[int, StepState] = {}
    for event in events:
        index = event.get("step")
        if isinstance(index, int):
            before = states.get(index)
            state = _state_after(event, before)
            if state is not None:
                states[index] = state
    return states


def station_doubts(
    resumption: Resumption, reading: Event, *, safe_field: str = "zero"
) -> list[str]:
    """Compare a station with what the journal says of it.

    A quantity may be anywhere between where it was last seen and where the step that was broken off
    was taking it; the field also between there and zero, since it is taken there for safety.

    Parameters
    ----------
    resumption
        What the journal says.
    reading
        ``temperature``, ``field`` and ``angle`` now.
    safe_field
        What the station does with the field when it is made safe.

    Returns
    -------
    list of str
        One line for each quantity that is elsewhere.
    """
    doubts = []
    step = None if resumption.finished else resumption.steps[resumption.start.index].step
    for name, (absolute, relative) in TOLERANCES.items():
        if not all(
            isinstance(where.get(name), int | float) for where in (reading, resumption.last)
        ):
            continue  # there is no rotator, or nothing is known
        known = float(resumption.last[name])
        ends = [known]
        if isinstance(step, plan.TemperatureStep | plan.FieldStep | plan.AngleStep) and (
            _SETS[type(step)] == name
        ):
            ends.append(step.to)
        if name == "field" and safe_field != "hold":
            ends.append(0.0)
        now = float(reading[name])
        slack = absolute + relative * abs(known)
        if not min(ends) - slack <= now <= max(ends) + slack:
            unit, when = plan.UNITS[name], resumption.last.get("utc", "an unknown time")
            doubts.append(f"the {name} is {now:.5g} {unit}, and was {known:.5g} {unit} at {when}")
    return doubts


def _is_over(states: Mapping[int, StepState], index: int) -> bool:
    return index in states and states[index].standing in {"done", "skipped"}


def _state_after(event: Event, before: StepState | None) -> StepState | None:
    """Return the state of a step after an event that belongs to it; None for no news."""
    run = None if before is None else before.run
    state: StepState | None = None
    match event["event"]:
        case "step begun" if before is None or before.standing != "done":
            state = StepState("begun", run)
        case "run begun":
            state = StepState("begun", event["run"])
        case "run ended" if event["outcome"] == "finished":
            state = StepState("done", event["run"])
        case "step ended" | "step accepted" | "note":
            state = StepState("done", run)
        case "step skipped":
            state = StepState("skipped", run)
        case "step failed":
            state = _failed(event, run)
    return state


def _failed(event: Event, run: int | None) -> StepState:
    if event.get("then") == "skip":
        return StepState("skipped", run)
    alarm = str(event.get("error", "")) if event.get("watch") else ""
    return StepState("begun", run, alarm=alarm)


def _doubts(
    planned: PlannedStep,
    state: StepState | None,
    procedures: Mapping[str, type[StationProcedure]],
) -> Iterator[str]:
    """Say what a person has to accept before a step that was begun is taken up."""
    if state is None or state.run is None:
        return  # no run was begun: the sample has not been touched
    what = f"step {planned.index + 1} ({in_words(planned.step)})"
    if _asks(planned, procedures):
        yield f"{what} was begun and may have been done: it will not be repeated"
    elif state.alarm:
        yield f"{what} was ended by its watch ({state.alarm}): it will go on unwatched"


def _asks(planned: PlannedStep, procedures: Mapping[str, type[StationProcedure]]) -> bool:
    step = planned.step
    if not isinstance(step, plan.ProcedureStep):
        return False
    procedure = procedures.get(step.name)
    return procedure is None or procedure.resume is Resume.ASK


def _start(steps: Sequence[PlannedStep], index: int, run: int | None) -> Start:
    return Start(index, run, _surroundings(steps, index))


def _surroundings(steps: Sequence[PlannedStep], index: int) -> tuple[PlannedStep, ...]:
    """Return the last step before `index` for each thing that steps set, in their order."""
    last: dict[type, PlannedStep] = {}
    for planned in steps[:index]:
        if isinstance(planned.step, plan.SetStep):
            last[type(planned.step)] = planned
    if index < len(steps):
        last.pop(type(steps[index].step), None)  # it is set anew at once
    else:
        last.clear()
    return tuple(sorted(last.values(), key=lambda planned: planned.index))
