import type { Parts } from './parts.ts';
import type { LeaseKeeper } from './work.ts';

/**
 * The house for one piece of work: right before a call that may change something, the claim is made sure of. A tracker knows no
 * fencing token, and a process that stood still for minutes does not know that another one has taken over. Throws `lease-lost`.
 */
export function whileLeased(parts: Parts, lease: LeaseKeeper): Parts {
  const { outbound } = parts;
  const beforeWrite = (): Promise<void> => lease.ensure();
  return {
    ...parts,
    outbound: {
      ...outbound,
      open: (endpoint, context) => outbound.open(endpoint, { ...context, beforeWrite }),
    },
  };
}
