import { memoryStage } from '../simulation/memory-stage.ts';
import { storeSuites } from './suites/all.ts';

storeSuites({
  name: 'memory',
  skip: false,
  overlaps: true,
  open: async () => memoryStage(),
});
