-- The limits in the terms of a fund, and their deputies, are part of the text of a deed: final once it is signed.
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
    elsif tg_table_name = 'partnerships_delegatedlimit' then
        touched := array(
            select deed_id from partnerships_poolterms
            where id in (case when tg_op <> 'INSERT' then old.terms_id end, case when tg_op <> 'DELETE' then new.terms_id end)
        );
    elsif tg_table_name = 'partnerships_limitdeputy' then
        touched := array(
            select t.deed_id from partnerships_poolterms t join partnerships_delegatedlimit l on l.terms_id = t.id
            where l.id in (case when tg_op <> 'INSERT' then old.limit_id end, case when tg_op <> 'DELETE' then new.limit_id end)
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
create trigger delegated_limit_signed_is_final before insert or update or delete on partnerships_delegatedlimit
    for each row execute function refuse_changing_signed_text('delegated_limit_signed_is_final');
create trigger limit_deputy_signed_is_final before insert or update or delete on partnerships_limitdeputy
    for each row execute function refuse_changing_signed_text('limit_deputy_signed_is_final');
-- reverse
drop trigger limit_deputy_signed_is_final on partnerships_limitdeputy;
drop trigger delegated_limit_signed_is_final on partnerships_delegatedlimit;
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
