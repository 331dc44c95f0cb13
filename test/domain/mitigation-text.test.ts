import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  mitigationBlock,
  mitigationTitle,
  mitigationVersion,
  openWorkComment,
} from '../../src/domain/mitigation-text.ts';
import type { ServedMitigation } from '../../src/domain/mitigations.ts';
import type { Mitigation } from '../../src/domain/threat.ts';
import { markdownFormat } from '../../src/providers/shared/markdown.ts';
import { MODEL, threatOf } from './world.ts';

const PARENT = { key: 'TM-1', url: 'https://tracker.example/1' };
const SIGN: Mitigation = { key: 'm', title: 'Sign it', status: 'proposed', shared: false };
const THREAT = threatOf({ title: 'Forged callback', mitigations: [SIGN] });
const SERVED: ServedMitigation = {
  threat: THREAT,
  mitigation: SIGN,
  serves: [THREAT, { ...THREAT, number: 2, title: 'Replayed callback' }],
};

function served(change: Partial<Mitigation>): ServedMitigation {
  return { ...SERVED, mitigation: { ...SIGN, ...change } };
}

function shown(...given: Parameters<typeof mitigationBlock>): string {
  return markdownFormat(65_536).block(mitigationBlock(...given), 32_768);
}

/** What comes after the words of the mitigation. */
const REST = `**Against**

- TM-1: Forged callback
- TM-2: Replayed callback

**Done when**: it is in place and tested. If it will not be done, close this issue as not planned.

When somebody has seen that it helps: add the label \`tm-verified\` to the closed issue.

`;
const END = '*This part is kept up to date by the threat-model sync. Write above or below it.*';

describe('the issue of a mitigation', () => {
  it('is named after it, whatever the source says', () => {
    assert.equal(mitigationTitle(served({ title: '  Sign it ' })), 'Mitigation: Sign it');
    assert.equal(mitigationTitle(served({ title: ' ' })), 'Mitigation: unnamed');
  });

  it('says what to do, against what, when it is done, and where it comes from', () => {
    assert.equal(
      shown(SERVED, MODEL),
      `**What to do**\n\n> Sign it\n\n${REST}Model: Payments (\`docs/payments.json\`)\n\n${END}`,
    );
  });

  it('says more where there is more to say, and less where there is less', () => {
    const described = shown(served({ description: 'With a key.' }), { name: 'Payments', source: {} }, PARENT);
    assert.equal(
      described,
      `**What to do**\n\n> Sign it\n>\n> With a key.\n\n${REST}Model: Payments\n\nPart of: [TM-1](${PARENT.url})\n\n${END}`,
    );
    assert.equal(shown(served({ description: ' \n' }), MODEL), shown(SERVED, MODEL));
  });

  it('is written anew when its words, its threats or its parent change, and not when it is done', () => {
    const version = mitigationVersion(SERVED);
    assert.match(version, /^[0-9a-f]{64}\/1$/);
    assert.equal(mitigationVersion(served({ status: 'done' })), version);
    assert.equal(mitigationVersion(SERVED, PARENT), `${version}/TM-1`);
    const others: ServedMitigation[] = [
      served({ title: 'Seal it' }),
      served({ description: 'With a key.' }),
      { ...SERVED, serves: [THREAT] },
      { ...SERVED, serves: [{ ...THREAT, number: 9 }, ...SERVED.serves.slice(1)] },
      { ...SERVED, serves: [{ ...THREAT, title: 'Faked callback' }, ...SERVED.serves.slice(1)] },
    ];
    assert.equal(new Set([version, ...others.map((each) => mitigationVersion(each))]).size, 6);
  });
});

describe('the question on an issue that was closed before its mitigations were done', () => {
  it('names those that are left', () => {
    const mitigations = [SIGN, { ...SIGN, key: 'n', title: 'Pin it', status: 'done' as const }];
    const text = markdownFormat(65_536).block(openWorkComment({ mitigations }), 32_768);
    assert.equal(
      text,
      [
        'This issue was closed as done, but not every mitigation of the threat is. Which is it? These are still to be done, each in an issue of its own:',
        '- Sign it',
        'Close their issues (as not planned where they are not needed), or reopen this one. Until then the threat stays open.',
      ].join('\n\n'),
    );
  });
});
