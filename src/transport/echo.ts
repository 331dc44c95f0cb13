import type { TrackerResponse } from '../ports/tracker.ts';
import type { Outgoing } from './exchange.ts';

const SHOWN = '[secret]';
const SECRET_NAME = /authorization|secret|token|password|assertion|api.?key|cookie/i;
/** What is shorter is no secret, and is found in any text. */
const SHORTEST = 8;

/**
 * An answer that is no success, without the secrets of its request: a tracker, or a proxy before it, may repeat what it was
 * sent, and its words are shown to people and kept. A success is left as it is: new access comes in one.
 */
export function withoutEcho(answer: TrackerResponse, { request, headers }: Outgoing): TrackerResponse {
  if (answer.status >= 200 && answer.status < 300) return answer;
  const secrets = [...secretsIn(headers), ...secretsIn(request.json), ...secretsIn(request.form)].flatMap(
    formsOf,
  );
  const text = hidden(answer.text, secrets);
  return text === answer.text ? answer : { ...answer, text, json: hiddenIn(answer.json, secrets) };
}

/** Every text below a name that says that it is secret. */
function secretsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    typeof each === 'string' && SECRET_NAME.test(name) ? [each] : secretsIn(each),
  );
}

/** A credential with and without its scheme, what `Basic` packs, and all of it as JSON and addresses write it. */
function formsOf(secret: string): string[] {
  const [, scheme = '', credential = secret] = /^(Bearer|Basic) (.+)$/i.exec(secret) ?? [];
  const unpacked = /basic/i.test(scheme) ? Buffer.from(credential, 'base64').toString() : credential;
  const [, password = unpacked] = /^[^:]*:(.+)$/s.exec(unpacked) ?? [];
  return [credential, unpacked, password]
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((form) => [form, JSON.stringify(form).slice(1, -1), encodeURIComponent(form)]);
}

function hidden(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, SHOWN), text);
}

function hiddenIn(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return hidden(value, secrets);
  if (Array.isArray(value)) return value.map((each) => hiddenIn(each, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, hiddenIn(each, secrets)]));
}
