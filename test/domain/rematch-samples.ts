import { adopt } from '../../src/domain/reimport.ts';
import type { SourceThreat, Threat } from '../../src/domain/threat.ts';

/** A threat as a file shows it; name only what the test is about. */
export function incoming(given: Partial<SourceThreat> & { key: string }): SourceThreat {
  return {
    title: `Threat ${given.key}`,
    description: 'Somebody does something.',
    status: 'identified',
    severity: 'high',
    category: { taxonomy: 'STRIDE', values: ['Tampering'] },
    element: { id: 'cell-1', name: 'Payments API', kind: 'process' },
    mitigations: [],
    references: [],
    tags: [],
    raw: { status: 'Open', severity: 'High' },
    ...given,
  };
}

/** The same threat as we keep it since an earlier import. */
export function known(given: Partial<SourceThreat> & { key: string }, kept: Partial<Threat> = {}): Threat {
  const threat = adopt(
    incoming(given),
    { id: `id-of-${given.key}`, modelId: 'model' },
    '2026-01-01T00:00:00.000Z',
  );
  return { ...threat, number: 1, version: 1, ...kept };
}

/** A threat as a file shows it where a copy repeats its id. */
export function copyOf(id: string, cell: string, more: Partial<SourceThreat> = {}): SourceThreat {
  const key = `${id}#${cell}#0`;
  const element = { id: cell, name: `Element ${cell}`, kind: 'process' };
  return incoming({ title: `Threat ${id}`, element, ...more, key, copy: { id, key } });
}
