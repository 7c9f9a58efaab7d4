-- The deed's row is locked first, whatever its state, so that nobody signs it in between. What a locking query inside
-- another does not lock: the rows that the outer condition leaves out. So the state is looked at in a second statement.
create or replace function refuse_changing_signed_text() returns trigger language plpgsql as $$
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
        touched := array[
            case when tg_op <> 'INSERT' then old.deed_id end, case when tg_op <> 'DELETE' then new.deed_id end
        ];
    end if;
    perform from partnerships_deed where id = any(touched) for share;
    select id into signed from partnerships_deed where id = any(touched) and state = 'signed';
    if signed is not null then
        raise exception 'deed % is signed', signed
            using errcode = 'check_violation', constraint = tg_argv[0];
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
-- reverse
create or replace function refuse_changing_signed_text() returns trigger language plpgsql as $$
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
