import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import type { Link } from '../../src/domain/link.ts';
import { NO_COUNTS, type Run } from '../../src/domain/run.ts';
import { bearer, ID, openHouse } from './house.ts';

const AT = '2026-11-22T14:03:00.000Z';
const OTHER = '7d444840-9dc0-41d1-b245-5ffdce74fad2';
const RUN: Run = {
  id: OTHER,
  integrationId: ID,
  trigger: 'undo',
  undoes: ID,
  state: 'queued',
  full: false,
  passes: 0,
  passesWanted: 1,
  progress: { done: 0, total: 0 },
  counts: NO_COUNTS,
  calls: 0,
  requestedBy: 'ann',
  createdAt: AT,
};
const LINK: Link = {
  id: ID,
  integrationId: ID,
  threatId: ID,
  role: 'threat',
  mitigationKey: '',
  state: 'linked',
  stateSince: AT,
  issue: { id: 'I_1', key: '1', url: 'https://tracker.example/1' },
  fields: { title: { kind: 'hold', since: AT, threat: 'a', issue: 'b' } },
  lastOpenStatus: 'identified',
  closedByUs: false,
  failures: 0,
  version: 1,
  createdAt: AT,
};
const whose = { linkId: ID, threatId: ID, issueKey: '1', title: 'Words' };
const undo = { runId: ID, changes: [OTHER], past: { threat: 'b' }, holds: true };
const released: unknown[] = [];
const { app } = await openHouse({
  useCases: {
    undo: {
      preview: async (_caller, runId) => ({
        runId,
        does: [
          {
            ...whose,
            step: { kind: 'push', field: 'title', threat: 'c', from: 'c', to: 'b', undo },
            sentence: 'The title of issue 1 goes back from "c" to "b".',
          },
        ],
        leaves: [{ ...whose, fields: ['status'], code: 'issue-changed', message: 'Since the run …' }],
        brakes: [],
      }),
      start: async (_caller, runId) => {
        if (runId === ID) return RUN;
        throw new AppError('nothing-to-undo', 'All that this run wrote was taken back already.');
      },
    },
    links: {
      list: async () => ({ items: [LINK] }),
      create: async () => LINK,
      remove: async () => {},
      release: async (_caller, id, field) => (released.push([id, field]), { ...LINK, fields: {} }),
    },
  },
});
after(() => app.close());
const headers = await bearer('operator');
const post = (url: string) => app.inject({ method: 'POST', url, headers });

describe('taking back a run over HTTP', () => {
  it('is shown first, in sentences', async () => {
    const answer = await app.inject({ url: `/api/runs/${ID}/undo`, headers: await bearer('viewer') });
    assert.equal(answer.statusCode, 200);
    const { does, leaves } = answer.json();
    assert.equal(does[0].sentence, 'The title of issue 1 goes back from "c" to "b".');
    assert.deepEqual(does[0].step.undo, { runId: ID, holds: true });
    assert.deepEqual(leaves[0].code, 'issue-changed');
  });

  it('is queued as a run of its own', async () => {
    const answer = await post(`/api/runs/${ID}/undo`);
    assert.deepEqual([answer.statusCode, answer.headers['location']], [202, `/api/runs/${OTHER}`]);
    assert.deepEqual([answer.json().trigger, answer.json().undoes], ['undo', ID]);
  });

  it('is refused with a code where nothing is left to take back', async () => {
    const answer = await post(`/api/runs/${OTHER}/undo`);
    assert.deepEqual([answer.statusCode, answer.json().code], [409, 'nothing-to-undo']);
  });
});

describe('a held field over HTTP', () => {
  it('is shown with both values', async () => {
    const answer = await app.inject({ url: `/api/integrations/${ID}/links`, headers });
    assert.deepEqual(answer.json().items[0].fields, LINK.fields);
  });

  it('is released by its name, also where that needs escapes', async () => {
    for (const field of ['title', 'label:severity/high now']) {
      const answer = await post(`/api/links/${ID}/fields/${encodeURIComponent(field)}/release`);
      assert.deepEqual([answer.statusCode, answer.json().fields], [200, {}]);
      assert.deepEqual(released.pop(), [ID, field]);
    }
  });
});
