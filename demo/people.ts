import { z } from 'zod';
import { Conflicts, Detail, Imported, Links, Run } from './client.ts';
import { becomes, same, Unexpected } from './expect.ts';
import { readModel, type Setting } from './setup.ts';
import { show } from './show.ts';
import { PLACE, type Stage } from './stage.ts';

/** A threat and its issue, as the demo's people find them. */
interface Pair {
  threatId: string;
  title: string;
  number: number;
}

type Row = readonly [what: string, result: string];

/** People work in the tracker and in the models; what came of it is looked up and checked. Answers the rows of the table. */
export async function peopleWork(stage: Stage, setting: Setting): Promise<Row[]> {
  show.heading('5. People work in GitHub; signed webhooks come back');
  const pairs = await pairsOf(stage, setting);
  const pick = (title: string): Pair => {
    const found = pairs.find((pair) => pair.title.includes(title));
    if (found === undefined) throw new Unexpected(`no issue was made for "${title}"`);
    return found;
  };
  const rows = [
    await closeOne(stage, pick('replayed')),
    await reopenOne(stage, pick('processed twice')),
    await mitigateThreat(stage, pick('Key of one merchant')),
    await editTitle(stage, pick('Forged callback')),
    await editOutside(stage, pick('skims card data')),
    await addLabel(stage, pick('bank account')),
    await comment(stage, pick('bank details in request logs')),
    await dropOne(stage, pick('forged decisions')),
    await deleteOne(stage, setting, pick('backup')),
  ];
  show.heading('6. Both sides change at once');
  return [
    ...rows,
    await statusOnBothSides(stage, setting, pick('amount of a claim')),
    await blockOnBothSides(stage, setting, pick('memo field')),
  ];
}

async function pairsOf({ api }: Stage, setting: Setting): Promise<Pair[]> {
  const { items } = await api.get(`/api/integrations/${setting.integrationId}/links?limit=200`, Links);
  const pairs: Pair[] = [];
  for (const link of items) {
    if (link.issue === undefined) continue;
    const { threat } = await api.get(`/api/threats/${link.threatId}`, Detail);
    pairs.push({ threatId: threat.id, title: threat.title, number: Number(link.issue.key) });
  }
  return pairs;
}

async function status({ api }: Stage, pair: Pair): Promise<string> {
  return (await api.get(`/api/threats/${pair.threatId}`, Detail)).threat.status;
}

function at(pair: Pair) {
  return { ...PLACE, number: pair.number };
}

function issue({ github }: Stage, pair: Pair) {
  return github.world.issue(PLACE.owner, PLACE.repo, pair.number);
}

async function fieldState(
  { api }: Stage,
  setting: Setting,
  pair: Pair,
  field: string,
): Promise<string | undefined> {
  const { items } = await api.get(`/api/integrations/${setting.integrationId}/links?limit=200`, Links);
  return items.find((link) => link.threatId === pair.threatId)?.fields[field]?.kind;
}

async function closeOne(stage: Stage, pair: Pair): Promise<Row> {
  stage.github.world.close(at(pair), 'completed');
  await becomes(`the threat of #${pair.number}`, () => status(stage, pair), 'mitigated');
  show.fact(`#${pair.number} closed as completed → its threat is mitigated`);
  return [`#${pair.number} closed`, 'threat mitigated'];
}

async function reopenOne(stage: Stage, pair: Pair): Promise<Row> {
  stage.github.world.close(at(pair), 'completed');
  await becomes(`the threat of #${pair.number}`, () => status(stage, pair), 'mitigated');
  stage.github.world.reopen(at(pair));
  await becomes(`the threat of #${pair.number}`, () => status(stage, pair), 'identified');
  show.fact(`#${pair.number} closed and reopened → mitigated, then identified again`);
  return [`#${pair.number} closed, reopened`, 'threat identified again'];
}

/** The other way: the threat is dealt with in the model, and its issue closes. */
async function mitigateThreat(stage: Stage, pair: Pair): Promise<Row> {
  await stage.api.send('PATCH', `/api/threats/${pair.threatId}`, { status: 'mitigated' }, z.unknown());
  await becomes(`#${pair.number}`, async () => issue(stage, pair).state, 'closed');
  show.fact(`the threat of #${pair.number} mitigated in the model → its issue is closed as completed`);
  return [`threat of #${pair.number} mitigated`, 'issue closed as completed'];
}

async function editTitle(stage: Stage, pair: Pair): Promise<Row> {
  const title = 'Check the signature of processor callbacks';
  stage.github.world.editTitle(at(pair), title);
  await stage.github.settled();
  show.fact(`#${pair.number} got another title → it is people's from now on`);
  return [`#${pair.number} title edited`, `stays "${title}"`];
}

async function editOutside(stage: Stage, pair: Pair): Promise<Row> {
  const note = 'Agreed in planning: we start with the checkout page.';
  stage.github.world.editBody(at(pair), `${note}\n\n${issue(stage, pair).body ?? ''}`);
  await stage.api.send(
    'PATCH',
    `/api/threats/${pair.threatId}`,
    {
      description:
        'A script from a third party reads what shoppers type into the checkout page and sends it elsewhere.',
    },
    z.unknown(),
  );
  const isRendered = async (): Promise<boolean> =>
    (issue(stage, pair).body ?? '').includes('reads what shoppers type');
  await becomes(`the text of #${pair.number}`, isRendered, true);
  same(`people's text in #${pair.number}`, (issue(stage, pair).body ?? '').startsWith(note), true);
  show.fact(
    `#${pair.number} text written above our part, then the threat changed → our part is new, theirs is untouched`,
  );
  return [`#${pair.number} text outside our part`, 'kept byte for byte while our part was renewed'];
}

async function addLabel(stage: Stage, pair: Pair): Promise<Row> {
  stage.github.world.addLabel(at(pair), 'team-payouts');
  await stage.github.settled();
  show.fact(`#${pair.number} got the label team-payouts → theirs, untouched`);
  return [`#${pair.number} labelled`, 'label kept'];
}

async function comment(stage: Stage, pair: Pair): Promise<Row> {
  stage.github.world.comment(at(pair), 'The log filter is in review.');
  const count = async (): Promise<number> =>
    (await stage.api.get(`/api/threats/${pair.threatId}`, Detail)).comments.length;
  await becomes(`the comments of #${pair.number}`, count, 1);
  show.fact(`#${pair.number} commented → the comment is shown with the threat`);
  return [`#${pair.number} commented`, 'comment shown with the threat'];
}

/** Closed without a reason: a closed issue must not silently accept a risk. */
async function dropOne(stage: Stage, pair: Pair): Promise<Row> {
  stage.github.world.close(at(pair), 'not_planned');
  const asked = async (): Promise<number> => issue(stage, pair).comments.length;
  await becomes(`the question on #${pair.number}`, asked, 1);
  same(`the threat of #${pair.number} before the answer`, await status(stage, pair), 'identified');
  stage.github.world.addLabel(at(pair), 'tm-accepted');
  await becomes(`the threat of #${pair.number}`, () => status(stage, pair), 'accepted');
  show.fact(`#${pair.number} closed as not planned → one question; label tm-accepted → the risk is accepted`);
  return [`#${pair.number} closed as not planned`, 'asked once; accepted by label'];
}

async function deleteOne(stage: Stage, setting: Setting, pair: Pair): Promise<Row> {
  const before = await status(stage, pair);
  stage.github.world.deleteIssue(at(pair));
  const state = async (): Promise<string | undefined> => {
    const { items } = await stage.api.get(
      `/api/integrations/${setting.integrationId}/links?limit=200`,
      Links,
    );
    return items.find((link) => link.threatId === pair.threatId)?.state;
  };
  await becomes(`the link of #${pair.number}`, state, 'issue-gone');
  same(`the threat of #${pair.number}`, await status(stage, pair), before);
  show.fact(`#${pair.number} deleted → its link says so; the threat stays, no second issue is made`);
  return [`#${pair.number} deleted`, 'noted; threat unchanged, no new issue'];
}

async function statusOnBothSides(stage: Stage, setting: Setting, pair: Pair): Promise<Row> {
  stage.github.knobs.webhooks.lose = 1;
  stage.github.world.close(at(pair), 'completed');
  await stage.github.settled();
  stage.github.knobs.webhooks.lose = 0;
  await stage.api.send('PATCH', `/api/threats/${pair.threatId}`, { status: 'transferred' }, z.unknown());
  await becomes(
    `the status of #${pair.number}`,
    () => fieldState(stage, setting, pair, 'status'),
    'conflict',
  );
  show.fact(
    `#${pair.number} closed in GitHub (its webhook lost) while its threat became transferred → a conflict, nothing overwritten`,
  );
  return [
    `#${pair.number} status changed on both sides`,
    'conflict; a person kept the threat, the issue follows',
  ];
}

async function blockOnBothSides(stage: Stage, setting: Setting, pair: Pair): Promise<Row> {
  const mine = (issue(stage, pair).body ?? '').replace('What to do', 'What to do first');
  stage.github.world.editBody(at(pair), mine);
  await becomes(`our part of #${pair.number}`, () => fieldState(stage, setting, pair, 'block'), 'edited');
  const file = new TextDecoder().decode(await readModel('payments.json'));
  const changed = new TextEncoder().encode(file.replace('Card numbers end up', 'Full card numbers end up'));
  const path = `/api/threat-models/import?modelId=${setting.models.get('payments.json')}`;
  const report = await stage.api.importFile(path, changed, Imported);
  same('threats changed by the new revision of the file', report.changed.length, 1);
  await becomes(`our part of #${pair.number}`, () => fieldState(stage, setting, pair, 'block'), 'conflict');
  same(`the text of #${pair.number}`, (issue(stage, pair).body ?? '').includes('What to do first'), true);
  show.fact(
    `#${pair.number} our part edited by a person, then the file changed it too → a conflict, nothing overwritten`,
  );
  return [`#${pair.number} our part edited, and the file`, 'conflict, open: nothing overwritten'];
}

/** One conflict is settled by a person; then a full sync of everything must find nothing to write. */
export async function settleAndRepeat(stage: Stage, setting: Setting): Promise<Row[]> {
  show.heading('7. One conflict is settled, then everything is synchronised again');
  const { items } = await stage.api.get('/api/conflicts?state=open', Conflicts);
  same('open conflicts', items.length, 2);
  const ours = items.find((conflict) => conflict.field === 'status');
  if (ours === undefined) throw new Unexpected('the conflict about the status is missing');
  await stage.api.send('POST', `/api/conflicts/${ours.id}/resolution`, { keep: 'threat' }, z.unknown());
  const open = async (): Promise<number> =>
    (await stage.api.get('/api/conflicts?state=open', Conflicts)).items.length;
  await becomes('open conflicts', open, 1);
  show.fact(
    `status: ${ours.threat} (threat) was kept over ${ours.issue} (issue); the other conflict stays open`,
  );
  await stage.github.settled();
  const path = `/api/integrations/${setting.integrationId}/sync`;
  await stage.api.send('POST', path, { full: true }, Run);
  stage.github.clearRequests();
  const run = await stage.api.send('POST', path, { full: true }, Run);
  same('the second full sync', run.state, 'completed');
  const writes = stage.github.requests.filter(
    ({ method, path: to }) => method !== 'GET' && !to.endsWith('/graphql'),
  );
  same('writes of the second full sync', writes.length, 0);
  same('threats changed by the second full sync', run.counts['pulled'], 0);
  return [
    ['open conflicts', '1: the part of an issue that a person and the file both changed'],
    ['full sync again', `${run.calls} API calls, 0 writes`],
  ];
}
