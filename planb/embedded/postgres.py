"""A private PostgreSQL: its data folder, its life, its one database."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from planb.embedded.logs import open_log, plain_environment
from planb.embedded.wheels import pginstall
from planb.machine.children import Child, spawn, unprivileged
from planb.machine.places import project_state, reachable_by
from planb.machine.scratch import scratch
from planb.machine.sentences import SetupError, explain_output
from planb.machine.state import write_private

MAJOR = 18
START_SECONDS = 60.0
_PASSWORDS = "planb-passwords.json"
_INITDB = (
    *("-U", "postgres", "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    *("--auth=scram-sha-256", "--no-sync", "--no-instructions"),
)


class Postgres:
    """One server: `url` is for the role `planb`, who owns the database `planb` and may create others."""

    def __init__(self, *, data: Path, sockets: Path, log: Path, durable: bool = True) -> None:
        """`durable=False` is for data that may be lost when the machine (not the server) fails: tests."""
        self.data, self.sockets, self.log, self.durable = data, sockets, log, durable
        self.account = unprivileged()
        self.child: Child | None = None
        self._passwords: dict[str, str] = {}

    @property
    def url(self) -> str:
        return self._url("planb", "planb")

    @property
    def superuser_url(self) -> str:
        return self._url("postgres", "postgres")

    def start(self) -> None:
        """Start it, making its data folder first if there is none; return when it answers."""
        binaries = pginstall(self.account) / "bin"
        self._check_data()
        if not self.data.exists():
            self._initdb(binaries)
        self._passwords = json.loads((self.data / _PASSWORDS).read_text())
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(self.sockets, *self.account)
        deadline = time.monotonic() + START_SECONDS
        while not self._try_to_start(binaries, deadline):
            # The server of a killed `up` is still closing the same data; it has been told to.
            time.sleep(0.2)
        self._make_database()

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(signal.SIGINT, grace=20)
            self.child = None

    def kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child = None

    def ended(self) -> int | None:
        return self.child.ended() if self.child else 0

    def _url(self, role: str, database: str) -> str:
        return f"postgres://{role}:{self._passwords[role]}@/{database}?host={quote(str(self.sockets))}"

    def _check_data(self) -> None:
        way_out = "dump it with that version and restore it here, or start over with `python3 manage.py up --fresh`"
        others = [p for p in self.data.parent.glob("postgres-*") if (p / "PG_VERSION").is_file() and p != self.data]
        if not self.data.exists():
            if others:
                raise SetupError(f"{others[0]} was made by another PostgreSQL than {MAJOR}: {way_out}.")
            return
        made_by = (self.data / "PG_VERSION").read_text().strip() if (self.data / "PG_VERSION").is_file() else "?"
        if made_by != str(MAJOR):
            raise SetupError(f"{self.data} was made by PostgreSQL {made_by}, not {MAJOR}: {way_out}.")
        owner = self.data.stat().st_uid
        if owner != (self.account.uid if self.account else os.geteuid()):
            raise SetupError(
                f"{self.data} belongs to another account (number {owner}): run the command as that account, "
                "or remove the folder to start over."
            )

    def _initdb(self, binaries: Path) -> None:
        # Under another name until it is whole: a start that was cut off leaves nothing half made.
        fresh = self.data.with_name(f".{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700, parents=True)
        passwords = {role: secrets.token_urlsafe(32) for role in ("postgres", "planb")}
        with scratch() as folder:
            password_file = folder / "password"
            write_private(password_file, passwords["postgres"])
            if self.account:
                os.chown(fresh, *self.account)
                os.chown(password_file, *self.account)
            child = spawn(
                [binaries / "initdb", "-D", fresh, *_INITDB, f"--pwfile={password_file}"],
                account=self.account,
                env=plain_environment(),
                cwd="/",
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            output = child.stdout.read().decode(errors="replace")
            if child.wait() != 0:
                self.log.write_text(output)
                shutil.rmtree(fresh, ignore_errors=True)
                raise SetupError(explain_output("Making the database", output, str(self.log)))
        write_private(fresh / _PASSWORDS, json.dumps(passwords))
        if self.account:
            os.chown(fresh / _PASSWORDS, *self.account)
        fresh.rename(self.data)

    def _try_to_start(self, binaries: Path, deadline: float) -> bool:
        """False if the data folder is still locked by an earlier server that is on its way out."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "fsync": "on" if self.durable else "off",
        }
        self._forget_stale_lock()
        with open_log(self.log) as file:
            begin = file.tell()
            self.child = spawn(
                [
                    binaries / "postgres",
                    "-D",
                    self.data,
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                account=self.account,
                farewell=signal.SIGINT,
                env=plain_environment(),
                cwd="/",
                stdout=file,
                stderr=file,
            )
        while self.child.ended() is None:
            try:
                psycopg.connect(self.superuser_url, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    self.stop()
                    raise SetupError(
                        f"The passwords beside {self.data} do not open it: restore {_PASSWORDS} in it, "
                        "or start over with `python3 manage.py up --fresh`."
                    ) from None
                if time.monotonic() > deadline:
                    self.kill()
                    raise SetupError(f"PostgreSQL did not answer in time (see {self.log}).") from None
                time.sleep(0.05)
            else:
                return True
        self.child.wait()
        self.child = None
        output = self.log.read_bytes()[begin:].decode(errors="replace")
        if "lock file" in output and "already exists" in output and time.monotonic() < deadline:
            return False
        raise SetupError(explain_output("Starting PostgreSQL", output, str(self.log)))

    def _forget_stale_lock(self) -> None:
        """After a reboot the number in it may be any program's, and PostgreSQL then refuses to start."""
        lock = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(lock.read_text().split("\n", 1)[0])
            if Path(f"/proc/{pid}/comm").read_text().strip() != "postgres":
                lock.unlink()

    def _make_database(self) -> None:
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'planb'").fetchone():
                password = sql.Literal(self._passwords["planb"])
                connection.execute(sql.SQL("CREATE ROLE planb LOGIN CREATEDB PASSWORD {}").format(password))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'planb'").fetchone():
                connection.execute("CREATE DATABASE planb OWNER planb")


def postgres_data(var: Path) -> Path:
    """Where this project's data is: in `var`, unless PostgreSQL's account cannot get there."""
    account = unprivileged()
    base = var if account is None or reachable_by(account, var) else project_state(var)
    return base / f"postgres-{MAJOR}"
