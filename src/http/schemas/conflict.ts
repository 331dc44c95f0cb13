import { z } from 'zod';
import { KEEPS, RULED_FIELDS, STATUS_WORDS } from '../../domain/rules.ts';
import { Id, Status, Time, Value } from './words.ts';

const CONFLICT_STATES = ['open', 'resolved', 'withdrawn'] as const;

const Side = z.enum(['threat', 'issue']);
const Word = z.string().min(1).max(500);

const Change = z
  .object({
    at: Time,
    by: z.string().nullable().meta({ description: 'null: not known.' }),
    how: z
      .enum(['source', 'api', 'tracker', 'expiry'])
      .meta({ description: '`tracker`: `at` is when the issue was last changed, be it another field.' }),
  })
  .nullable();

/** A rule as it is shown. */
export const RuleAnswer = z
  .object({
    field: z.enum(RULED_FIELDS),
    threat: Status.optional(),
    issue: z.enum(STATUS_WORDS).optional(),
    keep: z.enum(KEEPS),
  })
  .meta({ id: 'Rule', description: 'A decision that is kept; a status that is not named may be any.' });

const conflict = {
  id: z.string(),
  integrationId: z.string(),
  linkId: z.string(),
  threatId: z.string(),
  field: z.string(),
  base: z
    .object({ threat: Value, issue: Value })
    .meta({ description: 'What each side showed when they last agreed.' }),
  threat: Value.meta({ description: 'What the threat says, in its own words.' }),
  issue: Value.meta({ description: 'What the issue says, in its own words.' }),
  cause: z.string().meta({ description: 'Conflicts of one cause can be settled together.' }),
  state: z.enum(CONFLICT_STATES),
  resolution: z.object({ keep: Side, by: z.string(), at: Time }).optional().meta({
    description: 'Who chose, a rule, or a policy. While the state is `open`, it is not carried out yet.',
  }),
  firstSeenAt: Time,
  updatedAt: Time,
};

/** A conflict beside its threat, which says the rest. */
export const ConflictAnswer = z
  .object(conflict)
  .meta({ id: 'Conflict', description: 'A field that both sides changed differently.' });

export const ShownConflictAnswer = z
  .object({
    ...conflict,
    says: z.string().meta({ description: 'The cause in one sentence.' }),
    changedBy: z.object({ threat: Change, issue: Change }).meta({
      description: 'The last change of each side; null where it is not known.',
    }),
    item: z.object({
      threat: z.object({ number: z.int(), title: z.string() }).optional(),
      issue: z.object({ key: z.string(), url: z.string() }).optional(),
    }),
  })
  .meta({ id: 'ShownConflict', description: 'A conflict with the threat and the issue it is about.' });

export const ConflictGroupsAnswer = z.object({
  items: z
    .array(
      z
        .object({
          integrationId: z.string(),
          field: z.string(),
          cause: z.string(),
          says: z.string(),
          count: z.int(),
          since: Time,
          sample: ShownConflictAnswer,
        })
        .meta({ id: 'ConflictGroup', description: 'Open conflicts that can be settled together.' }),
    )
    .readonly(),
});

const scope = {
  integrationId: Id.exactOptional(),
  field: Word.exactOptional(),
  cause: Word.exactOptional(),
};

export const GroupQuery = z.strictObject(scope);
export const conflictFilters = { ...scope, state: z.enum(CONFLICT_STATES).exactOptional() };

const Seen = z
  .strictObject({ threat: Value, issue: Value })
  .meta({ description: 'The values you decided on; others now are refused with `conflict-outdated`.' });

export const Resolution = z
  .strictObject({ keep: Side, seen: Seen.exactOptional() })
  .meta({ examples: [{ keep: 'issue', seen: { threat: 'accepted', issue: 'mitigated' } }] });

export const GroupResolution = z
  .strictObject({
    integrationId: Id,
    field: Word,
    cause: Word,
    keep: Side,
    dryRun: z.boolean().exactOptional().meta({ description: 'Tell what would be settled; settle nothing.' }),
    count: z
      .int()
      .min(0)
      .exactOptional()
      .meta({ description: 'How many the group held when you decided. Needed unless `items` are named.' }),
    items: z
      .array(z.strictObject({ id: Id, seen: Seen.exactOptional() }))
      .min(1)
      .max(500)
      .exactOptional()
      .meta({ description: 'These alone.' }),
    always: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Also make a rule of it, first in `mapping.rules`. Needs the role `admin`.' }),
  })
  .meta({
    examples: [
      {
        integrationId: '0f8fad5b-d9cb-469f-a165-70867728950e',
        field: 'status',
        cause: 'mitigated-against-accepted',
        keep: 'issue',
        count: 12,
      },
    ],
  });

export const SettledAnswer = z
  .object({
    dryRun: z.boolean(),
    conflictIds: z
      .array(z.string())
      .readonly()
      .meta({ description: 'Those that were, or would be, settled.' }),
    moved: z
      .array(z.object({ id: z.string(), reason: z.string() }))
      .readonly()
      .meta({ description: 'Those that are no longer as they were seen. They wait for another decision.' }),
    left: z.int().meta({ description: 'How many open ones of the group are left for another call.' }),
    rule: RuleAnswer.optional().meta({
      description: 'The rule that was made; without `always` the one that it would make.',
    }),
  })
  .meta({ id: 'SettledConflicts' });
