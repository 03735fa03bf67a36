"""Write the contract's documents and the examples that ship with them. `--check` only says whether they are fresh."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.schema import examples


class Command(BaseCommand):
    help = "Write the OpenAPI and AsyncAPI documents that the client's types are made of."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Write nothing; fail where a file is stale.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        stale = []
        for path, made in documents(Path(settings.BASE_DIR)):
            text = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
            if path.exists() and path.read_text("utf-8") == text:
                continue
            stale.append(path.name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
                self.stdout.write(f"{path.name} written")
        if check and stale:
            raise CommandError(f"Stale: {', '.join(stale)}. Run `manage.py contract`, then `npm run types`.")


def documents(base: Path) -> Iterator[tuple[Path, Any]]:
    """Each file and what belongs into it. Examples first: the documents hold them."""
    golden = sorted((base / "tests" / "wire").glob("*.json"))
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in golden}
    yield examples.PLACE, found
    examples.examples.cache_clear()
    from chat.schema import views

    views.openapi_document.cache_clear()
    views.asyncapi_document.cache_clear()
    yield base / "planb" / "web" / "contract" / "openapi.json", views.openapi_document()
    yield base / "planb" / "web" / "contract" / "asyncapi.json", views.asyncapi_document()
