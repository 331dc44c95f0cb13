import { createHash, createSecretKey, timingSafeEqual } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyOptions } from 'jose';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { Clock } from '../ports/clock.ts';
import type { Caller } from '../sync/use-cases.ts';
import type { KeySet } from './key-set.ts';
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

const OF_SECRET = ['HS256'];
/** RFC 8037 names it EdDSA, RFC 9864 by its curve. */
const OF_KEY_SET = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];

/** Claims that are proven, and by what. */
interface Proven {
  claims: JWTPayload;
  by: 'secret' | 'key-set';
}

/**
 * Who sent an `Authorization` header. The kind of key decides which algorithms it may prove: our secret HS256 alone, a key of
 * the set RS256, ES256 and Ed25519 alone. Throws `unauthenticated`; `forbidden` when the token is genuine but names no tenant or
 * no role that we know; `unavailable` while the keys cannot be read.
 */
export function authenticator(config: HttpConfig, clock: Clock, keySet?: KeySet) {
  const secret = createSecretKey(Buffer.from(config.jwtSecret.reveal(), 'utf8'));
  const common: JWTVerifyOptions = {
    requiredClaims: ['exp'],
    clockTolerance: 5,
    ...(config.jwtIssuer === undefined ? {} : { issuer: config.jwtIssuer }),
    ...(config.jwtAudience === undefined ? {} : { audience: config.jwtAudience }),
    ...(config.jwtMaxAgeMs === undefined ? {} : { maxTokenAge: config.jwtMaxAgeMs / 1000 }),
  };

  async function prove(token: string): Promise<Proven> {
    const options = { ...common, currentDate: clock.now() };
    if (keySet === undefined || OF_SECRET.includes(decodeProtectedHeader(token).alg ?? '')) {
      const { payload } = await jwtVerify(token, secret, { ...options, algorithms: OF_SECRET });
      return { claims: payload, by: 'secret' };
    }
    const { payload } = await jwtVerify(token, keySet, { ...options, algorithms: OF_KEY_SET });
    return { claims: payload, by: 'key-set' };
  }

  return async function authenticate(header: string | undefined): Promise<Identity> {
    const token = bearerOf(header);
    const { claims, by } = await prove(token).catch((error: unknown) => {
      throw refusalOf(error);
    });
    return {
      caller: { tenantId: tenantOf(claims, config), actor: actorOf(claims) },
      role: roleOf(claims, config, by),
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

function refusalOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof errors.JWKSTimeout)
    return new AppError('unavailable', 'The keys of JWT_JWKS_URL do not come in time.', { cause: error });
  if (error instanceof errors.JWTExpired) return refused('The token has expired. Get a new one.', error);
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(`The claim "${error.claim}" of the token is missing or not accepted.`, error);
  return refused(
    'The token is not genuine: it must be a JWT signed with HS256 and our secret, or by a key of JWT_JWKS_URL.',
    error,
  );
}

function tenantOf(claims: JWTPayload, config: HttpConfig): string {
  const claim = claims[config.tenantClaim];
  if (claim === undefined && config.tenancy === 'single') return 'default';
  const tenant = Tenant.safeParse(claim);
  if (tenant.success) return tenant.data;
  throw new AppError('forbidden', `The token names no tenant: it needs the claim "${config.tenantClaim}".`);
}

function actorOf(claims: JWTPayload): string {
  if (claims['sub'] === undefined) return 'unnamed';
  const subject = Subject.safeParse(claims['sub']);
  if (subject.success) return subject.data;
  throw refused('The claim "sub" of the token is missing or not accepted.');
}

/** Whoever holds our secret may make any token; an identity provider's users are many, and may look. */
function roleOf(claims: JWTPayload, config: HttpConfig, by: Proven['by']): Role {
  const claim = claims[config.rolesClaim];
  if (claim === undefined && by === 'key-set') return 'viewer';
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
