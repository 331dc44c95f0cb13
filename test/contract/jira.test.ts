import assert from 'node:assert/strict';
import { z } from 'zod';
import type { IssueRef } from '../../src/domain/issue.ts';
import type { AdfNode, Flavour } from '../../simulators/jira/index.ts';
import type { OddAnswer, SeenRequest } from '../../simulators/shared/rules.ts';
import { KEY, openJira, API_TOKEN, PAT } from '../providers/jira-world.ts';
import { jiraSpec } from '../simulators/jira-spec.ts';
import { describeTracker } from './contract.ts';
import type { Faults, HierarchyWorld, People, TrackerWorld } from './stage.ts';

const RATE_LIMITED: OddAnswer = {
  status: 429,
  body: { errorMessages: ['Rate limit exceeded.'], errors: {} },
  headers: { 'retry-after': '60', 'ratelimit-reason': 'jira-burst-based' },
};
const REFUSED: OddAnswer = {
  status: 400,
  body: { errorMessages: [], errors: { summary: 'You must specify a summary of the issue.' } },
};
const WRITE_FAULTS = {
  'lost-before': [{ when: 'before', answer: 'reset' }],
  'lost-after': [{ when: 'after', answer: 'reset' }],
  'rate-limited': [{ when: 'before', answer: RATE_LIMITED }],
  // The whole batch without a word on which one, and then the first one by itself.
  refused: [
    { when: 'before', answer: REFUSED },
    { when: 'before', answer: REFUSED },
  ],
  'web-page': [{ when: 'before', answer: 'html' }],
} as const satisfies Record<string, readonly { when: 'before' | 'after'; answer: OddAnswer }[]>;

/** Searches and bulk reads are POSTs that only read. */
function isWrite({ method, path }: SeenRequest): boolean {
  return method !== 'GET' && !/\/(?:search|search\/jql|bulkfetch)$/.test(path);
}

function paragraph(text: string): AdfNode {
  return { type: 'paragraph', content: [{ type: 'text', text }] };
}

function documentOf(text: string): AdfNode {
  return {
    type: 'doc',
    version: 1,
    content: text
      .split('\n')
      .filter((line) => line !== '')
      .map(paragraph),
  };
}

/** Node for node: what stands above and below the panel with our mark. */
function aroundPanel(body: string): readonly [string, string] {
  const nodes = documentSchema.parse(JSON.parse(body)).content.map((node) => JSON.stringify(node));
  const at = nodes.findIndex((node) => node.includes('"panel"') && node.includes('tmi:begin'));
  assert.ok(at >= 0, body);
  return [nodes.slice(0, at).join('\n'), nodes.slice(at + 1).join('\n')];
}

function aroundWikiPanel(body: string): readonly [string, string] {
  const [above, below] = body.split(/\{panel:[^}]*\}[^]*\{panel\}/);
  assert.ok(above !== undefined && below !== undefined, body);
  return [above, below];
}

const documentSchema = z.object({ content: z.array(z.unknown()) });

async function jiraWorld(flavour: Flavour): Promise<TrackerWorld> {
  const place = await openJira(flavour);
  const { simulator } = place;
  const { world, knobs } = simulator;
  const isCloud = flavour === 'cloud';
  const spec = jiraSpec(flavour);
  world.addProject({ key: 'ELSE', members: ['tmi-bot', 'mona'] });
  const people: People = {
    open: async ({ title, body, labels }) => {
      const description = body === undefined ? {} : { description: isCloud ? documentOf(body) : body };
      const opened = world.openIssue({
        project: KEY,
        summary: title,
        ...description,
        ...(labels === undefined ? {} : { labels }),
      });
      return { id: opened.id, key: opened.key };
    },
    editTitle: async (ref, title) => world.editSummary(ref.id, title),
    editText: async (ref, edit) => world.editDescription(ref.id, edited(ref, edit)),
    close: async (ref, as) =>
      world.setStatus(ref.id, 'Resolved', { resolution: as === 'done' ? 'Done' : "Won't Do" }),
    reopen: async (ref) => world.setStatus(ref.id, 'Open'),
    addLabel: async (ref, label) => world.addLabel(ref.id, label),
    removeLabel: async (ref, label) => world.removeLabel(ref.id, label),
    comment: async (ref, text) => void world.comment(ref.id, isCloud ? documentOf(text) : text),
    remove: async (ref) => world.deleteIssue(ref.id),
    move: async (ref) => void world.moveIssue(ref.id, 'ELSE'),
    publish: async () => world.setPublic(KEY, true),
    lockOut: async () => world.setPermissions(KEY, 'tmi-bot', []),
    revokeToken: async () => world.revokeToken(isCloud ? API_TOKEN : PAT),
  };
  /** People on Cloud see a document: what the edit adds before and after its JSON becomes paragraphs. */
  function edited(ref: IssueRef, edit: (text: string) => string): AdfNode | string {
    const { description } = world.issue(ref.id);
    if (!isCloud) return edit(typeof description === 'string' ? description : '');
    const content = typeof description === 'string' ? [] : (description?.content ?? []);
    const parts = edit('\u0000').split('\u0000');
    const [first = '', ...rest] = parts;
    const nodes = rest.flatMap((part) => [...content, ...(documentOf(part).content ?? [])]);
    return { type: 'doc', version: 1, content: [...(documentOf(first).content ?? []), ...nodes] };
  }
  const faults: Faults = {
    write(kind) {
      for (const fault of WRITE_FAULTS[kind]) knobs.next({ match: isWrite, ...fault });
    },
    reads(kind) {
      const answers = {
        'web-page': 'html',
        'wrong-schema': 'wrong-schema',
        emptied: 'empty-list',
        nothing: { status: 200, body: '' },
      } as const;
      knobs.next({ match: (request) => !isWrite(request), answer: answers[kind] });
    },
  };
  const hierarchy: HierarchyWorld = {
    best: 'child',
    atLeast: 'link',
    placeOf(ref) {
      const { parent, links } = world.issue(ref.id);
      assert.ok(links.length <= 1);
      const [linked] = links;
      if (parent !== null) return { kind: 'child', key: parent };
      return linked === undefined ? undefined : { kind: 'link', key: linked };
    },
    putUnder: (ref, parent) => world.setParent(ref.id, parent.key),
    without: () => world.hideField(KEY, isCloud ? 'parent' : (place.fields['Epic Link'] ?? '')),
  };
  return {
    connection: place.connection,
    tracker: place.tracker,
    another: () => place.another(),
    people,
    faults,
    hierarchy,
    now: () => place.clock.now(),
    pass: (ms) => place.clock.pass(ms),
    calls: () => place.way.calls(),
    hookUrl: 'http://127.0.0.1:9/webhooks/jira/1',
    provesDeletion: false,
    createsTogether: true,
    projectCalls: 2,
    around: isCloud ? aroundPanel : aroundWikiPanel,
    async close() {
      const { requests } = simulator;
      await place.close();
      // What we send and what the simulator says are both as Atlassian publishes them.
      assert.deepEqual(spec?.violations(requests.filter((request) => !request.odd)) ?? [], []);
    },
  };
}

describeTracker('Jira Cloud', () => jiraWorld('cloud'));
describeTracker('Jira Data Center', () => jiraWorld('data-center'));
