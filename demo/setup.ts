import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Connected, Imported, Plan, Run } from './client.ts';
import { same } from './expect.ts';
import { show } from './show.ts';
import { BOT, PLACE, type Stage } from './stage.ts';

const MODELS = ['payments.json', 'claims-portal.tc.json'] as const;
const Made = z.object({ id: z.string(), state: z.string() });

/** What the first part of the demo leaves to the second. */
export interface Setting {
  integrationId: string;
  /** Model ids by file. */
  models: ReadonlyMap<string, string>;
  created: number;
  pushCalls: number;
}

/** Two models in, one tracker connected, the plan looked at, the issues made. */
export async function setUp(stage: Stage): Promise<Setting> {
  const models = await importModels(stage);
  const integrationId = await connect(stage);
  const plan = await lookAtPlan(stage, integrationId);
  const { created, pushCalls } = await push(stage, integrationId, plan);
  return { integrationId, models, created, pushCalls };
}

export async function readModel(file: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL(`models/${file}`, import.meta.url)));
}

async function importModels({ api }: Stage): Promise<Map<string, string>> {
  show.heading('1. Two threat models come in');
  const models = new Map<string, string>();
  for (const file of MODELS) {
    const path = `/api/threat-models/import?path=${encodeURIComponent(`docs/threats/${file}`)}`;
    const report = await api.importFile(path, await readModel(file), Imported);
    models.set(file, report.model.id);
    show.fact(`${file}: "${report.model.name}" (${report.detected}), ${report.found} threats`);
    const again = await api.importFile(path, await readModel(file), Imported);
    same('threats changed by importing the same file again', again.changed.length + again.new.length, 0);
  }
  show.fact('The same files once more: nothing changed.');
  return models;
}

function description({ github, url }: Stage) {
  return {
    name: 'Payments → GitHub',
    provider: 'github',
    config: {
      baseUrl: `${github.url}/api/v3`,
      owner: PLACE.owner,
      repo: PLACE.repo,
      labels: ['threat-model'],
      webhookUrl: url,
    },
    credentials: { type: 'token', token: BOT.token },
  };
}

async function connect(stage: Stage): Promise<string> {
  show.heading('2. GitHub (a simulator on loopback) is connected');
  const body = description(stage);
  const { provider, config, credentials } = body;
  const tested = await stage.api.send(
    'POST',
    '/api/integrations/connect',
    { provider, config, credentials },
    Connected,
  );
  same('the connection test', tested.ok, true);
  show.table(tested.checks.map((check) => [`${check.outcome.padEnd(11)} ${check.name}`, check.detail]));
  const integration = await stage.api.send('POST', '/api/integrations', body, Made);
  same('webhooks registered in GitHub', stage.github.world.hooks(PLACE.owner, PLACE.repo).length, 1);
  show.fact(
    'Stored; its webhook is registered with a secret of its own. Nothing is written before the first sync.',
  );
  return integration.id;
}

async function lookAtPlan({ api, github }: Stage, integrationId: string): Promise<z.infer<typeof Plan>> {
  show.heading('3. What would happen');
  const plan = await api.send('POST', `/api/integrations/${integrationId}/plan`, {}, Plan);
  show.fact(`create ${plan.counts.create}, skip ${plan.counts.skip}, about ${plan.estimatedCalls} calls`);
  const reasons = new Map<string, number>();
  for (const { skip } of plan.items)
    if (skip !== undefined) reasons.set(skip.message, (reasons.get(skip.message) ?? 0) + 1);
  for (const [reason, count] of reasons) show.fact(`skipped ${count}: ${reason}`);
  same('issues in GitHub before the first sync', github.world.issues(PLACE.owner, PLACE.repo).length, 0);
  return plan;
}

async function push(
  stage: Stage,
  integrationId: string,
  plan: z.infer<typeof Plan>,
): Promise<{ created: number; pushCalls: number }> {
  show.heading('4. The plan is approved and applied');
  const path = `/api/integrations/${integrationId}/sync`;
  const ticking = setInterval(() => {
    show.progress('issues', stage.github.world.issues(PLACE.owner, PLACE.repo).length, plan.counts.create);
  }, 200);
  const run = await stage.api
    .send('POST', path, { planId: plan.id }, Run)
    .finally(() => clearInterval(ticking));
  same('the run', run.state, 'completed');
  same('issues created', run.counts['created'], plan.counts.create);
  same('issues in GitHub', stage.github.world.issues(PLACE.owner, PLACE.repo).length, plan.counts.create);
  show.fact(`${plan.counts.create} issues created with ${run.calls} API calls.`);
  return { created: plan.counts.create, pushCalls: run.calls };
}
