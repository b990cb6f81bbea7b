"""A station held by hand: what a person asks, and how it is let go or taken away."""

import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from daq.campaign.by_hand import PATIENCE, held_address, hold
from daq.campaign.hands import Hands
from daq.campaign.local_port import ask
from daq.campaign.safe_now import make_safe_now, told_by_owner
from daq.config.station import load_station
from daq.runs.lock import Owner
from daq.station_file import open_station
from instruments.errors import ColdpointError, ConfigurationError, LimitError, RefusedError


@pytest.fixture
def hands():
    station = open_station("simulated")
    yield Hands(station, threading.Event())
    station.finish()
    station.close()


def test_the_state_shows_cryostat_lock_in_and_source(hands):
    state = hands.carry_out({"do": "state"})["state"]
    assert state["simulated"] is True
    assert state["cryostat"]["reading"]["temperature"] == pytest.approx(300.0, abs=0.1)
    assert {"x", "y", "overload", "reference_unlocked"} <= set(state["instruments"]["lockin"])
    assert state["instruments"]["source"]["compliance_tripped"] is False


def test_a_temperature_is_set_in_the_units_of_the_bench(hands):
    hands.carry_out({"do": "set", "what": "temperature", "to": "200 K", "rate": "6 K/min"})
    hands.station.clock.sleep(60.0)
    assert hands.station.cryostat.poll().temperature == pytest.approx(294.0, abs=1.5)


def test_a_bias_by_hand_is_read_and_ends_at_rest(hands):
    answer = hands.carry_out({"do": "bias", "current": "10 uA", "excitation_rms": "1 uA"})
    assert answer["resistance"] > 1.0
    source = hands.station.role("source")
    assert source.source_current == pytest.approx(1e-5)
    hands.carry_out({"do": "rest"})
    assert source.source_current == 0.0


def test_a_request_to_stop_ends_a_bias_at_rest():
    stop = threading.Event()
    station = open_station("simulated")
    stop.set()
    with pytest.raises(RefusedError, match="at zero"):
        Hands(station, stop).carry_out({"do": "bias", "current": "100 uA"})
    assert station.role("source").source_current == 0.0
    station.close()


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ({"do": "set", "what": "field", "to": "20 T"}, LimitError, "field"),
        ({"do": "set", "what": "field", "to": "1"}, ConfigurationError, "unit"),
        ({"do": "set", "what": "helium", "to": "1 T"}, RefusedError, "cannot set"),
        ({"do": "bias", "current": "1 A"}, LimitError, "A"),
        ({"do": "dance"}, RefusedError, "expected one of"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(hands, said, kind, words):
    with pytest.raises(kind, match=words):
        hands.carry_out(said)


def test_a_temperature_that_would_change_the_sample_is_not_set_by_hand(hands):
    hands.station.keep_below = 250.0
    with pytest.raises(RefusedError, match="change the sample"):
        hands.carry_out({"do": "set", "what": "temperature", "to": "260 K"})


def begin(served, idle):
    process = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "daq", "hold", str(served.station), "--idle", str(idle)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    name = load_station(served.station).name
    begun = served.wait_for(lambda: process.poll() is not None or answers(name), 60.0)
    assert begun is not None
    assert process.poll() is None, process.stdout.read()
    return process, name


def ask_held(name, said):
    return ask(held_address(name), said, whom=f"station {name}", patience=PATIENCE)


def answers(name):
    try:
        return ask_held(name, {"do": "state"}) is not None
    except ColdpointError:
        return False


def end(process):
    guards = psutil.Process(process.pid).children() if process.poll() is None else []
    if process.poll() is None:
        process.kill()
    process.wait(60.0)
    process.stdout.close()
    psutil.wait_procs(guards, timeout=60.0)


def test_a_station_held_by_hand_is_let_go_dark_when_nobody_asks(served):
    process, name = begin(served, 1.0)
    try:
        ask_held(name, {"do": "bias", "current": "20 uA", "excitation_rms": "1 uA"})
        assert not served.dark()
        assert process.wait(60.0) == 0
        assert served.dark()
        assert ask_held(name, {"do": "state"}) is None
    finally:
        end(process)


def test_make_safe_asks_the_runner_that_holds_the_station(served):
    process, name = begin(served, 30.0)
    try:
        ask_held(name, {"do": "bias", "current": "20 uA"})
        made = make_safe_now(load_station(served.station))
        assert made.by == "runner"
        assert served.dark()
    finally:
        end(process)


def test_make_safe_ends_a_stopped_runner_and_acts_as_the_guardian(served):
    process, name = begin(served, 30.0)
    try:
        ask_held(name, {"do": "bias", "current": "20 uA"})
        process.send_signal(signal.SIGSTOP)
        made = make_safe_now(load_station(served.station), answer=1.0)
        assert made.by == "guardian"
        assert made.safe
        assert "was ended" in made.words
        assert served.dark()
    finally:
        end(process)


def test_a_station_that_lives_in_another_program_is_told_so():
    with pytest.raises(RefusedError, match="stop that program"):
        make_safe_now(load_station("simulated"))


def test_a_virtual_station_is_held_and_let_go(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    said = []
    hold(load_station("simulated"), idle=0.05, say=said.append)
    assert said[-1] == "station simulated is free"


@pytest.fixture
def held_and_made_safe(monkeypatch, tmp_path, wait_for):
    """Return who holds a virtual station in this process, has it made safe, and tells failures."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def carry_out():
        failures = []

        def holding():
            try:
                hold(load_station("simulated"), idle=20.0)
            except ColdpointError as failure:
                failures.append(str(failure))

        thread = threading.Thread(target=holding)
        thread.start()
        assert wait_for(lambda: answers("simulated"), 60.0) is not None
        assert ask_held("simulated", {"do": "make safe"})["ok"] is True
        thread.join(60.0)
        assert not thread.is_alive()
        return failures

    return carry_out


def test_what_make_safe_has_reached_is_told_after_the_holder_has_gone(held_and_made_safe):
    assert held_and_made_safe() == []
    made = told_by_owner("simulated", Owner.this_process())
    assert made.safe
    assert "bias, source, lockin, cryostat" in made.words


def test_a_landing_that_failed_is_not_called_safe_and_is_left_to_the_guardian(
    monkeypatch, held_and_made_safe
):
    def spoiled(_station):
        raise ExceptionGroup("station simulated is not safe: lockin: mute", [OSError("mute")])

    monkeypatch.setattr("instruments.station.Station.make_safe", spoiled)
    failures = held_and_made_safe()
    assert "lockin: mute" in failures[0]
    made = told_by_owner("simulated", Owner.this_process())
    assert not made.safe
    assert "lockin: mute" in made.words


def test_a_cryostat_that_does_not_answer_leaves_the_rest_of_the_state(hands, monkeypatch):
    def mute():
        raise ColdpointError("no answer")

    monkeypatch.setattr(hands.station.cryostat, "helium", mute)
    state = hands.carry_out({"do": "state"})["state"]
    assert state["cryostat"]["trouble"] == "no answer"
    assert "x" in state["instruments"]["lockin"]
