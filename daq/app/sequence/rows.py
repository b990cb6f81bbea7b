"""The steps of a sequence as rows of a tree, in the words of the file."""

from dataclasses import dataclass

from daq.app.sequence.fields import Extent
from daq.app.sequence.outline import Piece
from daq.app.sequence.text import shown_at
from daq.campaign.plan import UNITS
from daq.campaign.steps import SET_KEYS
from daq.config.problem import Place, normalised

RANGE = ("from", "to", "points", "step")


@dataclass(frozen=True, slots=True)
class Row:
    """One step.

    Parameters
    ----------
    place
        In the file.
    kind
        Its key, such as ``temperature``; empty if it is none.
    words
        What the file says of it.
    inner
        The steps of a loop.
    """

    place: Place
    kind: str
    words: str
    inner: tuple["Row", ...] = ()

    @property
    def is_loop(self) -> bool:
        """Tell whether steps can be put into it."""
        return self.kind == "loop"


def rows(root: Piece, text: str, above: Place = ()) -> tuple[Row, ...]:
    """Return the steps at the top of a sequence, or in a loop.

    Parameters
    ----------
    root
        The outline of the text.
    text
        The text.
    above
        The place of the loop; empty for the top.

    Returns
    -------
    tuple of Row
        In order.
    """
    steps = root.at((*above, "steps"))
    if steps is None or steps.kind != "list":
        return ()
    return tuple(
        _row(root, text, (*above, "steps", index), piece) for index, piece in enumerate(steps.parts)
    )


def loop_of(root: Piece, place: Place) -> tuple[str, Extent]:
    """Return what a loop sets, and how it says its values; a field with points if it does not."""
    loop = root.at((*place, "loop"))
    if loop is None or loop.kind != "mapping":
        return "field", "points"
    names = [normalised(key.text) for key in loop.keys]
    variable = next((name for name in names if name in SET_KEYS), "field")
    inside = loop.at((variable,))
    if inside is not None and (inside.kind == "list" or inside.place_of("values") is not None):
        return variable, "values"
    if inside is not None and inside.place_of("step") is not None:
        return variable, "step"
    return variable, "values" if variable == "contact" else "points"


def loop_source(
    root: Piece, text: str, place: Place, variable: str, extent: Extent
) -> tuple[str, bool]:
    """Return what a loop says when it sets something else, or says its values another way.

    Parameters
    ----------
    root
        The outline of the text.
    text
        The text.
    place
        Of the loop.
    variable
        What it is to set.
    extent
        How it is to say its values.

    Returns
    -------
    tuple
        The value of the key ``loop`` as YAML, and whether it is another one than before.
    """
    before, now = loop_of(root, place)
    extent = "values" if variable == "contact" else extent
    if (before, now) == (variable, extent) and root.at((*place, "loop", variable)) is not None:
        return "", False
    inside = (*place, "loop", before)
    both = shown_at(root, text, (*place, "loop", "both_ways"))
    ending = f", both_ways: {both}}}" if both else "}"
    if UNITS.get(variable) != UNITS.get(before):
        return f"{{{variable}: {'[]' if extent == 'values' else '{}'}{ending}", True
    said = _range_said(root, text, inside, extent)
    said += _options_said(root, text, inside)
    return f"{{{variable}: {{{', '.join(said)}}}{ending}", True


def _range_said(root: Piece, text: str, inside: Place, extent: Extent) -> list[str]:
    listed = shown_at(root, text, (*inside, "values"))
    if listed:
        ends = {"from": listed.split(",")[0].strip(), "to": listed.split(",")[-1].strip()}
        ends["points"] = str(listed.count(",") + 1)
    else:
        ends = {key: shown_at(root, text, (*inside, key)) for key in RANGE}
    if extent == "values":
        values = ", ".join(value for value in (ends["from"], ends["to"]) if value)
        return [f"values: [{listed or values}]"]
    return [f"{key}: {ends[key]}" for key in ("from", "to", extent) if ends.get(key)]


def _options_said(root: Piece, text: str, inside: Place) -> list[str]:
    piece = root.at(inside)
    if piece is None or piece.kind != "mapping":
        return []
    return [
        f"{key.text}: {text[part.start : part.end]}"
        for key, part in zip(piece.keys, piece.parts, strict=True)
        if normalised(key.text) not in {*RANGE, "values"}
    ]


def _row(root: Piece, text: str, place: Place, piece: Piece) -> Row:
    if piece.kind != "mapping" or not piece.keys:
        return Row(place, "", text[piece.start : piece.end])
    kinds = [normalised(key.text) for key in piece.keys]
    if "loop" in kinds:
        variable, _ = loop_of(root, place)
        words = f"{variable}: {_said(root.at((*place, 'loop', variable)), text)}"
        if "true" in {shown_at(root, text, (*place, *p)) for p in _BOTH}:
            words += ", both ways"
        return Row(place, "loop", words, rows(root, text, place))
    return Row(place, kinds[0], _said(piece.parts[0], text))


_BOTH = (("loop", "both_ways"), ("both_ways",))


def _said(piece: Piece | None, text: str) -> str:
    if piece is None or piece.is_empty():
        return ""
    if piece.kind == "scalar":
        return " ".join(piece.text.split())
    if piece.kind == "list":
        return ", ".join(_said(part, text) for part in piece.parts)
    return ", ".join(
        f"{normalised(key.text).replace('_', ' ')} {_said(part, text)}".strip()
        for key, part in zip(piece.keys, piece.parts, strict=True)
    )
