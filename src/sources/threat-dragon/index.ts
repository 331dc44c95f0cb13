import { z } from 'zod';
import type { Warning } from '../../domain/threat.ts';
import type { FileFormat } from '../../ports/source.ts';
import { checked, pointerOf } from '../checked.ts';
import { title } from '../words.ts';
import { threatOf } from './convert.ts';
import { entriesOf } from './entries.ts';
import type { Entry } from './entries.ts';
import { patch } from './patch.ts';
import { DragonModel } from './wire.ts';

const Shape = z.object({
  version: z.union([z.string(), z.number()]).optional(),
  detail: z.object({ diagrams: z.array(z.record(z.string(), z.unknown())) }),
});

/** OWASP Threat Dragon, models of version 2. */
export const threatDragon: FileFormat = {
  id: 'threat-dragon-v2',
  title: 'OWASP Threat Dragon v2',
  detect(content) {
    const shape = Shape.safeParse(content);
    if (!shape.success || Number.parseInt(String(shape.data.version ?? 2), 10) > 2) return undefined;
    const { version, detail } = shape.data;
    if (detail.diagrams.some((each) => 'diagramJson' in each)) return undefined;
    if (detail.diagrams.some((each) => 'cells' in each)) return 'detail.diagrams with cells';
    return String(version ?? '').startsWith('2')
      ? `no diagram with cells yet, version ${version}`
      : undefined;
  },
  parse(content) {
    const model = checked(DragonModel, content, 'Threat Dragon model');
    const warnings: Warning[] = [];
    const entries = entriesOf(model);
    for (const entry of entries) warnOfIdentity(entry, warnings);
    return {
      format: 'threat-dragon-v2',
      name: title(model.summary.title) || 'Untitled threat model',
      threats: entries.map((entry) => threatOf(entry, (warning) => warnings.push(warning))),
      warnings,
    };
  },
  patch,
};

function warnOfIdentity({ id, copies, path }: Entry, warnings: Warning[]): void {
  const where = pointerOf(path);
  if (id === '')
    warnings.push({
      code: 'missing-id',
      where,
      message: 'This threat has no id; it is recognised by its element, title and type.',
    });
  if (copies > 1)
    warnings.push({
      code: 'duplicate-id',
      where,
      message: `The id ${id} occurs ${copies} times, as after copying an element; each copy is told apart by its element.`,
    });
}
