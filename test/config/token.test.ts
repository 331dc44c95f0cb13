import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { jwtVerify } from 'jose';

const folder = mkdtempSync(join(tmpdir(), 'tmi-token-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function token(args: string[], env: Record<string, string> = {}) {
  const done = spawnSync(process.execPath, ['bin/run.mjs', 'src/token.ts', ...args], {
    env: { DATA_DIR: folder, ...env },
    encoding: 'utf8',
  });
  return { code: done.status, out: done.stdout.trim(), error: done.stderr };
}

describe('npm run token', () => {
  it('prints a token that the same configuration accepts', async () => {
    const env = { JWT_ISSUER: 'us', JWT_AUDIENCE: 'them', JWT_ROLES_CLAIM: 'groups' };
    const { code, out } = token(['--role', 'operator', '--tenant', 'acme', '--expires', '30m'], env);
    assert.equal(code, 0);
    const secret = readFileSync(join(folder, 'development-secrets', 'JWT_SECRET'), 'utf8').trim();
    const { payload } = await jwtVerify(out, new TextEncoder().encode(secret), {
      algorithms: ['HS256'],
      issuer: 'us',
      audience: 'them',
    });
    const { iat = 0, exp, ...claims } = payload;
    assert.equal(exp, iat + 30 * 60);
    assert.deepEqual(claims, {
      groups: ['operator'],
      organizationId: 'acme',
      sub: 'developer',
      iss: 'us',
      aud: 'them',
    });
  });

  it('says which option it does not understand', () => {
    const wrong: [string[], RegExp][] = [
      [[], /--role is viewer, operator or admin/],
      [['--role', 'root'], /--role is viewer/],
      [['--rolle', 'admin'], /--rolle/],
      [['admin'], /admin/],
      [['--role', 'admin', '--expires', 'soon'], /--expires is a time such as/],
    ];
    for (const [args, expected] of wrong) {
      const { code, out, error } = token(args);
      assert.deepEqual({ code, out }, { code: 64, out: '' });
      assert.match(error, expected);
      assert.match(error, /Usage: npm run token/);
    }
  });

  it('makes none in production', () => {
    const env = {
      NODE_ENV: 'production',
      JWT_SECRET: 'ab'.repeat(31) + 'c1',
      ENCRYPTION_KEY: 'cd'.repeat(31) + 'e2',
    };
    const { code, out, error } = token(['--role', 'admin'], env);
    assert.deepEqual({ code, out }, { code: 64, out: '' });
    assert.match(error, /identity provider/);
  });
});
