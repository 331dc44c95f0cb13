import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Issue, WriteOutcome } from '../../src/domain/issue.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Tracker } from '../../src/ports/tracker.ts';
import { githubWebhook } from '../../src/providers/github/webhook.ts';
import { startEmulatedGithub, startReceiver } from './emulated-github.ts';
import type { EmulatedGithub } from './emulated-github.ts';
import { connectGithub } from './github-world.ts';

const MARK = 'tmi:begin v=1 link=a key=b mac=c';
const COMMENT = 'tmi:comment v=1 op=a mac=b';
const SECRET = new Secret('webhook-secret');

function issueIn(outcome: WriteOutcome | undefined): Issue {
  assert.ok(outcome?.kind === 'written' && outcome.issue !== undefined, JSON.stringify(outcome));
  return outcome.issue;
}

describe('our GitHub tracker at an emulator that others wrote', () => {
  let emulated: EmulatedGithub;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let tracker: Tracker;
  let connected: ReturnType<typeof connectGithub>;
  const { signal } = new AbortController();

  before(async () => {
    emulated = await startEmulatedGithub();
    receiver = await startReceiver();
    const { url: baseUrl, owner, repo, token } = emulated;
    connected = connectGithub({ baseUrl, owner, repo }, token);
    ({ tracker } = connected);
  });
  after(async () => {
    await connected.close();
    await receiver.close();
    await emulated.close();
  });

  async function change(seen: Issue, what: object): Promise<Issue> {
    const seenAt = new Date(0).toISOString();
    const [outcome] = await tracker.write(
      [{ kind: 'update', ref: seen.ref, seen, seenAt, change: what }],
      signal,
    );
    return issueIn(outcome);
  }

  it('goes the whole way: hook, create, edit, label, close, reopen, comment', async () => {
    const since = new Date(Date.now() - 60_000).toISOString();
    const hook = await tracker.hooks?.ensure(`${receiver.url}/webhooks/github/1`, SECRET, signal);
    assert.ok(hook !== undefined && (await tracker.hooks?.healthy(hook.hookId, signal)));
    const { hookId } = hook;

    const create = {
      kind: 'create',
      title: 'Threat',
      block: { mark: MARK, text: 'words' },
      labels: ['threat-model'],
    } as const;
    const [created] = await tracker.write([create], signal);
    let issue = issueIn(created);
    assert.deepEqual(issue.block, { kind: 'present', mark: MARK, text: 'words' });
    assert.deepEqual(issue.labels, ['threat-model']);

    const delivery = await receiver.until(({ headers }) => headers['x-github-event'] === 'issues');
    const headers = Object.fromEntries(
      Object.entries(delivery.headers).map(([name, value]) => [name, String(value)]),
    );
    const request = { method: 'POST', url: '/webhooks/github/1', headers, body: delivery.body };
    assert.equal(githubWebhook.verify(request, [SECRET], new Date()), true);
    assert.equal(githubWebhook.parse(request).refs[0]?.key, issue.ref.key);

    issue = await change(issue, { title: 'Edited', block: { mark: MARK, text: 'other words' } });
    assert.deepEqual(
      [issue.title, issue.block.kind === 'present' && issue.block.text],
      ['Edited', 'other words'],
    );
    issue = await change(issue, { addLabels: ['severity-high'], removeLabels: ['threat-model'] });
    assert.deepEqual(issue.labels, ['severity-high']);
    issue = await change(issue, { status: { category: 'done' } });
    assert.equal(issue.status.id, 'closed/completed');
    issue = await change(issue, { status: { category: 'dropped' } });
    assert.equal(issue.status.id, 'closed/not_planned');
    issue = await change(issue, { status: { category: 'open' } });
    assert.equal(issue.status.id, 'open');

    const [commented] = await tracker.write(
      [{ kind: 'comment', ref: issue.ref, mark: COMMENT, text: 'Which?' }],
      signal,
    );
    assert.equal(commented?.kind, 'written');
    assert.deepEqual([...(await tracker.findComments(issue.ref, since, signal)).keys()], [COMMENT]);
    assert.deepEqual([...(await tracker.findMarked(since, signal)).keys()], [MARK]);

    const read = (await tracker.read([issue.ref], signal)).get(issue.ref.id);
    assert.ok(read?.kind === 'found' && read.issue.comments?.length === 1);
    const hint = await listed(tracker, issue.ref.id);
    assert.equal(hint, true);

    await tracker.hooks?.remove(hookId, signal);
    assert.equal(await tracker.hooks?.healthy(hookId, signal), false);
  });

  it('tells an issue that is not there from one that is', async () => {
    const outcomes = await tracker.read([{ id: 'none', key: '4711' }], signal);
    assert.equal(outcomes.get('none')?.kind, 'hidden');
  });

  async function listed(of: Tracker, id: string): Promise<boolean> {
    const beginning = Buffer.from(JSON.stringify({ since: '2000-01-01T00:00:00Z', told: [] })).toString(
      'base64url',
    );
    for await (const page of of.changes(beginning, signal))
      if (page.refs.some((ref) => ref.id === id)) return true;
    return false;
  }
});
