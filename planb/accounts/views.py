"""The accounts' REST door: parse, call one service, render."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import wire
from chat.address import client_address
from chat.api.authentication import bearer
from chat.api.errors import error_response
from chat.api.parsers import JSONParser
from chat.auth import Principal
from chat.cards import card
from chat.exceptions import NotFound, Unauthenticated
from planb.accounts import bodies, cookies, services
from planb.accounts.models import User
from planb.accounts.services.sessions import Device
from planb.accounts.tokens import Tokens

_PRIVATE = {"Cache-Control": "no-store"}


class OpenView(APIView):
    """For those who have no token yet. A stale one in the header must not keep them out."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JSONParser,)

    def get_authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SignedInView(APIView):
    """For a signed-in person; `request.auth` is their Principal."""

    parser_classes = (JSONParser,)


class RegisterView(OpenView):
    def post(self, request: Request) -> Response:
        body = wire.convert(request.data, bodies.Register)
        by_cookie = _wants_cookie(request, body)
        made = services.register(
            username=body.username,
            password=body.password,
            display_name=body.display_name,
            address=client_address(request),
            device=_device(request, body),
        )
        return _answer(request, made, by_cookie=by_cookie, status_code=status.HTTP_201_CREATED)


class TokenView(OpenView):
    def post(self, request: Request) -> Response:
        body = wire.convert(request.data, bodies.SignIn)
        by_cookie = _wants_cookie(request, body)
        made = services.sign_in(
            username=body.username,
            password=body.password,
            address=client_address(request),
            device=_device(request, body),
        )
        return _answer(request, made, by_cookie=by_cookie)


class RefreshView(OpenView):
    """By the body's token, or else by the cookie's; the answer goes back the same way."""

    def post(self, request: Request) -> Response:
        body = _optional_body(request)
        if body.refresh is not None:
            return _answer(request, services.refresh(token=body.refresh), by_cookie=False)
        token = cookies.read(_http(request))
        if token is None:
            raise Unauthenticated
        try:
            made = services.refresh(token=token)
        except Unauthenticated as error:
            # Of no use any more: the page should not come with it again.
            response = error_response(error)
            cookies.clear(_http(request), response)
            return response
        return _answer(request, made, by_cookie=True)


class RevokeView(OpenView):
    """Signs out, by whichever token there is; doing so again is no error."""

    def post(self, request: Request) -> Response:
        body = _optional_body(request)
        access = bearer(request.META.get("HTTP_AUTHORIZATION", ""))
        refresh = body.refresh
        if refresh is None and access is None:
            refresh = cookies.read(_http(request))
            if refresh is None:
                raise Unauthenticated
        services.revoke(refresh=refresh, access=access)
        response = Response(status=status.HTTP_204_NO_CONTENT, headers=_PRIVATE)
        cookies.clear(_http(request), response)
        return response


class SessionsView(SignedInView):
    def get(self, request: Request) -> Response:
        here = _principal(request).session
        entries = [
            bodies.session_entry(session, current=str(session.pk) == here)
            for session in services.sessions_of(user=_user(request))
        ]
        return Response({"items": wire.builtins(entries)}, headers=_PRIVATE)

    def delete(self, request: Request) -> Response:
        """Sign out everywhere else."""
        services.end_sessions_of(user=_user(request), but=_session(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(SignedInView):
    def delete(self, request: Request, session: str) -> Response:
        try:
            key = UUID(session)
        except ValueError:
            raise NotFound from None
        services.end_session(user=_user(request), session=key)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordView(SignedInView):
    def post(self, request: Request) -> Response:
        body = wire.convert(request.data, bodies.ChangePassword)
        services.change_password(
            user=_user(request), old=body.old_password, new=body.new_password, session=_session(request)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(SignedInView):
    def get(self, request: Request) -> Response:
        return Response(wire.builtins(card(_user(request))))

    def patch(self, request: Request) -> Response:
        body = wire.convert(request.data, bodies.ChangeMe)
        user = _user(request)
        if isinstance(body.display_name, str):
            user = services.rename(user=user, display_name=body.display_name)
        return Response(wire.builtins(card(user)))


def _http(request: Request) -> HttpRequest:
    return request._request


def _principal(request: Request) -> Principal:
    return cast(Principal, request.auth)


def _user(request: Request) -> User:
    return cast(User, _principal(request).user)


def _session(request: Request) -> UUID | None:
    session = _principal(request).session
    return UUID(session) if session else None


def _optional_body(request: Request) -> bodies.RefreshOrRevoke:
    """A request that brings a cookie needs no body."""
    # DRF makes an empty form of an absent body.
    data: Any = request.data or {}
    return wire.convert(data, bodies.RefreshOrRevoke)


def _wants_cookie(request: Request, body: bodies.SignIn) -> bool:
    """Before anything is done: another site must not sign somebody in as somebody else."""
    if body.delivery != "cookie":
        return False
    cookies.check_page(_http(request))
    return True


def _device(request: Request, body: bodies.SignIn) -> Device:
    client = f"{body.client.name} {body.client.version}" if body.client else ""
    return Device(id=body.device, client=client, user_agent=request.META.get("HTTP_USER_AGENT", ""))


def _answer(request: Request, made: Tokens, *, by_cookie: bool, status_code: int = status.HTTP_200_OK) -> Response:
    data = {
        "access": made.access,
        "expires_at": wire.stamp(made.expires_at),
        "session": str(made.session.pk),
    }
    if not by_cookie:
        data["refresh"] = made.refresh
    response = Response(data, status=status_code, headers=_PRIVATE)
    if by_cookie:
        cookies.write(_http(request), response, made)
    return response
