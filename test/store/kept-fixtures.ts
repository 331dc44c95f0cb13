import { randomUUID } from 'node:crypto';
import type { HeldImport } from '../../src/domain/held-import.ts';
import type { Link } from '../../src/domain/link.ts';
import type { FieldChange } from '../../src/domain/run-change.ts';
import type { ThreatModel } from '../../src/domain/threat.ts';

/** The first moment of `at`. */
const FIRST = '2026-01-01T00:00:00.000Z';

type IssueChange = Extract<FieldChange, { side: 'issue' }>;

export function aChange(
  runId: string,
  link: Pick<Link, 'id'>,
  change: Partial<IssueChange> = {},
): IssueChange {
  return {
    kind: 'field',
    id: randomUUID(),
    runId,
    linkId: link.id,
    field: 'title',
    side: 'issue',
    before: { threat: 'b', issue: 'a' },
    after: { threat: 'b', issue: 'b' },
    past: { threat: 'a', issue: 'a' },
    at: FIRST,
    ...change,
  };
}

export function aHeldImport(
  model: Pick<ThreatModel, 'id' | 'name'>,
  change: Partial<HeldImport> = {},
): HeldImport {
  return {
    id: randomUUID(),
    modelId: model.id,
    modelName: model.name,
    modelVersion: 1,
    reason: '9 of 10 threats are no longer in the source',
    found: 1,
    fresh: 0,
    gone: 9,
    hash: 'hash',
    by: 'ann',
    at: FIRST,
    ...change,
  };
}
