import { z } from 'zod';
import { GRANULARITIES, INTEGRATION_STATES } from '../../domain/integration.ts';
import type { Integration } from '../../domain/integration.ts';
import { KEEPS, STATUS_WORDS } from '../../domain/rules.ts';
import { DISPOSITIONS } from '../../domain/status-words.ts';
import { STATUSES, SEVERITIES } from '../../domain/threat.ts';
import { RuleAnswer } from './conflict.ts';
import { Policy, ProviderId, Severity, Status, Time } from './words.ts';

const Text = z.string().min(1).max(200);
const StatusName = z.enum(STATUSES);
const MappedStatusName = z.enum([...STATUSES, 'verified']);
const SeverityName = z.enum(SEVERITIES);
const Settings = z.record(z.string(), z.unknown());

const RuleBody = z
  .discriminatedUnion('field', [
    z.strictObject({
      field: z.literal('status'),
      threat: StatusName.exactOptional(),
      issue: z.enum(STATUS_WORDS).exactOptional(),
      keep: z.enum(KEEPS),
    }),
    z.strictObject({ field: z.enum(['title', 'block']), keep: z.enum(KEEPS) }),
  ])
  .meta({
    description:
      'What becomes of a field that both sides changed differently. `threat` and `issue` name the status that each side shows; one that is left out may be any.',
  });

const MappingBody = z
  .strictObject({
    status: z
      .strictObject({
        byId: z.record(Text, MappedStatusName).exactOptional(),
        byLabel: z.record(Text, StatusName).exactOptional(),
        byResolution: z.record(Text, z.enum(DISPOSITIONS)).exactOptional().meta({
          description: 'What a closed issue gives as its resolution (Jira) or reason (Azure DevOps).',
        }),
        toId: z.partialRecord(MappedStatusName, Text).exactOptional(),
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
    rules: z.array(RuleBody).max(100).exactOptional().meta({
      description: 'In their order: the first that fits wins over the policy. Replaces all rules.',
    }),
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
  granularity: z.enum(GRANULARITIES).exactOptional().meta({
    description:
      'What gets an issue: `threat`; `threat+mitigations`: each mitigation that is to be done, too, under that of its threat; `mitigation`: such mitigations alone. `threat` when not named. Once there are issues, only `threat` can become `threat+mitigations`.',
  }),
  acceptance: z
    .strictObject({ maxDays: z.int().min(1).max(3650) })
    .nullable()
    .exactOptional()
    .meta({
      description:
        'A risk that is accepted or transferred in the tracker is so for `maxDays`, then open again. null, the default: until somebody decides otherwise.',
    }),
  gate: z.boolean().exactOptional().meta({
    description:
      'true: an issue that is closed as done mitigates only once it was verified (label `tm-verified`, or a status mapped to `verified`). false when not named.',
  }),
  autoApply: z.boolean().exactOptional(),
  allowPublic: z.boolean().exactOptional(),
  allowOtherInstallation: z.boolean().exactOptional().meta({
    description:
      'Synchronise although the project holds issues that another installation of this service made with the same account. false when not named.',
  }),
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
        byId: z.record(z.string(), MappedStatusName).readonly(),
        byLabel: z.record(z.string(), Status).readonly(),
        byResolution: z.record(z.string(), Status).readonly(),
        toId: z.partialRecord(MappedStatusName, z.string()).readonly(),
      }),
      severity: z.object({
        labels: z.partialRecord(SeverityName, z.string()).readonly(),
        priorities: z.partialRecord(SeverityName, z.string()).readonly(),
      }),
      policies: z.object({ status: Policy, title: Policy, block: Policy }),
      rules: z.array(RuleAnswer).readonly(),
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
    granularity: z.enum(GRANULARITIES).meta({ description: 'What gets an issue.' }),
    acceptance: z
      .object({ maxDays: z.int() })
      .nullable()
      .meta({ description: 'How long what is accepted in the tracker lasts.' }),
    gate: z.boolean().meta({ description: 'What is done counts only once it was verified.' }),
    autoApply: z.boolean(),
    allowPublic: z.boolean(),
    allowOtherInstallation: z.boolean(),
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
  const {
    acceptance = null,
    bound,
    parent = null,
    granularity = 'threat',
    gate = false,
    ...rest
  } = integration;
  const { byResolution = {}, ...status } = rest.mapping.status;
  const mapping = { ...rest.mapping, status: { ...status, byResolution }, rules: rest.mapping.rules ?? [] };
  return {
    ...rest,
    mapping,
    parent,
    granularity,
    gate,
    acceptance,
    hasCredentials: true,
    ...(bound === undefined ? {} : { project: bound }),
  };
}
