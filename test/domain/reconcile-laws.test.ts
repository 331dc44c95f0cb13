import { it } from 'node:test';
import { fc } from '../properties.ts';
import { live, lives } from './laws.ts';

it('every law holds of every run, whatever happens on either side', (t) => {
  let [told, runs] = [0, 0];
  fc.assert(
    fc.property(lives, (life) => {
      runs += live(life);
      told += 1;
    }),
  );
  t.diagnostic(`${told} lives, ${runs} runs`);
});
