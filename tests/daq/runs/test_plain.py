import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, IntFlag, StrEnum
from pathlib import PurePosixPath

import numpy as np
import pytest

from daq.runs.plain import check_format, plain, to_document, to_line
from instruments.errors import StorageError


class Kind(Enum):
    ONE = "one"


class Word(StrEnum):
    TWO = "two"


class Flag(IntFlag):
    A = 1
    B = 2


@dataclass(frozen=True)
class Point:
    x: float


def test_what_a_snapshot_holds_becomes_json():
    value = {
        "nan": float("nan"),
        "low": float("-inf"),
        "array": np.array([1.5, np.nan]),
        "number": np.float32(0.5),
        "kind": Kind.ONE,
        "word": Word.TWO,
        "flag": Flag.A | Flag.B,
        "time": datetime(2026, 11, 21, tzinfo=UTC),
        "path": PurePosixPath("a/b"),
        "point": Point(1.0),
        3: (True, None),
    }
    found = json.loads(to_document(value))
    assert found == {
        "nan": "nan",
        "low": "-inf",
        "array": [1.5, "nan"],
        "number": 0.5,
        "kind": "one",
        "word": "two",
        "flag": 3,
        "time": "2026-11-21T00:00:00+00:00",
        "path": "a/b",
        "point": {"x": 1.0},
        "3": [True, None],
    }


def test_a_line_is_one_line_whatever_the_text():
    assert to_line({"text": "a\nb"}).count(b"\n") == 1


def test_what_json_does_not_know_is_refused_by_type():
    with pytest.raises(StorageError, match="type object"):
        plain({"a": [object()]})


@pytest.mark.parametrize(
    ("number", "told"), [(2, "newer"), (0, "expected"), (None, "expected"), ("1", "expected")]
)
def test_another_format_is_refused_clearly(number, told):
    with pytest.raises(StorageError, match=told):
        check_format({"format": number}, "a.json")
