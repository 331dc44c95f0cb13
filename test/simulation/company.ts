import type { Caller, IntegrationStatus } from '../../src/sync/use-cases.ts';
import type { Dice } from './dice.ts';
import { dragonFile } from './files.ts';
import { CALM } from './network.ts';
import { newPeople } from './people.ts';
import type { Tracker } from './profiles/profile.ts';
import { SELDOM_MS } from './rare-trouble.ts';
import { isProcessAct } from './script.ts';
import { judgeUnswept } from './oracles.ts';
import type { TimedAct } from './script.ts';
import { newStaff } from './staff.ts';
import { violated } from './stage.ts';
import type { End, Stage, Team } from './stage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** After the last fault, everything has to be as it shall be within this time. */
const QUIET_MS = 8 * HOUR_MS;

/** Service and people together: they begin, live through trouble, come to rest, and are looked at. */
export interface Company {
  /** Models, integrations and processes; nothing goes wrong yet. */
  found(): Promise<void>;
  troubleBegins(): void;
  perform(act: TimedAct): void;
  /** Nothing was written beside another installation's issues until now; a person says that both may. */
  allowOthers(): Promise<void>;
  /** Nothing goes wrong any more; now and then somebody looks after what waits for a person. */
  calm(): Promise<void>;
  end(): Promise<End>;
  close(): Promise<void>;
}

export function newCompany(stage: Stage, tracker: Tracker, dice: Dice): Company {
  const { script, time, network, store } = stage;
  const staff = newStaff(stage, dice);
  const people = newPeople(stage, staff.front);
  /** What puts the database back, once its backup was made. */
  const backups = new Map<TimedAct, () => void>();

  network.onChange = (authorization) => {
    for (const team of stage.teams) {
      const before = team.seen;
      people.look(team, 'engine');
      const changed = JSON.stringify(before) !== JSON.stringify(team.seen);
      if (changed && !authorization.includes(team.project.secret))
        stage.violations.push({ invariant: 'I8', detail: `a call of another tenant changed ${team.index}` });
    }
  };

  return {
    found,
    troubleBegins,
    perform(act) {
      if (isProcessAct(act)) staff.strike(act);
      else if (act.kind === 'put-back') backups.get(act)?.();
      else people.perform(act);
    },
    allowOthers,
    calm,
    end,
    close: () => staff.close(),
  };

  async function found(): Promise<void> {
    for (const [index, wish] of script.teams.entries()) {
      const caller: Caller = { tenantId: `tenant-${index}`, actor: 'ann' };
      const project = tracker.addProject(`team${index}`);
      const { model } = await settle(
        staff.front.models.import(caller, {
          bytes: dragonFile(`model-${index}`, wish.threats),
          asNew: true,
        }),
      );
      const integration = await settle(
        staff.front.integrations.create(caller, {
          name: `team ${index}`,
          ...project.settings,
          mapping: { policies: wish.policies },
          syncIntervalMinutes: script.webhooksAlone === true ? null : 15,
        }),
      );
      stage.teams.push({
        index,
        caller,
        modelId: model.id,
        integrationId: integration.id,
        project,
        threats: wish.threats,
        copies: new Set(),
        removed: new Set(),
        written: [],
        inside: [],
        seen: [],
        asked: [],
        disabled: [],
      });
    }
    for (let count = 0; count < script.replicas; count += 1) staff.hire();
    await time.run(time.now() + MINUTE_MS);
  }

  /** Lets time pass until it is done. */
  async function settle<T>(promise: Promise<T>): Promise<T> {
    let isDone = false;
    const marked = promise.finally(() => (isDone = true));
    marked.catch(() => undefined);
    await time.run(time.now() + HOUR_MS, () => isDone);
    if (!isDone) throw new Error('it did not come to an end within an hour');
    return marked;
  }

  function troubleBegins(): void {
    staff.mortal(true);
    network.faults = script.faults;
    Object.assign(tracker.webhooks, script.webhooks);
    for (const team of stage.teams) people.ask(team, { full: false });
    for (const act of script.acts)
      if (act.kind === 'put-back') time.after(Math.max(0, act.at - act.agoMs), () => backUp(act));
  }

  async function allowOthers(): Promise<void> {
    for (const team of stage.teams) {
      const { caller, integrationId, project } = team;
      const { bound } = await settle(staff.front.integrations.get(caller, integrationId));
      if (bound?.others === undefined) continue;
      if (project.issues().length > 0)
        violated(stage, 'I1', `team ${team.index} wrote beside another installation before anybody said yes`);
      await settle(staff.front.integrations.change(caller, integrationId, { allowOtherInstallation: true }));
      people.ask(team, { full: false });
    }
  }

  /** A service is stopped while its database is put back; deliveries that came since the backup are gone with it. */
  function backUp(act: TimedAct): void {
    const putBack = store.backUp();
    const to = time.now();
    const { accepted } = stage;
    backups.set(act, () => {
      staff.stopAll();
      putBack();
      stage.putBack = { at: time.now(), to };
      stage.accepted = accepted;
    });
  }

  /** Nothing goes wrong any more; now and then somebody looks after what waits for a person. */
  async function calm(): Promise<void> {
    staff.mortal(false);
    network.faults = CALM;
    Object.assign(tracker.webhooks, { lose: 0, repeat: 0, shuffle: false, delayMs: 0 });
    for (const team of stage.teams) {
      team.project.allow(true);
      await settle(people.enable(team, true));
    }
    const until = time.now() + QUIET_MS;
    while (time.now() < until) {
      await time.run(time.now() + HOUR_MS);
      tracker.tick();
      for (const team of stage.teams) await settle(lookAfter(team));
    }
  }

  /** Says yes to what was held back, gives credentials anew, tries again what was set aside. */
  async function lookAfter(team: Team): Promise<void> {
    const { caller, integrationId, project } = team;
    const status = await staff.front.integrations.status(caller, integrationId);
    if (status.state === 'reconnect-needed')
      await staff.front.integrations.change(caller, integrationId, {
        credentials: project.settings.credentials,
      });
    if (status.health === 'healthy') return;
    if (!confirm(team, status)) {
      people.ask(team, { full: true });
      await time.sleep(2 * MINUTE_MS);
      confirm(team, await staff.front.integrations.status(caller, integrationId));
    }
  }

  /** False: no run waits for a yes. */
  function confirm(team: Team, { lastRun }: Pick<IntegrationStatus, 'lastRun'>): boolean {
    const planId = lastRun?.state === 'needs-confirmation' ? lastRun.planId : undefined;
    if (planId !== undefined) people.ask(team, { planId });
    return planId !== undefined;
  }

  async function end(): Promise<End> {
    const teams = [];
    for (const team of stage.teams) {
      const { caller, integrationId, modelId } = team;
      const tenant = store.tenant(caller.tenantId);
      const present = () =>
        tenant.transact(async (tx) => ({
          links: (await tx.links.list({ integrationId, limit: 200 })).items,
          threats: await tx.threats.ofModel(modelId),
        }));
      if (script.sweepMs >= SELDOM_MS) judgeUnswept(stage, { team, ...(await settle(present())) });
      await settle(syncNow(team));
      const from = network.passages.length;
      await settle(syncNow(team));
      const integration = await settle(staff.front.integrations.get(caller, integrationId));
      const status = await settle(staff.front.integrations.status(caller, integrationId));
      teams.push({
        team,
        integration,
        summary: status.summary,
        extraWrites: network.passages.slice(from).filter(({ reads }) => !reads),
        ...(await settle(present())),
        ...(await settle(
          tenant.transact(async (tx) => ({
            conflicts: (await tx.conflicts.list({ limit: 200 })).items,
            openDeliveries: (await tx.deliveries.unprocessed(integrationId, 1000)).length,
            deliveries: (await tx.deliveries.list({ integrationId, limit: 1000 })).items.length,
          })),
        )),
      });
    }
    return { teams };
  }

  async function syncNow(team: Team): Promise<void> {
    const run = await staff.front.sync.start(team.caller, team.integrationId, { full: true });
    await staff.front.sync.wait(team.caller, run.id, HOUR_MS / 2);
    await time.sleep(MINUTE_MS);
  }
}
