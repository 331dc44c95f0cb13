import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import type { GraphQLNamedType, GraphQLSchema } from 'graphql';
import { SCHEMA } from '../../simulators/github/graphql-schema.ts';
import { sharedFolder } from '../shared.ts';

const folder = sharedFolder();
const skip = folder === undefined ? 'needs the folder shared/specs beside the checkout' : false;

/** GitHub has these, too; only the copy of its schema that the test reads is cut down. */
const CUT_FROM_THE_COPY = [
  'Bot',
  'Organization is a Actor',
  'Organization.avatarUrl(size: Int): URI!',
  'PullRequest',
  'Repository.visibility: RepositoryVisibility!',
  'RepositoryVisibility',
];

const PART_OF_A_CUT_TYPE =
  /^(?:Bot|PullRequest|RepositoryVisibility)[. ]|^(?:Issue\.timelineItems|IssueTimelineItems\w*|(Closed|RenamedTitle|Reopened)Event)(?:[. (]|$)/;

/** Every type, field with its arguments, and value of a schema, one line each. */
function linesOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => [type.name, ...partsOf(type)]);
}

function partsOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map(
      (field) => `${type.name}.${field.name}: ${String(field.type)}`,
    );
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  const interfaces = type.getInterfaces().map((each) => `${type.name} is a ${each.name}`);
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const place = `${type.name}.${field.name}`;
    const args = field.args.map((argument) => `${argument.name}: ${String(argument.type)}`);
    const shown = args.length === 0 ? '' : `(${args.join(', ')})`;
    return [`${place}${shown}: ${String(field.type)}`];
  });
  return [...interfaces, ...fields];
}

/** Fields may leave arguments out, so lines are compared without them, and the arguments one by one. */
function argumentsOf(line: string): { bare: string; args: string[] } {
  const inner = /\(([^)]*)\)/.exec(line)?.[1];
  return { bare: line.replace(/\([^)]*\)/, ''), args: inner === undefined ? [] : inner.split(', ') };
}

describe("the simulator's GraphQL schema", { skip }, () => {
  it("is a part of GitHub's", () => {
    const text = readFileSync(join(folder ?? '', 'specs', 'github.schema.graphql'), 'utf8');
    const theirs = new Map(
      linesOf(buildSchema(text)).map((line) => [argumentsOf(line).bare, argumentsOf(line).args]),
    );
    const strange = linesOf(buildSchema(SCHEMA)).filter((line) => {
      const { bare, args } = argumentsOf(line);
      return !(theirs.has(bare) && args.every((argument) => theirs.get(bare)?.includes(argument)));
    });
    assert.deepEqual(strange.filter((line) => !PART_OF_A_CUT_TYPE.test(line)).toSorted(), CUT_FROM_THE_COPY);
  });
});
