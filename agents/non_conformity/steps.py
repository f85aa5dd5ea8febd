"""The life-cycle of a non-conformity, each step proposed, none taken."""

from __future__ import annotations

from agents.non_conformity.models import Family, Step

CONTAINMENT: dict[Family, str] = {
    "billing": "Demander au fournisseur la suspension du recouvrement des factures en cause et leur rectification.",
    "metering": "Demander au gestionnaire de réseau la vérification du comptage et geler la facturation estimée.",
    "contract": "Contester par écrit auprès du fournisseur, pièces du préavis à l’appui, et réserver les droits du client.",
    "switching": "Relancer le fournisseur et le gestionnaire de réseau pour une bascule ou une intervention prioritaire.",
    "outage": "Appeler l’astreinte du fournisseur et du gestionnaire de réseau pour le rétablissement.",
    "price": "Rapprocher les factures du contrat signé et demander au fournisseur l’application du prix convenu.",
    "delay": "Relancer par écrit l’interlocuteur en retard, avec une date butoir.",
    "privacy": "Faire supprimer les fichiers reçus à tort, prévenir le référent données et tracer l’incident.",
    "broker": "Reconnaître l’écart, informer la direction et corriger le travail en cause.",
}  # fmt: skip
CAUSE: dict[Family, str] = {
    "billing": "Hypothèse à vérifier\u00a0: périmètre ou référence non mis à jour chez le fournisseur.",
    "metering": "Hypothèse à vérifier\u00a0: donnée de comptage absente ou mal paramétrée.",
    "contract": "Hypothèse à vérifier\u00a0: courrier non enregistré ou clause mal appliquée par le fournisseur.",
    "switching": "Hypothèse à vérifier\u00a0: demande non émise, rejetée ou non suivie.",
    "outage": "Hypothèse à vérifier\u00a0: paiement non rapproché, ou incident de réseau.",
    "price": "Hypothèse à vérifier\u00a0: prix ou option mal paramétrés à la mise en facturation.",
    "delay": "Hypothèse à vérifier\u00a0: demande sans responsable ou sans relance.",
    "privacy": "Hypothèse à vérifier\u00a0: erreur de destinataire ou de pièce jointe.",
    "broker": "Hypothèse à vérifier\u00a0: contrôle avant envoi absent ou incomplet.",
}  # fmt: skip
CORRECTION = "À définir après l’analyse des causes (5 pourquoi), avec un responsable et une date."
CHECK = "Contrôler l’efficacité sur la période suivante\u00a0: l’écart ne se reproduit pas."


def propose_steps(family: Family) -> tuple[Step, ...]:
    """The four steps, worded for the person who approves each."""
    return (
        Step("containment", CONTAINMENT[family]),
        Step("root_cause", CAUSE[family]),
        Step("corrective_action", CORRECTION),
        Step("effectiveness_check", CHECK),
    )
