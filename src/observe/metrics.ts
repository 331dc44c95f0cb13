import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { Meters } from '../ports/meters.ts';
import type { Store } from '../ports/store.ts';

/** How many integrations are in each state, asked when somebody looks. */
export type CountIntegrations = Store['dispatch']['integrationCounts'];

interface TrackerFigures {
  stoppedHosts: number;
  share?: number;
}

/** What the whole house counts, and how it is shown to Prometheus. */
export interface Metrics extends Meters {
  observeRequest(labels: { method: string; route: string; status: number }, seconds: number): void;
  countError(code: string): void;
  trackerRequest(outcome: string, seconds: number): void;
  trackerWait(seconds: number): void;
  /** Asked when somebody looks. */
  watchTrackers(look: () => TrackerFigures): void;
  render(): Promise<{ contentType: string; text: string }>;
}

const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SLOW = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** A registry of its own, so that two services in one process do not count into each other. */
export function openMetrics(version: string, countIntegrations: CountIntegrations): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'tmi_build_info', help: 'The running version.', labelNames: ['version'], registers }).set(
    { version },
    1,
  );
  registry.registerMetric(integrations(countIntegrations));
  const runs = new Counter({
    name: 'tmi_sync_runs_total',
    help: 'Finished sync runs.',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  const runSeconds = new Histogram({
    name: 'tmi_sync_run_seconds',
    help: 'Duration of sync runs.',
    buckets: SLOW,
    registers,
  });
  const webhooks = new Histogram({
    name: 'tmi_webhook_processing_seconds',
    help: 'Time from a webhook request to its answer.',
    labelNames: ['provider', 'verdict'],
    buckets: QUICK,
    registers,
  });
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: QUICK,
    registers,
  });
  const errors = new Counter({
    name: 'tmi_errors_total',
    help: 'Errors by their public code.',
    labelNames: ['code'],
    registers,
  });
  const trackerSeconds = new Histogram({
    name: 'tmi_tracker_request_seconds',
    help: 'Requests to trackers, repeats included.',
    labelNames: ['outcome'],
    buckets: QUICK,
    registers,
  });
  const waited = new Counter({
    name: 'tmi_tracker_wait_seconds_total',
    help: 'Time requests to trackers waited for their turn.',
    registers,
  });

  return {
    runFinished(provider, outcome, seconds) {
      runs.inc({ provider, outcome });
      runSeconds.observe(seconds);
    },
    webhook: (provider, verdict, seconds) => webhooks.observe({ provider, verdict }, seconds),
    error: (code) => errors.inc({ code }),
    countError: (code) => errors.inc({ code }),
    observeRequest: (labels, seconds) => requests.observe(labels, seconds),
    trackerRequest: (outcome, seconds) => trackerSeconds.observe({ outcome }, seconds),
    trackerWait: (seconds) => waited.inc(seconds),
    watchTrackers(look) {
      registry.registerMetric(
        figure('tmi_tracker_hosts_stopped', 'Tracker hosts that get no calls.', () => look().stoppedHosts),
      );
      if (look().share === undefined) return;
      const help = 'Part of every rate limit that this process may use; 1 while replicas share them.';
      registry.registerMetric(figure('tmi_tracker_pace_share', help, () => look().share ?? 1));
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function figure(name: string, help: string, value: () => number): Gauge {
  return new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(value());
    },
  });
}

function integrations(count: CountIntegrations): Gauge<'provider' | 'status'> {
  return new Gauge({
    name: 'tmi_integrations',
    help: 'Integrations by provider and state.',
    labelNames: ['provider', 'status'],
    registers: [],
    async collect() {
      // An unreachable database is no reason to show no metrics at all: this one is then absent.
      const counts = await count().catch(() => []);
      this.reset();
      for (const { provider, state, count: number } of counts) this.set({ provider, status: state }, number);
    },
  });
}
