import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { Agent, buildConnector } from 'undici';
import { AppError, messageOf } from '../domain/errors.ts';
import { checkAddress, resolveHost, type NetworkPolicy } from './guard.ts';

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
    this.lasting = isCertificateFault(cause);
  }
}

/**
 * The only way to a tracker's socket. Checks an IP literal (no look-up is made for those), every address a name
 * resolves to, and the peer that answered: a name server that changes its mind in between gains nothing.
 */
export function guardedAgent(policy: NetworkPolicy, timeouts: Timeouts): Agent {
  const connectors = {
    'http:': guardedConnector('http:', policy, timeouts),
    'https:': guardedConnector('https:', policy, timeouts),
  };
  return new Agent({
    connect: (options, callback) =>
      connectors[options.protocol === 'https:' ? 'https:' : 'http:'](options, callback),
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    connections: 32,
  });
}

function guardedConnector(
  protocol: string,
  policy: NetworkPolicy,
  timeouts: Timeouts,
): buildConnector.connector {
  const connect = buildConnector({
    timeout: timeouts.connectMs,
    allowH2: false,
    autoSelectFamily: true,
    lookup: guardedLookup(protocol, policy),
  });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const fail = (cause: unknown): void => callback(connectFailure(host, cause), null);
    try {
      if (isIP(host) !== 0) checkAddress(host, host, protocol, policy);
    } catch (refusal) {
      return fail(refusal);
    }
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
  };
}

/** `net` asks for all addresses of a name as long as it may choose between families. */
function guardedLookup(protocol: string, policy: NetworkPolicy): LookupFunction {
  return callbackify(async (hostname: string, _options: object) => [
    ...(await resolveHost(hostname, protocol, policy)),
  ]);
}

function connectFailure(host: string, cause: unknown): Error {
  if (cause instanceof AppError) return cause;
  return new ConnectFailed(`No connection to ${host}: ${messageOf(cause)}`, cause);
}

/** OpenSSL's names for certificates it does not trust: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isCertificateFault(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_CA$|^ERR_SSL_/.test(code);
}
