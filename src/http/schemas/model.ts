import { z } from 'zod';
import { MITIGATION_STATUSES } from '../../domain/threat.ts';
import { AcceptanceTerms, Severity, Status } from './words.ts';

const Key = z.string().min(1).max(500);
const Line = z.string().max(2000);
const LongText = z.string().max(100_000);

const CanonicalThreat = z.strictObject({
  key: Key.meta({ description: 'Identity inside its model.' }),
  displayRef: Line.exactOptional(),
  title: Line,
  description: LongText,
  status: Status,
  severity: Severity,
  score: z.number().exactOptional(),
  category: z.strictObject({ taxonomy: Line, values: z.array(Line).max(100) }),
  element: z
    .strictObject({
      id: Key,
      name: Line,
      kind: Line,
      diagram: Line.exactOptional(),
      outOfScope: z.boolean().exactOptional(),
    })
    .exactOptional(),
  mitigations: z
    .array(
      z.strictObject({
        key: Key,
        title: Line,
        description: LongText.exactOptional(),
        status: z.enum(MITIGATION_STATUSES),
        shared: z.boolean(),
      }),
    )
    .max(1000),
  references: z.array(Line).max(1000),
  tags: z.array(Line).max(1000),
  justification: LongText.exactOptional(),
  acceptance: AcceptanceTerms.exactOptional(),
});

export const ModelBody = z
  .strictObject({
    name: z.string().trim().min(1).max(500),
    source: z
      .strictObject({
        repo: Line.exactOptional(),
        path: Line.exactOptional(),
        revision: Line.exactOptional(),
      })
      .exactOptional(),
    threats: z.array(CanonicalThreat).max(100_000),
  })
  .meta({
    description: 'A threat model in canonical words.',
    examples: [
      {
        name: 'Payments',
        threats: [
          {
            key: 'T-1',
            title: 'An attacker replays a payment request',
            description: 'Requests carry no nonce.',
            status: 'identified',
            severity: 'high',
            category: { taxonomy: 'STRIDE', values: ['Tampering'] },
            mitigations: [{ key: 'M-1', title: 'Idempotency keys', status: 'proposed', shared: false }],
            references: [],
            tags: ['payments'],
          },
        ],
      },
    ],
  });

export const ThreatChange = z
  .strictObject({
    status: Status.exactOptional(),
    severity: Severity.exactOptional(),
    title: z.string().trim().min(1).max(2000).exactOptional(),
    description: LongText.exactOptional(),
    justification: LongText.exactOptional(),
    acceptance: AcceptanceTerms.exactOptional().meta({
      description:
        'Of an accepted or transferred risk; replaces the terms it had. A new `expiresAt` renews it.',
    }),
  })
  .refine((change) => Object.keys(change).length > 0, 'Name at least one field to change.')
  .meta({ examples: [{ status: 'accepted', justification: 'Low traffic, reviewed every quarter.' }] });

export const MitigationChange = z
  .strictObject({ status: z.enum(MITIGATION_STATUSES) })
  .meta({ examples: [{ status: 'verified' }] });

const Flag = z.enum(['true', 'false']).transform((word) => word === 'true');

const confirm = Flag.exactOptional().meta({ description: 'Yes to an import that loses many threats.' });

export const PutQuery = z.strictObject({ confirm });

export const ImportQuery = z.strictObject({
  modelId: z.uuid().exactOptional().meta({ description: 'Which model this file is.' }),
  repo: Line.exactOptional().meta({ description: 'Where the file lives; with `path` it names the model.' }),
  path: Line.exactOptional(),
  revision: Line.exactOptional(),
  new: Flag.exactOptional().meta({ description: 'A new model, even where the file looks like one we have.' }),
  confirm,
});
