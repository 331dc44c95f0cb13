import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_MAPPING } from '../../src/domain/filter.ts';
import {
  homeOf,
  KEYED_FORMATS,
  linkNames,
  mitigationsToDo,
  nameOf,
  servedBy,
  type ServedMitigation,
  severityOf,
  subjectKey,
  subjectsOfModel,
  withMitigationStatus,
} from '../../src/domain/mitigations.ts';
import { mitigationBlock, mitigationTitle, mitigationVersion } from '../../src/domain/mitigation-text.ts';
import { reimport } from '../../src/domain/reimport.ts';
import { reconcile } from '../../src/domain/reconcile.ts';
import { pullStatus, putStatus, statusChange, statusWordOf } from '../../src/domain/status-words.ts';
import { isOpen, MITIGATION_STATUSES, STATUSES } from '../../src/domain/threat.ts';
import type { Mitigation, MitigationStatus, Threat } from '../../src/domain/threat.ts';
import { asShown, put, threatValues } from '../../src/domain/values.ts';
import { fc } from '../properties.ts';
import { incoming } from './rematch-samples.ts';
import { AT, issueOf, LINK, MODEL, SHAPE, threatOf, trackerStatus, written } from './world.ts';

function mitigation(key: string, status: MitigationStatus = 'proposed', shared = false): Mitigation {
  return { key, title: `Do ${key}`, status, shared };
}

function withMitigations(number: number, ...mitigations: readonly Mitigation[]): Threat {
  return { ...threatOf({ key: `k${number}`, title: `Threat ${number}`, mitigations }), number };
}

function served(status: MitigationStatus = 'proposed', ...more: readonly Threat[]): ServedMitigation {
  const home = withMitigations(1, mitigation('m', status, more.length > 0));
  return servedBy(home, 'm', [home, ...more]) ?? assert.fail('it is there');
}

function issueSays(category: 'open' | 'active' | 'done' | 'dropped', ...labels: string[]) {
  return statusWordOf({ status: trackerStatus(category), labels }, DEFAULT_MAPPING);
}

function told(now: MitigationStatus) {
  const words = [
    issueSays('open'),
    issueSays('active'),
    issueSays('done'),
    issueSays('done', 'tm-verified'),
    issueSays('dropped'),
    issueSays('dropped', 'tm-accepted'),
  ];
  return words.map((word) => pullStatus(word, now, 'proposed'));
}

describe('what an issue is about', () => {
  it('is a threat, or a mitigation at home in one', () => {
    const subject = served();
    assert.equal(homeOf(subject), subject.threat);
    assert.equal(homeOf(subject.threat), subject.threat);
    const threatId = subject.threat.id;
    assert.deepEqual(linkNames(subject), { threatId, role: 'mitigation', mitigationKey: 'm' });
    assert.deepEqual(linkNames(subject.threat), { threatId, role: 'threat', mitigationKey: '' });
  });

  it('has one name, which nothing else has', () => {
    const other = withMitigations(2, mitigation('m'), mitigation('n'));
    const subjects = [...subjectsOfModel([served().threat]), ...subjectsOfModel([other])];
    const names = subjects.map((subject) => nameOf(linkNames(subject)));
    assert.equal(new Set(names).size, 5);
    assert.equal(nameOf(linkNames(served())), nameOf(linkNames(served('done'))));
  });

  it('may be a mitigation only in formats that give it a key', () => {
    assert.deepEqual(KEYED_FORMATS, ['threat-composer', 'platform']);
  });
});

describe('the status of a mitigation', () => {
  it('is what its issue says, and a drop rejects it', () => {
    assert.deepEqual(told('proposed'), [
      'proposed',
      'in-progress',
      'done',
      'verified',
      'rejected',
      'rejected',
    ]);
    assert.deepEqual(told('unknown')[0], 'unknown');
    assert.deepEqual(told('in-progress')[0], 'in-progress');
  });

  it('returns to work when it is reopened, if it was in work before', () => {
    for (const now of ['done', 'verified', 'rejected'] as const) {
      assert.equal(pullStatus('open', now, 'in-progress'), 'in-progress');
      assert.equal(pullStatus('open', now, 'proposed'), 'proposed');
      assert.equal(pullStatus('identified', now, 'in-progress'), 'proposed');
      assert.equal(pullStatus('analyzing', now, 'in-progress'), 'proposed');
    }
    assert.equal(pullStatus('identified', 'unknown', 'identified'), 'unknown');
  });

  it('comes back as it was written, whatever the issue said before; what is open may be open otherwise', () => {
    const cases = fc.tuple(
      fc.constantFrom(...MITIGATION_STATUSES),
      fc.constantFrom('open', 'active', 'done', 'dropped'),
      fc.subarray(['tm-verified', 'tm-accepted', 'bug']),
      fc.boolean(),
    );
    fc.assert(
      fc.property(cases, ([status, category, labels, showsActive]) => {
        const word = putStatus(status, DEFAULT_MAPPING, showsActive);
        const before = issueOf({ status: trackerStatus(category), labels });
        const shown = statusWordOf(written(before, statusChange(word, DEFAULT_MAPPING)), DEFAULT_MAPPING);
        assert.equal(pullStatus(shown, status, 'proposed'), status);
      }),
    );
  });

  it('is never one of a threat, nor the other way round', () => {
    const words = ['open', 'dropped', 'verified', ...STATUSES] as const;
    for (const word of words) {
      for (const now of MITIGATION_STATUSES)
        assert.ok(
          MITIGATION_STATUSES.some((each) => each === pullStatus(word, now, 'proposed')),
          word,
        );
      for (const now of STATUSES) {
        const to = pullStatus(word, now, 'identified');
        assert.ok(to === undefined || STATUSES.some((each) => each === to), word);
      }
    }
    assert.deepEqual(
      MITIGATION_STATUSES.filter((status) => isOpen(status)),
      ['proposed', 'in-progress', 'unknown'],
    );
  });

  it('tells done and verified apart, gate or not', () => {
    const subject = served('done');
    const asked = put(subject, MODEL, DEFAULT_MAPPING, SHAPE);
    assert.equal(asked.status, 'mitigated');
    assert.equal(asShown(subject, asked, { status: 'verified' }).status, 'mitigated');
    const base = { threat: threatValues(served('in-progress'), SHAPE), issue: asked, mappingVersion: 1 };
    const link = { ...LINK, base: { ...base, issue: { ...asked, status: 'open' } } };
    const sides = {
      link,
      threat: threatValues(served('in-progress'), SHAPE),
      put: put(served('in-progress'), MODEL, DEFAULT_MAPPING, SHAPE),
      issue: { ...asked, status: 'mitigated' },
      ops: [],
      mapping: DEFAULT_MAPPING,
      approved: false,
    };
    for (const gate of [true, false])
      assert.deepEqual(reconcile({ ...sides, gate }), [
        { kind: 'pull', field: 'status', from: 'in-progress', to: 'done', issue: 'mitigated' },
      ]);
  });
});

describe('a mitigation', () => {
  it('is to be done while it is open, once for each key', () => {
    const threat = withMitigations(
      1,
      ...MITIGATION_STATUSES.map((status) => mitigation(status, status)),
      mitigation('done', 'proposed'),
    );
    assert.deepEqual(
      mitigationsToDo(threat).map(({ key }) => key),
      ['proposed', 'in-progress', 'unknown'],
    );
  });

  it('serves its own threat, or all that share it', () => {
    const shared = mitigation('m', 'proposed', true);
    const [one, two, three] = [
      withMitigations(1, shared),
      withMitigations(2, mitigation('m')),
      withMitigations(3, shared),
    ];
    const model = [one, two, three];
    assert.deepEqual(servedBy(one, 'm', model)?.serves, [one, three]);
    assert.deepEqual(servedBy(two, 'm', model)?.serves, [two]);
    assert.equal(servedBy(two, 'n', model), undefined);
    const gone: Threat = { ...one, presence: 'missing' };
    assert.deepEqual(servedBy(gone, 'm', [gone, two, three])?.serves, [three]);
    assert.equal(servedBy(gone, 'm', [gone, two]), undefined);
    const without = { ...one, mitigations: [] };
    assert.deepEqual(servedBy(without, 'm', [without, three])?.mitigation, shared);
  });

  it('is as severe as the worst threat that it serves', () => {
    const shared = mitigation('m', 'proposed', true);
    const low: Threat = { ...withMitigations(2, shared), severity: 'low' };
    const critical: Threat = { ...withMitigations(3, shared), severity: 'critical' };
    assert.equal(severityOf(served('proposed')), 'high');
    assert.equal(severityOf(served('proposed', low)), 'high');
    assert.equal(severityOf(served('proposed', low, critical)), 'critical');
  });

  it('has a key of its own among all subjects of a model', () => {
    const shared = mitigation('m', 'proposed', true);
    const model = [
      withMitigations(1, mitigation('m')),
      withMitigations(2, shared),
      withMitigations(3, shared),
    ];
    const keys = subjectsOfModel(model).map(subjectKey);
    assert.equal(keys.length, 6);
    assert.equal(new Set(keys).size, 6);
  });

  it('changes its threat’s content with its status', () => {
    const threat = withMitigations(1, mitigation('m'), mitigation('n'));
    const next = withMitigationStatus(threat, 'n', 'done');
    assert.deepEqual(
      next.mitigations.map(({ status }) => status),
      ['proposed', 'done'],
    );
    assert.notEqual(next.contentHash, threat.contentHash);
  });
});

describe('the text of a mitigation', () => {
  it('says what to do, against what, and when it is done', () => {
    const subject: ServedMitigation = {
      ...served('proposed', withMitigations(7, mitigation('m', 'proposed', true))),
      mitigation: { ...mitigation('m'), title: '', description: 'Sign everything.' },
    };
    assert.equal(mitigationTitle(subject), 'Mitigation: unnamed');
    const text = JSON.stringify(mitigationBlock(subject, MODEL, { key: '4', url: 'https://t.example/4' }));
    for (const part of [
      'Sign everything.',
      'TM-1: Threat 1',
      'TM-7: Threat 7',
      'tm-verified',
      'Payments',
      '"4"',
    ])
      assert.ok(text.includes(part), part);
  });

  it('is rendered again for other words, another threat or another parent, not for a status', () => {
    const version = mitigationVersion(served());
    assert.equal(mitigationVersion(served('done')), version);
    const renamed = served();
    const others = [
      mitigationVersion({ ...renamed, mitigation: { ...renamed.mitigation, title: 'Other' } }),
      mitigationVersion({ ...renamed, mitigation: { ...renamed.mitigation, description: 'More' } }),
      mitigationVersion({ ...renamed, serves: [] }),
      mitigationVersion(renamed, { key: '4', url: 'u' }),
    ];
    assert.equal(new Set([version, ...others]).size, 5);
  });
});

function says(status: MitigationStatus, description = 'd') {
  return incoming({ key: 'k', description, mitigations: [mitigation('m', status)] });
}

function statusAfter(known: Threat, ...now: Parameters<typeof says>) {
  return reimport(known, says(...now), 'k', AT).threat.mitigations[0]?.status;
}

describe('the next import of a mitigation', () => {
  it('keeps what we accepted while the source says what it said, and follows the source where it changed', () => {
    const any = fc.constantFrom(...MITIGATION_STATUSES);
    fc.assert(
      fc.property(any, any, any, fc.boolean(), (before, ours, now, rewritten) => {
        const first = reimport(threatOf({ key: 'k' }), says(before), 'k', AT).threat;
        const accepted = withMitigationStatus(first, 'm', ours);
        const expected = now === before ? ours : now;
        assert.equal(statusAfter(accepted, now, rewritten ? 'other' : 'd'), expected);
        const again = reimport(accepted, says(before), 'k', AT);
        assert.equal(again.differs, false, 'the same file twice changes nothing');
      }),
    );
  });

  it('takes a new one as it is', () => {
    const known = reimport(threatOf({ key: 'k' }), incoming({ key: 'k' }), 'k', AT).threat;
    assert.equal(statusAfter(known, 'in-progress'), 'in-progress');
  });
});
