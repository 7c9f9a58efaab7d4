-- What funds draw on an allocation never exceeds it (invariant 2), over all funds and whoever commits first.
--
-- Locks: the row of budgets_allocationdraw is updated before the sum is read, so that the second of two writers reads
-- what the first has committed. An upload of allocations shares an advisory lock with other uploads; a transaction that
-- makes a new row of draws takes it alone, so that no row of draws appears beside an upload that has not looked at it.

-- The amount of an allocation in pounds, or null if there is no figure: the publisher's current figures where there are
-- any, otherwise the holder's own. Allocations before budgets, net before gross; recurrent and other parts are added.
create function allocation_limit(holder bigint, stream bigint, year integer) returns numeric language sql stable as $$
    with figures as (
        select a.source_id, a.basis, a.gross_or_net, a.amount, a.accepted_at
        from budgets_allocation a
        where a.organisation_id = holder and a.stream_id = stream and a.financial_year = year and a.is_current
          and not a.withdrawn and a.amount is not null and a.basis in ('allocation', 'budget')
    ), chosen as (
        select source_id, basis, gross_or_net from figures
        order by source_id = holder, basis = 'budget', gross_or_net = 'gross', accepted_at desc, source_id limit 1
    )
    select sum(f.amount) from figures f join chosen c using (source_id, basis, gross_or_net)
$$;

-- What all funds draw on it, in pounds.
create function allocation_drawn(of_draw bigint) returns numeric language sql stable as $$
    select coalesce(sum(p.net), 0) from budgets_contributioncomponent p
    join budgets_contribution c on c.id = p.contribution_id where c.draw_id = of_draw
$$;

create function place_contribution() returns trigger language plpgsql as $$
declare
    year integer;
begin
    select financial_year into year from budgets_poolyear where id = new.pool_year_id;
    new.draw_id := null;
    if new.funded_from = 'allocation' and new.stream_id is not null then
        select id into new.draw_id from budgets_allocationdraw
        where organisation_id = new.partner_id and stream_id = new.stream_id and financial_year = year;
        if new.draw_id is null then
            perform pg_advisory_xact_lock(5271002, 0);
            insert into budgets_allocationdraw (organisation_id, stream_id, financial_year, version)
            values (new.partner_id, new.stream_id, year, 1)
            on conflict (organisation_id, stream_id, financial_year) do nothing;
            select id into new.draw_id from budgets_allocationdraw
            where organisation_id = new.partner_id and stream_id = new.stream_id and financial_year = year;
        end if;
    elsif new.stream_id is not null and exists (
        select from budgets_allocation a
        where a.organisation_id = new.partner_id and a.stream_id = new.stream_id and a.financial_year = year
          and a.basis = 'allocation' and a.is_current and not a.withdrawn and a.amount is not null
    ) then
        raise exception 'own money in a stream with an allocation'
            using errcode = 'check_violation', constraint = 'contribution_own_money';
    end if;
    return new;
end
$$;
create trigger contribution_own_money before insert on budgets_contribution
    for each row execute function place_contribution();

create function limit_component() returns trigger language plpgsql as $$
declare
    draw budgets_allocationdraw;
begin
    update budgets_allocationdraw d set version = d.version + 1
    from budgets_contribution c where c.id = new.contribution_id and d.id = c.draw_id
    returning d.* into draw;
    if draw.id is not null and new.net > 0
       and allocation_drawn(draw.id) > allocation_limit(draw.organisation_id, draw.stream_id, draw.financial_year) then
        raise exception 'more is drawn than the allocation'
            using errcode = 'check_violation', constraint = 'component_draw';
    end if;
    return null;
end
$$;
create trigger component_draw after insert on budgets_contributioncomponent
    for each row execute function limit_component();

-- A contribution below 0 would make room for more than the allocation elsewhere. Fires after component_draw, under its
-- lock.
create function keep_contribution_positive() returns trigger language plpgsql as $$
begin
    if new.net < 0 or new.gross < 0 then
        if exists (
            select from budgets_contributioncomponent where contribution_id = new.contribution_id
            having sum(net) < 0 or sum(gross) < 0
        ) then
            raise exception 'a contribution below 0'
                using errcode = 'check_violation', constraint = 'contribution_not_negative';
        end if;
    end if;
    return null;
end
$$;
create trigger contribution_not_negative after insert on budgets_contributioncomponent
    for each row execute function keep_contribution_positive();

-- A lower allocation: at the end of the transaction it covers what is drawn, or the shortfall is recorded as it is.
create function require_shortfall() returns trigger language plpgsql as $$
declare
    most numeric := allocation_limit(new.organisation_id, new.stream_id, new.financial_year);
    drawn numeric := allocation_drawn(new.id);
    recorded budgets_allocationshortfall;
begin
    if drawn > most then
        select * into recorded from budgets_allocationshortfall where draw_id = new.id order by id desc limit 1;
        if recorded.id is null or recorded."limit" <> most or drawn > recorded.drawn then
            raise exception 'an allocation is less than what is drawn on it'
                using errcode = 'check_violation', constraint = 'allocation_draw_within_limit';
        end if;
    end if;
    return null;
end
$$;
create constraint trigger allocation_draw_within_limit after insert or update on budgets_allocationdraw
    deferrable initially deferred for each row execute function require_shortfall();

create function recheck_draws() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(5271002, 0);
    if exists (select from budgets_allocationdraw) then
        perform from budgets_allocationdraw
        where id in (
            select w.id from changed n
            join budgets_allocationdraw w on n.organisation_id = w.organisation_id and n.stream_id = w.stream_id
              and n.financial_year = w.financial_year
            where n.basis in ('allocation', 'budget')
        )
        order by id for update;
        update budgets_allocationdraw d set version = d.version + 1
        where d.id in (
            select w.id from changed n
            join budgets_allocationdraw w on n.organisation_id = w.organisation_id and n.stream_id = w.stream_id
              and n.financial_year = w.financial_year
            where n.basis in ('allocation', 'budget')
        );
    end if;
    return null;
end
$$;
create trigger allocation_rechecks_new after insert on budgets_allocation
    referencing new table as changed for each statement execute function recheck_draws();
create trigger allocation_rechecks_changed after update on budgets_allocation
    referencing new table as changed for each statement execute function recheck_draws();

create function state_shortfall() returns trigger language plpgsql as $$
declare
    draw budgets_allocationdraw;
begin
    update budgets_allocationdraw d set version = d.version + 1 where d.id = new.draw_id returning d.* into draw;
    new."limit" := allocation_limit(draw.organisation_id, draw.stream_id, draw.financial_year);
    new.drawn := allocation_drawn(draw.id);
    if new."limit" is null or new.drawn <= new."limit" then
        raise exception 'there is no shortfall'
            using errcode = 'check_violation', constraint = 'shortfall_is_true';
    end if;
    return new;
end
$$;
create trigger shortfall_is_true before insert on budgets_allocationshortfall
    for each row execute function state_shortfall();
-- reverse
drop trigger contribution_not_negative on budgets_contributioncomponent;
drop trigger shortfall_is_true on budgets_allocationshortfall;
drop trigger allocation_rechecks_changed on budgets_allocation;
drop trigger allocation_rechecks_new on budgets_allocation;
drop trigger allocation_draw_within_limit on budgets_allocationdraw;
drop trigger component_draw on budgets_contributioncomponent;
drop trigger contribution_own_money on budgets_contribution;
drop function state_shortfall();
drop function recheck_draws();
drop function require_shortfall();
drop function keep_contribution_positive();
drop function limit_component();
drop function place_contribution();
drop function allocation_drawn(bigint);
drop function allocation_limit(bigint, bigint, integer);
