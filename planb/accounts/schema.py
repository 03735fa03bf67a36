"""What the accounts' views take and give, for the documents."""

from __future__ import annotations

from chat import wire
from chat.schema.operations import Operation, describe
from planb.accounts import bodies, views

TOKENS = {200: bodies.TokenAnswer}

describe(
    views.RegisterView,
    post=Operation(
        "auth.register",
        "Sign up, and in.",
        {201: bodies.TokenAnswer},
        takes=bodies.Register,
        errors=(403, 409),
        open=True,
        examples={201: "tokens"},
    ),
)
describe(
    views.TokenView,
    post=Operation(
        "auth.sign_in",
        "Sign in. With `delivery: cookie` the refresh token is in a cookie and never in a body.",
        TOKENS,
        takes=bodies.SignIn,
        errors=(401, 403),
        open=True,
        examples={200: "tokens"},
    ),
)
describe(
    views.RefreshView,
    post=Operation(
        "auth.refresh",
        "A new access token, by the body's refresh token or else by the cookie's.",
        TOKENS,
        takes=bodies.RefreshOrRevoke,
        errors=(401, 403),
        open=True,
        body_required=False,
        examples={200: "tokens"},
    ),
)
describe(
    views.RevokeView,
    post=Operation(
        "auth.sign_out",
        "Sign out, by whichever token there is; doing so again is no error.",
        {204: None},
        takes=bodies.RefreshOrRevoke,
        errors=(401, 403),
        open=True,
        body_required=False,
    ),
)
describe(
    views.SessionsView,
    get=Operation("auth.sessions", "One's logins.", {200: bodies.SessionsAnswer}, examples={200: "sessions"}),
    delete=Operation("auth.end_other_sessions", "Sign out everywhere else.", {204: None}),
)
describe(
    views.SessionView,
    delete=Operation("auth.end_session", "End one login; its sockets close.", {204: None}),
)
describe(
    views.PasswordView,
    post=Operation(
        "auth.change_password",
        "Change the password, which ends the other logins.",
        {204: None},
        takes=bodies.ChangePassword,
        errors=(403,),
    ),
)
describe(
    views.MeView,
    get=Operation("me.read", "Who is signed in.", {200: wire.User}, examples={200: "user"}),
    patch=Operation("me.update", "Change one's name.", {200: wire.User}, takes=bodies.ChangeMe),
)
