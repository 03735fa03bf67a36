"""The socket door: hello, then commands beside the receive loop, then goodbye. Own `__call__`: no channel and no
thread hop per socket (the hub has the process's one channel).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from channels.consumer import AsyncConsumer

from chat import database, frames, hooks, wire
from chat.address import client_address
from chat.auth import authenticator
from chat.conf import conf
from chat.exceptions import BadRequest, ChatError, Internal, TokenExpired, Unauthenticated
from chat.realtime import handlers, origin, protocol
from chat.realtime.connection import Connection
from chat.realtime.greeting import greet
from chat.realtime.hub import Hub, hub
from chat.realtime.protocol import CloseCode, Frame, FrameError

logger = logging.getLogger(__name__)

# Sockets that have not said hello, by address.
_pending: Counter[str] = Counter()


class Gone(Exception):
    """The other end has left."""


class ChatConsumer(AsyncConsumer):
    """One per socket, at `ws/v1`."""

    async def __call__(
        self,
        scope: Any,
        receive: Any,
        send: Any,
    ) -> None:
        self.scope = scope
        self.receive: Callable[[], Awaitable[MutableMapping[str, Any]]] = receive
        self._transmit: Callable[[MutableMapping[str, Any]], Awaitable[None]] = send
        self.bad_frames = protocol.BadFrames()
        try:
            await self._live()
        except Gone:
            pass
        except asyncio.CancelledError:
            raise
        except Exception:  # a fault of ours: said and logged, and it ends this socket alone
            logger.exception("a socket failed")
            await self._close(CloseCode.INTERNAL, "internal")

    async def _live(self) -> None:
        await self.receive()  # websocket.connect
        offered = self.scope.get("subprotocols") or []
        address = client_address(self.scope)
        if _pending[address] >= conf().pending_sockets_per_address:
            await self._transmit({"type": "websocket.close", "code": CloseCode.RESTARTING})
            return
        known = protocol.SUBPROTOCOL if protocol.SUBPROTOCOL in offered else None
        await self._transmit({"type": "websocket.accept", "subprotocol": known})
        # Refusals come after accepting: a browser does not see the code of a failed handshake.
        if offered and known is None:
            await self._close(CloseCode.UPGRADE_REQUIRED, "upgrade_required")
            return
        if not origin.allowed(self.scope):
            await self._close(CloseCode.BAD_ORIGIN, "bad_origin")
            return
        _pending[address] += 1
        try:
            greeted = await self._hello()
        finally:
            _pending[address] -= 1
            if not _pending[address]:
                del _pending[address]
        if greeted is not None:
            await self._serve(*greeted)

    async def _hello(self) -> tuple[Connection, Frame, Hub] | None:
        """The first frame, in time, with a good token; else the socket is closed and this is None."""
        try:
            async with asyncio.timeout(conf().hello_timeout):
                raw = await self._receive()
        except TimeoutError:
            await self._close(CloseCode.HELLO_TIMEOUT, "hello_timeout")
            return None
        number: int | None = None
        try:
            if protocol.beyond_measure(raw):
                await self._close(CloseCode.TOO_LARGE, "too_large")
                return None
            frame = protocol.parse(raw)
            number = frame.id
            if frame.type != "hello":
                raise Unauthenticated("The first frame is `hello`.")
            hello = wire.convert(frame.fields, wire.Hello)
            principal = await database.run(authenticator().authenticate, hello.token)
        except FrameError as error:
            await self._refuse(error.id, error.error)
            await self._close(CloseCode.BAD_FRAME, "bad_frame")
            return None
        except ChatError as error:
            await self._refuse(number, error)
            await self._close(*_goodbye(error))
            return None
        found = await hub()
        if found.closing:
            await self._send_text(wire.encode(frames.ClosingFrame(retry_after=1)))
            await self._close(CloseCode.RESTARTING, "restarting")
            return None
        return Connection(principal, device=hello.device), frame, found

    async def _serve(self, connection: Connection, frame: Frame, hub: Hub) -> None:
        hub.open(connection)
        writer = asyncio.ensure_future(self._write(connection))
        clock = asyncio.ensure_future(self._watch_token(connection))
        reader = asyncio.ensure_future(self._read(connection))
        ending = asyncio.ensure_future(self._stalled(connection))
        tasks: list[asyncio.Future[Any]] = [writer, clock, reader, ending]
        try:
            try:
                connection.outbox.release(await greet(hub, connection, frame.id))
            except ChatError as error:
                connection.outbox.release(protocol.refusal(frame.id, error))
                connection.close(*_goodbye(error))
            for hook in hooks.at("connection_opened"):
                await _quietly(hook(connection))
            # The writer ends with a close of ours, the reader when the other end has gone.
            await asyncio.wait([writer, reader, ending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.leave(connection)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for hook in hooks.at("connection_closed"):
                await _quietly(hook(connection))
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, Gone):
                raise result

    # --- out ----------------------------------------------------------------------------------
    async def _write(self, connection: Connection) -> None:
        code, reason = await connection.outbox.drain(self._send_text)
        await self._close(code, reason)

    async def _stalled(self, connection: Connection) -> None:
        """Ends a while after a close of ours: who does not read would else stay among the living."""
        await connection.outbox.ending.wait()
        await asyncio.sleep(conf().close_timeout)

    async def _send_text(self, text: str) -> None:
        try:
            await self._transmit({"type": "websocket.send", "text": text})
        except Exception as error:  # servers differ in what they raise once the other end is gone
            raise Gone from error

    async def _refuse(self, number: int | None, error: ChatError) -> None:
        await self._send_text(protocol.refusal(number, error))

    async def _close(self, code: int, reason: str) -> None:
        try:
            await self._transmit({"type": "websocket.close", "code": code, "reason": reason})
        except Exception as error:  # likewise
            logger.debug("closing a socket that is gone: %r", error)

    # --- in -----------------------------------------------------------------------------------
    async def _receive(self) -> str | bytes:
        message = await self.receive()
        if message["type"] != "websocket.receive":
            raise Gone
        text: str | None = message.get("text")
        return text if text is not None else message.get("bytes") or b""

    async def _read(self, connection: Connection) -> None:
        """Take commands; no more than `commands_in_flight` at once, so that a flood waits in its own socket."""
        room = asyncio.Semaphore(conf().commands_in_flight)
        running: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        try:
            while True:
                raw = await self._receive()
                if connection.outbox.closing is not None:
                    # Whoever is being sent away, and may not even read it, is not obeyed any more.
                    continue
                connection.alive_at = loop.time()
                if protocol.beyond_measure(raw):
                    connection.close(CloseCode.TOO_LARGE, "too_large")
                    continue
                try:
                    frame = protocol.parse(raw)
                except FrameError as error:
                    connection.send(protocol.refusal(error.id, error.error))
                    if self.bad_frames.one_more(loop.time()):
                        connection.close(CloseCode.BAD_FRAME, "bad_frame")
                    continue
                await room.acquire()
                task = asyncio.ensure_future(self._run(connection, frame))
                running.add(task)
                task.add_done_callback(running.discard)
                task.add_done_callback(lambda _: room.release())
        finally:
            # What was taken is finished, whether or not its answer is still wanted.
            if running:
                await asyncio.wait(running, timeout=conf().reply_timeout)

    async def _run(self, connection: Connection, frame: Frame) -> None:
        key = handlers.order_key(frame)
        try:
            if key is None:
                data = await handlers.handle(connection, frame)
            else:
                async with connection.order(key):
                    data = await handlers.handle(connection, frame)
            connection.send(protocol.reply(frame.id, data))
        except ChatError as error:
            connection.send(protocol.refusal(frame.id, error))
        except Exception:  # an unforeseen one is logged and answered; the socket lives on
            logger.exception("the command %s failed", frame.type[:40])
            connection.send(protocol.refusal(frame.id, Internal()))

    # --- time ---------------------------------------------------------------------------------
    async def _watch_token(self, connection: Connection) -> None:
        """Say that the token ends, and close when it has; close after a day's life in any case."""
        loop = asyncio.get_running_loop()
        until = loop.time() + conf().socket_lifetime
        while (life := until - loop.time()) > 0:
            connection.renewed.clear()
            warning = min(60.0, max(30.0, connection.seconds_left() / 4))
            quiet = connection.seconds_left() - warning
            if await _renewed_within(connection, min(quiet, life)) or life < quiet:
                continue
            expires = wire.stamp(connection.principal.expires_at)
            connection.send(wire.encode(frames.TokenExpiringFrame(expires_at=expires)))
            if not await _renewed_within(connection, connection.seconds_left()):
                return connection.close(CloseCode.TOKEN_EXPIRED, "token_expired")
        return connection.close(CloseCode.RESTARTING, "restarting")


async def _renewed_within(connection: Connection, seconds: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await connection.renewed.wait()
    except TimeoutError:
        return False
    return True


async def _quietly(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:  # another app's hook must not cost a person their socket
        logger.exception("a hook failed")


def _goodbye(error: ChatError) -> tuple[int, str]:
    if isinstance(error, TokenExpired):
        return CloseCode.TOKEN_EXPIRED, "token_expired"
    if isinstance(error, Unauthenticated):
        return CloseCode.UNAUTHENTICATED, "unauthenticated"
    if isinstance(error, BadRequest):
        return CloseCode.BAD_FRAME, "bad_frame"
    return CloseCode.RESTARTING, "restarting"
