import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Acceptance,
  acceptanceOf,
  dayAfter,
  endOfAcceptance,
  expire,
  wordsOfAcceptance,
} from '../../src/domain/acceptance.ts';
import { fromGiven } from '../../src/domain/canonical.ts';
import { explain } from '../../src/domain/explanation.ts';
import { endedComment } from '../../src/domain/issue-text.ts';
import { adopt, reimport } from '../../src/domain/reimport.ts';
import { STATUSES, type SourceThreat, type Threat } from '../../src/domain/threat.ts';
import { incoming } from './rematch-samples.ts';
import { WELL } from './situations.ts';
import { AT, threatOf } from './world.ts';

const LATER = '2026-06-01T00:00:00.000Z';
const TERMS = { owner: 'Ada', reason: 'behind the VPN', expiresAt: '2026-06-01' };
const ADA: Acceptance = { ...TERMS, since: AT };
const accepted = (acceptance?: Acceptance): Threat => ({
  ...threatOf({}, 'accepted'),
  ...(acceptance === undefined ? {} : { acceptance }),
});

describe('an acceptance', () => {
  it('belongs to a risk that is carried, and to no other', () => {
    for (const status of STATUSES) {
      const carried = status === 'accepted' || status === 'transferred';
      assert.deepEqual(
        acceptanceOf(undefined, status, AT, TERMS),
        carried ? { acceptance: ADA } : {},
        status,
      );
      const end = endOfAcceptance({ status, acceptance: ADA });
      assert.equal(end, carried ? LATER : null, status);
    }
  });

  it('begins with its status, is renewed with new terms, and is not touched without', () => {
    assert.deepEqual(acceptanceOf(threatOf(), 'accepted', AT), { acceptance: { since: AT } });
    const known = accepted(ADA);
    assert.deepEqual(acceptanceOf(known, 'accepted', LATER), { acceptance: ADA });
    assert.deepEqual(acceptanceOf(known, 'accepted', LATER, { owner: 'Bob' }), {
      acceptance: { owner: 'Bob', since: AT },
    });
    assert.deepEqual(acceptanceOf(known, 'transferred', LATER), { acceptance: { since: LATER } });
    assert.deepEqual(acceptanceOf(accepted(), 'accepted', LATER), {}, 'of before there were any');
  });

  it('ends on the beginning of its day', () => {
    assert.equal(dayAfter('2026-02-27T23:59:59.000Z', 2), '2026-03-01');
    assert.equal(expire(accepted(ADA), [], '2026-05-31T23:59:59.999Z'), undefined);
    const expiry = expire(accepted(ADA), [{ lastOpenStatus: 'identified' }], LATER);
    assert.deepEqual([expiry?.threat.status, expiry?.threat.acceptance], ['identified', undefined]);
    assert.deepEqual(expiry?.ended, { status: 'accepted', owner: 'Ada', on: '2026-06-01' });
    const { action, actor, before, after, note } = expiry?.entry ?? {};
    assert.deepEqual([action, actor, before, after], ['acceptance-ended', 'sync', 'accepted', 'identified']);
    assert.equal(note, 'accepted by Ada until 2026-06-01: behind the VPN');
  });

  it('gives a threat back to those who were at work on it', () => {
    const links = [{ lastOpenStatus: 'identified' }, { lastOpenStatus: 'mitigating' }] as const;
    assert.equal(expire(accepted(ADA), links, LATER)?.threat.status, 'mitigating');
  });

  it('does not end what people have decided otherwise, nor what has no end', () => {
    for (const threat of [
      { ...accepted(ADA), status: 'mitigated' as const },
      accepted({ owner: 'Ada', since: AT }),
      accepted(),
    ])
      assert.equal(expire(threat, [], '2030-01-01T00:00:00.000Z'), undefined);
  });

  it('is told in words, as far as there are any', () => {
    assert.equal(
      wordsOfAcceptance({ status: 'transferred', acceptance: { since: AT, expiresAt: '2026-06-01' } }),
      'transferred until 2026-06-01',
    );
    assert.equal(wordsOfAcceptance({ status: 'accepted', acceptance: { since: AT } }), undefined);
    assert.equal(wordsOfAcceptance({ status: 'mitigated', acceptance: ADA }), undefined);
    const threat = { number: 7, presence: 'present', status: 'accepted', acceptance: ADA } as const;
    const fact = explain({ ...WELL, threat }).facts.find(({ sentence }) =>
      sentence.includes('accepted by Ada until 2026-06-01'),
    );
    assert.match(fact?.todo ?? '', /acceptance\.expiresAt/);
    const text = JSON.stringify(endedComment({ status: 'transferred', on: '2026-06-01', owner: 'Ada' }));
    assert.match(text, /The transfer of this risk by Ada ended on 2026-06-01/);
    assert.match(
      JSON.stringify(endedComment({ status: 'accepted', on: '2026-06-01' })),
      /The acceptance of this risk ended/,
    );
  });
});

const source = (status: SourceThreat['status'], acceptance?: SourceThreat['acceptance']): SourceThreat => ({
  ...incoming({ key: 'k' }),
  status,
  ...(acceptance === undefined ? {} : { acceptance }),
});

describe('a source', () => {
  const IDS = { id: 'id', modelId: 'model' };
  const known = (from: SourceThreat): Threat => ({ ...adopt(from, IDS, AT), number: 1, version: 1 });

  it('says on what terms, and an unchanged one does not undo a renewal', () => {
    const first = known(source('accepted', TERMS));
    assert.deepEqual(first.acceptance, ADA);
    const renewed = { ...first, acceptance: { ...ADA, expiresAt: '2028-01-01' } };
    const again = reimport(renewed, source('accepted', TERMS), 'k', LATER);
    assert.deepEqual([again.differs, again.threat.acceptance?.expiresAt], [false, '2028-01-01']);
    const other = reimport(renewed, source('accepted', { ...TERMS, owner: 'Bob' }), 'k', LATER);
    assert.deepEqual(other.threat.acceptance, { ...TERMS, owner: 'Bob', since: AT });
  });

  it('that has always said accepted does not accept anew what has ended', () => {
    for (const terms of [undefined, TERMS]) {
      const ended = expire({ ...known(source('accepted', terms)), acceptance: ADA }, [], LATER)?.threat;
      assert.ok(ended !== undefined);
      const again = reimport(ended, source('accepted', terms), 'k', LATER);
      assert.deepEqual([again.differs, again.threat.status], [false, 'identified']);
    }
  });

  it('that names new terms accepts anew what has ended', () => {
    const ended = expire(known(source('accepted', TERMS)), [], LATER)?.threat;
    assert.ok(ended !== undefined);
    const { threat } = reimport(ended, source('accepted', { ...TERMS, expiresAt: '2028-01-01' }), 'k', LATER);
    assert.deepEqual(
      [threat.status, threat.acceptance?.expiresAt, threat.acceptance?.since],
      ['accepted', '2028-01-01', LATER],
    );
  });

  it('that changes the status takes the terms with it', () => {
    const { threat } = reimport(known(source('accepted', TERMS)), source('mitigated', TERMS), 'k', LATER);
    assert.deepEqual([threat.status, threat.acceptance], ['mitigated', undefined]);
  });

  it('may be given in canonical words', () => {
    const { raw: _, ...given } = source('accepted', TERMS);
    assert.deepEqual(fromGiven(given).acceptance, TERMS);
    assert.deepEqual(fromGiven({ ...given, acceptance: { owner: 'Ada', reason: undefined } }).acceptance, {
      owner: 'Ada',
    });
  });
});
