import { styleText } from 'node:util';

const isTerminal = process.stdout.isTTY;

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Headings, facts and a table; colours only on a terminal. */
export const show = {
  heading: (text: string): void => line(`\n${isTerminal ? styleText('bold', text) : text}`),
  fact: (text: string): void => line(`  ${text}`),
  /** One line that moves on a terminal, one line at every tenth elsewhere. */
  progress(label: string, done: number, total: number): void {
    if (isTerminal) {
      process.stdout.write(`\r  ${label} ${done}/${total}${done === total ? '\n' : ''}`);
      return;
    }
    const step = Math.max(1, Math.floor(total / 10));
    if (done === total || done % step === 0) line(`  ${label} ${done}/${total}`);
  },
  table(rows: readonly (readonly [what: string, result: string])[]): void {
    const width = Math.max(...rows.map(([what]) => what.length));
    for (const [what, result] of rows) line(`  ${what.padEnd(width)}  ${result}`);
  },
  failure: (text: string): void => line(isTerminal ? styleText('red', text) : text),
};
