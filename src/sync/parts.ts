import type { ProviderId } from '../domain/integration.ts';
import type { Timings } from '../domain/timings.ts';
import type { Chance, Clock, Log } from '../ports/clock.ts';
import type { EventBus } from '../ports/events.ts';
import type { Meters } from '../ports/meters.ts';
import type { Outbound } from '../ports/outbound.ts';
import type { FileReader, Platform } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';
import type { Provider } from '../ports/tracker.ts';
import type { Vault } from '../ports/vault.ts';

/** All that the use cases need from outside; made once, in `compose.ts`. */
export interface Parts {
  store: Store;
  vault: Vault;
  providers: ReadonlyMap<ProviderId, Provider>;
  outbound: Outbound;
  reader: FileReader;
  /** Absent: models come by import only. */
  platform?: Platform;
  bus: EventBus;
  meters: Meters;
  clock: Clock;
  chance: Chance;
  log: Log;
  timings: Timings;
  /** Where trackers reach our webhooks, when an integration names no `webhookUrl`. */
  publicUrl?: string;
  /** Integrations that this process has made, or has looked through for links that the database has forgotten. */
  lookedThrough: Set<string>;
  /** SYNC_PAUSED: nothing is written to trackers or threats. */
  paused: boolean;
}

/** What it takes to open a session with a tracker. */
export type TrackerParts = Pick<Parts, 'store' | 'vault' | 'providers' | 'outbound' | 'clock' | 'log'>;
