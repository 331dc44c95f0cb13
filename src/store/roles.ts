import { createHash } from 'node:crypto';
import { AppError } from '../domain/errors.ts';
import type { Session } from './engine.ts';

/**
 * Four roles for each database, because roles belong to the whole server. `owner` has the tables, `app` sees one
 * tenant, `intake` puts deliveries in, `scheduler` sees what is due.
 */
export interface Roles {
  owner: string;
  app: string;
  intake: string;
  scheduler: string;
}

/** Leaves room for the longest ending in PostgreSQL's 63 bytes, and needs no escape inside a migration. */
const SIMPLE = /^[A-Za-z0-9_-]{1,53}$/;

export function rolesOf(database: string): Roles {
  const stem = SIMPLE.test(database)
    ? database
    : createHash('sha256').update(database).digest('hex').slice(0, 40);
  return {
    owner: `${stem}_owner`,
    app: `${stem}_app`,
    intake: `${stem}_intake`,
    scheduler: `${stem}_scheduler`,
  };
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Make the missing roles, and let this login take each. Throws `unavailable` with the SQL to run when it may not. */
export async function ensureRoles(session: Session, roles: Roles): Promise<void> {
  const [login] = await session.query(
    'select current_user as name, rolsuper as super from pg_roles where rolname = current_user',
  );
  const todo: string[] = [];
  for (const role of Object.values(roles)) {
    const [known] = await session.query(
      "select case when $2 then true else pg_has_role(current_user, oid, 'member') end as member from pg_roles where rolname = $1",
      [role, login?.['super']],
    );
    if (known === undefined) todo.push(`create role ${quoted(role)} nologin`);
    if (known?.['member'] !== true && login?.['super'] !== true)
      todo.push(`grant ${quoted(role)} to ${quoted(String(login?.['name']))}`);
  }
  const [schema] = await session.query(
    "select has_schema_privilege(oid, 'public', 'create') as may from pg_roles where rolname = $1",
    [roles.owner],
  );
  if (schema?.['may'] !== true) todo.push(`grant usage, create on schema public to ${quoted(roles.owner)}`);
  try {
    for (const statement of todo) await session.run(statement);
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `The database login may not make our roles. Run this once as an administrator: ${todo.join('; ')};`,
      { cause },
    );
  }
}
