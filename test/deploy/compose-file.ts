import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

/** The Compose file, as far as the tests look at it; a key of a service that is not here fails them. */
export const composeFile = fileURLToPath(new URL('../../deploy/compose.yaml', import.meta.url))

const condition = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
})
const healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.tuple([z.literal('CMD')], z.string()),
    interval: z.string(),
    timeout: z.string(),
    start_period: z.string(),
  }),
])
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  restart: z.enum(['unless-stopped', 'no']),
  stop_grace_period: z.string().optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), condition).default({}),
  healthcheck: healthcheck.optional(),
  ulimits: z.record(z.string(), z.unknown()).optional(),
})
const compose = z.strictObject({
  name: z.string(),
  'x-role': z.unknown(),
  services: z.record(z.string(), service),
  secrets: z.record(z.string(), z.strictObject({ environment: z.string() })),
  volumes: z.record(z.string(), z.strictObject({})),
})

export type ComposeService = z.output<typeof service>

export function readCompose() {
  return compose.parse(parse(readFileSync(composeFile, 'utf8'), { merge: true }))
}

/** `source:target[:ro]`; named volumes have no file. */
export function mountsOf({ volumes }: ComposeService) {
  return volumes.map(text => {
    const [source = '', target = '', mode] = text.split(':')
    const isFile = source.startsWith('.')
    return { source: isFile ? join(dirname(composeFile), source) : source, target, isFile, isReadOnly: mode === 'ro' }
  })
}
