import type { PublishedEvent } from '../../src/domain/event.ts';
import type { Integration } from '../../src/domain/integration.ts';
import { NO_COUNTS } from '../../src/domain/run.ts';
import type { Run } from '../../src/domain/run.ts';
import type { ThreatModel } from '../../src/domain/threat.ts';
import { ID } from './house.ts';

const AT = '2026-11-22T08:00:00.000Z';

/** The published example of an integration, as a request. */
export const BODY = {
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

export const INTEGRATION: Integration = {
  id: ID,
  name: BODY.name,
  provider: 'github',
  config: BODY.config,
  mapping: {
    version: 1,
    status: { byId: {}, byLabel: { 'in progress': 'mitigating' }, toId: {} },
    severity: { labels: { critical: 'tm-critical' }, priorities: {} },
    policies: { status: 'ask', title: 'issue', block: 'ask' },
    missing: 'keep',
  },
  filter: { severities: ['critical'], statuses: ['identified'], outOfScope: false, alsoLinked: false },
  limits: { creates: 50 },
  autoApply: false,
  allowPublic: false,
  allowOtherInstallation: false,
  enabled: true,
  state: 'new',
  stateSince: AT,
  syncIntervalMinutes: 60,
  bound: {
    projectId: '4711',
    name: 'organization/repository',
    url: 'https://github.com/organization/repository',
    visibility: 'private',
    accountIds: ['99'],
    account: 'bot',
  },
  webhook: { kind: 'manual', todo: 'Set PUBLIC_URL.' },
  cursor: 'opaque-cursor-of-the-provider',
  version: 7,
  createdAt: AT,
  updatedAt: AT,
};

export const RUN: Run = {
  id: ID,
  integrationId: ID,
  trigger: 'manual',
  state: 'running',
  full: false,
  passes: 0,
  passesWanted: 1,
  progress: { done: 0, total: 3 },
  counts: NO_COUNTS,
  calls: 0,
  requestedBy: 'tester',
  createdAt: AT,
};

export const MODEL: ThreatModel = {
  id: ID,
  name: 'Payments',
  format: 'threat-dragon-v2',
  source: { path: 'models/payments.json' },
  importedAt: AT,
  version: 3,
  warnings: [],
};

export function event(sequence: number): PublishedEvent {
  return {
    id: `event-${sequence}`,
    tenantId: 'default',
    sequence,
    time: AT,
    type: 'sync:progress',
    subject: ID,
    data: { done: sequence },
  };
}
