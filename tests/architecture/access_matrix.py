"""Who gets which answer from which route: the whole site, one line a route. `test_access_matrix.py` tries every cell.

To add a route, add a line under its heading:

    "budgets:thing-list": public(),                                  anybody may read it, nobody may post
    "budgets:thing-edit": private(FORM, "finance_officer", thing="thing.pk"),  these roles; others 403, 404, login

The keyword arguments of a line are the arguments of its address: attributes of `Named`, below. If the thing does not
exist there yet, take it from the one world (tests/world.py) in `Named.__init__`. A line is what must hold, not what
happens to: see domain model §9.
Every request is sent with an empty body, so that `200` on a form means "shown with its errors".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from allauth.usersessions.models import UserSession
from django.utils import timezone

from budgets.actions.ledger import post_journal
from budgets.actions.pool_years import open_year
from budgets.rules.pools.ledger import simple_entries
from partnerships.actions.recording import save_board
from partnerships.models import DelegatedLimit, Notice, PoolTerms
from pooledcare.directory.access import ROLES
from pooledcare.directory.actions.invitations import invite_person
from pooledcare.directory.actions.keys import make_key
from pooledcare.directory.models import Membership
from pooledcare.kernel.periods import FinancialYear
from tests import factories
from tests.budgets.pools import contribution_rows, plan_rows
from tests.deed_steps import START
from tests.partnerships import law_rows
from tests.world import World

LOGIN = "login"  # a redirect to the login page, and back to where one was going
Answer = int | str

ANONYMOUS, OUTSIDER, KEY = "anonymous", "outsider", "key"
# `outsider` holds every role at another organisation; `key` is an API key of a finance officer, with all it can carry.
COLUMNS = (ANONYMOUS, *ROLES, OUTSIDER, KEY)

READ, FORM, POST = ("GET",), ("GET", "POST"), ("POST",)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class Line:
    """What each column gets from each method that the route has; from any other method everybody gets 405."""

    answers: Mapping[str, Mapping[str, Answer]]
    arguments: Mapping[str, str] = field(default_factory=dict)

    def expected(self, method: str, column: str) -> Answer:
        return self.answers[method][column] if method in self.answers else 405


def public(methods: tuple[str, ...] = READ, *, get: Answer = 200, post: Answer = 200, **arguments: str) -> Line:
    """The same for everybody."""
    answer = {"GET": get, "POST": post}
    return Line({method: dict.fromkeys(COLUMNS, answer[method]) for method in methods}, arguments)


def private(
    methods: tuple[str, ...],
    *roles: str,
    get: Answer = 200,
    post: Answer = 200,
    refused: Answer = 403,
    outsider: Answer = 404,
    **arguments: str,
) -> Line:
    """For these roles (all, when none is named) at the organisation that the thing belongs to.

    Nobody is asked to log in, a colleague without the right is refused, and an outsider finds nothing. A key opens
    no page.
    """
    answer = {"GET": get, "POST": post}
    answers = {
        method: {
            ANONYMOUS: LOGIN,
            KEY: LOGIN,
            OUTSIDER: outsider if outsider != 200 else answer[method],
            **{role: answer[method] if role in roles or not roles else refused for role in ROLES},
        }
        for method in methods
    }
    return Line(answers, arguments)


def own(methods: tuple[str, ...] = READ, *roles: str, **rest: Answer | str) -> Line:
    """About oneself, or about the organisation in which one holds such a role: the outsider has one too."""
    return private(methods, *roles, outsider=200, **rest)  # type: ignore[arg-type]


def reading(writers: tuple[str, ...], **arguments: str) -> Line:
    """Read by everybody of the organisation, and changed on the same page by these roles."""
    line = private(FORM, *writers, **arguments)  # type: ignore[arg-type]
    readers = {column: 200 if answer == 403 else answer for column, answer in line.answers["GET"].items()}
    return Line({**line.answers, "GET": readers}, line.arguments)


def entrance(methods: tuple[str, ...] = FORM, *, nobody: Answer = 200) -> Line:
    """For those who are not logged in yet; whoever is, is led on."""
    answers = {column: nobody if column in (ANONYMOUS, KEY) else 302 for column in COLUMNS}
    return Line(dict.fromkeys(methods, answers))


def leaving() -> Line:
    asks = {column: 302 if column in (ANONYMOUS, KEY) else 200 for column in COLUMNS}
    return Line({"GET": asks, "POST": dict.fromkeys(COLUMNS, 302)})


def api(methods: tuple[str, ...] = READ, *, get: Answer = 200, post: Answer = 200, **arguments: str) -> Line:
    """Open data: the same for everybody, and OPTIONS says which methods there are."""
    answer = {"GET": get, "POST": post, "OPTIONS": 204}
    return Line({method: dict.fromkeys(COLUMNS, answer[method]) for method in (*methods, "OPTIONS")}, arguments)


def keyed(methods: tuple[str, ...] = READ, *, get: Answer = 200, post: Answer = 200, **arguments: str) -> Line:
    """For keys only: whoever is logged in on the site is nobody here, so that no page can act in their name."""
    answer = {"GET": get, "POST": post, "OPTIONS": 204}
    answers = {
        method: {column: answer[method] if column == KEY else 401 for column in COLUMNS}
        for method in (*methods, "OPTIONS")
    }
    return Line(answers, arguments)


def writing(line: Line, **answers: Answer) -> Line:
    """Open data that a key may change: these methods give its answer to a key, which may not prepare agreements."""
    more = {
        method: {column: answer if column == KEY else 401 for column in COLUMNS} for method, answer in answers.items()
    }
    return Line({**line.answers, **more}, line.arguments)


ADMINS = ("org_admin",)
KEY_MAKERS = ("finance_officer", "finance_approver", "pool_manager", "governance_lead", "org_admin", "publisher")
UPLOADERS = ("finance_officer", "publisher")
AUDITORS = ("org_admin", "auditor")
PREPARERS = ("pool_manager", "governance_lead")
APPROVERS = ("finance_approver", "governance_lead")
MONEY_RECORDERS = ("finance_officer", "pool_manager")
OF_POOL_YEAR = {"reference": "agreement.reference", "slug": "part", "year": "pool_year.year"}


def drafted(*roles: str, **arguments: str) -> Line:
    """A page on which a draft is written or decided on, by one of its partners: an empty form comes back."""
    return private(FORM, *roles, reference="draft.reference", **arguments)


def pooled(methods: tuple[str, ...], *roles: str, **arguments: str) -> Line:
    """A page of a year of a fund, for the partners of its agreement: an empty form comes back."""
    where = {"reference": "running.reference", "slug": "part", "year": "pool_year.year"}
    return private(methods, *roles, **where, **arguments)


EXPECTED: dict[str, Line] = {
    # Health: for load balancers, about nobody
    "health-live": public(),
    "health-ready": public(),
    # What everybody may read
    "budgets:england": public(),
    "budgets:place-list": public(),
    "budgets:place-detail": public(slug="place.slug"),
    "budgets:organisation-list": public(),
    "budgets:organisation-detail": public(code="organisation.code"),
    "budgets:stream-list": public(),
    "budgets:stream-detail": public(code="stream.code"),
    "budgets:stream-a-head": public(code="stream.code"),
    "budgets:allocation-detail": public(reference="allocation.reference"),
    "budgets:publication-list": public(),
    "budgets:publication-detail": public(reference="publication.reference"),
    "partnerships:law-rules": public(),
    "partnerships:law-check": public(),
    "partnerships:law-timeline": public(),
    "partnerships:law-instruments": public(),
    "partnerships:law-instrument": public(slug="instrument.slug"),
    "site:search": public(),
    "site:search-suggestions": public(),
    "site:glossary": public(),
    "site:sources": public(),
    "site:accessibility": public(),
    "site:privacy": public(),
    "uploads:template-download": public(kind="kind", form="csv"),
    # Uploads: every member reads those of their organisation
    "uploads:upload-list": own(),
    "uploads:upload-create": own(FORM, *UPLOADERS, *PREPARERS),
    "uploads:sample-download": own(get=404, name="wrong"),
    "uploads:upload-detail": private(READ, reference="upload.reference"),
    "uploads:upload-progress": private(READ, reference="upload.reference"),
    "uploads:upload-problems": private(READ, reference="upload.reference"),
    "uploads:upload-marked": private(READ, get=404, refused=404, reference="upload.reference"),
    "uploads:upload-file": private(READ, reference="upload.reference"),
    "uploads:upload-lines": private(
        READ, get=404, refused=404, reference="upload.reference", table="wrong", form="csv"
    ),
    "uploads:upload-accept": private(FORM, "finance_approver", post=302, reference="upload.reference"),
    "uploads:upload-publish": private(FORM, *UPLOADERS, reference="upload.reference"),
    "uploads:upload-date": private(FORM, *UPLOADERS, reference="upload.reference"),
    "uploads:upload-abandon": private(
        POST, "finance_officer", "finance_approver", "publisher", post=302, reference="upload.reference"
    ),
    "uploads:upload-retry": private(POST, *UPLOADERS, post=409, reference="upload.reference"),
    "uploads:upload-encoding": private(POST, *UPLOADERS, post=422, reference="upload.reference"),
    "uploads:upload-reverse": private(FORM, "finance_approver", reference="upload.reference"),
    "uploads:layout-question": private(FORM, *UPLOADERS, reference="asked.reference"),
    "uploads:layout-sheet": private(FORM, *UPLOADERS, reference="asked.reference", number="sheet"),
    "uploads:layout-choose": private(POST, *UPLOADERS, reference="asked.reference"),
    "uploads:layout-list": own(),
    "uploads:layout-detail": private(READ, reference="layout.reference"),
    "uploads:layout-share": private(POST, *UPLOADERS, post=302, reference="layout.reference"),
    "uploads:layout-unshare": private(POST, *UPLOADERS, post=409, reference="layout.reference"),
    "uploads:layout-retire": private(POST, *UPLOADERS, post=302, reference="layout.reference"),
    "budgets:allocation-correct": private(FORM, *UPLOADERS, outsider=403, reference="own_allocation.reference"),
    # The money of pooled funds: its partners read it
    "budgets:contribution-list": pooled(READ),
    "budgets:contribution-detail": pooled(READ, pk="contribution.pk"),
    "budgets:contribution-add": pooled(FORM, *MONEY_RECORDERS),
    "budgets:in-kind-add": pooled(FORM, *MONEY_RECORDERS),
    "budgets:outside-add": pooled(FORM, *MONEY_RECORDERS),
    "budgets:balance-confirm": pooled(FORM, *MONEY_RECORDERS),
    "budgets:component-add": pooled(FORM, *MONEY_RECORDERS, pk="contribution.pk"),
    "budgets:contribution-cut": pooled(FORM, *MONEY_RECORDERS, pk="contribution.pk"),
    "budgets:condition-add": pooled(FORM, *MONEY_RECORDERS, pk="contribution.pk"),
    "budgets:instalments-set": pooled(FORM, *MONEY_RECORDERS, pk="contribution.pk"),
    "budgets:condition-met": pooled(FORM, *MONEY_RECORDERS, pk="condition.pk"),
    "budgets:instalment-event": pooled(FORM, *MONEY_RECORDERS, pk="instalment.pk"),
    # The plan of a year of a fund: its partners read it
    "budgets:plan": pooled(READ),
    "budgets:plan-line-detail": pooled(READ, number="plan_line.number"),
    "budgets:plan-line-add": pooled(FORM, *MONEY_RECORDERS),
    "budgets:plan-line-change": pooled(FORM, *MONEY_RECORDERS, number="plan_line.number"),
    "budgets:plan-line-remove": pooled(FORM, *MONEY_RECORDERS, number="plan_line.number"),
    "budgets:plan-copy": pooled(FORM, *MONEY_RECORDERS),
    "budgets:plan-submit": pooled(FORM, *MONEY_RECORDERS),
    "budgets:plan-approve": pooled(FORM, "finance_approver"),
    "budgets:plan-request-changes": pooled(FORM, "finance_approver"),
    "budgets:virement-add": pooled(FORM, *MONEY_RECORDERS),
    "budgets:virement-detail": pooled(READ, pk="virement.pk"),
    "budgets:virement-decide": pooled(FORM, "finance_approver", pk="virement.pk"),
    "budgets:virement-withdraw": pooled(FORM, *MONEY_RECORDERS, pk="virement.pk"),
    # The API
    "api:documentation": public(),
    "api:documentation-resource": public(resource="resource"),
    "api:schema": public(),
    "api:error-list": public(),
    "api:error-detail": public(slug="problem"),
    "api:index": api(),
    "api:organisation-list": api(),
    "api:organisation-list-csv": api(),
    "api:organisation-detail": api(code="organisation.code"),
    "api:place-list": api(),
    "api:place-list-csv": api(),
    "api:place-detail": api(slug="place.slug"),
    "api:change-list": api(),
    "api:change-list-csv": api(),
    "api:funding-stream-list": api(),
    "api:funding-stream-list-csv": api(),
    "api:funding-stream-comparison": api(code="stream.code"),
    "api:funding-stream-comparison-csv": api(code="stream.code"),
    "api:funding-stream-detail": api(code="stream.code"),
    "api:allocation-list": api(),
    "api:allocation-list-csv": api(),
    "api:allocation-totals": api(),
    "api:allocation-totals-csv": api(),
    "api:allocation-detail": api(reference="allocation.reference"),
    "api:contribution-list": keyed(FORM, post=400),
    "api:contribution-list-csv": keyed(),
    "api:contribution-detail": keyed(reference="contribution.reference"),
    "api:law-rule-list": api(),
    "api:law-rule-list-csv": api(),
    "api:law-check": api(POST, post=400),
    "api:upload-list": keyed(FORM, post=400),
    "api:upload-list-csv": keyed(),
    "api:upload-rows": keyed(POST, post=400),
    "api:upload-detail": keyed(reference="upload.reference"),
    "api:upload-problems": keyed(reference="upload.reference"),
    "api:upload-problems-csv": keyed(reference="upload.reference"),
    "api:upload-accept": keyed(POST, post=428, reference="upload.reference"),
    "api:upload-abandon": keyed(POST, post=428, reference="upload.reference"),
    "api:upload-date": keyed(POST, post=400, reference="upload.reference"),
    "api:upload-publish": keyed(POST, post=400, reference="upload.reference"),
    "api:upload-reverse": keyed(POST, post=400, reference="upload.reference"),
    "api:upload-proposal": keyed(reference="asked.reference"),
    "api:upload-layout": keyed(POST, post=400, reference="asked.reference"),
    "api:upload-layout-list": keyed(FORM, post=400),
    "api:upload-layout-list-csv": keyed(),
    "api:upload-layout-detail": keyed(reference="layout.reference"),
    "api:upload-layout-versions": keyed(FORM, post=400, reference="layout.reference"),
    "api:upload-layout-versions-csv": keyed(reference="layout.reference"),
    "api:upload-layout-share": keyed(POST, post=428, reference="layout.reference"),
    "api:upload-layout-unshare": keyed(POST, post=428, reference="layout.reference"),
    "api:upload-layout-retire": keyed(POST, post=428, reference="layout.reference"),
    # Agreements: what is published is open, what is not is found by its partners' keys alone
    "partnerships:agreement-list": public(),
    "partnerships:agreement-download": public(),
    "partnerships:agreement-proposals": own(),
    "partnerships:agreement-detail": public(reference="agreement.reference"),
    "partnerships:agreement-schemes": public(reference="agreement.reference"),
    "partnerships:scheme-detail": public(reference="agreement.reference", slug="part"),
    "partnerships:agreement-funds": public(get=301, reference="agreement.reference"),
    "partnerships:agreement-terms": public(reference="agreement.reference"),
    "partnerships:agreement-findings": public(reference="agreement.reference"),
    "partnerships:agreement-versions": public(reference="agreement.reference"),
    "partnerships:deed-detail": public(reference="agreement.reference", number="first"),
    "partnerships:agreement-governance": public(reference="agreement.reference"),
    "partnerships:agreement-summary": public(reference="agreement.reference"),
    "partnerships:agreement-summary-docx": public(reference="agreement.reference"),
    "partnerships:agreement-summary-pdf": public(reference="agreement.reference"),
    "partnerships:agreement-tasks": private(READ, reference="agreement.reference"),
    "partnerships:agreement-history": private(READ, reference="agreement.reference"),
    "partnerships:document-download": private(READ, reference="agreement.reference", pk="document.pk"),
    "budgets:agreement-money": private(READ, reference="agreement.reference"),
    "budgets:pool-year-open": private(POST, *MONEY_RECORDERS, post=302, reference="agreement.reference"),
    "budgets:pool-year": private(READ, **OF_POOL_YEAR),
    "budgets:ledger": private(READ, **OF_POOL_YEAR),
    "budgets:journal-post": private(FORM, *MONEY_RECORDERS, **OF_POOL_YEAR),
    "budgets:journal-detail": private(READ, pk="journal.pk", **OF_POOL_YEAR),
    "budgets:journal-reverse": private(FORM, *MONEY_RECORDERS, pk="journal.pk", **OF_POOL_YEAR),
    "budgets:period-list": private(READ, **OF_POOL_YEAR),
    "budgets:period-detail": reading(("finance_officer", "finance_approver"), number="first_period", **OF_POOL_YEAR),
    "partnerships:agreement-start": own(FORM, *PREPARERS),
    "partnerships:draft-detail": drafted(*PREPARERS),
    "partnerships:draft-main-terms": drafted(*PREPARERS),
    "partnerships:draft-places": drafted(*PREPARERS),
    "partnerships:impact-record": drafted(*PREPARERS),
    "partnerships:partner-add": drafted(*PREPARERS),
    "partnerships:partner-change": drafted(*PREPARERS, code="organisation.code"),
    "partnerships:partner-remove": drafted(*PREPARERS, code="organisation.code"),
    "partnerships:pool-add": drafted(*PREPARERS),
    "partnerships:pool-change": drafted(*PREPARERS, slug="part"),
    "partnerships:pool-drop": drafted(*PREPARERS, slug="part"),
    "partnerships:limit-add": drafted(*PREPARERS, slug="part"),
    "partnerships:limit-change": drafted(*PREPARERS, slug="part", position="limit"),
    "partnerships:limit-remove": drafted(*PREPARERS, slug="part", position="limit"),
    "partnerships:scheme-add": drafted(*PREPARERS),
    "partnerships:scheme-change": drafted(*PREPARERS, slug="part"),
    "partnerships:scheme-drop": drafted(*PREPARERS, slug="part"),
    "partnerships:function-add": drafted(*PREPARERS, slug="part"),
    "partnerships:function-change": drafted(*PREPARERS, slug="part", code="function"),
    "partnerships:function-remove": drafted(*PREPARERS, slug="part", code="function"),
    "partnerships:clause-edit": drafted(*PREPARERS, kind="clause"),
    "partnerships:deed-prepare": drafted(*PREPARERS),
    "partnerships:renewal-prepare": drafted(*PREPARERS),
    "partnerships:deed-approve": drafted(*APPROVERS, number="first"),
    "partnerships:deed-request-changes": drafted(*APPROVERS, number="first"),
    "partnerships:deed-sign": drafted(*APPROVERS, number="first"),
    "partnerships:deed-withdraw": drafted(*PREPARERS, number="first"),
    "partnerships:deed-publish": drafted(*APPROVERS, number="first"),
    "partnerships:precondition-record": drafted(*PREPARERS),
    "partnerships:decision-record": drafted(*PREPARERS),
    "partnerships:consent-record": drafted(*PREPARERS),
    "partnerships:board-add": drafted(*PREPARERS),
    "partnerships:board-change": drafted(*PREPARERS, pk="board.pk"),
    "partnerships:board-remove": drafted(*PREPARERS, pk="board.pk"),
    "partnerships:document-add": drafted(*PREPARERS),
    "partnerships:document-change": drafted(*PREPARERS, pk="paper.pk"),
    "partnerships:document-remove": drafted(*PREPARERS, pk="paper.pk"),
    "partnerships:operation-start": drafted(*PREPARERS),
    "partnerships:notice-give": drafted(*APPROVERS),
    "partnerships:notice-withdraw": drafted(*APPROVERS, pk="notice.pk"),
    "partnerships:agreement-end": drafted(*APPROVERS),
    "partnerships:occurrence-record": drafted(*PREPARERS),
    "partnerships:integration-mark": drafted(*APPROVERS),
    "partnerships:release-agree": drafted(*APPROVERS),
    "partnerships:partner-carry-over": drafted(*PREPARERS),
    "api:agreement-list": writing(api(), POST=400),
    "api:agreement-list-csv": api(),
    "api:agreement-detail": writing(api(reference="agreement.reference"), PATCH=403),
    "api:agreement-deeds": writing(api(POST, reference="agreement.reference"), POST=400),
    "api:agreement-findings": api(reference="agreement.reference"),
    "api:scheme-list": writing(api(), POST=400),
    "api:scheme-list-csv": api(),
    "api:scheme-detail": writing(api(reference="agreement.reference", slug="part"), PATCH=403, DELETE=403),
    "api:pool-list": writing(api(), POST=400),
    "api:pool-list-csv": api(),
    "api:pool-detail": writing(api(reference="agreement.reference", slug="part"), PATCH=403, DELETE=403),
    # Tests run as `make run` does, with the embedded database on a loopback address
    "site:gallery": public(),
    "site:gallery-progress": public(),
    "directory:demo": public(),
    "directory:demo-log-in": public(POST, post=404, handle="wrong"),
    # Members, keys and the audit trail
    "directory:members": own(READ, *ADMINS),
    "directory:member-invite": own(FORM, *ADMINS),
    "directory:second-person": own(FORM, *ADMINS, post=400),
    "directory:member-change": private(FORM, *ADMINS, pk="membership.pk"),
    "directory:member-remove": private(FORM, *ADMINS, pk="membership.pk"),
    "directory:member-reset": private(FORM, *ADMINS, pk="membership.pk"),
    "directory:invitation-resend": private(POST, *ADMINS, post=400, pk="invitation.pk"),
    "directory:invitation-withdraw": private(POST, *ADMINS, post=400, pk="invitation.pk"),
    "directory:invitation-open": public(get=302, token="token"),
    "directory:invitation-accept": public(FORM, get=410, post=410),
    "directory:keys": own(READ, *KEY_MAKERS),
    "directory:key-make": own(FORM, *KEY_MAKERS),
    "directory:key-revoke": private(FORM, "finance_officer", *ADMINS, post=302, prefix="key.prefix"),
    "directory:audit": own(READ, *AUDITORS),
    "directory:audit-download": own(READ, *AUDITORS),
    # One's own account
    "directory:account": own(),
    "directory:account-name": own(FORM),
    "directory:account-sessions": own(),
    "directory:sessions-end-others": own(POST, post=302),
    "directory:session-end": private(POST, post=404, pk="session.pk"),
    "directory:session-extend": own(POST, post=204),
    "directory:session-ended": entrance(READ, nobody=LOGIN),
    # Logging in: django-allauth's pages
    "account_login": entrance(),
    "account_logout": leaving(),
    "account_inactive": public(),
    "account_signup": entrance(),
    "account_reauthenticate": own(FORM),
    "account_email": own(FORM, post=302),
    "account_email_verification_sent": public(),
    "account_confirm_email": public(FORM, post=404, key="wrong"),
    "account_change_password": own(FORM),
    "account_set_password": own(FORM, get=302, post=302),
    "account_reset_password": public(FORM),
    "account_reset_password_done": public(),
    "account_reset_password_from_key": public(FORM, uidb36="wrong", key="wrong"),
    "account_reset_password_from_key_done": public(),
    "mfa_index": own(),
    "mfa_authenticate": public(FORM, get=302, post=302),
    "mfa_reauthenticate": own(FORM),
    "mfa_activate_totp": own(FORM, get=302, post=302),
    "mfa_deactivate_totp": own(FORM, get=302, post=302),
    "mfa_view_recovery_codes": own(get=404),
    "mfa_generate_recovery_codes": own(FORM, get=302, post=302),
    "mfa_download_recovery_codes": own(get=404),
    "socialaccount_connections": own(FORM),
    "socialaccount_login_cancelled": public(),
    "socialaccount_login_error": public(get=401),
    "socialaccount_signup": public(FORM, get=302, post=302),
    "openid_connect_login": public(POST, post=404, provider_id="wrong"),
    "openid_connect_callback": public(get=404, provider_id="wrong"),
}


class Named:
    """What the arguments of the lines name: parts of the one world, all of the board of Mereshire."""

    kind, csv, wrong, problem, resource = "allocations", "csv", "wrong", "forbidden", "agreements"
    token = "x" * 43
    part = "reablement"  # of the agreement: a scheme and a fund of this name
    first = 0  # the number of its first deed
    first_period = 1
    sheet = 1  # the place of a sheet in a file
    limit = 1  # the position of the limit of its fund
    function, clause = "nhs-s3", "aims"  # of the scheme, and of the deed

    def __init__(self, world: World) -> None:
        board = world.icb
        self.organisation = board.organisation
        self.place, self.stream, self.upload = world.place, world.stream, world.upload
        self.allocation = world.published[0]
        self.publication = self.allocation.upload
        self.own_allocation = factories.allocation(organisation=board.organisation, source=board.organisation)
        self.asked = factories.asked(organisation=board.organisation)
        self.layout = factories.layout(organisation=board.organisation).layout
        self.people = {role: board.person(role) for role in ROLES}
        self.stranger = world.elsewhere.person(*ROLES)
        self.membership = Membership.objects.get(user=self.people["viewer"])
        self.invitation, _ = invite_person(
            organisation=board.organisation, email="guest@example.org", roles=["viewer"], by=board.having("org_admin")
        )
        self.key, self.key_token = make_key(
            organisation=board.organisation,
            name="Example system",
            permissions=["read_unpublished", "upload_allocations"],
            expires_on=timezone.localdate() + dt.timedelta(days=90),
            by=board.having("finance_officer"),
        )
        self.instrument = law_rows.instrument()
        self.agreement, self.draft = world.agreed, world.drafted
        self.document, self.paper = factories.document(self.agreement), factories.document(self.draft)
        panel = {"name": "Example board", "form": "officer_board"}
        self.board = save_board(agreement=self.draft, values=panel, seats=[], quorums={}, by=board.prepares)
        DelegatedLimit.objects.create(
            terms=PoolTerms.objects.get(deed__agreement=self.draft),
            partner=board.organisation,
            office="Chief finance officer",
            power="commit",
            is_unlimited=True,
        )
        self.notice = self._notice_on_a_draft()
        self.running = self.agreement
        pool = self.running.pools.get(slug=self.part)
        self.pool_year = open_year(pool=pool, year=FinancialYear(START.year), by=board.prepares)
        self.contribution = contribution_rows.contribution(self.pool_year, board.organisation, net="100.00")
        self.condition = contribution_rows.condition(self.contribution)
        self.instalment = contribution_rows.instalment(self.contribution, "100.00")
        self.journal = post_journal(
            pool_year=self.pool_year,
            kind="payment",
            on=START,
            entries=simple_entries("payment", Decimal("1.00")),
            by=board.prepares,
        )
        self.plan_line, self.virement = plan_rows.line_and_virement(self.pool_year)
        self.session = UserSession.objects.create(
            user=factories.person(), session_key="a" * 32, ip="127.0.0.1", user_agent="Example"
        )

    def _notice_on_a_draft(self) -> Notice:
        """A row that no action writes: the lines of drafts ask for one, and nobody may give notice on a draft."""
        return Notice.objects.create(
            agreement=self.draft,
            organisation=self.organisation,
            actor="system:example",
            given_on=factories.FIRST_DAY,
            takes_effect_on=factories.FIRST_DAY,
        )

    def arguments(self, line: Line) -> dict[str, object]:
        return {name: self._find(path) for name, path in line.arguments.items()}

    def _find(self, path: str) -> object:
        found: object = self
        for part in path.split("."):
            found = getattr(found, part)
        return found
