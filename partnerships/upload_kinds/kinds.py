"""The upload kinds of this app: agreements and schemes, with the columns of their records. Files change drafts only."""

from __future__ import annotations

from partnerships.records import DEED, POWER, SCHEME
from partnerships.terms import ClauseKind, Exclusion
from partnerships.upload_kinds.checkers import AgreementChecker, SchemeChecker
from partnerships.upload_kinds.preview import DRAFTS
from partnerships.upload_kinds.steps import DraftSteps
from pooledcare.directory.access import Permission
from pooledcare.uploads import kinds
from pooledcare.uploads.cells import upload_column, upload_columns
from pooledcare.uploads.kinds import UploadColumn, UploadKind, UploadLink

MOST_ROWS = 500  # each row is written twice, once for the preview; an action takes about 0.05 seconds
# Fields whose columns are placed explicitly below. The other plain fields of a deed follow automatically.
_PLACED = ("title", "effective_on", "summary", "sets_end")
# Columns of a scheme that refer to rows of other models.
_REFERENCES = {
    "lead": upload_column(SCHEME["lead"], help="The code of the lead"),
    "pool": upload_column(SCHEME["pool"], help="The short name of the fund from which it is paid"),
}
_DRAFTS = UploadLink(
    "agreements",
    "/agreements/",
    "After an upload of agreements or schemes: the list of agreements. A partner's key also reads drafts there",
)
AGREEMENTS = UploadKind(
    key="agreements",
    label="Agreements",
    purpose="Drafts of agreements and of deeds of variation: who pools with whom, under which power, from when.",
    columns=(
        UploadColumn(
            "reference", "Reference", "The reference of the agreement. Empty for a new agreement.", "S75-0012"
        ),
        upload_column(DEED["title"], help="The title of the agreement", required=True),
        upload_column(POWER, help="Needed for a new agreement"),
        upload_column(DEED["effective_on"], help="In a deed of variation, the first day of the deed"),
        *upload_columns(field for field in DEED.plain if field.name not in _PLACED),
        UploadColumn("places", "Places", "Names of places with ; between them.", "", required=False),
        UploadColumn(
            "partners",
            "Partners",
            "Codes (ODS or ONS) of all partners, with ; between them. A partner that is not listed leaves the draft.",
            "QXX; E10000099",
            required=False,
        ),
        upload_column(DEED["summary"]),
        *(
            UploadColumn(kind.value, str(kind.label), f"The clause: {str(kind.label).lower()}.", required=False)
            for kind in ClauseKind
        ),
    ),
    steps=DraftSteps("agreements", AgreementChecker),
    prepare=Permission.PREPARE_AGREEMENTS,
    accept=Permission.APPROVE_AGREEMENTS,
    shows=DRAFTS,
    most_rows=MOST_ROWS,
    guidance=(
        "One row is one agreement. Leave the headings as they are; the order of the columns does not matter.",
        "An empty cell leaves the draft unchanged.",
        f"A file has at most {MOST_ROWS} rows.",
        "Only drafts can be changed. For a signed agreement, first prepare a deed of variation on its page.",
        "Add funds on the page of the agreement, and schemes there or with a file of schemes.",
    ),
    links=(_DRAFTS,),
)
SCHEMES = UploadKind(
    key="schemes",
    label="Schemes",
    purpose="Schemes of drafts: which functions and services they hold, under which flexibility, who leads.",
    columns=(
        UploadColumn("agreement", "Agreement", "The reference of the agreement.", "S75-0012"),
        UploadColumn(
            "scheme",
            "Scheme",
            "The short name of a scheme that the agreement has, from its address. Empty for a new scheme.",
            "reablement",
        ),
        upload_column(SCHEME["name"], required=True),
        UploadColumn(
            "functions",
            "Functions",
            "Codes of all its functions with ; between them; after a colon, the code of the partner whose it is.",
            "nhs-s3:QXX; social-services:E10000099",
            required=False,
        ),
        UploadColumn(
            "exclusions",
            "Excluded treatments",
            f"Treatments that its services contain, each after its function: {', '.join(Exclusion.values)}.",
            "nhs-s3:endoscopy",
            required=False,
        ),
        *(_REFERENCES.get(field.name) or upload_column(field) for field in SCHEME.values() if field.name != "name"),
    ),
    steps=DraftSteps("schemes", SchemeChecker),
    prepare=Permission.PREPARE_AGREEMENTS,
    accept=Permission.APPROVE_AGREEMENTS,
    shows=DRAFTS,
    most_rows=MOST_ROWS,
    guidance=(
        "One row is one scheme. Leave the headings as they are; the order of the columns does not matter.",
        "An empty cell leaves the draft unchanged.",
        f"A file has at most {MOST_ROWS} rows.",
        "Only drafts can be changed. For a signed agreement, first prepare a deed of variation on its page.",
        "The codes of functions are on the pages on law.",
    ),
    links=(_DRAFTS,),
)


def register() -> None:
    """Make the kinds known to the upload engine."""
    kinds.register(AGREEMENTS)
    kinds.register(SCHEMES)
