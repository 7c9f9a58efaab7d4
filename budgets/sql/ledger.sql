-- What must always be true of a fund's ledger. Rows are locked in one order: agreements, then periods, then totals.

create trigger period_status_append_only before update or delete on budgets_periodstatus
    for each row execute function refuse_rewriting('period_status_append_only');
create trigger journal_append_only before update or delete on budgets_journal
    for each row execute function refuse_rewriting('journal_append_only');
create trigger entry_append_only before update or delete on budgets_entry
    for each row execute function refuse_rewriting('entry_append_only');

-- A journal is posted on a day of its period. This trigger comes first by its name, so it takes the locks for all.
create function refuse_posting_on_another_day() returns trigger language plpgsql as $$
begin
    perform from partnerships_agreement where id in (
        select p.agreement_id from posted j
        join budgets_poolyear y on y.id = j.pool_year_id join partnerships_pool p on p.id = y.pool_id
    ) order by id for share;
    perform from budgets_period where id in (select period_id from posted) order by id for share;
    if exists (
        select from posted j join budgets_period d on d.id = j.period_id join budgets_poolyear y on y.id = d.pool_year_id
        where j.on < make_date(y.financial_year, 4, 1) or j.on >= make_date(y.financial_year + 1, 4, 1)
            or (d.number < 13 and d.number <> (extract(month from j.on)::int + 8) % 12 + 1)
            or (d.number = 13 and extract(month from j.on) <> 3)
    ) then
        raise exception 'the day is not in the period'
            using errcode = 'check_violation', constraint = 'journal_day_in_period';
    end if;
    return null;
end
$$;
create trigger journal_day_in_period after insert on budgets_journal
    referencing new table as posted for each statement execute function refuse_posting_on_another_day();

-- Nothing is posted to a locked period, or to a period of another year of a fund.
create function refuse_posting_to_locked_period() returns trigger language plpgsql as $$
begin
    if exists (
        select from posted j join budgets_period d on d.id = j.period_id
        where d.state not in ('open', 'closing') or d.pool_year_id <> j.pool_year_id
    ) then
        raise exception 'the period is locked' using errcode = 'check_violation', constraint = 'journal_period_open';
    end if;
    return null;
end
$$;
create trigger journal_period_open after insert on budgets_journal
    referencing new table as posted for each statement execute function refuse_posting_to_locked_period();

-- Nothing is posted on a day on which the agreement is not in operation.
create function refuse_posting_outside_term() returns trigger language plpgsql as $$
begin
    if exists (
        select from posted j
        join budgets_poolyear y on y.id = j.pool_year_id
        join partnerships_pool p on p.id = y.pool_id
        join partnerships_agreement a on a.id = p.agreement_id
        where a.operating_since is null or j.on < a.operating_since or j.on > coalesce(a.ended_on, 'infinity')
    ) then
        raise exception 'not in operation' using errcode = 'check_violation', constraint = 'journal_within_term';
    end if;
    return null;
end
$$;
create trigger journal_within_term after insert on budgets_journal
    referencing new table as posted for each statement execute function refuse_posting_outside_term();

create function refuse_journal_without_entries() returns trigger language plpgsql as $$
begin
    if not exists (select from budgets_entry where journal_id = new.id) then
        raise exception 'journal % has no entries', new.id
            using errcode = 'check_violation', constraint = 'journal_has_entries';
    end if;
    return null;
end
$$;
create constraint trigger journal_has_entries after insert on budgets_journal deferrable initially deferred
    for each row execute function refuse_journal_without_entries();

-- The entries of a journal are zero together. The totals are kept here, whichever road an entry takes.
create function refuse_unbalanced_entries() returns trigger language plpgsql as $$
begin
    if exists (select from added group by journal_id having sum(amount) <> 0) then
        raise exception 'a journal does not balance' using errcode = 'check_violation', constraint = 'journal_balances';
    end if;
    insert into budgets_pooltotal
        (pool_year_id, period_id, account, partner_id, scheme_id, stream_id, amount, entries)
    select j.pool_year_id, j.period_id, e.account, e.partner_id, e.scheme_id, e.stream_id, sum(e.amount), count(*)
    from added e join budgets_journal j on j.id = e.journal_id
    group by 1, 2, 3, 4, 5, 6
    order by 1, 2, 3, 4, 5, 6
    on conflict (pool_year_id, period_id, account, partner_id, scheme_id, stream_id) do update
        set amount = budgets_pooltotal.amount + excluded.amount, entries = budgets_pooltotal.entries + excluded.entries;
    return null;
end
$$;
create trigger journal_balances after insert on budgets_entry
    referencing new table as added for each statement execute function refuse_unbalanced_entries();

-- All entries of a journal are written in one statement, in the transaction that posts it.
create function refuse_later_entries() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select distinct journal_id from added) as a join budgets_journal j on j.id = a.journal_id
        where j.transaction_id <> txid_current()
    ) or exists (
        select from budgets_entry e join (select journal_id, count(*) as n from added group by 1) as a using (journal_id)
        group by e.journal_id, a.n having count(*) <> a.n
    ) then
        raise exception 'the journal is posted' using errcode = 'check_violation', constraint = 'journal_is_whole';
    end if;
    return null;
end
$$;
create trigger journal_is_whole after insert on budgets_entry
    referencing new table as added for each statement execute function refuse_later_entries();

-- The scheme is one of the fund's agreement, and the line one of the same year's plan.
create function refuse_entries_of_another_fund() returns trigger language plpgsql as $$
begin
    if exists (
        select from added e
        join budgets_journal j on j.id = e.journal_id
        join budgets_poolyear y on y.id = j.pool_year_id
        join partnerships_pool p on p.id = y.pool_id
        left join partnerships_scheme s on s.id = e.scheme_id
        left join budgets_planline l on l.id = e.plan_line_id
        where s.agreement_id <> p.agreement_id or l.pool_year_id <> y.id
    ) then
        raise exception 'of another fund' using errcode = 'check_violation', constraint = 'entry_of_its_fund';
    end if;
    return null;
end
$$;
create trigger entry_of_its_fund after insert on budgets_entry
    referencing new table as added for each statement execute function refuse_entries_of_another_fund();

-- A reversal is the exact opposite of the journal that it reverses.
create function refuse_another_reversal() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select distinct journal_id from added) as a
        join budgets_journal j on j.id = a.journal_id and j.reverses_id is not null
        join budgets_journal o on o.id = j.reverses_id
        where o.reverses_id is not null
            or not exists (
                select from budgets_poolyear x join budgets_poolyear y using (pool_id)
                where x.id = o.pool_year_id and y.id = j.pool_year_id
            )
            or exists (
                select account, partner_id, stream_id, scheme_id, plan_line_id, provider_id, paid_by_id, -amount
                from budgets_entry where journal_id = o.id
                except all
                select account, partner_id, stream_id, scheme_id, plan_line_id, provider_id, paid_by_id, amount
                from added where journal_id = j.id
            )
            or (select count(*) from budgets_entry where journal_id = o.id)
                <> (select count(*) from added where journal_id = j.id)
    ) then
        raise exception 'the reversal differs' using errcode = 'check_violation', constraint = 'journal_mirrors';
    end if;
    return null;
end
$$;
create trigger journal_mirrors after insert on budgets_entry
    referencing new table as added for each statement execute function refuse_another_reversal();
-- reverse
drop trigger entry_of_its_fund on budgets_entry;
drop function refuse_entries_of_another_fund();
drop trigger journal_mirrors on budgets_entry;
drop function refuse_another_reversal();
drop trigger journal_is_whole on budgets_entry;
drop function refuse_later_entries();
drop trigger journal_balances on budgets_entry;
drop function refuse_unbalanced_entries();
drop trigger journal_has_entries on budgets_journal;
drop function refuse_journal_without_entries();
drop trigger journal_within_term on budgets_journal;
drop function refuse_posting_outside_term();
drop trigger journal_period_open on budgets_journal;
drop function refuse_posting_to_locked_period();
drop trigger journal_day_in_period on budgets_journal;
drop function refuse_posting_on_another_day();
drop trigger entry_append_only on budgets_entry;
drop trigger journal_append_only on budgets_journal;
drop trigger period_status_append_only on budgets_periodstatus;
