"""One object per process: which local sockets hear which topic, over one channel of the layer.

A message crosses the layer once per process, and each socket costs one queued frame of ready-made text. What the
layer loses is read from PostgreSQL, once for all sockets.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from channels.layers import get_channel_layer

from chat import broadcast, database, frames, wire
from chat.conf import conf
from chat.events import conversation_topic, user_topic
from chat.exceptions import ChatError
from chat.realtime import recovery
from chat.realtime.connection import Connection
from chat.realtime.protocol import CloseCode
from chat.realtime.topics import Step, Topic

logger = logging.getLogger(__name__)


class Hub:
    """Made by `hub()` on first use in a loop. Everything runs in that loop; nothing here blocks."""

    def __init__(self) -> None:
        self.topics: dict[str, Topic] = {}
        self.connections: set[Connection] = set()
        self.by_user: dict[str, set[Connection]] = defaultdict(set)
        self.deaf = False
        self.closing = False
        self._layer: Any = get_channel_layer()
        self._channel = ""
        self._listener: asyncio.Task[Any] | None = None
        # Adding and discarding groups must not overtake each other.
        self._groups = asyncio.Lock()
        self._probes: dict[str, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    # --- life ---------------------------------------------------------------------------------
    async def start(self) -> None:
        broadcast.serve_from(asyncio.get_running_loop())
        try:
            await self._listen()
        except Exception as error:  # Redis is down: the database goes on, and the watch tries again
            self.deaf = True
            logger.warning("the channel layer cannot be reached: %r", error)
        self.spawn(recovery.watch(self))

    async def _listen(self) -> None:
        async with asyncio.timeout(conf().redis_timeout):
            self._channel = await self._layer.new_channel("hub.")
        if self._listener is not None:
            self._listener.cancel()
        self._listener = self.spawn(self._receive(self._channel))

    async def say_goodbye(self, retry_after: float = 2.0) -> None:
        """Tell every socket that it should come back, spread over `retry_after` seconds, and close it."""
        self.closing = True
        for place, connection in enumerate(list(self.connections)):
            wait = 0.5 + retry_after * (place % 20) / 20
            connection.send(wire.encode(frames.ClosingFrame(retry_after=round(wait, 2))))
            connection.close(CloseCode.RESTARTING, "restarting")
        for _ in range(20):
            if not self.connections:
                break
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Say goodbye and let go of everything."""
        await self.say_goodbye()
        broadcast.serve_from(None)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=conf().redis_timeout)
        try:
            await self._flush()
        except Exception as error:  # nothing is left to do with it
            logger.info("closing the layer: %r", error)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task that the hub keeps, whose failure is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of the hub failed", exc_info=error)

    # --- sockets ------------------------------------------------------------------------------
    def open(self, connection: Connection) -> None:
        self.connections.add(connection)
        mine = self.by_user[connection.user_id]
        mine.add(connection)
        living = sorted((item for item in mine if item.outbox.closing is None), key=lambda item: item.opened_at)
        for oldest in living[: -conf().sockets_per_user]:
            oldest.close(CloseCode.REPLACED, "replaced")

    def leave(self, connection: Connection) -> None:
        """Forget a socket; its groups are left a moment later, since people come back."""
        self.connections.discard(connection)
        self.by_user[connection.user_id].discard(connection)
        if not self.by_user[connection.user_id]:
            del self.by_user[connection.user_id]
        self.unsubscribe(connection, list(connection.topics))

    async def subscribe(
        self, connections: Iterable[Connection], names: Iterable[str], since: Mapping[str, int] | None = None
    ) -> bool:
        """Let sockets hear topics; returns once the layer has confirmed it, or False where it cannot now.

        `since` says by topic at which `seq` it was theirs: who was removed after that is not joined.
        """
        fresh: list[str] = []
        async with self._groups:
            for name in names:
                topic = self.topics.get(name)
                if topic is None:
                    topic = self.topics[name] = Topic(name)
                    fresh.append(name)
                for connection in connections:
                    # One that has left while this waited would never be let go of again.
                    removed = connection.removals.get(name, -1) > (since or {}).get(name, -1)
                    if connection in self.connections and not removed:
                        topic.connections.add(connection)
                        connection.topics.add(name)
            return await self._join(fresh) if fresh else True

    async def _join(self, names: list[str]) -> bool:
        try:
            async with asyncio.timeout(conf().redis_timeout + len(names) * 0.01):
                for name in names:
                    await self._layer.group_add(name, self._channel)
                # SUBSCRIBE has no answer in redis-py: a message of our own, come back, is one. Subscriptions
                # of one Redis connection take effect in order, so the last one speaks for all of its shard.
                await asyncio.gather(*(self._probe(name) for name in self._last_of_shards(names)))
        except Exception as error:  # deaf for now: the watch reads heads and rebuilds
            self.deaf = True
            logger.warning("cannot join %d groups: %r", len(names), error)
            return False
        return True

    def _last_of_shards(self, names: list[str]) -> list[str]:
        inner = self._layer._get_layer() if hasattr(self._layer, "_get_layer") else None
        if inner is None or len(inner._shards) == 1:
            return names[-1:]
        return list({id(inner._get_shard(inner._get_group_channel_name(name))): name for name in names}.values())

    async def _probe(self, name: str) -> None:
        """Raises TimeoutError where a message to a group of ours does not come back."""
        token = uuid4().hex
        arrived = self._probes[token] = asyncio.get_running_loop().create_future()
        try:
            for _ in range(20):
                await self._layer.group_send(name, {"type": "hub", "probe": token})
                done, _ = await asyncio.wait([arrived], timeout=0.05)
                if done:
                    return
            raise TimeoutError(f"no echo from {name}")
        finally:
            del self._probes[token]

    def unsubscribe(self, connection: Connection, names: Iterable[str]) -> None:
        emptied = []
        for name in names:
            connection.topics.discard(name)
            topic = self.topics.get(name)
            if topic is not None:
                topic.connections.discard(connection)
                if not topic.connections:
                    emptied.append(name)
        if emptied and not self.closing:
            self.spawn(self._discard(emptied))

    async def _discard(self, names: list[str]) -> None:
        await asyncio.sleep(2)
        async with self._groups:
            for name in names:
                topic = self.topics.get(name)
                if topic is None or topic.connections:
                    continue
                del self.topics[name]
                try:
                    async with asyncio.timeout(conf().redis_timeout):
                        await self._layer.group_discard(name, self._channel)
                except Exception as error:  # a group too many costs little; the rebuild drops it
                    logger.info("cannot leave %s: %r", name, error)

    def set_cursors(self, heads: Mapping[UUID, int]) -> None:
        """Conversations that nobody here heard before start at what was read after the subscription."""
        for conversation, seq in heads.items():
            topic = self.topics.get(conversation_topic(conversation))
            if topic is not None and topic.cursor is None:
                self.settle(topic, topic.advance(seq))

    # --- from the layer -----------------------------------------------------------------------
    async def _receive(self, channel: str) -> None:
        while True:
            message = await self._layer.receive(channel)
            try:
                self.take(message)
            except Exception:  # one bad message must not end the hearing of a process
                logger.exception("a message from the layer could not be taken")

    def take(self, message: Mapping[str, Any]) -> None:
        if "probe" in message:
            arrived = self._probes.get(message["probe"])
            if arrived is not None and not arrived.done():
                arrived.set_result(None)
            return
        topic = self.topics.get(message["topic"])
        if topic is None:
            return
        text, seq = message.get("text"), message.get("seq")
        control = message.get("control") or {}
        if text is not None:
            if seq is None:
                self._tell(topic, text, message)
            else:
                self.settle(topic, topic.take(seq, text, control.get("drop", ())))
        self._control(topic, control)

    def _tell(self, topic: Topic, text: str, message: Mapping[str, Any]) -> None:
        """Tell what has no place: to some in another form, and by several topics only once."""
        lacking, once = message.get("lacking"), (message.get("control") or {}).get("once")
        for connection in topic.connections:
            if once is not None and not connection.hears_first(once):
                continue
            told = message["variant"] if lacking in connection.lacking else text
            if told is not None:
                connection.send(told)

    def settle(self, topic: Topic, step: Step) -> None:
        if step is Step.HOLE and not topic.filling and topic.cursor is not None:
            topic.filling = True
            self.spawn(recovery.fill_hole(self, topic))
        if not topic.connections and not self.closing:
            self.spawn(self._discard([topic.name]))

    def _control(self, topic: Topic, control: Mapping[str, Any]) -> None:
        if "join" in control:
            self.spawn(self._added(list(topic.connections), control["join"], control["at"]))
        if "lacking" in control:
            for connection in topic.connections:
                connection.lacking = frozenset(control["lacking"])
        if "leave" in control:
            name = conversation_topic(control["leave"])
            for connection in topic.connections:
                connection.removals[name] = max(control["at"], connection.removals.get(name, 0))
        if "end" in control:
            for connection in list(topic.connections):
                if not control["end"] or connection.session in control["end"]:
                    connection.close(CloseCode.UNAUTHENTICATED, "unauthenticated")

    async def _added(self, connections: list[Connection], conversation: str, at: int) -> None:
        """Join sockets to a conversation that became theirs; what was written meanwhile is told to them."""
        present = [connection for connection in connections if connection in self.connections]
        if not present:
            return
        name = conversation_topic(conversation)
        await self.subscribe(present, [name], {name: at})
        self.set_cursors({UUID(conversation): at})
        topic = self.topics.get(name)
        if topic is None:
            return
        users = {connection.user.pk for connection in present}
        try:
            if topic.cursor is not None and topic.cursor > at:
                # Others here heard more than these were told.
                changes, members = await database.run(recovery.read_fill, UUID(conversation), at, users)
                for connection in present:
                    if connection.user.pk in members:
                        connection.send(recovery.changes_frame(changes, lacking=connection.lacking))
            else:
                await recovery.fill(self, topic)
            # The event of an earlier removal may have let them go meanwhile, and that of a later one may have come
            # before they were joined: join them again, and then look who is a member.
            await self.subscribe(present, [name], {name: at})
            members = await database.run(recovery.members_of, UUID(conversation), users)
        except ChatError as error:  # the watch makes up for it
            logger.warning("cannot read what came before the join: %s", error.code)
            return
        for connection in present:
            if connection.user.pk not in members:
                self.unsubscribe(connection, [name])

    async def echo(self) -> None:
        """Raises TimeoutError where the layer takes our messages and does not bring them back."""
        token = uuid4().hex
        arrived = self._probes[token] = asyncio.get_running_loop().create_future()
        try:
            await self._layer.send(self._channel, {"type": "hub", "probe": token})
            async with asyncio.timeout(conf().redis_timeout):
                await arrived
        finally:
            del self._probes[token]

    async def rebuild(self) -> None:
        """A new layer connection, all groups joined again. Raises what the layer raises."""
        async with self._groups:
            await self._flush()
            await self._listen()
            names = list(self.topics)
            if names and not await self._join(names):
                raise ConnectionError("the groups could not be joined")
        self.deaf = False

    async def _flush(self) -> None:
        # The layer cancels its reader and waits; redis-py may swallow a cancellation that meets a time-out of its
        # own, so that this wait has no end. The one that comes with ours takes.
        async with asyncio.timeout(conf().redis_timeout):
            await self._layer.flush()

    def user_connections(self, user_id: str) -> set[Connection]:
        topic = self.topics.get(user_topic(user_id))
        return set(topic.connections) if topic is not None else set()


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


async def hub() -> Hub:
    """The hub of the running loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub()
        await found.start()
    return found


async def stop() -> None:
    """End the hub of the running loop, if there is one."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is not None:
        # Until the end it is found here: who comes now is sent away, not given a new hub.
        await found.stop()
        _hubs.pop(loop, None)


def running() -> Hub | None:
    """This process's hub for who asks from another thread; None where no socket was ever served."""
    return next(iter(_hubs.values()), None)
