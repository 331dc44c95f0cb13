import assert from 'node:assert/strict';
import type { IssueRef } from '../../src/domain/issue.ts';
import type { OddAnswer, SeenRequest } from '../../simulators/shared/rules.ts';
import { BOT, HERE, openAzureDevops, ORGANIZATION, TOKEN } from '../providers/azure-devops-world.ts';
import { azureDevopsSpec } from '../simulators/azure-devops-spec.ts';
import { describeTracker } from './contract.ts';
import type { Faults, HierarchyWorld, People, TrackerWorld } from './stage.ts';

const RATE_LIMITED: OddAnswer = {
  status: 429,
  body: { message: 'TF400733: The request has been canceled.', typeKey: 'RequestBlockedException' },
  headers: { 'retry-after': '60' },
};
const REFUSED: OddAnswer = {
  status: 400,
  body: { message: 'TF401320: Rule Error for field Title.', typeKey: 'VssPropertyValidationException' },
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

/** Queries and batches of reads are POSTs that only read. */
function isWrite({ method, path }: SeenRequest): boolean {
  return method !== 'GET' && !/\/(?:wiql|workitemsbatch)$/.test(path);
}

function at({ id }: IssueRef): { organization: string; id: number } {
  return { organization: ORGANIZATION, id: Number(id) };
}

/** What people see above and below the two headings. */
function aroundHeadings(body: string): readonly [string, string] {
  const [above, below] = body.split(
    /<h3>From the threat model[^]*End of the part from the threat model<\/h3>/,
  );
  assert.ok(above !== undefined && below !== undefined, body);
  return [above, below];
}

const spec = azureDevopsSpec();

interface States {
  open: string;
  done: string;
  dropped?: string;
}

async function azureWorld(
  wish: Parameters<typeof openAzureDevops>[0],
  states: States,
): Promise<TrackerWorld> {
  const place = await openAzureDevops(wish);
  const { world, knobs } = place.simulator;
  const { workItemType } = place;
  // As every run does, first look at the project: here that reads the type of work items, too.
  await place.tracker.checkup(new AbortController().signal);
  const textField = workItemType === 'Bug' ? 'Microsoft.VSTS.TCM.ReproSteps' : 'System.Description';
  const people: People = {
    open: async ({ title, body, labels }) => {
      const { id } = world.openItem({
        ...HERE,
        title,
        type: workItemType,
        ...(body === undefined ? {} : { fields: { [textField]: body } }),
        ...(labels === undefined ? {} : { tags: labels }),
      });
      return { id: String(id), key: String(id) };
    },
    editTitle: async (ref, title) => world.editTitle(at(ref), title),
    editText: async (ref, edit) => {
      const text = world.item(ORGANIZATION, Number(ref.id)).fields[textField];
      world.setField(at(ref), textField, edit(typeof text === 'string' ? text : ''));
    },
    close: async (ref, as) =>
      world.setState(at(ref), as === 'dropped' ? (states.dropped ?? states.done) : states.done),
    reopen: async (ref) => world.setState(at(ref), states.open),
    addLabel: async (ref, label) => world.addTag(at(ref), label),
    removeLabel: async (ref, label) => world.removeTag(at(ref), label),
    comment: async (ref, text) => void world.comment(at(ref), text),
    remove: async (ref) => world.deleteItem(at(ref)),
    move: async (ref) => world.moveItem(at(ref), 'elsewhere'),
    publish: async () => world.setVisibility(HERE, 'public'),
    lockOut: async () => world.setRole(HERE, BOT, 'none'),
    revokeToken: async () => world.revokeToken(TOKEN),
  };
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
    atLeast: 'mention',
    isKnown: false,
    placeOf(ref) {
      const { relations } = world.item(ORGANIZATION, Number(ref.id));
      assert.ok(relations.length <= 1);
      const [relation] = relations;
      if (relation === undefined) return undefined;
      const kind = relation.rel === 'System.LinkTypes.Hierarchy-Reverse' ? 'child' : 'link';
      return { kind, key: String(relation.target) };
    },
    putUnder: (ref, parent) => world.link(at(ref), 'Parent', Number(parent.id)),
    without: () => void (knobs.linkLimit = 0),
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
    hookUrl: 'http://127.0.0.1:9/webhooks/azure_devops/1',
    createsTogether: true,
    tellsDropped: states.dropped !== undefined,
    around: aroundHeadings,
    async close() {
      const { requests } = place.simulator;
      await place.close();
      // What we send and what the simulator says are both as Azure DevOps publishes them.
      assert.deepEqual(spec?.violations(requests.filter((request) => !request.odd)) ?? [], []);
    },
  };
}

describeTracker('Azure DevOps Services, Basic', () => azureWorld({}, { open: 'To Do', done: 'Done' }));
describeTracker('Azure DevOps Services, Scrum', () =>
  azureWorld({ process: 'Scrum' }, { open: 'New', done: 'Done', dropped: 'Removed' }),
);
describeTracker('Azure DevOps Services, bugs of Agile', () =>
  azureWorld({ process: 'Agile', workItemType: 'Bug' }, { open: 'New', done: 'Closed' }),
);
describeTracker('Azure DevOps Server 2022, Agile with its transitions', () =>
  azureWorld(
    { process: 'Agile', server: { apiVersion: 7 } },
    { open: 'New', done: 'Closed', dropped: 'Removed' },
  ),
);
describeTracker('Azure DevOps Server 2020, CMMI with its transitions', () =>
  azureWorld({ process: 'CMMI', server: { apiVersion: 6 } }, { open: 'Proposed', done: 'Closed' }),
);
