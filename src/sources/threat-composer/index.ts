import { z } from 'zod';
import type { Warning } from '../../domain/threat.ts';
import type { FileFormat } from '../../ports/source.ts';
import { checked } from '../checked.ts';
import { title } from '../words.ts';
import { entriesOf, mitigationsByThreat, threatOf } from './convert.ts';
import { patch } from './patch.ts';
import { ComposerModel } from './wire.ts';

const Shape = z.looseObject({ schema: z.literal(1) });

/** AWS Threat Composer, workspaces of schema 1. */
export const threatComposer: FileFormat = {
  id: 'threat-composer',
  title: 'AWS Threat Composer',
  detect(content) {
    const shape = Shape.safeParse(content);
    if (!shape.success) return undefined;
    const found = ['applicationInfo', 'threats', 'mitigations'].filter((each) => each in shape.data);
    return found.length === 0 ? undefined : `schema 1 with ${found.join(', ')}`;
  },
  parse(content) {
    const model = checked(ComposerModel, content, 'Threat Composer workspace');
    const warnings: Warning[] = [];
    const warn = (warning: Warning): void => void warnings.push(warning);
    const entries = entriesOf(model);
    for (const { id, copies, index } of entries)
      if (copies > 1)
        warn({
          code: 'duplicate-id',
          where: `/threats/${index}`,
          message: `The id ${id} occurs ${copies} times; the copies are told apart by their order.`,
        });
    const mitigations = mitigationsByThreat(model, warn);
    return {
      format: 'threat-composer',
      name: title(model.applicationInfo?.name) || 'Untitled threat model',
      threats: entries.map((entry) => threatOf(entry, mitigations.get(entry.id) ?? [], warn)),
      warnings,
    };
  },
  patch,
};
