import type { Readable } from 'node:stream';
import { z } from 'zod';
import { POLICIES, PROVIDER_IDS } from '../../domain/integration.ts';
import { SEVERITIES, STATUSES } from '../../domain/threat.ts';

/** Words that many requests and answers share. */
export const Id = z.uuid().meta({ examples: ['0f8fad5b-d9cb-469f-a165-70867728950e'] });
export const IdParams = z.object({ id: Id });
export const Time = z.string().meta({ format: 'date-time', examples: ['2026-11-22T08:30:00.000Z'] });
export const Status = z.enum(STATUSES).meta({ id: 'Status', description: 'What has become of a threat.' });
export const Severity = z.enum(SEVERITIES).meta({ id: 'Severity' });
export const ProviderId = z.enum(PROVIDER_IDS).meta({ id: 'ProviderId', description: 'A kind of tracker.' });
export const Policy = z.enum(POLICIES).meta({
  id: 'Policy',
  description: 'Who wins a field that both sides changed differently; `ask` leaves it to a person.',
});

/** The answer of what leaves nothing to say. */
export const NOTHING = { description: 'Done; nothing to show' };

/** A body that is sent as it is, not as JSON. */
export const Raw = z.custom<Buffer | Readable>(() => true).meta({ override: { type: 'string' } });

/** On what terms a risk is carried. */
export const AcceptanceTerms = z
  .strictObject({
    owner: z.string().trim().min(1).max(200).exactOptional().meta({ description: 'Who answers for it.' }),
    reason: z.string().trim().min(1).max(2000).exactOptional(),
    expiresAt: z.iso
      .date()
      .exactOptional()
      .meta({ description: 'The day, in UTC, on whose beginning the threat is open again.' }),
  })
  .meta({ examples: [{ owner: 'Ada', reason: 'Behind the VPN.', expiresAt: '2027-01-31' }] });

/** A value of a field on one side; null is an absent one. */
export const Value = z.string().nullable();
