import type { FastifyInstance } from 'fastify';
import { AppError, messageOf } from '../domain/errors.ts';

const MAX_DEPTH = 32;

/** Parse JSON bodies of this scope: at most 32 levels, no reserved names, no name twice, no NUL, nothing but JSON. An empty body is none. */
export function acceptJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    const fault = faultOf(body);
    if (fault !== undefined) return done(new AppError('invalid-request', fault));
    return parse(request, body, (error, value) => {
      if (error) done(new AppError('invalid-request', refusalOf(body)));
      else done(null, value);
    });
  });
}

/** Why the parser refused it: where, but never what, because it may hold a secret. */
function refusalOf(text: string): string {
  try {
    JSON.parse(text);
    return 'The body uses a reserved name (`__proto__` or `constructor.prototype`). Leave it out.';
  } catch (error) {
    const place = /at position (\d+)/.exec(messageOf(error))?.[1];
    return `The body is not valid JSON${place === undefined ? '' : ` at character ${place}`}.`;
  }
}

/** What is wrong with a JSON text that a parser would let through; one pass, nothing is built but the names of open objects. */
function faultOf(text: string): string | undefined {
  /** For each open object its names so far; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  let textFrom: number | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (textFrom !== undefined) {
      if (character === '"') {
        const names = isName ? open.at(-1) : undefined;
        if (names !== undefined && !isNew(text.slice(textFrom, at + 1), names))
          return 'The body has the same name twice in one object. Leave one out.';
        [isName, textFrom] = [false, undefined];
      }
      if (character !== '\\') continue;
      at += 1;
      if (text.startsWith('u0000', at)) return 'The body contains the character NUL (\\u0000). Leave it out.';
    } else if (character === '"') textFrom = at;
    else if (character === '{' || character === '[') {
      isName = character === '{';
      open.push(isName ? new Set() : undefined);
      if (open.length > MAX_DEPTH) return `The body is nested deeper than ${MAX_DEPTH} levels.`;
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ',') isName = open.at(-1) !== undefined;
  }
  return undefined;
}

/** Remembers a name as it is written, with quotes and escapes. One that cannot be read is for the parser to refuse. */
function isNew(written: string, names: Set<string>): boolean {
  const name = written.includes('\\') ? unescaped(written) : written.slice(1, -1);
  if (names.has(name)) return false;
  names.add(name);
  return true;
}

function unescaped(written: string): string {
  try {
    return String(JSON.parse(written));
  } catch {
    return written;
  }
}
