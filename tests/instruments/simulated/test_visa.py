import pytest
import pyvisa
from pymeasure.adapters import VISAAdapter
from pymeasure.instruments import Instrument

from instruments.clock import VirtualClock
from instruments.simulated.visa import SimulatedVisaLibrary


class Echo:
    """Answers every message that ends in '?' with itself, and nothing else."""

    def __init__(self, resource="GPIB0::5::INSTR", word=b"echo"):
        self.resource, self.word, self.replies = resource, word, []

    def write(self, message):
        if message.strip().endswith(b"?"):
            self.replies.append(self.word + b" " + message.strip() + b"\n")

    def read(self):
        return self.replies.pop(0) if self.replies else None

    def serial_poll(self):
        return 16 * bool(self.replies)

    def clear(self):
        self.replies.clear()

    def latency(self, message):
        return 0.005


def open_echo(clock, **kwargs):
    library = SimulatedVisaLibrary.serving([Echo(**kwargs)], clock)
    return pyvisa.ResourceManager(library).open_resource("GPIB0::5::INSTR")


def test_a_query_is_answered_and_takes_its_modelled_time():
    clock = VirtualClock()
    resource = open_echo(clock)
    assert resource.query("who?").strip() == "echo who?"
    assert clock.now() == pytest.approx(0.005)


def test_a_question_nobody_answers_times_out_in_virtual_time():
    clock = VirtualClock()
    resource = open_echo(clock)
    resource.timeout = 3000
    resource.write("hm")
    with pytest.raises(pyvisa.errors.VisaIOError) as failure:
        resource.read()
    assert failure.value.error_code == pyvisa.constants.StatusCode.error_timeout
    assert clock.now() == pytest.approx(3.005)


def test_a_long_reply_comes_in_chunks_and_whole():
    resource = open_echo(VirtualClock(), word=b"x" * 50_000)
    resource.chunk_size = 1024
    assert len(resource.query("q?").strip()) == 50_003


def test_serial_poll_and_device_clear_reach_the_device():
    resource = open_echo(VirtualClock())
    resource.write("a?")
    assert resource.read_stb() == 16
    resource.clear()
    assert resource.read_stb() == 0


def test_an_address_where_nothing_stands_is_not_found():
    library = SimulatedVisaLibrary.serving([Echo()], VirtualClock())
    manager = pyvisa.ResourceManager(library)
    assert manager.list_resources() == ("GPIB0::5::INSTR",)
    with pytest.raises(pyvisa.errors.VisaIOError):
        manager.open_resource("GPIB0::6::INSTR")


def test_two_benches_in_one_process_do_not_mix():
    benches = [open_echo(VirtualClock(), word=word) for word in (b"first", b"second")]
    assert [resource.query("q?").split()[0] for resource in benches] == ["first", "second"]


def test_pymeasure_takes_the_library_as_it_is():
    library = SimulatedVisaLibrary.serving([Echo(word=b"7")], VirtualClock())
    adapter = VISAAdapter("GPIB0::5::INSTR", visa_library=library)
    instrument = Instrument(adapter, "echo", includeSCPI=False)
    assert instrument.ask("q?").strip() == "7 q?"
