import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import { linesType } from './progress-lines.ts'
import { problem } from './schemas/replies.ts'

type JsonSchema = Readonly<Record<string, unknown>>
/** Schemas that have a name, which the others point at. */
type Named = Record<string, JsonSchema>

/** A schema as JSON Schema without `$schema`; `input` describes what is sent. Those with a name of their own go into `named`. */
function describe(schema: z.ZodType, io: 'input' | 'output', named: Named): JsonSchema {
  const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  for (const [name, definition] of Object.entries($defs)) named[name] = pointAtComponents(definition)
  return pointAtComponents(rest)
}

/** A reference begins at the root of the whole document, which is not where the schema was written. */
function pointAtComponents(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(/^#\/\$defs\//, '#/components/schemas/') : value,
  )
}

function parameters(where: 'path' | 'query', schema: z.ZodType) {
  const { properties = {}, required = [] } = describe(schema, 'input', {}) as {
    properties?: Record<string, { description?: string }>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(property.description === undefined ? {} : { description: property.description }),
    schema: property,
  }))
}

function contentOf(takes: Readonly<Record<string, z.ZodType>>, schemaOf: (schema: z.ZodType) => JsonSchema) {
  return Object.fromEntries(Object.entries(takes).map(([type, schema]) => [type, { schema: schemaOf(schema) }]))
}

const longAnswer =
  'OK. As application/x-ndjson: lines {"progress": 0.4}, from 0 to 1, then {"reply": …} or {"problem": …}'

/** The OpenAPI 3.1 document of the endpoints, from the schemas that check them. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  const schemas: Named = {}
  const json = (schema: z.ZodType, io: 'input' | 'output') => ({
    'application/json': { schema: describe(schema, io, schemas) },
  })
  for (const { method, path, summary, params, query, body, takes, reply, isLong, forms = {} } of endpoints) {
    const content =
      body === undefined ? contentOf(takes ?? {}, schema => describe(schema, 'input', schemas)) : json(body, 'input')
    paths[`/api/v1${path}`] = {
      ...paths[`/api/v1${path}`],
      [method]: {
        summary,
        operationId: `${method}${path.replace(/[^a-z]+(.)?/gi, (_, letter: string | undefined) => (letter ?? '').toUpperCase())}`,
        parameters: [...parameters('path', params), ...parameters('query', query)],
        ...(Object.keys(content).length === 0 ? {} : { requestBody: { required: true, content } }),
        responses: {
          200: {
            description: isLong === true ? longAnswer : 'OK',
            content: {
              ...json(reply, 'output'),
              ...(isLong === true ? { [linesType]: {} } : {}),
              ...Object.fromEntries(Object.values(forms).map(({ contentType }) => [contentType, {}])),
            },
          },
          default: {
            description: 'Problem (RFC 9457)',
            content: { 'application/problem+json': { schema: describe(problem, 'output', schemas) } },
          },
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ninefold',
      version,
      description: 'SLOs, error budgets, burn rates and alerts. Counts are integers; nothing is clamped or rounded.',
    },
    // Without auth.tokensFile the API listens on loopback only and asks for no token.
    security: [{ bearer: [] }, {}],
    components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    paths,
  }
}
