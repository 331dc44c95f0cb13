// Prints a token for development: npm run token -- --role admin [--tenant default] [--expires 8h] [--subject me]
import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { loadConfig } from './config.ts';
import { AppError, messageOf } from './domain/errors.ts';

const USAGE =
  'Usage: npm run token -- --role viewer|operator|admin [--tenant default] [--expires 8h] [--subject developer]';

const Options = z.strictObject({
  role: z.enum(['viewer', 'operator', 'admin'], { error: 'is viewer, operator or admin' }),
  tenant: z.string().min(1).default('default'),
  expires: z
    .string()
    .regex(/^[1-9]\d{0,4}[smhd]$/, 'is a time such as 30m, 8h or 7d')
    .default('8h'),
  subject: z.string().min(1).default('developer'),
});

/** Throws an `AppError` `invalid-request` that says which option is wrong. */
function optionsOf(args: readonly string[]): z.infer<typeof Options> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { role: text, tenant: text, expires: text, subject: text },
    strict: true,
  });
  const parsed = Options.safeParse(values);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`);
  throw new AppError('invalid-request', faults.join('; '));
}

async function tokenFor({ role, tenant, expires, subject }: z.infer<typeof Options>): Promise<string> {
  const config = loadConfig();
  if (config.environment === 'production')
    throw new AppError(
      'forbidden',
      'NODE_ENV is production: tokens for production come from your identity provider, signed with JWT_SECRET.',
    );
  const token = new SignJWT({ [config.rolesClaim]: [role], [config.tenantClaim]: tenant })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(expires);
  if (config.jwtIssuer !== undefined) token.setIssuer(config.jwtIssuer);
  if (config.jwtAudience !== undefined) token.setAudience(config.jwtAudience);
  return token.sign(new TextEncoder().encode(config.jwtSecret.reveal()));
}

try {
  process.stdout.write(`${await tokenFor(optionsOf(process.argv.slice(2)))}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n${USAGE}\n`);
  process.exitCode = 64;
}
