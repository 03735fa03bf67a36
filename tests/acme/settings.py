"""The project with every seam of chat taken by the pretend team. `pytest -c tests/acme/pytest.ini` uses it."""

import os

from planb.settings import *  # noqa: F403
from planb.settings import INSTALLED_APPS as THEIRS

INSTALLED_APPS = [*THEIRS, "tests.acme"]
CHAT_CONVERSATION_MODEL = "acme.Conversation"
CHAT_MESSAGE_MODEL = "acme.Message"
CHAT_AUTHENTICATOR = "tests.acme.sign_in.IssuerAuthenticator"
CHAT_USER_CARD = "tests.acme.cards.card"
CHAT_POLICY = "tests.acme.policy.AcmePolicy"
CHAT_SUBJECTS = (("listing", "tests.acme.listings.resolve"),)
# Who signs our people in: an address whose JWKS holds the public keys.
ACME_ISSUER = os.environ.get("ACME_ISSUER", "http://127.0.0.1:9")
