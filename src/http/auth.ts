import { createHash, createSecretKey, timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { JWTVerifyOptions } from 'jose';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Caller } from '../sync/use-cases.ts';
import type { HttpConfig } from './parts.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;
/** Each may do what the ones before it may. */
export type Role = (typeof ROLES)[number];

export interface Identity {
  caller: Caller;
  role: Role;
  /** When the token ends, in milliseconds since 1970. */
  expiresAt: number;
  /** Names the token without revealing it; for counting. */
  fingerprint: string;
}

const MAX_HEADER = 4096;
const Tenant = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$/);
const Subject = z.string().regex(/^[^\p{Cc}]{1,200}$/u);
const Roles = z.union([z.string().transform((role) => [role]), z.array(z.string()).max(100)]);

/**
 * Who sent an `Authorization` header. Throws `unauthenticated`, or `forbidden` when the token is genuine but
 * names no tenant or no role that we know.
 */
export function authenticator(config: HttpConfig, clock: Clock) {
  const key = createSecretKey(Buffer.from(config.jwtSecret.reveal(), 'utf8'));
  const options: JWTVerifyOptions = {
    algorithms: ['HS256'],
    requiredClaims: ['exp'],
    clockTolerance: 5,
    ...(config.jwtIssuer === undefined ? {} : { issuer: config.jwtIssuer }),
    ...(config.jwtAudience === undefined ? {} : { audience: config.jwtAudience }),
  };

  return async function authenticate(header: string | undefined): Promise<Identity> {
    const token = bearerOf(header);
    const claims = await verified(token, key, { ...options, currentDate: clock.now() });
    return {
      caller: { tenantId: tenantOf(claims, config), actor: actorOf(claims) },
      role: roleOf(claims, config),
      expiresAt: (claims.exp ?? 0) * 1000,
      fingerprint: createHash('sha256').update(token).digest('base64url'),
    };
  };
}

/** True if the role may do what needs `least`. */
export function mayAct(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** True if the header carries this token; in constant time. */
export function carries(header: string | undefined, secret: Secret): boolean {
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${secret.reveal()}`));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function bearerOf(header: string | undefined): string {
  if (header === undefined) throw refused('A token is missing. Send "Authorization: Bearer <JWT>".');
  if (header.length > MAX_HEADER) throw refused(`The token is longer than ${MAX_HEADER} characters.`);
  const token = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i.exec(header)?.[1];
  if (token === undefined) throw refused('The Authorization header is not "Bearer <JWT>".');
  return token;
}

async function verified(token: string, key: Parameters<typeof jwtVerify>[1], options: JWTVerifyOptions) {
  try {
    const { payload } = await jwtVerify(token, key, options);
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw refused('The token has expired. Get a new one.', error);
    if (error instanceof errors.JWTClaimValidationFailed)
      throw refused(`The claim "${error.claim}" of the token is missing or not accepted.`, error);
    throw refused('The token is not genuine: it must be a JWT signed with HS256 and our secret.', error);
  }
}

function tenantOf(claims: Readonly<Record<string, unknown>>, config: HttpConfig): string {
  const claim = claims[config.tenantClaim];
  if (claim === undefined && config.tenancy === 'single') return 'default';
  const tenant = Tenant.safeParse(claim);
  if (tenant.success) return tenant.data;
  throw new AppError('forbidden', `The token names no tenant: it needs the claim "${config.tenantClaim}".`);
}

function actorOf(claims: Readonly<Record<string, unknown>>): string {
  if (claims['sub'] === undefined) return 'unnamed';
  const subject = Subject.safeParse(claims['sub']);
  if (subject.success) return subject.data;
  throw refused('The claim "sub" of the token is missing or not accepted.');
}

function roleOf(claims: Readonly<Record<string, unknown>>, config: HttpConfig): Role {
  const claim = claims[config.rolesClaim];
  if (claim === undefined && config.tenancy === 'single') return 'admin';
  const names = Roles.safeParse(claim);
  const role = ROLES.findLast((each) => names.success && names.data.includes(each));
  if (role !== undefined) return role;
  throw new AppError(
    'forbidden',
    `The token has no role: the claim "${config.rolesClaim}" needs one of ${ROLES.join(', ')}.`,
  );
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError('unauthenticated', message, { cause });
}
