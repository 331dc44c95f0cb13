import { createHash } from 'node:crypto';
import type { Dispatcher } from 'undici';
import type { TlsTrust } from '../ports/tracker.ts';
import { guardedAgent, type Timeouts } from './connector.ts';
import type { NetworkPolicy } from './guard.ts';

/** More different authorities and client certificates than these are not kept connected. */
const MANY_AGENTS = 200;

/** Connections are shared by those who trust the same and prove themselves the same, and by nobody else. */
export interface Agents {
  for(trust: TlsTrust | undefined): Dispatcher;
  close(): Promise<void>;
}

export function openAgents(policy: NetworkPolicy, timeouts: Timeouts): Agents {
  const agents = new Map<string, Dispatcher>();

  /** Who has waited longest for another call goes first; calls under way are finished. */
  function forgetOldest(): void {
    const [oldest] = agents;
    if (oldest === undefined) return;
    agents.delete(oldest[0]);
    void oldest[1].close();
  }

  return {
    for(trust) {
      const key = keyOf(trust);
      const agent = agents.get(key) ?? guardedAgent(policy, timeouts, trust);
      agents.delete(key);
      agents.set(key, agent);
      if (agents.size > MANY_AGENTS) forgetOldest();
      return agent;
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

function keyOf({ ca, client }: TlsTrust = {}): string {
  const parts = [ca ?? null, client?.certificate ?? null, client?.key.reveal() ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
