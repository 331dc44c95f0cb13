import assert from 'node:assert/strict';
import type { IssueRef } from '../../src/domain/issue.ts';
import type { GitlabSimulatorOptions } from '../../simulators/gitlab/index.ts';
import type { OddAnswer, SeenRequest } from '../../simulators/shared/rules.ts';
import { openGitlab, PROJECT, TOKEN } from '../providers/gitlab-world.ts';
import { gitlabSpec } from '../simulators/gitlab-spec.ts';
import { describeTracker } from './contract.ts';
import type { Faults, HierarchyWorld, People, TrackerWorld } from './stage.ts';

const RATE_LIMITED: OddAnswer = {
  status: 429,
  body: 'Retry later\n',
  headers: { 'retry-after': '60', 'content-type': 'text/plain' },
};
const WRITE_FAULTS = {
  'lost-before': { when: 'before', answer: 'reset' },
  'lost-after': { when: 'after', answer: 'reset' },
  'rate-limited': { when: 'before', answer: RATE_LIMITED },
  refused: { when: 'before', answer: { status: 400, body: { message: { title: ["can't be blank"] } } } },
  'web-page': { when: 'before', answer: 'html' },
} as const satisfies Record<string, { when: 'before' | 'after'; answer: OddAnswer }>;

const spec = gitlabSpec();

function at(ref: IssueRef): { project: string; iid: number } {
  return { project: PROJECT, iid: Number(ref.key) };
}

function isWrite(request: SeenRequest): boolean {
  return request.method !== 'GET';
}

async function gitlabWorld(options: GitlabSimulatorOptions): Promise<TrackerWorld> {
  const place = await openGitlab(options);
  const { world, knobs } = place.simulator;
  world.addProject({ path: 'acme/elsewhere', members: { mona: 'developer' } });
  const people: People = {
    open: async ({ title, body, labels }) => {
      const opened = world.openIssue({
        project: PROJECT,
        title,
        ...(body === undefined ? {} : { description: body }),
        ...(labels === undefined ? {} : { labels }),
      });
      return { id: String(opened.id), key: String(opened.iid) };
    },
    editTitle: async (ref, title) => world.editTitle(at(ref), title),
    editText: async (ref, edit) =>
      world.editDescription(at(ref), edit(world.issue(PROJECT, Number(ref.key)).description ?? '')),
    close: async (ref) => world.close(at(ref)),
    reopen: async (ref) => world.reopen(at(ref)),
    addLabel: async (ref, label) => world.addLabel(at(ref), label),
    removeLabel: async (ref, label) => world.removeLabel(at(ref), label),
    comment: async (ref, text) => void world.comment(at(ref), text),
    remove: async (ref) => world.deleteIssue(at(ref)),
    move: async (ref) => void world.moveIssue(at(ref), 'acme/elsewhere'),
    publish: async () => world.setVisibility(PROJECT, 'public'),
    lockOut: async () => world.setRole(PROJECT, place.bot, 'none'),
    revokeToken: async () => world.revokeToken(TOKEN),
  };
  const faults: Faults = {
    write: (kind) => void knobs.next({ match: isWrite, ...WRITE_FAULTS[kind] }),
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
    best: 'link',
    atLeast: 'mention',
    placeOf(ref) {
      const { links } = world.issue(PROJECT, Number(ref.key));
      assert.ok(links.length <= 1);
      return links[0] === undefined ? undefined : { kind: 'link', key: String(links[0]) };
    },
    putUnder: () => assert.fail('there is nothing to put it under'),
    without: () => void (knobs.issueLinks = false),
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
    provesDeletion: false,
    tellsDropped: false,
    hookUrl: 'http://127.0.0.1:9/webhooks/gitlab/1',
    async close() {
      const { requests } = place.simulator;
      await place.close();
      // What we send and what the simulator says are both as GitLab publishes them.
      assert.deepEqual(spec?.violations(requests.filter((request) => !request.odd)) ?? [], []);
    },
  };
}

describeTracker('GitLab', () => gitlabWorld({}));
describeTracker('GitLab before 19.0, below a relative root', () =>
  gitlabWorld({ version: '17.3.0', enterprise: false, relativeRoot: '/gitlab' }),
);
