import { mitigationsToDo } from '../domain/mitigations.ts';
import type { Threat } from '../domain/threat.ts';
import { plainText } from './values.ts';

/** The columns by which a threat is found whose mitigations are to be done. */
export function toDoOf(threat: Pick<Threat, 'mitigations'>): { to_do: string[]; to_do_shared: string[] } {
  const keys = Map.groupBy(mitigationsToDo(threat), ({ shared }) => shared);
  const keysOf = (shared: boolean): string[] => (keys.get(shared) ?? []).map(({ key }) => plainText(key));
  return { to_do: keysOf(false), to_do_shared: keysOf(true) };
}
