import type { Row } from './erasure.ts';

/** Sealed, and of no use elsewhere; the answers to repeated requests are kept for a day and may tell a secret that was told once. */
const SECRETS: ReadonlySet<string> = new Set(['integrations.credentials', 'integrations.webhook_secrets']);
const LEFT_OUT: ReadonlySet<string> = new Set(['idempotency']);

/** One row as a line of a tenant's export, without secrets; bytes as base64. Undefined: rows of this table are not exported. */
export function exportedLine(table: string, row: Row): string | undefined {
  if (LEFT_OUT.has(table)) return undefined;
  const shown = Object.entries(row)
    .filter(([column]) => !SECRETS.has(`${table}.${column}`))
    .map(([column, value]) => [
      column,
      value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
    ]);
  return `${JSON.stringify({ table, row: Object.fromEntries(shown) })}\n`;
}
