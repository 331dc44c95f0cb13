import type { Part } from './part.ts';
import type { Result } from './results.ts';

/** One line of the proof: everything that was run of a part, added up. */
export interface Line {
  cells: readonly string[];
  /** Tried often enough, and nothing was wrong. */
  isGood: boolean;
}

const HEAD = ['what', 'how often', 'violations', 'time', 'load', 'when (UTC)', 'command'];

/** The results of one part in one line; without any, that it was not run. */
export function lineOf({ name, what, enough }: Part, results: readonly Result[]): Line {
  const mine = results.filter(({ part }) => part === name);
  const last = mine.at(-1);
  if (last === undefined) return { cells: [what, 'not run', '', '', '', '', ''], isGood: false };
  const sum = (of: (result: Result) => number): number => mine.reduce((all, each) => all + of(each), 0);
  const amount = sum((each) => each.amount);
  const violations = sum((each) => each.violations);
  const notes = [...new Set(mine.map(({ note }) => note))].join('; ');
  const wanted = amount < enough ? ` of ${thousands(enough)}` : '';
  const slices = mine.length === 1 ? last.command : `${last.command} and ${mine.length - 1} more like it`;
  return {
    cells: [
      what,
      `${thousands(amount)}${wanted} ${notes}`,
      String(violations),
      timeOf(sum((each) => each.seconds)),
      Math.max(...mine.map(({ load }) => load)).toFixed(1),
      [...new Set(mine.map(({ at }) => at.slice(0, 16).replace('T', ' ')))].slice(-1).join(''),
      `\`${slices}\``,
    ],
    isGood: amount >= enough && violations === 0,
  };
}

/** As Markdown. */
export function tableOf(lines: readonly Line[]): string {
  const rows = [HEAD, ...lines.map(({ cells }) => cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const text = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [text(HEAD), rule, ...rows.slice(1).map(text)].join('\n');
}

function thousands(amount: number): string {
  return amount.toLocaleString('en');
}

function timeOf(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
