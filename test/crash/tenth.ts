// The service with every wait between seconds and a minute cut to a tenth, and nothing else changed: for runs that have to be short.
import { compose } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { openLog } from '../../src/observe/log.ts';
import { TENTH } from './timings.ts';

const config = loadConfig();
const service = await compose(config, openLog({ level: config.logLevel, isPretty: false }), {
  timings: TENTH,
});
await service.app.listen({ port: config.port, host: config.host });
