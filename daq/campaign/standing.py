"""How a campaign stands, as its journal tells: folded event by event, for whoever follows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from daq.runs.lock import Owner

Event = Mapping[str, Any]
State = Literal["unknown", "running", "paused", "interrupted", "finished", "aborted", "failed"]
ENDED: tuple[State, ...] = ("finished", "aborted", "failed")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a campaign stands.

    Parameters
    ----------
    title
        Of the sequence.
    station
        Its name.
    told
        What the journal says; ``running`` also if the runner has died since.
    owner
        The process that runs it, or ran it last.
    step
        Index of the step that was begun last; None before the first.
    what
        What that step does, in words.
    loops
        Where in each loop it is, in words.
    in_step
        Whether that step is being carried out.
    begun_at
        Time of the station's clock at which it was begun, in s.
    now
        Time of the station's clock of the last event, in s.
    utc
        Time of day of the last event, as the station's clock tells it.
    ended
        Steps that are over, with the seconds that each took; None where it was skipped.
    error
        The last thing that went wrong, in one line.
    pause
        Why it is paused.
    safe
        Whether everything was made safe at the end; None while that is not known.
    missed
        What could not be made safe, by role.
    by_guardian
        Whether its guardian has told that last.
    seen
        Temperature in K and field in T as the journal has them last; None if it has none.
    seen_at
        Time of day of that.
    silent
        Why the cryostat does not answer; empty while it does.
    """

    title: str = ""
    station: str = ""
    told: State = "unknown"
    owner: Owner | None = None
    step: int | None = None
    what: str = ""
    loops: tuple[str, ...] = ()
    in_step: bool = False
    begun_at: float = 0.0
    now: float = 0.0
    utc: datetime | None = None
    ended: tuple[tuple[int, float | None], ...] = ()
    error: str = ""
    pause: str = ""
    safe: bool | None = None
    missed: tuple[str, ...] = ()
    by_guardian: bool = False
    seen: tuple[float, float] | None = None
    seen_at: datetime | None = None
    silent: str = ""

    def after(self, event: Event) -> "Standing":
        """Return how it stands after one more event; an unknown one changes the time only."""
        then = replace(
            self, now=float(event.get("clock", self.now)), utc=_utc(event.get("utc"), self.utc)
        )
        temperature, field = event.get("temperature"), event.get("field")
        if isinstance(temperature, int | float) and isinstance(field, int | float):
            then = replace(then, seen=(float(temperature), float(field)), seen_at=then.utc)
        change = _CHANGES.get(str(event.get("event")))
        return then if change is None else change(then, event)

    @property
    def over(self) -> bool:
        """Tell whether the journal says that it has ended."""
        return self.told in ENDED

    def state(self, *, alive: bool | None) -> State:
        """Return how it stands, given whether its process lives.

        Parameters
        ----------
        alive
            As `Owner.is_alive` tells; None if nobody here can know.

        Returns
        -------
        State
            ``interrupted`` where the journal has no end and the process is gone.
        """
        if self.told in {"running", "paused"} and alive is False:
            return "interrupted"
        return self.told


def _utc(text: Any, before: datetime | None) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return before


def _plan(standing: Standing, event: Event) -> Standing:
    plan = event.get("plan", {})
    return replace(standing, title=str(plan.get("title", "")), station=str(plan.get("station", "")))


def _begun(standing: Standing, event: Event) -> Standing:
    return replace(
        standing,
        told="running",
        owner=Owner.from_json(str(event.get("owner", ""))),
        station=str(event.get("station", standing.station)),
        in_step=False,
        error="",
        pause="",
        safe=None,
        missed=(),
        by_guardian=False,
        silent="",
    )


def _step_begun(standing: Standing, event: Event) -> Standing:
    return replace(
        standing,
        told="running",
        step=int(event["step"]),
        what=str(event.get("what", "")),
        loops=tuple(map(str, event.get("loops", ()))),
        in_step=True,
        begun_at=standing.now,
        pause="",
    )


def _over(standing: Standing, event: Event, seconds: float | None) -> Standing:
    index = int(event["step"])
    others = tuple(pair for pair in standing.ended if pair[0] != index)
    return replace(standing, ended=(*others, (index, seconds)), in_step=False, pause="")


def _step_ended(standing: Standing, event: Event) -> Standing:
    return _over(standing, event, standing.now - standing.begun_at)


def _step_skipped(standing: Standing, event: Event) -> Standing:
    return _over(standing, event, None)


def _step_failed(standing: Standing, event: Event) -> Standing:
    failed = replace(standing, error=str(event.get("error", "")), in_step=False)
    return _over(failed, event, None) if event.get("then") == "skip" else failed


def _paused(standing: Standing, event: Event) -> Standing:
    return replace(standing, told="paused", pause=str(event.get("why", "")), in_step=False)


def _decided(standing: Standing, _event: Event) -> Standing:
    return replace(standing, told="running", pause="")


def _ended(standing: Standing, event: Event) -> Standing:
    outcome = event.get("outcome")
    told: State = next((state for state in ENDED if state == outcome), "failed")
    error = str(event.get("error", "")) or ("" if told == "finished" else standing.error)
    return replace(standing, told=told, error=error, in_step=False, pause="")


def _safe(standing: Standing, _event: Event) -> Standing:
    return replace(standing, safe=True, missed=())


def _not_safe(standing: Standing, event: Event) -> Standing:
    missed = tuple(map(str, event.get("missed") or ()))
    return replace(standing, safe=False, missed=missed, error=str(event.get("error", "")))


def _guardian_acted(standing: Standing, event: Event) -> Standing:
    if not isinstance(event.get("safe"), bool):
        return standing
    missed = tuple(map(str, event.get("missed") or ()))
    return replace(standing, safe=bool(event["safe"]), missed=missed, by_guardian=True)


def _silent(standing: Standing, event: Event) -> Standing:
    return replace(standing, silent=str(event.get("why", "")))


def _answers(standing: Standing, _event: Event) -> Standing:
    return replace(standing, silent="")


_CHANGES: Mapping[str, Callable[[Standing, Event], Standing]] = {
    "plan": _plan,
    "campaign begun": _begun,
    "campaign resumed": _begun,
    "step begun": _step_begun,
    "step ended": _step_ended,
    "step skipped": _step_skipped,
    "step failed": _step_failed,
    "paused": _paused,
    "decided": _decided,
    "made safe": _safe,
    "not safe": _not_safe,
    "campaign ended": _ended,
    "guardian acted": _guardian_acted,
    "cryostat silent": _silent,
    "cryostat answers": _answers,
}
