import pino from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../ports/clock.ts';
import { redacted } from './redact.ts';

export interface LogOptions {
  level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Lines for a person at a terminal instead of JSON. */
  isPretty: boolean;
  /** Where lines go, each with its line feed; standard output unless given. */
  write?: (line: string) => void;
}

/** The process's log: one JSON object a line on standard output, secrets taken out whatever their depth. */
export function openLog({ level, isPretty, write }: LogOptions): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: redacted },
    // `redacted` shows errors too; pino's own way would come first and miss their fields.
    serializers: { err: (error: unknown) => error },
  };
  if (write !== undefined) return pino(options, { write });
  return pino(options, isPretty ? pretty({ ignore: 'pid,hostname', sync: true }) : pino.destination(1));
}
