import { z } from 'zod';
import { type Furnished, furnishAll } from '../simulators/catalogue.ts';
import { apiClient, type ApiClient, Detail, Imported, Links, Run } from './client.ts';
import { becomes, same, Unexpected } from './expect.ts';
import { readModel } from './setup.ts';
import { show } from './show.ts';
import type { Stage } from './stage.ts';

const Made = z.object({ id: z.string() });
const TENANT = 'four-trackers';
const CLOSED = 'Settlement files stay';

interface Connected extends Furnished {
  integrationId: string;
  calls: number;
}

/** One model goes to all trackers at once; what a person closes in one of them closes in the others. */
export async function fourTrackers(stage: Stage): Promise<void> {
  show.heading('9. The same model in four trackers at once');
  const trackers = await furnishAll({ pace: 'generous' });
  try {
    const api = apiClient(stage.url, await stage.tokenFor(TENANT));
    await play(stage, api, trackers);
  } finally {
    await Promise.all(trackers.map((tracker) => tracker.stop()));
  }
}

async function play(stage: Stage, api: ApiClient, trackers: readonly Furnished[]): Promise<void> {
  const { model } = await api.importFile(
    '/api/threat-models/import',
    await readModel('payments.json'),
    Imported,
  );
  const connected = await Promise.all(trackers.map((tracker) => connect(stage, api, tracker, model.id)));
  const counts = new Set(connected.map((tracker) => tracker.issues().length));
  same('different numbers of issues in the trackers', counts.size, 1);
  const closer = connected.find((tracker) => tracker.provider === 'gitlab');
  const closed = closer?.issues().find((issue) => issue.title.includes(CLOSED));
  if (closer === undefined || closed === undefined) throw new Unexpected(`no issue "${CLOSED}" in GitLab`);
  closer.close(closed.key);
  for (const tracker of connected)
    await becomes(`the issue "${CLOSED}" in ${tracker.title}`, async () => isClosed(tracker), true);
  await becomes(`the threat "${CLOSED}"`, () => status(api, closer), 'mitigated');
  for (const tracker of connected) await again(api, tracker);
  show.fact(`"${closed.title}" closed in GitLab → mitigated, and closed in the others`);
  show.table(
    connected.map((tracker) => [
      tracker.title,
      `${tracker.issues().length} issues with ${tracker.calls} calls; ${keyOf(tracker)} ${tracker === closer ? 'closed by a person' : 'followed'}; a second sync: 0 writes`,
    ]),
  );
}

async function connect(
  stage: Stage,
  api: ApiClient,
  tracker: Furnished,
  modelId: string,
): Promise<Connected> {
  const { title, provider, config, credentials } = tracker;
  const integration = await api.send(
    'POST',
    '/api/integrations',
    {
      name: title,
      provider,
      config: { ...config, webhookUrl: stage.url },
      credentials,
      filter: { models: [modelId], alsoLinked: true },
    },
    Made,
  );
  const run = await api.send('POST', `/api/integrations/${integration.id}/sync`, {}, Run);
  same(`the first sync with ${title} (${run.error?.message ?? run.waiting ?? ''})`, run.state, 'completed');
  return { ...tracker, integrationId: integration.id, calls: run.calls };
}

function isClosed(tracker: Furnished): boolean {
  return tracker.issues().some((issue) => issue.title.includes(CLOSED) && issue.isClosed);
}

function keyOf(tracker: Furnished): string {
  return tracker.issues().find((issue) => issue.title.includes(CLOSED))?.key ?? '';
}

async function status(api: ApiClient, tracker: Connected): Promise<string> {
  const { items } = await api.get(`/api/integrations/${tracker.integrationId}/links?limit=200`, Links);
  const link = items.find((each) => each.issue?.key === keyOf(tracker));
  if (link === undefined) throw new Unexpected(`${tracker.title} has no link for "${CLOSED}"`);
  return (await api.get(`/api/threats/${link.threatId}`, Detail)).threat.status;
}

async function again(api: ApiClient, tracker: Connected): Promise<void> {
  await tracker.settled();
  const path = `/api/integrations/${tracker.integrationId}/sync`;
  await api.send('POST', path, { full: true }, Run);
  const run = await api.send('POST', path, { full: true }, Run);
  const { created = 0, pushed = 0, pulled = 0 } = run.counts;
  same(`writes of another full sync with ${tracker.title}`, created + pushed + pulled, 0);
}
