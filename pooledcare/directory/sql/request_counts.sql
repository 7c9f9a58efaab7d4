-- How many requests each client of the API made in the present minute; unlogged, because a crash may forget it.
create unlogged table request_count (
    client varchar(100) not null primary key,
    window_start bigint not null,
    used integer not null
) with (fillfactor = 50);
-- reverse
drop table request_count;
