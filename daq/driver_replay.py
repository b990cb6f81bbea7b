"""A trace as a test of today's drivers, which have to say and understand what was recorded.

Each message is traced back to the declared property of the driver that says it. A driver on
pymeasure's ``expected_protocol`` then has to say the very bytes again, and to understand the very
answer. Messages that no declared property says, such as those of a pulse, are listed, not judged.
"""

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pymeasure.test import expected_protocol

from daq.runs.trace_file import Exchange, TraceContent
from instruments.declared import Declared
from instruments.dsp7265 import DSP7265
from instruments.keithley6221 import Keithley6221

DRIVERS: dict[str, type[Any]] = {"Keithley6221": Keithley6221, "DSP7265": DSP7265}
ERRORS = ";:SYST:ERR?"
"""What the driver of a 6221 asks after every setting, in one message."""
SET, READ = True, False


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a driver has to do.

    Parameters
    ----------
    driver
        Its name.
    name
        The property.
    value
        What it is set to, or what it reads.
    sets
        Whether it is set.
    sent
        What the driver has to say, without the end of the line.
    received
        What it is answered; None for nothing.
    status
        The status byte that it polls; None where it polls none.
    line
        Of the trace.
    """

    driver: str
    name: str
    value: Any
    sets: bool
    sent: str
    received: str | None
    status: int | None
    line: int

    @property
    def words(self) -> str:
        """Return what is done, as Python says it."""
        return f"{self.name} = {self.value!r}" if self.sets else f"{self.name} == {self.value!r}"


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of a trace.

    Parameters
    ----------
    cases
        Everything that a declared property says, each only once.
    differences
        What today's drivers do otherwise, one line each.
    uncovered
        Messages that no declared property says, by driver, each only once.
    others
        Resources without a driver that can be replayed, and how many messages each had.
    """

    cases: tuple[Case, ...]
    differences: tuple[str, ...]
    uncovered: dict[str, tuple[str, ...]]
    others: dict[str, int]


def replay(trace: TraceContent) -> Replay:
    """Drive today's drivers against what was recorded.

    Parameters
    ----------
    trace
        As `read_trace` returns it.

    Returns
    -------
    Replay
        What they can do again, and what not.
    """
    known = trace.about.get("instruments", {})
    cases: dict[tuple[str, str, str, str | None], Case] = {}
    differences: list[str] = []
    uncovered: dict[str, dict[str, None]] = {}
    others: dict[str, int] = {}
    for exchange in trace.exchanges:
        name = str(known.get(exchange.resource, {}).get("driver", ""))
        if name not in DRIVERS:
            others[exchange.resource] = others.get(exchange.resource, 0) + 1
            continue
        try:
            found = list(_cases(name, exchange))
        except ValueError as problem:
            differences.append(f"line {exchange.line}: {name}: {problem}")
            continue
        for case in found:
            cases.setdefault((name, case.name, case.sent, case.received), case)
        if not found:
            uncovered.setdefault(name, {})[_text(exchange.sent)] = None
    for case in cases.values():
        difference = check(case)
        if difference:
            differences.append(f"line {case.line}: {case.driver}: {difference}")
    return Replay(
        tuple(cases.values()),
        tuple(differences),
        {name: tuple(found) for name, found in uncovered.items()},
        others,
    )


def check(case: Case) -> str:
    """Let a driver do what was recorded; return how it differs, or nothing."""
    methods = {} if case.status is None else {"read_stb": case.status}
    try:
        with expected_protocol(
            DRIVERS[case.driver], [(case.sent, case.received)], connection_methods=methods
        ) as driver:
            if case.sets:
                setattr(driver, case.name, case.value)
                return ""
            value = getattr(driver, case.name)
    except Exception as failure:  # noqa: BLE001 (whatever a driver raises, it is a difference)
        return f"{case.words}: recorded was {case.sent!r} answered by {case.received!r}: {failure}"
    return "" if value == case.value else f"{case.words}: today it is {value!r}"


def _cases(driver: str, exchange: Exchange) -> Iterator[Case]:
    """Yield what the declared properties of a driver make of a message; ValueError if nothing."""
    sent, received = _text(exchange.sent), _text(exchange.received) or None
    declared = _declared(driver)
    for name, prop in declared.items():
        value = _setting(prop, sent.removesuffix(ERRORS))
        if value is not None:
            status = exchange.status
            yield Case(driver, name, value, SET, sent, received, status, exchange.line)
            return
    queries = {prop.query: (name, prop) for name, prop in declared.items() if prop.query}
    parts, answers = sent.split(";"), (received or "").split(";")
    if sent in queries:
        parts, answers = [sent], [received or ""]
    if received is None or len(parts) != len(answers):
        return
    for part, answer in zip(parts, answers, strict=True):
        name, query = part, queries.get(part)
        if query is not None:
            name, prop = query
            try:
                value = prop.domain.decode(answer)
            except ValueError:
                raise ValueError(
                    f"{part!r} was answered by {answer!r}, which {name} does not understand: it"
                    f" expects {prop.domain}"
                ) from None
            yield Case(driver, name, value, READ, part, answer, exchange.status, exchange.line)


def _setting(prop: Declared, sent: str) -> Any:
    """Return the value that a message sets a property to; None if it is not of this property."""
    if prop.command is None:
        return None
    head, _, tail = prop.command.partition("%s")
    match = re.fullmatch(f"{re.escape(head)}(.+){re.escape(tail)}", sent)
    if match is None:
        return None
    with suppress(ValueError, TypeError):
        value = prop.domain.decode(match[1])
        if prop.domain.encode(value) == match[1]:
            return value
    return None


def _declared(driver: str) -> dict[str, Declared]:
    found: dict[str, Declared] = {}
    for owner in DRIVERS[driver].__mro__:
        for name, item in vars(owner).items():
            if isinstance(item, Declared) and not name.startswith("_"):
                found.setdefault(name, item)
    return found


def _text(data: bytes) -> str:
    return data.decode("latin-1").rstrip("\r\n\0")


def as_test(found: Replay, source: str) -> str:
    """Return a file of tests for pytest that holds what was recorded.

    Parameters
    ----------
    found
        As `replay` returns it.
    source
        Where the trace was.

    Returns
    -------
    str
        Python.
    """
    drivers = sorted({case.driver for case in found.cases})
    imports = "\n".join(f"from {DRIVERS[name].__module__} import {name}" for name in drivers)
    rows = "\n".join(
        f"    ({case.driver}, {case.name!r}, {_python(case.value)}, {case.sets}, {case.sent!r},"
        f" {case.received!r}, {case.status!r}),  # line {case.line}"
        for case in found.cases
    )
    left = "\n".join(_left_over(found.uncovered))
    return _FILE.format(source=source, imports=imports, rows=rows, left=left)


def _python(value: Any) -> str:
    """Return a value as Python writes it; infinity has no literal."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _left_over(uncovered: dict[str, tuple[str, ...]]) -> Sequence[str]:
    lines = [
        f"# {name}: {message!r}" for name, messages in uncovered.items() for message in messages
    ]
    return ["", "", "# No declared property says these; write a test of your own:", *lines][
        : None if lines else 0
    ]


_FILE = '''"""What instruments were told, and answered, in {source}."""

import pytest
from pymeasure.test import expected_protocol

{imports}

RECORDED = [  # driver, property, value, whether it is set, sent, received, status byte
{rows}
]


@pytest.mark.parametrize(
    ("driver", "name", "value", "sets", "sent", "received", "status"), RECORDED
)
def test_a_driver_says_and_understands_what_was_recorded(
    driver, name, value, sets, sent, received, status
):
    methods = {{}} if status is None else {{"read_stb": status}}
    with expected_protocol(driver, [(sent, received)], connection_methods=methods) as instrument:
        if sets:
            setattr(instrument, name, value)
        else:
            assert getattr(instrument, name) == value
{left}
'''
