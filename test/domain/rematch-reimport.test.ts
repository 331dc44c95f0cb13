import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { contentHash } from '../../src/domain/identity.ts';
import { reimport, vanish } from '../../src/domain/reimport.ts';
import { STATUSES } from '../../src/domain/threat.ts';
import { incoming, known } from './rematch-samples.ts';

const LATER = '2026-02-02T00:00:00.000Z';

describe('reimport', () => {
  it('changes nothing when the source says what it said', () => {
    const threat = known({ key: 'a' });
    const again = reimport(threat, incoming({ key: 'a' }), 'a', LATER);
    assert.deepEqual(again, { threat, changes: [], differs: false });
  });

  it('takes the status of the source only if it changed there since its own last import', () => {
    const status = fc.constantFrom(...STATUSES);
    fc.assert(
      fc.property(status, status, status, (imported, ours, now) => {
        const threat = { ...known({ key: 'a', status: imported }), status: ours };
        const again = reimport(threat, incoming({ key: 'a', status: now }), 'a', LATER);
        assert.equal(again.threat.status, now === imported ? ours : now);
        assert.equal(again.threat.imported.status, now);
      }),
    );
  });

  it('tells a changed title with the values before and after', () => {
    const again = reimport(
      known({ key: 'a', title: 'Old' }),
      incoming({ key: 'a', title: 'New' }),
      'a',
      LATER,
    );
    assert.deepEqual(again.changes, [{ field: 'title', before: 'Old', after: 'New' }]);
    assert.equal(again.threat.contentHash, contentHash(again.threat));
    assert.equal(again.threat.updatedAt, LATER);
  });

  it('keeps what a person changed here while the source still says the same', () => {
    const edited = { ...known({ key: 'a' }), title: 'Better words' };
    const threat = { ...edited, contentHash: contentHash(edited) };
    const again = reimport(threat, incoming({ key: 'a' }), 'a', LATER);
    assert.equal(again.threat.title, 'Better words');
    assert.equal(again.differs, false);
  });

  it('keeps display numbers up to date without a word', () => {
    const again = reimport(
      known({ key: 'a', displayRef: '#1' }),
      incoming({ key: 'a', displayRef: '#2' }),
      'a',
      LATER,
    );
    assert.equal(again.threat.displayRef, '#2');
    assert.equal(again.differs, true);
    assert.deepEqual(again.changes, []);
  });

  it('marks a threat that is gone, and clears the mark when it is back', () => {
    const gone = vanish(known({ key: 'a' }), LATER);
    assert.deepEqual(gone.changes, [{ field: 'presence', before: 'present', after: 'missing' }]);
    assert.equal(gone.threat.missingSince, LATER);
    const back = reimport(gone.threat, incoming({ key: 'a' }), 'a', LATER);
    assert.equal(back.threat.presence, 'present');
    assert.equal(back.threat.missingSince, undefined);
    assert.ok(!('missingSince' in back.threat));
  });
});
