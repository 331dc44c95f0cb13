import type { PublishedEvent } from '../domain/event.ts';
import type { Secret } from '../domain/secret.ts';
import type { Chance, Clock, Log } from '../ports/clock.ts';
import type { UseCases } from '../sync/use-cases.ts';
import type { KeySet } from './key-set.ts';

/** What of the configuration the API needs. */
export interface HttpConfig {
  jwtSecret: Secret;
  jwtIssuer?: string;
  jwtAudience?: string;
  /** A token without `iat`, or an older one, is refused. */
  jwtMaxAgeMs?: number;
  /** Name of the claim that holds the tenant. */
  tenantClaim: string;
  /** Name of the claim that holds one role or a list of them. */
  rolesClaim: string;
  tenancy: 'single' | 'multi';
  /** Origins of browsers that may call, exactly as browsers send them. */
  allowedOrigins: readonly string[];
  rateLimit: { max: number; windowMs: number };
  /** Proxies in front of us, as addresses and networks: the last address that they did not add is the caller's. */
  trustedProxies: readonly string[];
  /** Absent: anybody who reaches the port may read the metrics. */
  metricsToken?: Secret;
  version: string;
}

export interface HttpMetrics {
  observeRequest(labels: { method: string; route: string; status: number }, seconds: number): void;
  countError(code: string): void;
  render(): Promise<{ contentType: string; text: string }>;
}

/** All that the API is made of. */
export interface HttpParts {
  useCases: UseCases;
  config: HttpConfig;
  log: Log;
  metrics: HttpMetrics;
  clock: Clock;
  chance: Chance;
  /** Keys that tokens may be signed with beside our secret. */
  keySet?: KeySet;
  /** The CloudEvents 1.0 form of an event. */
  cloudEvent(event: PublishedEvent): object;
}
