import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Secret } from '../../domain/secret.ts';
import type { WebhookRequest } from '../../ports/tracker.ts';

/** Deliveries carry a signature over id, time and body. */
export const SIGNED = 'standard-webhooks';
/** Deliveries carry the secret itself: servers before 19.0, and hooks made by hand. */
export const PLAIN = 'token';

const TOLERANCE_MS = 300_000;
const KEY_BYTES = 32;

/** Our secrets are 32 bytes in hex; one of another form, chosen by a person, is hashed to that length. */
function keyOf(secret: Secret): Buffer {
  const text = secret.reveal();
  const bytes = /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.alloc(0);
  return bytes.length === KEY_BYTES ? bytes : createHash('sha256').update(text).digest();
}

/** The signing token for GitLab: `whsec_` and 32 bytes in base64. */
export function signingToken(secret: Secret): Secret {
  return new Secret(`whsec_${keyOf(secret).toString('base64')}`);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function sameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

/** Is the time of the delivery within five minutes of ours? */
function isTimely(timestamp: string, now: Date): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(now.getTime() - Number(timestamp) * 1000) <= TOLERANCE_MS;
}

/**
 * A signature over `id.time.body`; the header may list several.
 * https://docs.gitlab.com/user/project/integrations/webhooks/#verify-the-signature
 */
export function isSigned(request: WebhookRequest, secrets: readonly Secret[], now: Date): boolean {
  const id = request.headers['webhook-id'] ?? '';
  const timestamp = request.headers['webhook-timestamp'] ?? '';
  const given = (request.headers['webhook-signature'] ?? '').split(' ').slice(0, 10);
  let valid = false;
  for (const secret of secrets) {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(request.body);
    const expected = `v1,${hmac.digest('base64')}`;
    // An empty secret would let everybody sign.
    for (const each of given) if (sameText(each, expected) && secret.reveal() !== '') valid = true;
  }
  return valid && id !== '' && isTimely(timestamp, now);
}

/** The secret itself in a header. It says nothing of the body, which is only a hint. */
export function carriesToken(request: WebhookRequest, secrets: readonly Secret[]): boolean {
  const given = request.headers['x-gitlab-token'] ?? '';
  let valid = false;
  for (const secret of secrets) if (sameText(given, secret.reveal()) && given !== '') valid = true;
  return valid;
}
