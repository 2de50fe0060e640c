import { z } from 'zod'
import { NinefoldError } from '../../lib/errors.ts'
import type { OutboundRules } from '../../lib/outbound.ts'
import type { QueriedIndicator, QuerySource } from '../../slo-specs/schema/model.ts'
import { counterLookBackSeconds, countSeries, type Series } from './count-series.ts'
import { postForm } from './post-form.ts'
import type { CountSource } from './pulled-counts.ts'
import { authorization } from './secrets.ts'

export interface PrometheusOptions extends OutboundRules {
  /** Folder with a file a secret; null when there is none. */
  readonly secretsDirectory: string | null
  readonly timeoutMs?: number
  /** Most samples of one answer. */
  readonly mostSamples?: number
}

type Prometheus = Extract<QuerySource, { type: 'prometheus' }>

const defaultTimeoutMs = 30_000
const defaultMostSamples = 1_000_000
const stepSeconds = 60

const sample = z.tuple([z.number(), z.string()])
const answerSchema = z.object({
  status: z.literal('success'),
  warnings: z.array(z.string()).optional(),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(sample) })),
  }),
})
const refusalSchema = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() })

/** Asks Prometheus, or what speaks its HTTP API, by range queries whose steps are the ends of minutes. */
export function createPrometheusSource(options: PrometheusOptions): CountSource {
  const { timeoutMs = defaultTimeoutMs, mostSamples = defaultMostSamples } = options

  const range = async (source: Prometheus, query: string, from: number, to: number, signal: AbortSignal) => {
    const url = new URL(`${source.url}/api/v1/query_range`)
    const form = {
      query,
      start: String(from),
      end: String(to),
      step: String(stepSeconds),
      timeout: `${timeoutMs / 1000}s`,
    }
    const headers = await authorization(source, url, options)
    const answer = await postForm(url, form, { ...options, headers, timeoutMs, signal })
    return seriesOf(answer, source, mostSamples)
  }

  return {
    pull: async (indicator: QueriedIndicator, span, signal) => {
      const { source, meaning } = indicator
      if (source.type !== 'prometheus') throw new TypeError(`${indicator.name} is not counted by Prometheus`)
      // The minute [t − 60, t) is told by what holds at t.
      const lookBack = meaning.kind === 'counts' && meaning.isCounter ? counterLookBackSeconds : 0
      const [first, last] = [span.from + stepSeconds - lookBack, span.to]
      const main = await range(source, meaning.kind === 'counts' ? meaning.total : meaning.query, first, last, signal)
      const part = meaning.kind === 'counts' ? await range(source, meaning.part, first, last, signal) : []
      return countSeries(indicator, { main, part }, span)
    },
  }
}

function seriesOf(
  answer: { readonly status: number; readonly text: string },
  { name }: Prometheus,
  mostSamples: number,
): Series[] {
  let body: unknown
  try {
    body = JSON.parse(answer.text)
  } catch (error) {
    throw statusError(name, answer.status, 'the answer is no JSON', error)
  }
  const refusal = refusalSchema.safeParse(body)
  if (refusal.success) {
    const message = `Prometheus ${name}: ${refusal.data.errorType}: ${refusal.data.error.slice(0, 500)}`
    // Of these the query is innocent.
    const passes = ['timeout', 'canceled', 'unavailable', 'internal'].includes(refusal.data.errorType)
    throw new NinefoldError(passes ? 'SOURCE_UNREACHABLE' : 'SOURCE_REFUSED', message)
  }
  const parsed = answerSchema.safeParse(body)
  if (!parsed.success) throw statusError(name, answer.status, 'the answer is not that of a range query', parsed.error)
  const { warnings = [], data } = parsed.data
  if (warnings.length > 0)
    throw new NinefoldError('SOURCE_PARTIAL', `Prometheus ${name}: ${warnings.join('; ').slice(0, 500)}`)
  const samples = data.result.reduce((sum, { values }) => sum + values.length, 0)
  if (samples > mostSamples)
    throw new NinefoldError('SOURCE_TOO_LARGE', `Prometheus ${name}: ${samples} samples, more than ${mostSamples}`)
  return data.result.map(({ metric, values }) => ({
    labels: metric,
    samples: values.map(([at, value]) => [at, numberOf(value)] as const),
  }))
}

function statusError(name: string, status: number, why: string, cause: unknown): NinefoldError {
  const message = `Prometheus ${name}: ${why} (status ${status})`
  const code =
    status === 429 || status >= 500 ? 'SOURCE_UNREACHABLE' : status >= 300 ? 'SOURCE_REFUSED' : 'SOURCE_BAD_ANSWER'
  return new NinefoldError(code, message, { cause })
}

/** Go's spelling of doubles: `1e+06`, `NaN`, `+Inf`. */
function numberOf(text: string): number {
  return /inf/i.test(text) ? (text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY) : Number(text)
}
