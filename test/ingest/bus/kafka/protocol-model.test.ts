import { describe, expect, it } from 'vitest'
import { allGuards, explore, type Guards } from './protocol-model.ts'

describe('the intent protocol, in every order of events', () => {
  it('loses no record and doubles none', () => {
    const { states, harm } = explore(allGuards)
    expect(harm).toBeNull()
    // As many as docs/decisions/0007 says: none is left out.
    expect(states).toBe(321_582)
  })

  it.each(Object.keys(allGuards) as (keyof Guards)[])('does harm without %s, and the model shows how', guard => {
    const { harm } = explore({ ...allGuards, [guard]: false })
    expect(harm?.what).toMatch(/is (lost|doubled)$/)
    expect(harm?.events).toMatchSnapshot()
  })
})
