"""Words from which people, streets, sites and further clients take believable French names."""

from __future__ import annotations

FIRST_NAMES = (
    "Anne", "Benoît", "Catherine", "Cédric", "Claire", "Damien", "Delphine", "Émilie", "Éric",
    "Fabien", "Florence", "Gaëlle", "Guillaume", "Hélène", "Isabelle", "Jean-Luc", "Jérôme",
    "Laëtitia", "Laurent", "Loïc", "Maëlle", "Marie-Noëlle", "Mathilde", "Mickaël", "Nathalie",
    "Olivier", "Pascal", "Philippe", "Raphaël", "Rémi", "Sabrina", "Sandrine", "Sébastien",
    "Solène", "Stéphane", "Sylvie", "Valérie", "Vincent", "Xavier", "Zoé",
)  # fmt: skip
LAST_NAMES = (
    "Aubert", "Barbier", "Bertin", "Boucher", "Caillaud", "Charpentier", "Colin", "Coudert",
    "D’Amico", "Deschamps", "Dufour", "Étienne", "Fontaine", "Gauthier", "Girard", "Guérin",
    "Hamon", "Jaouen", "Joly", "Kerbrat", "Lacroix", "Le Gall", "Lefèvre", "Leroux", "Maillard",
    "Marchand", "Mercereau", "Meunier", "N’Diaye", "Ollivier", "Pasquier", "Perrot", "Poirier",
    "Quéré", "Renaud", "Roussel", "Saunier", "Tanguy", "Texier", "Vallée",
)  # fmt: skip
STREETS = (
    "rue de la République", "avenue du Général-de-Gaulle", "rue des Écoles", "boulevard Carnot",
    "rue Jean-Jaurès", "place de l’Hôtel-de-Ville", "rue du Moulin", "route de la Gare",
    "rue Pasteur", "allée des Tilleuls", "rue de l’Industrie", "avenue Aristide-Briand",
    "zone d’activités de la Croix-Blanche", "quai des Mariniers", "rue Marcel-Pagnol",
    "chemin des Carrières", "rue Victor-Hugo", "impasse du Four-à-Pain",
)  # fmt: skip

ROLES = {
    "local_authority": (
        "Direction générale des services", "Responsable énergie", "Responsable des finances",
        "Responsable des services techniques",
    ),
    "industry": (
        "Responsable de site", "Responsable des achats d’énergie", "Responsable maintenance",
        "Direction administrative et financière",
    ),
    "services": (
        "Responsable technique", "Responsable des achats", "Direction financière",
        "Responsable énergie et RSE",
    ),
    "health": (
        "Responsable des achats et de la logistique", "Responsable énergie et fluides",
        "Responsable des services techniques", "Direction financière",
    ),
    "property_manager": (
        "Gestionnaire de copropriétés", "Responsable du patrimoine", "Responsable comptable",
        "Responsable technique",
    ),
}  # fmt: skip
"""Functions that read the same for a woman and a man."""

SITES: dict[str, tuple[tuple[str, str], ...]] = {
    "town": (
        ("Piscine municipale", "Piscine"), ("Éclairage public, secteur nord", "Éclairage public"),
        ("Station d’épuration", "Assainissement"), ("Hôtel de ville", "Administration"),
        ("Groupe scolaire Jules-Ferry", "Enseignement"), ("Gymnase Colette-Besson", "Sport"),
        ("Médiathèque Andrée-Chedid", "Culture"), ("Centre technique municipal", "Atelier"),
        ("Salle polyvalente", "Culture"), ("École maternelle des Lilas", "Enseignement"),
        ("Éclairage public, secteur sud", "Éclairage public"), ("Crèche Les Petits Pas", "Crèche"),
        ("Maison des associations", "Associations"), ("Stade Raymond-Kopa", "Sport"),
        ("Cuisine centrale", "Restauration"), ("Musée de la Batellerie", "Culture"),
        ("Marché couvert", "Commerce"), ("Cimetière paysager", "Espaces verts"),
    ),
    "water": (
        ("Usine d’eau potable", "Production d’eau"), ("Station de pompage", "Pompage"),
        ("Surpresseur", "Pompage"), ("Réservoir", "Stockage d’eau"),
    ),
    "depot": (("Dépôt central", "Transport"), ("Atelier de maintenance", "Atelier"),
              ("Pôle d’échanges", "Transport")),
    "school": (("Bâtiments d’enseignement", "Enseignement"), ("Internat", "Hébergement"),
               ("Exploitation pédagogique", "Agriculture"), ("Demi-pension", "Restauration")),
    "factory": (("Usine principale", "Production"), ("Atelier de finition", "Production"),
                ("Entrepôt logistique", "Entreposage"), ("Bâtiment administratif", "Bureaux")),
    "bakery": (("Fournil central", "Production"), ("Boutique du Centre", "Commerce"),
               ("Boutique de la Gare", "Commerce"), ("Boutique des Halles", "Commerce")),
    "office": (("Siège social", "Bureaux"), ("Centre de formation", "Bureaux")),
    "coldstore": (("Plate-forme frigorifique", "Entreposage frigorifique"),
                  ("Quai de messagerie", "Entreposage"), ("Parc roulant", "Transport")),
    "silo": (("Silo à grains", "Stockage de céréales"), ("Séchoir", "Séchage"),
             ("Station de semences", "Production")),
    "hotel": (("Hôtel", "Hébergement"), ("Résidence hôtelière", "Hébergement"),
              ("Centre de bien-être", "Balnéothérapie")),
    "retail": (("Magasin", "Commerce"), ("Galerie marchande", "Commerce"),
               ("Drive", "Commerce"), ("Entrepôt régional", "Entreposage")),
    "datacentre": (("Centre de données", "Hébergement informatique"),
                   ("Centre de données de secours", "Hébergement informatique"),
                   ("Bureaux d’exploitation", "Bureaux")),
    "cinema": (("Cinéma", "Loisirs"),),
    "camping": (("Camping", "Hébergement de plein air"),),
    "hospital": (("Hôpital, site principal", "Soins"), ("Pavillon de médecine", "Soins"),
                 ("Blanchisserie", "Blanchisserie"), ("Plateau technique", "Soins"),
                 ("Centre de soins de suite", "Soins"), ("Institut de formation", "Enseignement")),
    "nursing": (("Résidence", "Hébergement médicalisé"), ("Accueil de jour", "Soins")),
    "residence": (
        ("Résidence Les Acacias", "Copropriété"), ("Résidence du Parc", "Copropriété"),
        ("Résidence L’Orangerie", "Copropriété"), ("Le Clos Saint-Michel", "Copropriété"),
        ("Résidence Bel-Air", "Copropriété"), ("Les Terrasses du Fleuve", "Copropriété"),
        ("Villa Montaigne", "Copropriété"), ("Résidence Les Glycines", "Copropriété"),
        ("Le Carré Pasteur", "Copropriété"), ("Résidence Belle-Étoile", "Copropriété"),
        ("Les Jardins d’Hélène", "Copropriété"), ("Résidence Le Mail", "Copropriété"),
    ),
    "tower": (("Tour Horizon", "Bureaux"), ("Immeuble Le Cristallin", "Bureaux"),
              ("Immeuble Atrium", "Bureaux"), ("Campus Rive-Gauche", "Bureaux")),
}  # fmt: skip

FURTHER_KINDS: tuple[tuple[str, str, str, str], ...] = (
    ("Ville de {place}", "local_authority", "84.11Z", "town"),
    ("Lycée {patron}", "local_authority", "85.31Z", "school"),
    ("Syndicat d’eau {place}", "local_authority", "36.00Z", "water"),
    ("Fonderie {family}", "industry", "24.51Z", "factory"),
    ("Mécanique {family} & Fils", "industry", "25.62B", "factory"),
    ("Plasturgie {family}", "industry", "22.29A", "factory"),
    ("Conserverie {family}", "industry", "10.39A", "factory"),
    ("Coopérative {place}", "industry", "46.21Z", "silo"),
    ("Hôtel {patron}", "services", "55.10Z", "hotel"),
    ("Supermarchés {family}", "services", "47.11D", "retail"),
    ("Transports {family}", "services", "49.41A", "coldstore"),
    ("Clinique {patron}", "health", "86.10Z", "hospital"),
    ("EHPAD {patron}", "health", "87.10A", "nursing"),
    ("Syndic {family} Immobilier", "property_manager", "68.32A", "residence"),
    ("Foncière {family}", "property_manager", "68.20B", "tower"),
)
TOWNS = (
    "Aigremont", "Beaulieu", "Bellefontaine", "Châtelneuf", "Clairval", "Fontenelle", "Hautmont",
    "La Chapelle", "Montbrun", "Neuville", "Pontcharrault", "Rochebelle", "Saint-Cyr",
    "Saint-Éloi", "Sainte-Colombe", "Valfleury", "Vieuxbourg", "Villedieu",
)  # fmt: skip
RIVERS = (
    "Aubette", "Barse", "Cérance", "Doulaye", "Esves", "Fouzon", "Gartempe", "Huisne", "Isle",
    "Loing", "Moine", "Nesque", "Orne", "Risle", "Semène", "Touques", "Varenne", "Yerres",
)  # fmt: skip
PATRONS = (
    "Ambroise-Paré", "Berthe-Morisot", "Camille-Claudel", "Daubigny", "Élisée-Reclus",
    "Flora-Tristan", "Germaine-Tillion", "Hector-Berlioz", "Irène-Joliot", "Joséphine-Baker",
    "Lamennais", "Louise-Michel", "Marie-Marvingt", "Niépce", "Pauline-Kergomard", "Sophie-Germain",
)  # fmt: skip
