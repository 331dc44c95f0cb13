import { refuse } from '../answers.ts';

/** https://learn.microsoft.com/azure/devops/boards/queries/wiql-syntax, as far as flat queries go. */

export type Literal =
  | { kind: 'text'; text: string }
  | { kind: 'number'; number: number }
  | { kind: 'macro'; name: string; days: number }
  | { kind: 'field'; name: string };

export type Condition =
  | { kind: 'and'; parts: readonly Condition[] }
  | { kind: 'or'; parts: readonly Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'compare'; field: string; operator: string; values: readonly Literal[] };

export interface Query {
  columns: readonly string[];
  where: Condition | undefined;
  orderBy: readonly { field: string; descending: boolean }[];
}

const TOKEN =
  /\s*(?:(\[[^\]]+\])|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|(@\w+)|(-?\d+(?:\.\d+)?)|(<>|<=|>=|[=<>(),+-])|([A-Za-z_][\w.]*))/gy;

interface Token {
  kind: 'field' | 'text' | 'macro' | 'number' | 'sign' | 'word';
  text: string;
}

/** Reads a query. Throws a 400 that says where it stopped making sense. */
export function parseWiql(text: string): Query {
  const tokens = tokensOf(text);
  let at = 0;

  const peek = (): Token | undefined => tokens[at];
  const isWord = (...words: string[]): boolean => {
    const token = peek();
    return token?.kind === 'word' && words.includes(token.text.toLowerCase());
  };
  const isSign = (sign: string): boolean => peek()?.kind === 'sign' && peek()?.text === sign;
  const take = (): Token => {
    const token = peek();
    if (token === undefined) throw syntax('The query statement is missing a clause.');
    at += 1;
    return token;
  };
  const need = (word: string): void => {
    if (!isWord(word) && !isSign(word))
      throw syntax(`Expecting ${word}. The error is caused by «${peek()?.text ?? ''}».`);
    at += 1;
  };
  const maybe = (word: string): boolean => {
    const found = isWord(word) || isSign(word);
    if (found) at += 1;
    return found;
  };
  const fieldName = (): string => {
    const token = take();
    if (token.kind !== 'field' && token.kind !== 'word')
      throw syntax(`Expecting field name. The error is caused by «${token.text}».`);
    return token.text;
  };

  function anyOf(): Condition {
    const parts = [allOf()];
    while (maybe('or')) parts.push(allOf());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }
  function allOf(): Condition {
    const parts = [single()];
    while (maybe('and')) parts.push(single());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
  }
  function single(): Condition {
    if (maybe('not')) return { kind: 'not', part: single() };
    if (!maybe('(')) return comparison();
    const inner = anyOf();
    need(')');
    return inner;
  }
  function comparison(): Condition {
    const field = fieldName();
    if (maybe('is')) {
      const negated = maybe('not');
      need('empty');
      return { kind: 'compare', field, operator: negated ? 'is not empty' : 'is empty', values: [] };
    }
    const negated = maybe('not');
    const operator = `${negated ? 'not ' : ''}${operatorName()}`;
    if (!operator.endsWith('in')) return { kind: 'compare', field, operator, values: [literal()] };
    need('(');
    const values = [literal()];
    while (maybe(',')) values.push(literal());
    need(')');
    return { kind: 'compare', field, operator, values };
  }
  function operatorName(): string {
    const token = take();
    const name = token.text.toLowerCase();
    if (token.kind === 'sign' && ['=', '<>', '<', '>', '<=', '>='].includes(name)) return name;
    if (token.kind !== 'word' || !['in', 'contains', 'under', 'ever'].includes(name))
      throw syntax(`Expecting comparison operator. The error is caused by «${token.text}».`);
    if (name === 'contains' && maybe('words')) return 'contains words';
    return name;
  }
  function literal(): Literal {
    const token = take();
    if (token.kind === 'text') return { kind: 'text', text: token.text };
    if (token.kind === 'number') return { kind: 'number', number: Number(token.text) };
    if (token.kind === 'field') return { kind: 'field', name: token.text };
    if (token.kind === 'word' && /^(true|false)$/i.test(token.text))
      return { kind: 'text', text: token.text.toLowerCase() };
    if (token.kind !== 'macro') throw syntax(`Expecting value. The error is caused by «${token.text}».`);
    return { kind: 'macro', name: token.text.toLowerCase(), days: shift() };
  }
  function shift(): number {
    const sign = isSign('-') ? -1 : 1;
    if (maybe('-') || maybe('+')) return sign * Number(take().text);
    const next = peek();
    if (next?.kind !== 'number' || !next.text.startsWith('-')) return 0;
    return Number(take().text);
  }

  need('select');
  const columns = [fieldName()];
  while (maybe(',')) columns.push(fieldName());
  need('from');
  if (isWord('workitemlinks')) throw syntax('This simulator has no queries of links.');
  need('workitems');
  const where = maybe('where') ? anyOf() : undefined;
  const orderBy: { field: string; descending: boolean }[] = [];
  if (maybe('order')) {
    need('by');
    do {
      const field = fieldName();
      const descending = maybe('desc');
      if (!descending) maybe('asc');
      orderBy.push({ field, descending });
    } while (maybe(','));
  }
  const rest = peek();
  if (rest !== undefined) throw syntax(`Expecting end of string. The error is caused by «${rest.text}».`);
  return { columns, where, orderBy };
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) throw syntax(`The error is caused by «${text.slice(start).trim().slice(0, 20)}».`);
    const [, field, single, double, macro, number, sign, word] = found;
    if (field !== undefined) tokens.push({ kind: 'field', text: field.slice(1, -1).trim() });
    else if (single !== undefined) tokens.push({ kind: 'text', text: single.replaceAll("''", "'") });
    else if (double !== undefined) tokens.push({ kind: 'text', text: double.replaceAll('""', '"') });
    else if (macro !== undefined) tokens.push({ kind: 'macro', text: macro });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

export function syntax(message: string): ReturnType<typeof refuse> {
  return refuse(400, 'QuerySyntaxException', `TF51006: ${message}`);
}
