import { isOpen, type Mitigation, type MitigationStatus, type Status } from './threat.ts';

const STARTED: ReadonlySet<MitigationStatus> = new Set(['in-progress', 'done', 'verified']);

/**
 * What mitigations come to together. Those that were rejected do not count; where the others are all done (with the gate:
 * verified) the threat is mitigated, and where some were begun it is being mitigated.
 */
export function rollUp(
  mitigations: readonly Pick<Mitigation, 'status'>[],
  gate: boolean,
): 'identified' | 'mitigating' | 'mitigated' {
  const required = mitigations.filter(({ status }) => status !== 'rejected');
  const isFinished = ({ status }: Pick<Mitigation, 'status'>): boolean =>
    status === 'verified' || (status === 'done' && !gate);
  if (required.length > 0 && required.every(isFinished)) return 'mitigated';
  return required.some(({ status }) => STARTED.has(status)) ? 'mitigating' : 'identified';
}

/**
 * The threat's status after its mitigations have changed: another one only where what they come to is another. Decisions
 * about the risk stay, and what was called mitigated while there was work left stays so until its mitigations once were.
 */
export function rolledUp(
  status: Status,
  before: readonly Pick<Mitigation, 'status'>[],
  after: readonly Pick<Mitigation, 'status'>[],
  gate: boolean,
): Status {
  const [was, is] = [rollUp(before, gate), rollUp(after, gate)];
  if (was === is) return status;
  if (status === 'mitigated') return was === 'mitigated' ? is : status;
  if (!isOpen(status)) return status;
  // Nothing was begun: how far the looking at the threat has come is for people to say.
  return is === 'identified' && status !== 'mitigating' ? status : is;
}
