"""Sweeps and lists of the twin of a 6221, and what triggers them."""

import pytest

SWEEP_DONE, SWEEP_ABORTED, SWEEPING, WAIT_TRIGGER = 2, 4, 8, 32
WAIT_ARM, IDLE = 64, 1024


def listed(rig, *, jitter=False):
    rig.send(
        f"DISP:ENAB {int(jitter)}",
        "SOUR:SWE:SPAC LIST;:SOUR:LIST:CURR 1e-6,2e-6,-3e-6;DEL 1e-2,2e-2,5e-2;COMP 10,10,1e-1",
        "SOUR:SWE:ARM",
    )
    assert rig.error() == 0


def test_a_list_is_put_out_step_by_step_and_stays_at_its_last_point(rig):
    listed(rig)
    rig.send("INIT")
    assert int(rig.ask("STAT:OPER:COND?")) == SWEEPING
    rig.clock.elapse(0.1)
    rig.bench.sync()
    assert rig.sample.seconds_at(1e-6) == pytest.approx(0.01)
    assert rig.sample.seconds_at(2e-6) == pytest.approx(0.02)
    assert rig.current == -3e-6
    assert int(rig.ask("STAT:OPER:COND?")) == SWEEP_DONE | IDLE
    rig.send("SOUR:SWE:ABOR")
    assert rig.current == -3e-6
    assert rig.number("SOUR:CURR?") == -3e-6


def test_a_new_compliance_holds_at_once_also_under_a_running_wave(new_rig):
    rig = new_rig(1e6)
    rig.send("SOUR:WAVE:FUNC SQU;AMPL 1e-3;FREQ 0.1;ARM", "SOUR:WAVE:INIT", "SOUR:CURR:COMP 2")
    rig.clock.elapse(0.1)
    assert rig.bench.truth()["contact_voltage"] == 2.0


def test_the_list_has_its_own_compliances(new_rig):
    rig = new_rig(1e6)
    listed(rig)
    rig.send("INIT")
    rig.clock.elapse(0.06)
    assert rig.bench.truth()["contact_voltage"] == pytest.approx(0.1)


def test_no_step_is_shorter_than_a_millisecond(rig):
    listed(rig)
    rig.send("SOUR:SWE:ABOR;:SOUR:CURR:STAR 1e-6;STOP 2e-6;:SOUR:SWE:SPAC LIN;POIN 2")
    assert rig.refused("SOUR:DEL 0.5e-3") == -222
    assert rig.refused("SOUR:LIST:DEL 0.5e-3") == -222


def test_steps_jitter_up_to_a_millisecond_unless_the_panel_is_off(rig):
    listed(rig, jitter=True)
    rig.send("INIT")
    rig.clock.elapse(0.2)
    rig.bench.sync()
    for level, seconds in ((1e-6, 0.01), (2e-6, 0.02)):
        assert seconds < rig.sample.seconds_at(level) <= seconds + 1e-3


def test_a_sweep_is_armed_until_it_is_aborted(rig):
    listed(rig)
    assert rig.refused("SOUR:CURR 1e-6") == 413
    assert rig.refused("SOUR:LIST:CURR 1") in {-221, -222}
    rig.send("INIT")
    rig.clock.elapse(1.0)
    assert rig.ask("SOUR:SWE:ARM?") == "1"
    assert rig.refused("SOUR:CURR 1e-6") == 413
    rig.send("SOUR:SWE:ABOR;:SOUR:CURR 1e-6")
    assert rig.error() == 0


def test_a_sweep_that_is_aborted_holds_the_point_it_has_reached(rig):
    listed(rig)
    rig.send("INIT")
    rig.clock.elapse(0.01)
    rig.send("SOUR:SWE:ABOR")
    assert rig.current == 2e-6
    assert int(rig.ask("STAT:OPER?")) & (SWEEP_ABORTED | SWEEP_DONE) == SWEEP_ABORTED


@pytest.mark.parametrize(
    ("spacing", "start", "stop", "levels"),
    [
        ("LIN", -2e-6, 2e-6, [-2e-6, -1e-6, 0.0, 1e-6, 2e-6]),
        ("LOG", -1e-8, -1e-4, [-1e-8, -1e-7, -1e-6, -1e-5, -1e-4]),
    ],
)
def test_a_staircase_visits_its_points(rig, spacing, start, stop, levels):
    rig.send(f"SOUR:CURR:STAR {start};STOP {stop};:SOUR:SWE:SPAC {spacing};POIN 5")
    rig.send("DISP:ENAB 0;:SOUR:DEL 1e-3;:SOUR:SWE:RANG AUTO;COUN 2", "SOUR:SWE:ARM", "INIT")
    rig.clock.elapse(1.0)
    rig.bench.sync()
    for level in levels:
        if level not in {0.0, stop}:
            assert rig.sample.seconds_at(level) == pytest.approx(2e-3)
    assert rig.current == pytest.approx(stop)


def test_step_span_and_center_belong_together(rig):
    rig.send("SOUR:CURR:STAR -1e-5;STOP 1e-5;STEP 1e-6")
    assert rig.ask("SOUR:SWE:POIN?") == "21"
    rig.send("SOUR:CURR:CENT 1e-5")
    assert rig.ask("SOUR:CURR:STAR?;STOP?;SPAN?") == "+0.000000E+00;+2.000000E-05;+2.000000E-05"
    assert rig.refused("SOUR:CURR:CENT 0.1") == 0
    assert rig.refused("SOUR:CURR:SPAN 0.02") == -222


def test_a_logarithmic_sweep_through_zero_and_unequal_lists_cannot_be_armed(rig):
    rig.send("SOUR:SWE:SPAC LOG")
    assert rig.refused("SOUR:SWE:ARM") == -221
    rig.send("SOUR:SWE:SPAC LIST;:SOUR:LIST:CURR 0,1e-6")
    assert rig.refused("SOUR:SWE:ARM") == -221
    rig.send("SOUR:LIST:DEL:APP 1;:SOUR:LIST:COMP:APP 1;:SOUR:SWE:ARM")
    assert rig.error() == 0


def test_the_longest_sweep_ends_at_its_last_point(rig):
    rig.send("SOUR:SWE:POIN 65535;:SOUR:CURR:STOP 1e-4;:SOUR:DEL 1;:DISP:ENAB 0", "SOUR:SWE:ARM")
    rig.send("INIT")
    began = rig.clock.now()
    assert rig.twin.output(began + 32767.5).current == pytest.approx(50e-6)
    assert rig.twin.output(began + 70000.0).current == pytest.approx(100e-6)


def test_a_fixed_range_clips_the_sweep(rig):
    rig.send("SOUR:CURR:RANG 2e-3;:SOUR:CURR:STAR 1e-3;STOP 10e-3;:SOUR:SWE:POIN 2;RANG FIX;ARM")
    rig.send("INIT")
    rig.clock.elapse(10.0)
    assert rig.current == pytest.approx(2.1e-3)


def test_automatic_ranging_of_a_sweep_goes_through_zero(rig):
    rig.send("SOUR:CURR:STAR 1e-6;STOP 3e-6;:SOUR:SWE:POIN 2;RANG AUTO;:DISP:ENAB 0;:SOUR:SWE:ARM")
    rig.send("INIT")
    assert rig.twin.next_change(rig.clock.now()) == pytest.approx(rig.clock.now() + 1.0)
    rig.clock.elapse(1.0005)
    assert rig.current == 0.0
    rig.clock.elapse(0.001)
    assert rig.current == 3e-6


def test_compliance_aborts_a_sweep_that_minds_it(new_rig):
    rig = new_rig(1e6)
    rig.send("SOUR:CURR:COMP 1;STAR 0.5e-6;STOP 2e-6;:SOUR:SWE:POIN 4;CAB ON;:DISP:ENAB 0")
    rig.send("SOUR:DEL 0.1;:SOUR:SWE:ARM", "INIT")
    rig.clock.elapse(10.0)
    assert rig.ask("OUTP?") == "0"
    assert int(rig.ask("STAT:OPER?")) & (SWEEP_ABORTED | SWEEP_DONE) == SWEEP_ABORTED
    assert rig.sample.seconds_at(1e-6) > 0.09
    assert len([felt for _, felt in rig.sample.felt if felt > 0.9e-6]) <= 3


def test_operation_complete_waits_for_the_sweep(rig):
    listed(rig)
    rig.send("INIT", "*CLS;*OPC")
    assert int(rig.ask("*ESR?")) & 1 == 0
    rig.send("*OPC?")
    assert rig.twin.read() is None
    rig.clock.elapse(0.1)
    assert rig.twin.read() == b"1\n"
    assert int(rig.ask("*ESR?")) == 1


def test_a_sweep_waits_for_the_bus_trigger(rig):
    rig.send("ARM:SOUR BUS")
    listed(rig)
    assert rig.refused("*TRG") == -211
    rig.send("INIT")
    assert int(rig.ask("STAT:OPER:COND?")) == WAIT_ARM
    rig.clock.elapse(10.0)
    assert rig.current == 0.0
    rig.send("*TRG")
    assert rig.current == 1e-6


def test_a_trigger_line_passes_the_trigger_layer_and_abort_leaves_it(rig):
    rig.send("TRIG:SOUR TLIN")
    listed(rig)
    rig.send("INIT")
    assert int(rig.ask("STAT:OPER:COND?")) == WAIT_TRIGGER
    rig.send("ABOR")
    assert int(rig.ask("STAT:OPER:COND?")) == IDLE
    rig.send("INIT")
    rig.twin.trigger(1)
    assert rig.current == 1e-6


def test_nothing_starts_that_is_not_armed_and_arming_one_mode_disarms_the_other(rig):
    assert rig.refused("INIT") == -221
    listed(rig)
    rig.send("SOUR:WAVE:ARM")
    assert rig.ask("SOUR:WAVE:ARM?;:SOUR:SWE:ARM?") == "1;0"
    assert rig.refused("INIT") == -221
