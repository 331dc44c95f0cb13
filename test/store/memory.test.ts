import { describe } from 'node:test';
import { memoryStage } from '../simulation/memory-stage.ts';
import { storeSuites } from './suites/all.ts';

describe('the store in memory', () =>
  storeSuites({
    name: 'memory',
    skip: false,
    overlaps: true,
    open: async () => memoryStage(),
  }));
