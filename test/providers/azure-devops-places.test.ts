import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { IssueChange } from '../../src/domain/issue.ts';
import type { CheckItem } from '../../src/ports/tracker.ts';
import { createOf, issueOf, unwritten } from './azure-devops-desk.ts';
import { HERE, openAzureDevops, ORGANIZATION } from './azure-devops-world.ts';
import type { AzureDevopsPlace } from './azure-devops-world.ts';

const { signal } = new AbortController();
const AREA = `${HERE.project}\\Web\\Checkout`;
const ITERATION = `${HERE.project}\\Sprint 7`;
const SEVERITY = 'Microsoft.VSTS.Common.Severity';
const PRIORITY = 'Microsoft.VSTS.Common.Priority';
type Settings = Parameters<AzureDevopsPlace['connect']>[0];

describe('where Azure DevOps puts a work item, and how grave it is', () => {
  let place: AzureDevopsPlace;
  beforeEach(async () => {
    place = await openAzureDevops({ process: 'Agile', workItemType: 'Bug' });
    const { world } = place.simulator;
    for (const path of ['Web', 'Web\\Checkout']) world.addArea(HERE, path);
    world.addIteration(HERE, 'Sprint 7');
  });
  afterEach(() => place.close());

  function fieldsOf(id: string): Readonly<Record<string, unknown>> {
    return place.simulator.world.item(ORGANIZATION, Number(id)).fields;
  }

  async function line(settings: Settings, name: CheckItem['name']): Promise<CheckItem> {
    const { items } = await place.connect(settings).tracker.checkup(signal);
    return items.find((item) => item.name === name) ?? assert.fail(`there is no line ${name}`);
  }

  it('is the area and the iteration of the settings, for new ones alone', async () => {
    const { tracker } = place.connect({
      areaPath: `\\${HERE.project}/Web/Checkout`,
      iterationPath: ITERATION,
    });
    const outcomes = await tracker.write([createOf(), createOf()], signal);
    for (const outcome of [...outcomes, ...(await tracker.write([createOf()], signal))]) {
      const fields = fieldsOf(issueOf(outcome).ref.id);
      assert.deepEqual([fields['System.AreaPath'], fields['System.IterationPath']], [AREA, ITERATION]);
    }
    const seen = issueOf(outcomes[0]);
    const seenAt = place.clock.now().toISOString();
    place.simulator.clearRequests();
    await tracker.write([{ kind: 'update', ref: seen.ref, seen, seenAt, change: { title: 'New' } }], signal);
    assert.doesNotMatch(JSON.stringify(place.simulator.requests[0]?.body), /AreaPath/);
  });

  it('is said to be wrong by the connection test', async () => {
    const { outcome, detail, remedy } = await line({ areaPath: `${HERE.project}\\Wbe` }, 'create-issues');
    assert.equal(outcome, 'failed');
    assert.match(detail, /area/);
    assert.match(remedy ?? '', /areaPath/);
    assert.equal((await line({ areaPath: AREA }, 'create-issues')).outcome, 'ok');
  });

  it('is the severity of bugs, where the settings say so', async () => {
    const { tracker } = place.connect({ severityField: 'severity' });
    const [outcome] = await tracker.write([createOf({ priority: '1 - Critical' })], signal);
    const seen = issueOf(outcome);
    assert.equal(seen.priority, '1 - Critical');
    assert.equal(fieldsOf(seen.ref.id)[SEVERITY], '1 - Critical');
    const seenAt = place.clock.now().toISOString();
    const change: IssueChange = { priority: '4 - Low' };
    const [changed] = await tracker.write([{ kind: 'update', ref: seen.ref, seen, seenAt, change }], signal);
    assert.equal(issueOf(changed).priority, '4 - Low');
    const [refused] = await tracker.write([createOf({ priority: 'Grave' })], signal);
    assert.deepEqual(unwritten(refused), [['priority', 'needs-mapping']]);
  });

  it('is both priority and severity, in one value', async () => {
    const { tracker } = place.connect({ severityField: 'both' });
    const [outcome] = await tracker.write([createOf({ priority: '1, 2 - High' })], signal);
    const issue = issueOf(outcome);
    const fields = fieldsOf(issue.ref.id);
    assert.deepEqual([issue.priority, fields[PRIORITY], fields[SEVERITY]], ['1, 2 - High', 1, '2 - High']);
  });

  it('tells the values there are, and a type without the field', async () => {
    assert.match((await line({ severityField: 'both' }, 'priorities')).detail, /1, 2.*1 - Critical/);
    const wrong = await line({ severityField: 'severity', workItemType: 'User Story' }, 'priorities');
    assert.deepEqual([wrong.outcome, wrong.remedy === undefined], ['warning', false]);
  });
});
