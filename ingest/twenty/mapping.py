"""Which of Twenty's objects and fields are which of ours: the one declaration of the mirror.

Labels, closed lists and kinds come from `crm/objects`; the database allows the same columns to be
written (`security.mirrored_columns`), which a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from crm.catalogue import FieldKind
from crm.changes import Value
from crm.objects import OBJECTS
from crm.proposals.columns import Column, columns_of
from crm.proposals.declarations import WRITABLES

TYPES: Mapping[FieldKind, str] = {
    "text": "TEXT", "code": "TEXT", "enum": "SELECT", "money": "CURRENCY", "price": "NUMBER",
    "energy": "NUMBER", "power": "NUMBER", "percent": "NUMBER", "area": "NUMBER",
    "number": "NUMBER", "date": "DATE", "instant": "DATE_TIME", "boolean": "BOOLEAN",
    "reference": "RELATION",
}  # fmt: skip


@dataclass(frozen=True)
class MappedField:
    """Our `column` is Twenty's `field`, or the `part` of it where it is composite.

    Native fields are there in every workspace; the others are made by the setup. A `composite`
    that is no address is read and written as a whole («FULL_NAME», «PHONES»).
    """

    column: str
    field: str
    part: str | None = None
    is_native: bool = False
    composite: str | None = None


@dataclass(frozen=True)
class MappedObject:
    """Our `object` and its names in Twenty.

    `unique` columns belong to one record only; a record that is new here takes the one of ours
    that is `alike` and unknown to Twenty. `defaults` fill what Twenty leaves empty in a new one.
    """

    object: str
    singular: str
    plural: str
    fields: tuple[MappedField, ...]
    is_native: bool = False
    unique: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    usual: Mapping[str, Value] = field(default_factory=dict[str, Value])

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The mirrored columns, by name."""
        known = columns_of(self.object)
        return {f.column: known[f.column] for f in self.fields}

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that no record of ours goes without."""
        return tuple(name for name in WRITABLES[self.object].required if name in self.columns)

    @property
    def defaults(self) -> Mapping[str, Value]:
        """What a new record takes where Twenty says nothing."""
        declared = WRITABLES[self.object].defaults
        return {k: v for k, v in {**declared, **self.usual}.items() if k in self.columns}

    @property
    def parents(self) -> Mapping[str, str]:
        """Our object that each reference leads to, by column."""
        return {n: str(c.target) for n, c in self.columns.items() if c.kind == "reference"}

    @property
    def label(self) -> str:
        """What a broker calls one of them."""
        return OBJECTS[self.object].singular

    def type_of(self, mapped: MappedField) -> str:
        """Twenty's type of a field."""
        return mapped.composite or TYPES[self.columns[mapped.column].kind]


def _own(*names: tuple[str, str]) -> tuple[MappedField, ...]:
    return tuple(MappedField(column, name) for column, name in names)


def _address(name: str, city: str, *, is_native: bool) -> tuple[MappedField, ...]:
    parts = (("address", "addressStreet1"), ("postal_code", "addressPostcode"),
             (city, "addressCity"))  # fmt: skip
    return tuple(MappedField(column, name, part, is_native, "ADDRESS") for column, part in parts)


NAME = MappedField("name", "name", is_native=True)
COMPANY = MappedField("account_id", "company")
# Parents come before what hangs on them: a record is mirrored once its parent is.
MAPPED: tuple[MappedObject, ...] = (
    MappedObject(
        "accounts", "company", "companies",
        (NAME, *_address("address", "city", is_native=True),
         MappedField("region", "address", "addressState", is_native=True, composite="ADDRESS"),
         *_own(("siren", "siren"), ("siret", "siret"), ("naf", "naf"), ("segment", "segment"),
               ("status", "clientStatus"), ("annual_revenue_eur", "turnover"))),
        is_native=True, unique=("siren",), alike=("name",), usual={"segment": "services"},
    ),
    MappedObject(
        "contacts", "person", "people",
        (MappedField("name", "name", is_native=True, composite="FULL_NAME"),
         MappedField("account_id", "company", is_native=True),
         MappedField("role", "jobTitle", is_native=True),
         MappedField("email", "emails", "primaryEmail", is_native=True, composite="EMAILS"),
         MappedField("phone", "phones", is_native=True, composite="PHONES")),
        is_native=True, alike=("account_id", "email"),
    ),
    MappedObject(
        "sites", "site", "sites",
        # Twenty keeps the name «address» for its own objects.
        (NAME, COMPANY, *_address("siteAddress", "commune", is_native=False),
         *_own(("insee_code", "inseeCode"), ("surface_m2", "surface"), ("activity", "activity"))),
        alike=("account_id", "name"),
    ),
    MappedObject(
        "delivery_points", "deliveryPoint", "deliveryPoints",
        (MappedField("code", "name", is_native=True),
         *_own(("site_id", "site"), ("energy", "energy"), ("segment", "segment"),
               ("grid_operator", "gridOperator"), ("fta", "fta"),
               ("annual_consumption_mwh", "annualConsumption"), ("car_kwh", "car"))),
        unique=("energy", "code"),
    ),
    MappedObject(
        "contracts", "energyContract", "energyContracts",
        (MappedField("reference", "name", is_native=True), COMPANY,
         *_own(("supplier", "supplier"), ("energy", "energy"), ("price_type", "priceType"),
               ("price_eur_per_mwh", "price"), ("annual_volume_mwh", "annualVolume"),
               ("annual_amount_eur", "annualAmount"), ("start_on", "startOn"),
               ("end_on", "endOn"), ("notice_days", "noticeDays"),
               ("tacit_renewal", "tacitRenewal"), ("status", "contractStatus"))),
        unique=("reference",),
    ),
    MappedObject(
        "tenders", "tender", "tenders",
        (MappedField("title", "name", is_native=True), COMPANY,
         *_own(("reference", "reference"), ("buyer", "buyer"),
               ("submission_deadline", "submissionDeadline"),
               ("estimated_value_eur", "estimatedValue"), ("volume_mwh", "volume"),
               ("energy", "energy"), ("status", "tenderStatus"))),
        unique=("reference",),
    ),
)  # fmt: skip
BY_OBJECT: Mapping[str, MappedObject] = {mapped.object: mapped for mapped in MAPPED}
BY_SINGULAR: Mapping[str, MappedObject] = {mapped.singular: mapped for mapped in MAPPED}
