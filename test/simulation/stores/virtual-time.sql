-- A database that goes by the simulation's time. It comes before pg_catalog in the search path, so that `now()`, `clock_timestamp()` and
-- `gen_random_uuid()` of our statements and of the columns' defaults are these.
create schema simulation;
grant usage on schema simulation to public;

create table simulation.clock (at timestamptz not null, since bigint not null);
insert into simulation.clock values ('-infinity', 0);
create sequence simulation.places;
create sequence simulation.ids;
grant select on simulation.clock to public;
grant usage on all sequences in schema simulation to public;

create function simulation.go_on(until timestamptz) returns void language sql as $$
  update simulation.clock set at = until, since = nextval('simulation.places')
$$;

-- Who looks later in the same millisecond sees a later microsecond, as by a real clock.
create function simulation.clock_timestamp() returns timestamptz language sql volatile as $$
  select at + (nextval('simulation.places') - since) * interval '1 microsecond' from simulation.clock
$$;

-- The same in all statements of a transaction.
create function simulation.now() returns timestamptz language plpgsql stable as $$
begin
  if coalesce(current_setting('simulation.now', true), '') = '' then
    perform set_config('simulation.now', simulation.clock_timestamp()::text, true);
  end if;
  return current_setting('simulation.now')::timestamptz;
end $$;

create function simulation.gen_random_uuid() returns uuid language sql volatile as $$
  select ('00000000-0000-4000-8000-' || lpad(to_hex(nextval('simulation.ids')), 12, '0'))::uuid
$$;

create function simulation.tables() returns setof name language sql as $$
  select relname from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r'
    and relname not in ('schema_migrations', 'removed_tenants')
$$;

create procedure simulation.empty() language plpgsql as $$
declare
  backup name;
begin
  for backup in select nspname from pg_namespace where nspname like 'backup%' loop
    execute format('drop schema %I cascade', backup);
  end loop;
  execute (
    select 'truncate ' || string_agg(format('public.%I', name), ', ') || ' restart identity'
    from simulation.tables() as name
  );
  alter sequence simulation.ids restart;
end $$;

create procedure simulation.back_up(backup name) language plpgsql as $$
declare
  name name;
begin
  execute format('create schema %I', backup);
  for name in select simulation.tables() loop
    execute format('create table %I.%I as table public.%I', backup, name, name);
  end loop;
  execute format(
    'create table %I.identities as select sequencename, last_value from pg_sequences where schemaname = ''public''',
    backup
  );
end $$;

create procedure simulation.restore(backup name) language plpgsql as $$
declare
  name name;
  columns text;
begin
  execute (
    select 'truncate ' || string_agg(format('public.%I', t), ', ') || ' restart identity'
    from simulation.tables() as t
  );
  -- Rows come back in any order: references are not looked after.
  perform set_config('session_replication_role', 'replica', true);
  for name in select simulation.tables() loop
    select string_agg(format('%I', attname), ', ') into columns from pg_attribute
    where attrelid = format('public.%I', name)::regclass and attnum > 0 and not attisdropped and attgenerated = '';
    execute format(
      'insert into public.%I (%s) overriding system value select %s from %I.%I', name, columns, columns, backup, name
    );
  end loop;
  execute format(
    'select setval(format(''public.%%I'', sequencename)::regclass, last_value) from %I.identities where last_value is not null',
    backup
  );
end $$;

-- Times as ISO text with milliseconds, bytes as hex.
create function simulation.rows() returns table (of name, content text) language plpgsql as $$
declare
  columns text;
begin
  for of in select simulation.tables() loop
    select string_agg(
      case atttypid
        when 'bytea'::regtype then format('encode(%1$I, ''hex'') as %1$I', attname)
        when 'timestamptz'::regtype then format(
          'case when isfinite(%1$I) then to_char(date_trunc(''milliseconds'', %1$I) at time zone ''UTC'', '
          '''YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'') else %1$I::text end as %1$I', attname)
        else format('%I', attname)
      end, ', ') into columns from pg_attribute
    where attrelid = format('public.%I', of)::regclass and attnum > 0 and not attisdropped;
    execute format('select coalesce(json_agg(r), ''[]'')::text from (select %s from public.%I) as r', columns, of)
      into content;
    return next;
  end loop;
end $$;
