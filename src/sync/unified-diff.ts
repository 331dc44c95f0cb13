/** How far ahead a line is looked for after lines that differ. */
const WINDOW = 50;
/** Lines shown around a change. */
const CONTEXT = 3;

interface Change {
  /** Lines of the old and of the new text: from (counted from 0) up to. */
  before: [from: number, to: number];
  after: [from: number, to: number];
}

/**
 * A unified diff that `patch` and `git apply` take; empty when the texts are equal. Meant for texts that differ in
 * few lines: between two changes far apart it may show more lines than needed, never wrong ones.
 */
export function unifiedDiff(before: string, after: string, fileName: string): string {
  if (before === after) return '';
  const [old, next] = [linesOf(before), linesOf(after)];
  const hunks = hunksOf(changesOf(old, next)).map((changes) => hunk(old, next, changes));
  return [`--- a/${fileName}\n`, `+++ b/${fileName}\n`, ...hunks].join('');
}

/** Each line with its line end. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

function changesOf(old: readonly string[], next: readonly string[]): Change[] {
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < next.length) {
    if (i < old.length && old[i] === next[j]) {
      [i, j] = [i + 1, j + 1];
      continue;
    }
    const [skipped, added] = resync(old, next, i, j);
    changes.push({ before: [i, i + skipped], after: [j, j + added] });
    [i, j] = [i + skipped, j + added];
  }
  return changes;
}

/** The fewest lines to leave out on both sides until the texts go on alike for three lines, or to the end. */
function resync(old: readonly string[], next: readonly string[], i: number, j: number): [number, number] {
  for (let distance = 1; distance <= 2 * WINDOW; distance += 1)
    for (let skipped = Math.min(distance, old.length - i); skipped >= 0; skipped -= 1) {
      const added = distance - skipped;
      if (j + added > next.length) break;
      if (alike(old, next, i + skipped, j + added)) return [skipped, added];
    }
  return [old.length - i, next.length - j];
}

function alike(old: readonly string[], next: readonly string[], i: number, j: number): boolean {
  for (let line = 0; line < CONTEXT; line += 1) if (old[i + line] !== next[j + line]) return false;
  return true;
}

/** Changes so near to each other that their context would overlap share a hunk. */
function hunksOf(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1);
    const end = last?.at(-1)?.before[1];
    if (last !== undefined && end !== undefined && change.before[0] - end <= 2 * CONTEXT) last.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function hunk(old: readonly string[], next: readonly string[], changes: readonly Change[]): string {
  const [first, last] = [changes[0], changes.at(-1)];
  if (first === undefined || last === undefined) return '';
  const lead = Math.min(CONTEXT, first.before[0]);
  const tail = Math.min(CONTEXT, old.length - last.before[1]);
  const [from, to] = [first.before[0] - lead, last.before[1] + tail];
  const [start, end] = [first.after[0] - lead, last.after[1] + tail];
  const lines: string[] = [];
  let at = from;
  for (const { before, after } of changes) {
    lines.push(...marked(' ', old.slice(at, before[0])), ...marked('-', old.slice(...before)));
    lines.push(...marked('+', next.slice(...after)));
    at = before[1];
  }
  lines.push(...marked(' ', old.slice(at, to)));
  return `@@ -${range(from, to)} +${range(start, end)} @@\n${lines.join('')}`;
}

function marked(sign: string, lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.endsWith('\n') ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`,
  );
}

/** Line numbers count from 1; an empty range names the line before it. */
function range(from: number, to: number): string {
  const count = to - from;
  return count === 1 ? `${from + 1}` : `${count === 0 ? from : from + 1},${count}`;
}
