import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { kinds } from '../../slo-specs/schema/api-version.ts'
import { jsonSchemas } from '../../slo-specs/schema/json-schemas.ts'

const schemas = jsonSchemas()
const folder = 'slo-specs/schema/generated'

/** Every definition of the texts, with the verdict of its kind's schema. */
function judged(text: string) {
  const values = parseAllDocuments(text).flatMap((document): unknown[] => [document.toJS()].flat())
  return values.map(value => {
    const kind = z.object({ kind: z.string() }).parse(value).kind
    const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(schemas.get(`${kind}.json`))))
    return { kind, good: schema.safeParse(value).success }
  })
}

describe('the published JSON Schemas', () => {
  it.each([...schemas])('%s is what the validators say', async (name, schema) => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`../../${folder}/${name}`)
  })

  it('are all that the folder holds, one a kind and one of all', () => {
    expect(readdirSync(folder).sort()).toEqual([...kinds.map(kind => `${kind}.json`), 'specs.json'].sort())
  })

  it('take every example of the documentation', () => {
    for (const page of ['language', 'ninefold-kinds']) {
      const text = readFileSync(`docs/specs/${page}.md`, 'utf8')
      const examples = [...text.matchAll(/```yaml\n(apiVersion[\s\S]*?)```/g)].flatMap(([, yaml = '']) => judged(yaml))
      expect(examples.length).toBeGreaterThan(0)
      expect(examples.filter(({ good }) => !good)).toEqual([])
    }
  })

  it('take every spec of the demo', () => {
    for (const service of ['cart', 'checkout', 'payments', 'storefront'])
      expect(
        judged(readFileSync(`slo-specs/services/${service}/${service}.yaml`, 'utf8')).filter(({ good }) => !good),
      ).toEqual([])
  })

  it('take every file in the shape of a published OpenSLO example', () => {
    for (const file of readdirSync('test/slo-specs/openslo').filter(name => !name.startsWith('bad-'))) {
      const definitions = judged(readFileSync(`test/slo-specs/openslo/${file}`, 'utf8'))
      expect(definitions.length).toBeGreaterThan(0)
      expect(
        definitions.filter(({ good }) => !good),
        file,
      ).toEqual([])
    }
  })

  it.each(['SPEC_UNKNOWN_FIELD', 'SPEC_MISSING_FIELD', 'SPEC_WRONG_TYPE'])('refuse the bad sample of %s', code => {
    const text = readFileSync(`test/slo-specs/samples/bad/${code}.yaml`, 'utf8')
    expect(judged(text).some(({ good }) => !good)).toBe(true)
  })

  it('are where the line for editors says, seen from a page or spec of the repository', () => {
    const page = 'docs/specs/ninefold-kinds.md'
    const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(page, 'utf8')) ?? []
    const found = JSON.parse(readFileSync(new URL(path, new URL(page, `file://${process.cwd()}/`)), 'utf8'))
    expect(found).toEqual(JSON.parse(JSON.stringify(schemas.get('specs.json'))))
  })

  it('name in specs.json only what it holds', () => {
    const whole = schemas.get('specs.json')
    const held = z.object({
      $defs: z.record(z.string(), z.unknown()),
      allOf: z.array(z.object({ else: z.object({ $ref: z.string() }) })),
    })
    const { $defs, allOf } = held.parse(whole)
    expect(allOf.map(entry => entry.else.$ref.replace('#/$defs/', ''))).toEqual(Object.keys($defs))
  })
})
