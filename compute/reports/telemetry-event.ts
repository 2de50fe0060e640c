import { z } from 'zod'

/** Attributes as they are stored: texts, whatever type they were sent with. */
const attributes = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .transform(record => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, String(value)])))
  .default({})

/** One event as somebody writes it down to ask what an SLO says of it; what is left out is empty, as in the tables. */
export const telemetryEventSchema = z.strictObject({
  /** When it happened, to tell whether a correction leaves it out. */
  time: z.iso.datetime({ offset: true }).optional(),
  name: z.string().default(''),
  kind: z.string().default(''),
  status: z.string().default('Unset'),
  /** Nanoseconds. */
  duration: z.coerce.bigint().default(0n),
  severityText: z.string().default(''),
  severityNumber: z.number().int().min(0).max(24).default(0),
  body: z.string().default(''),
  synthetic: z.boolean().default(false),
  resource: attributes,
  attributes,
})
export type TelemetryEvent = z.output<typeof telemetryEventSchema>
