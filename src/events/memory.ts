/** The highest sequence of each tenant that this process knows to be published. */
export interface SequenceMemory {
  keep(tenantId: string, sequence: number): void;
  /** 0 = none. */
  of(tenantId: string): number;
}

export function sequenceMemory(): SequenceMemory {
  const highest = new Map<string, number>();
  const of = (tenantId: string): number => highest.get(tenantId) ?? 0;
  return {
    keep: (tenantId, sequence) => void highest.set(tenantId, Math.max(sequence, of(tenantId))),
    of,
  };
}
