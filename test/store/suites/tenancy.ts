import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Tx } from '../../../src/ports/repositories.ts';
import type { Given } from '../stage.ts';
import {
  HOST,
  aBoundLink,
  aFilter,
  aModel,
  anOp,
  at,
  codeIs,
  furnish,
  settle,
  tenantName,
} from '../fixtures.ts';

const MANY = { limit: 9 };

export function tenancySuite(given: Given): void {
  /** One of everything of one tenant, and all that another tenant's repositories can be asked with its ids. */
  const begin = async () => {
    const mine = given().store.tenant(tenantName());
    const theirs = given().store.tenant(tenantName());
    const { integration, link } = await furnish(given().store, mine.tenantId);
    const events = await given().store.dispatch.sequence(10_000);
    await given().store.dispatch.markPublished(events.map((event) => event.id));
    const { id } = integration;
    const lastError = { code: 'c', message: 'm', at: at(0) };
    const parent = aBoundLink(id, { role: 'parent', failures: 1, lastError });
    await mine.transact((tx) => tx.links.insert(parent, HOST));
    const issueId = link.issue?.id ?? '';
    const found = await mine.transact(async (tx) => ({
      model: (await tx.models.list(MANY)).items[0],
      threat: await tx.threats.get(link.threatId),
      run: (await tx.runs.list({ integrationId: id, ...MANY })).items[0],
      plan: await tx.plans.last(id),
      conflict: await tx.conflicts.open(link.id, 'status'),
      delivery: (await tx.deliveries.list({ integrationId: id, ...MANY })).items[0],
      op: (await tx.ops.open([link.id]))[0],
    }));
    const { model, threat, run, plan, conflict, delivery, op } = found;
    assert.ok(model && threat && run && plan && conflict && delivery && op);
    const [written] = await mine.transact((tx) => tx.changes.ofRun(run.id));
    assert.ok(written);
    const ask = (tx: Tx) => ({
      integrations: [
        () => tx.integrations.get(id),
        () => tx.integrations.sealed(id),
        () => tx.integrations.list(MANY),
        () => tx.integrations.nextDueAt(id),
      ],
      models: [
        () => tx.models.get(model.id),
        () => tx.models.file(model.id),
        () => tx.models.list(MANY),
        () => tx.heldImports.list(MANY),
        () => tx.heldImports.ofModel(model.id),
        () => tx.models.byName(model.name, model.format),
        () => tx.models.bySource(undefined, model.source.path ?? ''),
        () => tx.models.overlaps([threat.key], [threat.fingerprint]),
      ],
      threats: [
        () => tx.threats.get(threat.id),
        () => tx.threats.many([threat.id]),
        () => tx.threats.ofModel(model.id),
        () => tx.threats.list(MANY),
        () => tx.threats.linkedElsewhere(model.id, [threat.id]),
      ],
      links: [
        () => tx.links.get(link.id),
        () => tx.links.many([link.id]),
        () => tx.links.list({ integrationId: id, ...MANY }),
        () => tx.links.ofThreats([threat.id]),
        () => tx.links.byIssues(id, [issueId]),
        () => tx.links.counts(id),
        () => tx.links.parents(id),
        () => tx.links.problems(id),
        () => tx.links.idsOf(id, ['linked']),
        () => tx.ops.open([link.id]),
        () => tx.comments.ofLinks([link.id]),
        () => tx.conflicts.get(conflict.id),
        () => tx.conflicts.open(link.id, 'status'),
        () => tx.conflicts.list({ integrationId: id, ...MANY }),
      ],
      work: [
        () => tx.dirty.due(id, 9, at(99)),
        () => tx.dirty.of(id, [link.id]),
        () => tx.dirty.nextDueAt(id),
        () => tx.dirty.count(id),
        () => tx.deliveries.get(delivery.id),
        () => tx.deliveries.list({ integrationId: id, ...MANY }),
        () => tx.deliveries.unprocessed(id, 9),
        () => tx.deliveries.lastReceivedAt(id),
        () => tx.runs.get(run.id),
        () => tx.runs.list({ integrationId: id, ...MANY }),
        () => tx.runs.active(id),
        () => tx.runs.items(run.id, MANY),
        () => tx.changes.ofRun(run.id),
        () => tx.plans.get(plan.id),
        () => tx.plans.last(id),
      ],
      history: [() => tx.events.after(0, 9), () => tx.events.lastSequence()],
    });
    /** The answers to all of it, in one order. */
    const answers = (tx: Tx): Promise<unknown[]> =>
      Object.values(ask(tx))
        .flat()
        .reduce<Promise<unknown[]>>(
          async (before, question) => [...(await before), await question()],
          Promise.resolve([]),
        );
    return {
      mine,
      theirs,
      integration,
      link,
      found: { model, threat, run, conflict, delivery, op, written },
      answers,
    };
  };

  describe('a tenant’s repositories', () => {
    it('find nothing of another tenant', async () => {
      const { mine, theirs, answers } = await begin();
      const own = await mine.transact(answers);
      const foreign = await theirs.transact(answers);
      const nothing = ['null', '[]', '0', '{}', '{"items":[]}', undefined];
      const empty = { states: {}, conflicts: 0, needsAnswer: 0, held: 0, failing: 0, pending: 0 };
      for (const [index, answer] of foreign.entries()) {
        const text = answer instanceof Set ? JSON.stringify([...answer]) : JSON.stringify(answer);
        if (typeof answer === 'object' && answer !== null && 'needsAnswer' in answer)
          assert.deepEqual(answer, { ...answer, ...empty });
        else assert.ok(nothing.includes(text), `question ${index} answered ${text}`);
        assert.notDeepEqual(own[index], answer, `question ${index} finds nothing at home either`);
      }
    });

    it('change nothing of another tenant', async () => {
      const { mine, theirs, integration, link, found, answers } = await begin();
      const { id } = integration;
      const { model, threat, run, conflict, delivery, op, written } = found;
      const before = await mine.transact(answers);
      const silent: ((tx: Tx) => Promise<unknown>)[] = [
        (tx) => tx.integrations.note(id, { cursor: 'x' }),
        (tx) => tx.integrations.seal(id, { credentials: 'x' }),
        (tx) => tx.integrations.claimRenewal(id, 60_000),
        (tx) => tx.integrations.schedule(id, at(0)),
        (tx) => tx.integrations.wake(id),
        (tx) => tx.models.remove(model.id),
        (tx) => tx.threats.update({ ...threat, title: 'x' }),
        (tx) => tx.links.update({ ...link, failures: 9 }),
        (tx) => tx.ops.update({ ...op, state: 'done' }),
        (tx) => tx.dirty.mark(id, [{ linkId: link.id, reason: 'sweep' }]),
        (tx) => tx.dirty.clear(id, [{ linkId: link.id, generation: 1 }]),
        (tx) => tx.dirty.defer(id, link.id, at(99)),
        (tx) => tx.deliveries.conclude(delivery.id, 'failed', at(0)),
        (tx) => tx.runs.update({ ...run, state: 'failed' }),
        (tx) => tx.changes.markUndone([written.id], run.id),
        (tx) => tx.comments.replace(link.id, []),
        (tx) => tx.idempotency.forget('key'),
        (tx) => tx.idempotency.finish('key', { status: 1, body: '', headers: {} }),
      ];
      for (const change of silent) await theirs.transact((tx) => change(tx));
      const stale: ((tx: Tx) => Promise<unknown>)[] = [
        (tx) => tx.integrations.update(integration),
        (tx) => tx.models.update(aModel({ id: model.id })),
      ];
      for (const change of stale)
        await assert.rejects(
          theirs.transact((tx) => change(tx)),
          codeIs('stale-version'),
        );
      const refused: ((tx: Tx) => Promise<unknown>)[] = [
        (tx) => tx.ops.insert(anOp(link)),
        (tx) => tx.conflicts.save({ ...conflict, state: 'resolved' }),
        (tx) => tx.runs.addItems([{ runId: run.id, outcome: 'failed', fields: [], at: at(0) }]),
      ];
      for (const change of refused) await assert.rejects(theirs.transact((tx) => change(tx)));
      assert.deepEqual(await mine.transact(answers), before);
      assert.deepEqual(await mine.transact((tx) => tx.idempotency.begin('key', 'hash', at(0))), {
        kind: 'busy',
      });
    });

    it('have numbers, candidates and tombstones of their own', async () => {
      const { theirs, integration } = await begin();
      const own = await settle(given().store, theirs.tenantId);
      await theirs.transact(async (tx) => {
        assert.deepEqual(await tx.threats.candidates(own.id, aFilter(), 0, 9), []);
        assert.deepEqual(await tx.links.tombstones(integration.id), []);
        assert.deepEqual(await tx.integrations.ofProject('github.com', 'R_1'), []);
      });
    });
  });
}
