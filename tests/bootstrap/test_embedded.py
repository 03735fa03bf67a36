"""The private servers: they keep what they were given, keep strangers out, and end with their parent."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from planb.embedded import Postgres, Valkey, wheels
from planb.machine.children import Account, spawn, unprivileged
from planb.machine.places import reachable_by
from planb.machine.scratch import scratch
from planb.machine.sentences import SetupError
from tests.bootstrap.conftest import Program, is_running, wait_until


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with scratch() as folder:
        yield folder


@pytest.fixture(scope="module")
def database(place: Path) -> Iterator[Postgres]:
    server = Postgres(data=place / "postgres-18", sockets=place / "s", log=place / "postgres.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def layer(place: Path) -> Iterator[Valkey]:
    server = Valkey(data=place / 'a folder\'s "data"', log=place / "valkey.log", password="p" * 40)
    server.start()
    yield server
    server.stop()


def pid_of(database: Postgres) -> int:
    return int((database.data / "postmaster.pid").read_text().split("\n", 1)[0])


def test_postgresql_keeps_its_data_and_its_address_over_a_crash_and_a_stop(database: Postgres) -> None:
    address = database.url
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('Bonjour à Yaoundé')")
    database.kill()
    database.start()
    with psycopg.connect(address, autocommit=True) as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("Bonjour à Yaoundé",)]
        connection.execute("INSERT INTO kept VALUES ('again')")
    database.stop()
    database.start()
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (2,)


def test_kept_data_is_written_through_and_behind_a_password(database: Postgres) -> None:
    def setting(name: str) -> str:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row is not None
        return str(row[0])

    with psycopg.connect(database.superuser_url) as connection:
        assert [setting(name) for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
        assert setting("listen_addresses") == ""
        assert setting("server_encoding") == "UTF8"
        hashes = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL").fetchall()
    assert len(hashes) == 2
    assert all(row[0].startswith("SCRAM-SHA-256$") for row in hashes)
    wrong = re.sub(r":[^:@]+@", ":wrong@", database.url)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_the_applications_role_is_no_superuser(database: Postgres) -> None:
    with psycopg.connect(database.url) as connection:
        row = connection.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        assert row == (False, True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY (SELECT 1) TO '/tmp/never'")


def test_the_data_and_its_passwords_are_for_one_account_alone(database: Postgres) -> None:
    account = unprivileged()
    owner = account.uid if account else os.geteuid()
    for path, mode in ((database.data, 0o700), (database.data / "planb-passwords.json", 0o600)):
        facts = path.stat()
        assert (facts.st_uid, facts.st_mode & 0o777) == (owner, mode)
    assert database.sockets.stat().st_mode & 0o777 == 0o700


def test_it_refuses_data_of_another_major_version(database: Postgres, place: Path) -> None:
    other = place / "other"
    (other / "postgres-17").mkdir(parents=True)
    (other / "postgres-17" / "PG_VERSION").write_text("17\n")
    server = Postgres(data=other / "postgres-18", sockets=other / "s", log=other / "log")
    with pytest.raises(SetupError, match=r"postgres-17 was made by another PostgreSQL than 18: .*--fresh"):
        server.start()
    (other / "postgres-17").rename(other / "postgres-18")
    with pytest.raises(SetupError, match=r"made by PostgreSQL 17, not 18: dump it .*--fresh"):
        server.start()
    assert (other / "postgres-18" / "PG_VERSION").read_text() == "17\n"


def test_it_refuses_data_of_another_account(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = place / "foreign" / "postgres-18"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    server = Postgres(data=data, sockets=place / "fs", log=place / "foreign.log")
    if server.account is None:
        monkeypatch.setattr(os, "geteuid", lambda: data.stat().st_uid + 1)
    with pytest.raises(SetupError, match=r"belongs to another account"):
        server.start()


def test_passwords_that_do_not_fit_the_data_are_told_in_one_sentence(database: Postgres) -> None:
    path = database.data / "planb-passwords.json"
    right = path.read_text()
    database.stop()
    try:
        path.write_text(json.dumps(dict.fromkeys(json.loads(right), "wrong")))
        with pytest.raises(SetupError, match=r"do not open it.*--fresh"):
            database.start()
    finally:
        path.write_text(right)
        database.start()


def test_a_start_that_was_cut_off_leaves_nothing_half_made(place: Path) -> None:
    data = place / "half" / "postgres-18"
    fresh = data.with_name(".postgres-18.new")
    fresh.mkdir(parents=True)
    (fresh / "PG_VERSION").write_text("18\n")
    server = Postgres(data=data, sockets=place / "hs", log=place / "half.log", durable=False)
    server.start()
    server.stop()
    assert not fresh.exists()


def test_a_lock_file_with_the_number_of_some_other_program_is_no_obstacle(database: Postgres) -> None:
    database.stop()
    # As after a reboot: the number is that of a living process of the same account, and none of PostgreSQL's.
    other = spawn(["sleep", "300"], account=database.account, cwd="/")
    wait_until(lambda: Path(f"/proc/{other.pid}/comm").read_text().strip() == "sleep")
    (database.data / "postmaster.pid").write_text(f"{other.pid}\n{database.data}\n")
    database.start()
    assert pid_of(database) != other.pid
    other.stop()


def test_where_the_wheel_is_out_of_reach_a_copy_of_it_starts(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    account = unprivileged() or Account(os.getuid() + 1, os.getgid() + 1)
    assert reachable_by(account, place)
    assert not reachable_by(account, closed / "wheel")
    monkeypatch.setattr(wheels, "reachable_by", lambda *_: False)
    monkeypatch.setattr(wheels, "project_state", lambda _: place)
    copied = wheels.pginstall(account)
    assert copied.is_relative_to(place)
    asked = spawn([copied / "bin" / "initdb", "--version"], account=unprivileged(), cwd="/", stdout=subprocess.PIPE)
    assert asked.stdout.read().startswith(b"initdb (PostgreSQL) 18")
    assert asked.wait() == 0


def test_valkey_keeps_its_data_and_its_address_over_a_stop(layer: Valkey) -> None:
    with Redis.from_url(layer.url) as client:
        client.set("kept", "yes")
    layer.stop()
    layer.start()
    with Redis.from_url(layer.url) as client:
        assert client.get("kept") == b"yes"


def test_valkey_answers_nobody_without_the_password(layer: Valkey) -> None:
    with Redis(port=layer.port) as client, pytest.raises(AuthenticationError):
        client.ping()
    assert layer.child is not None
    command_line = Path(f"/proc/{layer.child.pid}/cmdline").read_bytes()
    assert unquote(layer.password).encode() not in command_line


def test_valkey_comes_back_at_its_address_after_a_crash(layer: Valkey) -> None:
    address = layer.url
    layer.kill()
    layer.start()
    assert layer.url == address


def test_both_end_with_a_parent_that_was_killed_and_the_next_one_takes_over(
    program: Callable[[str], Program], place: Path
) -> None:
    source = f"""
        import time
        from pathlib import Path
        from planb.embedded import Postgres, Valkey
        place = Path({str(place)!r}) / "orphan"
        database = Postgres(data=place / "postgres-18", sockets=place / "s", log=place / "postgres.log")
        layer = Valkey(data=place / "valkey", log=place / "valkey.log", password="x" * 20)
        database.start()
        layer.start()
        print(database.child.pid, layer.child.pid, flush=True)
        time.sleep(300)
        """
    first = program(source)
    servers = [int(word) for word in first.line().split()]
    assert len(servers) == 2
    # A server that takes its time to close: it holds the folder when the next one comes.
    os.kill(servers[0], signal.SIGSTOP)
    first.process.send_signal(signal.SIGKILL)
    second = program(source)
    log = place / "orphan" / "postgres.log"
    assert wait_until(lambda: "lock file" in log.read_text())
    os.kill(servers[0], signal.SIGCONT)
    successors = [int(word) for word in second.line().split()]
    assert len(successors) == 2
    assert wait_until(lambda: not any(is_running(pid) for pid in servers))
    assert all(is_running(pid) for pid in successors)
    second.process.terminate()
    assert wait_until(lambda: not any(is_running(pid) for pid in successors))
