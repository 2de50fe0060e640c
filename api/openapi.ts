import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import { problem } from './schemas/replies.ts'

const json = (schema: z.ZodType, io: 'input' | 'output' = 'output') => ({
  'application/json': { schema: inline(schema, io) },
})

/** A schema as JSON Schema without `$schema`; `input` describes what is sent as text in paths and queries. */
function inline(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  return rest
}

function parameters(where: 'path' | 'query', schema: z.ZodType) {
  const { properties = {}, required = [] } = inline(schema, 'input') as {
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

/** The OpenAPI 3.1 document of the endpoints, from the schemas that check them. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { method, path, summary, params, query, body, reply } of endpoints) {
    paths[`/api/v1${path}`] = {
      ...paths[`/api/v1${path}`],
      [method]: {
        summary,
        operationId: `${method}${path.replace(/[^a-z]+(.)?/gi, (_, letter: string | undefined) => (letter ?? '').toUpperCase())}`,
        parameters: [...parameters('path', params), ...parameters('query', query)],
        ...(body === undefined ? {} : { requestBody: { required: true, content: json(body, 'input') } }),
        responses: {
          200: { description: 'OK', content: json(reply) },
          default: {
            description: 'Problem (RFC 9457)',
            content: { 'application/problem+json': { schema: inline(problem, 'output') } },
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
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    paths,
  }
}
