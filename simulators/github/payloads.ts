import { createHmac } from 'node:crypto';
import { hookShape } from './hook-shape.ts';
import { repositoryShape } from './repository-shape.ts';
import { accountShape, commentShape, issueShape, labelShape } from './shapes.ts';
import type { Account, Hook, Notice, State } from './state.ts';

/** The payload that hooks get for something that happened, as it is at this moment. */
export function payloadOf(state: State, notice: Notice): Record<string, unknown> {
  const { issue, comment, label, assignee, repository } = notice;
  const changes = changesOf(state, notice);
  return {
    action: notice.action,
    ...(issue === undefined ? {} : { issue: issueShape(state, issue) }),
    ...(issue !== undefined && comment !== undefined ? { comment: commentShape(state, issue, comment) } : {}),
    ...(label === undefined ? {} : { label: labelShape(state, repository, label) }),
    ...(assignee === undefined ? {} : { assignee: accountShape(state, assignee) }),
    ...(changes === undefined ? {} : { changes }),
    repository: repositoryShape(state, repository),
    ...(repository.owner.type === 'Organization'
      ? { organization: organizationOf(state, repository.owner) }
      : {}),
    sender: accountShape(state, notice.sender),
  };
}

function changesOf(state: State, notice: Notice): Record<string, unknown> | undefined {
  const { counterpart, action } = notice;
  if (counterpart === undefined) return notice.changes;
  const side = action === 'transferred' ? 'new' : 'old';
  return {
    [`${side}_issue`]: issueShape(state, counterpart),
    [`${side}_repository`]: repositoryShape(state, counterpart.repository),
  };
}

export function pingOf(state: State, hook: Hook, sender: Account): Record<string, unknown> {
  return {
    zen: 'Practicality beats purity.',
    hook_id: hook.id,
    hook: { ...hookShape(state, hook), last_response: { code: null, status: 'unused', message: null } },
    repository: repositoryShape(state, hook.repository),
    sender: accountShape(state, sender),
  };
}

function organizationOf(state: State, owner: Account): Record<string, unknown> {
  const url = `${state.url}/api/v3/orgs/${owner.login}`;
  return {
    login: owner.login,
    id: owner.id,
    node_id: owner.nodeId,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${state.url}/avatars/u/${owner.id}`,
    description: null,
  };
}

/** The bytes of a delivery and the headers GitHub sends with them. */
export function sealed(
  hook: Hook,
  event: string,
  guid: string,
  payload: string,
): { body: string; headers: Record<string, string> } {
  const isForm = hook.config.content_type === 'form';
  const body = isForm ? new URLSearchParams({ payload }).toString() : payload;
  const { secret } = hook.config;
  const sign = (algorithm: string, key: string): string =>
    createHmac(algorithm, key).update(body).digest('hex');
  return {
    body,
    headers: {
      accept: '*/*',
      'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
      'user-agent': `GitHub-Hookshot/${guid.slice(0, 7)}`,
      'x-github-delivery': guid,
      'x-github-event': event,
      'x-github-hook-id': String(hook.id),
      'x-github-hook-installation-target-id': String(hook.repository.id),
      'x-github-hook-installation-target-type': 'repository',
      ...(secret === undefined || secret === ''
        ? {}
        : {
            'x-hub-signature': `sha1=${sign('sha1', secret)}`,
            'x-hub-signature-256': `sha256=${sign('sha256', secret)}`,
          }),
    },
  };
}
