"""The tree can be imported everywhere, and is ours; its configurations come with it."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from daq.app.foreign import foreign_package

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("daq", "procedures", "instruments")
IMPORT_ALL = """
import builtins, importlib, pkgutil
imported = builtins.__import__

def refusing(name, names=None, *rest):
    asks = (names or {{}}).get("__name__", "").partition(".")[0]
    if asks in {packages!r} and name.partition(".")[0] in {blocked!r}:
        raise ImportError(name + " is not on every system")
    return imported(name, names, *rest)

builtins.__import__ = refusing  # others, such as pyserial, choose by the system
count = 0
for package in {packages!r}:
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, package + "."):
        if module.name != "daq.__main__":
            importlib.import_module(module.name)
            count += 1
print(count)
"""


def python(code, folder, *, path=ROOT):
    """Run code in a Python of its own, with the tree on its path."""
    words = f"import sys; sys.path.insert(0, {str(path)!r})\n{code}"
    command = [sys.executable, "-W", "ignore", "-c", words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)  # noqa: S603 (our own interpreter and text)


def test_every_module_can_be_imported_where_there_is_no_fcntl_and_no_pwd(tmp_path):
    code = IMPORT_ALL.format(blocked=("fcntl", "pwd", "grp", "termios"), packages=PACKAGES)
    done = python(code, tmp_path)
    assert done.returncode == 0, done.stderr
    there = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert int(done.stdout) >= 0.9 * len(there) - len(PACKAGES)


def test_importing_daq_alone_costs_nothing(tmp_path):
    code = "import sys, daq; sys.exit(bool({'numpy', 'pyvisa', 'pymeasure'} & set(sys.modules)))"
    assert python(code, tmp_path).returncode == 0


def test_the_tree_takes_its_own_packages_for_ours():
    assert foreign_package() == ""


@pytest.mark.parametrize("name", ["instruments", "procedures"])
def test_a_foreign_package_in_the_place_of_ours_is_named_in_one_line(tmp_path, name):
    stranger = tmp_path / "site" / name
    stranger.mkdir(parents=True)
    (stranger / "__init__.py").write_text("raise ImportError('a stranger was imported')\n")
    info = tmp_path / "site" / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{name}/__init__.py,,\n")
    (info / "top_level.txt").write_text(f"{name}\n")
    code = f"sys.path.insert(0, {str(tmp_path / 'site')!r})\nfrom daq.app.cli import main\nmain()\n"
    done = python(code, tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("coldpoint: ")
    assert str(stranger) in line
    assert str(ROOT / name) in line
    assert "it came with stranger: remove that" in line


def test_the_wheel_carries_the_configurations_where_they_are_looked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["packages"]) == set(PACKAGES)
    assert wheel["force-include"] == {"configs": "daq/configs"}
    assert project["project"]["scripts"]["coldpoint"] == "daq.app.cli:main"
    assert not (ROOT / "daq" / "configs").exists()


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_from_a_wheel_in_an_empty_folder_it_works_as_from_the_checkout(tmp_path):
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheels = tmp_path / "wheels"
    build = [*pip, "wheel", "--no-deps", "--no-cache-dir", "-w", str(wheels), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, cwd=tmp_path)  # noqa: S603 (our own tree)
    (wheel,) = wheels.glob("coldpoint-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for file in (ROOT / "configs").rglob("*.yaml"):
        assert f"daq/configs/{file.relative_to(ROOT / 'configs').as_posix()}" in names
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as content:
        content.extractall(site)
    empty = tmp_path / "empty"
    empty.mkdir()
    code = "sys.argv = ['coldpoint', 'demo']\nfrom daq.app.cli import main\nmain()\n"
    done = python(code, empty, path=site)
    assert done.returncode == 0, done.stderr
    assert "picture: " in done.stdout
    assert [path.name for path in empty.iterdir()] == ["coldpoint-data"]
