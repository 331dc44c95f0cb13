-- What a run wrote, so that it can be undone, and the links of which a field is held after that.

alter table links add column held boolean not null default false;

-- A table of its own and no part of run_items: items tell people what became of a link, in the order it was done; these
-- are read by run, marked when they are undone, and deleted when they are old.
create table run_changes (
  tenant_id text not null,
  id uuid not null,
  run_id uuid not null,
  link_id uuid not null,
  position bigint not null generated always as identity,
  undone_by uuid,
  at timestamptz not null,
  doc json not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, run_id) references runs (tenant_id, id),
  foreign key (tenant_id, link_id) references links (tenant_id, id)
);
create index run_changes_by_run on run_changes (tenant_id, run_id, position);
create index run_changes_old on run_changes (tenant_id, at);

alter table run_changes enable row level security;
alter table run_changes force row level security;
create policy owner_sees_all on run_changes to {{owner}} using (true) with check (true);
create policy own_tenant on run_changes to {{app}}
  using (tenant_id = nullif(current_setting('app.tenant', true), ''))
  with check (tenant_id = nullif(current_setting('app.tenant', true), ''));
grant select, insert, update, delete on run_changes to {{app}};
