import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainStart, followChain } from '../../src/domain/audit.ts';
import type { CanonicalModel } from '../../src/domain/canonical.ts';
import { personNamed } from '../../src/domain/person.ts';
import { systemClock } from '../../src/clock.ts';
import { erasePerson, findPerson } from '../../src/sync/erase-person.ts';
import { PGLITE, POSTGRESQL } from '../store/database.ts';
import type { SqlStage } from '../store/stage.ts';
import { becomes, house } from '../sync/house.ts';
import { dragon } from '../sync/import-house.ts';
import { syncedTeam } from '../sync/team.ts';
import type { Team } from '../sync/team.ts';
import { columnsOf, dumpOf, placesOf } from './dump.ts';

/** One word that nobody else has: subject of a token, login and part of a display name. */
const NAME = 'quill7431';
const PERSON = personNamed([NAME]);

/** Where a person can be named, as the story below shows. */
const QUOTING = [
  'comments.doc',
  'conflicts.doc',
  'deliveries.body',
  'held_imports.doc',
  'held_imports.file',
  'held_imports.given',
  'idempotency.answer',
  'integrations.doc',
  'journal.doc',
  'links.doc',
  'models.doc',
  'models.file',
  'models.name',
  'ops.doc',
  'outbox.data',
  'plans.doc',
  'run_changes.doc',
  'run_items.doc',
  'runs.doc',
  'threats.doc',
  'threats.title_lower',
];

/** Text of ours alone: ids, words of a list, hashes, keys and addresses, and what is sealed. */
const OURS = [
  'conflicts.cause',
  'conflicts.field',
  'conflicts.state',
  'comments.id',
  'dedupe.delivery_id',
  'deliveries.doc',
  'deliveries.verdict',
  'dirty.reason',
  'idempotency.key',
  'idempotency.request_hash',
  'integrations.credentials',
  'integrations.hook_scheme',
  'integrations.host',
  'integrations.project_id',
  'integrations.provider',
  'integrations.state',
  'integrations.webhook_secrets',
  'journal.action',
  'journal.field',
  'journal.hash',
  'journal.salts',
  'leases.owner',
  'links.error_code',
  'links.host',
  'links.issue_id',
  'links.mitigation_key',
  'links.role',
  'links.state',
  'models.format',
  'models.source_path',
  'models.source_repo',
  'ops.state',
  'outbox.subject',
  'outbox.type',
  'runs.state',
  'threats.fingerprint',
  'threats.key',
  'threats.presence',
  'threats.severity',
  'threats.status',
  'threats.to_do',
  'threats.to_do_shared',
];

const TEXTUAL = new Set(['text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY']);

function platformModel(name: string, count: number): CanonicalModel {
  const threats = Array.from({ length: count }, (_, index) => ({
    key: `k${index}`,
    title: `Threat ${index}, found by ${NAME}`,
    description: '',
    status: 'identified' as const,
    severity: 'high' as const,
    category: { taxonomy: 'STRIDE', values: ['Tampering'] },
    mitigations: [],
    references: [],
    tags: [],
  }));
  return { name, threats };
}

for (const engine of [PGLITE, POSTGRESQL])
  describe(`erasing one person on ${engine.name}`, { skip: engine.skip }, () => {
    let stage: SqlStage | undefined;
    const opened = (): SqlStage => stage ?? assert.fail('the store is not open');
    const given = house(async () => {
      const own = await engine.open();
      stage = own;
      return { store: { ...own.store, close: () => own.close() }, drop: async () => {} };
    });

    /** A person works in tracker and API, until every place that can name a person does. */
    async function story(): Promise<Team> {
      const many = Array.from({ length: 6 }, (_, index) => ({
        id: `m${index}`,
        description: `line\nQuill7431 saw it`,
      }));
      const team = await syncedTeam(given(), { hooks: true, threats: [{ id: 't1' }, { id: 't2' }, ...many] });
      const { world } = given().github;
      world.addUser({ login: NAME, token: `ghp_${NAME}` });
      const cases = given().useCases();
      const them = { ...team.caller, actor: NAME };
      const { models, threats, sync, links, conflicts, idempotency, integrations } = cases;

      const [first, second] = [await team.threat(1), await team.threat(2)];
      await threats.update(them, first.id, {
        status: 'accepted',
        acceptance: { owner: NAME, reason: `${NAME} knows` },
      });
      await threats.update(them, second.id, { title: `"${NAME}" can read it` });
      const run = await sync.start(them, team.integrationId, {});
      await sync.wait(them, run.id, 60_000);
      world.comment(team.at(1), 'I have looked at it, all is well with my cat.', NAME);
      world.assign(team.at(1), [NAME]);
      await team.sync();
      await team.settled();

      world.addLabel(team.at(3), 'tm-accepted', NAME);
      world.close(team.at(3), 'not_planned', NAME);
      await threats.update(them, (await team.threat(3)).id, { status: 'mitigated' });
      await team.settled();
      await team.sync();
      await team.settled();
      const open = await conflicts.list(them, { limit: 9, state: 'open' });
      for (const { id } of open.items) await conflicts.resolve(them, id, { keep: 'issue' });
      await team.settled();
      await links.remove(them, (await team.link(4)).id);

      // Two imports that wait: a file, and a model in our own words.
      const fewer = dragon(`By ${NAME}`, [{ id: 't1', description: NAME }]);
      await assert.rejects(models.import(them, { bytes: fewer, modelId: team.modelId }));
      await models.import(them, { bytes: dragon(`Notes of ${NAME}`, many), asNew: true });
      const { model } = await models.put(
        them,
        '3f333df6-90a4-4fda-8dd3-9485d27cee36',
        platformModel('P', 9),
        {},
      );
      await assert.rejects(models.put(them, model.id, platformModel('P', 1), {}));
      await sync.plan(them, team.integrationId);
      await team.settled();

      const at = given().clock.now().toISOString();
      await idempotency.begin(them, 'k', 'h');
      const body = JSON.stringify({ requestedBy: NAME });
      await idempotency.finish(them, 'k', { status: 202, body, headers: {} });
      await team.transact(async (tx) => {
        // A tracker may name the person in what it refuses.
        const message = `Only ${NAME} may do this.`;
        const reason = { code: 'tracker-refused', message };
        await tx.runs.addItems([{ runId: run.id, outcome: 'failed', fields: [], reason, at }]);
        await tx.integrations.note(team.integrationId, { stateReason: message });
      });
      const stored = await integrations.get(them, team.integrationId);
      assert.equal(stored.stateReason, `Only ${NAME} may do this.`);
      await becomes(
        async () => placesOf(await dumpOf(opened(), team.caller.tenantId), NAME).includes('deliveries.body'),
        true,
        'a delivery names its sender',
      );
      return team;
    }

    it('leaves no trace in any column, and the chain holds', async () => {
      const team = await story();
      const { tenantId } = team.caller;
      await given().stop();
      const parts = { store: opened().store, clock: systemClock };

      const textual = (await columnsOf(opened()))
        .filter(({ type, column }) => TEXTUAL.has(type) && column !== 'tenant_id')
        .map(({ table, column }) => `${table}.${column}`);
      assert.deepEqual(textual.toSorted(), [...QUOTING, ...OURS].toSorted(), 'every column is thought of');
      const before = await dumpOf(opened(), tenantId);
      assert.deepEqual(placesOf(before, NAME), QUOTING.toSorted());

      const found = await findPerson(parts, tenantId, PERSON);
      assert.deepEqual([...found.erased.keys()].toSorted(), QUOTING.toSorted());
      assert.deepEqual(placesOf(await dumpOf(opened(), tenantId), NAME), QUOTING.toSorted(), 'a look');

      const { erased, left } = await erasePerson(parts, tenantId, PERSON);
      assert.deepEqual([...left], []);
      assert.deepEqual([...erased.keys()].toSorted(), QUOTING.toSorted());
      const after = await dumpOf(opened(), tenantId);
      assert.deepEqual(placesOf(after, NAME), []);
      assert.deepEqual(placesOf(after, 'all is well with my cat'), [], 'what they have written');

      while ((await parts.store.dispatch.chain(500)) > 0);
      const items = await team.transact((tx) => tx.journal.chained(0, 10_000));
      const end = followChain(chainStart(tenantId), items);
      assert.deepEqual(end, { sequence: items.length, hash: items.at(-1)?.hash });
      assert.equal(items.at(-1)?.entry.action, 'person-erased');

      await given().start();
      const run = await team.sync();
      assert.equal(run.state, 'completed', run.error?.message);
      assert.deepEqual(given().errors(), []);
    });

    it('spares others, tells of settings that name the person, and goes on where it was ended', async () => {
      const team = await syncedTeam(given(), { integration: { name: `Tracker of ${NAME}` } });
      const other = await syncedTeam(given());
      const them = { ...team.caller, actor: NAME };
      for (const { caller } of [team, other]) {
        const model = platformModel('P', 3);
        await given()
          .useCases()
          .models.put({ ...caller, actor: NAME }, crypto.randomUUID(), model, {});
      }
      await given()
        .useCases()
        .threats.update(them, (await team.threat(1)).id, { title: 'Annual quill74312' });
      const { store } = opened();
      const othersBefore = await dumpOf(opened(), other.caller.tenantId);

      // Ended in the middle: the journal was not reached.
      const { upkeep } = store;
      const mortal = {
        ...upkeep,
        rewriteChain: async () => assert.fail('the process ends'),
      };
      const parts = { store, clock: systemClock };
      await assert.rejects(
        erasePerson({ ...parts, store: { ...store, upkeep: mortal } }, them.tenantId, PERSON),
      );
      assert.ok(placesOf(await dumpOf(opened(), them.tenantId), NAME).includes('journal.doc'));
      const { left } = await erasePerson(parts, them.tenantId, PERSON);
      assert.deepEqual([...left.keys()], ['integrations.doc']);
      const after = await dumpOf(opened(), them.tenantId);
      assert.ok(after.get('threats.doc')?.includes('Annual quill74312'), 'another word stays');
      const dumpedOthers = await dumpOf(opened(), other.caller.tenantId);
      assert.equal(dumpedOthers.get('threats.doc'), othersBefore.get('threats.doc'));
      assert.ok(placesOf(dumpedOthers, NAME).includes('journal.doc'));
    });
  });
