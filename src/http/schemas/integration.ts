import { z } from 'zod';
import { INTEGRATION_STATES } from '../../domain/integration.ts';
import type { Integration } from '../../domain/integration.ts';
import { STATUSES, SEVERITIES } from '../../domain/threat.ts';
import { Policy, ProviderId, Severity, Status, Time } from './words.ts';

const Text = z.string().min(1).max(200);
const StatusName = z.enum(STATUSES);
const SeverityName = z.enum(SEVERITIES);
const Settings = z.record(z.string(), z.unknown());

const MappingBody = z
  .strictObject({
    status: z
      .strictObject({
        byId: z.record(Text, StatusName).exactOptional(),
        byLabel: z.record(Text, StatusName).exactOptional(),
        toId: z.partialRecord(StatusName, Text).exactOptional(),
      })
      .exactOptional(),
    severity: z
      .strictObject({
        labels: z.partialRecord(SeverityName, Text).exactOptional(),
        priorities: z.partialRecord(SeverityName, Text).exactOptional(),
      })
      .exactOptional(),
    policies: z
      .strictObject({
        status: Policy.exactOptional(),
        title: Policy.exactOptional(),
        block: Policy.exactOptional(),
      })
      .exactOptional(),
    missing: z
      .enum(['keep', 'close'])
      .exactOptional()
      .meta({ description: 'What becomes of the issue of a threat that stays missing from its model.' }),
  })
  .meta({ description: 'Rules between a threat and its issue. What is not named keeps its value.' });

const FilterBody = z
  .strictObject({
    models: z.array(Text).max(1000).exactOptional(),
    severities: z.array(SeverityName).exactOptional(),
    statuses: z.array(StatusName).exactOptional(),
    outOfScope: z.boolean().exactOptional(),
    alsoLinked: z.boolean().exactOptional(),
  })
  .meta({ description: 'Which threats become issues. A linked issue goes on being synchronised.' });

const config = Settings.meta({ description: "The provider's settings; checked by its own rules." });
const credentials = Settings.meta({ description: 'Write-only: never in an answer.', writeOnly: true });

const ParentBody = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('model') }),
    z.strictObject({
      kind: z.literal('issue'),
      key: z
        .string()
        .trim()
        .min(1)
        .max(2000)
        .meta({ description: 'What people call the issue: its number, key or URL.' }),
    }),
  ])
  .meta({
    description:
      'Under which issue the issues of threats stand: `model` makes one for each threat model, `issue` names one that is there.',
  });

const fields = {
  name: z.string().trim().min(1).max(200),
  provider: z.string().min(1).max(50).meta({ description: 'github, gitlab, jira or azure_devops.' }),
  config,
  credentials,
  syncIntervalMinutes: z
    .int()
    .min(1)
    .max(1440)
    .nullable()
    .exactOptional()
    .meta({ description: '1 to 1440; null: only by hand and by webhook. 60 when not named.' }),
  enabled: z.boolean().exactOptional().meta({ description: 'false pauses the integration.' }),
  mapping: MappingBody.exactOptional(),
  filter: FilterBody.exactOptional(),
  limits: z.strictObject({ creates: z.int().min(0).max(10_000).exactOptional() }).exactOptional(),
  parent: ParentBody.nullable().exactOptional().meta({ description: 'null, the default: under none.' }),
  autoApply: z.boolean().exactOptional(),
  allowPublic: z.boolean().exactOptional(),
};

const EXAMPLE = {
  name: 'Payments → GitHub',
  provider: 'github',
  config: {
    baseUrl: 'https://api.github.com',
    owner: 'organization',
    repo: 'repository',
    labels: ['threat-model'],
    webhookUrl: 'https://your-domain.com',
  },
  credentials: { type: 'token', token: 'ghp_xxxxxxxxxxxx' },
  syncIntervalMinutes: 60,
};

export const NewIntegration = z.strictObject(fields).meta({ examples: [EXAMPLE] });

export const IntegrationChange = z
  .strictObject({
    ...fields,
    name: fields.name.exactOptional(),
    provider: fields.provider.exactOptional(),
    config: config.exactOptional(),
    credentials: credentials.exactOptional(),
  })
  .meta({ examples: [{ name: 'Payments', syncIntervalMinutes: 15 }] });

export const ConnectionTest = z.strictObject({ provider: fields.provider, config, credentials }).meta({
  examples: [{ provider: EXAMPLE.provider, config: EXAMPLE.config, credentials: EXAMPLE.credentials }],
});

export const IntegrationAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: ProviderId,
    config: z.record(z.string(), z.unknown()).readonly(),
    hasCredentials: z.boolean(),
    syncIntervalMinutes: z.int().nullable(),
    enabled: z.boolean(),
    mapping: z.object({
      version: z.int(),
      status: z.object({
        byId: z.record(z.string(), Status).readonly(),
        byLabel: z.record(z.string(), Status).readonly(),
        toId: z.partialRecord(StatusName, z.string()).readonly(),
      }),
      severity: z.object({
        labels: z.partialRecord(SeverityName, z.string()).readonly(),
        priorities: z.partialRecord(SeverityName, z.string()).readonly(),
      }),
      policies: z.object({ status: Policy, title: Policy, block: Policy }),
      missing: z.enum(['keep', 'close']),
    }),
    filter: z.object({
      models: z.array(z.string()).readonly().optional(),
      severities: z.array(Severity).readonly(),
      statuses: z.array(Status).readonly(),
      outOfScope: z.boolean(),
      alsoLinked: z.boolean(),
    }),
    limits: z.object({ creates: z.int() }),
    parent: z
      .object({ kind: z.enum(['model', 'issue']), key: z.string().optional() })
      .nullable()
      .meta({ description: 'Under which issue the issues of threats stand.' }),
    autoApply: z.boolean(),
    allowPublic: z.boolean(),
    state: z.enum(INTEGRATION_STATES),
    stateReason: z.string().optional(),
    stateSince: Time,
    project: z
      .object({ name: z.string(), url: z.string(), visibility: z.string(), account: z.string() })
      .optional()
      .meta({ description: 'What the tracker said at the last check.' }),
    webhook: z.object({
      kind: z.enum(['registered', 'manual', 'failing']),
      url: z.string().optional(),
      since: Time.optional(),
      todo: z.string().optional(),
      reason: z.string().optional(),
      retryAt: Time.optional(),
    }),
    version: z.int(),
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: 'Integration', description: "One tenant's configured connection to a tracker." });

export const WebhookSecretAnswer = z
  .object({
    url: z.string().optional().meta({ description: 'Where the tracker sends its deliveries.' }),
    secret: z.string().meta({ description: 'Told once: it is not shown again.' }),
    isRegistered: z.boolean().meta({ description: 'True: the tracker has it already.' }),
  })
  .meta({ id: 'WebhookSecret' });

/** An integration as callers see it: never its credentials, cursor or account ids. */
export function shown(integration: Integration): z.input<typeof IntegrationAnswer> {
  const { bound, parent = null, ...rest } = integration;
  return { ...rest, parent, hasCredentials: true, ...(bound === undefined ? {} : { project: bound }) };
}
