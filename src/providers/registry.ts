import type { ProviderId } from '../domain/integration.ts';
import type { Provider } from '../ports/tracker.ts';
import { azureDevops } from './azure-devops/index.ts';
import { github } from './github/index.ts';
import { gitlab } from './gitlab/index.ts';
import { jira } from './jira/index.ts';

/** Every kind of tracker we know; a new one adds a line here. */
export const providers: ReadonlyMap<ProviderId, Provider> = new Map(
  [github, gitlab, jira, azureDevops].map((provider) => [provider.id, provider]),
);
