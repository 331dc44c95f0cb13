import type { FastifyPluginAsyncZodOpenApi } from 'fastify-zod-openapi';
import { z } from 'zod';
import type { ConflictCases, ShownConflict } from '../../sync/conflicts.ts';
import { permit } from '../door.ts';
import { linkNext, pageOf, paging } from '../paging.ts';
import {
  conflictFilters,
  ConflictGroupsAnswer,
  GroupQuery,
  GroupResolution,
  Resolution,
  SettledAnswer,
  ShownConflictAnswer,
} from '../schemas/conflict.ts';
import { IdParams } from '../schemas/words.ts';

const ConflictQuery = z.strictObject({ ...paging, ...conflictFilters });

/** Disagreements that only a person can settle. */
export function conflictRoutes(conflicts: ConflictCases): FastifyPluginAsyncZodOpenApi {
  const tags = ['conflicts'];
  return async (app) => {
    app.get(
      '/conflicts',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listConflicts',
          summary: 'List conflicts',
          description: 'Those that wait, and with their losing values for ever those that were settled.',
          tags,
          querystring: ConflictQuery,
          response: { 200: pageOf(ShownConflictAnswer) },
        },
      },
      async (request, reply) => {
        const page = await conflicts.list(request.caller, request.query);
        return { ...linkNext(request, reply, page), items: page.items.map(shown) };
      },
    );

    app.get(
      '/conflicts/groups',
      {
        config: { role: 'viewer' },
        schema: {
          operationId: 'listConflictGroups',
          summary: 'Open conflicts by cause',
          tags,
          querystring: GroupQuery,
          response: { 200: ConflictGroupsAnswer },
        },
      },
      (request) =>
        conflicts
          .groups(request.caller, request.query)
          .then((groups) => ({ items: groups.map((group) => ({ ...group, sample: shown(group.sample) })) })),
    );

    app.post(
      '/conflicts/resolve',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'resolveConflicts',
          summary: 'Choose a side for a group',
          description:
            'At most 500 in one call. Each is settled only while both sides show what its record shows; the others are named.',
          tags,
          body: GroupResolution,
          response: { 200: SettledAnswer },
        },
      },
      (request) => {
        if (request.body.always === true) permit(request, 'admin');
        return conflicts.resolveMany(request.caller, request.body);
      },
    );

    app.post(
      '/conflicts/:id/resolution',
      {
        config: { role: 'operator' },
        schema: {
          operationId: 'resolveConflict',
          summary: 'Choose a side',
          tags,
          params: IdParams,
          body: Resolution,
          response: { 200: ShownConflictAnswer },
        },
      },
      (request) => conflicts.resolve(request.caller, request.params.id, request.body).then(shown),
    );
  };
}

/** What is not known is said. */
function shown({ changedBy, ...conflict }: ShownConflict): z.input<typeof ShownConflictAnswer> {
  const { issue, threat } = changedBy ?? {};
  return { ...conflict, changedBy: { threat: known(threat), issue: known(issue) } };
}

function known(change: NonNullable<ShownConflict['changedBy']>['threat']) {
  return change === undefined ? null : { ...change, by: change.by ?? null };
}
