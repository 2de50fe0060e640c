import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteString, settingsClause } from '../../store/client/sql-text.ts'
import { payloadInserts } from '../../store/tables/payload-inserts.ts'
import { defaultLayerSources } from '../factories/store.ts'

describe('the statement of each table', () => {
  const inserts = Object.values(payloadInserts(defaultLayerSources)).flat()

  it.each(inserts.map(insert => [insert.table, insert] as const))('%s is the golden one', async (table, insert) => {
    const text = `${insert.into}\n${insert.select}\n\n-- structure of {source}, messages of type ${insert.messageName}:\n-- ${insert.structure}\n`
    await expect(text).toMatchFileSnapshot(`../golden/store/${table}.sql`)
  })

  it.each(inserts.map(insert => [insert.table, insert] as const))('%s reads its source once', (_, insert) => {
    expect(insert.select.split('{source}')).toHaveLength(2)
  })
})

describe('texts in statements', () => {
  it('stay within their quotes, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const inside = quoteString(text).slice(1, -1)
        expect(inside.replaceAll(/\\./gs, '')).not.toMatch(/['\\\n\r\t\0]/)
      }),
    )
  })

  it('name settings only', () => {
    expect(settingsClause({ max_threads: 1, format_schema: "it's" })).toBe(
      "\nSETTINGS max_threads = 1, format_schema = 'it\\'s'",
    )
    expect(() => settingsClause({ 'x = 1; DROP TABLE t': 1 })).toThrow(TypeError)
  })
})
