import { generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate and its key, as PEM. */
export interface Identity {
  certificate: string;
  key: string;
}

/** Signs certificates that nobody else trusts. */
export interface Authority {
  certificate: string;
  /** For names and IPv4 addresses. */
  issue(...names: string[]): Identity;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const OID = 0x06;
const ECDSA_WITH_SHA256 = der(SEQUENCE, der(OID, Buffer.from('2a8648ce3d040302', 'hex')));
const COMMON_NAME = der(OID, Buffer.from('550403', 'hex'));
const BASIC_CONSTRAINTS = der(OID, Buffer.from('551d13', 'hex'));
const ALTERNATIVE_NAME = der(OID, Buffer.from('551d11', 'hex'));
const TRUE = der(0x01, Buffer.from([0xff]));
const VALIDITY = der(SEQUENCE, time('250101000000Z'), time('491231235959Z'));

/** A new authority: its keys and certificates are made here, by the rules of RFC 5280. */
export function authority(name = 'Authority of the tests'): Authority {
  const keys = pair();
  const isAuthority = der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, der(0x04, der(SEQUENCE, TRUE)));
  return {
    certificate: certificate(name, keys.publicKey, isAuthority, name, keys.privateKey),
    issue(...names) {
      const own = pair();
      const alternatives = der(
        SEQUENCE,
        ALTERNATIVE_NAME,
        der(0x04, der(SEQUENCE, ...names.map(alternative))),
      );
      return {
        certificate: certificate(names[0] ?? 'nobody', own.publicKey, alternatives, name, keys.privateKey),
        key: String(own.privateKey.export({ type: 'pkcs8', format: 'pem' })).trim(),
      };
    },
  };
}

function pair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function certificate(
  subject: string,
  publicKey: KeyObject,
  extension: Buffer,
  issuer: string,
  issuerKey: KeyObject,
): string {
  const told = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    VALIDITY,
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, extension)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', told, issuerKey)]));
  return new X509Certificate(der(SEQUENCE, told, ECDSA_WITH_SHA256, signature)).toString().trim();
}

function nameOf(text: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from(text)))));
}

function alternative(name: string): Buffer {
  return isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));
}

function time(text: string): Buffer {
  return der(0x17, Buffer.from(text));
}

/** One value in DER (X.690): what it is, how long, and what is in it. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  const bytes = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}
