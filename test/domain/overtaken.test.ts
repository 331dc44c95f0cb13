import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import type { Mapping } from '../../src/domain/integration.ts';
import type { PastChange, StatusCategory } from '../../src/domain/issue.ts';
import type { Op } from '../../src/domain/link.ts';
import { questionable, wasCarriedOut, wasSetByOthers } from '../../src/domain/overtaken.ts';
import { reconcile } from '../../src/domain/reconcile.ts';
import { AT } from './world.ts';

const SEEN = { version: '7', updatedAt: AT };
const BY_ID: Mapping = {
  ...DEFAULT_MAPPING,
  status: { ...DEFAULT_MAPPING.status, toId: { mitigated: '30', accepted: '31' } },
};

function opOf(status: string | undefined, rest: Partial<Op> = {}): Op {
  const issue = status === undefined ? { title: 'Words' } : { status };
  return {
    id: `op-${status}`,
    linkId: 'l',
    integrationId: 'i',
    kind: 'update',
    runId: 'r',
    epoch: 1,
    payload: { threat: { status: status ?? null }, issue, mark: 'm', seen: SEEN },
    state: 'open',
    absences: 0,
    createdAt: AT,
    ...rest,
  };
}

function asked(ops: readonly Op[], before: string | undefined, mapping = DEFAULT_MAPPING) {
  return questionable(ops, before, mapping).map(({ op }) => op.id);
}

function to(category: StatusCategory, by: string, id: string = category): PastChange {
  return { at: AT, field: 'status', to: { category, id }, by };
}

function found(changes: readonly PastChange[], mapping = DEFAULT_MAPPING): boolean {
  return wasCarriedOut('accepted', changes, ['bot', 'former-bot'], mapping);
}

describe('a write of the status without a known outcome', () => {
  it('is looked for in the history when it would show there', () => {
    assert.deepEqual(asked([opOf('mitigated')], 'open'), ['op-mitigated']);
    assert.deepEqual(asked([opOf('open')], 'accepted'), ['op-open']);
    assert.deepEqual(asked([opOf('mitigating')], 'open'), ['op-mitigating']);
  });

  it('is not looked for when there is nothing to look for', () => {
    assert.deepEqual(asked([opOf(undefined)], 'open'), []);
    assert.deepEqual(asked([opOf('mitigated')], undefined), []);
    assert.deepEqual(asked([opOf('mitigated', { kind: 'comment' })], 'open'), []);
    const { seen: _, ...payload } = opOf('mitigated').payload;
    assert.deepEqual(asked([opOf('mitigated', { payload })], 'open'), []);
  });

  it('is not looked for where labels alone tell it from what was before', () => {
    assert.deepEqual(asked([opOf('accepted')], 'mitigated'), []);
    assert.deepEqual(asked([opOf('accepted')], 'mitigated', BY_ID), ['op-accepted']);
  });
});

describe('a history', () => {
  it('shows a write by what one of our accounts did', () => {
    assert.equal(found([to('dropped', 'bot'), to('open', 'ann')]), true);
    assert.equal(found([to('done', 'former-bot'), to('open', 'ann')]), true);
    assert.equal(found([to('dropped', 'ann'), to('open', 'ann')]), false);
    assert.equal(found([to('active', 'bot'), to('open', 'ann')]), false);
    assert.equal(found([]), false);
  });

  it('shows it by the very status that the mapping names', () => {
    assert.equal(found([to('done', 'bot', '31'), to('open', 'ann')], BY_ID), true);
    assert.equal(found([to('done', 'bot', '30'), to('open', 'ann')], BY_ID), false);
  });

  it('shows nothing of a write by the steps of an earlier one, nor while nobody else was there', () => {
    assert.equal(found([to('dropped', 'bot')]), false);
    assert.equal(found([to('dropped', 'bot'), to('open', 'bot')]), false);
    assert.equal(found([to('dropped', 'bot'), to('open', 'bot'), to('done', 'ann')]), false);
    assert.equal(found([to('open', 'bot'), to('dropped', 'bot'), to('done', 'ann')]), true);
  });
});

function byOthers(changes: readonly PastChange[]): boolean {
  return wasSetByOthers('open', changes, ['bot'], DEFAULT_MAPPING);
}

describe('a status that the issue shows as we had wanted it', () => {
  it('is somebody else’s where the history shows nothing of ours', () => {
    assert.equal(byOthers([to('open', 'ann')]), true);
    assert.equal(byOthers([to('done', 'bot'), to('open', 'ann')]), true);
  });

  it('is ours where we have brought it there, or nobody tells', () => {
    assert.equal(byOthers([to('open', 'bot')]), false);
    assert.equal(byOthers([to('open', 'bot'), to('done', 'ann'), to('open', 'ann')]), false);
    assert.equal(byOthers([to('open', 'ann'), to('done', 'ann')]), false);
    assert.equal(byOthers([]), false);
  });

  it('is then an edit against what the threat has become', () => {
    const sides = {
      link: {
        base: { threat: { status: 'accepted' }, issue: { status: 'accepted' }, mappingVersion: 1 },
        fields: {},
        lastOpenStatus: 'identified',
      },
      threat: { status: 'false-positive' },
      issue: { status: 'open' },
      put: { status: 'false-positive' },
      ops: [opOf('open', { id: 'told' })],
      mapping: DEFAULT_MAPPING,
      approved: false,
    } as const;
    assert.deepEqual(
      [reconcile(sides), reconcile({ ...sides, notOurs: new Set(['told']) })].map(([step]) => step?.kind),
      ['push', 'conflict'],
    );
  });
});

describe('a write that was carried out and undone', () => {
  const sides = {
    link: {
      base: { threat: { status: 'identified' }, issue: { status: 'open' }, mappingVersion: 1 },
      fields: {},
      lastOpenStatus: 'identified',
    },
    threat: { status: 'mitigated' },
    issue: { status: 'open' },
    put: { status: 'mitigated' },
    ops: [opOf('mitigated')],
    mapping: { version: 1, policies: DEFAULT_MAPPING.policies },
    approved: false,
  } as const;

  it('is the past: the threat follows the person', () => {
    const steps = reconcile({ ...sides, overtaken: new Set(['op-mitigated']) });
    assert.deepEqual(steps, [
      { kind: 'pull', field: 'status', from: 'mitigated', to: 'identified', issue: 'open' },
    ]);
  });

  it('is written again as long as nobody knows better', () => {
    const [step] = reconcile(sides);
    assert.equal(step?.kind, 'push');
  });
});
