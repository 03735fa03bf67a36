"""Database work of asynchronous code: a bounded pool of threads of its own, and the two kinds of transaction.

Never Django's default thread: one slow query there freezes every socket of the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from chat.conf import conf
from chat.exceptions import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=conf().database_threads, thread_name_prefix="chat-db")


async def run(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run synchronous work in the pool; it goes on when the waiting task is cancelled.

    Raises Unavailable where the database cannot be reached or does not answer in time.
    """
    loop = asyncio.get_running_loop()
    return await asyncio.shield(loop.run_in_executor(_pool(), lambda: _guarded(work, *args, **kwargs)))


def _guarded(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return work(*args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        logger.warning("database unavailable: %s", error)
        raise Unavailable(retry_after=1) from error
    finally:
        # Back to the connection pool: a thread holds a connection only while it works.
        connection.close()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction whose waits are bounded. Inside a caller's own transaction it is a savepoint of theirs,
    and their time-outs stay as they are."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
                    [f"{int(conf().lock_timeout * 1000)}ms", f"{int(conf().statement_timeout * 1000)}ms"],
                )
        yield


@contextmanager
def snapshot() -> Iterator[None]:
    """Reads that see one moment: what is counted and what is listed belong together."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def is_lock_timeout(error: DatabaseError) -> bool:
    """55P03 lock_not_available, 57014 query_canceled (PostgreSQL, Appendix A)."""
    return getattr(error.__cause__, "sqlstate", None) in {"55P03", "57014"}
