import { setTimeout as sleep } from 'node:timers/promises';
import type { GithubSimulator, SeenRequest } from '../../simulators/github/index.ts';

/** When a service is killed, as somebody outside can tell. */
export const MOMENTS = [
  'at any time',
  'while it starts',
  'before a create is done',
  'after a create, without its answer',
  'after the answer to a create',
  'before a change is done',
  'after a change, without its answer',
  'after the answer to a change',
  'while it reads',
  'while a delivery comes in',
  'while a person saves',
] as const;
export type Moment = (typeof MOMENTS)[number];

const PATIENCE_MS = 8_000;

interface Sight {
  match: (request: SeenRequest) => boolean;
  when: 'before' | 'after';
  /** The answer goes out, and the kill comes a moment later. */
  answered: boolean;
}

const isCreate = ({ method, path }: SeenRequest): boolean => method === 'POST' && path.endsWith('/issues');
const isChange = ({ method, path }: SeenRequest): boolean =>
  method === 'PATCH' || (method !== 'GET' && /\/issues\/\d+\//.test(path));
const isRead = ({ method, path }: SeenRequest): boolean => method === 'GET' || path === '/graphql';

const SIGHTS: Partial<Record<Moment, Sight>> = {
  'before a create is done': { match: isCreate, when: 'before', answered: false },
  'after a create, without its answer': { match: isCreate, when: 'after', answered: false },
  'after the answer to a create': { match: isCreate, when: 'after', answered: true },
  'before a change is done': { match: isChange, when: 'before', answered: false },
  'after a change, without its answer': { match: isChange, when: 'after', answered: false },
  'after the answer to a change': { match: isChange, when: 'after', answered: true },
  'while it reads': { match: isRead, when: 'before', answered: false },
};

/** Whether it needs something to be created, or changed, for its time to come. */
export function wants(moment: Moment): 'create' | 'change' | undefined {
  if (moment.includes('create')) return 'create';
  return moment.includes('change') || moment === 'while it reads' ? 'change' : undefined;
}

/**
 * Kills at a request that GitHub gets: the n-th from now on. `kill` is called while GitHub has it in hand. False: no such
 * request came in time, and nobody was killed.
 */
export async function killAt(
  github: GithubSimulator,
  moment: Moment,
  nth: number,
  kill: () => Promise<void>,
  chance: () => number,
): Promise<boolean> {
  const sight = SIGHTS[moment];
  if (sight === undefined) return false;
  const killed = Promise.withResolvers<void>();
  let seen = 0;
  const rule = github.knobs.next({
    when: sight.when,
    answer: 'reset',
    times: Infinity,
    match(request) {
      if (!sight.match(request)) return false;
      seen += 1;
      if (seen !== nth) return false;
      if (sight.answered)
        void sleep(chance() * 10)
          .then(kill)
          .then(killed.resolve, killed.reject);
      else void kill().then(killed.resolve, killed.reject);
      return !sight.answered;
    },
  });
  const late = Symbol('late');
  const patience = new AbortController();
  const end = await Promise.race([
    killed.promise,
    sleep(PATIENCE_MS, late, { signal: patience.signal }).catch(() => undefined),
  ]);
  rule.cancel();
  patience.abort();
  if (end !== late || seen < nth) return end !== late;
  await killed.promise;
  return true;
}
