"""Words of the register and codes of the IATI standard 2.03 for the same.

Where several words share a code, the entry's own word stands beside it in our namespace, so that it comes back.

References
----------
IATI code lists ActivityStatus, ActivityDateType, OrganisationRole, OrganisationType, SectorVocabulary (98 and 99 are
the reporting organisation's own), TagVocabulary, TransactionType, RelatedActivityType, AidType (E01, E02: scholarships
and the cost of students), DAC sector codes 72000 to 74999 (humanitarian).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STATUS: Final[Mapping[str, str]] = {"planned": "1", "ongoing": "2", "held": "3", "cancelled": "5", "postponed": "6"}
# 4: done, but not yet signed off.
STATUS_READ: Final[Mapping[str, str]] = {code: word for word, code in STATUS.items()} | {"4": "held"}

ROLE: Final[Mapping[str, str]] = {
    "funder": "1", "initiator": "2", "host": "4", "implementer": "4", "partner": "4", "participant": "4",
}  # fmt: skip
# 3, extending: who manages on behalf of the funder.
ROLE_READ: Final[Mapping[str, str]] = {"1": "funder", "2": "initiator", "3": "implementer", "4": "implementer"}

TYPE: Final[Mapping[str, str]] = {
    "state": "10", "mission": "10", "public_body": "15", "university": "80", "international_organisation": "40",
    "civil_society": "22", "religious_body": "90", "company": "70", "media": "90", "artist": "90", "diaspora": "90",
    "other": "90",
}  # fmt: skip
TYPE_READ: Final[Mapping[str, str]] = {
    "10": "state", "11": "state", "15": "public_body", "21": "civil_society", "22": "civil_society",
    "23": "civil_society", "24": "civil_society", "30": "other", "40": "international_organisation",
    "60": "civil_society", "70": "company", "71": "company", "72": "company", "73": "company", "80": "university",
    "90": "other",
}  # fmt: skip

VERSIONS: Final = ("2.01", "2.02", "2.03")
OWN_LIST: Final = "99"
OWN_LIST_2: Final = "98"
DAC: Final = ("", "1", "2")
PLANNED_START: Final = "1"
ACTUAL_START: Final = "2"
PLANNED_END: Final = "3"
ACTUAL_END: Final = "4"
EXPENDITURE: Final = "4"
# What money that was spent is called by others: disbursed to somebody, spent, reimbursed.
SPENT: Final = frozenset({"3", "4", "7"})
PARENT: Final = "1"
GOVERNMENT: Final = "10"
PERCENT: Final = frozenset({"%", "percent", "per cent"})
SCHOLARSHIPS: Final = frozenset({"E01", "E02"})
HUMANITARIAN: Final = ("72", "73", "74")
WEB_PAGE: Final = "A12"
QUALITATIVE: Final = "5"

# Fields of an entry that are tags of a list of our own, and whether there may be several.
TAGS: Final[Mapping[str, bool]] = {
    "sender": True, "audience": True, "audience_groups": True, "aims": True, "category": False, "kind": False,
    "nature": False, "confidence": False,
}  # fmt: skip
LISTS: Final = "urn:softpower:"

# Fields of one's own by which an organisation says who reports; all three or none.
REPORTING: Final = ("iati_reporting_org_ref", "iati_reporting_org_type", "iati_reporting_org")
