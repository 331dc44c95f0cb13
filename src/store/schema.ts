import type { ColumnType, Generated, Transaction } from 'kysely';
import type { Salts } from '../domain/audit.ts';
import type { CanonicalModel } from '../domain/canonical.ts';
import type { HeldImport } from '../domain/held-import.ts';
import type { Delivery, EventType, JournalEntry } from '../domain/event.ts';
import type { Integration, IntegrationState, ProviderId } from '../domain/integration.ts';
import type { Conflict, KeptComment, Link, LinkState, Op } from '../domain/link.ts';
import type { Plan } from '../domain/plan.ts';
import type { RunChange } from '../domain/run-change.ts';
import type { Run, RunItem, RunState } from '../domain/run.ts';
import type { Format, Severity, Status, Threat, ThreatModel } from '../domain/threat.ts';
import type { IdempotentAnswer } from '../ports/idempotency.ts';
import type { Dirty } from '../ports/repositories.ts';

/** Written as JSON text, read as the value we once wrote. */
type Json<T> = ColumnType<T, string, string>;
type Assigned<T> = ColumnType<T, never, never>;

export interface Tables {
  tenants: { tenant_id: string; threats: Generated<number>; events: Generated<number> };
  turns: { tenant_id: string; served_at: Generated<string> };
  integrations: {
    tenant_id: string;
    id: string;
    provider: ProviderId;
    state: IntegrationState;
    host: string | null;
    project_id: string | null;
    hook_scheme: string | null;
    renewing_until: string | null;
    credentials: string;
    webhook_secrets: Json<readonly string[]>;
    version: number;
    created_at: string;
    doc: Json<Omit<Integration, 'version' | 'state' | 'provider'>>;
  };
  leases: {
    tenant_id: string;
    integration_id: string;
    due_at: string | null;
    owner: string | null;
    epoch: Generated<number>;
    expires_at: string | null;
    claim_at: Assigned<string | null>;
  };
  models: {
    tenant_id: string;
    id: string;
    name: string;
    format: Format;
    source_repo: string | null;
    source_path: string | null;
    version: number;
    file: Uint8Array | null;
    doc: Json<Omit<ThreatModel, 'version' | 'format'>>;
  };
  held_imports: {
    tenant_id: string;
    id: string;
    model_id: string;
    at: string;
    doc: Json<HeldImport>;
    file: Uint8Array | null;
    given: Json<CanonicalModel> | null;
  };
  threats: {
    tenant_id: string;
    id: string;
    model_id: string;
    number: number;
    key: string;
    fingerprint: string;
    status: Status;
    severity: Severity;
    presence: Threat['presence'];
    out_of_scope: boolean;
    title_lower: string;
    to_do: string[];
    to_do_shared: string[];
    acceptance_ends_at: string | null;
    version: number;
    updated_at: string;
    doc: Json<Omit<Threat, 'number' | 'version' | 'status' | 'severity' | 'presence'>>;
  };
  links: {
    tenant_id: string;
    id: string;
    integration_id: string;
    threat_id: string;
    role: Link['role'];
    mitigation_key: string;
    state: LinkState;
    host: string;
    issue_id: string | null;
    needs_answer: boolean;
    held: boolean;
    failures: number;
    error_code: string | null;
    version: number;
    created_at: string;
    doc: Json<Omit<Link, 'version' | 'state'>>;
  };
  ops: {
    tenant_id: string;
    id: string;
    link_id: string;
    state: Op['state'];
    created_at: string;
    doc: Json<Omit<Op, 'state'>>;
  };
  dirty: {
    tenant_id: string;
    integration_id: string;
    link_id: string;
    generation: Generated<number>;
    attempts: Generated<number>;
    due_at: string | null;
    marked_at: Generated<string>;
    reason: Dirty['reason'];
  };
  deliveries: {
    tenant_id: string;
    id: string;
    integration_id: string;
    verdict: Delivery['verdict'];
    received_at: string;
    doc: Json<Omit<Delivery, 'body' | 'verdict'>>;
    body: Uint8Array;
  };
  dedupe: { tenant_id: string; integration_id: string; delivery_id: string; received_at: string };
  outbox: {
    tenant_id: string;
    position: Assigned<number>;
    id: Generated<string>;
    sequence: ColumnType<number | null, never, number>;
    type: EventType;
    subject: string;
    data: Json<Readonly<Record<string, unknown>>>;
    created_at: string;
    published_at: ColumnType<string | null, never, string>;
  };
  journal: {
    tenant_id: string;
    position: Assigned<number>;
    at: string;
    action: string;
    integration_id: string | null;
    link_id: string | null;
    threat_id: string | null;
    field: string | null;
    doc: Json<JournalEntry>;
    written_at: Assigned<string>;
    sequence: Assigned<number | null>;
    salts: Assigned<Salts | null>;
    hash: Assigned<string | null>;
  };
  runs: {
    tenant_id: string;
    id: string;
    integration_id: string;
    state: RunState;
    created_at: string;
    finished_at: string | null;
    doc: Json<Omit<Run, 'state'>>;
  };
  run_items: { tenant_id: string; run_id: string; position: Assigned<number>; doc: Json<RunItem> };
  run_changes: {
    tenant_id: string;
    id: string;
    run_id: string;
    link_id: string;
    position: Assigned<number>;
    undone_by: ColumnType<string | null, never, string>;
    at: string;
    doc: Json<RunChange>;
  };
  plans: { tenant_id: string; id: string; integration_id: string; created_at: string; doc: Json<Plan> };
  conflicts: {
    tenant_id: string;
    id: string;
    integration_id: string;
    link_id: string;
    field: string;
    cause: string;
    state: Conflict['state'];
    first_seen_at: string;
    settled_at: string | null;
    doc: Json<Omit<Conflict, 'state'>>;
  };
  comments: { tenant_id: string; link_id: string; id: string; created_at: string; doc: Json<KeptComment> };
  idempotency: {
    tenant_id: string;
    key: string;
    request_hash: string;
    at: string;
    answer: Json<IdempotentAnswer> | null;
  };
  installation: { name: string; sealed: string };
}

/** A transaction that has taken its role and, as the app role, its tenant. */
export type Trx = Transaction<Tables>;
