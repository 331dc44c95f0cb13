import { after, before } from 'node:test';
import type { Given, SqlStage, Stage, TestEngine } from '../stage.ts';
import { accountSuite } from './accounts.ts';
import { conflictSuite } from './conflicts.ts';
import { dirtySuite } from './dirty.ts';
import { heldImportSuite } from './held-imports.ts';
import { idempotencySuite } from './idempotency.ts';
import { intakeSuite } from './intake.ts';
import { integrationSuite } from './integrations.ts';
import { journalSuite } from './journal.ts';
import { leaseSuite } from './leases.ts';
import { linkSuite } from './links.ts';
import { modelSuite } from './models.ts';
import { outboxSuite } from './outbox.ts';
import { planSuite } from './query-plans.ts';
import { retentionSuite } from './retention.ts';
import { roleSuite } from './roles.ts';
import { runChangeSuite } from './run-changes.ts';
import { runSuite } from './runs.ts';
import { tenancySuite } from './tenancy.ts';
import { threatSuite } from './threats.ts';
import { transactionSuite } from './transactions.ts';
import { valueSuite } from './values.ts';

/**
 * All that `ports/store.ts` and `ports/repositories.ts` promise; `more` is what only this kind of store can be asked. To be
 * called inside a `describe` of the test file, which is where a skipped store is announced.
 */
export function storeSuites<S extends Stage>(
  engine: TestEngine<S>,
  more: (given: Given<S>) => void = () => undefined,
): void {
  let stage: S | undefined;
  const given: Given<S> = () => {
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
  heldImportSuite(given);
  threatSuite(given);
  linkSuite(given);
  dirtySuite(given);
  conflictSuite(given);
  intakeSuite(given);
  outboxSuite(given, engine.overlaps);
  journalSuite(given);
  runSuite(given);
  runChangeSuite(given);
  idempotencySuite(given);
  accountSuite(given);
  retentionSuite(given);
  valueSuite(given);
  tenancySuite(given);
  transactionSuite(given, engine.overlaps);
  more(given);
}

/** What can only be asked of a database. */
export function sqlSuites(given: Given<SqlStage>): void {
  roleSuite(given);
  planSuite(given);
}
