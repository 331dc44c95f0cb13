const SHOWN = '[secret]';
const DEEPEST = 8;

const SECRET_KEY =
  /secret|token|password|passwd|authorization|cookie|credential|api.?key|private.?key|encryption.?key|signature/i;

/** What secrets look like inside other text: vendors' token prefixes, bearer headers, JWTs, user:password in URLs. */
const SECRET_TEXT =
  /\b(?:gh[pousr]_\w{10,}|github_pat_\w{10,}|glpat-[\w-]{10,}|ATATT[\w=-]{10,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)|\b(?:bearer|basic)\s+[\w.~+/=-]{8,}|(?<=:\/\/)[^\s/@]+(?=@)/gi;

/** A copy for the log, in which neither a key nor a text shows a secret. Cycles and great depth are cut. */
export function redacted(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return fieldsOf(data, 0);
}

function fieldsOf(data: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, isSecret(key, value) ? SHOWN : shown(value, depth + 1)]),
  );
}

/** Numbers and booleans under such a name (`tokens: 3`) say how many or whether, not what. */
function isSecret(key: string, value: unknown): boolean {
  return SECRET_KEY.test(key) && (typeof value === 'string' || (typeof value === 'object' && value !== null));
}

function shown(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.replaceAll(SECRET_TEXT, SHOWN);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '[deeper]';
  if (value instanceof Error) return errorOf(value, depth);
  if (Array.isArray(value)) return value.map((each) => shown(each, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return shown(value.toJSON(), depth + 1);
  return fieldsOf(value, depth);
}

function errorOf(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: shown(error.message, depth),
    stack: shown(error.stack, depth),
    ...fieldsOf(error, depth),
    ...(error.cause === undefined ? {} : { cause: shown(error.cause, depth + 1) }),
  };
}
