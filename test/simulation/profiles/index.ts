import { azureServer, azureServices } from './azure-devops.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { jiraCloud, jiraDataCenter } from './jira.ts';
import type { Profile } from './profile.ts';

/** Every kind of tracker that the simulation plays. */
export const PROFILES: readonly Profile[] = [
  github,
  gitlab,
  jiraCloud,
  jiraDataCenter,
  azureServices,
  azureServer,
];
