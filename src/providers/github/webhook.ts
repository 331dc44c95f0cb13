import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Webhook, WebhookHint, WebhookRequest } from '../../ports/tracker.ts';
import { refOf } from './convert.ts';
import { GithubDelivery } from './wire.ts';

const NOT_JSON = 'The webhook must send JSON: set its content type to application/json.';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function sameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
function verify(request: WebhookRequest, secrets: readonly Secret[]): boolean {
  const given = request.headers['x-hub-signature-256'] ?? '';
  let valid = false;
  for (const secret of secrets) {
    const key = secret.reveal();
    const expected = `sha256=${createHmac('sha256', key).update(request.body).digest('hex')}`;
    // An empty secret would let everybody sign.
    if (sameText(given, expected) && key !== '') valid = true;
  }
  return valid;
}

function deliveryOf(body: Uint8Array): GithubDelivery {
  try {
    return GithubDelivery.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (cause) {
    throw new AppError('invalid-request', `The delivery is not what GitHub sends. ${NOT_JSON}`, { cause });
  }
}

function parse(request: WebhookRequest): WebhookHint {
  const deliveryId = request.headers['x-github-delivery'] ?? '';
  const event = request.headers['x-github-event'] ?? '';
  if (deliveryId === '' || event === '')
    throw new AppError('invalid-request', 'The delivery has no X-GitHub-Delivery or X-GitHub-Event header.');
  const { action, issue, repository } = deliveryOf(request.body);
  const hint: WebhookHint = {
    deliveryId,
    event: action === undefined ? event : `${event}.${action}`,
    ...(repository === undefined ? {} : { projectId: String(repository.id) }),
    refs: [],
  };
  if (event === 'ping') return { ...hint, ignored: 'GitHub only tries whether we answer.' };
  // Renamed, transferred or turned public: the project is looked at before every run.
  if (event === 'repository') return hint;
  if (event !== 'issues' && event !== 'issue_comment')
    return { ...hint, ignored: `We do not follow "${event}".` };
  if (issue === undefined)
    throw new AppError('invalid-request', 'The delivery about an issue names no issue.');
  if (issue.pull_request != null) return { ...hint, ignored: 'It is about a pull request.' };
  return { ...hint, refs: [refOf(issue)] };
}

/** Deliveries carry no time: a repeated one is known by its id. */
export const githubWebhook: Webhook = {
  schemes: {
    'hmac-sha256': '`X-Hub-Signature-256` is the HMAC-SHA256 of the raw bytes under the secret',
  },
  verify,
  parse,
};
