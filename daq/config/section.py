"""A mapping of a document, read key by key; every mistake is told with its line."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from daq.config.document import Document, Node
from daq.config.problem import Place, UnacceptableError, normalised, shown, suggestion
from daq.config.quantity import parse_quantity
from instruments.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping at a place of a document; keys with spaces and with underscores are the same.

    Parameters
    ----------
    document
        Where it stands.
    place
        The place of the mapping.
    entries
        Values by normalised key.
    keys
        Keys as they are written, by normalised key.
    """

    document: Document
    place: Place
    entries: Mapping[str, Node]
    keys: Mapping[str, str]

    @classmethod
    def of(cls, document: Document, place: Place, node: Node, example: str) -> "Section":
        """Return the mapping at `place`, or raise with an example of what should stand there."""
        if not isinstance(node, dict):
            raise document.error(place, shown(node), "a mapping", f"write {example}")
        entries = {normalised(key): value for key, value in node.items()}
        return cls(document, place, entries, {normalised(key): key for key in node})

    def __contains__(self, key: str) -> bool:
        """Tell whether the key is there."""
        return key in self.entries

    def error(self, key: str | None, found: str, expected: str, advice: str) -> ConfigurationError:
        """Return the error to raise for a key, or for the whole section."""
        place = self.place if key is None else self.at(key)
        return self.document.error(place, found, expected, advice)

    def at(self, key: str) -> Place:
        """Return the place of a key."""
        return (*self.place, self.keys.get(key, key))

    def line(self, key: str | None = None) -> int:
        """Return the line of a key, or of the whole section."""
        return self.document.line(self.place if key is None else self.at(key))

    def only(self, known: Collection[str], what: str = "a known key") -> None:
        """Raise for the first key that is not in `known`."""
        for key in self.entries:
            if key not in known:
                unknown = f"the unknown key {shown(self.keys[key])}"
                raise self.error(key, unknown, what, suggestion(key, known))

    def value(self, key: str, expected: str) -> Node:
        """Return what stands at a key that must be there."""
        if key not in self.entries:
            raise self.error(key, "no such key", expected, f"add '{key}'")
        return self.entries[key]

    def quantity(self, key: str, unit: str) -> float:
        """Return the quantity at a key, in `unit`."""
        node = self.value(key, f"a quantity in {unit}" if unit else "a fraction in %")
        return quantity_at(self.document, self.at(key), node, unit)

    def positive_quantity(self, key: str, unit: str) -> float:
        """Return the quantity at a key, in `unit`; it must be above zero."""
        value = self.quantity(key, unit)
        if not value > 0.0:
            expected = f"more than 0 {unit or '%'}"
            raise self.error(key, shown(self.entries[key]), expected, "write a larger value")
        return value

    def pair(self, key: str, unit: str) -> tuple[float, float]:
        """Return the two quantities at a key, the lower one first."""
        node = self.value(key, f"[lowest, highest] in {unit}")
        example = f"write two quantities, such as [1 {unit}, 2 {unit}]"
        if not isinstance(node, list) or len(node) != 2:
            raise self.error(key, shown(node), f"[lowest, highest] in {unit}", example)
        place = self.at(key)
        low, high = (
            quantity_at(self.document, (*place, i), item, unit) for i, item in enumerate(node)
        )
        if not low < high:
            found = f"[{shown(node[0])}, {shown(node[1])}]"
            raise self.error(key, found, "the lower one first", "exchange or widen them")
        return low, high

    def integer(self, key: str, default: int | None, lowest: int, highest: int) -> int:
        """Return the whole number at a key; a default of None means that it must be there."""
        expected = f"a whole number from {lowest} to {highest}"
        if key not in self.entries and default is not None:
            return default
        node = self.value(key, expected)
        if isinstance(node, bool) or not isinstance(node, int) or not lowest <= node <= highest:
            raise self.error(key, shown(node), expected, "write such a number without a unit")
        return node

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return the yes or no at a key."""
        node = self.entries.get(key, default)
        if not isinstance(node, bool):
            raise self.error(key, shown(node), "true or false", "write true or false")
        return node

    def word(self, key: str, words: Iterable[str], default: str | None) -> str:
        """Return which of `words` stands at a key; without a default it must be there."""
        known = list(words)
        expected = f"one of {', '.join(word.replace('_', ' ') for word in known)}"
        if key not in self.entries and default is not None:
            return default
        node = self.value(key, expected)
        if not isinstance(node, str) or normalised(node) not in known:
            word = node if isinstance(node, str) else ""
            raise self.error(key, shown(node), expected, suggestion(word, known))
        return normalised(node)

    def text(self, key: str, longest: int = 200) -> str:
        """Return the text at a key that must be there: one line, not empty."""
        return text_at(self.document, self.at(key), self.value(key, "a text"), longest)


def quantity_at(document: Document, place: Place, node: Node, unit: str) -> float:
    """Return the quantity at a place of a document.

    Parameters
    ----------
    document
        The document.
    place
        Where the quantity stands.
    node
        What stands there.
    unit
        The unit of the answer, as for `parse_quantity`.

    Returns
    -------
    float
        The value in `unit`.

    Raises
    ------
    ConfigurationError
        It is no such quantity.
    """
    try:
        return parse_quantity(node, unit)
    except UnacceptableError as problem:
        raise document.error(place, problem.found, problem.expected, problem.advice) from None


def text_at(document: Document, place: Place, node: Node, longest: int = 200) -> str:
    """Return the text at a place of a document.

    Parameters
    ----------
    document
        The document.
    place
        Where the text stands.
    node
        What stands there.
    longest
        Most characters that are accepted.

    Returns
    -------
    str
        Text without spaces at its ends.

    Raises
    ------
    ConfigurationError
        It is empty, too long, of several lines, or no text.
    """
    if not isinstance(node, str):
        advice = "put it in quotes" if node is not None else "write a text"
        raise document.error(place, shown(node), "a text", advice)
    text = node.strip()
    if not text or len(text) > longest or not text.isprintable():
        expected = f"one line of 1 to {longest} characters"
        raise document.error(place, shown(node), expected, "shorten it or write it on one line")
    return text
