import { z } from 'zod';
import { AppError } from '../domain/errors.ts';

/** Bytes of base64url in the one canonical form: another text of the same bytes would be a second valid seal. */
const Bytes = z.string().refine((text) => Buffer.from(text, 'base64url').toString('base64url') === text);
const bytesOf = (length: number) => Bytes.refine((text) => Buffer.from(text, 'base64url').length === length);

/** A flattened JWE without its `aad`. Strict, so that nothing else can ask for other behaviour. */
const Envelope = z.strictObject({
  protected: Bytes,
  iv: bytesOf(16),
  ciphertext: Bytes,
  tag: bytesOf(32),
});
/** No `zip`, no `crit`, no key in the header. */
const Header = z.strictObject({
  alg: z.literal('dir'),
  enc: z.literal('A256CBC-HS512'),
  kid: z.string().regex(/^[0-9a-f]{8}$/),
  v: z.literal(1),
});

/** Throws `sealed-unreadable` for anything that the vault did not write. */
export function readEnvelope(sealed: string): { kid: string; jwe: z.infer<typeof Envelope> } {
  try {
    const jwe = Envelope.parse(JSON.parse(sealed));
    const header = Header.parse(JSON.parse(Buffer.from(jwe.protected, 'base64url').toString()));
    return { kid: header.kid, jwe };
  } catch {
    // The cause is left out: a parser's message may quote what it read.
    throw new AppError('sealed-unreadable', 'A stored secret is damaged: enter it again.');
  }
}
