"""The main job: two people talk at once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from planb.accounts.models import User
from tests.people import Person, Socket

SignIn = Callable[[User], Person]


async def say(socket: Socket, conversation: str, text: str) -> dict[str, object]:
    data = await socket.data("send_message", conversation=conversation, client_id=str(uuid4()), text=text)
    message: dict[str, object] = data["message"]
    return message


async def test_two_people_talk_over_sockets_at_once(awa: User, koffi: User, sign_in: SignIn) -> None:
    one, other = sign_in(awa), sign_in(koffi)
    async with one.socket() as left, other.socket() as right:
        conversation = one.talk_to(koffi)
        first = await say(left, conversation, "Bonjour !")
        added = await right.hear("conversation_added")
        assert added["conversation"] == conversation
        assert added["state"]["last_message"] == first
        assert added["mine"]["unread"] == 1
        await say(right, conversation, "Oui ?")
        assert (await left.message("Oui ?"))["seq"] == 2
        await say(left, conversation, "Ok")
        assert (await right.message("Ok"))["seq"] == 3


async def test_a_message_sent_over_rest_reaches_every_socket_of_both(awa: User, koffi: User, sign_in: SignIn) -> None:
    one, other = sign_in(awa), sign_in(koffi)
    conversation = one.talk_to(koffi, message={"client_id": str(uuid4()), "text": "Bonjour"})
    async with one.socket() as first, one.socket() as second, other.socket() as right:
        sent = one.send(conversation, "Encore là ?")
        for socket in (first, second, right):
            heard = await socket.message("Encore là ?")
            assert heard == sent, "REST body and socket event are the same JSON"
            assert heard["seq"] == 2


async def test_the_other_side_does_not_see_a_direct_conversation_before_its_first_message(
    awa: User, koffi: User, sign_in: SignIn
) -> None:
    one, other = sign_in(awa), sign_in(koffi)
    async with other.socket() as right:
        conversation = one.talk_to(koffi)
        assert other.call("GET", f"conversations/{conversation}").status_code == 404
        assert other.get("conversations")["items"] == []
        assert right.ready["positions"] == {}
        one.send(conversation, "Bonjour")
        await right.hear("conversation_added")
        assert other.get(f"conversations/{conversation}")["conversation"]["id"] == conversation


async def test_a_group_is_added_on_every_open_device_with_its_creation(
    awa: User, koffi: User, yao: User, sign_in: SignIn
) -> None:
    one, other, third = sign_in(awa), sign_in(koffi), sign_in(yao)
    async with one.socket() as left, other.socket() as right, third.socket() as far:
        conversation = one.talk_to(koffi, yao, title="Vélo")
        for socket in (left, right, far):
            added = await socket.hear("conversation_added")
            assert added["state"]["title"] == "Vélo"
            assert added["inbox_seq"] == 1
        await say(far, conversation, "Salut")
        for socket in (left, right, far):
            assert (await socket.message("Salut"))["seq"] == 1
