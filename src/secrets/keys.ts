import { createHash, hkdfSync } from 'node:crypto';
import { AppError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { EncryptionKey, KeyProvider } from '../ports/key-provider.ts';

const KEY = /^[0-9a-fA-F]{64}$/;
const ONE_CHARACTER = /^(.)\1*$/;

/** Keys as the configuration gives them. Throws `internal` for one that is not 64 hex characters. */
export function givenKeys(given: { current: Secret; old?: readonly Secret[] }): KeyProvider {
  return { current: parseKey(given.current), old: (given.old ?? []).map(parseKey) };
}

/** Throws `internal` unless the secret is exactly 64 hex characters; the message never holds it. */
export function parseKey(secret: Secret): EncryptionKey {
  const text = secret.reveal();
  if (!KEY.test(text) || ONE_CHARACTER.test(text))
    throw new AppError(
      'internal',
      'An encryption key must be 64 random hex characters, nothing around them: make one with `openssl rand -hex 32`.',
    );
  const bytes = Buffer.from(text, 'hex');
  const id = createHash('sha256').update('kid').update(bytes).digest('hex').slice(0, 8);
  return {
    id,
    of: async (tenantId) => new Uint8Array(hkdfSync('sha512', bytes, 'tmi/v1', `cred|${id}|${tenantId}`, 64)),
  };
}
