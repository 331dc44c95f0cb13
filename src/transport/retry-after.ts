/** When an answer's `Retry-After` (seconds, or an HTTP date) lets us go on, in ms; undefined = it says nothing we understand. */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return now + Number(text) * 1000;
  const date = text === '' ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) || /^[\d.+-]+$/.test(text) ? undefined : date;
}
