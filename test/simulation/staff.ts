import { chanceOf } from './dice.ts';
import type { Dice } from './dice.ts';
import { Life } from './life.ts';
import { judgeGone } from './oracles-gone.ts';
import { sharedBus, startReplica } from './replica.ts';
import type { Replica, Surroundings } from './replica.ts';
import type { ProcessAct } from './script.ts';
import type { Stage } from './stage.ts';

const MINUTE_MS = 60_000;
/** A tracker waits for so long for the answer to a webhook. */
const HOOK_TIMEOUT_MS = 10_000;
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The processes of the service, and what befalls them. */
export interface Staff {
  /** Where people are let in: it does not die, so that we know what they have done. */
  front: Replica;
  hire(): void;
  /** From now on, or no longer, processes die as the script says. */
  mortal(isMortal: boolean): void;
  strike(act: ProcessAct): void;
  /** All but the front end; others take their place. */
  stopAll(): void;
  /** All end, whatever they are at. */
  close(): Promise<void>;
}

export function newStaff(stage: Stage, dice: Dice): Staff {
  const { script, time, network, store, history } = stage;
  let isMortal = false;
  /** How long the next processes that tell a write will stand still. */
  const stalls: number[] = [];
  const around: Surroundings = {
    store,
    wireOf: (name) => network.wireOf(name),
    clock: time.clock(() => script.skewMs),
    chance: chanceOf(dice.fork('ids')),
    log: LOG,
    bus: sharedBus(LOG),
    publicUrl: stage.publicUrl,
    sweepMs: script.sweepMs,
    pollMs: stage.pollMs,
    watch: (tx, life) => ({
      ...tx,
      links: {
        ...tx.links,
        insert(link, host) {
          stage.linkIds.add(link.id);
          return tx.links.insert(link, host);
        },
        async update(link) {
          const isStored = await tx.links.update(link);
          if (isStored && link.state === 'issue-gone') judgeGone(stage, link);
          return isStored;
        },
      },
      ops: {
        ...tx.ops,
        async insert(op) {
          await tx.ops.insert(op);
          const forMs = stalls.shift();
          if (forMs !== undefined) life.freeze(time.sleep(forMs));
        },
      },
      threats: {
        ...tx.threats,
        async update(threat) {
          const before = await tx.threats.get(threat.id);
          const stored = await tx.threats.update(threat);
          const team = stage.teams.findIndex(({ modelId }) => modelId === threat.modelId);
          if (!stored || life.name === 'front' || before === undefined) return stored;
          const add = (field: 'status' | 'title', value: string): void =>
            history.add({ at: time.now(), team, side: 'threat', of: threat.id, field, value, by: 'engine' });
          if (before.status !== threat.status) add('status', threat.status);
          if (before.title !== threat.title) add('title', threat.title);
          return stored;
        },
      },
    }),
  };
  /** Where people are let in: it does not die, so that we know what they have done. */
  const front = startReplica(new Life('front', dice.fork('front')), around, { works: false });
  const replicas: Replica[] = [];
  let born = 0;
  let door = hang();

  /** Where webhooks are let in. It may die between its promise and anything else. */
  function hang(): Replica {
    born += 1;
    const life = new Life(`door-${born}`, dice.fork(`life-${born}`));
    life.mortality = isMortal ? script.mortality : 0;
    life.onDeath = () => {
      door = hang();
    };
    return startReplica(life, around, { works: false });
  }

  function bear(): void {
    born += 1;
    const life = new Life(`worker-${born}`, dice.fork(`life-${born}`));
    life.mortality = isMortal ? script.mortality : 0;
    life.onDeath = () => {
      time.after(dice.between(1_000, 3 * MINUTE_MS), bear);
    };
    replicas.push(startReplica(life, around, { works: true }));
  }

  network.receive = async (url, headers, body) => {
    const [, provider = '', integrationId = ''] = /\/webhooks\/([^/]+)\/([^/]+)$/.exec(url) ?? [];
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    try {
      const verdict = await orGone(
        door.webhooks.receive(provider, integrationId, {
          method: 'POST',
          url,
          headers: Object.fromEntries(lower),
          body: Buffer.from(body),
        }),
      );
      if (verdict === undefined) return 0;
      if (verdict !== 'duplicate') stage.accepted += 1;
      return 202;
    } catch {
      return 401;
    }
  };

  /** Undefined when no answer comes in the time that trackers wait. */
  function orGone<T>(answer: Promise<T>): Promise<T | undefined> {
    return Promise.race([answer, time.sleep(HOOK_TIMEOUT_MS).then(() => undefined)]);
  }

  function pickAlive(): Replica | undefined {
    const alive = [...replicas, door].filter(({ life }) => !life.isDead);
    return alive.length === 0 ? undefined : dice.pick(alive);
  }

  return {
    front,
    hire: bear,
    mortal(now) {
      isMortal = now;
      stalls.length = 0;
      network.stalls.length = 0;
      for (const { life } of [...replicas, door]) life.mortality = now ? script.mortality : 0;
    },
    strike(act) {
      if (act.kind === 'stall') {
        stalls.push(act.forMs);
        return;
      }
      if (act.kind === 'stall-sending') {
        network.stalls.push(act.forMs);
        return;
      }
      const life = pickAlive()?.life;
      if (life === undefined) return;
      switch (act.kind) {
        case 'crash':
          life.die();
          return;
        case 'freeze':
          life.freeze(time.sleep(act.forMs));
          return;
        case 'clock-jump':
          life.aheadMs += act.byMs;
          stage.jumps.push({ of: life.name, at: time.now() });
      }
    },
    stopAll() {
      for (const { life } of [...replicas, door]) life.die();
    },
    async close() {
      for (const replica of [front, door, ...replicas]) {
        replica.life.onDeath = () => undefined;
        replica.life.die();
        await replica.close();
      }
    },
  };
}
