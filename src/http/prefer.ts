const MAX_SECONDS = 60;

/** Milliseconds that `Prefer: wait=N` (RFC 7240) asks for, at most a minute; undefined when it asks for none. */
export function waitAsked(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?(?=$|[,;\s])/i.exec(text)?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_SECONDS) * 1000;
}
