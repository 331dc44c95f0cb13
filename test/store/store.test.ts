import { PGLITE, POSTGRESQL } from './database.ts';
import { sqlSuites, storeSuites } from './suites/all.ts';

for (const engine of [PGLITE, POSTGRESQL]) storeSuites(engine, sqlSuites);
