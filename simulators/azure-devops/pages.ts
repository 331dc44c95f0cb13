import { htmlPage, shown } from '../shared/html.ts';
import { locate, organizationAt, rootOf } from './places.ts';
import { findProject } from './project-acts.ts';
import type { WorkItemSnapshot } from './snapshot.ts';
import { snapshotOf } from './snapshot.ts';
import type { Organization, State } from './state.ts';

/** What a person sees in a browser: a project's work items, and one of them. Undefined: there is no such page. */
export function pageAt(state: State, pathname: string): string | undefined {
  const { prefix, path } = locate(state, pathname);
  const organization = organizationAt(state, state.url + prefix);
  if (organization === undefined) return undefined;
  const id = /^(?:\/[^/]+)?\/_workitems\/edit\/(\d+)$/.exec(path)?.[1];
  if (id !== undefined) return itemPage(organization, Number(id));
  const name = /^\/([^/_][^/]*)(?:\/_workitems)?$/.exec(path)?.[1];
  const project = name === undefined ? undefined : findProject(organization, decodeURIComponent(name));
  if (project === undefined) return undefined;
  const items = [...organization.items.values()].filter((item) => item.project === project).toReversed();
  const lines = items.map((item) => lineOf(rootOf(state, organization), snapshotOf(item)));
  return htmlPage(`${organization.name} / ${project.name}`, `<ul>${lines.join('')}</ul>`);
}

function itemPage({ items }: Organization, id: number): string | undefined {
  const item = items.get(id);
  if (item === undefined) return undefined;
  const snapshot = snapshotOf(item);
  const said = snapshot.comments.map(({ by, text }) => `<h2>${shown(by)}</h2><pre>${shown(text)}</pre>`);
  const text = snapshot.fields['Microsoft.VSTS.TCM.ReproSteps'] ?? snapshot.description;
  return htmlPage(
    `${snapshot.title} #${id}`,
    `<p>${factsOf(snapshot)}</p><pre>${shown(String(text))}</pre>${said.join('')}`,
  );
}

function lineOf(root: string, item: WorkItemSnapshot): string {
  const link = `${root}/_workitems/edit/${item.id}`;
  return `<li><a href="${shown(link)}">#${item.id} ${shown(item.title)}</a> ${factsOf(item)}</li>`;
}

function factsOf({ type, state, tags, isDeleted }: WorkItemSnapshot): string {
  const labels = tags.map((tag) => `<code>${shown(tag)}</code>`).join(' ');
  return `${shown(type)} <strong>${shown(state)}${isDeleted ? ', in the recycle bin' : ''}</strong> ${labels}`;
}
