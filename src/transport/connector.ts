import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { Agent, buildConnector } from 'undici';
import { AppError, messageOf } from '../domain/errors.ts';
import type { TlsTrust } from '../ports/tracker.ts';
import { checkAddress, checkBehindProxy, proxyFor, resolveHost, type NetworkPolicy } from './guard.ts';
import type { Proxy } from './proxy.ts';
import { openTunnel, ProxyRefused } from './tunnel.ts';

export interface Timeouts {
  connectMs: number;
  /** From the request to the answer's headers. */
  headersMs: number;
  /** For the whole body, however slowly it drips. */
  bodyMs: number;
}

/** The connection was never made, so nothing of the request has arrived anywhere. */
export class ConnectFailed extends Error {
  override readonly name = 'ConnectFailed';
  /** It will fail again until a person changes something. */
  readonly lasting: boolean;

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.lasting = isCertificateFault(cause) || isUnwelcome(cause);
  }
}

/**
 * The only way to a tracker's socket. Checks an IP literal (no look-up is made for those), every address a name
 * resolves to, and the peer that answered: a name server that changes its mind in between gains nothing. Through a
 * proxy there is no peer to check; what the guard then promises is in ADR 23.
 */
export function guardedAgent(policy: NetworkPolicy, timeouts: Timeouts, trust: TlsTrust = {}): Agent {
  const secure = secureOptions(timeouts, trust);
  const connectors = {
    'http:': directConnector('http:', policy, { timeout: timeouts.connectMs }),
    'https:': directConnector('https:', policy, secure),
  };
  const tunnelled = tunnelConnector(policy, timeouts, secure);
  return new Agent({
    connect: (options, callback) => {
      const host = hostOf(options);
      const proxy = proxyFor(policy, options.protocol, host, Number(options.port));
      if (proxy !== undefined) return void tunnelled(proxy, options, callback);
      connectors[options.protocol === 'https:' ? 'https:' : 'http:'](options, callback);
    },
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    connections: 32,
  });
}

/** The public authorities or the given ones; whatever the environment says, a certificate is always verified. */
function secureOptions({ connectMs }: Timeouts, { ca, client }: TlsTrust): buildConnector.BuildOptions {
  return {
    timeout: connectMs,
    allowH2: false,
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key.reveal() }),
  };
}

function directConnector(
  protocol: string,
  policy: NetworkPolicy,
  build: buildConnector.BuildOptions,
): buildConnector.connector {
  const connect = buildConnector({
    ...build,
    autoSelectFamily: true,
    lookup: guardedLookup(protocol, policy),
  });
  return (options, callback) => {
    const host = hostOf(options);
    const fail = (cause: unknown): void => callback(connectFailure(host, cause), null);
    try {
      if (isIP(host) !== 0) checkAddress(host, host, protocol, policy);
      connect(options, (error, socket) => {
        if (error !== null) return fail(error);
        try {
          checkAddress(socket.remoteAddress ?? '', host, protocol, policy);
        } catch (refusal) {
          socket.destroy();
          return fail(refusal);
        }
        callback(null, socket);
      });
    } catch (refusal) {
      fail(refusal);
    }
  };
}

/** TLS with the tracker inside a tunnel of the proxy's: whoever answers there must prove the tracker's name. */
function tunnelConnector(policy: NetworkPolicy, timeouts: Timeouts, build: buildConnector.BuildOptions) {
  const secure = buildConnector(build);
  return async (
    proxy: Proxy,
    options: buildConnector.Options,
    callback: buildConnector.Callback,
  ): Promise<void> => {
    const host = hostOf(options);
    const fail = (cause: unknown): void => callback(connectFailure(host, cause), null);
    try {
      await checkBehindProxy(host, proxy, policy);
      const authority = `${options.hostname}:${options.port || '443'}`;
      const httpSocket = await openTunnel(proxy, authority, timeouts.connectMs);
      secure({ ...options, httpSocket }, (error, socket) => {
        if (error === null) return callback(null, socket);
        httpSocket.destroy();
        fail(error);
      });
    } catch (cause) {
      fail(cause);
    }
  };
}

/** `net` asks for all addresses of a name as long as it may choose between families. */
function guardedLookup(protocol: string, policy: NetworkPolicy): LookupFunction {
  return callbackify(async (hostname: string, _options: object) => [
    ...(await resolveHost(hostname, protocol, policy)),
  ]);
}

/** The host without the brackets of an IPv6 address. */
function hostOf({ hostname }: buildConnector.Options): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function connectFailure(host: string, cause: unknown): Error {
  if (cause instanceof AppError) return cause;
  return new ConnectFailed(`No connection to ${host}: ${messageOf(cause)}`, cause);
}

/** OpenSSL's names for certificates it does not trust: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isCertificateFault(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_CA$|^ERR_SSL_|^ERR_OSSL_/.test(code);
}

/** A proxy that is out of order says 5xx; everything else is what it thinks of us or of the host. */
function isUnwelcome(cause: unknown): boolean {
  return cause instanceof ProxyRefused && cause.status < 500;
}
