import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, TrackerError } from '../domain/errors.ts';
import { judgeAddress, parseNetworks, type Networks } from './address.ts';

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** Answers every address of a name; throws when there is none. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** Where the service may connect to: the Internet by https, and what the operator has opened. */
export interface NetworkPolicy {
  /** The operator's networks (`TRACKER_ALLOWED_CIDRS`). */
  networks: Networks;
  /** Plain http, and then only into the operator's networks (`TRACKER_ALLOW_HTTP`). */
  allowHttp: boolean;
  resolve: Resolve;
}

const LONGEST_URL = 2048;
const RESOLVE_PATIENCE_MS = 3_000;

/** Throws an `AppError` `invalid-request` when a CIDR is none. `resolve` is the system's resolver unless given. */
export function openPolicy(options: {
  allowedCidrs: readonly string[];
  allowHttp: boolean;
  resolve?: Resolve;
}): NetworkPolicy {
  return {
    networks: parseNetworks(options.allowedCidrs),
    allowHttp: options.allowHttp,
    resolve: options.resolve ?? ((hostname) => lookup(hostname, { all: true })),
  };
}

/**
 * Everything that can be said about a tracker's URL without asking a name server. Answers the parsed URL, which
 * is the one to use: other parsers read the same text differently. Throws an `AppError` `base-url-refused`.
 */
export function checkUrl(input: string | URL, policy: NetworkPolicy): URL {
  const text = String(input);
  if (text.length > LONGEST_URL || !URL.canParse(text))
    throw refused('This is no URL. Write it like https://tracker.example.com.');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refused('Only https URLs lead to a tracker.');
  if (url.protocol === 'http:' && !policy.allowHttp)
    throw refused(
      'Plain http would show the credentials to everybody on the way. Use https, or let the operator set TRACKER_ALLOW_HTTP.',
    );
  if (url.username !== '' || url.password !== '')
    throw refused(
      'A URL with a user name or password in it is not accepted; credentials have their own field.',
    );
  checkHost(hostOf(url), url.protocol, policy);
  return url;
}

/**
 * `checkUrl`, then every address of its host, so that a person hears of it at once; connecting checks again. A
 * name that does not resolve now is no reason to refuse it. Throws an `AppError` `base-url-refused`.
 */
export async function resolveSafely(input: string | URL, policy: NetworkPolicy): Promise<void> {
  const url = checkUrl(input, policy);
  const host = hostOf(url);
  if (isIP(host) !== 0) return;
  const tooSlow = delay(RESOLVE_PATIENCE_MS, undefined, { ref: false });
  try {
    await Promise.race([resolveHost(host, url.protocol, policy), tooSlow]);
  } catch (error) {
    if (error instanceof TrackerError) return;
    throw error;
  }
}

/**
 * Every address of a name, all of them permitted: one bad address refuses the name. Throws an `AppError`
 * `base-url-refused`, or a `TrackerError` `tracker-unreachable` when the name does not resolve.
 */
export async function resolveHost(
  host: string,
  protocol: string,
  policy: NetworkPolicy,
): Promise<readonly ResolvedAddress[]> {
  const addresses = await policy.resolve(host).catch((cause: unknown) => {
    throw unresolved(host, cause);
  });
  if (addresses.length === 0) throw unresolved(host, undefined);
  for (const { address } of addresses) checkAddress(address, host, protocol, policy);
  return addresses;
}

/** Throws an `AppError` `base-url-refused` unless the policy lets us speak to this IP address. The message names no address. */
export function checkAddress(address: string, host: string, protocol: string, policy: NetworkPolicy): void {
  const verdict = judgeAddress(address, policy.networks);
  if (verdict === 'permitted' || (verdict === 'public' && protocol === 'https:')) return;
  if (verdict === 'public')
    throw refused(
      `Plain http is only permitted into networks of TRACKER_ALLOWED_CIDRS, and ${host} is in none.`,
    );
  throw refused(
    `${host} leads into a private or reserved network. If your tracker is there, the operator can permit it by TRACKER_ALLOWED_CIDRS.`,
  );
}

/** The host without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.replaceAll(/[[\]]/g, '');
}

function checkHost(host: string, protocol: string, policy: NetworkPolicy): void {
  if (isIP(host) !== 0) return checkAddress(host, host, protocol, policy);
  if (host.endsWith('.')) throw refused('A host name that ends with a dot is not accepted.');
  // Short names and localhost mean machines nearby; the operator's networks decide when there are any.
  const isNearby = !host.includes('.') || host.endsWith('.localhost');
  if (isNearby && policy.networks.length === 0)
    throw refused(
      `${host} is a name of a private network. If your tracker is there, the operator can permit it by TRACKER_ALLOWED_CIDRS.`,
    );
}

function refused(message: string): AppError {
  return new AppError('base-url-refused', message);
}

function unresolved(host: string, cause: unknown): TrackerError {
  return new TrackerError('tracker-unreachable', `The name ${host} does not resolve. Check the base URL.`, {
    cause,
    arrived: 'no',
  });
}
