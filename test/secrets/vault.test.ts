import assert from 'node:assert/strict';
import { createCipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { z } from 'zod';
import { AppError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { givenKeys, parseKey } from '../../src/secrets/keys.ts';
import { makeVault } from '../../src/secrets/vault.ts';

const HEX = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const OTHER_HEX = 'ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const PLACE = { tenantId: 'acme', ownerId: 'c0ffee00-0000-4000-8000-000000000001', field: 'credentials' };
const PARTS = ['protected', 'iv', 'ciphertext', 'tag'] as const;
const Jwe = z.strictObject({
  protected: z.string(),
  iv: z.string(),
  ciphertext: z.string(),
  tag: z.string(),
});

const vault = makeVault(givenKeys({ current: new Secret(HEX) }));
const unreadable = (thrown: unknown) => thrown instanceof AppError && thrown.code === 'sealed-unreadable';
const bytes = (text: string) => Buffer.from(text, 'base64url');

/** RFC 7518 section 5.2.2 by node:crypto alone: the witness for jose and for our use of it. */
function witness(kid: string, header: string, iv: Buffer, plaintext: string, place: string) {
  const ikm = Buffer.from(HEX, 'hex');
  const key = Buffer.from(hkdfSync('sha512', ikm, 'tmi/v1', `cred|${kid}|acme`, 64));
  const cipher = createCipheriv('aes-256-cbc', key.subarray(32), iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  const aad = Buffer.from(`${header}.${Buffer.from(place).toString('base64url')}`, 'ascii');
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64BE(BigInt(aad.length * 8));
  const mac = createHmac('sha512', key.subarray(0, 32))
    .update(aad)
    .update(iv)
    .update(ciphertext)
    .update(bits);
  return { ciphertext, tag: mac.digest().subarray(0, 32) };
}

/** The header of a seal by the key of this id. */
function named(kid: string): string {
  return Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256CBC-HS512', kid, v: 1 })).toString('base64url');
}

describe('the vault', () => {
  it('opens what it sealed, for any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const opened = await vault.open(await vault.seal(new Secret(text), PLACE), PLACE);
        assert.equal(opened.reveal(), text);
      }),
      { numRuns: 50 },
    );
  });

  it('computes exactly what RFC 7518 says, with the keys and the place of our design', async () => {
    const jwe = Jwe.parse(JSON.parse(await vault.seal(new Secret('ghp_xyz'), PLACE)));
    const kid = createHash('sha256').update('kid').update(Buffer.from(HEX, 'hex')).digest('hex').slice(0, 8);
    assert.deepEqual(JSON.parse(bytes(jwe.protected).toString()), {
      alg: 'dir',
      enc: 'A256CBC-HS512',
      kid,
      v: 1,
    });
    const place = `tmi|1|acme|${PLACE.ownerId}|credentials`;
    const expected = witness(kid, jwe.protected, bytes(jwe.iv), 'ghp_xyz', place);
    assert.equal(jwe.ciphertext, expected.ciphertext.toString('base64url'));
    assert.equal(jwe.tag, expected.tag.toString('base64url'));
  });

  it('stores neither the place nor the text', async () => {
    const sealed = await vault.seal(new Secret('ghp_xyz'), PLACE);
    assert.deepEqual(Object.keys(Jwe.parse(JSON.parse(sealed))), [...PARTS]);
    assert.ok(!sealed.includes('aad') && !sealed.includes('ghp_xyz'));
  });

  it('never seals the same text in the same way', async () => {
    const sealed = await Promise.all([1, 2, 3].map(() => vault.seal(new Secret('same'), PLACE)));
    assert.equal(new Set(sealed).size, 3);
  });

  it('accepts none of all single-bit flips over all parts', async () => {
    const jwe = Jwe.parse(
      JSON.parse(await vault.seal(new Secret('a token of some length, two blocks'), PLACE)),
    );
    let flips = 0;
    let accepted = 0;
    for (const part of PARTS)
      for (let bit = 0; bit < bytes(jwe[part]).length * 8; bit += 1) {
        const flipped = bytes(jwe[part]);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const forged = JSON.stringify({ ...jwe, [part]: flipped.toString('base64url') });
        flips += 1;
        await vault.open(forged, PLACE).then(
          () => (accepted += 1),
          (thrown: unknown) => assert.ok(unreadable(thrown), inspect(thrown)),
        );
      }
    assert.ok(flips > 1000);
    assert.equal(accepted, 0);
  });

  it('knows a damaged seal before any key is looked for', async () => {
    const jwe = Jwe.parse(JSON.parse(await vault.seal(new Secret('t'), PLACE)));
    assert.equal(vault.keyOf(JSON.stringify({ ...jwe, protected: named('01234567') })), '01234567');
    for (const wrong of [
      ...['', 'x1234567', '0123456', '012345678', 'A1234567', '01234567\n'].map((kid) => ({
        protected: named(kid),
      })),
      { iv: bytes(jwe.iv).subarray(1).toString('base64url') },
      { iv: '' },
      { tag: `${jwe.tag}AAAA` },
      { tag: bytes(jwe.tag).subarray(16).toString('base64url') },
      { ciphertext: `${jwe.ciphertext}=` },
      { ciphertext: 'a+b/' },
      { ciphertext: ' ' },
      { aad: '' },
    ])
      assert.throws(
        () => vault.keyOf(JSON.stringify({ ...jwe, ...wrong })),
        {
          code: 'sealed-unreadable',
          message: 'A stored secret is damaged: enter it again.',
        },
        JSON.stringify(wrong),
      );
  });

  it('opens nothing for another tenant, owner or field', async () => {
    const sealed = await vault.seal(new Secret('t'), PLACE);
    for (const other of [{ tenantId: 'evil' }, { ownerId: 'c0ffee00' }, { field: 'webhookSecrets' }])
      await assert.rejects(vault.open(sealed, { ...PLACE, ...other }), unreadable);
    const message =
      'The stored secret webhookSecrets of c0ffee00 does not open: it was changed, moved, or sealed for another key. Enter it again.';
    const moved = { ...PLACE, ownerId: 'c0ffee00', field: 'webhookSecrets' };
    await assert.rejects(vault.open(sealed, moved), { message });
  });

  it('opens nothing with another key, and says which one it needs', async () => {
    const sealed = await vault.seal(new Secret('t'), PLACE);
    const other = makeVault(givenKeys({ current: new Secret(OTHER_HEX) }));
    await assert.rejects(other.open(sealed, PLACE), (thrown) => {
      return unreadable(thrown) && thrown instanceof AppError && thrown.message.includes(vault.currentKey);
    });
    assert.equal(other.keyOf(sealed), vault.currentKey);
  });

  it('keeps a byte order mark, which is a part of the text', async () => {
    const text = '\ufeffghp_xyz';
    assert.equal((await vault.open(await vault.seal(new Secret(text), PLACE), PLACE)).reveal(), text);
  });

  it('names the keys that it can open with', () => {
    assert.deepEqual(vault.keys, [vault.currentKey]);
    const old = makeVault(
      givenKeys({ current: new Secret(OTHER_HEX), old: [new Secret(HEX), new Secret(HEX)] }),
    );
    assert.deepEqual(new Set(old.keys), new Set([vault.currentKey, old.currentKey]));
    assert.equal(old.keys.length, 2);
  });

  it('opens with an old key and seals with the current one', async () => {
    const rotated = makeVault(givenKeys({ current: new Secret(OTHER_HEX), old: [new Secret(HEX)] }));
    const sealed = await vault.seal(new Secret('kept'), PLACE);
    assert.equal((await rotated.open(sealed, PLACE)).reveal(), 'kept');
    assert.equal(rotated.keyOf(await rotated.seal(new Secret('new'), PLACE)), rotated.currentKey);
    assert.notEqual(rotated.currentKey, vault.currentKey);
  });

  it('refuses compression, critical headers, added members and any header that is not ours', async () => {
    const jwe = Jwe.parse(JSON.parse(await vault.seal(new Secret('t'), PLACE)));
    const header = z.record(z.string(), z.unknown()).parse(JSON.parse(bytes(jwe.protected).toString()));
    const foreign = [
      { zip: 'DEF' },
      { crit: ['v'] },
      { p2c: 1 },
      { alg: 'A256KW' },
      { enc: 'A128CBC-HS256' },
      { v: 2 },
    ];
    for (const change of foreign) {
      const forged = Buffer.from(JSON.stringify({ ...header, ...change })).toString('base64url');
      await assert.rejects(vault.open(JSON.stringify({ ...jwe, protected: forged }), PLACE), unreadable);
    }
    for (const added of [
      { aad: 'x' },
      { header: { zip: 'DEF' } },
      { unprotected: {} },
      { encrypted_key: '' },
    ])
      await assert.rejects(vault.open(JSON.stringify({ ...jwe, ...added }), PLACE), unreadable);
  });

  it('refuses a second spelling of the same bytes', async () => {
    const jwe = Jwe.parse(JSON.parse(await vault.seal(new Secret('t'), PLACE)));
    const last = jwe.tag.slice(-1);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twins = Array.from(alphabet, (each) => each).filter(
      (each) => each !== last && bytes(jwe.tag.slice(0, -1) + each).equals(bytes(jwe.tag)),
    );
    assert.ok(twins.length > 0);
    for (const spelling of [
      ...twins.map((each) => jwe.tag.slice(0, -1) + each),
      `${jwe.tag}=`,
      ` ${jwe.tag}`,
    ])
      await assert.rejects(vault.open(JSON.stringify({ ...jwe, tag: spelling }), PLACE), unreadable);
  });

  it('calls anything else damaged, without showing it', async () => {
    for (const text of ['', 'null', '{}', 'plain-token', '00aa:11bb', '{"protected":"secret-words"}'])
      await assert.rejects(vault.open(text, PLACE), (thrown) => {
        return unreadable(thrown) && !inspect(thrown).includes('secret-words');
      });
  });
});

describe('an encryption key', () => {
  it('is exactly 64 hex characters that are not all the same', () => {
    const wrong = [
      '',
      HEX.slice(1),
      `${HEX}0`,
      `${HEX}\n`,
      ` ${HEX}`,
      `0x${HEX.slice(2)}`,
      'g'.repeat(64),
      '0'.repeat(64),
    ];
    for (const text of wrong)
      assert.throws(
        () => parseKey(new Secret(text)),
        (thrown) => thrown instanceof AppError && (text === '' || !thrown.message.includes(text)),
        text,
      );
  });

  it('does not depend on the case of its letters', () => {
    assert.equal(parseKey(new Secret(HEX.toUpperCase())).id, parseKey(new Secret(HEX)).id);
  });

  it('gives every tenant another key', async () => {
    const key = parseKey(new Secret(HEX));
    assert.notDeepEqual(await key.of('a'), await key.of('b'));
    assert.equal((await key.of('a')).length, 64);
  });
});
