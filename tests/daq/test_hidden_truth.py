import ast
import json
from pathlib import Path

import daq
import instruments
import procedures
from daq.config.station import load_station
from daq.hidden_truth import hidden_truth
from daq.simulation import build_bench
from instruments.simulated.wiring_errors import draw_wiring

TELLER = "daq.hidden_truth"
ALLOWED = {"simulate_command.py"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_nothing_but_the_truth_channel_of_the_twins_imports_what_is_hidden():
    roots = [Path(package.__file__).parent for package in (daq, instruments, procedures)]
    files = [path for root in roots for path in root.rglob("*.py")]
    assert {path.name for path in files if TELLER in set(imports(path))} == ALLOWED


def test_the_truth_of_a_bench_tells_sample_wires_and_instruments_as_json():
    twins = build_bench(load_station("tunnelling"))
    told = json.loads(json.dumps(hidden_truth(twins), allow_nan=False))
    hidden = draw_wiring(1)  # the seed of the file
    assert told["wiring"]["preamplifier_gain"] == 1e8 * (1.0 + hidden.preamplifier)
    assert told["sample"] == dict(twins.bench.sample.truth())
    assert told["instruments"]["lockin"]["gain"] == twins.devices["lockin"].errors.gain


def test_a_seed_of_the_wires_keeps_one_bench_while_all_noise_is_another(tunnelling_station):
    first, again, other = (
        tunnelling_station(("seed: 1", seeds))[0].bench
        for seeds in ("seed: 1", "seed: 5\n  wiring_seed: 1", "seed: 5")
    )
    assert first.wires() == again.wires() != other.wires()
    draws = [bench.generator().random() for bench in (first, again, other)]
    assert draws[0] != draws[1] == draws[2]
