import { accountOf, needIssues, repositoryOf } from '../access.ts';
import { permissionOf, reaches } from '../accounts.ts';
import type { Answer } from '../../shared/answers.ts';
import { notFound, refuse } from '../answers.ts';
import { page } from '../paging.ts';
import { fullRepositoryShape } from '../repository-shape.ts';
import type { ApiRequest } from '../request.ts';
import { param } from '../request.ts';
import { accountShape, milestoneShape, ownAccountShape } from '../shapes.ts';
import { assignable } from './issue-fields.ts';
import { route } from './route.ts';

export const VERSIONS = ['2022-11-28', '2026-03-10'] as const;

const REPOSITORY = '/repos/:owner/:repo';

export const repositoryRoutes = [
  route('GET /user', ownUser),
  route('GET /meta', () => ({
    status: 200,
    json: { verifiable_password_authentication: true, installed_version: '3.19.0' },
  })),
  route('GET /versions', () => ({ status: 200, json: VERSIONS })),
  route('GET /zen', () => ({ status: 200, json: 'Keep it logically awesome.' })),
  route(`GET ${REPOSITORY}`, get),
  route(`GET ${REPOSITORY}/assignees`, listAssignees),
  route(`GET ${REPOSITORY}/assignees/:assignee`, checkAssignee),
  route(`GET ${REPOSITORY}/milestones`, listMilestones),
  route(`GET ${REPOSITORY}/collaborators/:username/permission`, permission),
];

/** A bot is nobody who could ask for itself. */
function ownUser(request: ApiRequest): Answer {
  const account = accountOf(request);
  if (account.type === 'Bot') throw refuse(403, 'Resource not accessible by integration');
  return { status: 200, json: ownAccountShape(request.state, account) };
}

function get(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  const granted = permissionOf(repository, request.caller.account);
  const { has_downloads: downloads, ...rest } = fullRepositoryShape(request.state, repository, granted);
  const json = request.version < '2026-03-10' ? { ...rest, has_downloads: downloads } : rest;
  return { status: 200, json };
}

function listAssignees(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  const found = [...request.state.accounts.values()].filter(
    ({ login }) => assignable(request, repository, login) !== undefined,
  );
  return page(request, found, (account) => accountShape(request.state, account), repository.id);
}

function checkAssignee(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  if (assignable(request, repository, param(request, 'assignee')) === undefined) throw notFound();
  return { status: 204 };
}

function listMilestones(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  needIssues(request, repository, 'read');
  return page(
    request,
    repository.milestones,
    (milestone) => milestoneShape(request.state, repository, milestone),
    repository.id,
  );
}

function permission(request: ApiRequest): Answer {
  const repository = repositoryOf(request);
  const account = request.state.accounts.get(param(request, 'username').toLowerCase());
  if (account === undefined || request.caller.account === undefined) throw notFound();
  const role = permissionOf(repository, account);
  const coarse = coarseOf(role);
  return {
    status: 200,
    json: {
      permission: coarse,
      role_name: role ?? 'none',
      user: {
        ...accountShape(request.state, account),
        permissions: {
          pull: reaches(role, 'read'),
          triage: reaches(role, 'triage'),
          push: reaches(role, 'write'),
          maintain: reaches(role, 'maintain'),
          admin: reaches(role, 'admin'),
        },
        role_name: role ?? 'none',
      },
    },
  };
}

function coarseOf(role: ReturnType<typeof permissionOf>): string {
  if (role === 'admin') return 'admin';
  if (reaches(role, 'write')) return 'write';
  return role === undefined ? 'none' : 'read';
}
