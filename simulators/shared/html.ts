/** A page for a person's browser. `content` is HTML: whatever people wrote must have been through `shown`. */
export function htmlPage(title: string, content: string): string {
  const style =
    'body{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap}';
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${shown(title)}</title><style>${style}</style></head><body><h1>${shown(title)}</h1>${content}</body></html>`;
}

/** A text as HTML in which nothing acts. */
export function shown(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (character) => names[character] ?? character);
}
