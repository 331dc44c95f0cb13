import type { FastifyInstance } from 'fastify';
import { AppError } from '../domain/errors.ts';

/** Answer addresses that nobody serves: 405 with `Allow` where another method would do, else 404. */
export function answerUnknown(app: FastifyInstance): void {
  const known: { address: RegExp; method: string }[] = [];

  app.addHook('onRoute', ({ url, method }) => {
    if (url.startsWith('*')) return;
    const address = new RegExp(`^${url.replaceAll(/:[^/]+/g, '[^/]+').replace(/\*$/, '.*')}/?$`);
    for (const each of [method].flat()) known.push({ address, method: each });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.replace(/\?.*$/s, '');
    const methods = new Set(known.filter(({ address }) => address.test(path)).map(({ method }) => method));
    if (methods.size === 0)
      throw new AppError('not-found', 'There is nothing at this address. The API is described at /docs.');
    reply.header('allow', [...methods].join(', '));
    throw new AppError('method-not-allowed', `This address takes ${[...methods].join(', ')}.`);
  });
}
