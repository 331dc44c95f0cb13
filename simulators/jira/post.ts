import { createHmac } from 'node:crypto';
import { newCourier, newGuid } from '../shared/courier.ts';
import type { Net } from '../shared/net.ts';
import type { JiraKnobs } from './knobs.ts';
import { parseJql } from './jql.ts';
import { matches } from './jql-match.ts';
import type { Hook, Notice } from './notices.ts';
import { payloadOf } from './payloads.ts';
import type { State } from './state.ts';

/** Brings notices to hooks over HTTP. */
export interface Post {
  notify(notice: Notice): void;
  /** Cloud tries again after some minutes: sends what is due by the simulator's clock. Answers how many that were. */
  retryDue(): number;
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Letter {
  identifier: string;
  event: string;
  body: string;
  retry: number;
  flow: Notice['flow'];
  firstTriedMs: number;
}

const TRIES = 5;
const RETRIED = [0, 408, 409, 425, 429];
const RETRY_MS = { min: 5 * 60_000, max: 15 * 60_000 };
/** After so long one try each is all there is. */
const PATIENCE_MS = 30 * 60_000;

export function newPost(state: State, knobs: JiraKnobs, net: Net): Post {
  const courier = newCourier<Hook, Letter>(knobs, { random: () => state.random(), sleep: net.sleep }, send);
  let waiting: { hook: Hook; letter: Letter; dueAtMs: number }[] = [];

  async function send(hook: Hook, letter: Letter, signal: AbortSignal): Promise<void> {
    const headers = { ...headersOf(hook, letter), ...proofOf(state, hook, letter.body) };
    const { statusCode } = await net.post(hook.url, headers, letter.body, knobs.webhooks.timeoutMs, signal);
    if (signal.aborted) return;
    const { identifier, event, retry, body } = letter;
    hook.deliveries.push({
      identifier,
      event,
      retry,
      deliveredAt: state.now(),
      requestHeaders: headers,
      body,
      statusCode,
    });
    const isRetried = RETRIED.includes(statusCode) || statusCode >= 500;
    const now = state.now().getTime();
    const isPatient = now - letter.firstTriedMs < PATIENCE_MS;
    if (state.flavour !== 'cloud' || !isRetried || retry + 1 >= TRIES || !isPatient) return;
    const waitMs = RETRY_MS.min + Math.floor(state.random() * (RETRY_MS.max - RETRY_MS.min));
    waiting.push({ hook, letter: { ...letter, retry: retry + 1 }, dueAtMs: now + waitMs });
  }

  function headersOf(hook: Hook, { identifier, retry, flow }: Letter): Record<string, string> {
    const common = { 'content-type': 'application/json; charset=UTF-8' };
    if (hook.kind === 'server') return { ...common, 'user-agent': 'Atlassian HttpClient / JIRA-10.3.24' };
    return {
      ...common,
      'user-agent': 'Atlassian Webhook HTTP Client',
      'x-atlassian-webhook-identifier': identifier,
      'x-atlassian-webhook-flow': flow,
      ...(retry === 0 ? {} : { 'x-atlassian-webhook-retry': String(retry) }),
    };
  }

  return {
    notify(notice) {
      const now = state.now();
      for (const hook of state.hooks) {
        if (!isFor(state, hook, notice, now)) continue;
        courier.put(hook, {
          identifier: newGuid(state.random),
          event: notice.event,
          body: hook.excludeBody ? '' : JSON.stringify(payloadOf(state, notice, hook)),
          retry: 0,
          flow: notice.flow,
          firstTriedMs: now.getTime(),
        });
      }
    },
    retryDue() {
      const now = state.now().getTime();
      const due = waiting.filter(({ dueAtMs }) => dueAtMs <= now);
      waiting = waiting.filter(({ dueAtMs }) => dueAtMs > now);
      for (const { hook, letter } of due) courier.put(hook, letter);
      return due.length;
    },
    settled: () => courier.settled(),
    close: () => courier.close(),
  };
}

function isFor(state: State, hook: Hook, notice: Notice, now: Date): boolean {
  const { event, issue, property, change } = notice;
  if (!hook.enabled || !hook.events.includes(event)) return false;
  if (hook.expiresAt !== undefined && hook.expiresAt <= now) return false;
  if (property !== undefined && hook.propertyKeys.length > 0 && !hook.propertyKeys.includes(property))
    return false;
  if (change !== undefined && hook.fieldIds.length > 0)
    if (!change.items.some(({ fieldId }) => hook.fieldIds.includes(fieldId))) return false;
  return matches(issue, parseJql(hook.jql).where, { state, user: hook.lastUpdatedBy });
}

/** HMAC of the raw body with the hook's secret; for an OAuth app a JWT, signed with its client secret. */
function proofOf(state: State, hook: Hook, body: string): Record<string, string> {
  if (hook.secret !== undefined)
    return { 'x-hub-signature': `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}` };
  const app = state.grants.find(({ clientId }) => clientId === hook.clientId);
  if (app === undefined) return {};
  const issuedAt = Math.floor(state.now().getTime() / 1000);
  const claims = { iss: app.clientId, iat: issuedAt, exp: issuedAt + 180 };
  const head = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  const signature = createHmac('sha256', app.clientSecret).update(head).digest('base64url');
  return { authorization: `Bearer ${head}.${signature}` };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
