import { FlattenedEncrypt, flattenedDecrypt } from 'jose';
import { AppError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { KeyProvider } from '../ports/key-provider.ts';
import type { SealContext, Vault } from '../ports/vault.ts';
import { readEnvelope } from './envelope.ts';

const utf8 = new TextEncoder();

/**
 * AES-256-CBC with HMAC (JWE `dir` + `A256CBC-HS512`, RFC 7518 section 5.2.5). Where a value belongs is part of
 * what is authenticated and is not stored: the reader says which row it thinks it reads.
 */
export function makeVault({ current, old }: KeyProvider): Vault {
  const known = new Map([...old, current].map((key) => [key.id, key]));

  return {
    currentKey: current.id,
    keys: [...known.keys()],
    keyOf: (sealed) => readEnvelope(sealed).kid,
    async seal(secret, context) {
      const sealed = await new FlattenedEncrypt(utf8.encode(secret.reveal()))
        .setProtectedHeader({ alg: 'dir', enc: 'A256CBC-HS512', kid: current.id, v: 1 })
        .setAdditionalAuthenticatedData(placeOf(context))
        .encrypt(await current.of(context.tenantId));
      const { protected: header, iv, ciphertext, tag } = sealed;
      return JSON.stringify({ protected: header, iv, ciphertext, tag });
    },
    async open(sealed, context) {
      const envelope = readEnvelope(sealed);
      const key = known.get(envelope.kid);
      if (key === undefined)
        throw new AppError(
          'sealed-unreadable',
          `A stored secret was sealed with key ${envelope.kid}, which this service was not given: add it as an old key.`,
        );
      const aad = Buffer.from(placeOf(context)).toString('base64url');
      const bytes = await key.of(context.tenantId);
      try {
        const opened = await flattenedDecrypt({ ...envelope.jwe, aad }, bytes, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256CBC-HS512'],
        });
        return new Secret(
          new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(opened.plaintext),
        );
      } catch (cause) {
        throw new AppError(
          'sealed-unreadable',
          `The stored secret ${context.field} of ${context.ownerId} does not open: it was changed, moved, or sealed for another key. Enter it again.`,
          { cause },
        );
      }
    },
  };
}

function placeOf(context: SealContext): Uint8Array {
  return utf8.encode(['tmi', '1', context.tenantId, context.ownerId, context.field].join('|'));
}
