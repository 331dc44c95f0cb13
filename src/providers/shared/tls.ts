import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '../../domain/secret.ts';
import type { Connection, Provider, TlsTrust } from '../../ports/tracker.ts';

const LONGEST_PEM = 100_000;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** PEM as people send it: with its line breaks, or with `\n` written out. */
const Pem = z
  .string()
  .trim()
  .max(LONGEST_PEM)
  .overwrite((text) => text.replaceAll('\\n', '\n'));

function certificatesOf(text: string): readonly X509Certificate[] | undefined {
  try {
    return text.match(CERTIFICATE)?.map((each) => new X509Certificate(each));
  } catch {
    return undefined;
  }
}

function isBundle(text: string): boolean {
  // It is shown to everybody who may see the settings.
  return !text.includes('PRIVATE KEY') && certificatesOf(text) !== undefined;
}

function isPair({ certificate, key }: { certificate: string; key: string }): boolean {
  try {
    return certificatesOf(certificate)?.[0]?.checkPrivateKey(createPrivateKey(key)) === true;
  } catch {
    return false;
  }
}

/** `config.ca`: whom to trust in place of the public authorities. */
export const Authorities = Pem.refine(
  isBundle,
  'must be certificates (PEM, from -----BEGIN CERTIFICATE----- to END), and nothing secret',
).exactOptional();

/** `credentials.clientCertificate`: for a server that asks who we are before a request is sent. */
export const ClientCertificate = z
  .strictObject({ certificate: Pem, key: Pem })
  .refine(isPair, 'must be a certificate (PEM) and the private key that belongs to it, without a passphrase')
  .exactOptional();

const Settings = z.looseObject({ ca: Authorities });
const Access = z.looseObject({ clientCertificate: ClientCertificate });

/**
 * Connects as a provider does, with the trust that settings and credentials name. It also holds where access is renewed at the
 * same origin, and nowhere else.
 */
export function trusting(connect: Provider['connect']): Provider['connect'] {
  return (config, credentials) => {
    const connection = connect(config, credentials);
    const { ca } = Settings.parse(config);
    const { clientCertificate } = Access.parse(credentials);
    return ca === undefined && clientCertificate === undefined
      ? connection
      : withTrust(connection, {
          ...(ca === undefined ? {} : { ca }),
          ...(clientCertificate === undefined
            ? {}
            : { client: { ...clientCertificate, key: new Secret(clientCertificate.key) } }),
        });
  };
}

function withTrust(connection: Connection, tls: TlsTrust): Connection {
  const { renewal, apiRoot } = connection;
  if (renewal?.endpoint.apiRoot.origin !== apiRoot.origin) return { ...connection, tls };
  return { ...connection, tls, renewal: { ...renewal, endpoint: { ...renewal.endpoint, tls } } };
}
