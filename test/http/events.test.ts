import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { PublishedEvent } from '../../src/domain/event.ts';
import type { EventCases } from '../../src/sync/use-cases.ts';
import { bearer, openHouse } from './house.ts';
import { event } from './samples.ts';

/** A tenant's events, kept and live. */
function stream(kept: PublishedEvent[] = []) {
  const listeners = new Set<(published: PublishedEvent) => void>();
  const cases: EventCases = {
    after: async (_caller, sequence, limit) =>
      kept.filter((each) => each.sequence > sequence).slice(0, limit),
    lastSequence: async () => kept.at(-1)?.sequence ?? 0,
    subscribe: (_caller, listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const publish = (published: PublishedEvent) => {
    for (const listener of listeners) listener(published);
  };
  return { kept, listeners, cases, publish };
}

/** Listens on a real port: a stream has no end that `inject` could wait for. */
async function listen(cases: EventCases, beats?: Promise<void>[], expiry?: Promise<void>) {
  const house = await openHouse({
    useCases: { events: cases },
    ...(beats === undefined
      ? {}
      : {
          sleep: (ms, signal) =>
            Promise.race([
              (ms > 15_000 ? expiry : beats.shift()) ?? Promise.withResolvers<void>().promise,
              new Promise<void>((_resolve, reject) =>
                signal?.addEventListener('abort', () => reject(new Error('aborted'))),
              ),
            ]),
        }),
  });
  after(() => house.app.close());
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 });
  return { ...house, url: `${origin}/api/events` };
}

async function open(url: string, headers: Record<string, string> = {}) {
  const leave = new AbortController();
  const answer = await fetch(url, {
    headers: { ...(await bearer('viewer')), ...headers },
    signal: leave.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  /** Everything up to and including what is looked for. */
  const until = async (wanted: string): Promise<string> => {
    while (!text.includes(wanted)) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) throw new Error(`the stream ended before "${wanted}": ${text}`);
      text += value;
    }
    return text;
  };
  const rest = async (): Promise<string> => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return text;
      text += value;
    }
  };
  return { answer, until, rest, leave: () => leave.abort() };
}

const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));

describe('the event stream', () => {
  it('sends id, type and a CloudEvent, also to a reader that accepts anything', async () => {
    const { cases, publish } = stream([event(1)]);
    const { url } = await listen(cases);
    const reader = await open(url, { accept: '*/*' });
    assert.equal(reader.answer.status, 200);
    assert.equal(reader.answer.headers.get('content-type'), 'text/event-stream');
    assert.equal(reader.answer.headers.get('connection'), 'close');
    assert.equal(reader.answer.headers.get('cache-control'), 'no-store');
    assert.match(await reader.until('\n\n'), /^retry: 2000\n\n$/);
    publish(event(2));
    const text = await reader.until('"done":2');
    const data = JSON.stringify({
      specversion: '1.0',
      id: 'event-2',
      type: 'sync:progress',
      subject: event(2).subject,
      data: { done: 2 },
    });
    assert.equal(text.trimEnd(), `retry: 2000\n\nid: 2\nevent: sync:progress\ndata: ${data}`);
    reader.leave();
  });

  it('goes on after Last-Event-ID, from the store and then live, each event once and in order', async () => {
    const kept = Array.from({ length: 450 }, (_, index) => event(index + 1));
    const { cases, publish } = stream(kept);
    const { url } = await listen(cases);
    const reader = await open(url, { 'last-event-id': '3' });
    await reader.until('id: 450\n');
    publish(event(450));
    publish(event(449));
    publish(event(451));
    const text = await reader.until('id: 451\n');
    assert.deepEqual(
      ids(text),
      Array.from({ length: 448 }, (_, index) => index + 4),
    );
    reader.leave();
  });

  it('looks into the store when a live event shows a gap', async () => {
    const { kept, cases, publish } = stream([event(1)]);
    const { url } = await listen(cases);
    const reader = await open(url);
    await reader.until('retry');
    kept.push(event(2), event(3), event(4));
    publish(event(4));
    publish(event(5));
    assert.deepEqual(ids(await reader.until('id: 5\n')), [2, 3, 4, 5]);
    reader.leave();
  });

  it('looks into the store with every heartbeat, when all live ones were lost', async () => {
    const beat = Promise.withResolvers<void>();
    const { kept, cases } = stream();
    const { url } = await listen(cases, [beat.promise]);
    const reader = await open(url);
    await reader.until('retry');
    kept.push(event(1), event(2));
    beat.resolve();
    const text = await reader.until('id: 2\n');
    assert.match(text, /^: still here$/m);
    assert.deepEqual(ids(text), [1, 2]);
    reader.leave();
  });

  it('stops listening when the reader leaves, and ends when the service closes', async () => {
    const { listeners, cases } = stream();
    const { app, url } = await listen(cases);
    const gone = await open(url);
    const stays = await open(url);
    await Promise.all([gone.until('retry'), stays.until('retry')]);
    assert.equal(listeners.size, 2);
    gone.leave();
    while (listeners.size > 1) await new Promise((resolve) => setImmediate(resolve));
    await app.close();
    assert.equal(await stays.rest(), 'retry: 2000\n\n');
    assert.equal(listeners.size, 0);
  });

  it('ends when the token of its reader does', async () => {
    const expiry = Promise.withResolvers<void>();
    const { cases } = stream();
    const { url } = await listen(cases, [], expiry.promise);
    const reader = await open(url);
    await reader.until('retry');
    expiry.resolve();
    assert.equal(await reader.rest(), 'retry: 2000\n\n');
  });

  it('refuses an odd Last-Event-ID', async () => {
    const { app } = await openHouse();
    after(() => app.close());
    for (const odd of ['x', '-1', '1.5', '1e400']) {
      const headers = { ...(await bearer('viewer')), 'last-event-id': odd };
      assert.equal((await app.inject({ url: '/api/events', headers })).statusCode, 400, odd);
    }
  });
});
