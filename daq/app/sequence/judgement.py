"""What is wrong with a sequence, all of it: judged by the code that loads and resolves it.

Loading stops at the first mistake; a person who fills in a form wants to see every one. So a
sequence that does not load is judged step by step, each as a sequence of its own under the same
head, and what is wrong in a step is taken out until the rest of it loads.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from daq.app.sequence.outline import scanned
from daq.campaign.limits import check_limits
from daq.campaign.plan import LoopStep, Sequence, Step
from daq.campaign.prepared import DEFAULT_STATION
from daq.campaign.sequence import sequence_from
from daq.config.document import Document, Node, parse_document
from daq.config.problem import FileError, Place, key_text
from daq.config.station import StationConfig, load_station
from instruments.errors import ColdpointError
from procedures.catalogue import PROCEDURES
from procedures.settings import Setting

MOST = 12
"""Mistakes that are looked for in one step."""
_STEP: Place = ("steps", 0, "its key")
_EMPTY: list[Node] = [{"wait": "0 s"}]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found.

    Parameters
    ----------
    text
        What was judged.
    problems
        Reasons by key, such as ``steps[2].field.to``, in the order of the file.
    sequence
        The plan, if the file says one.
    station
        The station, if there is one.
    """

    text: str
    problems: Mapping[str, str] = field(default_factory=dict)
    sequence: Sequence | None = None
    station: StationConfig | None = None

    @property
    def ok(self) -> bool:
        """Tell whether it can be rehearsed."""
        return not self.problems

    def below(self, place: Place) -> list[str]:
        """Return the reasons at a place and below it."""
        key = _key(place)
        return [
            reason
            for known, reason in self.problems.items()
            if known == key or known.startswith((f"{key}.", f"{key}["))
        ]


def judge(text: str, file: str) -> Judgement:
    """Judge a sequence.

    Parameters
    ----------
    text
        Of the file.
    file
        Its name.

    Returns
    -------
    Judgement
        What is wrong with it; nothing is raised.
    """
    try:
        document = parse_document(text, file, scanned)
    except FileError as failure:
        return Judgement(text, dict([_told(failure)]))
    found = _Findings(file)
    named = document.data.get("station", DEFAULT_STATION)
    found.load(named if isinstance(named, str) else DEFAULT_STATION)
    try:
        sequence = sequence_from(document, procedures=_settings())
    except FileError as failure:
        found.judge_apart(document)
        if not found.problems:  # only the whole shows it, such as too many steps
            found.tell(*_told(failure))
        return Judgement(text, found.problems, None, found.station)
    found.check(sequence, {})
    return Judgement(text, found.problems, sequence, found.station)


def execution(sequence: Sequence) -> dict[Place, list[int]]:
    """Return when every step is carried out: its places in the order of execution.

    Parameters
    ----------
    sequence
        The plan.

    Returns
    -------
    dict
        Indices as a rehearsal counts them, by place in the file; those of a loop are all that
        happens in it.
    """
    found: dict[Place, list[int]] = {}
    _execute(sequence.steps, (), 0, found)
    return found


def _execute(
    steps: tuple[Step, ...], above: Place, begin: int, found: dict[Place, list[int]]
) -> int:
    for index, step in enumerate(steps):
        place = (*above, "steps", index)
        first = begin
        if isinstance(step, LoopStep):
            for _ in step.values:
                begin = _execute(step.steps, place, begin + 1, found)
        else:
            begin += 1
        found.setdefault(place, []).extend(range(first, begin))
    return begin


class _Findings:
    """Gather what is wrong."""

    def __init__(self, file: str) -> None:
        self.problems: dict[str, str] = {}
        self.station: StationConfig | None = None
        self._file = file

    def tell(self, key: str, reason: str) -> None:
        """Note a reason, once for every key."""
        self.problems.setdefault(key, reason)

    def load(self, named: str) -> None:
        """Load the station that the sequence names."""
        try:
            self.station = load_station(named)
        except ColdpointError as failure:
            self.tell("station", str(failure))

    def check(self, sequence: Sequence, moved: Mapping[str, str]) -> None:
        """Check a plan against the station."""
        if self.station is None:
            return
        for problem in check_limits(sequence, self.station):
            self.tell(_moved(_spaceless(problem.key), moved), problem.reason)

    def judge_apart(self, document: Document) -> None:
        """Judge head and steps each on its own."""
        head = {key: node for key, node in document.data.items() if key != "steps"}
        self._judge({**head, "steps": _EMPTY}, {})
        sound: dict[str, Node] = {"title": "x"}
        limits = head.get("limits")
        if not any(key.startswith("limits") for key in self.problems) and limits is not None:
            sound["limits"] = limits
        steps = document.data.get("steps")
        if not isinstance(steps, list) or not steps:
            self._judge({**sound, "steps": steps} if "steps" in document.data else sound, {})
            return
        for place, node in _pieces(steps, ()):
            self._judge({**sound, "steps": [node]}, {"steps[1]": _key(place)})

    def _judge(self, data: dict[str, Node], moved: Mapping[str, str]) -> None:
        """Judge a small sequence; take out what is wrong until the rest loads."""
        data = copy.deepcopy(data)
        for _ in range(MOST):
            document = Document(self._file, "", data, {})
            try:
                sequence = sequence_from(document, procedures=_settings())
            except FileError as failure:
                key, reason = _told(failure)
                known = _moved(key, moved) in self.problems
                self.tell(_moved(key, moved), reason)
                if known or not _drop(data, (), key):
                    return
            else:
                self.check(sequence, moved)
                return


def _pieces(steps: list[Node], above: Place) -> Iterator[tuple[Place, Node]]:
    """Yield every step by itself, a loop with something harmless in it."""
    for index, node in enumerate(steps):
        place = (*above, "steps", index)
        inner = node.get("steps") if isinstance(node, dict) else None
        if isinstance(node, dict) and isinstance(inner, list) and inner:
            yield place, {**node, "steps": _EMPTY}
            yield from _pieces(inner, place)
        else:
            yield place, node


def _drop(node: Node, above: Place, key: str) -> bool:
    """Take out what stands at a key; tell whether it was there."""
    pairs: list[tuple[str | int, Node]] = []
    if isinstance(node, dict):
        pairs = list(node.items())
    elif isinstance(node, list):
        pairs = list(enumerate(node))
    for part, inside in pairs:
        place = (*above, part)
        if _key(place) == key:
            deep = len(place) != len(_STEP)  # a step that says nothing at all is another mistake
            if isinstance(node, dict) and isinstance(part, str) and deep:
                del node[part]
                return True
            return False
        if _drop(inside, place, key):
            return True
    return False


def _told(failure: FileError) -> tuple[str, str]:
    problem = failure.problem
    return _spaceless(problem.key), problem.reason


def _moved(key: str, moved: Mapping[str, str]) -> str:
    for old, new in moved.items():
        if key == old or key.startswith((f"{old}.", f"{old}[")):
            return new + key[len(old) :]
    return key


def _key(place: Place) -> str:
    return _spaceless(key_text(place))


def _spaceless(key: str) -> str:
    return key.replace(" ", "_")


@lru_cache(maxsize=1)
def _settings() -> dict[str, dict[str, Setting]]:
    return {name: procedure.settings() for name, procedure in PROCEDURES.items()}
