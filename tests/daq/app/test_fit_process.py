import io
import json

import numpy as np

from daq.analysis.fit_result import FittedParameter
from daq.analysis.result import Estimate, NoResult
from daq.app.fit_answer import Answer, Layer
from daq.app.fit_models import Asked
from daq.app.fit_process import answer_all, from_mapping, question, to_mapping

ANSWER = Answer(
    "dynes",
    "Dynes",
    {
        "gap": (FittedParameter(1.2, 0.01, "half the distance", "meV", "at its bound"), "meV"),
        "ratio": (Estimate(4.1, float("nan"), "2 gap / kTc"), ""),
        "offset": (NoResult("it was not measured"), "V"),
    },
    statistics={"chi square": 1.1, "errors": "of the points"},
    notes=("one",),
    warnings=("two",),
    layer=Layer(np.arange(3.0), np.array([1.0, np.nan, 0.1]), None, np.ones(3), "V (mV)", "G (S)"),
)


def test_an_answer_is_the_same_on_the_other_side_of_a_pipe():
    found = from_mapping(json.loads(json.dumps(to_mapping(ANSWER))))
    assert repr(found) == repr(ANSWER)
    for name in ("x", "y", "sigma"):
        np.testing.assert_array_equal(getattr(found.layer, name), getattr(ANSWER.layer, name))


def test_every_question_gets_its_answer_or_the_reason_why_there_is_none(tmp_path):
    asked = [question(number, tmp_path / "no.csv", "dynes", Asked(2.0)) for number in (7, 8)]
    answers = io.StringIO()
    answer_all(io.StringIO("".join(json.dumps(each) + "\n" for each in asked)), answers)
    said = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert [each["number"] for each in said] == [7, 8]
    assert "there is no" in said[0]["refused"]
