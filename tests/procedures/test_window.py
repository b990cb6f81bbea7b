"""Our procedures in pymeasure's own window, in a process of its own: a failing Qt ends it."""

import subprocess
import sys

import pytest

STORY = """
import sys
from pymeasure.display.Qt import QtWidgets
application = QtWidgets.QApplication([])
print("Qt has started", flush=True)

from pymeasure.display.windows import ManagedWindow
from daq import open_station
from procedures.catalogue import PROCEDURES

station = open_station("simulated")
procedure = PROCEDURES[sys.argv[1]].on(station)
settings = list(procedure.settings())
columns = procedure.DATA_COLUMNS
window = ManagedWindow(
    procedure_class=procedure,
    inputs=settings,
    displays=settings[:2],
    x_axis=columns[6],
    y_axis=columns[8],
)
made = window.make_procedure()
assert isinstance(made, procedure), made
assert made.setting_values() == procedure().setting_values(), made.setting_values()
print("the window has made", made.name, flush=True)
window.close()
station.close()
"""


@pytest.mark.parametrize("name", ["bias_spectrum", "voltage_pulse"])
def test_pymeasures_window_takes_our_procedures_unchanged(name, tmp_path, monkeypatch):
    pytest.importorskip("qtpy", reason="the extra 'gui' is not installed")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-c", STORY, name]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)  # noqa: S603 (our own interpreter and text)
    if "Qt has started" not in done.stdout:
        pytest.skip(f"Qt cannot start here: {done.stderr.strip().splitlines()[-1:]}")
    assert f"the window has made {name}" in done.stdout, done.stderr
    assert done.returncode == 0
