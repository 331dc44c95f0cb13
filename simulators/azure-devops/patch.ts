import type { Draft } from './draft.ts';
import { fieldOf } from './draft.ts';
import { invalidProperty, refuse } from './answers.ts';
import { asText } from './as-text.ts';
import type { Switchboard } from './knobs.ts';
import { addRelation, removeRelation } from './relations.ts';
import { isFields } from './request.ts';
import type { Fields } from './request.ts';
import { removeField, setField } from './set-field.ts';
import type { State } from './state.ts';
import { isAccount } from './state.ts';

/** What a patch may not do here. */
export interface PatchRules {
  state: State;
  knobs: Switchboard;
  /** Whether long texts may become Markdown: on the Services only. */
  markdown: boolean;
}

interface Operation {
  op: string;
  path: string;
  value: unknown;
}

/** Does a JSON Patch document on a draft: all of it, or it throws. */
export function applyPatch(rules: PatchRules, draft: Draft, document: unknown): void {
  const operations = parsed(document);
  chooseFormats(rules, draft, operations);
  for (const operation of operations) apply(rules, draft, operation);
}

function parsed(document: unknown): Operation[] {
  const invalid = 'You must pass a valid patch document in the body of the request.';
  if (!Array.isArray(document) || document.length === 0) throw invalidProperty(invalid);
  return document.map((each: unknown) => {
    if (!isFields(each) || typeof each['op'] !== 'string' || typeof each['path'] !== 'string')
      throw invalidProperty(invalid);
    return { op: each['op'].toLowerCase(), path: each['path'], value: each['value'] };
  });
}

/** A field's format is taken first, wherever it stands, and only together with a value of that field. */
function chooseFormats(rules: PatchRules, draft: Draft, operations: readonly Operation[]): void {
  for (const { path, value, op } of operations) {
    const name = /^\/multilineFieldsFormat\/(.+)$/i.exec(path)?.[1];
    if (name === undefined) continue;
    if (!rules.markdown) throw invalidProperty(`The path ${path} is not supported by this server.`);
    const field = fieldOf(draft.project, name);
    const format = asText(value).toLowerCase();
    if (op === 'remove' || (format !== 'markdown' && format !== 'html'))
      throw invalidProperty(`The format ${asText(value)} of ${name} is neither Markdown nor Html.`);
    const hasValue = operations.some(
      (each) => each.path.toLowerCase() === `/fields/${name}`.toLowerCase() && each.op !== 'remove',
    );
    if (!hasValue)
      throw invalidProperty(`The format of ${name} cannot change without a new value of the field.`);
    if (format === 'html' && draft.formats.get(field.referenceName) === 'markdown')
      throw invalidProperty(`The format of ${name} cannot go back from Markdown to Html.`);
    draft.formats.set(field.referenceName, format);
  }
}

function apply({ state, knobs }: PatchRules, draft: Draft, { op, path, value }: Operation): void {
  const [, root = '', ...rest] = path.split('/');
  const name = rest.join('/');
  if (op === 'test') {
    test(knobs, draft, path, value);
    return;
  }
  switch (root.toLowerCase()) {
    case 'fields':
      if (op === 'remove') removeField(draft, name);
      else if (op === 'add' || op === 'replace') setField(state, draft, name, value, op);
      else throw unsupported(op, path);
      return;
    case 'relations':
      relate(draft, op, rest, value);
      if (op === 'add' && isFull(draft, knobs.linkLimit)) throw tooManyLinks(knobs.linkLimit);
      return;
    case 'multilinefieldsformat':
    case 'id':
      return;
    default:
      throw unsupported(op, path);
  }
}

/** The work item, or the last that it was linked to, has all the links it may have. */
function isFull({ relations, project }: Draft, limit: number): boolean {
  const other = project.organization.items.get(relations.at(-1)?.target ?? 0);
  return relations.length > limit || (other?.relations.length ?? 0) >= limit;
}

function tooManyLinks(limit: number): ReturnType<typeof invalidProperty> {
  return invalidProperty(`A work item can have at most ${limit} links.`);
}

function relate(draft: Draft, op: string, [place = '', part]: readonly string[], value: unknown): void {
  const index = Number(place);
  if (op === 'add' && place === '-' && isFields(value)) {
    addRelation(draft, relationOf(value));
    return;
  }
  if (op === 'remove' && part === undefined && Number.isInteger(index)) {
    removeRelation(draft, index);
    return;
  }
  const known = draft.relations[index];
  if (part !== 'attributes' || known === undefined) throw unsupported(op, `/relations/${place}`);
  draft.relations[index] = {
    ...known,
    attributes: { ...known.attributes, ...(isFields(value) ? value : { comment: value }) },
  };
}

function relationOf(value: Fields): Parameters<typeof addRelation>[1] {
  const { rel, url, attributes } = value;
  if (typeof rel !== 'string' || typeof url !== 'string')
    throw invalidProperty('A relation needs a rel and a url.');
  return { rel, url, attributes: isFields(attributes) ? attributes : {} };
}

function test(knobs: Switchboard, draft: Draft, path: string, wanted: unknown): void {
  const name = /^\/fields\/(.+)$/i.exec(path)?.[1];
  const found =
    name === undefined ? draft.item?.rev : draft.fields.get(fieldOf(draft.project, name).referenceName);
  if (name === undefined && path.toLowerCase() !== '/rev') throw unsupported('test', path);
  const shown = isAccount(found) ? found.uniqueName : found;
  if (asText(shown) === asText(wanted)) return;
  throw refuse(
    knobs.staleStatus,
    knobs.staleStatus === 412 ? 'TestPatchOperationFailedException' : 'WorkItemRevisionMismatchException',
    `VS403351: Test Operation for path ${path} failed, value ${asText(shown)} was not equal to test value ${asText(wanted)}.`,
  );
}

function unsupported(op: string, path: string): ReturnType<typeof invalidProperty> {
  return invalidProperty(`The operation ${op} is not supported for the path ${path}.`);
}
