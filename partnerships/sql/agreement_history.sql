-- What partners said and what was recorded is written once. A signed deed, and everything in it, is final.
create trigger agreement_status_append_only before update or delete on partnerships_agreementstatus
    for each row execute function refuse_rewriting('agreement_status_append_only');
create trigger approval_append_only before update or delete on partnerships_approval
    for each row execute function refuse_rewriting('approval_append_only');
create trigger publication_append_only before update or delete on partnerships_publication
    for each row execute function refuse_rewriting('publication_append_only');
create trigger precondition_append_only before update or delete on partnerships_precondition
    for each row execute function refuse_rewriting('precondition_append_only');
create trigger decision_append_only before update or delete on partnerships_decision
    for each row execute function refuse_rewriting('decision_append_only');
create trigger trust_consent_append_only before update or delete on partnerships_trustconsent
    for each row execute function refuse_rewriting('trust_consent_append_only');
create trigger notice_append_only before update or delete on partnerships_notice
    for each row execute function refuse_rewriting('notice_append_only');
create trigger occurrence_append_only before update or delete on partnerships_occurrence
    for each row execute function refuse_rewriting('occurrence_append_only');
create trigger impact_assessment_append_only before update or delete on partnerships_impactassessment
    for each row execute function refuse_rewriting('impact_assessment_append_only');
create trigger integration_mark_append_only before update or delete on partnerships_integrationmark
    for each row execute function refuse_rewriting('integration_mark_append_only');

-- Of a signed deed only the day of publication may still be written, with the version that counts writes.
create function refuse_changing_signed_deed() returns trigger language plpgsql as $$
begin
    if old.state = 'signed' and (
        tg_op = 'DELETE'
        or (to_jsonb(old) - 'published_on' - 'version') is distinct from (to_jsonb(new) - 'published_on' - 'version')
    ) then
        raise exception 'deed % is signed', old.id
            using errcode = 'check_violation', constraint = 'deed_signed_is_final';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
create trigger deed_signed_is_final before update or delete on partnerships_deed
    for each row execute function refuse_changing_signed_deed();

-- The deed's row is locked first, so that nobody signs it in between.
create function refuse_changing_signed_text() returns trigger language plpgsql as $$
declare
    touched bigint[];
    signed bigint;
begin
    if tg_table_name = 'partnerships_schemefunction' then
        touched := array(
            select deed_id from partnerships_schemeterms
            where id in (case when tg_op <> 'INSERT' then old.terms_id end, case when tg_op <> 'DELETE' then new.terms_id end)
        );
    else
        touched := array_remove(
            array[case when tg_op <> 'INSERT' then old.deed_id end, case when tg_op <> 'DELETE' then new.deed_id end],
            null
        );
    end if;
    select id into signed from (
        select id, state from partnerships_deed where id = any(touched) order by id for share
    ) as locked where state = 'signed' limit 1;
    if signed is not null then
        raise exception 'deed % is signed', signed
            using errcode = 'check_violation', constraint = tg_argv[0];
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
create trigger clause_signed_is_final before insert or update or delete on partnerships_clause
    for each row execute function refuse_changing_signed_text('clause_signed_is_final');
create trigger pool_terms_signed_is_final before insert or update or delete on partnerships_poolterms
    for each row execute function refuse_changing_signed_text('pool_terms_signed_is_final');
create trigger scheme_terms_signed_is_final before insert or update or delete on partnerships_schemeterms
    for each row execute function refuse_changing_signed_text('scheme_terms_signed_is_final');
create trigger scheme_function_signed_is_final before insert or update or delete on partnerships_schemefunction
    for each row execute function refuse_changing_signed_text('scheme_function_signed_is_final');
create trigger partner_signed_is_final before insert or update or delete on partnerships_partner
    for each row execute function refuse_changing_signed_text('partner_signed_is_final');
create trigger partner_leaving_signed_is_final before insert or update or delete on partnerships_partnerleaving
    for each row execute function refuse_changing_signed_text('partner_leaving_signed_is_final');
-- reverse
drop trigger partner_leaving_signed_is_final on partnerships_partnerleaving;
drop trigger partner_signed_is_final on partnerships_partner;
drop trigger scheme_function_signed_is_final on partnerships_schemefunction;
drop trigger scheme_terms_signed_is_final on partnerships_schemeterms;
drop trigger pool_terms_signed_is_final on partnerships_poolterms;
drop trigger clause_signed_is_final on partnerships_clause;
drop function refuse_changing_signed_text();
drop trigger deed_signed_is_final on partnerships_deed;
drop function refuse_changing_signed_deed();
drop trigger integration_mark_append_only on partnerships_integrationmark;
drop trigger impact_assessment_append_only on partnerships_impactassessment;
drop trigger occurrence_append_only on partnerships_occurrence;
drop trigger notice_append_only on partnerships_notice;
drop trigger trust_consent_append_only on partnerships_trustconsent;
drop trigger decision_append_only on partnerships_decision;
drop trigger precondition_append_only on partnerships_precondition;
drop trigger publication_append_only on partnerships_publication;
drop trigger approval_append_only on partnerships_approval;
drop trigger agreement_status_append_only on partnerships_agreementstatus;
