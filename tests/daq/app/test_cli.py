import subprocess
import sys

import pytest

from daq.app import commands


def test_help_names_every_command_and_comes_at_once(coldpoint):
    ended = coldpoint("--help")
    assert ended.code == 0
    for name in ("demo", "check", "run", "runs", "show", "simulate", "station"):
        assert name in ended.out


@pytest.mark.parametrize("name", ["demo", "check", "run", "runs", "show", "simulate", "station"])
def test_every_command_has_help_with_an_example(coldpoint, name):
    ended = coldpoint(name, "--help")
    assert ended.code == 0
    assert f"coldpoint {name}" in ended.out


def test_help_needs_none_of_the_large_packages():
    code = (
        "import sys; sys.argv = ['coldpoint', '--help']\n"
        "from daq.app.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "large = {'matplotlib', 'scipy', 'pandas', 'numpy', 'pymeasure', 'sqlalchemy', 'pyvisa'}\n"
        "sys.exit(', '.join(sorted(large & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 (our own program)
    assert (done.returncode, done.stderr) == (0, "")


def test_python_m_daq_is_the_same_program(tmp_path):
    command = [sys.executable, "-m", "daq", "run"]
    asked = subprocess.run(  # noqa: S603 (our own program)
        [*command, "nothing"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert asked.returncode == 2
    assert asked.stderr.startswith("coldpoint: nothing:1: ")
    assert len(asked.stderr.splitlines()) == 1


def test_an_unknown_command_is_asked_wrongly(coldpoint):
    assert coldpoint("frobnicate").code == 2


def test_a_flaw_of_ours_is_one_line_too_and_debug_shows_where(coldpoint, monkeypatch):
    def broken(*_words, **_options):
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("daq.campaign.prepared.prepare", broken)
    ended = coldpoint("check", "first_spectrum")
    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert "ZeroDivisionError: division by zero" in line
    assert "--debug" in line
    monkeypatch.setattr(sys, "argv", ["coldpoint", "--debug", "check", "first_spectrum"])
    monkeypatch.setenv("COLDPOINT_DEBUG", "1")  # so that it is taken back after the test
    with pytest.raises(ZeroDivisionError):
        commands.run()
