"""One row of a data file as bytes: Python floats and ints, nothing else, bit for bit."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from instruments.errors import StorageError
from instruments.waiting import Value

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_FORBIDDEN = frozenset('#"\r\n\t\0')


class RowError(StorageError):
    """Raise when a row is not what the columns ask for; the file is whole and can go on."""


def check_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns if they can stand in a header.

    Parameters
    ----------
    columns
        Names with units in parentheses.

    Returns
    -------
    tuple[str, ...]
        The same.

    Raises
    ------
    StorageError
        There are none, one is empty or there twice, or one has a character that the file format
        uses.
    """
    if not columns:
        raise StorageError("a data file needs at least one column; give the procedure DATA_COLUMNS")
    for name in columns:
        if not name.strip() or _FORBIDDEN.intersection(name):
            raise StorageError(
                f"column {name!r} cannot stand in a data file;"
                " give it a name without #, quotation mark, tab or line break"
            )
    if len(set(columns)) != len(columns):
        raise StorageError(f"a column is there twice in {', '.join(columns)}; rename one")
    return tuple(columns)


class RowFormat:
    """Write rows as text that reads back to the same bits.

    Floats are written as the shortest text that gives the same number again.

    Parameters
    ----------
    columns
        Names of the columns in the order of the file.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = check_columns(columns)
        self._pick = _picker(self.columns)
        # Which places hold an int, for every combination of types that has been found good: a row
        # of known types costs one look-up.
        self._known: dict[tuple[type, ...], tuple[int, ...]] = {}

    def line(self, values: Mapping[str, Value]) -> bytes:
        """Return a row with its line end.

        Parameters
        ----------
        values
            A Python float or int for every column.

        Returns
        -------
        bytes
            The line.

        Raises
        ------
        RowError
            A column is missing or unknown, or a value is neither float nor int of 64 bits.
        """
        try:
            row = self._pick(values)
        except KeyError:
            raise self._other_columns(values) from None
        if len(values) != len(row):
            raise self._other_columns(values)
        kinds = tuple(map(type, row))
        ints = self._known.get(kinds)
        if ints is None:
            ints = self._examine(row)
        for place in ints:
            if not _SMALLEST <= row[place] <= _LARGEST:
                raise RowError(
                    f"column {self.columns[place]!r}: {row[place]} does not fit into 64 bits;"
                    " give a float"
                )
        return (",".join(map(repr, row)) + "\n").encode("ascii")

    def _examine(self, row: tuple[Any, ...]) -> tuple[int, ...]:
        for name, value in zip(self.columns, row, strict=True):
            if type(value) is not float and type(value) is not int:
                raise RowError(
                    f"column {name!r}: found {value!r} of type {_full_name(type(value))},"
                    " expected a Python float or int; convert it where the record is made"
                )
        ints = tuple(place for place, value in enumerate(row) if type(value) is int)
        self._known[tuple(map(type, row))] = ints
        return ints

    def _other_columns(self, values: Mapping[str, Value]) -> RowError:
        missing = [name for name in self.columns if name not in values]
        extra = [name for name in values if name not in self.columns]
        found = [f"no {name!r}" for name in missing] + [f"{name!r} is no column" for name in extra]
        return RowError(
            f"a row does not fit: {', '.join(found)}; expected exactly {', '.join(self.columns)}"
        )


def _picker(columns: tuple[str, ...]) -> Callable[[Mapping[str, Value]], tuple[Any, ...]]:
    if len(columns) == 1:
        only = columns[0]
        return lambda values: (values[only],)
    return itemgetter(*columns)


def _full_name(kind: type) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
