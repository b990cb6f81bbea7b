import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from daq.config.folder import find_config

PNG = b"\x89PNG\r\n\x1a\n"
SECONDS = 15.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo, as a newcomer calls it."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "daq", "demo", "--data", str(folder / "data")]
    home = {name: str(folder / "home") for name in ("HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR")}
    (folder / "home").mkdir()
    done = subprocess.run(  # noqa: S603 (our own program)
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **home},
        timeout=4.0 * SECONDS,
        check=False,
    )
    return done, folder / "data"


def test_the_demo_ends_well_and_says_that_it_is_simulated(demo):
    done, _ = demo
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("SIMULATED")


def test_the_demo_tells_what_it_saw_and_what_to_try_next(demo):
    done, _ = demo
    before, after = [line for line in done.stdout.splitlines() if "zero-bias peak" in line]
    assert before.startswith("before the pulse: no zero-bias peak")
    assert after.startswith("after 6 V, 5 ms:  a zero-bias peak")
    assert "coldpoint show" in done.stdout


def test_the_demo_leaves_a_picture_and_three_runs(demo):
    done, data = demo
    (campaign,) = data.iterdir()
    (picture,) = campaign.glob("*.png")
    assert picture.read_bytes().startswith(PNG)
    assert f"picture: {picture}" in done.stdout
    assert [path.name for path in sorted(campaign.glob("*.csv")) if path.name[0] == "0"] == [
        "0001-bias_spectrum.csv",
        "0002-voltage_pulse.csv",
        "0003-bias_spectrum.csv",
    ]


def test_the_json_of_the_demo_is_that_of_a_run_with_the_picture(coldpoint, monkeypatch, tmp_path):
    shipped = find_config("sequences", "first_spectrum").read_text(encoding="utf-8")
    (tmp_path / "short.yaml").write_text(shipped.replace("points: 201", "points: 41"))
    monkeypatch.setattr("daq.app.demo_command.SEQUENCE", "short.yaml")
    ended = coldpoint("demo", "--json", "--data", "here")
    assert (ended.code, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert told["outcome"] == "finished"
    assert Path(told["picture"]).read_bytes().startswith(PNG)
    assert len(told["runs"]) == 3
