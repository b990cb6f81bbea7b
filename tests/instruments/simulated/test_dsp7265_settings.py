"""What the twin of a 7265 lets itself be set to, and what it refuses."""

import pytest

from instruments.simulated.dsp7265_commands import COMMANDS

INVALID, PARAMETER = 2, 4


@pytest.mark.parametrize(
    ("imode", "number", "scale"),
    [
        *((0, 1, 2e-9), (0, 2, 5e-9), (0, 3, 1e-8), (0, 9, 1e-6), (0, 12, 1e-5), (0, 15, 1e-4)),
        *((0, 18, 1e-3), (0, 21, 1e-2), (0, 24, 0.1), (0, 27, 1.0), (1, 1, 2e-15), (1, 27, 1e-6)),
        *((2, 7, 2e-15), (2, 27, 1e-8)),
    ],
)
def test_the_table_of_sensitivities(new_stand, imode, number, scale):
    stand = new_stand()
    stand.send(f"IMODE {imode};SEN {number}")
    assert stand.ask("SEN") == str(number)
    assert stand.number("SEN.") == pytest.approx(scale)


def test_the_table_of_time_constants_goes_from_10_us_to_100_ks(new_stand):
    stand = new_stand()
    found = []
    for number in range(30):
        stand.send(f"TC {number}")
        found.append(stand.number("TC."))
    assert found[:8] == pytest.approx([1e-5, 2e-5, 4e-5, 8e-5, 1.6e-4, 3.2e-4, 6.4e-4, 5e-3])
    assert found[8:15] == pytest.approx([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0])
    assert found[28:] == pytest.approx([50e3, 100e3])


@pytest.mark.parametrize(
    ("before", "command"),
    [
        *(("", c) for c in ("SEN 0", "SEN 28", "TC 30", "TC -1", "SLOPE 4", "IMODE 3", "VMODE 4")),
        *(("", c) for c in ("REFN 0", "REFN 65536", "OA. 5.001", "OA. -1", "OF. 0", "OF. 250001")),
        *(
            ("", c)
            for c in ("REFP. 361", "IE 3", "CP 2", "LF 4 0", "LF 1", "LF 1 2", "DAC. 1 12.5")
        ),
        *(("", c) for c in ("DAC. 5 1", "DAC 0", "ADC 4", "CBD 0", "CBD 65536", "LEN 0", "STR -5")),
        *(
            ("", c)
            for c in ("GP 3 2", "GP 14 6", "DD 200", "MSK 256", "SWEEP 1", "TADC 1", "ADF 2")
        ),
        *(("", c) for c in ("TC 1.5", "TC x", "TC 1 2", "TC. 0.1", "OA. nan", "OA. 1e999", "X 1")),
        ("IMODE 2", "SEN 6"),
        ("TC 6", "SLOPE 2"),
        ("SLOPE 3", "TC 6"),
        ("OF. 1000", "REFN 251"),
        ("REFN 10", "OF. 25001"),
        ("CP 1", "FET 0"),
        ("FET 0", "CP 1"),
        ("SEN 27", "ACGAIN 9"),
        ("SEN 3", "ACGAIN 0"),
        ("CBD 3", "LEN 16385"),
        ("CBD 3", "DC 2"),
        ("CBD 3", "DC. 0"),
        ("TD", "LEN 10"),
    ],
)
def test_what_is_not_legal_sets_the_parameter_error_and_changes_nothing(new_stand, before, command):
    stand = new_stand()
    stand.send(before)
    assert not stand.status() & (INVALID | PARAMETER)
    name = command.split()[0]
    held = stand.ask(name) if 0 in COMMANDS[name.rstrip(".")].counts else None
    assert stand.ask(command) is None
    assert stand.status() & (INVALID | PARAMETER) == PARAMETER
    if held is not None and name != "X":
        assert stand.ask(name) == held


@pytest.mark.parametrize(
    "command",
    [
        *("*IDN?", "*RST", "*CLS", "FOO", "TDT 1", "BURSTRATE 1", "IMODE1", "VMODE.", "NHZ", "X.."),
        *("?", "X2.", "STB", "\x00", "OF.100"),
    ],
)
def test_what_is_not_a_command_sets_the_invalid_bit_and_gets_no_reply(new_stand, command):
    stand = new_stand()
    assert stand.ask(command) is None
    assert stand.status() & (INVALID | PARAMETER) == INVALID
    assert stand.ask("ID") == "7265"
    assert not stand.status() & INVALID


def test_st_tells_of_the_error_before_it(new_stand):
    stand = new_stand()
    stand.send("SEN 99")
    assert int(stand.ask("ST")) & PARAMETER
    assert int(stand.ask("ST")) & PARAMETER
    stand.send("SEN 20")
    assert not int(stand.ask("ST")) & PARAMETER


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        *((f"VMODE {n}", str(n)) for n in range(4)),
        *(("FET 0", "0"), ("FLOAT 0", "0"), ("CP 1", "1"), ("LF 2 0", "2,0"), ("IE 2", "2")),
        *(
            ("REFN 3", "3"),
            ("REFP 45000", "45000"),
            ("SLOPE 0", "0"),
            ("SYNC 1", "1"),
            ("EX 3", "3"),
        ),
        *(("OA 100000", "100000"), ("OF 123456", "123456"), ("FSTART 5000", "5000")),
        *(("FSTOP 6000", "6000"), ("FSTEP 10 1", "10,1"), ("ASTART 7", "7"), ("ASTOP 8", "8")),
        *(("ASTEP 9", "9"), ("SRATE 50", "50"), ("SWEEP 0", "0"), ("ADC3TIME 50", "50")),
        *(("TADC 0", "0"), ("BYTE 200", "200"), ("STAR 6", "6"), ("EVENT 12", "12")),
        *(("REMOTE 1", "1"), ("LTS 0", "0"), ("MSK 16", "16"), ("CBD 19", "19"), ("LEN 50", "50")),
        *(("STR 12", "15"), ("STR 0", "0"), ("GP 14 2", "14,2"), ("RS 12 16", "12,16")),
        *(("YOF 1 -200", "1,-200"), ("AUTOMATIC 0", "0"), ("ACGAIN 0", "0"), ("IMODE 2", "2")),
    ],
)
def test_what_has_been_set_reads_back(new_stand, command, reply):
    stand = new_stand()
    assert stand.ask(command) is None
    assert not stand.status() & (INVALID | PARAMETER)
    assert stand.ask(command.split()[0].lower()) == reply


def test_dac_and_output_channels_are_held_by_number(new_stand):
    stand = new_stand()
    stand.send("DAC. 3 -1.234;DAC 4 500;CH 2 5")
    assert stand.number("DAC. 3") == -1.234
    assert stand.ask("DAC 3") == "-1234"
    assert stand.number("DAC. 4") == 0.5
    assert stand.ask("CH 2") == "5"


def test_adf_restores_the_settings_and_adf_1_keeps_the_interface(new_stand):
    stand = new_stand()
    stand.send("DD 59;SEN 10;OA. 2;ADF 1")
    assert stand.ask("SEN") == "27"
    assert stand.number("OA.") == 0.0
    assert stand.ask("XY") == "0;0"
    stand.send("ADF 0")
    assert stand.ask("XY") == "0,0"


def test_the_ac_gain_follows_the_sensitivity_in_automatic_and_stays_legal_by_hand(new_stand):
    stand = new_stand()
    gains = []
    for number in range(1, 28):
        stand.send(f"SEN {number}")
        gains.append(int(stand.ask("ACGAIN")))
    assert gains == sorted(gains, reverse=True)
    assert (gains[0], gains[-1]) == (9, 0)
    stand.send("SEN 15;ACGAIN 2;SEN 5")
    assert stand.ask("ACGAIN") == "6"
    assert stand.ask("AUTOMATIC") == "0"
