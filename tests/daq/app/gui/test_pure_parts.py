"""What the pages say and draw, without a window: troubles, planes, quantities, time left."""

import json

import numpy as np
import pytest

from daq.app.gui.plane import Line, plane
from daq.app.gui.quantities import CONDUCTANCE, Flagged, first_choice, quantities, split_unit
from daq.app.gui.theme import THEMES
from daq.app.gui.time_left import Book
from daq.app.gui.troubles import trouble_in_words
from daq.campaign.standing import Standing


@pytest.mark.parametrize(
    ("standing", "state", "silence", "words"),
    [
        (Standing(told="running"), "interrupted", 0.0, "coldpoint resume /data/night"),
        (Standing(told="failed", error="[Errno 28] No space left"), "failed", 0.0, "disk is full"),
        (Standing(told="failed", error="cryostat: gone"), "failed", 0.0, "Look at the cryostat"),
        (Standing(told="failed", error="lockin: timeout"), "failed", 0.0, "does not answer"),
        (Standing(told="failed", error="x", safe=False), "failed", 0.0, "NOT SAFE"),
        (Standing(told="failed", error="a.csv: File too large"), "failed", 0.0, "disk is full"),
        (
            Standing(told="failed", error="x", safe=False, missed=("cryostat",), seen=(4.0, 0.5)),
            "failed",
            0.0,
            "The outputs are off. NOT SAFE: the cryostat could not be reached, and its field may"
            " stand (last seen: 4 K, 0.5 T): look at it and at MultiVu now.",
        ),
        (
            Standing(told="failed", error="x", safe=False, missed=("source", "cryostat")),
            "failed",
            0.0,
            "NOT SAFE: source, cryostat could not be reached: look at the source",
        ),
        (
            Standing(told="running", silent="MultiVu: no connection", seen=(4.0, 0.5)),
            "running",
            45.0,
            "The cryostat does not answer: MultiVu: no connection. Where the sample is, and whether"
            " a field stands, is not known (last seen: 4 K, 0.5 T); if no answer comes",
        ),
        (
            Standing(told="running", safe=True, by_guardian=True),
            "interrupted",
            0.0,
            "Its guardian made everything safe.",
        ),
        (Standing(told="aborted", safe=True), "aborted", 0.0, "Everything was made safe"),
        (Standing(told="running"), "running", 45.0, "Nothing has arrived for 45 s"),
        (Standing(told="paused", pause="jump"), "paused", 99.0, "Paused: jump"),
        (Standing(told="running", error="step 2: odd"), "running", 0.0, "Last error: step 2: odd"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(standing, state, silence, words):
    told = trouble_in_words(standing, state, silence=silence, where="/data/night")
    assert words in told


def test_nothing_is_said_while_nothing_is_wrong():
    assert trouble_in_words(Standing(told="running"), "running") == ""
    assert trouble_in_words(Standing(told="finished", safe=True), "finished") == ""


def test_a_plane_has_each_run_at_its_place_and_is_empty_where_nothing_was_measured():
    x = np.linspace(-1.0, 1.0, 41)
    whole, half = Line(0.0, x, np.full(41, 3.0)), Line(2.0, x[:21], np.full(21, 5.0))
    found = plane([whole, half])
    assert (found.left, found.right, found.bottom, found.top) == (-1.0, 1.0, -1.0, 3.0)
    lower, upper = found.z[0], found.z[-1]
    np.testing.assert_array_equal(lower, 3.0)
    assert upper[0] == 5.0
    assert np.isnan(upper[-1])
    assert plane([]) is None
    assert plane([Line(0.0, x[:1], x[:1])]) is None


def test_uneven_places_keep_their_borders():
    x = np.linspace(0.0, 1.0, 5)
    found = plane([Line(at, x, np.full(5, at)) for at in (0.0, 0.5, 1.5)])
    heights = [np.count_nonzero(found.z[:, 0] == at) for at in (0.0, 0.5, 1.5)]
    assert heights[2] > heights[1] > heights[0]


def test_bias_voltages_are_joined_and_conductances_added():
    columns = (
        "Time (s)",
        "Bias voltage, integrated (V)",
        "Bias voltage, measured (V)",
        "dV/dI (ohm)",
    )
    found = quantities(columns)
    assert [quantity.label for quantity in found] == [
        "Time (s)",
        "Bias voltage (V)",
        "dV/dI (ohm)",
        "G = dI/dV (S)",
        "G/G_N",
    ]
    assert found[1].columns[0] == "Bias voltage, measured (V)"
    assert [quantity.name for quantity in first_choice("bias_spectrum", found)] == [
        "Bias voltage",
        "dV/dI",
    ]
    np.testing.assert_allclose(CONDUCTANCE.change(np.array([2.0, 4.0])), [0.5, 0.25])
    assert split_unit("J.H") == ("J.H", "")


def test_flags_are_counted_as_rows_arrive():
    flagged = Flagged()
    flagged.update(np.array([0.0, 1.0]))
    flagged.update(np.array([0.0, 1.0, 24.0, 0.0]))
    assert flagged.spoiled == [1]
    assert flagged.doubtful == [2]
    assert flagged.words() == "overload: 1, not settled: 1, stale: 1"


def test_a_rehearsal_that_is_none_gives_no_book():
    step = {"activities_s": {"measuring": 3.0}, "points": 7}
    book = Book.from_json(json.dumps({"steps": [step], "planned_steps": 1}))
    assert (book.paces, book.points) == (({"measuring": 3.0},), (7,))
    assert Book.from_json(json.dumps({"steps": [step], "planned_steps": 2})) is None
    for text in ("", "coldpoint: no", '{"steps": 3}', '{"steps": [{}]}'):
        assert Book.from_json(text) is None


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255.0 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_words_and_curves_stand_out_from_what_is_behind_them(theme):
    for words in (theme.text, theme.muted, theme.good, theme.warning, theme.bad):
        assert contrast(words, theme.surface) >= 4.5
        assert contrast(words, theme.background) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    for curve in (*theme.curves, *theme.ramp):
        assert contrast(curve, theme.plot) >= 3.0
