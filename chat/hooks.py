"""Where other code joins in: ordered functions by the name of the moment.

    @hooks.register("before_send", order=10)
    def no_phone_numbers(drafts): ...

Lower orders run first; within one order, in order of registration. A moment whose signature must change gets another
version; `register(…, version=1)` names the one you wrote for. EXTENDING.md says how long an old one is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from django.core.exceptions import ImproperlyConfigured

Moment = Literal[
    # (drafts: Sequence[Draft]) -> Sequence[Draft | ChatError], same length and order; before BEGIN, writes nothing.
    "before_send",
    # (opening: Opening) -> Mapping: values for a swapped Conversation's own fields, or raises ChatError. Before BEGIN,
    # writes nothing; not asked for a conversation that is there already.
    "before_open",
    # (rows: Sequence[AbstractMessage]) -> Sequence[dict]: what goes into each one's `ext`; no query per row.
    "message_ext",
    # (rows: Sequence[AbstractConversation]) -> Sequence[dict], likewise.
    "conversation_ext",
    # async (connection: Connection) -> None, after `ready` was sent.
    "connection_opened",
    # async (connection: Connection) -> None, once, after the socket is gone; not when the process is killed.
    "connection_closed",
    # async (connections: Sequence[Connection]) -> None, every `ping_interval`: those that have shown life since.
    "connections_alive",
    # async (connection, conversation: str | None) -> dict: adds to the answer of `watch_conversation`.
    "conversation_watched",
    # async () -> None, every second or so in each server process.
    "tick",
    # () -> tuple[str, ...]: names for `features` in `ready`.
    "features",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A conversation that somebody is about to start: what `before_open` decides on."""

    user: Any
    others: Sequence[Any]
    kind: str
    title: str
    # wire.Subject as resolved, or None
    subject: Any


Function = TypeVar("Function", bound=Callable[..., Any])

# Of signatures; 1 where a moment is not named.
VERSIONS: dict[str, int] = {}
_registered: dict[str, list[tuple[int, int, Callable[..., Any]]]] = {}
_count = 0


def register(moment: Moment, *, order: int = 100, version: int = 1) -> Callable[[Function], Function]:
    """Decorator that adds a function to a moment. Raises ImproperlyConfigured for one that there is not."""
    if moment not in get_args(Moment):
        raise ImproperlyConfigured(f"There is no moment {moment!r}; there are {', '.join(get_args(Moment))}.")
    if version != VERSIONS.get(moment, 1):
        raise ImproperlyConfigured(
            f"This chat calls {moment!r} with version {VERSIONS.get(moment, 1)} of its signature, not {version}."
        )

    def add(function: Function) -> Function:
        global _count  # noqa: PLW0603 (a running number keeps equal orders stable)
        _count += 1
        entries = _registered.setdefault(moment, [])
        entries.append((order, _count, function))
        entries.sort(key=lambda entry: entry[:2])
        return function

    return add


def at(moment: Moment) -> list[Callable[..., Any]]:
    """The functions of a moment, in order."""
    return [function for _, _, function in _registered.get(moment, ())]


@contextmanager
def register_temporarily(moment: Moment, function: Callable[..., Any], *, order: int = 100) -> Iterator[None]:
    """For tests: registered inside the `with` only."""
    register(moment, order=order)(function)
    try:
        yield
    finally:
        _registered[moment] = [entry for entry in _registered[moment] if entry[2] is not function]
