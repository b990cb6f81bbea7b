"""The Model 6000 on GPIB: its commands, its replies, and its silence."""

from dataclasses import replace

import numpy as np
import pytest

from instruments.clock import VirtualClock
from instruments.simulated.device import Device
from instruments.simulated.model6000 import Model6000
from instruments.simulated.multivu import MultiVuServer, MultiVuStream
from instruments.simulated.multivu_frames import FrameReader, encode
from instruments.simulated.ppms import PpmsTwin
from instruments.simulated.ppms_options import PpmsOptions
from instruments.simulated.visa import SimulatedVisaLibrary


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def twin(clock):
    options = replace(PpmsOptions.at(temperature=10.0, field=1.0, angle=16.0), not_fresh=0.0)
    return PpmsTwin(clock, np.random.default_rng(1), options)


@pytest.fixture
def device(twin) -> Device:
    return Model6000(twin, np.random.default_rng(2))


def ask(device, command):
    device.write(command if isinstance(command, bytes) else command.encode())
    return device.read()


def fields(reply):
    assert reply.endswith(b";")
    return reply[:-1].decode().split(",")


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b";", b";\r\n"])
def test_every_end_of_a_command_is_understood(device, ending):
    assert ask(device, b"TEMP?" + ending) == b"10,12,0;"
    assert device.read() is None


@pytest.mark.parametrize("command", ["GETDAT? 2", "GetDat? 2", "getdat? 2 0 0", "GETDAT?,2,0,0"])
def test_case_and_separators_do_not_matter(device, command):
    assert fields(ask(device, command))[0] == "2"


def test_getdat_answers_the_mask_the_time_and_the_values_by_bit(device, clock):
    clock.elapse(12.5)
    mask, time, status, temperature, field, angle = fields(ask(device, "GETDAT? 15"))
    assert (mask, float(time), status) == ("15", 12.5, "4369")
    assert float(temperature) == pytest.approx(10.0, rel=0.01)
    assert float(field) == 10_000.0
    assert float(angle) == pytest.approx(16.0, abs=0.03)


def test_getdat_knows_all_thirty_items(device):
    reply = fields(ask(device, f"GETDAT? {2**30 - 1}"))
    assert reply[0] == str(2**30 - 1)
    assert len(reply) == 32
    assert float(reply[2 + 19]) == pytest.approx(3.0)
    assert float(reply[2 + 23]) == pytest.approx(10.0, rel=0.02)


def test_bridges_and_drivers_show_in_the_items_and_by_their_own_queries(device):
    device.write(b"BRIDGE 2 100 500 0 1 95\nDRVOUT 2 20 5")
    assert ask(device, "BRIDGE? 2") == b"2,100,500,0,1,95;"
    assert ask(device, "DRVOUT? 2") == b"2,20,5;"
    assert fields(ask(device, "GETDAT? 393408"))[2:] == ["0", "100", "20", "5"]


def test_data_that_are_not_fresh_are_left_out_with_their_bits_cleared(device, twin, clock):
    clock.elapse(3.0)
    twin.faults.not_fresh()
    assert ask(device, "GETDAT? 14") == b"0,3.000;"
    assert fields(ask(device, "GETDAT? 14"))[0] == "14"


def test_data_are_sometimes_not_fresh_by_themselves(clock):
    options = replace(PpmsOptions(), not_fresh=0.5)
    device = Model6000(PpmsTwin(clock, np.random.default_rng(1), options), np.random.default_rng(2))
    replies = [fields(ask(device, "GETDAT? 15")) for _ in range(100)]
    missing = [reply for reply in replies if reply[0] != "15"]
    assert 20 < len(missing) < 80
    for reply in replies:
        assert len(reply) == 2 + int(reply[0]).bit_count()


def test_fast_getdat_repeats_the_present_sample(device, clock):
    first = ask(device, "GETDAT? 2 0 0")
    assert ask(device, "GETDAT? 2 1 0") == first
    clock.elapse(2.0)
    assert ask(device, "GETDAT? 2 1 0") != first


def test_the_advanced_page_has_the_helium_level(device):
    mask, _, level = fields(ask(device, "GETDAT? 4 0 2"))
    assert int(mask) == 4 | 1 << 31
    assert float(level) == 85.0
    assert int(fields(ask(device, "GETDAT? 1 0 1"))[0]) == 1 | 1 << 30


@pytest.mark.parametrize(
    ("setting", "query", "reply"),
    [
        ("TEMP 20.5 3 1", "TEMP?", b"20.5,3,1;"),
        ("TEMP 2.05000000e+01,3.00000000e+00,1", "TEMP?", b"20.5,3,1;"),
        ("FIELD 20000 40 2 1", "FIELD?", b"20000,40,2,1;"),
        ("FIELD -139999.5, 10.5, 1, 0", "FIELD?", b"-139999.5,10.5,1,0;"),
        ("MOVE 90 0 4", "MOVE?", b"90,0,4;"),
        ("MOVE 90", "MOVE?", b"90,0,0;"),
        ("CHAMBER 1", "CHAMBER?", b"1;"),
    ],
)
def test_setters_are_silent_and_their_queries_give_the_last_set_values(
    device, setting, query, reply
):
    assert ask(device, setting) is None
    assert ask(device, query) == reply


def test_what_was_set_is_not_what_is_read(device):
    device.write(b"TEMP 300 12 0")
    assert fields(ask(device, "TEMP?"))[0] == "300"
    assert float(fields(ask(device, "GETDAT? 2"))[2]) < 10.1


@pytest.mark.parametrize(
    "command",
    [
        *["", "NONSENSE", "*IDN?", "GETDAT?", "GETDAT? x", "TEMP 5", "FIELD 1 2 3.5 0"],
        *["BRIDGE? 9", "MOVE 0 7 0", "CHAMBER 9", "LEVELON 7", "TEMP nan 1 0"],
        *["GETDAT? 1 0 7", "\xff\x00"],
    ],
)
def test_what_is_not_understood_is_met_with_silence(device, command):
    assert ask(device, command.encode("latin-1")) is None
    assert ask(device, "TEMP?;FIELD?") == b"10,12,0;"
    assert device.read().startswith(b"10000,42.571429,0,0")
    assert ask(device, "MOVE?") == b"16,0,0;"


def test_the_magnet_tells_its_configuration(device):
    assert ask(device, "MAGCNF?") == b"140000,1490,35,1,1,20,20;"


def test_the_motor_tells_its_counts_and_its_configuration(device, clock):
    device.write(b"MOVE 32 0 0")
    assert ask(device, "$MOVE?") == b"300,600,0,9;"
    clock.elapse(60.0)
    assert ask(device, "$MOVE?") == b"600,600,0,9;"
    assert ask(device, "MOVECFG?") == b"1,0.0533333,380,0;"
    assert ask(device, "MOVELIM?") == b"-10,380;"


def test_before_any_command_the_chamber_has_none(device):
    assert ask(device, "CHAMBER?") == b"10;"


def test_shutting_down_leads_to_standby(device, clock):
    assert ask(device, "SHUTDOWN") is None
    clock.elapse(60.0)
    assert int(fields(ask(device, "GETDAT? 1"))[2]) & 15 == 10


def test_the_level_meter_is_switched_and_read(device, clock):
    assert fields(ask(device, "LEVEL?"))[1] == "1"
    device.write(b"LEVELON 1")
    clock.elapse(20.0)
    percent, age = fields(ask(device, "LEVEL?"))
    assert age == "2"
    assert float(percent) == pytest.approx(85.0, abs=0.5)


@pytest.mark.parametrize("query", ["USERTEMP?", "ADVNUM?", "REV?", "DIGIN?"])
def test_small_queries_are_answered(device, query):
    assert ask(device, query).endswith(b";")


def test_replies_that_nobody_read_wait_in_their_order(device):
    device.write(b"TEMP?")
    device.write(b"CHAMBER?")
    assert device.serial_poll() == 16
    assert device.read() == b"10,12,0;"
    device.clear()
    assert device.read() is None
    assert device.serial_poll() == 0


def test_faults_of_the_twin_spoil_the_replies(device, twin, clock):
    ask(device, "CHAMBER?")
    twin.faults.stale_reply()
    assert ask(device, "TEMP?") == b"10;"
    twin.faults.truncated_reply()
    assert ask(device, "TEMP?") == b"10,1"
    twin.faults.missing_reply()
    assert ask(device, "TEMP?") is None
    twin.faults.garbled_reply()
    assert ask(device, "TEMP?") not in {b"10,12,0;", None}
    twin.faults.late_reply(5.0)
    assert ask(device, "TEMP?") is None
    clock.elapse(5.0)
    assert device.read() == b"10,12,0;"


def test_a_query_takes_its_time_on_a_visa_bus(device, clock):
    library = SimulatedVisaLibrary.serving([device], clock)
    session, _ = library.open(library.open_default_resource_manager()[0], "GPIB0::15::INSTR")
    library.write(session, b"TEMP?\n")
    assert library.read(session, 100)[0] == b"10,12,0;"
    assert clock.now() == pytest.approx(0.03)


def test_gpib_and_multivu_see_one_cryostat(device, twin, clock):
    stream = MultiVuStream(MultiVuServer(twin), clock)
    reader = FrameReader()

    def result(action, query=""):
        stream.send(encode({"id": "1", "action": action, "query": query, "result": ""}))
        done = [body for body in reader.feed(stream.receive(1.0)) if "completed" in str(body)]
        return done[0]["result"]

    result("START")
    result("TEMP", "20.0,6.0,0")
    assert ask(device, "TEMP?") == b"20,6,0;"
    device.write(b"FIELD 500 20 1 1")
    assert result("FIELD_SETPOINTS?") == "(500.0, 20.0, 1, 1),Oe,Call was successful"
    clock.elapse(600.0)
    assert result("FIELD?").endswith("Holding (driven)")
    assert int(fields(ask(device, "GETDAT? 1"))[2]) == 0x1141
