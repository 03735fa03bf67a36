"""Things people write to each other about listings, in French and in English."""

from __future__ import annotations

PASSWORD = "planb-demo"  # noqa: S105 (made only under DEBUG, and printed by `up`)

# username → display name. The first five sign in; the others are there to be written to.
PEOPLE = {
    "awa": "Awa Koné",
    "koffi": "Koffi Ouattara",
    "fatou": "Fatou Diallo",
    "yao": "Yao Kouassi",
    "modou": "Modou Sarr",
    "aminata": "Aminata Mbaye",
    "serge": "Serge Bamba",
    "josephine": "Joséphine Traoré",
    "ibrahim": "Ibrahim Cissé",
    "grace": "Grace Mensah",
    "daniel": "Daniel Owusu",
    "emily": "Emily Carter",
    "moussa": "Moussa Camara",
}
ACCOUNTS = ("awa", "koffi", "fatou", "yao", "modou")

# (one, other, listing or None, days ago, lines): the first line is by the first person, and so on in turns;
# a line that begins with "+" is by the same person as the one before.
Talk = tuple[str, str, str | None, float, tuple[str, ...]]
TALKS: tuple[Talk, ...] = (
    (
        "awa",
        "koffi",
        "velo-ville",
        0.15,
        (
            "Bonjour, le vélo est-il encore disponible ?",
            "Bonjour ! Oui le vélo est toujours là 🙂",
            "+Les freins sont neufs, je les ai changés en octobre.",
            "Super. Est-ce que 75 000 serait possible si je viens aujourd’hui ?",
            "On peut dire 80 000, avec l’antivol et la pompe.",
            "+Je suis libre à partir de 17 h, près du marché. Ça vous va ?",
        ),
    ),
    (
        "fatou",
        "awa",
        "frigo-200l",
        0.3,
        (
            "Bonsoir Awa, votre frigo m’intéresse.",
            "Bonsoir ! Il marche très bien, je déménage.",
            "Il fait du bruit la nuit ?",
            "Presque pas. Vous pouvez passer l’écouter 😄",
            "Le frigo est encore disponible ? Je peux venir samedi avec mon frère.",
            "+Et vous livrez à Yopougon ?",
        ),
    ),
    (
        "aminata",
        "awa",
        "poussette",
        1.1,
        (
            "Bonjour, je peux voir la poussette samedi matin ?",
            "Oui, à 10 h devant la pharmacie.",
            "Elle se plie facilement ? J’ai une petite voiture.",
            "D’une seule main, promis.",
            "Merci, à samedi !",
        ),
    ),
    (
        "serge",
        "awa",
        "canape-angle",
        1.6,
        (
            "Bonjour, quelles sont les dimensions du canapé ?",
            "2,60 m sur 1,90 m. L’angle se met à gauche ou à droite.",
            "Parfait pour mon salon. Vous acceptez le paiement mobile ?",
            "Oui, sans problème.",
        ),
    ),
    (
        "awa",
        "josephine",
        "guitare",
        3.2,
        (
            "Bonjour Joséphine, la guitare a combien d’années ?",
            "Deux ans à peine, très peu jouée.",
            "+Je vous donne aussi la housse et un accordeur.",
            "C’est gentil ! Je réfléchis et je vous dis demain.",
            "Prenez votre temps.",
        ),
    ),
    (
        "emily",
        "awa",
        "iphone-12",
        4.0,
        (
            "Hi! Is the phone still available? Does it come with the original charger?",
            "Hello Emily, yes it is. Charger and box included.",
            "What’s the battery health?",
            "87 %. I can send you a screenshot tonight.",
            "That would be great, thank you so much!",
        ),
    ),
    (
        "awa",
        "daniel",
        "dell-xps",
        6.4,
        (
            "Hello, would you consider a trade against a MacBook Air 2019?",
            "Sorry, cash or mobile money only.",
            "No problem. Good luck with the sale!",
        ),
    ),
    (
        "grace",
        "koffi",
        "camera-sony",
        0.6,
        (
            "Hi Koffi, how many shots on the shutter?",
            "About 12,000. I bought it new in 2022.",
            "And the lens has no scratches?",
            "None at all. Always kept a filter on it.",
            "Deal then. Can we meet on Sunday near the museum?",
            "Sunday 3 pm works. See you there 👍",
        ),
    ),
    (
        "koffi",
        "ibrahim",
        "moto-125",
        2.3,
        (
            "Salut, la moto a combien de kilomètres ?",
            "18 400 km, vidange faite la semaine dernière.",
            "Les papiers sont à jour ?",
            "Tout est en règle, carte grise à mon nom.",
        ),
    ),
    (
        "fatou",
        "koffi",
        "table-teck",
        5.0,
        (
            "Bonjour, la table est démontable ?",
            "Oui, les pieds se dévissent.",
            "Très bien, je la prends si elle passe dans la porte : 78 cm.",
            "Le plateau fait 90, mais de côté elle passe.",
        ),
    ),
    (
        "yao",
        "fatou",
        "guitare",
        0.9,
        (
            "Bonjour Fatou, c’est toujours d’actualité pour la guitare ?",
            "Oui ! Tu veux l’essayer ?",
            "Volontiers, demain après le travail.",
        ),
    ),
    (
        "yao",
        "grace",
        "iphone-12",
        7.5,
        (
            "Hello Grace, is the price negotiable?",
            "A little. What did you have in mind?",
            "150 less, and I pick it up today.",
            "Meet me halfway: 75 less.",
            "Done!",
        ),
    ),
    (
        "moussa",
        "yao",
        None,
        9.0,
        ("Yao, tu as encore ta perceuse ?", "Oui, passe la prendre quand tu veux.", "Merci chef 🙏"),
    ),
    (
        "fatou",
        "josephine",
        "canape-angle",
        11.0,
        (
            "Bonjour, vous livrez ?",
            "Oui, 10 000 de plus pour Cocody.",
            "D’accord, on fait comme ça.",
        ),
    ),
    (
        "daniel",
        "koffi",
        None,
        13.0,
        ("Hey Koffi, thanks again for the ride yesterday.", "Anytime! Next one is on you 😉"),
    ),
    (
        "awa",
        "ibrahim",
        "moto-125",
        16.0,
        (
            "Bonjour, je cherche une moto pour mon frère.",
            "Elle est vendue, désolé. J’en aurai une autre le mois prochain.",
            "Prévenez-moi, s’il vous plaît.",
        ),
    ),
    (
        "moussa",
        "awa",
        None,
        19.0,
        ("Merci pour le colis, tout est bien arrivé !", "Avec plaisir, bonne soirée."),
    ),
    (
        "modou",
        "yao",
        None,
        21.0,
        ("Bonjour Yao, ton annonce manquait d’une photo, c’est réglé.", "Merci Modou !"),
    ),
)

GROUP_TITLE = "Groupe Vélo Cocody"
GROUP = ("koffi", "awa", "fatou", "yao", "aminata", "serge", "moussa", "grace")
GROUP_LINES = (
    ("koffi", "Bienvenue à tous ! Première sortie dimanche, 25 km, rythme tranquille."),
    ("fatou", "Je viens, avec ma sœur si ça va."),
    ("grace", "Count me in. Is there a place to fill bottles on the way?"),
    ("koffi", "Yes, at the station after the bridge."),
    ("serge", "Quelqu’un a une chambre à air en 28 pouces ?"),
    ("moussa", "J’en ai deux, je t’en apporte une."),
    ("aminata", "On part à quelle heure ?"),
    ("koffi", "6 h 30, avant la chaleur."),
    ("awa", "C’est tôt 😅 mais je serai là."),
    ("yao", "On se retrouve au rond-point 👍"),
)

# What older exchanges are made of, by language: beginnings and ends that fit each other.
PHRASES = {
    "fr": (
        ("Bonjour", "Bonsoir", "D’accord", "Très bien", "Alors", "Au fait", "Super", "Sans souci", "Dis-moi", "Bon"),
        (
            "je passe demain",
            "la photo est un peu floue",
            "on se dit 18 h au marché",
            "le prix me convient",
            "il reste deux pièces en stock",
            "c’est toujours disponible",
            "j’ai bien reçu le paiement",
            "on peut en parler ce soir",
            "la couleur est plus foncée en vrai",
            "je te rappelle après la réunion",
            "tout le monde en est content",
            "le colis est en route",
            "je l’ai laissé au gardien",
        ),
        (".", " !", " 🙂", " 👍", ".", ", merci.", "…", ".", " 🙏"),
    ),
    "en": (
        ("Hello", "Okay", "Great", "By the way", "Honestly", "Sure", "All right", "Well", "Good evening"),
        (
            "the parcel is on its way",
            "I’ll check and come back to you",
            "I left it with the guard",
            "send me the measurements please",
            "you were right about the size",
            "it’s still available",
            "the photo is a bit blurry",
            "let’s say 6 pm at the market",
            "the price is fine with me",
            "I got your payment",
            "we can talk about it tonight",
        ),
        (".", "!", " 🙂", " 👍", ".", ", thanks.", "…", "."),
    ),
}
ENGLISH = frozenset({"emily", "daniel", "grace"})
