import type { SqlStage } from '../store/stage.ts';

interface Column {
  table: string;
  column: string;
  type: string;
}

/** Every column of every table that knows tenants, as the database itself tells. */
export async function columnsOf({ sql }: SqlStage): Promise<readonly Column[]> {
  const rows = await sql.engine.session((session) =>
    session.query(
      `select table_name, column_name, data_type from information_schema.columns c
       where table_schema = 'public' and exists (
         select 1 from information_schema.columns t
         where t.table_schema = 'public' and t.table_name = c.table_name and t.column_name = 'tenant_id')
       order by table_name, column_name`,
    ),
  );
  return rows.map((row) => ({
    table: String(row['table_name']),
    column: String(row['column_name']),
    type: String(row['data_type']),
  }));
}

/** Everything the owner of the tables sees of a tenant, as text, by `table.column`. Bytes are read as UTF-8. */
export async function dumpOf(stage: SqlStage, tenantId: string): Promise<ReadonlyMap<string, string>> {
  const columns = await columnsOf(stage);
  const dump = new Map<string, string>();
  await stage.sql.engine.session(async (session) => {
    await session.query("select set_config('role', $1, true)", [stage.sql.roles.owner]);
    for (const { table, column, type } of columns) {
      const shown = type === 'bytea' ? `encode("${column}", 'base64')` : `"${column}"::text`;
      const rows = await session.query(
        `select ${shown} as shown from "${table}" where tenant_id = $1 and "${column}" is not null`,
        [tenantId],
      );
      const texts = rows.map((row) => String(row['shown']));
      const read = type === 'bytea' ? texts.map((text) => Buffer.from(text, 'base64').toString()) : texts;
      if (read.length > 0) dump.set(`${table}.${column}`, read.join('\n'));
    }
  });
  return dump;
}

/** Which columns hold this text, whatever its case. */
export function placesOf(dump: ReadonlyMap<string, string>, text: string): string[] {
  return [...dump]
    .filter(([, shown]) => shown.toLowerCase().includes(text.toLowerCase()))
    .map(([place]) => place)
    .toSorted();
}
