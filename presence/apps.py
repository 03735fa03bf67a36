from django.apps import AppConfig


class PresenceConfig(AppConfig):
    name = "presence"

    def ready(self) -> None:
        # Importing registers: commands at the socket door, functions at chat's moments, a limit, a check.
        from presence import checks, handlers, moments  # noqa: F401
