-- Imports that would lose too many threats wait here for a yes: at most one for each model, the newest.
create table held_imports (
  tenant_id text not null,
  id uuid not null,
  model_id uuid not null,
  at timestamptz not null,
  doc json not null,
  file bytea,
  given json,
  primary key (tenant_id, id),
  unique (tenant_id, model_id),
  foreign key (tenant_id, model_id) references models (tenant_id, id) on delete cascade
);
create index held_imports_by_age on held_imports (tenant_id, at, id);

alter table held_imports enable row level security;
alter table held_imports force row level security;
create policy owner_sees_all on held_imports to {{owner}} using (true) with check (true);
create policy own_tenant on held_imports to {{app}}
  using (tenant_id = nullif(current_setting('app.tenant', true), ''))
  with check (tenant_id = nullif(current_setting('app.tenant', true), ''));
grant select, insert, update, delete on held_imports to {{app}};
