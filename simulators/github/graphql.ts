import type { GraphQLError } from 'graphql';
import { buildSchema, graphql } from 'graphql';
import type { Caller } from './accounts.ts';
import { canRead } from './accounts.ts';
import type { Answer } from '../shared/answers.ts';
import { refuse } from './answers.ts';
import { failure } from './graphql-connection.ts';
import { accountNode, commentNode, issueNode, labelNode, repositoryNode } from './graphql-nodes.ts';
import { SCHEMA } from './graphql-schema.ts';
import { findRenamed, findRepository } from './repository-acts.ts';
import type { Fields } from './request.ts';
import { isFields } from './request.ts';
import type { Repository, State } from './state.ts';
import { isoSeconds } from './state.ts';

interface GraphqlContext {
  state: State;
  caller: Caller;
  budget: () => { limit: number; used: number; remaining: number; reset: number };
}

const schema = buildSchema(SCHEMA);
const IDS_LIMIT = 100;

/** Runs a query. Whatever is wrong with it, the status is 200 and the body says so, as on GitHub. */
export async function respondToGraphql(context: GraphqlContext, body: Fields): Promise<Answer> {
  const { query, variables, operationName } = body;
  if (typeof query !== 'string')
    throw refuse(400, 'A query attribute must be specified and must be a string.');
  const result = await graphql({
    schema,
    source: query,
    rootValue: root(context),
    variableValues: isFields(variables) ? { ...variables } : {},
    ...(typeof operationName === 'string' ? { operationName } : {}),
  });
  const errors = result.errors?.map(errorShape);
  return {
    status: 200,
    json: {
      ...(result.data === undefined ? {} : { data: result.data }),
      ...(errors === undefined ? {} : { errors }),
    },
  };
}

function root({ state, caller, budget }: GraphqlContext): Fields {
  const viewer = caller.account;
  return {
    viewer: () => (viewer === undefined ? undefined : accountNode(state, viewer)),
    rateLimit: () => {
      const { limit, used, remaining, reset } = budget();
      return { cost: 1, nodeCount: 0, limit, used, remaining, resetAt: isoSeconds(new Date(reset * 1000)) };
    },
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const found = findRepository(state, owner, name) ?? findRenamed(state, owner, name);
      if (found !== undefined && canRead(caller, found)) return repositoryNode(state, caller, found);
      throw failure('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    },
    node: ({ id }: { id: string }) => nodeOf(state, caller, id) ?? noNode(id),
    nodes: ({ ids }: { ids: readonly string[] }) => {
      if (ids.length > IDS_LIMIT)
        throw failure(
          'ARGUMENT_LIMIT',
          `You may not provide more than ${IDS_LIMIT} node ids; you provided ${ids.length}.`,
        );
      return ids.map((id) => nodeOf(state, caller, id) ?? noNode(id));
    },
  };
}

function noNode(id: string): GraphQLError {
  return failure('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'.`);
}

/** Any object with that global id which the caller may see. */
function nodeOf(state: State, caller: Caller, id: string): Fields | undefined {
  for (const account of state.accounts.values())
    if (account.nodeId === id) return accountNode(state, account);
  for (const repository of state.repositories) {
    if (!canRead(caller, repository)) continue;
    const found = nodeIn(state, caller, repository, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nodeIn(state: State, caller: Caller, repository: Repository, id: string): Fields | undefined {
  if (repository.nodeId === id) return repositoryNode(state, caller, repository);
  const label = repository.labels.find((each) => each.nodeId === id);
  if (label !== undefined) return labelNode(state, repository, label);
  if (!repository.hasIssues) return undefined;
  for (const issue of repository.issues.values()) {
    if (issue.nodeId === id) return issueNode(state, caller, issue);
    const comment = issue.comments.find((each) => each.nodeId === id);
    if (comment !== undefined) return commentNode(state, caller, issue, comment);
  }
  return undefined;
}

/** GitHub writes `type` beside the message, not into `extensions`. */
function errorShape(error: GraphQLError): Fields {
  const type = error.extensions['type'];
  return {
    ...(typeof type === 'string' ? { type } : {}),
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    message: error.message,
  };
}
