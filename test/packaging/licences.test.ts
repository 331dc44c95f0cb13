import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { before, describe, it } from 'node:test';
import { z } from 'zod';

const Sbom = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      purl: z.string(),
      properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
      hashes: z.array(z.object({ alg: z.string(), content: z.string() })).min(1),
      licenses: z.array(
        z.union([
          z.object({ license: z.object({ id: z.string() }).transform(({ id }) => id) }),
          z.object({ expression: z.string() }),
        ]),
      ),
    }),
  ),
});
const Manifest = z.object({ dependencies: z.record(z.string(), z.string()) });

/** Of tools that only build or test. `npm sbom --omit dev` would leave them out, and some that the service needs with them. */
const DEVELOPMENT = 'cdx:npm:package:development';

/** Licences that ask for no more than a notice. */
const PERMISSIVE = ['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', '0BSD'];

describe('npm run sbom', () => {
  let sbom: z.infer<typeof Sbom>;
  before(async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], { maxBuffer: 1e8 });
    sbom = Sbom.parse(JSON.parse(stdout));
  });

  it('lists what the service depends on, each with its version and hash', () => {
    const { dependencies } = Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')));
    for (const [name, version] of Object.entries(dependencies))
      assert.ok(
        sbom.components.some((each) => each.name === name && each.version === version),
        `${name} ${version}`,
      );
  });

  it('finds permissive licences alone', () => {
    const needed = sbom.components.filter(
      ({ properties }) => !properties.some(({ name, value }) => name === DEVELOPMENT && value === 'true'),
    );
    assert.ok(needed.length > 50);
    const others = needed.flatMap(({ name, licenses }) => {
      const named = licenses.map((each) => ('license' in each ? each.license : each.expression));
      return named.length > 0 && named.every((each) => PERMISSIVE.includes(each)) ? [] : [[name, ...named]];
    });
    assert.deepEqual(others, []);
  });
});
