from django.apps import AppConfig


class AcmeConfig(AppConfig):
    name = "tests.acme"
    label = "acme"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Importing registers: rules at chat's moments, a socket command, a limit, receivers of signals.
        from tests.acme import commands, receivers, rules  # noqa: F401
