"""A MultiVu sequence (`.seq`) as a sequence of our own: as YAML, for the very grammar of ours.

Nothing is dropped: what is not imported stays in the YAML as a comment where it stood, and is
listed with the number of its line and the reason. A loop that cannot be imported takes its lines
with it. MultiVu measures with commands of its options; here a measurement of ours takes their
place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from daq.campaign.multivu_lines import READERS, Loop, NotImportedError, Step, quoted, remark
from daq.config.document import Document, parse_document
from instruments.errors import ConfigurationError

ENDING = ".seq"
LARGEST = 1_000_000
"""Characters of the largest sequence."""
DEEPEST = 12
"""Loops in each other, at most."""
_END = "EOS"
_MEASUREMENTS = re.compile(r"RES|VSM|ACMS", re.IGNORECASE)
"""Begins of the commands by which the options of MultiVu measure (assumed)."""
_MOVERS = {"TEMP": 1, "FIELD": 2, "MOVE": 3}
"""Commands that MultiVu does not wait for, and where WAITFOR says whether it does."""


@dataclass(frozen=True, slots=True)
class Untold:
    """A line that is not imported, or not quite.

    Parameters
    ----------
    line
        Its number, from 1.
    text
        The line.
    reason
        Why not, or what is different.
    """

    line: int
    text: str
    reason: str

    def __str__(self) -> str:
        """Return such as ``line 4: CMB CHAMBER 1: not known here``."""
        return f"line {self.line}: {self.text}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Converted:
    """A MultiVu sequence as ours.

    Parameters
    ----------
    yaml
        The sequence file.
    not_imported
        What has no place in it but as a comment, in order of lines.
    different
        What is imported but does not do quite the same, in order of lines.
    measurements
        How often the measurement stands in it.
    """

    yaml: str
    not_imported: tuple[Untold, ...]
    different: tuple[Untold, ...]
    measurements: int


def convert(text: str, *, title: str, measure: str = "") -> Converted:
    """Convert a MultiVu sequence.

    The measurement stands where MultiVu's options measure; where no line does, at the end of every
    innermost loop, or at the end of everything if there is no loop.

    Parameters
    ----------
    text
        The `.seq` file.
    title
        Of the sequence.
    measure
        A step of ours, such as ``bias_spectrum: {points: 201}`` or the name of a procedure alone.

    Returns
    -------
    Converted
        The YAML, and what is to be told.

    Raises
    ------
    ConfigurationError
        The file is no MultiVu sequence: no line of it can be imported, or it is too large.
    """
    if len(text) > LARGEST or "\0" in text:
        raise ConfigurationError(f"{title}: this is no MultiVu sequence; check the name")
    lines = [line.strip() for line in text.splitlines()]
    reader = _Reader(_step_of(measure))
    for number, line in enumerate(lines, start=1):
        reader.take(number, line, lines[number:])
    reader.finish()
    if not reader.imported:
        raise ConfigurationError(
            f"{title}: no line can be imported of this MultiVu sequence; check the name"
        )
    head = ["# Converted from a MultiVu sequence.", "format: 1", f"title: {quoted(title[:120])}"]
    yaml = "\n".join([*head, "steps:", *reader.lines()]) + "\n"
    return Converted(yaml, tuple(reader.not_imported), tuple(reader.different), reader.measurements)


def convert_file(file: Path, measure: str = "") -> Converted:
    """Convert a MultiVu sequence that is in a file; see `convert`.

    Parameters
    ----------
    file
        The `.seq` file, in the encoding of Windows.
    measure
        A step of ours.

    Returns
    -------
    Converted
        The YAML, and what is to be told.
    """
    try:
        text = file.read_bytes()[: LARGEST + 1].decode("cp1252", errors="replace")
    except OSError as problem:
        raise ConfigurationError(
            f"{file}: found {problem.strerror}, expected a readable file; check name and rights"
        ) from None
    return convert(text, title=file.stem, measure=measure)


def converted_document(file: Path, measure: str = "") -> Document:
    """Return a MultiVu sequence as a document of ours; errors in it name the line of the YAML."""
    return parse_document(convert_file(file, measure).yaml, f"{file} (converted)")


@dataclass(slots=True)
class _Block:
    """The lines of a loop, or of the whole sequence."""

    head: str = ""
    first: int = 0
    lines: list[str] = field(default_factory=list)
    steps: int = 0


class _Reader:
    """Read line by line; keep what each becomes."""

    def __init__(self, measure: str) -> None:
        self._measure = measure
        self._blocks = [_Block()]
        self._lost: list[int] = []
        self._measured = False
        self._moving: dict[str, tuple[int, str]] = {}
        self.imported = 0
        self.measurements = 0
        self.not_imported: list[Untold] = []
        self.different: list[Untold] = []

    def take(self, number: int, line: str, later: Sequence[str]) -> None:
        """Take the next line; those behind it tell whether it opens a loop."""
        if not line:
            return
        words = _words(line)
        try:
            self._read(number, line, words)
        except NotImportedError as problem:
            if _opens(words, later):
                self._lost.append(number)
            self._leave_out(number, line, str(problem))

    def finish(self) -> None:
        """Close what the file leaves open, and put the measurement where no line does."""
        self._tell_motion()
        while len(self._blocks) > 1:
            self._tell_different(
                self._blocks[-1].first, self._blocks[-1].head, "it is never closed"
            )
            self._close()
        if self._measure and not self._measured:
            _place_measurement(self._blocks[0].lines, self._measure)
        self.measurements = sum(
            line.strip() == f"- {self._measure}" for line in self._blocks[0].lines
        )

    def lines(self) -> list[str]:
        """Return the steps as lines of YAML."""
        return [f"  {line}" for line in self._blocks[0].lines]

    def _read(self, number: int, line: str, words: list[str]) -> None:
        if line.startswith("!"):
            self._leave_out(number, line, "it is disabled in MultiVu")
        elif words[-1].upper() == _END and len(words) <= 2:
            self._end(number, line)
        elif self._lost:
            raise NotImportedError(f"it is in the loop of line {self._lost[-1]}")
        elif words[0].upper() == "REM":
            self._add(remark(_text(line)))
        elif self._measure and _MEASUREMENTS.match(words[0]):
            self._tell_motion()
            self._measured = True
            self._add(Step(self._measure))
            self._tell_different(number, line, "it is measured with the measurement that was given")
        else:
            self._command(number, line, words)

    def _command(self, number: int, line: str, words: list[str]) -> None:
        reader = READERS.get(words[1].upper()) if len(words) > 1 else None
        if reader is None:
            raise NotImportedError("it has no meaning here")
        found = reader(words[2:])
        self._follow_motion(number, line, words)
        if isinstance(found, Loop):
            self._open(number, found)
        elif found is not None:
            self._add(found)
        self.imported += 1
        if found is not None and found.remark:
            self._tell_different(number, line, found.remark)

    def _follow_motion(self, number: int, line: str, words: list[str]) -> None:
        """Remember what MultiVu sets in motion until a line waits for it."""
        command = words[1].upper()
        if command in _MOVERS:
            self._moving[command] = (number, line)
        elif command == "WAITFOR":
            for mover, place in _MOVERS.items():
                if float(words[2 + place]):
                    self._moving.pop(mover, None)
        else:
            self._tell_motion()

    def _tell_motion(self) -> None:
        for number, line in self._moving.values():
            reason = "MultiVu goes on while it moves, here it settles first"
            self._tell_different(number, line, reason)
        self._moving.clear()

    def _open(self, number: int, loop: Loop) -> None:
        if len(self._blocks) > DEEPEST:
            raise NotImportedError(f"more than {DEEPEST} loops are in each other")
        self._blocks.append(_Block(loop.text, number))

    def _end(self, number: int, line: str) -> None:
        if self._lost:
            self._lost.pop()
            self._leave_out(number, line, "it ends a loop that is not imported")
        elif len(self._blocks) == 1:
            self._leave_out(number, line, "no loop is open here")
        else:
            self._close()

    def _close(self) -> None:
        block = self._blocks.pop()
        outside = self._blocks[-1]
        outside.lines.append(f"- loop: {block.head}")
        outside.lines.append("  steps:")
        if not block.steps:
            block.lines.append("- wait: 0 s")
        outside.lines += [f"    {line}" for line in block.lines]
        outside.steps += 1

    def _add(self, step: Step) -> None:
        self._blocks[-1].lines.append(f"- {step.text}")
        self._blocks[-1].steps += 1

    def _leave_out(self, number: int, line: str, reason: str) -> None:
        shown = _printable(line)
        self.not_imported.append(Untold(number, shown, reason))
        self._blocks[-1].lines.append(f"# line {number} is not imported, {reason}: {shown}")

    def _tell_different(self, number: int, line: str, reason: str) -> None:
        self.different.append(Untold(number, _printable(line), reason))


def _place_measurement(lines: list[str], measure: str) -> None:
    """Put the measurement at the end of every innermost loop, or of everything."""
    loops = [index for index, line in enumerate(lines) if line.lstrip().startswith("- loop:")]
    if not loops:
        lines.append(f"- {measure}")
        return
    for index in reversed(loops):
        indent = _indent(lines[index])
        end = next(
            (i for i in range(index + 2, len(lines)) if _indent(lines[i]) <= indent), len(lines)
        )
        inside = lines[index + 2 : end]
        if not any(line.lstrip().startswith("- loop:") for line in inside):
            lines.insert(end, " " * (indent + 4) + f"- {measure}")


def _step_of(measure: str) -> str:
    text = " ".join(measure.split())
    if not text:
        return ""
    name, colon, settings = text.partition(":")
    if colon and re.fullmatch(r"[a-z_ ]+", name.strip()):
        return f"{name.strip()}: {settings.strip() or '{}'}"
    name, _, settings = text.partition(" ")
    return f"{name}: {settings.strip() or '{}'}"


def _words(line: str) -> list[str]:
    return re.findall(r'"[^"]*"|[^\s,]+', line.lstrip("!")) or [line]


def _text(line: str) -> list[str]:
    return line.split()[1:]


def _opens(words: list[str], later: Sequence[str]) -> bool:
    """Tell whether a command opens a loop: LPx, if a line behind it says ENx EOS."""
    if len(words) > 1 and words[1].upper().startswith("SCAN"):
        return True
    first = words[0].upper()
    end = [f"EN{first[2:]}", _END]
    return first.startswith("LP") and any(line.upper().split() == end for line in later)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in line)[:200]
