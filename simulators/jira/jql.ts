/** A subset of JQL: https://support.atlassian.com/jira-software-cloud/docs/what-is-advanced-search-in-jira-cloud/ */
import { badInput } from './answers.ts';

export type Operand =
  | { kind: 'text'; text: string }
  | { kind: 'call'; name: string; arguments: readonly string[] }
  | { kind: 'empty' };

export type Condition =
  | { kind: 'and' | 'or'; parts: readonly Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'clause'; field: string; operator: string; operands: readonly Operand[] };

interface Order {
  field: string;
  descending: boolean;
}

export interface Query {
  /** Undefined: everything. */
  where: Condition | undefined;
  orderBy: readonly Order[];
}

interface Token {
  text: string;
  /** A quoted text is never a keyword. */
  quoted: boolean;
}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|>=|<=|!~|[=<>~(),])|([^\s"'()=<>~,!]+))/y;
const OPERATORS = ['=', '!=', '>', '>=', '<', '<=', '~', '!~'];

/** Reads a query. Throws a 400 as Jira words it. */
export function parseJql(text: string): Query {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const isWord = (word: string): boolean => {
    const token = tokens[at];
    return token !== undefined && !token.quoted && token.text.toLowerCase() === word;
  };
  const take = (): Token => {
    const token = tokens[at];
    if (token === undefined) throw badJql('the query ends too early');
    at += 1;
    return token;
  };
  const accept = (word: string): boolean => {
    if (!isWord(word)) return false;
    at += 1;
    return true;
  };
  const need = (word: string): void => {
    if (!accept(word)) throw badJql(`expecting '${word}' but got '${peek()?.text ?? 'the end'}'`);
  };

  function either(): Condition {
    const parts = [both()];
    while (accept('or')) parts.push(both());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }

  function both(): Condition {
    const parts = [single()];
    while (accept('and')) parts.push(single());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
  }

  function single(): Condition {
    if (accept('not')) return { kind: 'not', part: single() };
    if (accept('(')) {
      const inner = either();
      need(')');
      return inner;
    }
    return clause();
  }

  function clause(): Condition {
    const field = take().text;
    const operator = operatorOf();
    if (operator === 'in' || operator === 'not in') {
      if (!isWord('(')) return { kind: 'clause', field, operator, operands: [operand()] };
      need('(');
      const operands = [operand()];
      while (accept(',')) operands.push(operand());
      need(')');
      return { kind: 'clause', field, operator, operands };
    }
    return { kind: 'clause', field, operator, operands: [operand()] };
  }

  function operatorOf(): string {
    const token = take();
    if (!token.quoted && OPERATORS.includes(token.text)) return token.text;
    if (token.text.toLowerCase() === 'in') return 'in';
    if (token.text.toLowerCase() === 'not') {
      need('in');
      return 'not in';
    }
    if (token.text.toLowerCase() === 'is') return accept('not') ? '!=' : '=';
    throw badJql(`expecting an operator but got '${token.text}'`);
  }

  function operand(): Operand {
    const token = take();
    if (token.quoted) return { kind: 'text', text: token.text };
    if (/^(empty|null)$/i.test(token.text)) return { kind: 'empty' };
    if (['(', ')', ',', ...OPERATORS].includes(token.text)) throw badJql(`unexpected '${token.text}'`);
    if (!accept('(')) return { kind: 'text', text: token.text };
    const given: string[] = [];
    while (!accept(')')) {
      given.push(take().text);
      accept(',');
    }
    return { kind: 'call', name: token.text.toLowerCase(), arguments: given };
  }

  const where = peek() === undefined || isWord('order') ? undefined : either();
  const orderBy: Order[] = [];
  if (accept('order')) {
    need('by');
    do {
      const field = take().text;
      const descending = accept('desc');
      if (!descending) accept('asc');
      orderBy.push({ field, descending });
    } while (accept(','));
  }
  const rest = peek();
  if (rest !== undefined) throw badJql(`expecting 'AND' or 'OR' but got '${rest.text}'`);
  return { where, orderBy };
}

/** Every clause of a condition. */
export function clausesOf(condition: Condition | undefined): Extract<Condition, { kind: 'clause' }>[] {
  if (condition === undefined) return [];
  if (condition.kind === 'clause') return [condition];
  if (condition.kind === 'not') return clausesOf(condition.part);
  return condition.parts.flatMap(clausesOf);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const length = text.trimEnd().length;
  while (TOKEN.lastIndex < length) {
    const found = TOKEN.exec(text);
    if (found === null) throw badJql('a character is not allowed here, or a quotation mark is missing');
    const quoted = found[1] ?? found[2];
    if (quoted === undefined) tokens.push({ text: found[3] ?? found[4] ?? '', quoted: false });
    else tokens.push({ text: quoted.replaceAll(/\\(.)/g, '$1'), quoted: true });
  }
  return tokens;
}

export function badJql(detail: string): ReturnType<typeof badInput> {
  return badInput(`Error in the JQL Query: ${detail}.`);
}
