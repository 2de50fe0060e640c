import type { z } from 'zod'
import { checkShape } from '../check-shape.ts'
import { type Definition, resolve } from '../definitions.ts'
import { type JsonPath, parseJsonPath } from '../json-path.ts'
import type { Resolving } from '../resolving.ts'
import { placeholdersOf, type SyntheticTransaction, type TransactionStep } from '../transaction-model.ts'
import type { YamlValue } from '../yaml-value.ts'
import { checkAnnotationNames } from './annotations.ts'
import { checkUnique, items } from './ninefold-parts.ts'
import { syntheticTransactionShape } from './ninefold-shapes.ts'
import { hashOf } from './revision.ts'
import { readDuration } from './time-window.ts'

type Context = Pick<Resolving, 'catalogue' | 'report'>
type StepShape = z.output<typeof syntheticTransactionShape>['steps'][number]

/** A run that takes longer has failed for whoever waits for it. */
const longestTimeoutSeconds = 300
const defaultTimeoutSeconds = 30
const longestEverySeconds = 86_400

/** A transaction with everything that it refers to; none after reporting what is wrong. */
export function readTransaction(definition: Definition, context: Context): SyntheticTransaction[] {
  checkAnnotationNames(definition, context)
  const { spec, metadata, at } = definition
  const shape = checkShape(syntheticTransactionShape, spec, context.report)
  if (shape === undefined) return []
  const service = spec.child('service')
  if (service !== undefined)
    resolve({ kind: 'Service', name: shape.service, at: service }, { ...context, fallback: service })
  checkUnique(spec.child('steps'), context)
  const schedule = readSchedule(spec.child('schedule'), context)
  const known = new Set<string>()
  const steps = items(spec.child('steps')).flatMap((step, index) => {
    const written = shape.steps[index]
    return written === undefined ? [] : [readStep(step, written, known, context)]
  })
  if (schedule === undefined) return []
  return [
    {
      name: metadata.name,
      displayName: metadata.displayName ?? metadata.name,
      description: shape.description ?? '',
      service: shape.service,
      ...schedule,
      steps,
      revision: hashOf({ format: 1, kind: 'SyntheticTransaction', service: shape.service, schedule, steps }),
      position: at.position,
    },
  ]
}

/** A run ends before the next one is due, so that no two of a transaction are under way. */
function readSchedule(at: YamlValue | undefined, { report }: Context) {
  const [everyAt, timeoutAt] = [at?.child('every'), at?.child('timeout')]
  const everySeconds = readDuration(everyAt, { report })
  const timeout = timeoutAt === undefined ? undefined : readDuration(timeoutAt, { report })
  if (everyAt === undefined || everySeconds === undefined) return undefined
  if (everySeconds === 0 || everySeconds > longestEverySeconds) {
    report('SPEC_DURATION', everyAt.position, 'a transaction runs every 1s to every 1d')
    return undefined
  }
  const longest = Math.min(everySeconds, longestTimeoutSeconds)
  if (timeoutAt !== undefined && timeout !== undefined && (timeout === 0 || timeout > longest))
    report('SPEC_DURATION', timeoutAt.position, `timeout is above 0s, at most 5m, and not longer than every`)
  return { everySeconds, timeoutSeconds: timeout ?? Math.min(longest, defaultTimeoutSeconds) }
}

/** @param known placeholders that steps before this one have given a value; those of this one are added. */
function readStep(at: YamlValue, { name, request, expect, extracts }: StepShape, known: Set<string>, context: Context) {
  const requestAt = at.child('request')
  const headersAt = requestAt?.child('headers')
  checkUrl(requestAt?.child('url'), context)
  for (const [header, value] of Object.entries(request.headers ?? {}))
    checkHeader(headersAt?.child(header), header, value, context)
  const expectAt = at.child('expect')
  const texts = ['url', 'body'].map(field => requestAt?.child(field))
  const headers = Object.keys(request.headers ?? {}).map(header => headersAt?.child(header))
  for (const text of [...texts, ...headers, expectAt?.child('bodyContains')]) checkPlaceholders(text, known, context)
  const withinAt = expectAt?.child('within')
  const within = readDuration(withinAt, context)
  if (withinAt !== undefined && within === 0) context.report('SPEC_DURATION', withinAt.position, 'no answer takes 0s')
  if (expect?.bodyContains === '')
    context.report(
      'SPEC_WRONG_VALUE',
      expectAt?.child('bodyContains')?.position ?? at.position,
      'bodyContains is empty',
    )
  if (request.method === 'HEAD' && (extracts !== undefined || expect?.bodyContains !== undefined))
    context.report('SPEC_WRONG_VALUE', at.position, 'the answer to HEAD has no body to look into')
  const taken = Object.entries(extracts ?? {}).flatMap(([placeholder, path]) => {
    const read = readExtract(at.child('extracts')?.child(placeholder), placeholder, path, context)
    return read === undefined ? [] : [{ name: placeholder, path: read }]
  })
  for (const extract of taken) known.add(extract.name)
  const step: TransactionStep = {
    name,
    method: request.method ?? 'GET',
    url: request.url,
    headers: request.headers ?? {},
    ...(request.body === undefined ? {} : { body: request.body }),
    extracts: taken,
    ...(expect?.status === undefined ? {} : { statuses: expect.status }),
    ...(within === undefined ? {} : { withinMs: within * 1000 }),
    ...(expect?.bodyContains === undefined ? {} : { bodyContains: expect.bodyContains }),
  }
  return step
}

function readExtract(
  at: YamlValue | undefined,
  name: string,
  written: string,
  { report }: Context,
): JsonPath | undefined {
  if (at === undefined) return undefined
  if (!/^[a-zA-Z_]\w{0,63}$/.test(name))
    report('SPEC_WRONG_VALUE', at.keyPosition, 'the name of an extract has letters, digits and _, and no digit first')
  const path = parseJsonPath(written)
  if (path === undefined)
    report('SPEC_WRONG_VALUE', at.position, "an extract is the JSON path of one value, such as $.items[0]['order id']")
  return path
}

function checkUrl(at: YamlValue | undefined, { report }: Context): void {
  if (at === undefined) return
  const url = URL.parse(String(at.value).replace(/\$\{[a-zA-Z_]\w*\}/g, 'x'))
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    report('SPEC_WRONG_VALUE', at.position, 'url is an http or https address')
  else if (url.username !== '' || url.password !== '')
    report('SPEC_WRONG_VALUE', at.position, 'credentials do not belong into a url')
  // Whom we call is what the spec says, never what an answer says.
  else if (/^https?:\/\/[^/?#]*\$\{/i.test(String(at.value)))
    report('SPEC_WRONG_VALUE', at.position, 'a placeholder stands in the path or the query of a url, not in its host')
}

/** Of the connection or of the prober: it says these itself. */
const ownHeaders = /^(host|content-length|transfer-encoding|connection|upgrade|expect|traceparent|tracestate|baggage)$/i

function checkHeader(at: YamlValue | undefined, name: string, value: string, { report }: Context): void {
  if (at === undefined) return
  if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name)) report('SPEC_WRONG_VALUE', at.keyPosition, 'is not a name of a header')
  else if (ownHeaders.test(name)) report('SPEC_WRONG_VALUE', at.keyPosition, `${name} is set by the prober itself`)
  if (!/^[\x20-\x7e]{0,8000}$/.test(value))
    report('SPEC_WRONG_VALUE', at.position, 'a header is one line of printable ASCII')
}

function checkPlaceholders(at: YamlValue | undefined, known: ReadonlySet<string>, { report }: Context): void {
  if (at === undefined) return
  for (const name of new Set(placeholdersOf(String(at.value))))
    if (!known.has(name)) report('SPEC_MISSING_REFERENCE', at.position, `no earlier step extracts ${name}`)
}
