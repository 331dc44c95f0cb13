import { AppError } from '../domain/errors.ts';

/** A value in a JSON text: `start` is its first character, `end` the one after its last. */
export type JsonNode = JsonObject | JsonArray | JsonScalar;
export interface JsonObject {
  kind: 'object';
  start: number;
  end: number;
  members: readonly JsonMember[];
}
export interface JsonArray {
  kind: 'array';
  start: number;
  end: number;
  items: readonly JsonNode[];
}
interface JsonScalar {
  kind: 'scalar';
  start: number;
  end: number;
}
export interface JsonMember {
  key: string;
  keyStart: number;
  keyEnd: number;
  value: JsonNode;
}
export type JsonPath = readonly (string | number)[];

const DEPTH = 100;

/**
 * Where every value of a JSON text stands. A byte order mark is skipped.
 * Throws `model-unreadable` with line and column for a syntax error or a key that one object has twice, and
 * `model-limit-exceeded` when values are nested deeper than `maxDepth`.
 */
export function readJson(text: string, maxDepth = DEPTH): JsonNode {
  const reader = new JsonReader(text, maxDepth);
  return reader.document();
}

/** The node at a path; undefined when there is none. */
export function nodeAt(root: JsonNode, path: JsonPath): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const step of path) {
    if (node?.kind === 'object') node = memberOf(node, String(step))?.value;
    else if (node?.kind === 'array') node = node.items[Number(step)];
    else return undefined;
  }
  return node;
}

export function memberOf(node: JsonObject, key: string): JsonMember | undefined {
  return node.members.find((each) => each.key === key);
}

/** A place in a text for people: `line 3, column 14`, both from 1. */
export function placeOf(text: string, at: number): string {
  const before = text.slice(text.startsWith('\uFEFF') ? 1 : 0, at);
  const lines = before.split('\n');
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}

const SPACE = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these inside strings
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): JsonNode {
    if (this.#text.startsWith('\uFEFF')) this.#at = 1;
    this.#skipSpace();
    if (this.#at === this.#text.length) this.#fail('the file is empty', 'Give the model file itself.');
    const node = this.#value();
    if (this.#at < this.#text.length) this.#fail('there is more text after the end of the JSON value');
    return node;
  }

  #value(): JsonNode {
    const start = this.#at;
    const node = this.#valueFrom(start);
    this.#skipSpace();
    return node;
  }

  #valueFrom(start: number): JsonNode {
    const first = this.#text[start];
    if (first === '{') return this.#nested(start, () => this.#object(start));
    if (first === '[') return this.#nested(start, () => this.#array(start));
    const end = first === '"' ? this.#stringEnd() : this.#match(WORD);
    if (end === undefined) return this.#fail(`expected a value, found ${this.#found()}`);
    this.#at = end;
    return { kind: 'scalar', start, end };
  }

  #nested(start: number, read: () => JsonNode): JsonNode {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      const where = placeOf(this.#text, start);
      throw new AppError(
        'model-limit-exceeded',
        `The file nests values more than ${this.#maxDepth} levels deep (${where}); no threat-model tool writes that. Check what made the file.`,
        { faults: [{ pointer: where, detail: `nested more than ${this.#maxDepth} levels deep` }] },
      );
    }
    this.#take();
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #object(start: number): JsonObject {
    const members: JsonMember[] = [];
    const keys = new Set<string>();
    if (!this.#closes('}')) {
      do {
        const member = this.#member();
        if (keys.has(member.key))
          this.#failAt(
            member.keyStart,
            `the key ${JSON.stringify(member.key)} appears twice in one object`,
            'Keep one of the two.',
          );
        keys.add(member.key);
        members.push(member);
      } while (this.#goesOn('}'));
    }
    return { kind: 'object', start, end: this.#at, members };
  }

  #member(): JsonMember {
    const keyStart = this.#at;
    if (this.#text[keyStart] !== '"') this.#fail(`expected a key in quotes, found ${this.#found()}`);
    const keyEnd = this.#stringEnd();
    const key = String(JSON.parse(this.#text.slice(keyStart, keyEnd)));
    this.#at = keyEnd;
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') this.#fail(`expected ":" after a key, found ${this.#found()}`);
    this.#take();
    return { key, keyStart, keyEnd, value: this.#value() };
  }

  #array(start: number): JsonArray {
    const items: JsonNode[] = [];
    if (!this.#closes(']')) {
      do items.push(this.#value());
      while (this.#goesOn(']'));
    }
    return { kind: 'array', start, end: this.#at, items };
  }

  #closes(bracket: string): boolean {
    if (this.#text[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  #goesOn(bracket: string): boolean {
    if (this.#closes(bracket)) return false;
    if (this.#text[this.#at] !== ',') this.#fail(`expected "," or "${bracket}", found ${this.#found()}`);
    this.#take();
    return true;
  }

  /** Past one character and the space behind it. */
  #take(): void {
    this.#at += 1;
    this.#skipSpace();
  }

  #skipSpace(): void {
    this.#at = this.#match(SPACE) ?? this.#at;
  }

  /** In steps, because one expression for a whole string runs out of stack on an image of a few megabytes. */
  #stringEnd(): number {
    let at: number | undefined = this.#at + 1;
    for (;;) {
      at = this.#match(PLAIN, at) ?? at;
      if (this.#text[at] === '"') return at + 1;
      at = this.#match(ESCAPE, at);
      if (at === undefined)
        return this.#fail('this string is not closed or holds a character that needs an escape');
    }
  }

  #match(pattern: RegExp, at = this.#at): number | undefined {
    pattern.lastIndex = at;
    return pattern.test(this.#text) ? pattern.lastIndex : undefined;
  }

  #found(): string {
    const next = this.#text[this.#at];
    return next === undefined ? 'the end of the file (it may have been cut off)' : JSON.stringify(next);
  }

  #fail(what: string, remedy?: string): never {
    return this.#failAt(this.#at, what, remedy);
  }

  #failAt(at: number, what: string, remedy = 'Save or export the model again in its own tool.'): never {
    const where = placeOf(this.#text, at);
    throw new AppError('model-unreadable', `The file is not valid JSON: ${what} (${where}). ${remedy}`, {
      faults: [{ pointer: where, detail: what }],
    });
  }
}
