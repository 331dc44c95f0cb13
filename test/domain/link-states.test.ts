import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError } from '../../src/domain/errors.ts';
import { assertLinkStep, mayBecome, mayBegin } from '../../src/domain/link-states.ts';
import { LINK_STATES } from '../../src/domain/link.ts';
import type { LinkState } from '../../src/domain/link.ts';

/** Every step there is; a state not named beside another may not follow it. */
const LEGAL = `
  creating: linked quarantined
  linked: dormant threat-gone issue-gone moved quarantined detached
  dormant: linked detached
  threat-gone: linked issue-gone detached
  issue-gone: linked creating detached
  moved: linked detached
  quarantined: linked creating detached
  detached: linked`;

const ISSUE = { id: 'i', key: '1', url: 'u' };
const refused = (thrown: unknown) => thrown instanceof AppError && thrown.code === 'internal';

function legal(from: LinkState): readonly string[] {
  const line = LEGAL.split('\n').find((each) => each.trim().startsWith(`${from}:`)) ?? '';
  return line.split(':')[1]?.trim().split(' ') ?? [];
}

function told(from: LinkState | undefined, link: { state: LinkState; issue?: unknown }, message: string) {
  assert.throws(() => assertLinkStep(from, { id: 'l', ...link }), { code: 'internal', message });
}

describe('the states of a link', () => {
  it('follow each other only as listed, and may always stay', () => {
    for (const from of LINK_STATES)
      for (const to of LINK_STATES)
        assert.equal(mayBecome(from, to), from === to || legal(from).includes(to), `${from} -> ${to}`);
  });

  it('begin with the intent, or bound by a person', () => {
    assert.deepEqual(LINK_STATES.filter(mayBegin), ['creating', 'linked', 'dormant']);
    assert.throws(() => assertLinkStep(undefined, { id: 'l', state: 'moved', issue: ISSUE }), refused);
    assertLinkStep(undefined, { id: 'l', state: 'creating' });
  });

  it('lead anywhere only through linked or creating: fields are written nowhere else', () => {
    const quiet = LINK_STATES.filter((state) => state !== 'linked' && state !== 'creating');
    for (const from of quiet)
      for (const to of quiet)
        if (from !== to && mayBecome(from, to))
          assert.ok(['detached', 'issue-gone'].includes(to), `${from} -> ${to}`);
  });

  it('end with detached, from where only the undo of the undo that ended it leads back to work', () => {
    assert.deepEqual(
      LINK_STATES.filter((state) => mayBecome('detached', state)),
      ['linked', 'detached'],
    );
  });

  it('are refused in words that name the link and the step', () => {
    told(undefined, { state: 'moved', issue: ISSUE }, 'link l may not go from nothing to moved');
    told('detached', { state: 'creating' }, 'link l may not go from detached to creating');
    told('creating', { state: 'creating', issue: ISSUE }, 'link l is creating but already bound to an issue');
    told('creating', { state: 'linked' }, 'link l is linked but bound to no issue');
  });

  it('promise whether an issue is bound', () => {
    for (const state of LINK_STATES) {
      const bound = { id: 'l', state, issue: ISSUE };
      const unbound = { id: 'l', state };
      if (state === 'creating') assert.throws(() => assertLinkStep(state, bound), refused);
      else assertLinkStep(state, bound);
      if (['creating', 'quarantined', 'detached'].includes(state)) assertLinkStep(state, unbound);
      else assert.throws(() => assertLinkStep(state, unbound), refused, state);
    }
  });
});
