import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Issue, WriteOutcome } from '../../src/domain/issue.ts';
import type { Tracker } from '../../src/ports/tracker.ts';
import { jiraTracker } from '../../src/providers/jira/tracker.ts';
import { JiraConfig } from '../../src/providers/jira/settings.ts';
import type { Flavour } from '../../simulators/jira/index.ts';
import { KEY, openJira, TASK } from './jira-world.ts';
import type { JiraPlace } from './jira-world.ts';

const { signal } = new AbortController();
const BLOCK = { mark: 'tmi:begin v=1 link=a key=b mac=c', text: 'words' };
type Rules = NonNullable<ReturnType<typeof JiraConfig.parse>['transitionFields']>;

for (const flavour of ['cloud', 'data-center'] satisfies Flavour[])
  describe(`custom fields on the way through a workflow of Jira ${flavour}`, () => {
    let place: JiraPlace;
    let cause = '';
    let report = '';
    beforeEach(async () => {
      place = await openJira(flavour, { workflow: 'resolution-screen' });
      const { world } = place.simulator;
      cause = world.addField(KEY, { name: 'Root cause', type: 'option', options: ['Design', 'Code'] }).id;
      report = world.addField(KEY, { name: 'Report', type: 'textarea' }).id;
      for (const field of [cause, report]) world.askOnTransition(KEY, 'Resolve Issue', field);
      world.askOnTransition(KEY, 'Close Issue', cause);
    });
    afterEach(() => place.close());

    function trackerWith(given: Rules): Tracker {
      const base = new URL(place.simulator.url);
      const { transitionFields = [] } = JiraConfig.parse({
        baseUrl: 'https://acme.atlassian.net',
        projectKey: KEY,
        issueTypeId: TASK,
        transitionFields: given,
      });
      const cloud = flavour === 'cloud';
      const where = { base, site: base.href, key: KEY, issueTypeId: TASK, cloud, access: 'basic' } as const;
      return jiraTracker(
        { ...where, transitionFields },
        (request, stop) => place.way.send(request, stop),
        place.clock,
      );
    }

    async function resolved(tracker: Tracker): Promise<{ issue: Issue; outcome: WriteOutcome | undefined }> {
      const create = { kind: 'create', title: 'x', block: BLOCK, labels: [] } as const;
      const [made] = await tracker.write([create], signal);
      assert.ok(made?.kind === 'written' && made.issue);
      const { issue } = made;
      const seenAt = place.clock.now().toISOString();
      const change = { status: { category: 'done' } } as const;
      const [outcome] = await tracker.write(
        [{ kind: 'update', ref: issue.ref, seen: issue, seenAt, change }],
        signal,
      );
      return { issue, outcome };
    }

    it('are filled in as the settings say, by name or by id', async () => {
      const { issue, outcome } = await resolved(
        trackerWith([
          { fields: { 'root CAUSE': 'Design' } },
          { to: 'Resolved', fields: { 'Root cause': 'Code', [report]: 'Closed by the threat model.' } },
        ]),
      );
      assert.ok(outcome?.kind === 'written');
      assert.deepEqual([outcome.unwritten, outcome.issue?.status.category], [undefined, 'done']);
      const { custom, resolution, status } = place.simulator.world.issue(issue.ref.id);
      assert.deepEqual([status, resolution], ['Resolved', 'Done']);
      assert.match(JSON.stringify(custom[report]), /Closed by the threat model/);
      assert.ok(custom[cause] !== undefined && custom[cause] !== null);
    });

    it('lead by another way where a field of the first is not named', async () => {
      const { issue, outcome } = await resolved(trackerWith([{ fields: { 'Root cause': 'Code' } }]));
      assert.ok(outcome?.kind === 'written' && outcome.unwritten === undefined);
      assert.equal(place.simulator.world.issue(issue.ref.id).status, 'Closed');
    });

    it('are named when nothing or no such value is there for them', async () => {
      const none = (await resolved(trackerWith([{ to: 'In Progress', fields: { 'Root cause': 'Code' } }])))
        .outcome;
      assert.ok(none?.kind === 'written');
      assert.match(none.unwritten?.[0]?.reason ?? '', /asks for Root cause.*transitionFields/);
      const wrong = (await resolved(trackerWith([{ fields: { 'Root cause': 'Bad luck', Report: 'x' } }])))
        .outcome;
      assert.ok(wrong?.kind === 'written');
      assert.match(wrong.unwritten?.[0]?.reason ?? '', /Root cause, not "Bad luck"/);
    });
  });
