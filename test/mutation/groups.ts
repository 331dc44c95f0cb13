/** Modules that must not be wrong, and the test files that have to notice when one of their lines is. */
export interface Group {
  modules: readonly string[];
  tests: readonly string[];
  /** False: whatever else is there, each with those tests that bear its name or import it, if there are any. */
  isNamed?: boolean;
}

/** Globs. The first group that names a module is its group; its tests are run in the order of theirs, quick ones first. */
export const GROUPS: readonly Group[] = [
  {
    modules: ['src/domain/explain*.ts', 'src/domain/dead-letters.ts'],
    tests: ['test/domain/explanation*.test.ts', 'test/domain/dead-letters.test.ts'],
  },
  {
    modules: ['src/domain/{identity,mark,rematch,reimport,similarity,canonical,import-guard}.ts'],
    tests: ['test/domain/{canonical,identity,mark,re*import*,rematch*,acceptance,mitigations}.test.ts'],
  },
  {
    modules: ['src/domain/advance.ts'],
    tests: ['test/domain/{advance,reconcile-past,reconcile-stuck,undo,undo-create}.test.ts'],
  },
  {
    modules: [
      'src/domain/{effective-base,merge,overtaken,reconcile,values,status-words,issue-change,issue-text,block}.ts',
    ],
    tests: [
      'test/domain/{reconcile-table,status-table,status-words,merge,policy-newest}.test.ts',
      'test/domain/{reconcile,reconcile-past,reconcile-stuck,values,issue*,overtaken,undo,undo-create}.test.ts',
      'test/domain/{verification,resolutions,mitigations}.test.ts',
      'test/domain/{reconcile,undo}-laws.test.ts',
    ],
  },
  { modules: ['src/domain/*.ts'], tests: ['test/domain/*.test.ts'], isNamed: false },
  { modules: ['src/providers/github/webhook.ts'], tests: ['test/providers/github-webhook.test.ts'] },
  {
    modules: ['src/providers/gitlab/{webhook,signing}.ts'],
    tests: ['test/providers/gitlab-webhook.test.ts'],
  },
  {
    modules: ['src/providers/jira/{webhook,webhook-token}.ts'],
    tests: ['test/providers/jira-webhook{-token,}.test.ts'],
  },
  {
    modules: ['src/providers/azure-devops/{webhook,proof}.ts'],
    tests: ['test/providers/azure-devops-{webhook,hooks}.test.ts'],
  },
  { modules: ['src/secrets/*.ts'], tests: ['test/secrets/vault.test.ts'] },
  {
    modules: ['src/transport/{guard,address,target,window}.ts'],
    tests: ['test/transport/{guard*,pace,target}.test.ts'],
  },
];
