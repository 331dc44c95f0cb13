/** The form in which two titles are compared: one line, single spaces. */
export function canonTitle(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim();
}

/** The form in which two texts of lines are compared: one kind of line end, no space at a line's end, no empty lines around. */
export function canonLines(text: string): string {
  const lines = text
    .normalize('NFC')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd());
  const first = lines.findIndex((line) => line !== '');
  const last = lines.findLastIndex((line) => line !== '');
  return first < 0 ? '' : lines.slice(first, last + 1).join('\n');
}
