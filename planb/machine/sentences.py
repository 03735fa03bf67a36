"""What can go wrong on a bare machine, each as one sentence that says what to do."""

from __future__ import annotations

import errno
import os
import re


class SetupError(Exception):
    """Ends `up` or `test`: the message is all that a person is shown."""


DISK_FULL = "The disk is full: free some space and run the command again."

_NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Name or service not known|"
    r"Temporary failure in name resolution|Network is unreachable|No route to host|Connection refused|"
    r"Connection reset|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|"
    r"nodename nor servname",
    re.IGNORECASE,
)
_DISK_FULL = re.compile(
    r"No space left on device|ENOSPC|Disk quota exceeded|EDQUOT|could not extend file", re.IGNORECASE
)
_WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES|EINTEGRITY")
# A line that says what is wrong, not one that only announces such a line.
_COMPLAINT = re.compile(r"((ERROR|error|npm error)\b(?! code\b)|\[[A-Z_]+\]|.*\bFATAL:).*[^:]$")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NO_WHEEL = re.compile(r"No matching distribution found for ([\w.-]+)")


def explain_os_error(error: OSError) -> str:
    """One sentence for an error of the operating system."""
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DISK_FULL
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return (
            f"This folder may not be written by you{place}: "
            "run the command as the folder's owner, or in a clone of your own."
        )
    if error.errno in {errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE}:
        return f"The machine has run out of memory, processes or open files: {os.strerror(error.errno)}{place}."
    return f"The operating system refused: {error.strerror or error}{place}."


def explain_output(doing: str, output: str, log: str, *, downloads: bool = False) -> str:
    """One sentence for a program that failed, from what it wrote. `log` is where the rest can be read."""
    if _DISK_FULL.search(output):
        return DISK_FULL
    if _WRONG_HASH.search(output):
        return (
            f"{doing} failed: a downloaded package is not the one that the lock file names; "
            f"nothing of it was installed (see {log})."
        )
    if downloads and _NO_NETWORK.search(output):
        return (
            f"{doing} failed: the package registry cannot be reached; check the network, "
            f"or the proxy and index that are configured, and run the command again (see {log})."
        )
    if missing := _NO_WHEEL.search(output):
        return f"{doing} failed: there is no {missing[1]} for this machine (see {log})."
    lines = [clean for line in output.splitlines() if (clean := _COLOUR.sub("", line).strip())]
    said = next((line for line in lines if _COMPLAINT.match(line)), lines[-1] if lines else "it said nothing")
    core = said.removeprefix("npm error ").rpartition("FATAL:")[2].strip()
    return f"{doing} failed: {core.split('. ')[0][:200].rstrip('.')} (see {log})."
