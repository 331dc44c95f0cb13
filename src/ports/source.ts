import type { Format, MitigationStatus, SourceThreat, Status, Warning } from '../domain/threat.ts';

/** A model file, understood. */
export interface ParsedModel {
  format: Format;
  name: string;
  /** What was detected and why, for people. */
  detected: string;
  threats: readonly SourceThreat[];
  warnings: readonly Warning[];
}

/** One status to write into a file. */
export interface StatusEdit {
  key: string;
  status: Status;
  /** Of its mitigations, by key, in formats that keep one for each. */
  mitigations?: Readonly<Record<string, MitigationStatus>>;
  /** Shown in the file where the format has a place for it (Threat Composer: the issue's URL). */
  issueUrl?: string;
}

export interface PatchedFile {
  bytes: Uint8Array;
  /** Keys whose status the format cannot express, with the reason: left as they are. */
  unwritten: readonly { key: string; reason: string }[];
}

/** A threat-model file format. Pure: bytes in, words out. */
export interface FileFormat {
  id: Format;
  title: string;
  /** Why this content is of this format; undefined = it is not. `content` is the parsed JSON. */
  detect(content: unknown): string | undefined;
  /** Throws an `AppError` `model-unreadable` with faults; leaves out what it does not understand, with a warning. */
  parse(content: unknown): Omit<ParsedModel, 'detected'>;
  /** Write statuses into the text; only the lines that must change differ. */
  patch(bytes: Uint8Array, edits: readonly StatusEdit[]): PatchedFile;
}

/** Reads any known file; parsing runs away from the event loop, with a time limit. */
export interface FileReader {
  /** Throws `model-unreadable`, `model-format-unknown` or `model-limit-exceeded` with place and remedy. */
  read(bytes: Uint8Array): Promise<ParsedModel>;
  patch(format: Format, bytes: Uint8Array, edits: readonly StatusEdit[]): Promise<PatchedFile>;
}

/** The platform that keeps models in our canonical words. */
export interface Platform {
  /** One model by the platform's id; undefined = it is not there. */
  model(id: string, signal: AbortSignal): Promise<ParsedModel | undefined>;
  /** Ids of the models changed since; all when undefined. */
  updatedSince(since: string | undefined, signal: AbortSignal): Promise<readonly string[]>;
}
