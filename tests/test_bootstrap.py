"""`sh bootstrap.sh` on machines with various Pythons: which one it takes, what it says, when it does nothing.

The Pythons are stand-ins on a PATH of their own; nothing is downloaded.
"""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("sh", "cat", "cksum", "dirname", "rm", "mkdir", "cp", "chmod")

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows starts with `uv run`, without a shell"
)

# Answers `-c` as the real Python would, were it of another version or without some module.
ANSWER = 'exec {python} -c "import sys; {disguise}; exec(sys.argv[1])" "$2"'
# What a working Python does when asked for more: .venv gets a python and a uv that only keep a record.
WORK = """
case "$*" in
"-m venv "*) mkdir -p .venv/bin; cp "$0" .venv/bin/python; cp "$0" .venv/bin/uv ;;
esac
echo "${0##*/} $*" >>"$RECORD"
"""


class Machine:
    """A clone of the project and a PATH that holds nothing but what a test puts there."""

    def __init__(self, home: Path) -> None:
        self.clone, self.bin, self.record = home / "新 目录 100%" / "clone", home / "bin", home / "record"
        self.clone.mkdir(parents=True)
        self.bin.mkdir()
        for name in ("bootstrap.sh", "pyproject.toml", "uv.lock"):
            shutil.copy(ROOT / name, self.clone)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))

    def has(self, name: str, disguise: str = "pass", script: str = "") -> None:
        """Puts a Python on PATH, changed by `disguise`, or a command that is just `script`."""
        answer = ANSWER.format(python=shlex.quote(sys.executable), disguise=disguise)
        body = script or f'if [ "$1" = -c ]; then {answer}; fi\n{WORK}'
        (self.bin / name).write_text(f"#!/bin/sh\n{body}", "utf-8")
        (self.bin / name).chmod(0o755)

    def bootstrap(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs the script; what the Pythons were asked to do stands in `asked`."""
        self.record.write_text("")
        done = subprocess.run(
            ["/bin/sh", "bootstrap.sh", *arguments],
            cwd=self.clone,
            env={"PATH": str(self.bin), "RECORD": str(self.record), **environment},
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
        )
        self.asked = self.record.read_text("utf-8").splitlines()
        return done


OLD = "sys.version_info = (3, 9, 18)"
WITHOUT_VENV = "sys.modules['ensurepip'] = None"
SHIM = 'echo "pyenv: $0: command not found" >&2; exit 127'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_takes_the_first_python_that_runs_and_can_make_an_environment(machine: Machine) -> None:
    machine.has("python3.13", script=SHIM)
    machine.has("python3.12", WITHOUT_VENV)
    machine.has("python3.11", OLD)
    machine.has("python3")
    done = machine.bootstrap()
    assert done.returncode == 0, done.stderr
    assert machine.asked[0] == "python3 -m venv --clear .venv"
    assert any(line.startswith("uv sync --frozen") and "dev" not in line for line in machine.asked)


def test_a_named_python_goes_first(machine: Machine) -> None:
    machine.has("python3")
    machine.has("mine")
    assert machine.bootstrap(PYTHON="mine").returncode == 0
    assert machine.asked[0] == "mine -m venv --clear .venv"


@pytest.mark.parametrize(
    ("pythons", "words"),
    [
        ({}, ("没有找到 Python 3.11", "python3-venv")),
        ({"python3.12": ("", SHIM), "python3": (OLD, ""), "python": (OLD, "")}, ("没有找到 Python 3.11",)),
        ({"python3": (WITHOUT_VENV, ""), "python": (OLD, "")}, ("python3 缺少 venv 模块", "-venv")),
    ],
    ids=["none", "none that fits", "no venv"],
)
def test_says_in_one_line_what_to_install(
    machine: Machine, pythons: dict[str, tuple[str, str]], words: tuple[str, ...]
) -> None:
    for name, (disguise, script) in pythons.items():
        machine.has(name, disguise or "pass", script)
    done = machine.bootstrap()
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert all(word in done.stderr for word in words)
    assert not (machine.clone / ".venv").exists()


def test_does_nothing_until_something_changes(machine: Machine) -> None:
    machine.has("python3")
    machine.bootstrap("dev")
    assert "uv sync --frozen --inexact --compile-bytecode --group dev" in machine.asked

    for arguments in (["dev"], []):  # what serves development serves running too
        assert machine.bootstrap(*arguments).stderr == ""
        assert machine.asked == []

    with (machine.clone / "uv.lock").open("a") as lock:
        lock.write("\n")
    machine.bootstrap()
    assert "python3 -m venv --clear .venv" in machine.asked
    machine.bootstrap("dev")
    assert "python3 -m venv --clear .venv" in machine.asked

    machine.clone = machine.clone.rename(machine.clone.with_name("moved"))
    machine.bootstrap("dev")
    assert "python3 -m venv --clear .venv" in machine.asked


def test_falls_back_to_pip_and_remembers_no_failure(machine: Machine) -> None:
    fails = 'case "$*" in -c*) exit ;; sync*|*require-hashes*) exit 1 ;; esac'
    machine.has("python3", script=fails + WORK)
    done = machine.bootstrap()
    assert done.returncode == 1
    assert "依赖没有装好" in done.stderr.splitlines()[-1]
    assert any(line.startswith("uv export") for line in machine.asked)
    machine.bootstrap()
    assert "python3 -m venv --clear .venv" in machine.asked
