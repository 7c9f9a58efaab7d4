-- The table behind Django's database cache: rate limits of logins and of the API.
create unlogged table directory_cache (
    cache_key varchar(255) not null primary key,
    value text not null,
    expires timestamptz not null
);
create index directory_cache_expires on directory_cache (expires);
-- reverse
drop table directory_cache;
