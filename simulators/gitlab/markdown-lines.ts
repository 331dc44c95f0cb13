/** What a line of GitLab Markdown belongs to, as far as it decides whether its words act. */
type Kind = 'words' | 'code' | 'html' | 'comment';

interface Line {
  text: string;
  /** The line break behind it; empty at the end. */
  end: string;
  kind: Kind;
}

const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
const COMMENT = /^ {0,3}<!--/;
const HTML =
  /^ {0,3}<\/?(?:address|article|aside|blockquote|body|center|details|dialog|div|dl|fieldset|figure|footer|form|h[1-6]|header|hr|html|iframe|li|main|nav|ol|p|pre|script|section|style|summary|table|tbody|td|th|thead|tr|ul)(?=[\s/>]|$)/i;

/** Splits at LF, CRLF and CR, and says of each line whether it is code, an HTML block, a comment or words. */
export function markdownLines(text: string): Line[] {
  const lines: Line[] = [];
  let fence = '';
  let block: 'html' | 'comment' | undefined;
  for (const [, line = '', end = ''] of text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    if (line === '' && end === '') continue;
    const kind = kindOf(line);
    lines.push({ text: line, end, kind });
  }
  return lines;

  function kindOf(line: string): Kind {
    if (fence !== '') {
      const closes = line.trim();
      if (closes.startsWith(fence) && closes === closes.charAt(0).repeat(closes.length)) fence = '';
      return 'code';
    }
    if (block === 'comment') {
      if (line.includes('-->')) block = undefined;
      return 'comment';
    }
    if (block === 'html') {
      if (line.trim() === '') block = undefined;
      return 'html';
    }
    fence = FENCE.exec(line)?.[1] ?? '';
    if (fence !== '') return 'code';
    if (COMMENT.test(line)) {
      if (!line.includes('-->')) block = 'comment';
      return 'comment';
    }
    if (!HTML.test(line)) return 'words';
    block = 'html';
    return 'html';
  }
}

/** The text without code, comments and escaped characters, with `&#64;` and its like decoded: where GitLab looks for references. */
export function referringWords(text: string): string {
  return markdownLines(text)
    .filter(({ kind }) => kind === 'words' || kind === 'html')
    .map((line) => line.text)
    .join('\n')
    .replaceAll(/(?<![\\`])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, ' ')
    .replaceAll(/<!--[\s\S]*?-->/g, ' ')
    .replaceAll(/\\[!-/:-@[-`{-~]/g, ' ')
    .replaceAll(/&#64;|&#x0*40;|&commat;/gi, '@')
    .replaceAll(/&#35;|&#x0*23;|&num;/gi, '#');
}
