"""Everything on one machine, with one command; planb/bootstrap.py has made what it needs."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from planb.embedded import Postgres, Valkey, postgres_data
from planb.env import env as environment
from planb.machine import state
from planb.machine.address import choose_port, is_loopback, names_of, page_address
from planb.machine.children import Child, spawn
from planb.machine.progress import run, say, step, total
from planb.machine.scratch import scratch
from planb.machine.sentences import SetupError, explain_os_error
from planb.web_build import WebClient

_SERVER = (
    # whitenoise hands its files over as plain iterators; they are small, and nginx serves them elsewhere.
    *("-W", "ignore:StreamingHttpResponse must consume synchronous iterators"),
    *("-m", "uvicorn", "planb.asgi:application", "--loop", "uvloop", "--ws", "websockets-sansio"),
    # The application answers frames over 64 KiB and closes over 256 KiB itself; this bounds its memory.
    *("--ws-max-size", "1048576", "--ws-per-message-deflate", "false"),
    # Nothing stands in front, so X-Forwarded-For is anybody's claim.
    *("--no-proxy-headers", "--no-access-log", "--no-server-header", "--log-level", "warning"),
    *("--timeout-graceful-shutdown", "5"),
)
_START_SECONDS = 60.0


class Stopped(BaseException):
    """Somebody asked us to end."""


class Command(BaseCommand):
    help = "Start everything on this machine: servers, client, demo data."
    requires_system_checks = []  # the migration's process runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="0 is any free one (default: 8000)")
        parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
        parser.add_argument("--fresh", action="store_true", help="throw away the data of earlier runs")

    def handle(self, *_: Any, host: str, port: int, fresh: bool, **__: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup and `&` in scripts ask for that
                signal.signal(number, _stop)
        try:
            Up(host=host, port=port, fresh=fresh).run()
        except Stopped:
            say("\nStopped.")
        except SetupError as error:
            sys.exit(str(error))
        except OSError as error:
            sys.exit(explain_os_error(error))


class Up:
    """One run of the command."""

    def __init__(self, *, host: str, port: int, fresh: bool) -> None:
        self.host, self.port, self.fresh = host, port, fresh
        self.base: Path = settings.BASE_DIR
        self.var: Path = settings.VAR_DIR
        self.logs = self.var / "logs"
        self.lock = state.UpLock(self.var)
        self.watched: dict[str, Child | Postgres | Valkey] = {}

    def run(self) -> None:
        if (running := self.lock.take()) is not None:
            self._point_to(running)
            return
        with ExitStack() as stack:
            stack.callback(self.lock.release)
            self.port = choose_port(self.host, self.port)
            self.address = page_address(self.host, self.port)
            self.lock.note({"pid": os.getpid(), "address": self.address, "ready": False})
            say("Plan B Chat is starting.")
            if self.fresh:
                self._start_over()
            WebClient(self.base).build()
            env = self._start_stores(stack)
            self._manage("Migrations", "migrate", "--no-input", env=env)
            server = self._start_programs(stack, env)
            # Meanwhile the server and the worker load what they are made of.
            if settings.DEBUG:
                self._manage("Demo data", "demo", env=env)
            else:
                self._manage("Static files", "collectstatic", "--no-input", env=env)
            with step("Server and worker"):
                self._wait_for_page(server)
            self.lock.note({"pid": os.getpid(), "address": self.address, "ready": True})
            self._welcome()
            self._watch()

    def _point_to(self, running: state.Running) -> None:
        if self.fresh:
            raise SetupError(f"Plan B Chat is running (process {running['pid']}): stop it before --fresh.")
        doing = "is running" if running["ready"] else "is starting"
        where = running["address"] or "another terminal"
        say(f"Plan B Chat {doing} already at {where} (process {running['pid']}).")

    def _start_over(self) -> None:
        if _given("DATABASE_URL"):
            raise SetupError("--fresh starts over with its own servers only, and DATABASE_URL is set.")
        with step("Throwing away old data"):
            data = postgres_data(self.var)
            for folder in (*data.parent.glob("postgres-*"), *self.var.glob("valkey-*")):
                shutil.rmtree(folder)

    def _start_stores(self, stack: ExitStack) -> dict[str, str]:
        """Start what has no address given, and leave a note for other commands; the programs' environment."""
        folder = stack.enter_context(scratch())
        env = dict(os.environ)
        if not (database_url := _given("DATABASE_URL")):
            # The person's PG… settings are meant for another server.
            for name in [name for name in os.environ if name.startswith("PG")]:
                del os.environ[name], env[name]
            database = Postgres(
                data=postgres_data(self.var), sockets=folder / "sockets", log=self.logs / "postgres.log"
            )
            stack.callback(database.stop)
            with step("PostgreSQL"):
                database.start()
            database_url = database.url
            self.watched["PostgreSQL"] = database
        if not (redis_url := _given("REDIS_URL")):
            password = state.read_secrets(self.var)["VALKEY_PASSWORD"]
            layer = Valkey(data=self.var / "valkey-9", log=self.logs / "valkey.log", password=password)
            stack.callback(layer.stop)
            with step("Valkey"):
                layer.start()
            redis_url = layer.url
            self.watched["Valkey"] = layer
        note = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": settings.SECRET_KEY,
            "TOKEN_KEY": settings.TOKEN_KEY,
            "DEBUG": "1" if settings.DEBUG else "0",
        }
        state.write_private(self.var / "up.env", state.env_text(note))
        stack.callback((self.var / "up.env").unlink, missing_ok=True)
        env |= note
        if not is_loopback(self.host):
            env.setdefault("ALLOWED_HOSTS", ",".join(names_of(self.host)))
        return env

    def _manage(self, title: str, command: str, *arguments: str, env: Mapping[str, str]) -> None:
        run(
            title,
            [sys.executable, self.base / "manage.py", command, *arguments],
            log=self.logs / f"{command}.log",
            cwd=self.base,
            env=env,
        )

    def _start_programs(self, stack: ExitStack, env: Mapping[str, str]) -> Child:
        # SIGKILL at our death: what they hold is in the database, and one that hangs must go, too.
        server, worker = (
            spawn(command, farewell=signal.SIGKILL, cwd=self.base, env=env)
            for command in (
                [sys.executable, *_SERVER, "--host", self.host, "--port", str(self.port)],
                [sys.executable, str(self.base / "manage.py"), "worker"],
            )
        )
        stack.callback(_stop_together, [server, worker])
        self.watched |= {"The server": server, "The worker": worker}
        return server

    def _wait_for_page(self, server: Child) -> None:
        deadline = time.monotonic() + _START_SECONDS
        host = self.address.removeprefix("http://").removesuffix("/")
        while time.monotonic() < deadline:
            if server.ended() is not None:
                raise SetupError(f"The server ended while it started (exit code {server.wait()}): its words are above.")
            connection = http.client.HTTPConnection(host, timeout=5)
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                return
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        raise SetupError(f"The server did not answer at {self.address} within {_START_SECONDS:.0f} seconds.")

    def _welcome(self) -> None:
        say(f"  {'Ready after':<28}{total():5.1f} s\n")
        say(f"Plan B Chat: {self.address}")
        if settings.DEBUG:
            say("  Accounts   awa, koffi, fatou, yao; the moderator is modou. Password: planb-demo")
        say(f"  Admin      {self.address}admin/{' (modou)' if settings.DEBUG else ''}")
        say(f"  Docs       {self.address}api/v1/docs (REST), {self.address}api/v1/docs/socket, and README.md")
        if settings.DEBUG and not is_loopback(self.host):
            say("  Anyone who reaches this machine can sign in with these accounts.")
        say("Ctrl-C stops it; the data stays in var/.")

    def _watch(self) -> None:
        while True:
            for name, program in self.watched.items():
                if (code := program.ended()) is not None:
                    raise SetupError(f"{name} ended (exit code {code}), so everything was stopped; see {self.logs}.")
            time.sleep(0.2)


def _given(name: str) -> str:
    value: str = environment.str(name, default="")
    return value


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _stop_together(programs: list[Child]) -> None:
    for program in programs:
        if program.ended() is None:
            program.process.terminate()
    for program in programs:
        program.stop(grace=8)
