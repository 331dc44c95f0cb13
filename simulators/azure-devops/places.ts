import type { Organization, State } from './state.ts';

/** Where an organization is found: `/{organization}`, `/tfs/{collection}`, or no name at all where the host has it. */
export function locate(state: State, pathname: string): { prefix: string; path: string } {
  const parts = pathname.split('/');
  const length = isTfs(parts[1]) ? 3 : 2;
  const named = organizationOf(state, decoded(parts[length - 1] ?? ''));
  if (named !== undefined && isTfs(parts[1]) === (named.kind === 'server' && length === 3))
    return { prefix: parts.slice(0, length).join('/'), path: `/${parts.slice(length).join('/')}` };
  const bare = pathname.replace(/^\/DefaultCollection(?=\/|$)/i, '');
  return { prefix: pathname.slice(0, pathname.length - bare.length), path: bare === '' ? '/' : bare };
}

/** The organization whose address this is. */
export function organizationAt(state: State, root: string): Organization | undefined {
  const name = decoded(new URL(root).pathname.split('/').at(-1) ?? '');
  return organizationOf(state, name) ?? organizationOf(state, state.hostOrganization ?? '');
}

/** Its address, as service hooks tell it. */
export function rootOf(state: State, { kind, name }: Organization): string {
  if (state.hostOrganization?.toLowerCase() === name.toLowerCase()) return state.url;
  return `${state.url}/${kind === 'server' ? 'tfs/' : ''}${encodeURIComponent(name)}`;
}

function organizationOf(state: State, name: string): Organization | undefined {
  return state.organizations.get(name.toLowerCase());
}

function isTfs(part: string | undefined): boolean {
  return part?.toLowerCase() === 'tfs';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
