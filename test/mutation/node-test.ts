// Stands in for `node:test` where the same process runs the same tests again and again: node:test runs what it has once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';

type Body = (context: Context) => unknown;
type Hook = () => unknown;

/** What stands in `describe`; each file is one without a name. */
interface Suite {
  names: readonly string[];
  parent: Suite | undefined;
  before: Hook[];
  after: Hook[];
  beforeEach: Hook[];
  afterEach: Hook[];
}

/** A test that can be run any number of times. */
export interface Test {
  /** Of its file, its suites and itself. */
  id: string;
  file: string;
  names: readonly string[];
  suite: Suite;
  body: Body;
}

/** The part of node:test's context that the tests use. */
interface Context {
  diagnostic(message: string): void;
  assert: { snapshot(value: string): void };
}

const Snapshots = z.record(z.string(), z.string());

const known = new Map<string, Test>();
let file = '';
let current = suiteOf([], undefined);

/** What `load` defines with `describe` and `it`, in its order. */
export async function collect(path: string, load: () => Promise<unknown>): Promise<Test[]> {
  file = path;
  current = suiteOf([], undefined);
  known.clear();
  await load();
  return [...known.values()];
}

export function describe(name: string, body: () => void): void {
  const outer = current;
  current = suiteOf([...outer.names, name], outer);
  body();
  current = outer;
}

export function it(name: string, ...rest: [Body] | [object, Body]): void {
  const [body] = rest.length === 1 ? rest : [rest[1]];
  const names = [...current.names, name];
  const id = `${file}: ${names.join(' > ')}`;
  const unique = known.has(id) ? `${id} (${known.size})` : id;
  known.set(unique, { id: unique, file, names, suite: current, body });
}

export function before(hook: Hook): void {
  current.before.push(hook);
}

export function after(hook: Hook): void {
  current.after.unshift(hook);
}

export function beforeEach(hook: Hook): void {
  current.beforeEach.push(hook);
}

export function afterEach(hook: Hook): void {
  current.afterEach.unshift(hook);
}

/** Runs tests in any order: a suite is set up before the first of it, and all are torn down at the end. */
export class Bench {
  readonly #open = new Set<Suite>();

  /** Throws what the test throws. */
  async run({ file: path, names, suite, body }: Test): Promise<void> {
    const suites = withParents(suite);
    for (const each of suites) await this.#setUp(each);
    try {
      for (const { beforeEach: hooks } of suites) for (const hook of hooks) await hook();
      await body(contextOf(path, names));
    } finally {
      for (const { afterEach: hooks } of suites.toReversed()) for (const hook of hooks) await hook();
    }
  }

  /** Throws what a suite throws that is torn down. */
  async close(): Promise<void> {
    for (const suite of [...this.#open].toReversed()) for (const hook of suite.after) await hook();
    this.#open.clear();
  }

  async #setUp(suite: Suite): Promise<void> {
    if (this.#open.has(suite)) return;
    this.#open.add(suite);
    for (const hook of suite.before) await hook();
  }
}

function suiteOf(names: readonly string[], parent: Suite | undefined): Suite {
  return { names, parent, before: [], after: [], beforeEach: [], afterEach: [] };
}

function withParents(suite: Suite): Suite[] {
  return suite.parent === undefined ? [suite] : [...withParents(suite.parent), suite];
}

function contextOf(path: string, names: readonly string[]): Context {
  return {
    diagnostic: () => {},
    assert: {
      snapshot(value) {
        const kept: unknown = {
          ...runInNewContext(`exports = {};${readFileSync(`${path}.snapshot`, 'utf8')};exports`),
        };
        assert.equal(`\n${value}\n`, Snapshots.parse(kept)[`${names.join(' > ')} 1`]);
      },
    },
  };
}
