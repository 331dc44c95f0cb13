import { moment } from './moment.ts';
import type { Fact, Situation } from './situation.ts';

/** An import of the threat's model that waits for a yes: until then the threat is as its model was before. */
export function importFacts({ heldImport }: Situation): Fact[] {
  if (heldImport === undefined) return [];
  const { at, id, reason } = heldImport;
  return [
    {
      about: 'model',
      sentence: `An import of its threat model waits for a yes since ${moment(at)}: ${reason}.`,
      todo: `POST /api/held-imports/${id}/confirmation, or DELETE /api/held-imports/${id}.`,
      means: 'waits-for-person',
    },
  ];
}
