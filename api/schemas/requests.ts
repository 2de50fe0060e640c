import { z } from 'zod'
import { parseDurationSeconds } from '../../lib/durations.ts'
import { layerNames } from '../../slo-specs/schema/layers.ts'

/** What the API takes. Ranges and steps are bounded, so that no request can ask for an unbounded answer. */

const longestRangeMs = 400 * 86_400_000
const mostPoints = 2000

const time = z
  .string()
  .transform((text, context) => {
    const milliseconds = /^\d{10,16}$/.test(text) ? Number(text) : Date.parse(text)
    if (Number.isFinite(milliseconds)) return milliseconds
    context.addIssue({ code: 'custom', message: 'takes an ISO 8601 time or milliseconds since the epoch' })
    return z.NEVER
  })
  .meta({ description: 'ISO 8601, or milliseconds since the epoch' })

const step = z
  .string()
  .transform((text, context) => {
    const seconds = parseDurationSeconds(text)
    if (seconds !== undefined && seconds >= 60 && seconds % 60 === 0) return seconds
    context.addIssue({ code: 'custom', message: 'takes whole minutes, e.g. 1m, 5m, 1h, 1d' })
    return z.NEVER
  })
  .meta({ description: 'Whole minutes as a duration, e.g. 5m' })

export const sloName = z.strictObject({ name: z.string().min(1).max(253) })
export const ratioName = z.strictObject({ name: z.string().min(1).max(253) })
export const noInput = z.strictObject({})

const rangeFields = { from: time, to: time }
const layer = z.enum(layerNames)

interface Range {
  readonly from: number
  readonly to: number
}

const isOrdered = ({ from, to }: Range) => from < to
const isShort = ({ from, to }: Range) => to - from <= longestRangeMs
const ordered = 'from must be before to'
const tooLong = 'the range is longer than 400 days'

export const historyRange = z
  .strictObject({ ...rangeFields, step })
  .refine(isOrdered, ordered)
  .refine(isShort, tooLong)
  .refine(
    ({ from, to, step: seconds }) => (to - from) / 1000 / seconds <= mostPoints,
    `more than ${mostPoints} points; take a longer step`,
  )

export const layerRange = z
  .strictObject({ ...rangeFields, by: layer })
  .refine(isOrdered, ordered)
  .refine(isShort, tooLong)

export const layerHistoryRange = z
  .strictObject({ ...rangeFields, step, by: layer })
  .refine(isOrdered, ordered)
  .refine(isShort, tooLong)
  .refine(
    ({ from, to, step: seconds }) => (to - from) / 1000 / seconds <= mostPoints,
    `more than ${mostPoints} points; take a longer step`,
  )

export const attributionWindow = z.strictObject({
  window: step
    .refine(seconds => seconds * 1000 <= longestRangeMs, 'is longer than 400 days')
    .optional()
    .meta({ description: "Whole minutes as a duration, e.g. 1h; the SLO's own window without it" }),
  versions: z
    .enum(['true', 'false'])
    .default('true')
    .meta({ description: 'false: without versions, for which raw events are read' }),
})

const limit = z.coerce.number().int().min(1).max(1000).default(100)

export const episodeFilter = z.strictObject({
  slo: z.string().max(253).optional(),
  severity: z.enum(['page', 'ticket', 'no-data']).optional(),
  state: z.enum(['pending', 'firing', 'resolved']).optional(),
  limit,
})

export const notificationFilter = z.strictObject({ slo: z.string().max(253).optional(), limit })
export const sloEpisodeFilter = z.strictObject({ limit })
export const deploymentRange = z
  .strictObject({ ...rangeFields, service: z.string().min(1).max(253) })
  .refine(isOrdered, ordered)
export const listLimit = z.strictObject({ limit })
export const byId = z.strictObject({ id: z.string().min(1).max(200) })
export const byUid = z.strictObject({ uid: z.string().min(1).max(60) })
export const byPanel = byUid.extend({ id: z.coerce.number().int().min(1) })

const service = z.string().max(253)
/** Grafana's form of variables in an address, so that one can be turned into the other. */
export const panelQuery = z
  .strictObject({
    ...rangeFields,
    'var-slo': z.string().min(1).max(253).optional().meta({ description: 'Of panels about one SLO' }),
    'var-ratio': z.string().min(1).max(253).optional().meta({ description: 'Of panels about one ratio' }),
    'var-layer': layer.default('region').meta({ description: 'Of panels by layer' }),
    'var-service': z
      .union([z.array(service).max(100), service.transform(name => [name])])
      .default([])
      .meta({ description: 'Whose SLOs, repeated for several; all without it' }),
  })
  .refine(isOrdered, ordered)
  .refine(isShort, tooLong)

const file = z.strictObject({
  file: z.string().min(1).max(1000).meta({ description: 'As findings name it' }),
  text: z.string(),
})
const mostFiles = 5000
export const specFiles = z.strictObject({ files: z.array(file).max(mostFiles) })
export const planRequest = specFiles.extend({
  days: z.int().min(1).max(400).default(30).meta({ description: 'How much of the past alerts are replayed over' }),
})

export const backtestRequest = specFiles
  .extend({ from: time.optional(), to: time.optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, ordered)
  .refine(({ from, to }) => from === undefined || to === undefined || to - from <= longestRangeMs, tooLong)

const words = z.string().max(10_000).default('')
const author = z.string().max(200).default('').meta({ description: 'Who it was' })
const expected = z
  .string()
  .optional()
  .meta({ description: 'The revision that the change was made for; another one in force is a conflict' })
export const applyRequest = specFiles.extend({
  expected,
  prune: z.boolean().default(false).meta({ description: 'SLOs in force that the files do not have may go' }),
  path: words,
  author,
  commit: z.string().max(200).default(''),
  message: words,
})
export const rollbackRequest = z.strictObject({ expected, author, message: words })
const revision = z.string().regex(/^[0-9a-f]{1,64}$/, 'is the beginning of a revision, hexadecimal')
export const byRevision = z.strictObject({ revision })
export const toRevision = z.strictObject({ to: revision })

export const periodForms = '2026, 2026-Q4, 2026-11, 2026-W48 or 2026-11-27'
export const byPeriod = z.strictObject({ period: z.string().max(10).meta({ description: periodForms }) })
export const ofPeriod = z.strictObject({
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'is no IANA time zone, such as Europe/Berlin')
    .default('UTC')
    .meta({ description: 'IANA name of the clocks on which the period begins and ends' }),
  format: z.enum(['json', 'pdf']).default('json').meta({ description: 'pdf answers with a document of A4 pages' }),
})

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}
