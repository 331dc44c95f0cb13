import { mayRead, needRole, needWrite, recycledOf } from '../access.ts';
import { invalidProperty, list, ok } from '../answers.ts';
import { destroy, restore } from '../item-acts.ts';
import { bodyOf, listOf, numberParam } from '../request.ts';
import { deletedShape } from '../shapes.ts';
import type { Route } from './route.ts';
import { route } from './route.ts';

export const recycleBinRoutes: readonly Route[] = [
  route('GET wit/recyclebin', 'vso.work', (request) => {
    const ids = listOf(request, 'ids')?.map(Number);
    if (ids !== undefined)
      return list(ids.map((id) => deletedShape(request.root, recycledOf(request, id), true)));
    const items = [...request.organization.items.values()].filter(
      ({ deleted, project }) =>
        deleted !== undefined &&
        mayRead(request, project) &&
        (request.project === undefined || request.project === project),
    );
    return list(
      items.map(({ id, project }) => ({
        id,
        url: `${request.root}/${project.id}/_apis/wit/recyclebin/${id}`,
      })),
    );
  }),
  route('GET wit/recyclebin/:id', 'vso.work', (request) =>
    ok(deletedShape(request.root, recycledOf(request, numberParam(request, 'id')), true)),
  ),
  route('PATCH wit/recyclebin/:id', 'vso.work_write', (request) => {
    const item = recycledOf(request, numberParam(request, 'id'));
    if (bodyOf(request)['isDeleted'] !== false) throw invalidProperty('isDeleted must be false.');
    needWrite(request, item.project, item.fields);
    const shape = deletedShape(request.root, item, true);
    restore(request.state, item, request.caller.account);
    return ok(shape);
  }),
  route('DELETE wit/recyclebin/:id', 'vso.work_write', (request) => {
    const item = recycledOf(request, numberParam(request, 'id'));
    needRole(request, item.project, 'administrator', 'Permanently delete work items');
    destroy(item);
    return { status: 204 };
  }),
];
