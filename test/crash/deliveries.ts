import { setTimeout as sleep } from 'node:timers/promises';
import type { GithubSimulator } from '../../simulators/github/index.ts';
import type { Team } from './team.ts';

const LOOK_MS = 1000;

/** Which deliveries the service has said yes to: GUIDs by team. GitHub forgets all but the last thousand, so it looks often. */
export interface Ledger {
  acknowledged: ReadonlyMap<Team, ReadonlySet<string>>;
  /** Deliveries that nobody took. */
  missed(): number;
  /** Looks now, and answers how to forget what is acknowledged from here to the call: it went with the database. */
  mark(): () => void;
  close(): Promise<void>;
}

export function keepLedger(github: GithubSimulator, teams: readonly Team[]): Ledger {
  const acknowledged = new Map(teams.map((team) => [team, new Set<string>()]));
  const missed = new Set<string>();
  const gone = new Set<string>();
  const ending = new AbortController();
  function look(): void {
    for (const [team, guids] of acknowledged)
      for (const hook of github.world.hooks(team.place.owner, team.place.repo))
        for (const { guid, statusCode } of hook.deliveries)
          if (statusCode === 202 && !gone.has(guid)) guids.add(guid);
          else if (statusCode !== 202) missed.add(guid);
  }
  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      look();
      await sleep(LOOK_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }
  const watching = watch();
  return {
    acknowledged,
    missed: () => missed.size,
    mark() {
      look();
      const before = new Set([...acknowledged.values()].flatMap((guids) => [...guids]));
      return () => {
        look();
        for (const guids of acknowledged.values())
          for (const guid of guids)
            if (!before.has(guid)) {
              gone.add(guid);
              guids.delete(guid);
            }
      };
    },
    async close() {
      ending.abort();
      await watching;
      look();
    },
  };
}
