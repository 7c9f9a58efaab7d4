-- Names are found although a letter is wrong, by groups of three letters.
create index directory_organisation_name_letters on directory_organisation using gin (name gin_trgm_ops);
create index directory_place_name_letters on directory_place using gin (name gin_trgm_ops);
-- reverse
drop index directory_place_name_letters;
drop index directory_organisation_name_letters;
