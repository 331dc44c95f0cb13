import { AppError, type Fault } from './domain/errors.ts';
import { VARIABLES, Variables, type VariableName } from './config-schema.ts';
import type { ConfigFiles } from './config-files.ts';

/** The variables that are set, as text. */
export type Texts = Readonly<Partial<Record<VariableName, string>>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable's text that is set, by itself or as the content of the file that `NAME_FILE` names, and every mistake. */
export function collect(env: Environment, files: ConfigFiles) {
  const texts: Partial<Record<VariableName, string>> = {};
  const faults: Fault[] = [];
  for (const name of variableNames()) {
    const fileName = `${name}_FILE`;
    const [given, path] = [textOf(env[name]), textOf(env[fileName])];
    if (given !== undefined && path !== undefined)
      faults.push({ pointer: name, detail: `also set by ${fileName}; keep one of the two` });
    const text = path === undefined ? given : readText(files, path, fileName, faults);
    if (text !== undefined) texts[name] = text;
  }
  return { texts, faults };
}

/** The typed variables. Throws an `AppError` `invalid-request` that tells every mistake by name, and no value. */
export function parse(texts: Texts, faults: readonly Fault[]): Variables {
  const parsed = Variables.safeParse(texts);
  const unfit = (parsed.error?.issues ?? []).map(({ path: [name, item], message }) => ({
    pointer: String(name),
    detail: item === undefined ? message : `item ${Number(item) + 1}: ${message}`,
  }));
  const all = [...faults, ...unfit, ...relations(texts), ...productionSecrets(texts)];
  if (parsed.success && all.length === 0) return parsed.data;
  throw mistakes(all);
}

export function mistakes(faults: readonly Fault[]): AppError {
  const lines = faults.map(({ pointer, detail }) => `  ${pointer}: ${detail}`);
  return new AppError('invalid-request', `The configuration has mistakes:\n${lines.join('\n')}`, { faults });
}

/** What one variable demands of another. */
function relations(given: Texts): Fault[] {
  const missing = (pointer: VariableName, detail: string): Fault[] =>
    given[pointer] === undefined ? [{ pointer, detail: `missing: ${detail}` }] : [];
  const faults: Fault[] = [];
  const parts = ['DB_HOST', 'DB_NAME', 'DB_USER'] as const;
  const hasPart = [...parts, 'DB_PASSWORD' as const].some((name) => given[name] !== undefined);
  if (given.DATABASE_URL === undefined && hasPart)
    for (const name of parts)
      faults.push(...missing(name, 'without DATABASE_URL, DB_HOST, DB_NAME and DB_USER belong together'));
  if (given.REDIS_URL === undefined && given.REDIS_PASSWORD !== undefined)
    faults.push(...missing('REDIS_HOST', 'REDIS_PASSWORD is set'));
  if (given.JWT_JWKS_URL !== undefined)
    for (const name of ['JWT_ISSUER', 'JWT_AUDIENCE'] as const)
      faults.push(
        ...missing(name, 'JWT_JWKS_URL is set, and whoever issues those keys also issues tokens for others'),
      );
  if (given.PROXY_RESOLVES !== undefined) faults.push(...missing('HTTPS_PROXY', 'PROXY_RESOLVES is set'));
  if (given.THREAT_MODEL_API_TOKEN !== undefined)
    faults.push(...missing('THREAT_MODEL_API_URL', 'THREAT_MODEL_API_TOKEN is set'));
  if (
    given.JWT_SECRET !== undefined &&
    given.JWT_SECRET.toLowerCase() === given.ENCRYPTION_KEY?.toLowerCase()
  )
    faults.push({ pointer: 'ENCRYPTION_KEY', detail: 'the same as JWT_SECRET; make two different values' });
  return faults;
}

/** One sentence for both, because they are missing together: the published docker line names neither. */
function productionSecrets(given: Texts): Fault[] {
  if (given.NODE_ENV !== 'production') return [];
  const missing = (['JWT_SECRET', 'ENCRYPTION_KEY'] as const).filter((name) => given[name] === undefined);
  if (missing.length === 0) return [];
  const line = missing.map((name) => `-e ${name}=…`).join(' ');
  return [
    {
      pointer: missing.join(' and '),
      detail: `missing, and production makes none by itself: start with "docker run -p 3008:3008 -e DATABASE_URL=… -e REDIS_URL=… ${line} threat-model-integration", where each … of a secret is a value that you make once with "openssl rand -hex 32" and keep`,
    },
  ];
}

export function variableNames(): VariableName[] {
  return Object.keys(VARIABLES).filter((name): name is VariableName => name in VARIABLES);
}

function readText(files: ConfigFiles, path: string, pointer: string, faults: Fault[]): string | undefined {
  try {
    return textOf(files.read(path).replace(/\r?\n$/, ''));
  } catch {
    faults.push({ pointer, detail: 'names a file that cannot be read' });
    return undefined;
  }
}

/** `NAME=` in an env file means: not set. */
function textOf(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
