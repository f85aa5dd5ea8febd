"""Invented records in the three shapes of `donnees`, and the notices that follow them."""

from __future__ import annotations

import json
from typing import Any


def make_record(idweb: str, **fields: Any) -> dict[str, Any]:
    """A record with every field of the data set; `donnees` is given as a tree."""
    tree = fields.pop("donnees", None)
    record: dict[str, Any] = {
        "idweb": idweb, "id": idweb.replace("-", "_"), "objet": "Objet", "nomacheteur": "Commune",
        "dateparution": "2026-11-20", "datelimitereponse": None, "datefindiffusion": None,
        "code_departement": ["44"], "code_departement_prestation": None, "famille": "FNS",
        "famille_libelle": "Marchés entre 90 k€ et seuils européens", "nature": "APPEL_OFFRE",
        "nature_libelle": "Avis de marché", "etat": "INITIAL", "type_procedure": "OUVERT",
        "procedure_libelle": "Procédure ouverte", "type_marche": ["SERVICES"],
        "type_marche_facette": ["Services"], "descripteur_libelle": ["Energie"],
        "annonce_lie": None, "annonces_anterieures": None, "titulaire": None,
        "url_avis": f"https://www.boamp.example/avis/detail/{idweb}",
        "donnees": json.dumps(tree, ensure_ascii=False) if tree else None,
    }  # fmt: skip
    return {**record, **fields}


def make_fnsimple(idweb: str = "26-140001", **fields: Any) -> dict[str, Any]:
    """A national notice: assistance for buying energy, criteria in a sentence."""
    tree = {"FNSimple": {
        "organisme": {"nomOfficiel": "Communauté de communes des Trois Étangs",
                      "codeIdentificationNational": "200 041 234 00017", "cp": "44320",
                      "ville": "Port-Sableux"},
        "initial": {
            "communication": {"urlDocConsul": "https://profil.example/consultation/881",
                              "identifiantInterne": "2026-AMO-07"},
            "natureMarche": {
                "intitule": "Assistance à maîtrise d'ouvrage pour l'achat d'énergie",
                "codeCPV": {"objetPrincipal": {"classPrincipale": "71314200"},
                            "objetComplementaire": {"classPrincipale": "79418000"}},
                "dureeMois": "36", "description": "Mission de conseil. Accord-cadre à bons de commande.",
                "valeurEstimee": {"valeur": "64000"}, "variantes": "Non"},
            "procedure": {"criteresAttrib": "Valeur technique : 60 %\nPrix : 40 %",
                          "dateReceptionOffres": "2026-12-21T12:00:00+01:00"},
            "informComplementaire": {"visiteObligatoire": "Aucune visite prévue"}}}}  # fmt: skip
    return make_record(idweb, **{
        "objet": "Assistance à maîtrise d'ouvrage pour l'achat d'énergie",
        "nomacheteur": "CC des Trois Étangs", "datelimitereponse": "2026-12-21T11:00:00+00:00",
        "donnees": tree, **fields})  # fmt: skip


def make_mapa(idweb: str = "26-140002", **fields: Any) -> dict[str, Any]:
    """A small notice with two lots and structured criteria."""
    tree = {"MAPA": {
        "organisme": {"acheteurPublic": "Ville de Landérac", "urlProfilAcheteur": "https://achats.example",
                      "adr": {"cp": "56100", "ville": "Landérac"}},
        "initial": {
            "description": {"objet": "Fourniture de gaz naturel pour les bâtiments communaux"},
            "caracteristiques": {"principales": "Deux lots selon le tarif d'acheminement."},
            "duree": {"nbMois": "24"},
            "critAttrib": {"critere": [{"libelle": "Prix des prestations", "ponderation": "70"},
                                       {"libelle": "Qualité du suivi", "ponderation": "30"}]},
            "lots": {"lot": [{"numero": "1", "intitule": "Gaz, points T1 et T2"},
                             {"numero": "2", "intitule": "Gaz, points T3"}]},
            "delais": {"receptionOffres": "2026-12-15T17:00:00+01:00", "validiteOffres": "90"}}}}  # fmt: skip
    return make_record(idweb, **{
        "objet": "Fourniture de gaz naturel", "nomacheteur": "Ville de Landérac", "famille": "MAPA",
        "code_departement": ["56"], "datelimitereponse": "2026-12-15T16:00:00+00:00",
        "donnees": tree, **fields})  # fmt: skip


def make_eforms(idweb: str = "26-140003", **fields: Any) -> dict[str, Any]:
    """A European notice as the BOAMP writes eForms: attributes as `@`, texts as `#text`."""

    def name(text: str) -> dict[str, str]:
        return {"@languageID": "FRA", "#text": text}

    def lot(number: str, title: str, weight: str) -> dict[str, Any]:
        return {
            "cbc:ID": {"@schemeName": "Lot", "#text": number},
            "cac:TenderingTerms": {
                "cbc:VariantConstraintCode": {"@listName": "permission", "#text": "not-allowed"},
                "cac:AwardingTerms": {"cac:AwardingCriterion": {"cac:SubordinateAwardingCriterion": [
                    {"cbc:AwardingCriterionTypeCode": {"#text": "price"}, "cbc:Name": name("Prix"),
                     "ext:UBLExtensions": {"efac:AwardCriterionParameter": {
                         "efbc:ParameterCode": {"@listName": "number-weight", "#text": "per-exa"},
                         "efbc:ParameterNumeric": weight}}}]}},
                "cac:TenderValidityPeriod": {"cbc:DurationMeasure": {"@unitCode": "DAY", "#text": "120"}},
                "cac:CallForTendersDocumentReference": {"cac:Attachment": {"cac:ExternalReference": {
                    "cbc:URI": "https://demat.example/2026-204"}}}},
            "cac:TenderingProcess": {
                "cac:TenderSubmissionDeadlinePeriod": {"cbc:EndDate": "2027-01-08+01:00",
                                                       "cbc:EndTime": "12:00:00+01:00"},
                "cac:ContractingSystem": {"cbc:ContractingSystemTypeCode": {
                    "@listName": "framework-agreement", "#text": "fa-w-rc"}}},
            "cac:ProcurementProject": {
                "cbc:Name": name(title),
                "cac:MainCommodityClassification": {"cbc:ItemClassificationCode": {
                    "@listName": "cpv", "#text": "09310000"}}}}  # fmt: skip

    tree = {"EFORMS": {"ContractNotice": {
        "cbc:IssueDate": "2026-11-19+01:00",
        "cac:ContractingParty": {"cac:Party": {"cac:PartyIdentification": {"cbc:ID": "ORG-0001"}}},
        "ext:UBLExtensions": {"efac:Organizations": {"efac:Organization": {"efac:Company": {
            "cac:PartyIdentification": {"cbc:ID": "ORG-0001"},
            "cac:PartyName": {"cbc:Name": name("Syndicat d'énergie du Haut-Plateau")}}}}},
        "cac:TenderingProcess": {"cbc:ProcedureCode": {"#text": "open"}},
        "cac:ProcurementProject": {
            "cbc:ID": {"@schemeName": "InternalID", "#text": "2026-ELEC-204"},
            "cbc:Name": name("Fourniture d'électricité et services associés"),
            "cac:RequestedTenderTotal": {"cbc:EstimatedOverallContractAmount": {
                "@currencyID": "EUR", "#text": "18500000"}},
            "cac:MainCommodityClassification": {"cbc:ItemClassificationCode": {
                "@listName": "cpv", "#text": "09310000"}}},
        "cac:ProcurementProjectLot": [lot("LOT-0001", "Électricité, plus de 36 kVA", "60"),
                                      lot("LOT-0002", "Électricité, 36 kVA au plus", "70")]}}}  # fmt: skip
    return make_record(idweb, **{
        "objet": "Fourniture d'électricité et services associés", "famille": "JOUE",
        "nomacheteur": "Syndicat d'énergie du Haut-Plateau", "code_departement": ["43"],
        "datelimitereponse": "2027-01-08T11:00:00+00:00", "donnees": tree, **fields})  # fmt: skip


def make_correction(idweb: str, first: str, deadline: str, **fields: Any) -> dict[str, Any]:
    """A correction of `first` that moves its deadline."""
    tree = {"FNSimple": {"rectificatif": {
        "avisInitial": {"idWeb": first},
        "procedure": {"dateReceptionOffres": deadline}}}}  # fmt: skip
    return make_record(idweb, **{
        "objet": "Assistance à maîtrise d'ouvrage pour l'achat d'énergie", "nature": "RECTIFICATIF",
        "nature_libelle": "Rectificatif", "etat": "RECTIFICATIF", "annonce_lie": [first],
        "nomacheteur": "CC des Trois Étangs", "datelimitereponse": deadline,
        "dateparution": "2026-11-24", "donnees": tree, **fields})  # fmt: skip


def make_cancellation(idweb: str, first: str, **fields: Any) -> dict[str, Any]:
    """The cancellation of `first`."""
    return make_record(idweb, **{
        "objet": "Fourniture de gaz naturel", "nature": "ANNULATION", "etat": "ANNULATION",
        "nature_libelle": "Annulation", "annonce_lie": [first], "dateparution": "2026-11-25",
        **fields})  # fmt: skip


def make_award(idweb: str, first: str, **fields: Any) -> dict[str, Any]:
    """The result of `first`; its date is a placeholder, as most are."""
    tree = {"MAPA": {"organisme": {"acheteurPublic": "Ville de Landérac"}, "attribution": {
        "avisInitial": {"idWeb": first},
        "attribution": {"resultat": {"attribue": {
            "titulaire": {"PersonneMorale": "Gaz des Marches SA"}, "dateAttribution": "2000-01-01",
            "montant": {"@devise": "EUR", "valeur": "412000.50"}}}},
        "autresInformations": {"nbOffresRecues": "4"}}}}  # fmt: skip
    return make_record(idweb, **{
        "objet": "Fourniture de gaz naturel", "nature": "ATTRIBUTION", "famille": "MAPA",
        "nature_libelle": "Résultat de marché", "annonce_lie": [first],
        "nomacheteur": "Ville de Landérac", "titulaire": ["Gaz des Marches SA"], "donnees": tree,
        **fields})  # fmt: skip
