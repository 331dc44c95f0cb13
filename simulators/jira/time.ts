/** Times as Jira writes and reads them: in the time zone of the account that asks. */

/** Two digits. */
function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Such as `2026-03-01T11:00:00.000+0100`. */
export function jiraTime(date: Date, timeZone: string): string {
  const offset = offsetMinutes(date, timeZone);
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 23);
  const minutes = Math.abs(offset);
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

const LOCAL = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?( UTC)?$/;

/** `yyyy-MM-dd` or `yyyy-MM-dd HH:mm` in that time zone, or in UTC if it says so; undefined: no such form. */
export function parseLocal(text: string, timeZone: string): Date | undefined {
  const parts = LOCAL.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute] = parts.slice(1, 6).map((part) => Number(part ?? 0));
  const wall = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
  if (Number.isNaN(wall)) return undefined;
  if (parts[6] !== undefined) return new Date(wall);
  const guess = new Date(wall - offsetMinutes(new Date(wall), timeZone) * 60_000);
  return new Date(wall - offsetMinutes(guess, timeZone) * 60_000);
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `-15m`, `2h`, `-1d`: so long before or after now. */
export function parseRelative(text: string, now: Date): Date | undefined {
  const parts = /^([+-]?\d+)([mhdw])$/.exec(text);
  if (parts === null) return undefined;
  return new Date(now.getTime() + Number(parts[1]) * (UNITS[parts[2] ?? ''] ?? 0));
}

function offsetMinutes(date: Date, timeZone: string): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(date)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const parts = /GMT([+-])(\d{2}):(\d{2})/.exec(name ?? '');
  if (parts === null) return 0;
  const minutes = Number(parts[2]) * 60 + Number(parts[3]);
  return parts[1] === '-' ? -minutes : minutes;
}
