-- Tenants that an operator has removed. No table of a tenant: a name and what is left to do. `deleting`: rows have begun to go.
create table removed_tenants (
  name text not null primary key,
  removed_at timestamptz not null default now(),
  deleting boolean not null default false
);
grant select on removed_tenants to {{scheduler}};

-- Asked at the start of every transaction of a tenant. The shared lock lasts as long as it: who removes the tenant waits for it,
-- and what begins afterwards sees the row. A function of its own, because a statement sees nothing that is committed while it
-- waits; of the owner, because nobody else needs to know who was removed.
create function may_enter(tenant text) returns boolean
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
  perform pg_advisory_xact_lock_shared(7460134, hashtext(tenant));
  return not exists (select 1 from removed_tenants where name = tenant);
end
$$;
