"""Every example of chat/EXTENDING.md runs, and does what the text beside it says."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from chat import cards, events, hooks, limits, render, signals, wire
from chat.auth import authenticator
from chat.exceptions import ChatError, Forbidden, NotFound, Refused, Unauthenticated
from chat.models import AbstractMessage
from chat.policy import policy
from chat.realtime import handlers
from chat.services.conversations import create_conversation
from chat.subjects import resolve
from planb.accounts.models import User
from tests.chat.conversing import send, start
from tests.stored import Message

GUIDE = Path(__file__).resolve().parent.parent.parent / "chat" / "EXTENDING.md"
EXAMPLES: list[str] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)


class Yours:
    """The module that the examples call `yours`, with one example in it. What it registers ends with the test."""

    def __init__(self, name: str) -> None:
        (source,) = [text for text in EXAMPLES if re.search(rf"^(?:async )?(?:def|class) {name}\b", text, re.MULTILINE)]
        self.names: dict[str, Any] = {"__name__": "yours"}
        exec(compile(source, f"EXTENDING.md, {name}", "exec"), self.names)

    def __getattr__(self, name: str) -> Any:
        return self.names[name]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Yours]]:
    import sys

    monkeypatch.setattr(hooks, "_registered", {moment: list(found) for moment, found in hooks._registered.items()})
    monkeypatch.setattr(limits, "_registered", dict(limits._registered))
    monkeypatch.setattr(handlers, "registry", dict(handlers.registry))

    def run(name: str) -> Yours:
        made = Yours(name)
        limits.rates.cache_clear()
        # So that dotted paths find it.
        monkeypatch.setitem(sys.modules, "yours", SimpleNamespace(**made.names))
        return made

    yield run
    limits.rates.cache_clear()


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    return start(awa, koffi)


def test_an_authenticator(example: Callable[[str], Yours], settings: Any, awa: User) -> None:
    example("KeyAuthenticator")
    settings.CHAT_AUTHENTICATOR = "yours.KeyAuthenticator"
    assert authenticator().authenticate("key-awa").user == awa
    with pytest.raises(Unauthenticated):
        authenticator().authenticate("key-nobody")


def test_a_user_card(example: Callable[[str], Yours], settings: Any, awa: User) -> None:
    example("card")
    settings.CHAT_USER_CARD = "yours.card"
    assert cards.card(awa) == wire.User(
        id=str(awa.pk), display_name="Awa", avatar=None, deleted=False, ext={"staff": False}
    )


def test_a_subject(example: Callable[[str], Yours], settings: Any, awa: User) -> None:
    example("resolve_order")
    settings.CHAT_SUBJECTS = [("order", "yours.resolve_order")]
    assert resolve(wire.SubjectRef(type="order", id="7"), awa).title == "Order 7"
    with pytest.raises(NotFound):
        resolve(wire.SubjectRef(type="order", id="seven"), awa)


def test_a_policy(example: Callable[[str], Yours], settings: Any, awa: User, koffi: User, yao: User) -> None:
    group = start(awa, koffi, yao)
    example("QuietPolicy")
    settings.CHAT_POLICY = "yours.QuietPolicy"
    assert type(policy()).__name__ == "QuietPolicy"
    with pytest.raises(Forbidden, match="runs this group"):
        send(koffi, group)
    send(awa, group)
    assert Message.objects.count() == 1


def test_a_rule_with_a_code_of_its_own(example: Callable[[str], Yours], awa: User, talk: UUID) -> None:
    example("no_links")
    with pytest.raises(Refused) as caught:
        send(awa, talk, "see http://example.org")
    assert (caught.value.as_data()["code"], caught.value.status) == ("yours.no_links", 422)
    assert Message.objects.count() == 0
    assert send(awa, talk, "  see you ").text == "see you"


def test_fields_in_ext(example: Callable[[str], Yours], awa: User, talk: UUID) -> None:
    example("words")
    assert send(awa, talk, "one two three").ext["words"] == 3


def test_a_rule_for_new_conversations(example: Callable[[str], Yours], awa: User, koffi: User) -> None:
    example("small_groups")
    people = User.objects.bulk_create([User(username=f"p{number}", display_name="P") for number in range(21)])
    with pytest.raises(Refused, match="twenty"):
        start(awa, *people)
    command = wire.CreateConversation(client_id=uuid4(), kind="direct", users=[str(koffi.pk)])
    assert create_conversation(user=awa, command=command).created


def test_a_message_with_rows_of_ones_own(example: Callable[[str], Yours], awa: User, talk: UUID) -> None:
    sent = example("confirm_order").confirm_order(awa, talk, 7)
    stored: AbstractMessage = Message.objects.get()
    assert render.messages([stored])[0] == sent
    assert (sent.text, sent.data) == ("Order 7 is confirmed.", {"event": "yours.order", "order": 7})


def test_a_receiver(example: Callable[[str], Yours], transactional_db: None, awa: User, talk: UUID) -> None:
    made = example("index")
    try:
        sent = send(awa, talk)
        signals.settle()
        assert made.seen == [sent.id]
    finally:
        signals.message_sent.disconnect(made.index)


async def test_a_command_and_an_event(example: Callable[[str], Yours], monkeypatch: pytest.MonkeyPatch) -> None:
    example("wave")
    told: list[events.Event] = []

    async def tell(found: list[events.Event]) -> None:
        told.extend(found)

    async def member(connection: Any, conversation: Any) -> None:
        if connection.user_id != "1":
            raise NotFound()

    entry = handlers.registry["yours.wave"]
    monkeypatch.setattr("chat.broadcast.asend", tell)
    monkeypatch.setitem(entry.handler.__globals__, "member_of", member)
    talk = uuid4()
    command = wire.convert({"conversation": str(talk)}, entry.form)
    with pytest.raises(ChatError):
        await entry.handler(SimpleNamespace(user_id="2"), command)  # type: ignore[arg-type]
    assert told == []
    assert await entry.handler(SimpleNamespace(user_id="1"), command) == {}  # type: ignore[arg-type]
    assert [(event.topics(), event.payload()) for event in told] == [
        ([f"c.{talk}"], {"type": "yours.waved", "conversation": str(talk), "user": "1"})
    ]


def test_a_swapped_model_is_one_that_tests_acme_runs() -> None:
    """Its class cannot be made beside the models in force: what it says is what tests/acme/models.py says."""
    (source,) = [text for text in EXAMPLES if "class Message(AbstractMessage)" in text]
    acme = (GUIDE.parent.parent / "tests" / "acme" / "models.py").read_text()
    named = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    theirs = next(node for node in ast.parse(acme).body if isinstance(node, ast.ClassDef) and node.name == "Message")
    assert ast.dump(named.body[0]) == ast.dump(theirs.body[0])
    assert [ast.dump(base) for base in named.bases] == [ast.dump(base) for base in theirs.bases]


def test_no_example_is_left_out() -> None:
    tried = set(re.findall(r'example\("(\w+)"\)', Path(__file__).read_text()))
    left = [text for text in EXAMPLES if not any(re.search(rf"(?:def|class) {name}\b", text) for name in tried)]
    assert len(left) == 1 and "AbstractMessage" in left[0], "the one above"
    assert len(EXAMPLES) == 11


def test_a_hook_for_a_version_or_moment_that_there_is_not_fails_at_once() -> None:
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured, match="version 1"):
        hooks.register("before_send", version=2)
    with pytest.raises(ImproperlyConfigured, match="no moment"):
        hooks.register("after_send")  # type: ignore[arg-type]
