-- The journal becomes a chain: each entry gets a place and a hash over itself and the one before it. Whoever changes, takes
-- out or slips in an entry afterwards breaks it. An entry is given its place once, and comes in without one.
alter table journal add column sequence bigint;
alter table journal add column salts json;
alter table journal add column hash text;
create unique index journal_by_sequence on journal (tenant_id, sequence);
create index journal_unchained on journal (tenant_id, position) where sequence is null;

create policy comes_without_a_place on journal as restrictive for insert to {{app}}
  with check (sequence is null and salts is null and hash is null);
create policy gets_its_place_once on journal as restrictive for update to {{app}}
  using (sequence is null)
  with check (sequence is not null and salts is not null and hash is not null);
grant update (sequence, salts, hash) on journal to {{app}};

create policy schedule on journal for select to {{scheduler}} using (true);
grant select (tenant_id, sequence) on journal to {{scheduler}};
