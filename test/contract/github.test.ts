import assert from 'node:assert/strict';
import type { IssueRef } from '../../src/domain/issue.ts';
import type { OddAnswer, SeenRequest } from '../../simulators/github/index.ts';
import { githubSpec } from '../simulators/github-spec.ts';
import { openGithubApp } from '../providers/github-app-world.ts';
import { openGithub, PLACE, TOKEN } from '../providers/github-world.ts';
import type { GithubPlace } from '../providers/github-world.ts';
import { describeTracker } from './contract.ts';
import type { Faults, HierarchyWorld, People, TrackerWorld } from './stage.ts';

const RATE_LIMITED: OddAnswer = {
  status: 403,
  body: { message: 'You have exceeded a secondary rate limit.' },
  headers: { 'retry-after': '60' },
};
const WRITE_FAULTS = {
  'lost-before': { when: 'before', answer: 'reset' },
  'lost-after': { when: 'after', answer: 'reset' },
  'rate-limited': { when: 'before', answer: RATE_LIMITED },
  refused: { when: 'before', answer: { status: 422, body: { message: 'Validation Failed' } } },
  'web-page': { when: 'before', answer: 'html' },
} as const satisfies Record<string, { when: 'before' | 'after'; answer: OddAnswer }>;

const spec = githubSpec();

function at(ref: IssueRef): typeof PLACE & { number: number } {
  return { ...PLACE, number: Number(ref.key) };
}

function isWrite(request: SeenRequest): boolean {
  return request.method !== 'GET' && !request.path.endsWith('graphql');
}

async function tokenWorld(withGraphql: boolean): Promise<TrackerWorld> {
  const place = await openGithub();
  const { world, knobs } = place.simulator;
  knobs.graphql = withGraphql;
  return githubWorld(place, {
    readsSingly: !withGraphql,
    lockOut: async () => world.setPermission(PLACE, 'tmi-bot', 'none'),
    revokeToken: async () => world.revokeToken(TOKEN),
  });
}

/** An App is locked out by taking the repository out of its installation. */
async function appWorld(): Promise<TrackerWorld> {
  const place = await openGithubApp();
  const { world } = place.simulator;
  return githubWorld(place, {
    lockOut: async () => world.withdrawApp(place.installationId, PLACE.repo),
    revokeToken: async () => world.uninstallApp(place.installationId),
  });
}

function githubWorld(
  place: GithubPlace,
  {
    readsSingly = false,
    ...access
  }: Pick<People, 'lockOut' | 'revokeToken'> & Pick<TrackerWorld, 'readsSingly'>,
): TrackerWorld {
  const { world, knobs } = place.simulator;
  world.addRepository({ owner: 'acme', name: 'elsewhere', visibility: 'private', push: ['tmi-bot'] });
  const people: People = {
    open: async (issue) => {
      const { nodeId, number } = world.openIssue({ ...PLACE, ...issue });
      return { id: nodeId, key: String(number) };
    },
    editTitle: async (ref, title) => world.editTitle(at(ref), title),
    editText: async (ref, edit) =>
      world.editBody(at(ref), edit(world.issue(PLACE.owner, PLACE.repo, Number(ref.key)).body)),
    close: async (ref, as) => world.close(at(ref), as === 'done' ? 'completed' : 'not_planned'),
    reopen: async (ref) => world.reopen(at(ref)),
    addLabel: async (ref, label) => world.addLabel(at(ref), label),
    removeLabel: async (ref, label) => world.removeLabel(at(ref), label),
    comment: async (ref, text) => void world.comment(at(ref), text),
    remove: async (ref) => world.deleteIssue(at(ref)),
    move: async (ref) => void world.transferIssue(at(ref), { owner: 'acme', repo: 'elsewhere' }),
    publish: async () => world.setVisibility(PLACE, 'public'),
    ...access,
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
    best: 'child',
    atLeast: 'mention',
    placeOf(ref) {
      const { parent } = world.issue(PLACE.owner, PLACE.repo, Number(ref.key));
      return parent === null ? undefined : { kind: 'child', key: String(parent) };
    },
    putUnder: (ref, parent) => world.setParent(at(ref), Number(parent.key)),
    without: () => void (knobs.subIssues = false),
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
    readsSingly,
    hookUrl: 'http://127.0.0.1:9/webhooks/github/1',
    async close() {
      const { requests } = place.simulator;
      await place.close();
      // What we send and what the simulator says are both as GitHub publishes them.
      assert.deepEqual(spec?.violations(requests.filter((request) => !request.odd)) ?? [], []);
    },
  };
}

describeTracker('GitHub', () => tokenWorld(true));
describeTracker('GitHub without GraphQL', () => tokenWorld(false));
describeTracker('GitHub as an App', appWorld);
