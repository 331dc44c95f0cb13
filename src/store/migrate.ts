import { readdirSync, readFileSync } from 'node:fs';
import { AppError } from '../domain/errors.ts';
import type { Engine, Session } from './engine.ts';
import { isLockTimeout } from './failures.ts';
import { ensureRoles, quoted, rolesOf } from './roles.ts';
import type { Roles } from './roles.ts';

const FOLDER = new URL('../../migrations/', import.meta.url);
/** Any number, the same in every version: one migrator at a time. */
const MIGRATION_LOCK = 7_460_131;
const OLDEST_SERVER = 150_000;
/** Behind a migration that waits for a table, everybody else waits for it as well. */
const LOCK_WAIT_S = 3;

interface Migration {
  version: number;
  name: string;
  script: string;
}

function migrations(): readonly Migration[] {
  return readdirSync(FOLDER)
    .filter((file) => /^\d{3}-[a-z0-9-]+\.sql$/.test(file))
    .toSorted()
    .map((file) => ({
      version: Number(file.slice(0, 3)),
      name: file,
      script: readFileSync(new URL(file, FOLDER), 'utf8'),
    }));
}

/**
 * Bring the schema up to date, all or nothing, and answer the roles to work under. A login that may not migrate is
 * enough while there is nothing to migrate. Throws `unavailable` for a server that is too old, a newer schema, or tables in use.
 */
export async function migrate(engine: Engine): Promise<Roles> {
  return engine.session(async (session) => {
    const [server] = await session.query(
      "select current_database() as database, current_setting('server_version_num')::int as version",
    );
    if (Number(server?.['version']) < OLDEST_SERVER)
      throw new AppError('unavailable', 'The database is older than PostgreSQL 15. Use a newer server.');
    const roles = rolesOf(String(server?.['database']));
    const all = migrations();
    if (pending(all, await versionOf(session)).length === 0) return roles;

    await session.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const todo = pending(all, await versionOf(session));
    if (todo.length === 0) return roles;
    await ensureRoles(session, roles);
    await session.run(`set local role ${quoted(roles.owner)}`);
    await session.run(`set local lock_timeout = '${LOCK_WAIT_S}s'`);
    await session.run(
      'create table if not exists schema_migrations (version int primary key, name text not null, applied_at timestamptz not null default now())',
    );
    await session.run('grant select on schema_migrations to public');
    for (const migration of todo) {
      await session.run(named(migration.script, roles)).catch((error: unknown) => {
        throw isLockTimeout(error) ? tablesInUse(migration) : error;
      });
      await session.query('insert into schema_migrations (version, name) values ($1, $2)', [
        migration.version,
        migration.name,
      ]);
    }
    return roles;
  });
}

function tablesInUse({ name }: Migration): AppError {
  return new AppError(
    'unavailable',
    `Migration ${name} needs tables that were in use for ${LOCK_WAIT_S} s: nothing was changed. Start again; if it is in use every time, end the long transactions that pg_stat_activity shows.`,
  );
}

async function versionOf(session: Session): Promise<number> {
  const [table] = await session.query("select to_regclass('schema_migrations') is not null as made");
  if (table?.['made'] !== true) return 0;
  const [row] = await session.query('select coalesce(max(version), 0) as version from schema_migrations');
  return Number(row?.['version']);
}

function pending(all: readonly Migration[], version: number): readonly Migration[] {
  const newest = all.at(-1)?.version ?? 0;
  if (version > newest)
    throw new AppError(
      'unavailable',
      `The database has schema ${version}, this version knows only ${newest}: start the newer version, or restore an older backup.`,
    );
  return all.filter((each) => each.version > version);
}

function named(script: string, roles: Roles): string {
  return script
    .replaceAll('{{owner}}', quoted(roles.owner))
    .replaceAll('{{app}}', quoted(roles.app))
    .replaceAll('{{intake}}', quoted(roles.intake))
    .replaceAll('{{scheduler}}', quoted(roles.scheduler));
}
