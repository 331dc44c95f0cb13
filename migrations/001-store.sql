-- Runs the same on PostgreSQL 15 or newer and on PGlite, as the owner role. {{owner}}, {{app}}, {{intake}} and
-- {{scheduler}} stand for the quoted role names, which derive from the database's name.
--
-- The tenant comes first in every key. What somebody filters or sorts by is a plain column, because under
-- row-level security an operator that is not leakproof cannot use its index; the rest of a row is `doc`. It is
-- json, not jsonb: text from trackers may hold \u0000 or half a surrogate pair, which jsonb refuses and json keeps.

create table tenants (
  tenant_id text not null primary key,
  threats bigint not null default 0,
  events bigint not null default 0
);

-- Apart from `tenants`, so that a claim never waits for an import that holds the counters.
create table turns (
  tenant_id text not null primary key,
  served_at timestamptz not null default '-infinity'
);

create table integrations (
  tenant_id text not null,
  id uuid not null,
  provider text not null,
  state text not null,
  host text,
  project_id text,
  hook_scheme text,
  renewing_until timestamptz,
  credentials text not null,
  webhook_secrets json not null,
  version bigint not null,
  created_at timestamptz not null,
  doc json not null,
  primary key (tenant_id, id)
);
create index integrations_by_age on integrations (tenant_id, created_at, id);
create index integrations_by_project on integrations (tenant_id, host, project_id);
-- The webhook door knows an id before it knows a tenant.
create index integrations_by_id on integrations (id);

-- One row for each integration: when it is due, and who works on it. A claim empties due_at, and whatever falls
-- due during the work collects there again, so no wake-up is lost. claim_at is when a worker may take it.
create table leases (
  tenant_id text not null,
  integration_id uuid not null,
  due_at timestamptz,
  owner text,
  epoch bigint not null default 0,
  expires_at timestamptz,
  claim_at timestamptz generated always as (case when owner is null then due_at else expires_at end) stored,
  primary key (tenant_id, integration_id),
  foreign key (tenant_id, integration_id) references integrations (tenant_id, id)
);
create index leases_by_claim on leases (claim_at);

create table models (
  tenant_id text not null,
  id uuid not null,
  name text not null,
  format text not null,
  source_repo text,
  source_path text,
  version bigint not null,
  file bytea,
  doc json not null,
  primary key (tenant_id, id)
);
create index models_by_name on models (tenant_id, name, id);
create index models_by_path on models (tenant_id, source_path);

create table threats (
  tenant_id text not null,
  id uuid not null,
  model_id uuid not null,
  number bigint not null,
  key text not null,
  fingerprint text not null,
  status text not null,
  severity text not null,
  presence text not null,
  out_of_scope boolean not null,
  title_lower text not null,
  version bigint not null,
  updated_at timestamptz not null,
  doc json not null,
  primary key (tenant_id, id),
  unique (tenant_id, number),
  foreign key (tenant_id, model_id) references models (tenant_id, id) on delete cascade
);
create index threats_by_model on threats (tenant_id, model_id, number);
create index threats_by_status on threats (tenant_id, status, number);
create index threats_by_severity on threats (tenant_id, severity, number);
create index threats_by_change on threats (tenant_id, updated_at);
create index threats_by_key on threats (tenant_id, key);
create index threats_by_fingerprint on threats (tenant_id, fingerprint);

-- A link outlives its threat and its integration as a tombstone: no foreign key to threats.
create table links (
  tenant_id text not null,
  id uuid not null,
  integration_id uuid not null,
  threat_id uuid not null,
  role text not null,
  mitigation_key text not null,
  state text not null,
  host text not null,
  issue_id text,
  needs_answer boolean not null,
  failures bigint not null,
  version bigint not null,
  created_at timestamptz not null,
  doc json not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, integration_id) references integrations (tenant_id, id)
);
create unique index links_one_per_threat on links (tenant_id, integration_id, threat_id, role, mitigation_key)
  where state <> 'detached';
create unique index links_one_per_issue on links (tenant_id, host, issue_id)
  where state <> 'detached' and issue_id is not null;
create index links_by_threat on links (tenant_id, threat_id);
create index links_by_age on links (tenant_id, integration_id, created_at, id);
create index links_by_state on links (tenant_id, integration_id, state);
create index links_by_issue on links (tenant_id, integration_id, issue_id);

create table ops (
  tenant_id text not null,
  id uuid not null,
  link_id uuid not null,
  state text not null,
  created_at timestamptz not null,
  doc json not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, link_id) references links (tenant_id, id)
);
create index ops_open on ops (tenant_id, link_id) where state = 'open';

-- due_at null = at once. A boolean would lose the mark that comes between reading and clearing: a generation does not.
create table dirty (
  tenant_id text not null,
  integration_id uuid not null,
  link_id uuid not null,
  generation bigint not null default 1,
  attempts bigint not null default 0,
  due_at timestamptz,
  marked_at timestamptz not null default now(),
  reason text not null,
  primary key (tenant_id, integration_id, link_id),
  foreign key (tenant_id, link_id) references links (tenant_id, id)
);
create index dirty_by_due on dirty (tenant_id, integration_id, due_at nulls first, marked_at);

create table deliveries (
  tenant_id text not null,
  id uuid not null,
  integration_id uuid not null,
  verdict text not null,
  received_at timestamptz not null,
  doc json not null,
  body bytea not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, integration_id) references integrations (tenant_id, id)
);
create index deliveries_by_age on deliveries (tenant_id, integration_id, received_at, id);
create index deliveries_open on deliveries (tenant_id, integration_id, received_at) where verdict = 'accepted';
create index deliveries_old on deliveries (tenant_id, received_at);

-- Kept longer than the deliveries themselves.
create table dedupe (
  tenant_id text not null,
  integration_id uuid not null,
  delivery_id text not null,
  received_at timestamptz not null,
  primary key (tenant_id, integration_id, delivery_id),
  foreign key (tenant_id, integration_id) references integrations (tenant_id, id)
);
create index dedupe_old on dedupe (tenant_id, received_at);

-- Identities commit out of order: the publisher gives `sequence`, one at a time and without gaps.
create table outbox (
  tenant_id text not null,
  position bigint not null generated always as identity,
  id uuid not null default gen_random_uuid(),
  sequence bigint,
  type text not null,
  subject text not null,
  data json not null,
  created_at timestamptz not null,
  published_at timestamptz,
  primary key (tenant_id, position),
  unique (tenant_id, id),
  unique (tenant_id, sequence)
);
create index outbox_unpublished on outbox (tenant_id, position) where published_at is null;
create index outbox_old on outbox (tenant_id, created_at);

-- Append only: the app role may not update or delete here.
create table journal (
  tenant_id text not null,
  position bigint not null generated always as identity,
  at timestamptz not null,
  action text not null,
  integration_id uuid,
  link_id uuid,
  threat_id uuid,
  field text,
  doc json not null,
  primary key (tenant_id, position)
);
create index journal_by_threat on journal (tenant_id, threat_id, position);
create index journal_by_action on journal (tenant_id, integration_id, action, at);
create index journal_by_field on journal (tenant_id, link_id, field, at);

create table runs (
  tenant_id text not null,
  id uuid not null,
  integration_id uuid not null,
  state text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  doc json not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, integration_id) references integrations (tenant_id, id)
);
create index runs_by_age on runs (tenant_id, integration_id, created_at, id);
create index runs_by_end on runs (tenant_id, integration_id, finished_at, id);
create index runs_active on runs (tenant_id, integration_id, created_at) where state in ('queued', 'running');

create table run_items (
  tenant_id text not null,
  run_id uuid not null,
  position bigint not null generated always as identity,
  doc json not null,
  primary key (tenant_id, run_id, position),
  foreign key (tenant_id, run_id) references runs (tenant_id, id)
);

create table plans (
  tenant_id text not null,
  id uuid not null,
  integration_id uuid not null,
  created_at timestamptz not null,
  doc json not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, integration_id) references integrations (tenant_id, id)
);
create index plans_by_age on plans (tenant_id, integration_id, created_at);

create table conflicts (
  tenant_id text not null,
  id uuid not null,
  integration_id uuid not null,
  link_id uuid not null,
  field text not null,
  state text not null,
  first_seen_at timestamptz not null,
  doc json not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, link_id) references links (tenant_id, id)
);
create unique index conflicts_one_open on conflicts (tenant_id, link_id, field) where state = 'open';
create index conflicts_by_age on conflicts (tenant_id, first_seen_at, id);
create index conflicts_by_integration on conflicts (tenant_id, integration_id, state);

create table comments (
  tenant_id text not null,
  link_id uuid not null,
  id text not null,
  created_at timestamptz not null,
  doc json not null,
  primary key (tenant_id, link_id, id),
  foreign key (tenant_id, link_id) references links (tenant_id, id)
);

create table idempotency (
  tenant_id text not null,
  key text not null,
  request_hash text not null,
  at timestamptz not null,
  answer json,
  primary key (tenant_id, key)
);
create index idempotency_old on idempotency (tenant_id, at);

-- Secrets of the whole installation, sealed; they belong to no tenant.
create table installation (
  name text not null primary key,
  sealed text not null
);

-- The first lock is that every query names its tenant; this is the second. A setting that ended with its
-- transaction reads '' and not null, hence nullif.
do $$
declare
  name text;
begin
  foreach name in array array['tenants', 'turns', 'integrations', 'leases', 'models', 'threats', 'links', 'ops',
    'dirty', 'deliveries', 'dedupe', 'outbox', 'journal', 'runs', 'run_items', 'plans', 'conflicts', 'comments',
    'idempotency']
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy owner_sees_all on %I to {{owner}} using (true) with check (true)', name);
    execute format($policy$
      create policy own_tenant on %I to {{app}}
        using (tenant_id = nullif(current_setting('app.tenant', true), ''))
        with check (tenant_id = nullif(current_setting('app.tenant', true), ''))
      $policy$, name);
    execute format('grant select, insert on %I to {{app}}', name);
    if name <> 'journal' then
      execute format('grant update, delete on %I to {{app}}', name);
    end if;
  end loop;
end
$$;
grant select, insert on installation to {{app}};

-- The webhook door finds an integration and puts a delivery in; it reads nothing else of anybody.
create policy door on integrations for select to {{intake}} using (true);
create policy door on deliveries for insert to {{intake}} with check (true);
create policy door on dedupe for insert to {{intake}} with check (true);
grant select (tenant_id, id, provider, state, project_id, hook_scheme, webhook_secrets) on integrations to {{intake}};
grant insert on deliveries, dedupe to {{intake}};

-- The scheduler sees what is due and whose it is, never what it is about.
create policy schedule on leases to {{scheduler}} using (true) with check (true);
create policy schedule on turns to {{scheduler}} using (true) with check (true);
create policy schedule on integrations for select to {{scheduler}} using (true);
create policy schedule on models for select to {{scheduler}} using (true);
create policy schedule on outbox for select to {{scheduler}} using (true);
create policy schedule on tenants for select to {{scheduler}} using (true);
grant select, update on leases to {{scheduler}};
grant select, insert, update on turns to {{scheduler}};
grant select (tenant_id, provider, state) on integrations to {{scheduler}};
grant select (tenant_id) on models to {{scheduler}};
grant select (tenant_id) on tenants to {{scheduler}};
grant select (tenant_id, position, published_at) on outbox to {{scheduler}};

-- PGlite is built without lz4.
do $$
begin
  alter table deliveries alter column body set compression lz4;
  alter table models alter column file set compression lz4;
exception when feature_not_supported then
  raise notice 'lz4 is not built in: bodies and files are compressed with pglz';
end
$$;
