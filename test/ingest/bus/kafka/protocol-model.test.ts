import { describe, expect, it } from 'vitest'
import { allGuards, explore, type Guards } from './protocol-model.ts'

describe('the intent protocol, in every order of events', () => {
  it('loses no record and doubles none', () => {
    const { states, harm } = explore(allGuards)
    expect(harm).toBeNull()
    // Not a model in which nothing happens.
    expect(states).toBeGreaterThan(10_000)
  })

  it.each(Object.keys(allGuards) as (keyof Guards)[])('does harm without %s, and the model shows how', guard => {
    const { harm } = explore({ ...allGuards, [guard]: false })
    expect(harm?.what).toMatch(/is (lost|doubled)$/)
    expect(harm?.events).toMatchSnapshot()
  })
})
