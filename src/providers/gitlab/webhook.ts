import { createHash } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Webhook, WebhookHint, WebhookRequest } from '../../ports/tracker.ts';
import { refOf } from './convert.ts';
import { carriesToken, isSigned, PLAIN, SIGNED } from './signing.ts';
import { GitlabDelivery } from './wire.ts';

/** How a hook is proven was settled when it was registered: a request without a signature gains nothing. */
function verify(request: WebhookRequest, secrets: readonly Secret[], now: Date, scheme = PLAIN): boolean {
  if (scheme === SIGNED) return isSigned(request, secrets, now);
  return scheme === PLAIN && carriesToken(request, secrets);
}

function deliveryOf(body: Uint8Array): GitlabDelivery {
  try {
    return GitlabDelivery.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (cause) {
    throw new AppError(
      'invalid-request',
      'The delivery is not what GitLab sends about issues and comments; a webhook of ours must have no custom template.',
      { cause },
    );
  }
}

/** The same on redelivery; servers before 17.4 name no delivery, so that its content stands for it. */
function deliveryIdOf({ headers, body }: WebhookRequest): string {
  const named = headers['webhook-id'] ?? headers['idempotency-key'] ?? '';
  if (named !== '') return named;
  const content = createHash('sha256').update(body).digest('hex').slice(0, 32);
  return `${headers['x-gitlab-event-uuid'] ?? ''}/${content}`;
}

function parse(request: WebhookRequest): WebhookHint {
  const event = request.headers['x-gitlab-event'] ?? '';
  if (event === '') throw new AppError('invalid-request', 'The delivery has no X-Gitlab-Event header.');
  const { object_kind: kind, object_attributes: about, project, issue } = deliveryOf(request.body);
  const hint: WebhookHint = {
    deliveryId: deliveryIdOf(request),
    event: about?.action == null ? kind : `${kind}.${about.action}`,
    ...(project == null ? {} : { projectId: String(project.id) }),
    refs: [],
  };
  if (kind === 'note') {
    if (about?.noteable_type !== 'Issue') return { ...hint, ignored: 'The comment is not on an issue.' };
    if (issue == null) throw new AppError('invalid-request', 'The delivery about a comment names no issue.');
    return { ...hint, refs: [refOf(issue)] };
  }
  if (kind !== 'issue' && kind !== 'work_item') return { ...hint, ignored: `We do not follow "${kind}".` };
  if ((about?.type ?? 'Issue') !== 'Issue')
    return { ...hint, ignored: `It is about a work item of type "${about?.type ?? ''}".` };
  if (about?.iid == null)
    throw new AppError('invalid-request', 'The delivery about an issue names no issue.');
  return { ...hint, refs: [refOf({ id: about.id, iid: about.iid })] };
}

export const gitlabWebhook: Webhook = {
  schemes: {
    [SIGNED]:
      '`webhook-signature` holds the HMAC-SHA256 of id, time and raw bytes under the signing token, and the time is within five minutes of ours (19.0 and newer)',
    [PLAIN]: '`X-Gitlab-Token` is the secret itself (older servers, and hooks added by hand)',
  },
  verify,
  parse,
};
