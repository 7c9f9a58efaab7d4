-- A figure is superseded, never edited: of an allocation only `is_current` may change, and no row is deleted.
create function refuse_changing_an_allocation() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        old.is_current := new.is_current;
        if old is not distinct from new then
            return new;
        end if;
    end if;
    raise exception 'allocations are append-only'
        using errcode = 'check_violation', constraint = 'allocation_append_only';
end
$$;

create trigger allocation_append_only before update or delete on budgets_allocation
    for each row execute function refuse_changing_an_allocation();
-- reverse
drop trigger allocation_append_only on budgets_allocation;
drop function refuse_changing_an_allocation();
