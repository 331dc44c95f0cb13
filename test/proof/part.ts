/** What a person may choose for a run. */
export interface Choice {
  /** Simulation: so many seeds, from this one on. */
  seeds: number;
  from: number;
}

/** What was read from the words of a part that has ended. */
interface Outcome {
  amount: number;
  violations: number;
  note: string;
}

/** One row of the table: a command, and how its words are read. */
export interface Part {
  name: string;
  what: string;
  /** How often it must be tried to be proof. */
  enough: number;
  args(choice: Choice): readonly string[];
  /** The same, as one types it. */
  typed(choice: Choice): string;
  env?: Readonly<Record<string, string>>;
  slice(choice: Choice): string;
  /** Undefined: it did not come to its end. */
  read(words: string): Outcome | undefined;
}

/** Test files, whose diagnostics count what was tried. */
export function tests(files: readonly string[], counted: RegExp, noun: string): Pick<Part, 'args' | 'read'> {
  return {
    args: () => ['--test', '--test-reporter=tap', ...files],
    read(words) {
      const failed = numberIn(words, /^# fail (\d+)$/m);
      const counts = [...words.matchAll(counted)].map(([, count]) => Number(count));
      if (failed === undefined || counts.length === 0) return undefined;
      const amount = counts.reduce((sum, count) => sum + count, 0);
      return { amount, violations: failed, note: noun };
    },
  };
}

function numberIn(words: string, pattern: RegExp): number | undefined {
  const [, found] = pattern.exec(words) ?? [];
  return found === undefined ? undefined : Number(found);
}
