import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, TrackerError } from '../domain/errors.ts';
import { judgeAddress, parseNetworks, type Networks } from './address.ts';
import { isNamed, type Proxy } from './proxy.ts';

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
  /** The way out for https (`HTTPS_PROXY`); absent = every connection is our own. */
  proxy?: Proxy;
  resolve: Resolve;
}

const LONGEST_URL = 2048;
const RESOLVE_PATIENCE_MS = 3_000;

/** Throws an `AppError` `invalid-request` when a CIDR is none. `resolve` is the system's resolver unless given. */
export function openPolicy(options: {
  allowedCidrs: readonly string[];
  allowHttp: boolean;
  proxy?: Proxy;
  resolve?: Resolve;
}): NetworkPolicy {
  return {
    networks: parseNetworks(options.allowedCidrs),
    allowHttp: options.allowHttp,
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
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
  const proxy = proxyFor(policy, url.protocol, host, Number(url.port));
  const tooSlow = delay(RESOLVE_PATIENCE_MS, undefined, { ref: false });
  const checked =
    proxy === undefined ? resolveHost(host, url.protocol, policy) : checkBehindProxy(host, proxy, policy);
  try {
    await Promise.race([checked, tooSlow]);
  } catch (error) {
    if (error instanceof TrackerError) return;
    throw error;
  }
}

/**
 * What the guard can say of a host that the proxy is going to reach: the proxy asks a name server of its own. Throws as
 * `resolveHost`, but leaves the names alone that the operator leaves to the proxy.
 */
export async function checkBehindProxy(host: string, proxy: Proxy, policy: NetworkPolicy): Promise<void> {
  if (isIP(host) !== 0) return checkAddress(host, host, 'https:', policy);
  if (isNamed(proxy.resolves, host, 443)) return;
  try {
    await resolveHost(host, 'https:', policy);
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    const hint = 'A name that only the proxy knows is for the operator to name in PROXY_RESOLVES.';
    throw new TrackerError(error.code, `${error.message} ${hint}`, { cause: error.cause, arrived: 'no' });
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

/** The proxy that leads to this host; undefined = we connect ourselves, as always with plain http. */
export function proxyFor(
  { proxy }: NetworkPolicy,
  protocol: string,
  host: string,
  port: number,
): Proxy | undefined {
  if (proxy === undefined || protocol !== 'https:') return undefined;
  return isNamed(proxy.except, host, port || 443) ? undefined : proxy;
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
