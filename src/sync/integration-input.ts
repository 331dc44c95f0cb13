import { AppError } from '../domain/errors.ts';
import type { Provider } from '../ports/tracker.ts';
import type { Parts } from './parts.ts';

interface Issues {
  issues: readonly {
    code: string;
    path: readonly PropertyKey[];
    message: string;
    keys?: readonly string[];
  }[];
}

/**
 * Config and credentials as the provider's schemas take them, and an address that may be called. All mistakes at once,
 * with pointers; no value is repeated. Throws `invalid-request` or `base-url-refused`.
 */
export async function inputOf<C extends Readonly<Record<string, unknown>> | undefined>(
  parts: Pick<Parts, 'outbound'>,
  provider: Provider,
  input: { provider: string; config: Readonly<Record<string, unknown>>; credentials?: C },
): Promise<{
  config: Record<string, unknown>;
  credentials: C extends undefined ? undefined : Record<string, unknown>;
}>;
export async function inputOf(
  parts: Pick<Parts, 'outbound'>,
  provider: Provider,
  input: {
    provider: string;
    config: Readonly<Record<string, unknown>>;
    credentials?: Readonly<Record<string, unknown>> | undefined;
  },
): Promise<{ config: Record<string, unknown>; credentials: Record<string, unknown> | undefined }> {
  const config = provider.config.safeParse(input.config);
  const credentials =
    input.credentials === undefined ? undefined : provider.credentials.safeParse(input.credentials);
  const faults = [
    ...(config.success ? [] : faultsOf('/config', config.error)),
    ...(credentials === undefined || credentials.success ? [] : faultsOf('/credentials', credentials.error)),
  ];
  if (!config.success || credentials?.success === false)
    throw new AppError(
      'invalid-request',
      `The ${provider.title} integration is not described as it must be: see errors.`,
      { faults },
    );
  const { baseUrl } = config.data;
  if (typeof baseUrl === 'string') await parts.outbound.admit(new URL(baseUrl));
  return { config: config.data, credentials: credentials?.data };
}

/** A schema reports an unknown key at its parent: the pointer names the key itself. */
function faultsOf(root: string, error: Issues): { pointer: string; detail: string }[] {
  return error.issues.flatMap((issue) => {
    const at = [root, ...issue.path.map(String)].join('/');
    if (issue.code === 'unrecognized_keys' && issue.keys !== undefined)
      return issue.keys.map((key) => ({ pointer: `${at}/${key}`, detail: 'is not a known key' }));
    return [{ pointer: at, detail: issue.message }];
  });
}
