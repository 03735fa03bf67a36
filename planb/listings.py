"""The market place's listings, as far as conversations need them. A stand-in catalogue: the shop has the real one."""

from __future__ import annotations

from typing import Any

from chat import wire

# id → title, in the language that the seller wrote it in
CATALOGUE: dict[str, str] = {
    "velo-ville": "Vélo de ville, très bon état",
    "frigo-200l": "Réfrigérateur 200 L",
    "canape-angle": "Canapé d’angle gris",
    "iphone-12": "iPhone 12, 128 GB, unlocked",
    "table-teck": "Table en teck, 6 places",
    "moto-125": "Moto 125 cm³, 2021",
    "dell-xps": "Dell XPS 13 laptop",
    "poussette": "Poussette trois roues",
    "guitare": "Guitare folk Yamaha",
    "camera-sony": "Sony A6000 camera",
}


def resolve(key: str, user: Any) -> wire.Subject | None:
    """`CHAT_SUBJECTS` resolver of the type `listing`."""
    title = CATALOGUE.get(key)
    if title is None:
        return None
    return wire.Subject(type="listing", id=key, title=title, url=None, image=None)
