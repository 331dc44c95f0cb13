import { invalidProperty, noSuchField, refuse } from '../answers.ts';
import { findField } from '../fields.ts';
import type { ApiRequest } from '../request.ts';
import { listOf, queryOf } from '../request.ts';
import type { ItemView } from '../shapes.ts';

const EXPAND = ['none', 'relations', 'fields', 'links', 'all'];

/** A value of an enumeration, given by its name in any case or by its number. */
export function choiceOf(name: string, choices: readonly string[], value: string): string {
  const choice = choices[Number(value)] ?? choices.find((each) => each === value.toLowerCase());
  if (choice !== undefined) return choice;
  throw invalidProperty(`The requested value '${value}' of ${name} was not found.`);
}

/** Which parts of work items were asked for. */
export function viewOf(
  request: ApiRequest,
  fields: readonly string[] | undefined = listOf(request, 'fields'),
  expand: string | undefined = queryOf(request, '$expand'),
): ItemView {
  const part = choiceOf('$expand', EXPAND, expand ?? 'none');
  if (fields !== undefined && part !== 'none' && part !== 'links')
    throw refuse(
      400,
      'ConflictingParametersException',
      'The expand parameter can not be used with the fields parameter.',
    );
  return {
    ...(fields === undefined ? {} : { fields: fields.map((name) => known(request, name)) }),
    relations: part === 'relations' || part === 'all',
    links: part === 'links' || part === 'all',
    formats: showsFormats(request),
  };
}

/** Markdown is told of by the Services only, and only to those who ask for 7.2. */
function showsFormats({ organization, version }: ApiRequest): boolean {
  return organization.kind === 'services' && version >= 7.2;
}

function known({ organization }: ApiRequest, name: string): string {
  const field = findField(organization.fields, name);
  if (field === undefined) throw noSuchField(name);
  return field.referenceName;
}
