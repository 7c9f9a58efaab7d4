-- The plan of a year of a fund. Every trigger locks the row of the year first: whoever edits the plan, approves it or
-- moves budget in it waits there, so that none of them sees half of what another does.
create trigger plan_movement_append_only before update or delete on budgets_planmovement
    for each row execute function refuse_rewriting('plan_movement_append_only');
create trigger plan_approval_append_only before update or delete on budgets_planapproval
    for each row execute function refuse_rewriting('plan_approval_append_only');
create trigger virement_decision_append_only before update or delete on budgets_virementdecision
    for each row execute function refuse_rewriting('virement_decision_append_only');

-- The first and the last day of an agreement, as its deeds in use say; null where they give no such day. An agreement
-- that operates unsigned has a term from its first day of operation.
create function plan_term_of(agreement bigint, out first_on date, out last_on date) language sql stable as $$
    select
        least(a.operating_since, (
            select effective_on from partnerships_deed where agreement_id = a.id and number = 0
        )),
        coalesce(a.ended_on, (
            select end_on from partnerships_deed
            where agreement_id = a.id and sets_end and (state = 'signed' or number = 0)
            order by number desc limit 1
        ))
    from partnerships_agreement a where a.id = agreement
$$;

-- One function for all triggers of a line: each trigger is named after the rule that it keeps.
create function check_plan_line() returns trigger language plpgsql as $$
declare
    touched budgets_planline := case when tg_op = 'INSERT' then new else old end;
    year record;
    is_broken boolean;
begin
    select y.plan_state, p.agreement_id into year
    from budgets_poolyear y join partnerships_pool p on p.id = y.pool_id
    where y.id = touched.pool_year_id for no key update of y;
    if tg_name = 'plan_line_of_draft' then
        is_broken := year.plan_state <> 'draft' or (tg_op = 'UPDATE' and new.pool_year_id <> old.pool_year_id);
    elsif tg_name = 'plan_line_of_agreement' then
        is_broken := not exists (
            select from partnerships_scheme where id = new.scheme_id and agreement_id = year.agreement_id
        ) or (new.provider_id is not null and not exists (
            select from partnerships_provider where id = new.provider_id and agreement_id = year.agreement_id
        ));
    else
        is_broken := new.is_removed and exists (
            select from budgets_planmovement where line_id = new.id
            having sum(expenditure) <> 0 or sum(client_income) <> 0
        );
    end if;
    if is_broken then
        raise exception 'a line of a plan that is %', year.plan_state
            using errcode = 'check_violation', constraint = tg_name;
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
create trigger plan_line_of_draft before insert or update or delete on budgets_planline
    for each row execute function check_plan_line();
create trigger plan_line_of_agreement before insert or update on budgets_planline
    for each row execute function check_plan_line();
create trigger plan_line_removed_is_empty before update on budgets_planline
    for each row execute function check_plan_line();

-- The same for the triggers of a movement.
create function check_plan_movement() returns trigger language plpgsql as $$
declare
    year record;
    term record;
    is_broken boolean;
begin
    select y.plan_state, make_date(y.financial_year, 4, 1) as first_on, make_date(y.financial_year + 1, 3, 31) as last_on,
        p.agreement_id
    into year
    from budgets_planline l join budgets_poolyear y on y.id = l.pool_year_id join partnerships_pool p on p.id = y.pool_id
    where l.id = new.line_id for no key update of y;
    if tg_name = 'plan_movement_in_state' then
        is_broken := year.plan_state <> (case when new.kind = 'original' then 'draft' else 'approved' end);
    elsif tg_name = 'plan_movement_in_year' then
        is_broken := new.effective_on < year.first_on or new.effective_on > year.last_on
            or (new.kind <> 'original' and new.effective_on = year.first_on);
    else
        select * into term from plan_term_of(year.agreement_id);
        is_broken := new.effective_on < term.first_on or new.effective_on > term.last_on;
    end if;
    if is_broken then
        raise exception 'a movement of % in a plan that is %', new.effective_on, year.plan_state
            using errcode = 'check_violation', constraint = tg_name;
    end if;
    return new;
end
$$;
create trigger plan_movement_in_state before insert on budgets_planmovement
    for each row execute function check_plan_movement();
create trigger plan_movement_in_year before insert on budgets_planmovement
    for each row execute function check_plan_movement();
create trigger plan_movement_in_term before insert on budgets_planmovement
    for each row execute function check_plan_movement();

-- At the end of the transaction: no line below 0, and no line with more income than spend.
create function check_plan_line_amounts() returns trigger language plpgsql as $$
begin
    if exists (
        select from budgets_planmovement where line_id = new.line_id
        having sum(expenditure) < 0 or sum(client_income) < 0 or sum(client_income) > sum(expenditure)
    ) then
        raise exception 'the line is below 0'
            using errcode = 'check_violation', constraint = 'plan_line_not_negative';
    end if;
    return null;
end
$$;
create constraint trigger plan_line_not_negative after insert on budgets_planmovement
    deferrable initially deferred for each row execute function check_plan_line_amounts();

-- At the end of the transaction: the profile of a line sums to its original amount.
create function check_plan_profile_sum() returns trigger language plpgsql as $$
declare
    months numeric;
    planned numeric;
begin
    select (select sum(each) from unnest(amounts) each) into months from budgets_planprofile where line_id = new.line_id;
    select coalesce(sum(expenditure), 0) into planned
    from budgets_planmovement where line_id = new.line_id and kind = 'original';
    if months <> planned then
        raise exception 'the profile sums to %, the line to %', months, planned
            using errcode = 'check_violation', constraint = 'plan_profile_sums_to_line';
    end if;
    return null;
end
$$;
create constraint trigger plan_profile_sums_to_line after insert or update on budgets_planprofile
    deferrable initially deferred for each row execute function check_plan_profile_sum();
create constraint trigger plan_profile_sums_to_line after insert on budgets_planmovement
    deferrable initially deferred for each row execute function check_plan_profile_sum();

create function check_plan_profile() returns trigger language plpgsql as $$
declare
    touched budgets_planprofile := case when tg_op = 'INSERT' then new else old end;
    state text;
begin
    select y.plan_state into state
    from budgets_planline l join budgets_poolyear y on y.id = l.pool_year_id
    where l.id = touched.line_id for no key update of y;
    if state <> 'draft' or (tg_op = 'UPDATE' and new.line_id <> old.line_id) then
        raise exception 'the plan is %', state
            using errcode = 'check_violation', constraint = 'plan_profile_of_draft';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
create trigger plan_profile_of_draft before insert or update or delete on budgets_planprofile
    for each row execute function check_plan_profile();

create function check_plan_state() returns trigger language plpgsql as $$
begin
    if old.plan_state = 'approved' and new.plan_state <> 'approved' then
        raise exception 'the plan is approved'
            using errcode = 'check_violation', constraint = 'plan_approved_stays';
    end if;
    return new;
end
$$;
create trigger plan_approved_stays before update on budgets_poolyear
    for each row execute function check_plan_state();

create function check_virement() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if old.state = 'proposed' then
            old.state := new.state;
            old.version := new.version;
        end if;
        if old is not distinct from new then
            return new;
        end if;
    end if;
    raise exception 'a virement stays as it is' using errcode = 'check_violation', constraint = 'virement_is_final';
end
$$;
create trigger virement_is_final before update or delete on budgets_virement
    for each row execute function check_virement();

create function check_virement_lines() returns trigger language plpgsql as $$
begin
    if not exists (
        select from budgets_planline a join budgets_planline b
            on (a.pool_year_id, a.source_id, a.nature, a.ring_fence) = (b.pool_year_id, b.source_id, b.nature, b.ring_fence)
            and a.stream_id is not distinct from b.stream_id
        where a.id = new.from_line_id and b.id = new.to_line_id
    ) then
        raise exception 'the lines differ' using errcode = 'check_violation', constraint = 'virement_lines_match';
    end if;
    return new;
end
$$;
create trigger virement_lines_match before insert on budgets_virement
    for each row execute function check_virement_lines();

-- At the end of the transaction: an agreed virement has exactly two movements, and any other has none.
create function check_virement_moves() returns trigger language plpgsql as $$
declare
    one bigint := case when tg_table_name = 'budgets_virement' then (to_jsonb(new) ->> 'id')::bigint
                       else (to_jsonb(new) ->> 'virement_id')::bigint end;
begin
    if one is not null and not exists (
        select from budgets_virement v left join budgets_planmovement m on m.virement_id = v.id
        where v.id = one
        group by v.id
        having (v.state <> 'agreed' and count(m.id) = 0) or (
            v.state = 'agreed' and count(m.id) = 2 and count(*) filter (
                where (m.line_id, m.expenditure, m.client_income) = (v.from_line_id, -v.amount, -v.client_income)
            ) = 1 and count(*) filter (
                where (m.line_id, m.expenditure, m.client_income) = (v.to_line_id, v.amount, v.client_income)
            ) = 1
        )
    ) then
        raise exception 'the virement % does not move what it says', one
            using errcode = 'check_violation', constraint = 'virement_creates_no_money';
    end if;
    return null;
end
$$;
create constraint trigger virement_creates_no_money after insert on budgets_planmovement
    deferrable initially deferred for each row execute function check_virement_moves();
create constraint trigger virement_creates_no_money after insert or update on budgets_virement
    deferrable initially deferred for each row execute function check_virement_moves();
-- reverse
drop trigger virement_creates_no_money on budgets_virement;
drop trigger virement_creates_no_money on budgets_planmovement;
drop function check_virement_moves();
drop trigger virement_lines_match on budgets_virement;
drop function check_virement_lines();
drop trigger virement_is_final on budgets_virement;
drop function check_virement();
drop trigger plan_approved_stays on budgets_poolyear;
drop function check_plan_state();
drop trigger plan_profile_of_draft on budgets_planprofile;
drop function check_plan_profile();
drop trigger plan_profile_sums_to_line on budgets_planmovement;
drop trigger plan_profile_sums_to_line on budgets_planprofile;
drop function check_plan_profile_sum();
drop trigger plan_line_not_negative on budgets_planmovement;
drop function check_plan_line_amounts();
drop trigger plan_movement_in_term on budgets_planmovement;
drop trigger plan_movement_in_year on budgets_planmovement;
drop trigger plan_movement_in_state on budgets_planmovement;
drop function check_plan_movement();
drop trigger plan_line_removed_is_empty on budgets_planline;
drop trigger plan_line_of_agreement on budgets_planline;
drop trigger plan_line_of_draft on budgets_planline;
drop function check_plan_line();
drop function plan_term_of(bigint);
drop trigger virement_decision_append_only on budgets_virementdecision;
drop trigger plan_approval_append_only on budgets_planapproval;
drop trigger plan_movement_append_only on budgets_planmovement;
