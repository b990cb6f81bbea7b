from types import SimpleNamespace

from daq.app.twin_ports import client_station
from daq.config.document import parse_document
from daq.config.station import station_from
from daq.simulation import build_bench
from instruments.clock import ScaledClock

CRYOSTAT = "  cryostat: {driver"
ONE = '  contact 1: {source: "I+ I-", lockin: "V+ V-"}\n'


def test_the_file_of_a_client_has_no_switch_and_no_voltmeter_without_a_port(cold_station):
    beside = (
        "  switch: {driver: Simulated}\n"
        "  voltmeter: {driver: ADC1, lockin: lockin, gain: 1000}\n"
        "  voltmeter_nano: {driver: Keithley2182, resource: GPIB0::7::INSTR}\n"
    )
    wired = ONE.replace('"}', '", voltmeter_nano: "V+ V-", voltmeter: "V+ V-"}')
    config = station_from(
        parse_document(cold_station((CRYOSTAT, beside + CRYOSTAT), (ONE, wired)), "s.yaml")
    )
    bench = build_bench(config, serial=True)
    assert set(bench.devices) == {"source", "lockin"}
    clock = ScaledClock(1.0)
    servers = SimpleNamespace(ports={"source": 1, "lockin": 2, "multivu": 3})
    client = station_from(parse_document(client_station(config, servers, clock), "c.yaml"))
    clock.close()
    assert set(client.instruments) == {"source", "lockin", "cryostat", "voltmeter"}
    assert set(client.contacts["contact 1"]) == {"source", "lockin", "voltmeter"}
