const WEBHOOK = 'https://your-domain.com';
/** The published example of each provider: `config` and `credentials` of an integration. */
export const PUBLISHED = {
  github: {
    config: {
      baseUrl: 'https://api.github.com',
      owner: 'organization',
      repo: 'repository',
      labels: ['threat-model'],
      webhookUrl: WEBHOOK,
    },
    credentials: { type: 'token', token: 'ghp_xxxxxxxxxxxx' },
  },
  gitlab: {
    config: {
      baseUrl: 'https://gitlab.com/api/v4',
      projectId: '12345',
      labels: ['threat-model'],
      webhookUrl: WEBHOOK,
    },
    credentials: { type: 'token', token: 'glpat-xxxxxxxxxxxx' },
  },
  jira: {
    config: {
      baseUrl: 'https://your-domain.atlassian.net',
      projectKey: 'TM',
      issueTypeId: '10001',
      webhookUrl: WEBHOOK,
    },
    credentials: { type: 'basic', username: 'email@domain.com', password: 'api-token' },
  },
  azure_devops: {
    config: {
      baseUrl: 'https://dev.azure.com',
      organization: 'org',
      project: 'project',
      workItemType: 'Issue',
      webhookUrl: WEBHOOK,
    },
    credentials: { type: 'token', token: 'pat' },
  },
} as const;
