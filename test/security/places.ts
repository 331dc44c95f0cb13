import type { SqlStage } from '../store/stage.ts';

/** Every row of every table as text, with its table: columns of bytes come as hexadecimal, and as the text they hold. */
export async function dump(stage: SqlStage): Promise<ReadonlyMap<string, string>> {
  return stage.sql.engine.session(async (session) => {
    await session.query("select set_config('role', $1, true)", [stage.sql.roles.owner]);
    const tables = await session.query(
      "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    );
    const rows = new Map<string, string>();
    for (const { name } of tables) {
      const found = await session.query(`select row_to_json(t)::text as row from "${String(name)}" t`);
      const text = found.map(({ row }) => String(row)).join('\n');
      rows.set(String(name), `${text}\n${bytesIn(text)}`);
    }
    return rows;
  });
}

function bytesIn(text: string): string {
  return [...text.matchAll(/\\x([0-9a-f]+)/g)]
    .map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1'))
    .join('\n');
}
