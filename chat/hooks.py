"""Where other code joins in: ordered functions by the name of the moment.

    @hooks.register("before_send", order=10)
    def no_phone_numbers(drafts): ...

Lower orders run first; within one order, in order of registration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

Moment = Literal[
    # (drafts: Sequence[Draft]) -> Sequence[Draft | ChatError], same length and order; before BEGIN, writes nothing.
    "before_send",
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
Function = TypeVar("Function", bound=Callable[..., Any])

_registered: dict[str, list[tuple[int, int, Callable[..., Any]]]] = {}
_count = 0


def register(moment: Moment, *, order: int = 100) -> Callable[[Function], Function]:
    """Decorator that adds a function to a moment."""

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
