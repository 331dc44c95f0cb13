import type { ProjectPlace } from './world.ts';
import type { Organization, Project, State } from './state.ts';

/** The organization of that name; the tests that name it have made it. */
export function organizationNamed(state: State, name: string): Organization {
  const found = state.organizations.get(name.toLowerCase());
  if (found === undefined) throw new Error(`there is no organization ${name}`);
  return found;
}

export function projectNamed(state: State, { organization, project }: ProjectPlace): Project {
  const found = organizationNamed(state, organization).projects.find(
    (each) => each.name.toLowerCase() === project.toLowerCase(),
  );
  if (found === undefined) throw new Error(`there is no project ${project} in ${organization}`);
  return found;
}
