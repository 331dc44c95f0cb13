import { after, before, describe } from 'node:test';
import { PGLITE, POSTGRESQL } from './database.ts';
import type { Given, Stage } from './database.ts';
import { accountSuite } from './suites/accounts.ts';
import { conflictSuite } from './suites/conflicts.ts';
import { dirtySuite } from './suites/dirty.ts';
import { idempotencySuite } from './suites/idempotency.ts';
import { intakeSuite } from './suites/intake.ts';
import { integrationSuite } from './suites/integrations.ts';
import { journalSuite } from './suites/journal.ts';
import { leaseSuite } from './suites/leases.ts';
import { linkSuite } from './suites/links.ts';
import { modelSuite } from './suites/models.ts';
import { outboxSuite } from './suites/outbox.ts';
import { planSuite } from './suites/query-plans.ts';
import { runSuite } from './suites/runs.ts';
import { tenancySuite } from './suites/tenancy.ts';
import { threatSuite } from './suites/threats.ts';
import { transactionSuite } from './suites/transactions.ts';

for (const engine of [PGLITE, POSTGRESQL])
  describe(`the store on ${engine.name}`, { skip: engine.skip }, () => {
    let stage: Stage | undefined;
    const given: Given = () => {
      if (stage === undefined) throw new Error('the database is not open');
      return stage;
    };
    before(async () => {
      stage = await engine.open();
    });
    after(() => stage?.close());

    integrationSuite(given);
    leaseSuite(given);
    modelSuite(given);
    threatSuite(given);
    linkSuite(given);
    dirtySuite(given);
    conflictSuite(given);
    intakeSuite(given);
    outboxSuite(given, engine.name);
    journalSuite(given);
    runSuite(given);
    idempotencySuite(given);
    accountSuite(given);
    transactionSuite(given, engine.name);
    tenancySuite(given);
    planSuite(given);
  });
