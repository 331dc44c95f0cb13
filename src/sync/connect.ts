import { AppError, messageOf, TrackerError } from '../domain/errors.ts';
import type { BoundProject, Integration } from '../domain/integration.ts';
import { foreignMarkKey, readMark } from '../domain/mark.ts';
import type { CheckItem, Checkup } from '../ports/tracker.ts';
import { inputOf } from './integration-input.ts';
import type { Parts } from './parts.ts';
import { connectTo, installationKey, openSession, providerOf, type Session } from './session.ts';
import type { Caller, ConnectReport, IntegrationInput } from './use-cases.ts';

/** Tests a connection without storing it: each finding a line, with what to do. */
export async function connectReport(
  parts: Parts,
  caller: Caller,
  input: Pick<IntegrationInput, 'provider' | 'config' | 'credentials'>,
): Promise<ConnectReport> {
  const provider = providerOf(parts, input.provider);
  const checked = { id: parts.chance.uuid(), ...(await inputOf(parts, provider, input)) };
  const given = connectTo(parts, caller.tenantId, provider, checked);
  const { renewal } = given.connection;
  if (renewal?.isRepeatable === false) return { ok: true, checks: [WORKS_ONCE] };
  let opened = given;
  if (renewal !== undefined) {
    const way = parts.outbound.open(renewal.endpoint, {
      tenantId: caller.tenantId,
      integrationId: checked.id,
    });
    try {
      const credentials = await renewal.renew(way.send, parts.clock.now(), NEVER);
      opened = connectTo(parts, caller.tenantId, provider, { ...checked, credentials });
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      return { ok: false, checks: [noAccess(error)] };
    }
  }
  const checkup = await opened.tracker.checkup(NEVER);
  const own = checkup.items.filter((item) => item.name !== 'webhook');
  const items = [...own, webhookLine(parts, checkup, opened.connection.webhookUrl)];
  return { ok: items.every((item) => item.outcome !== 'failed'), checks: items };
}

const NEVER = new AbortController().signal;

/** The credentials do not even give access: the one line that matters. */
function noAccess(error: TrackerError): CheckItem {
  return {
    name: 'token',
    outcome: 'failed',
    detail: error.message,
    remedy: 'Check the credentials and what they are allowed to, then test again.',
  };
}

const WORKS_ONCE: CheckItem = {
  name: 'token',
  outcome: 'not-checked',
  detail: 'A refresh token works once: testing it here would use it up.',
  remedy: 'Create the integration; its status says what the tracker answers.',
};

function webhookLine(
  parts: Parts,
  checkup: Checkup,
  webhookUrl: string | undefined,
): Checkup['items'][number] {
  const known = webhookUrl ?? parts.publicUrl;
  const name = 'webhook';
  const own = checkup.items.find((item) => item.name === name);
  // Without hooks the schedule still finds every change: no reason to fail the connection.
  if (own !== undefined && own.outcome !== 'ok')
    return own.outcome === 'failed' ? { ...own, outcome: 'warning' } : own;
  if (known === undefined)
    return {
      name,
      outcome: 'not-checked',
      detail: 'No address is known under which the tracker reaches this service.',
      remedy: 'Set config.webhookUrl or PUBLIC_URL; until then changes are found by the schedule.',
    };
  return {
    name,
    outcome: 'not-checked',
    detail: `The tracker will be told ${known}; its first delivery proves that it gets there.`,
    remedy: 'Look at the deliveries after the integration is created.',
  };
}

/** Bind the project and remember the account, as the tracker reports them. A failure is for the first run to tell. */
export async function bindProject(parts: Parts, tenantId: string, integration: Integration): Promise<void> {
  try {
    const session = await openSession(parts, tenantId, integration);
    const checkup = await session.tracker.checkup(NEVER);
    if (checkup.bound === undefined) return;
    const others = integration.bound === undefined ? await othersIn(parts, session, NEVER) : {};
    const bound = { ...boundOf(checkup.bound, integration.bound, session.connection.host), ...others };
    await parts.store.tenant(tenantId).transact((tx) => tx.integrations.note(integration.id, { bound }));
  } catch (error) {
    parts.log.warn(
      { integrationId: integration.id, error: messageOf(error) },
      'the project could not be bound yet',
    );
  }
}

/**
 * A run may only write once it is known whose issues are ours: an issue of unknown author is never adopted, and would be
 * created twice. Answers the integration with its project; throws `tracker-refused` with the lines that failed.
 */
export async function ensureBound(parts: Parts, session: Session, signal: AbortSignal): Promise<Integration> {
  const { integration, tenantId } = session;
  if (integration.bound !== undefined) return integration;
  const checkup = await session.tracker.checkup(signal);
  if (checkup.bound === undefined) {
    const failed = checkup.items.filter((item) => item.outcome === 'failed').map((item) => item.detail);
    throw new AppError(
      'tracker-refused',
      `The project or the account could not be read. ${failed.join(' ')}`,
    );
  }
  const others = await othersIn(parts, session, signal);
  const bound = { ...boundOf(checkup.bound, undefined, session.connection.host), ...others };
  await parts.store.tenant(tenantId).transact((tx) => tx.integrations.note(integration.id, { bound }));
  return { ...integration, bound };
}

/** The same project with an account more; the project that was bound first stays bound until a person says otherwise. */
function boundOf(
  reported: NonNullable<Checkup['bound']>,
  known: BoundProject | undefined,
  host: string,
): BoundProject {
  const { accountId, ...project } = reported;
  const accounts = known?.accountIds ?? [];
  return {
    ...project,
    ...(known?.others === undefined ? {} : { others: known.others }),
    host,
    projectId: known?.projectId ?? project.projectId,
    accountIds: accounts.includes(accountId) ? accounts : [...accounts, accountId],
  };
}

/** How far back issues of another installation are looked for. */
export const EARLIER_MS = 365 * 24 * 60 * 60 * 1000;

/** Issues of our account whose mark this installation did not make. */
async function othersIn(
  parts: Parts,
  session: Session,
  signal: AbortSignal,
): Promise<Pick<BoundProject, 'others'>> {
  const since = new Date(parts.clock.now().getTime() - EARLIER_MS).toISOString();
  const marked = await session.tracker.findMarked(since, signal);
  const key = await installationKey(parts);
  const foreign = [...marked].filter(
    ([text]) => readMark(text, key) === undefined && foreignMarkKey(text) !== undefined,
  );
  const issues = foreign.flatMap(([, found]) => found);
  return issues[0] === undefined ? {} : { others: { issues: issues.length, sample: issues[0].url } };
}
