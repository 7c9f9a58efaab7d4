"""The vocabulary of the directory: kinds, code schemes, roles' names, and a sentence for every constraint."""

from __future__ import annotations

from django.db.models import TextChoices


class OrganisationKind(TextChoices):
    NHS_ENGLAND = "nhs_england", "NHS England"
    HEALTH_AUTHORITY = "health_authority", "Health authority"
    STRATEGIC_HEALTH_AUTHORITY = "strategic_health_authority", "Strategic health authority"
    PCT = "pct", "Primary care trust"
    CCG = "ccg", "Clinical commissioning group"
    ICB = "icb", "Integrated care board"
    NHS_TRUST = "nhs_trust", "NHS trust"
    FOUNDATION_TRUST = "foundation_trust", "NHS foundation trust"
    COMMISSIONING_SUPPORT_UNIT = "commissioning_support_unit", "Commissioning support unit"
    COUNTY = "county", "County council"
    UNITARY = "unitary", "Unitary authority"
    METROPOLITAN_DISTRICT = "metropolitan_district", "Metropolitan district"
    LONDON_BOROUGH = "london_borough", "London borough"
    CITY_OF_LONDON = "city_of_london", "City of London"
    ISLES_OF_SCILLY = "isles_of_scilly", "Isles of Scilly"
    COUNTY_BOROUGH = "county_borough", "County borough (Wales)"
    DISTRICT = "district", "District council"
    COMBINED_AUTHORITY = "combined_authority", "Combined authority"
    FIRE_AUTHORITY = "fire_authority", "Fire and rescue authority"
    OTHER_AUTHORITY = "other_authority", "Other authority"
    GOVERNMENT_DEPARTMENT = "government_department", "Government department"
    PROVIDER = "provider", "Provider"


NHS_COMMISSIONER_KINDS = frozenset(
    {OrganisationKind.NHS_ENGLAND, OrganisationKind.PCT, OrganisationKind.CCG, OrganisationKind.ICB}
)
NHS_KINDS = NHS_COMMISSIONER_KINDS | {
    OrganisationKind.HEALTH_AUTHORITY,
    OrganisationKind.STRATEGIC_HEALTH_AUTHORITY,
    OrganisationKind.NHS_TRUST,
    OrganisationKind.FOUNDATION_TRUST,
    OrganisationKind.COMMISSIONING_SUPPORT_UNIT,
}
# Councils with social care duties. The area of each of them is a place.
UPPER_TIER_KINDS = frozenset(
    {
        OrganisationKind.COUNTY,
        OrganisationKind.UNITARY,
        OrganisationKind.METROPOLITAN_DISTRICT,
        OrganisationKind.LONDON_BOROUGH,
        OrganisationKind.CITY_OF_LONDON,
        OrganisationKind.ISLES_OF_SCILLY,
    }
)
COUNCIL_KINDS = UPPER_TIER_KINDS | {OrganisationKind.DISTRICT}
# Authorities that make a revenue return to the department.
AUTHORITY_KINDS = COUNCIL_KINDS | {
    OrganisationKind.COMBINED_AUTHORITY,
    OrganisationKind.FIRE_AUTHORITY,
    OrganisationKind.OTHER_AUTHORITY,
}


class CodeScheme(TextChoices):
    ODS = "ods", "ODS code"
    GSS = "gss", "ONS code"
    E_CODE = "e_code", "E-code"
    OWN = "own", "PooledCare code"


class RegionKind(TextChoices):
    NHS = "nhs", "NHS England region"
    STATISTICAL = "statistical", "English region"


class CouncilRole(TextChoices):
    UPPER_TIER = "upper_tier", "Council with social care duties"
    DISTRICT = "district", "District council"


class OverlapMeasure(TextChoices):
    SMALL_AREAS = "small_areas", "Small areas (LSOA 2011)"
    REGISTERED_POPULATION = "registered_population", "Registered population"


class PopulationMeasure(TextChoices):
    RESIDENT_ESTIMATE = "resident_estimate", "Resident population estimate"
    REGISTERED = "registered", "Patients registered with general practices"


# What a permission is called where people choose one for an API key.
PERMISSION_LABELS: dict[str, str] = {
    "read_unpublished": "Read figures that are not published yet",
    "upload_allocations": "Upload figures",
    "accept_allocations": "Accept and reverse what somebody else has uploaded",
    "publish_for_holders": "Publish figures for the organisations that yours funds",
    "prepare_agreements": "Prepare drafts of agreements and deeds",
    "approve_agreements": "Accept uploads of drafts that somebody else has prepared",
    "record_pool_money": "Record the money of pooled funds: contributions, plans, actual spending",
    "approve_pool_money": "Approve the money of pooled funds that somebody else has recorded",
}


SENTENCES: dict[str, str] = {
    "organisation_closes_after_opening": "An organisation cannot close before it opened.",
    "organisation_code_ends_after_start": "A code cannot end before it starts.",
    "organisation_name_recorded_once": "This organisation already has this other name.",
    "organisation_code_one_holder_at_a_time": "A code belongs to one organisation at a time.",
    "short_name_recorded_once": "This organisation already has this short name.",
    "area_transfer_recorded_once": "This transfer of an area is already recorded.",
    "area_transfer_not_to_itself": "An organisation cannot pass an area to itself.",
    "succession_recorded_once": "This succession is already recorded.",
    "succession_share_between_0_and_1": "A share lies between 0 and 1.",
    "succession_not_of_itself": "An organisation cannot succeed itself.",
    "overlap_recorded_once": "This overlap is already recorded for that measure and date.",
    "overlap_shares_between_0_and_1": "A share lies between 0 and 1.",
    "population_recorded_once": "This population is already recorded for that measure and date.",
    "place_slug_unique": "Another place already has this address.",
    "place_council_recorded_once": "This council is already recorded for the place.",
    "place_succession_recorded_once": "This succession of places is already recorded.",
    "region_code_unique": "Another region already has this code.",
    "source_slug_unique": "Another source already has this name.",
    "organisation_key_unique": "Another reference organisation already has this key.",
    "user_email_unique": "A person with this e-mail address already exists.",
    "membership_one_per_organisation": "This person is already a member of the organisation.",
    "membership_has_a_role": "A member needs at least one role.",
    "invitation_one_open_per_address": "This address already has an open invitation to the organisation.",
    "api_key_prefix_unique": "Another key has this prefix.",
    "idempotency_key_once_per_client": "This Idempotency-Key is already in use.",
    "heartbeat_name_unique": "This heartbeat already exists.",
    "audit_event_append_only": "The audit trail is never changed or deleted.",
    "change_append_only": "The change feed is never changed or deleted.",
    "change_sequence_unique": "Each change has its own sequence number.",
}
