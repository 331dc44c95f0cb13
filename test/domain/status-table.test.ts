import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { POLICIES, type Policy } from '../../src/domain/integration.ts';
import type { Step } from '../../src/domain/plan.ts';
import { reconcile } from '../../src/domain/reconcile.ts';
import { STATUSES, type Status } from '../../src/domain/threat.ts';
import { AT } from './world.ts';

/** All that an issue can say: every status of ours, that there is work, and that it was closed without a reason. */
const WORDS = [...STATUSES, 'open', 'dropped'] as const;
type Word = (typeof WORDS)[number];

/** What the issue of a tracker without a status for work in progress should say. */
const PUT: Record<Status, Word> = {
  identified: 'open',
  analyzing: 'open',
  mitigating: 'open',
  mitigated: 'mitigated',
  accepted: 'accepted',
  transferred: 'transferred',
  avoided: 'avoided',
  'false-positive': 'false-positive',
};
const OPEN: readonly Word[] = ['identified', 'analyzing', 'mitigating'];

interface Row {
  threat: { before: Status; now: Status };
  issue: { before: Word; now: Word };
  policy: Policy;
  lastOpen: Status;
}

function* rows(): Generator<Row> {
  for (const before of STATUSES)
    for (const now of STATUSES)
      for (const said of WORDS)
        for (const says of WORDS)
          for (const policy of POLICIES)
            for (const lastOpen of ['identified', 'mitigating'] as const)
              yield { threat: { before, now }, issue: { before: said, now: says }, policy, lastOpen };
}

function expected({ threat, issue, policy, lastOpen }: Row): Step | undefined {
  const [moved, edited] = [threat.now !== threat.before, issue.now !== issue.before];
  if (!moved && !edited) return undefined;
  const agreed: Step = { kind: 'agree', field: 'status', threat: threat.now, issue: issue.now };
  if (PUT[threat.now] === issue.now) return agreed;
  const both = moved && edited;
  const wonBy = both ? { wonBy: policy } : {};
  if (both && policy !== 'threat' && policy !== 'issue')
    return {
      kind: 'conflict',
      field: 'status',
      threat: threat.now,
      issue: issue.now,
      base: { threat: threat.before, issue: issue.before },
    };
  if (!edited || (both && policy === 'threat'))
    return {
      kind: 'push',
      field: 'status',
      threat: threat.now,
      from: issue.now,
      to: PUT[threat.now],
      ...wonBy,
    };
  if (issue.now === 'dropped') return { kind: 'question', field: 'status', issue: 'dropped' };
  // An issue that is open says nothing against a threat that is; else it is where it was while it was open.
  const reopened = OPEN.includes(threat.now) ? threat.now : lastOpen;
  const to = issue.now === 'open' ? reopened : issue.now;
  if (to === threat.now) return agreed;
  return { kind: 'pull', field: 'status', from: threat.now, to, issue: issue.now, ...wonBy };
}

describe('the table of every status and every word of an issue', () => {
  it('gives the step of each, under each policy', (t) => {
    let count = 0;
    for (const row of rows()) {
      const { threat, issue, policy, lastOpen } = row;
      const steps = reconcile({
        link: {
          base: { threat: { status: threat.before }, issue: { status: issue.before }, mappingVersion: 1 },
          fields: {},
          lastOpenStatus: lastOpen,
        },
        threat: { status: threat.now },
        issue: { status: issue.now },
        put: { status: PUT[threat.now] },
        ops: [],
        mapping: { version: 1, policies: { status: policy, title: policy, block: policy } },
        approved: false,
        times: { threat: { status: AT }, issue: {} },
      });
      const step = expected(row);
      assert.deepEqual(steps, step === undefined ? [] : [step], JSON.stringify(row));
      count += 1;
    }
    t.diagnostic(`${count} rows`);
    assert.equal(count, 51_200);
  });
});
