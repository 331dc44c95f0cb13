// Runs tests for Stryker in one process that stays: a change costs as long as the tests that notice it, not a start of Node.
import { setImmediate } from 'node:timers/promises';
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import type {
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestResult,
  TestRunner,
} from '@stryker-mutator/api/test-runner';
import { z } from 'zod';
import { fc } from '../properties.ts';
import { Bench, collect, type Test } from './node-test.ts';
import { makeReloader } from './reload.ts';

/** In the environment: the test files, as JSON. */
export const TEST_FILES = 'MUTATION_TEST_FILES';

interface Failure {
  test: string;
  message: string;
}

class NodeTestRunner implements TestRunner {
  readonly #files = z.array(z.string()).parse(JSON.parse(process.env[TEST_FILES] ?? '[]'));
  readonly #project = makeReloader(process.cwd());
  /** What the instrumented code looks at and writes down. */
  readonly #stryker: InstrumenterContext = {};
  readonly #worth = new Worth();
  #loaded = new Map<string, Test[]>();

  constructor() {
    Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: this.#stryker });
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    const coverage = { static: {}, perTest: {} };
    this.#stryker.mutantCoverage = coverage;
    const results: TestResult[] = [];
    const bench = new Bench();
    for (const file of this.#files)
      for (const test of await this.#testsOf(file)) {
        this.#stryker.currentTestId = test.id;
        const started = performance.now();
        const failure = await attempt(() => bench.run(test));
        const common = { id: test.id, name: test.id, timeSpentMs: performance.now() - started };
        delete this.#stryker.currentTestId;
        results.push(
          failure === undefined
            ? { ...common, status: TestStatus.Success }
            : { ...common, status: TestStatus.Failed, failureMessage: failure },
        );
      }
    await bench.close();
    delete this.#stryker.mutantCoverage;
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: coverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    if (options.reloadEnvironment) this.#forget();
    const result = await this.#mutantRun(options);
    if (options.reloadEnvironment || result.status !== MutantRunStatus.Killed) return result;
    // A change that was tried before may have left something behind that makes tests fail now: only a test that passes without
    // a change has noticed this one.
    if ((await this.#firstFailure(result.killedBy)) === undefined) return result;
    this.#forget();
    return this.#mutantRun(options);
  }

  async #mutantRun({
    activeMutant,
    mutantActivation,
    testFilter,
    hitLimit,
  }: MutantRunOptions): Promise<MutantRunResult> {
    if (mutantActivation === 'runtime') for (const id of testFilter ?? []) await this.#testsOf(fileOf(id));
    this.#stryker.activeMutant = activeMutant.id;
    if (hitLimit !== undefined) Object.assign(this.#stryker, { hitLimit, hitCount: 0 });
    const failure = await this.#firstFailure(testFilter);
    const { hitCount } = this.#stryker;
    for (const key of ['activeMutant', 'hitLimit', 'hitCount'] as const) delete this.#stryker[key];
    const endless = determineHitLimitReached(hitCount, hitLimit);
    if (endless !== undefined) return { status: MutantRunStatus.Timeout };
    const nrOfTests = testFilter?.length ?? 0;
    if (failure === undefined) return { status: MutantRunStatus.Survived, nrOfTests };
    return {
      status: MutantRunStatus.Killed,
      killedBy: [failure.test],
      failureMessage: failure.message,
      nrOfTests,
    };
  }

  /** Of these tests, or of all: those first that noticed much in little time. */
  async #firstFailure(ids: readonly string[] | undefined): Promise<Failure | undefined> {
    const files = ids === undefined ? this.#files : [...new Set(ids.map(fileOf))];
    const bench = new Bench();
    try {
      for (const file of this.#worth.ranked(files)) {
        let tests: Test[] = [];
        const broken = await attempt(async () => {
          tests = await this.#testsOf(file);
        });
        if (broken !== undefined) return { test: file, message: broken };
        const wanted = new Map(
          tests.filter(({ id }) => ids?.includes(id) ?? true).map((test) => [test.id, test]),
        );
        for (const id of this.#worth.ranked([...wanted.keys()])) {
          const test = wanted.get(id);
          if (test === undefined) continue;
          const started = performance.now();
          const message = await attempt(() => bench.run(test));
          const ms = performance.now() - started;
          for (const each of [id, file]) this.#worth.count(each, ms, message !== undefined);
          if (message !== undefined) return { test: id, message };
        }
      }
    } finally {
      await attempt(() => bench.close());
    }
    return undefined;
  }

  async #testsOf(file: string): Promise<Test[]> {
    const loaded = this.#loaded.get(file) ?? (await collect(file, () => this.#project.load(file)));
    this.#loaded.set(file, loaded);
    // Nobody reads the smallest example.
    fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
    return loaded;
  }

  #forget(): void {
    this.#loaded = new Map();
    this.#project.forget();
  }
}

/** How much was noticed for the time it took. */
class Worth {
  readonly #counts = new Map<string, { noticed: number; ms: number }>();

  count(name: string, ms: number, hasNoticed: boolean): void {
    const counts = this.#counts.get(name) ?? { noticed: 0, ms: 0 };
    this.#counts.set(name, { noticed: counts.noticed + Number(hasNoticed), ms: counts.ms + ms });
  }

  ranked(names: readonly string[]): string[] {
    return names.toSorted((a, b) => this.#of(b) - this.#of(a));
  }

  #of(name: string): number {
    const { noticed, ms } = this.#counts.get(name) ?? { noticed: 0, ms: 0 };
    return (noticed + 0.1) / (ms + 1);
  }
}

/** What it throws, or what is thrown meanwhile where nobody waits for it. */
async function attempt(work: () => Promise<unknown>): Promise<string | undefined> {
  const { promise: crash, reject } = Promise.withResolvers<never>();
  crash.catch(() => {});
  process.on('unhandledRejection', reject).on('uncaughtException', reject);
  try {
    await Promise.race([work(), crash]);
    await Promise.race([setImmediate(), crash]);
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    process.off('unhandledRejection', reject).off('uncaughtException', reject);
  }
}

function fileOf(id: string): string {
  return id.slice(0, id.indexOf(': '));
}

/** https://stryker-mutator.io/docs/stryker-js/guides/create-a-plugin/ */
export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'node-test', NodeTestRunner)];
