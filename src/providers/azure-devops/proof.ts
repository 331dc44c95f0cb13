import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Secret } from '../../domain/secret.ts';
import type { WebhookRequest } from '../../ports/tracker.ts';

/** Deliveries carry our password and a header with a second secret: hooks that we registered. Hooks made by hand carry the password. */
export const BASIC = 'basic';
export const USER = 'tmi';
export const HEADER = 'X-Tmi-Proof';

/** The second secret, which cannot be told from the first. */
export function headerProof(secret: Secret): Secret {
  return new Secret(createHmac('sha256', secret.reveal()).update('azure-devops-header').digest('hex'));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function sameText(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function passwordOf(authorization: string): string {
  const encoded = /^basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1] ?? '';
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : '';
}

/**
 * Service hooks sign nothing: the delivery proves only that its sender knows our secrets, and says nothing of the body,
 * which is a hint. https://learn.microsoft.com/azure/devops/service-hooks/services/webhooks
 */
export function isProven(request: WebhookRequest, secrets: readonly Secret[], needsHeader: boolean): boolean {
  const password = passwordOf(request.headers['authorization'] ?? '');
  const header = request.headers[HEADER.toLowerCase()] ?? '';
  let valid = false;
  for (const secret of secrets) {
    const isPassword = sameText(password, secret.reveal());
    const isHeader = sameText(header, headerProof(secret).reveal());
    if (isPassword && (isHeader || !needsHeader) && password !== '') valid = true;
  }
  return valid;
}
