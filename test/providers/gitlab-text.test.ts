import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fc } from '../properties.ts';
import type { BlockDocument } from '../../src/domain/block.ts';
import type { IssueRef } from '../../src/domain/issue.ts';
import { gitlabFormat as format } from '../../src/providers/gitlab/format.ts';
import { hostileText } from './hostile.ts';
import { HOSTILE_CLASSES } from './hostile-classes.ts';
import { openGitlab, PROJECT } from './gitlab-world.ts';
import type { GitlabPlace } from './gitlab-world.ts';

const Z = '\u200B';
const DOCUMENTS = 1000;
const MARK = 'tmi:begin v=1 link=a key=b mac=c';
const COMMENT_MARK = 'tmi:comment v=1 op=a mac=b';

const span = fc.record(
  { text: hostileText, style: fc.constantFrom('strong', 'emphasis', 'code') },
  { requiredKeys: ['text'] },
);
const spans = fc.array(span, { minLength: 1, maxLength: 4 });
const document: fc.Arbitrary<BlockDocument> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('quote'), text: hostileText }),
    fc.record({ kind: fc.constant('paragraph'), spans }),
    fc.record({ kind: fc.constant('list'), items: fc.array(spans, { maxLength: 3 }) }),
  ),
  { minLength: 1, maxLength: 3 },
);

function line(...texts: string[]): string {
  return format.block([{ kind: 'paragraph', spans: texts.map((text) => ({ text })) }], 60_000);
}

/** The same words in every place that words can have. */
function everywhere(text: string): BlockDocument {
  return [
    { kind: 'paragraph', spans: [{ text }] },
    { kind: 'paragraph', spans: [{ text, style: 'strong' }, { text: ' and ' }, { text, style: 'emphasis' }] },
    { kind: 'quote', text },
    { kind: 'list', items: [[{ text }], [{ text: 'x' }, { text }]] },
    { kind: 'paragraph', spans: [{ text, style: 'code' }, { text }] },
    { kind: 'quote', text: `words\n${text}\n${text}` },
  ];
}

describe('GitLab Flavored Markdown', () => {
  it('refers to nothing by what only GitLab knows', () => {
    assert.equal(line('[vulnerability:1] [work_item:2]'), `\\[${Z}vulnerability:1\\] \\[${Z}work_item:2\\]`);
    assert.equal(line('[[_TOC_]] [TOC]'), `\\[${Z}\\[${Z}\\_TOC\\_\\]\\] \\[${Z}TOC\\]`);
    assert.equal(line('*iteration:1 ^alert#1 $1 %1'), `\\*${Z}iteration:1 ^alert#${Z}1 \\$${Z}1 %${Z}1`);
    assert.equal(line('%{project_name}'), `%${Z}{project_name}`);
    assert.equal(line('::include{file=x}'), `:${Z}:include{file=x}`);
    assert.equal(line('commit 1234567 or deadbee'), `commit 123456${Z}7 or deadbe${Z}e`);
    assert.equal(line('%', '{x}', ' [', 'TOC]'), `%${Z}{x} \\[${Z}TOC\\]`);
  });

  it('keeps addresses, but for those of what GitLab itself has', () => {
    assert.equal(line('https://e.example/a/1234567'), 'https://e.example/a/1234567');
    assert.equal(line('https://e.example/g/p/-/epics/1'), `https:${Z}//e.example/g/p/-/epics/1`);
    assert.equal(line('https://e.example/g/p/-/milestones/1'), `https:${Z}//e.example/g/p/-/milestones/1`);
    assert.equal(line('https://e.example/snippets/1'), `https:${Z}//e.example/snippets/1`);
  });

  it('takes the same care of titles, which refer and call as texts do', () => {
    assert.equal(
      format.title('@mona [issue:1] %{x} 1234567', 120),
      `@${Z}mona [${Z}issue:1] %${Z}{x} 123456${Z}7`,
    );
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 20, max: 200 }), (text, limit) => {
        const title = format.title(text, limit);
        assert.ok(title.length > 0 && title.length <= limit);
        assert.equal(format.canonTitle(title), format.canonTitle(format.canonTitle(title)));
        assert.doesNotMatch(title, /[\r\n]|@[a-z]|#\d/i);
      }),
    );
  });

  it('leaves code as it is', () => {
    const text = format.block(
      [{ kind: 'paragraph', spans: [{ text: 'a/1234567/[x].ts', style: 'code' }] }],
      99,
    );
    assert.equal(text, '`a/1234567/[x].ts`');
  });

  it('fits, and is canonical as it is rendered', () => {
    fc.assert(
      fc.property(document, fc.integer({ min: 10, max: 2000 }), (nodes, limit) => {
        const text = format.block(nodes, limit);
        assert.ok(text.length <= limit);
        assert.equal(format.canonBlock(text), format.canonBlock(format.canonBlock(text)));
        const whole = format.block(nodes, 100_000);
        assert.equal(format.canonBlock(whole), whole);
      }),
    );
  });
});

describe('text in a simulated GitLab, which carries out what it reads', () => {
  let place: GitlabPlace;
  const { signal } = new AbortController();
  before(async () => {
    place = await openGitlab();
  });
  after(() => place.close());

  async function create(title: string, text: string): Promise<IssueRef> {
    const block = { mark: MARK, text };
    const [outcome] = await place.tracker.write([{ kind: 'create', title, block, labels: [] }], signal);
    assert.ok(outcome?.kind === 'written' && outcome.issue, JSON.stringify(outcome));
    assert.deepEqual(outcome.warnings, undefined, `${title}\n${text}`);
    return outcome.issue.ref;
  }

  function nothingHappened(): void {
    assert.deepEqual(place.simulator.world.executedActions(), []);
    assert.deepEqual(place.simulator.world.notifications(), []);
  }

  it('would carry out what is not made harmless', () => {
    const probe = { project: PROJECT, title: 'Probe', description: '/close\n@mona' };
    const { iid } = place.simulator.world.openIssue(probe);
    assert.equal(place.simulator.world.issue(PROJECT, iid).state, 'closed');
    assert.equal(place.simulator.world.executedActions().length, 1);
    assert.equal(place.simulator.world.notifications().length, 1);
  });

  it('is 24 classes of hostile text of which none does anything, created, changed or in a comment', async () => {
    await place.close();
    place = await openGitlab();
    assert.equal(Object.keys(HOSTILE_CLASSES).length, 24);
    place.simulator.world.openIssue({ project: PROJECT, title: 'Number one' });
    for (const [name, texts] of Object.entries(HOSTILE_CLASSES)) {
      for (const text of texts) {
        const ref = await create(format.title(text, 120), format.block(everywhere(text), 500_000));
        const read = (await place.tracker.read([ref], signal)).get(ref.id);
        assert.ok(read?.kind === 'found', name);
        const { issue } = read;
        const block = { mark: MARK, text: format.block(everywhere(`${text} again`), 500_000) };
        const seenAt = place.clock.now().toISOString();
        const comment = {
          kind: 'comment',
          ref,
          mark: COMMENT_MARK,
          text: format.comment(everywhere(text)),
        } as const;
        const [changed, commented] = await place.tracker.write(
          [{ kind: 'update', ref, seen: issue, seenAt, change: { block } }, comment],
          signal,
        );
        assert.ok(changed?.kind === 'written' && changed.warnings === undefined, `${name}: ${text}`);
        assert.equal(commented?.kind, 'written');
        assert.equal(changed.issue?.status.category, 'open');
      }
      nothingHappened();
    }
    assert.equal(place.simulator.world.issue(PROJECT, 1).notes.length, 0);
  });

  it(`is ${String(DOCUMENTS)} documents that are read as they were written, so that a second sync writes nothing`, async () => {
    const documents = fc.sample(document, { numRuns: DOCUMENTS, seed: 7 });
    const written = new Map<string, { ref: IssueRef; text: string }>();
    for (const nodes of documents) {
      const text = format.block(nodes, 500_000);
      const ref = await create(format.title(nodes.length.toString(), 120), text);
      written.set(ref.id, { ref, text });
    }
    const refs = [...written.values()].map(({ ref }) => ref);
    const outcomes = await place.tracker.read(refs, signal);
    const seenAt = place.clock.now().toISOString();
    const again = [];
    for (const [id, { ref, text }] of written) {
      const outcome = outcomes.get(id);
      assert.ok(outcome?.kind === 'found');
      const { issue } = outcome;
      assert.deepEqual(issue.block, { kind: 'present', mark: MARK, text: format.canonBlock(text) });
      again.push({
        kind: 'update',
        ref,
        seen: issue,
        seenAt,
        change: { block: { mark: MARK, text } },
      } as const);
    }
    place.simulator.clearRequests();
    await place.tracker.write(again.slice(0, 50), signal);
    assert.deepEqual(
      place.simulator.requests.filter(({ method }) => method !== 'GET'),
      [],
    );
    nothingHappened();
  });
});
