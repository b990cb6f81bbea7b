"""The grammar of SCPI: headers, paths, compound messages, and the exchange of messages.

An instrument is a model and a table of `Command`; the `Interpreter` reads messages, finds the
commands, queues errors and keeps the reply. Headers are written as manuals print them: capitals are
the short form, ``[:NODE]`` may be left out, ``[1]`` is an optional suffix.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from instruments.simulated.scpi_parameters import Parameter, ScpiError, spellings
from instruments.simulated.scpi_status import Status

M = TypeVar("M")
T = TypeVar("T")
_NODE = re.compile(r"(\[)?:?(\*?[A-Za-z]+(?:\[1\])?)(\])?")
_Act = Callable[[M, str], str | None]
_Found = tuple[_Act[M], str | None]
_LIMITS = {"MIN", "MAX", "DEF", "MINIMUM", "MAXIMUM", "DEFAULT"}
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Command(Generic[M]):
    """A header and what it does.

    Parameters
    ----------
    header
        As manuals print it.
    write
        Called with the model and the text of the parameters; None if there is only a query.
    read
        Called likewise for the query; None if there is none.
    """

    header: str
    write: Callable[[M, str], None] | None = None
    read: Callable[[M, str], str] | None = None


def control(
    header: str,
    parameter: Parameter[T],
    get: Callable[[M], T],
    put: Callable[[M, T], None],
) -> Command[M]:
    """Return a command that sets one parameter, and its query."""
    parse, render = parameter.parse, parameter.render

    def write(model: M, text: str) -> None:
        if not text:
            raise ScpiError(-109)
        put(model, parse(text))

    def read(model: M, text: str) -> str:
        if not text:
            return render(get(model))
        if text.upper() not in _LIMITS:
            raise ScpiError(-108)
        return render(parse(text))

    return Command(header, write, read)


def setting(header: str, parameter: Parameter[T], put: Callable[[M, T], None]) -> Command[M]:
    """Return a command that takes one parameter and cannot be asked."""
    return Command(header, control(header, parameter, _nothing, put).write)


def query(header: str, answer: Callable[[M], str]) -> Command[M]:
    """Return a command that can only be asked."""

    def read(model: M, text: str) -> str:
        if text:
            raise ScpiError(-108)
        return answer(model)

    return Command(header, read=read)


def action(
    header: str, act: Callable[[M], None], answer: Callable[[M], str] | None = None
) -> Command[M]:
    """Return a command without parameters; `answer` is its query if it has one."""

    def write(model: M, text: str) -> None:
        if text:
            raise ScpiError(-108)
        act(model)

    asked: Command[M] | None = None if answer is None else query(header, answer)
    return Command(header, write, None if asked is None else asked.read)


class Interpreter(Generic[M]):
    """Carry out the messages of a controller on a model.

    Parameters
    ----------
    model
        What the commands act on.
    commands
        The table.
    status
        Where errors go.
    addressed
        Whether the instrument notices that it is asked to talk, as on GPIB: a read with nothing to
        say is then a query error. A byte stream is never asked.
    """

    def __init__(
        self, model: M, commands: Iterable[Command[M]], status: Status, *, addressed: bool = True
    ) -> None:
        self._model = model
        self._root: _Node[M] = _Node()
        self._status = status
        self._known: dict[str, _Found[M]] = {}
        self._reply: bytes | None = None
        self.addressed = addressed
        for command in commands:
            self._root.plant(command)

    def write(self, message: bytes) -> None:
        """Take one message, or several with line feeds between."""
        text = message.decode("latin-1").strip()
        if "\n" in text:
            for line in text.split("\n"):
                self._take(line.strip())
        else:
            self._take(text)

    def read(self) -> bytes | None:
        """Return the reply, or None when there is nothing to say."""
        reply = self._reply
        if reply is not None:
            self._reply = None
            self._status.available = False
            return reply
        if self.addressed:
            self._status.report(ScpiError(-420))
        return None

    def clear(self) -> None:
        """Drop the reply, as a device clear does."""
        self._reply = None
        self._status.available = False

    def _take(self, text: str) -> None:
        if self._reply is not None:
            self.clear()
            self._status.report(ScpiError(-410))
        replies: list[str] = []
        path = ""
        units = text.split(";") if '"' not in text and "'" not in text else _split(text)
        for unit in units:
            parts = unit.split(None, 1)
            if not parts:
                continue
            try:
                act, following = self._find(parts[0], path)
                path = path if following is None else following
                reply = act(self._model, parts[1].rstrip() if len(parts) == 2 else "")
            except ScpiError as refusal:
                self._status.report(refusal)
                if -200 < refusal.code < 0:
                    break  # a command error: the rest of the message cannot be trusted
                continue
            if reply is not None:
                replies.append(reply)
                self._status.available = True
        if replies:
            self._reply = (";".join(replies) + "\n").encode("latin-1")
            self._status.available = True
        self._status.watch_reasons()

    def _find(self, header: str, path: str) -> _Found[M]:
        """Return what a header does, and the path for the next one; None leaves the path."""
        key = header if header[0] in ":*" else path + header
        found = self._known.get(key)
        if found is None:
            found = self._search(key)
            if len(self._known) < _REMEMBERED:
                self._known[key] = found
        return found

    def _search(self, key: str) -> _Found[M]:
        if not key.isascii() or not key.isprintable():
            raise ScpiError(-101)
        name = key.removeprefix(":").upper()
        nodes = name.removesuffix("?").split(":")
        is_common = nodes[0][:1] == "*"
        command = self._root.follow(nodes, 0)
        # (assumed) a common command does not take the leading colon that some drivers send
        if command is None or (is_common and key[0] == ":"):
            raise ScpiError(-113)
        act: _Act[M] | None = command.read if name.endswith("?") else command.write
        if act is None:
            raise ScpiError(-113)
        return act, None if is_common else "".join(f"{node}:" for node in nodes[:-1])


@dataclass(slots=True)
class _Node(Generic[M]):
    """A node of the tree of headers."""

    children: "dict[str, _Node[M]]" = field(default_factory=dict)
    implied: "list[_Node[M]]" = field(default_factory=list)
    command: Command[M] | None = None

    def plant(self, command: Command[M]) -> None:
        node = self
        for opening, word, _ in _NODE.findall(command.header):
            names = spellings(word)
            child = node.children.get(names[0])
            if child is None:
                child = _Node()
                node.children.update(dict.fromkeys(names, child))
            if opening and child not in node.implied:
                node.implied.append(child)
            node = child
        if node.command is not None:
            raise ValueError(f"two commands have the header {command.header}; give one of them up")
        node.command = command

    def follow(self, names: list[str], depth: int) -> Command[M] | None:
        if depth == len(names) and self.command is not None:
            return self.command
        child = self.children.get(names[depth]) if depth < len(names) else None
        found = None if child is None else child.follow(names, depth + 1)
        for implied in self.implied:
            found = implied.follow(names, depth) if found is None else found
        return found


def _split(text: str) -> list[str]:
    """Split a message at the semicolons outside quotes."""
    units, start, mark = [], 0, ""
    for place, letter in enumerate(text):
        if mark:
            mark = "" if letter == mark else mark
        elif letter in "\"'":
            mark = letter
        elif letter == ";":
            units.append(text[start:place])
            start = place + 1
    return [*units, text[start:]]


def _nothing(_: Any) -> Any:
    return None
