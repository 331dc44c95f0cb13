import { Kysely, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';
import { AppError, messageOf } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Log } from '../ports/clock.ts';
import type { Engine, Session } from './engine.ts';
import { codeOf } from './failures.ts';
import type { Tables } from './schema.ts';
import { PARSERS } from './values.ts';

const CONNECTIONS = { tenants: 10, dispatch: 3 };
const CONNECT_TIMEOUT_MS = 5_000;
/** No transaction of ours waits for the network or a person: one that idles has lost its way. */
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_MS = 30_000;

/** A PostgreSQL server. Throws `unavailable` with one sentence when it does not answer. */
export async function openPostgres(databaseUrl: Secret, log: Log): Promise<Engine> {
  const pool = poolOf(databaseUrl, CONNECTIONS.tenants, log);
  try {
    await pool.query('select 1');
  } catch (cause) {
    await pool.end();
    throw new AppError(
      'unavailable',
      `The database of DATABASE_URL does not answer (${codeOf(cause) || messageOf(cause)}): check that it runs, its address and its login.`,
      { cause },
    );
  }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const dispatch = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: poolOf(databaseUrl, CONNECTIONS.dispatch, log) }),
  });
  return {
    db,
    dispatch,
    durability: 'fsync',
    session: (work) => sessionOn(pool, work),
    async close() {
      await db.destroy();
      await dispatch.destroy();
    },
  };
}

function poolOf(databaseUrl: Secret, max: number, log: Log): Pool {
  const pool = new Pool({
    connectionString: databaseUrl.reveal(),
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'threat-model-integration',
    options: '-c timezone=UTC',
    types: { getTypeParser },
  });
  // Without a listener, a connection that the server ends would end this process: the pool listens only to idle
  // ones (https://node-postgres.com/apis/pool#events), and one inside a transaction can end between two statements.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ reason: error.message }, 'a database connection was lost'));
  });
  pool.on('error', () => undefined);
  return pool;
}

function getTypeParser(type: number, format?: 'text' | 'binary'): unknown {
  return PARSERS[type] ?? types.getTypeParser(type, format);
}

async function sessionOn<T>(pool: Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    // A migration may take its time.
    await client.query('set local statement_timeout = 0');
    const result = await work({
      run: async (script) => {
        await client.query(script);
      },
      query: async (text, parameters = []) =>
        (await client.query<Record<string, unknown>>(text, [...parameters])).rows,
    });
    await client.query('commit');
    client.release();
    return result;
  } catch (thrown) {
    // Ends the connection and with it the transaction, whatever state it is in.
    client.release(true);
    throw thrown;
  }
}
