import type { FastifyInstance } from 'fastify';
import { loadConfig, printConfig, type Config } from './config.ts';
import { compose } from './compose.ts';
import { AppError, messageOf } from './domain/errors.ts';
import { openLog } from './observe/log.ts';

/** Start: read the configuration, compose, listen, close with grace. A fault at the start is one sentence that says what to do. */
async function main(): Promise<void> {
  if (process.argv.includes('--print-config')) {
    process.stdout.write(`${printConfig()}\n`);
    return;
  }
  const config = loadConfig();
  const isPretty = config.environment === 'development' && process.stdout.isTTY;
  const log = openLog({ level: config.logLevel, isPretty });
  for (const { name, path, isNew } of config.keptSecrets)
    log.info(
      { name, path },
      isNew ? 'a secret was made for development and is kept' : 'a kept secret is used',
    );
  const service = await compose(config, log);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= service.close());
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (closing === undefined) log.info({ signal }, 'stopping: the items in hand are finished');
      void close().then(() => log.info({}, 'stopped'));
    });
  try {
    const url = await listen(service.app, config);
    log.info(
      { url, docs: `${url}/docs`, durability: (await service.useCases.health.check()).durability },
      'listening',
    );
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(app: FastifyInstance, { port, host }: Config): Promise<string> {
  try {
    return await app.listen({ port, host });
  } catch (cause) {
    const why = `Cannot listen on ${host}:${port} (${messageOf(cause)}).`;
    throw new AppError('unavailable', `${why} Stop what uses it, or set PORT or HOST to another one.`, {
      cause,
    });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
