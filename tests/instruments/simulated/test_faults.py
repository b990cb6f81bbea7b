"""Faults on the way from a device to the program."""

import pytest

from instruments.clock import VirtualClock
from instruments.simulated.faults import Faulty


class Counter:
    """A device that answers each query with the number of the query."""

    resource = "GPIB0::9::INSTR"

    def __init__(self):
        self.asked = 0
        self.waiting = []

    def write(self, message):
        if b"?" in message:
            self.asked += 1
            self.waiting.append(b"reply %d\n" % self.asked)

    def read(self):
        return self.waiting.pop(0) if self.waiting else None

    def serial_poll(self):
        return 16 if self.waiting else 0

    def clear(self):
        self.waiting.clear()

    def latency(self, message):
        return 0.25


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def faulty(clock):
    return Faulty(Counter(), clock)


def ask(device):
    device.write(b"?\n")
    return device.read()


def test_without_faults_everything_passes(faulty):
    assert [ask(faulty) for _ in range(2)] == [b"reply 1\n", b"reply 2\n"]
    assert faulty.resource == "GPIB0::9::INSTR"
    assert faulty.latency(b"") == 0.25
    assert faulty.read() is None


def test_a_lost_reply_never_comes(faulty):
    faulty.faults.lose()
    assert [ask(faulty), faulty.read(), ask(faulty)] == [None, None, b"reply 2\n"]


def test_a_stale_reply_is_the_one_before(faulty):
    ask(faulty)
    faulty.faults.stale(2)
    assert [ask(faulty) for _ in range(3)] == [b"reply 1\n", b"reply 2\n", b"reply 4\n"]


def test_a_truncated_reply_has_no_terminator(faulty):
    faulty.faults.truncate()
    assert ask(faulty) == b"repl"


def test_a_garbled_reply_keeps_its_length_and_terminator(faulty):
    faulty.faults.garble()
    reply = ask(faulty)
    assert len(reply) == len(b"reply 1\n")
    assert reply.endswith(b"\n")
    assert reply != b"reply 1\n"


def test_a_late_reply_comes_when_its_time_has_come(faulty, clock):
    faulty.faults.delay(3.0)
    assert ask(faulty) is None
    clock.elapse(2.9)
    assert faulty.read() is None
    clock.elapse(0.2)
    assert faulty.read() == b"reply 1\n"


def test_faults_happen_in_the_order_in_which_they_were_armed(faulty):
    faulty.faults.lose()
    faulty.faults.truncate()
    assert [ask(faulty) for _ in range(3)] == [None, b"repl", b"reply 3\n"]


def test_a_device_clear_drops_what_is_on_the_way(faulty, clock):
    faulty.faults.delay(1.0)
    ask(faulty)
    faulty.clear()
    clock.elapse(2.0)
    assert faulty.read() is None


def test_faults_that_were_cleared_do_not_happen(faulty):
    faulty.faults.lose(5)
    faulty.faults.clear()
    assert ask(faulty) == b"reply 1\n"
