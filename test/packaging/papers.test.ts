import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { VARIABLES } from '../../src/config-schema.ts';
import { EVENT_TYPES } from '../../src/domain/event.ts';
import { FORMATS } from '../../src/domain/threat.ts';
import { TIMINGS } from '../../src/domain/timings.ts';
import { INBOUND_TYPES } from '../../src/events/cloud-event.ts';
import { openMetrics } from '../../src/observe/metrics.ts';
import { FILE_FORMATS } from '../../src/sources/detect.ts';

const papers = globSync(['*.md', 'docs/**/*.md']);

function page(path: string): string {
  return readFileSync(path, 'utf8');
}

function names(path: string, words: readonly string[]): void {
  const text = page(path);
  for (const word of words) assert.ok(text.includes(`\`${word}\``), `${path} does not name ${word}`);
}

describe('the papers', () => {
  it('link only to what is there', () => {
    assert.ok(papers.length > 15);
    for (const path of papers)
      for (const [, target = ''] of page(path).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^(https?:|#)/.test(target)) continue;
        const file = join(dirname(path), target.replace(/#.*$/, ''));
        assert.ok(existsSync(file), `${path} links to ${target}`);
      }
  });

  it('name only source files that are there', () => {
    let named = 0;
    for (const path of papers)
      for (const [, file = ''] of page(path).matchAll(/`([\w-]+\/[\w./-]+\.(?:ts|mjs|sql))`/g)) {
        named += 1;
        assert.ok(existsSync(file) || existsSync(join('src', file)), `${path} names ${file}`);
      }
    assert.ok(named > 50);
  });

  it('tell every variable, event, wait and file format', () => {
    names('docs/configuration.md', Object.keys(VARIABLES));
    names('docs/events.md', [...EVENT_TYPES, ...INBOUND_TYPES]);
    names('docs/promise.md', Object.keys(TIMINGS));
    assert.equal(FILE_FORMATS.length, FORMATS.filter((format) => format !== 'platform').length);
    for (const { title } of FILE_FORMATS) assert.ok(page('docs/formats.md').includes(`## ${title}`), title);
  });

  it('tell every metric of ours', async () => {
    const { text } = await openMetrics('0.0.0', async () => []).render();
    const ours = [...text.matchAll(/^# TYPE ((?:tmi|http)_\w+) /gm)].map((match) => match[1] ?? '');
    assert.ok(ours.length >= 9);
    names('docs/metrics.md', ours);
  });

  it('say where each decision came from and what it costs', () => {
    for (const path of papers.filter((each) => each.startsWith('docs/adr/')))
      for (const heading of ['Context', 'Decision', 'Price'])
        assert.ok(page(path).includes(`\n## ${heading}\n`), `${path} has no "${heading}"`);
  });
});
