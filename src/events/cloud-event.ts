import { z } from 'zod';
import { EVENT_TYPES } from '../domain/event.ts';
import type { PublishedEvent } from '../domain/event.ts';
import type { InboundEvent } from '../ports/events.ts';

const SOURCE = '/threat-model-integration';

export const INBOUND_TYPES = [
  'threat_model:created',
  'threat_model:updated',
  'threat_model:deleted',
] as const;

/** CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md). */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  /** Extension attributes are lower case and flat; `sequence` is text, as its extension says. */
  tenantid: string;
  sequence: string;
  data: Readonly<Record<string, unknown>>;
}

export function cloudEvent(event: PublishedEvent): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    source: SOURCE,
    type: event.type,
    subject: event.subject,
    time: event.time,
    datacontenttype: 'application/json',
    tenantid: event.tenantId,
    sequence: String(event.sequence),
    data: event.data,
  };
}

const Published = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.literal(SOURCE),
  type: z.enum(EVENT_TYPES),
  subject: z.string(),
  time: z.iso.datetime(),
  tenantid: z.string(),
  sequence: z.string().regex(/^\d{1,15}$/),
  data: z.record(z.string(), z.unknown()),
});

/** Back from the JSON text that another replica sent. Throws a ZodError or SyntaxError for anything else. */
export function readPublished(text: string): PublishedEvent {
  const read = Published.parse(JSON.parse(text));
  return {
    id: read.id,
    tenantId: read.tenantid,
    sequence: Number(read.sequence),
    type: read.type,
    subject: read.subject,
    time: read.time,
    data: read.data,
  };
}

const Inbound = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(256),
  source: z.string().min(1).max(2048),
  type: z.enum(INBOUND_TYPES),
  tenantid: z.string().min(1).max(256).optional(),
  data: z.unknown(),
});

/** An event of the platform. Throws a ZodError or SyntaxError for anything that is not one of this type. */
export function readInbound(type: (typeof INBOUND_TYPES)[number], text: string): InboundEvent {
  const read = Inbound.extend({ type: z.literal(type) }).parse(JSON.parse(text));
  return {
    id: read.id,
    source: read.source,
    type: read.type,
    data: read.data,
    ...(read.tenantid !== undefined && { tenantId: read.tenantid }),
  };
}
