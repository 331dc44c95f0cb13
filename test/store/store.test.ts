import { describe } from 'node:test';
import { PGLITE, POSTGRESQL } from './database.ts';
import { sqlSuites, storeSuites } from './suites/all.ts';

for (const engine of [PGLITE, POSTGRESQL])
  describe(`the store on ${engine.name}`, { skip: engine.skip }, () => storeSuites(engine, sqlSuites));
