import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';

const Names = z.record(z.string(), z.string()).default({});
const Manifest = z.object({
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  scripts: z.record(z.string(), z.string()),
});
const Lockfile = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      dependencies: Names,
      devDependencies: Names,
      optionalDependencies: Names,
    }),
  ),
});

const text = readFileSync('package-lock.json', 'utf8');
const { packages } = Lockfile.parse(JSON.parse(text));
const manifest = Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')));

/** Where Node would find a package that is asked for from `from`: the nearest folder upwards. */
function entryOf(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in packages) return path;
    if (!folder.includes('node_modules/')) return undefined;
  }
}

describe('the lockfile', () => {
  it('has an entry for every optional dependency, without which "npm ci" fails on every machine', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => entryOf(name, path) === undefined)
        .map((name) => `${name}, which ${path} wants`),
    );
    assert.deepEqual(missing, []);
  });

  it('names no registry, so that every mirror can serve it, and an integrity hash for every package', () => {
    assert.doesNotMatch(text, /"resolved": "http/);
    for (const [path, { integrity }] of Object.entries(packages))
      if (path !== '') assert.match(integrity ?? '', /^sha512-/, path);
  });

  it('is of this package.json, where every version is exact', () => {
    for (const group of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
      assert.deepEqual(packages['']?.[group], manifest[group]);
      for (const [name, version] of Object.entries(manifest[group])) {
        assert.match(version, /^\d+\.\d+\.\d+$/, name);
        assert.equal(packages[`node_modules/${name}`]?.version, version, name);
      }
    }
  });
});

describe('the install', () => {
  it('runs nothing of ours, so that "npm ci --omit=dev" works without the tools', () => {
    for (const hook of ['preinstall', 'install', 'postinstall', 'prepare', 'prestart'])
      assert.equal(manifest.scripts[hook], undefined, hook);
  });
});
