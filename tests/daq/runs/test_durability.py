import subprocess
import sys

import pytest

from daq.runs.durability import Disk, replace, write_new
from instruments.errors import StorageError

WITHOUT_POSIX = """
import builtins, importlib, os, pathlib, sys, warnings
real = builtins.__import__
def refuse(name, *args, **kwargs):
    if name in {"fcntl", "pwd", "grp"}:
        raise ImportError(name)
    return real(name, *args, **kwargs)
builtins.__import__ = refuse
for name in ("fcntl", "pwd", "grp"):
    sys.modules.pop(name, None)
del os.fdatasync
warnings.simplefilter("ignore")  # filelock says that only soft locks are left
import daq.runs
for path in pathlib.Path(daq.runs.__file__).parent.glob("*.py"):
    importlib.import_module(f"daq.runs.{path.stem}")
from daq.runs.csv_file import CsvFile
from daq.runs.header import Header
from daq.runs.lock import StationLock
folder = pathlib.Path(sys.argv[1])
file = CsvFile(folder / "a.csv", Header("m.C", columns=("A",)), durability="every-row")
file.append({"A": 1.0})
assert file.close("finished") == "finished"
with StationLock("bench", folder) as lock:
    assert lock.owner() is not None
print("ok")
"""


def test_everything_works_without_what_only_posix_has(tmp_path):
    command = [sys.executable, "-c", WITHOUT_POSIX, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own text)
    assert (done.stdout, done.stderr) == ("ok\n", "")


def test_a_new_file_never_takes_the_name_of_another(tmp_path):
    write_new(tmp_path / "a", b"first")
    with pytest.raises(StorageError, match="not overwritten"):
        write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_file_that_appears_meanwhile_is_not_overwritten_either(tmp_path):
    path = tmp_path / "a"

    def sync(descriptor):
        path.write_bytes(b"theirs")

    with pytest.raises(StorageError, match="not overwritten"):
        write_new(path, b"ours", Disk(sync=sync))
    assert path.read_bytes() == b"theirs"


@pytest.mark.parametrize("call", ["write", "sync", "rename"])
def test_a_file_that_cannot_be_replaced_stands_as_it_was(tmp_path, faulty, call):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    faulty.fail[call] = lambda: True
    with pytest.raises(OSError, match="No space"):
        replace(path, b"new", faulty.disk())
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_content_is_on_the_disk_before_the_name(tmp_path, faulty):
    replace(tmp_path / "a", b"new", faulty.disk())
    assert faulty.calls == ["write", "sync", "rename"]
