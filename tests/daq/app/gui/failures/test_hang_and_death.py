"""A lock-in that answers no more, and a runner that dies, while a campaign runs."""

import pytest

pytestmark = [pytest.mark.timeout(400), pytest.mark.soak]
SWEEP = "bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 4001, excitation_rms: 1 uA}"


@pytest.mark.parametrize("policy", ["hold", "go-on"])
def test_a_lockin_that_hangs_is_said_and_the_source_goes_to_zero(
    policy, night, twins, data, sequence
):
    one, bench = night(data), twins("lockin")
    one.add(sequence("Mute", [SWEEP]), bench.station)
    one.add(sequence("Next", ["wait: 1 s"]), bench.station)
    one.start(policy)
    one.until(lambda: one.rows > 10)
    rows = one.rows
    bench.relay.fall_mute()
    one.until(lambda: one.client.state == "failed")
    one.follow_first()
    truth = bench.truth()
    assert truth["source_connected"] == truth["source_current"] == 0.0
    one.usable()
    words = one.trouble()
    assert "Failed: step 1:" in words
    assert "lockin" in words
    assert len(one.row_indices()) >= rows
    (missed,) = one.told("not safe")
    assert "source" in missed["reached"]
    assert "lockin" in missed["missed"]
    bench.relay.speak()
    one.until(lambda: "Its guardian made everything safe." in one.trouble())
    assert bench.dark()
    one.usable()
    one.next_is(policy)


def test_a_runner_that_dies_is_said_its_guardian_lands_and_the_queue_goes_on(
    night, twins, data, sequence, runner_of_data
):
    one, bench = night(data), twins("cryostat")
    one.add(sequence("Dies", [SWEEP]), bench.station)
    one.add(sequence("Next", ["wait: 1 s"]), bench.station)
    one.start("go-on")
    one.until(lambda: one.rows > 10)
    one.follow_first()
    rows = one.rows
    runner_of_data(one).kill()
    one.until(lambda: one.client.state == "interrupted")
    one.until(lambda: "Its guardian made everything safe." in one.trouble())
    assert "Interrupted: the runner" in one.trouble()
    assert f"coldpoint resume {one.client.folder}" in one.trouble()
    assert len(one.row_indices()) >= rows
    one.usable()
    one.next_is("go-on")
    assert one.states() == ["interrupted", "done"]


def test_a_guardian_on_a_full_disk_lands_the_station_and_its_report_is_told(
    night, twins, small_disk, sequence, runner_of_data
):
    disk = small_disk("memory")
    one, bench = night(disk.data), twins("cryostat")
    one.add(sequence("Dies", [SWEEP]), bench.station)
    one.start("hold")
    one.until(lambda: one.rows > 10)
    one.follow_first()
    runner = runner_of_data(one)
    runner.suspend()
    disk.fill()
    runner.kill()
    one.until(bench.dark)
    one.until(lambda: one.told("guardian acted"))
    (acted,) = one.told("guardian acted")
    assert acted["safe"] is True
    assert (one.client.folder / acted["report"]).is_file()
    one.until(lambda: "Its guardian made everything safe." in one.trouble())
    one.usable()
    disk.make_room()
