"""The upload kinds of this app: which columns a file has, declared once. Their files change drafts only."""

from __future__ import annotations

from partnerships.models import Function
from partnerships.rules.agreements.fields import POWERS_OF_POOLING
from partnerships.terms import ClauseKind, Exclusion, Flexibility, WayOfWorking
from partnerships.upload_kinds.checkers import AgreementChecker, SchemeChecker
from partnerships.upload_kinds.preview import DRAFTS
from partnerships.upload_kinds.steps import DraftSteps
from pooledcare.directory.access import Permission
from pooledcare.uploads import kinds
from pooledcare.uploads.kinds import UploadColumn, UploadKind, UploadLink


def _functions() -> list[tuple[str, str]]:
    return list(Function.objects.order_by("position", "code").values_list("code", "name"))


def _powers() -> list[tuple[str, str]]:
    return [(power.value, str(power.label)) for power in POWERS_OF_POOLING]


def _text(name: str, label: str, help_text: str) -> UploadColumn:
    return UploadColumn(name, label, help_text, required=False)


MOST_ROWS = 500  # each is written twice, once for the preview, by actions that take a twentieth of a second
_START = "The first day, as 2026-04-01. In a deed of variation, the first day of the deed."
_DRAFTS = UploadLink(
    "agreements",
    "/agreements/",
    "Of an upload of agreements or schemes: all agreements, of which a key of a partner reads the drafts too",
)
AGREEMENTS = UploadKind(
    key="agreements",
    label="Agreements",
    purpose="Drafts of agreements and of deeds of variation: who pools with whom, under which power, from when.",
    columns=(
        UploadColumn(
            "reference", "Reference", "The reference of the agreement. Empty for a new agreement.", "S75-0012"
        ),
        UploadColumn("title", "Title", "The title of the agreement.", "Mereshire joint arrangements"),
        UploadColumn("power", "Legal power", "Needed for a new agreement.", "s75", required=False, choices=_powers),
        UploadColumn("start", "First day", _START, "2026-04-01", required=False),
        UploadColumn("end", "Last day", "The last day of the agreement.", "2027-03-31", required=False),
        UploadColumn("notice_months", "Notice", "Months of notice.", "6", required=False),
        UploadColumn(
            "review_on", "Review dates", "Dates with ; between them.", "2026-10-01; 2027-01-05", required=False
        ),
        UploadColumn("places", "Places", "Names of places with ; between them.", "", required=False),
        UploadColumn(
            "partners",
            "Partners",
            "All the partners by ODS or ONS code with ; between them: whoever is not named leaves the draft.",
            "QXX; E10000099",
            required=False,
        ),
        _text("summary", "Summary", "What the agreement or deed does, in a sentence or two."),
        *(_text(kind.value, str(kind.label), f"The clause: {str(kind.label).lower()}.") for kind in ClauseKind),
    ),
    steps=DraftSteps("agreements", AgreementChecker),
    prepare=Permission.PREPARE_AGREEMENTS,
    accept=Permission.APPROVE_AGREEMENTS,
    shows=DRAFTS,
    most_rows=MOST_ROWS,
    guidance=(
        "One row is one agreement. Leave the headings as they are; the order of the columns does not matter.",
        "A cell left empty changes nothing of what the draft says.",
        f"A file has at most {MOST_ROWS} rows.",
        "Only drafts change. What is signed needs a deed of variation first: prepare it on the page of the agreement.",
        "Funds are written on the page of the agreement, schemes there or by a file of schemes.",
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
        UploadColumn("name", "Name", "The name of the scheme.", "Reablement at home"),
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
        UploadColumn(
            "flexibilities",
            "Flexibilities",
            f"Some of {', '.join(Flexibility.values)}, with ; between them.",
            "pooled_fund",
            required=False,
        ),
        UploadColumn(
            "ways_of_working",
            "Ways of working",
            f"Some of {', '.join(WayOfWorking.values)}, with ; between them.",
            "integrated_commissioning",
            required=False,
        ),
        UploadColumn("lead", "Lead", "The code of the lead.", "QXX", required=False),
        UploadColumn("pool", "Fund", "The short name of the fund from which it is paid.", "reablement", required=False),
        _text("services", "Services", "Its services."),
        _text("client_group", "Client group", "For whom, and who is eligible."),
        _text("geography", "Geography", "Where."),
        _text("providers", "Providers", "Who provides."),
        _text("aims", "Aims and outcomes", "What it is to achieve."),
        _text("governance", "Governance", "Who decides, and who reports to whom."),
        _text("exit_terms", "Exit and cost liability", "Exit, and who is liable for its cost."),
        UploadColumn(
            "start", "First day", "Only where it begins later than the agreement.", "2026-10-01", required=False
        ),
        UploadColumn("end", "Last day", "Only where it ends before the agreement.", "", required=False),
        UploadColumn("notice_months", "Notice", "Months of notice on the scheme alone.", "3", required=False),
        UploadColumn(
            "voluntary", "Voluntary", "Whether it is beside a mandated pool: yes or no.", "no", required=False
        ),
    ),
    steps=DraftSteps("schemes", SchemeChecker),
    prepare=Permission.PREPARE_AGREEMENTS,
    accept=Permission.APPROVE_AGREEMENTS,
    shows=DRAFTS,
    most_rows=MOST_ROWS,
    guidance=(
        "One row is one scheme. Leave the headings as they are; the order of the columns does not matter.",
        "A cell left empty changes nothing of what the draft says.",
        f"A file has at most {MOST_ROWS} rows.",
        "Only drafts change. What is signed needs a deed of variation first: prepare it on the page of the agreement.",
        "The codes of functions are on the pages on law.",
    ),
    links=(_DRAFTS,),
)


def register() -> None:
    """Make the kinds known to the upload engine."""
    kinds.register(AGREEMENTS)
    kinds.register(SCHEMES)
