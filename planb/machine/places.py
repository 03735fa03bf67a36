"""Where files may lie so that a server's account gets to them."""

from __future__ import annotations

import hashlib
import stat
import sys
from pathlib import Path

from planb.machine.children import Account


def reachable_by(account: Account, folder: Path) -> bool:
    """Whether the account may pass through every folder on the way; `folder` itself may not exist yet."""
    real = folder.resolve()
    return all(_passable(account, place) for place in (real, *real.parents) if place.exists())


def project_state(place: Path) -> Path:
    """A folder of this project in the system's state folder, made by root, for what `place` cannot hold."""
    system = Path("/var/db" if sys.platform == "darwin" else "/var/lib")
    name = hashlib.sha256(str(place.resolve()).encode()).hexdigest()[:12]
    folder = system / "planb-chat" / name
    folder.mkdir(parents=True, exist_ok=True)
    for part in (folder, folder.parent):
        part.chmod(0o755)  # whatever the umask
    return folder


def _passable(account: Account, folder: Path) -> bool:
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)
