"""The computer of the cryostat dies, or accepts and never answers, while a campaign runs."""

import re

import pytest

pytestmark = [pytest.mark.timeout(400), pytest.mark.soak]
SWEEP = [
    "field: {to: 0.05 T}",
    "bias_spectrum: {from: -0.1 mA, to: 0.1 mA, points: 4001, excitation_rms: 1 uA}",
]
WAIT = ["field: {to: 0.05 T}", "temperature: {to: 300 K, rate: 1 K/min}"]


def breaks(night, twins, trial, sequence):
    """Begin a campaign and take the cryostat from it in its second step."""
    how, steps, policy = trial
    night.add(sequence("Cold", steps), twins.station)
    night.add(sequence("Next", ["wait: 1 s"]), twins.station)
    night.start(policy)
    night.until(lambda: night.client.standing.step == 1)
    if steps is SWEEP:
        night.until(lambda: night.rows > 10)
        assert not twins.dark()
    else:
        samples = night.client.cryostat.rows
        night.until(lambda: night.client.cryostat.rows > samples + 2)  # the ramp is on its way
    getattr(twins.relay, how)()


@pytest.mark.parametrize(
    "trial",
    [
        ("die", SWEEP, "hold"),
        ("die", WAIT, "go-on"),
        ("fall_mute", SWEEP, "go-on"),
        ("fall_mute", WAIT, "hold"),
    ],
    ids=["dies, sweep", "dies, wait", "mute, sweep", "mute, wait"],
)
def test_a_dead_cryostat_is_said_the_source_goes_to_zero_and_the_field_is_not_known(
    trial, night, twins, data, sequence
):
    how, steps, policy = trial
    one, bench = night(data), twins("cryostat")
    breaks(one, bench, trial, sequence)
    one.until(lambda: one.client.standing.silent or one.client.standing.over)
    if how == "die":  # on this fast clock a mute one has been silent for too long at once
        words = one.trouble()
        assert "The cryostat does not answer" in words
        assert "whether a field stands, is not known" in words
    rows = one.rows
    one.follow_first()
    one.until(lambda: one.client.state == "failed")
    assert bench.dark()
    assert bench.truth()["field"] == pytest.approx(0.05, abs=0.01)
    one.usable()
    words = one.trouble()
    assert "Failed: step 2: the cryostat has not answered for" in words
    assert "The outputs are off. NOT SAFE: the cryostat could not be reached" in words
    assert "and its field may stand: look at it and at MultiVu now." in words
    assert re.search(r"was last seen at [\d.]+ K and 0\.0[45]\d* T, and whether a field", words)
    (missed,) = one.told("not safe")
    assert set(missed["missed"]) == {"cryostat"}
    assert {"bias", "source", "lockin"} <= set(missed["reached"])
    if steps is SWEEP:
        assert len(one.row_indices()) >= rows > 10
    assert not one.entries()[1].begun  # its guardian has the station
    bench.relay.start() if how == "die" else bench.relay.speak()
    one.until(lambda: one.told("guardian acted"))
    (acted,) = one.told("guardian acted")
    assert acted["safe"] is True
    one.until(lambda: "Its guardian made everything safe." in one.trouble())
    one.usable()
    one.until(lambda: abs(bench.truth()["field"]) < 0.001)
    one.next_is(policy)
