import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  assignPartitions,
  type Candidate,
  type Partition,
} from '../../../../ingest/bus/kafka/consumer/assign-partitions.ts'

const topics = ['otlp_spans', 'otlp_logs', 'otlp_metrics']
const topic = fc.constantFrom(...topics)
const partition = fc.record({ topic, partition: fc.integer({ min: 0, max: 11 }) })
const partitionSet = fc.uniqueArray(partition, { selector: nameOf, maxLength: 30 })
const members = fc.uniqueArray(
  fc.record({
    memberId: fc.string({ minLength: 1, maxLength: 3 }),
    topics: fc.constant(topics),
    owned: fc.array(partition, { maxLength: 12 }),
  }),
  { selector: ({ memberId }) => memberId, minLength: 1, maxLength: 6 },
)

function nameOf({ topic: name, partition: number }: Partition): string {
  return `${name}/${number}`
}

const sorted = (list: readonly Partition[]) => list.map(nameOf).sort()
const shareOf = (partitions: readonly Partition[], group: readonly Candidate[]) =>
  [...assignPartitions(partitions, group)].map(([id, share]) => [id, sorted(share)] as const).sort()

it('gives each partition to exactly one member, evenly, whatever members claim to have', () => {
  fc.assert(
    fc.property(partitionSet, members, (partitions, group) => {
      const shares = [...assignPartitions(partitions, group).values()]
      expect(sorted(shares.flat())).toEqual(sorted(partitions))
      const sizes = shares.map(share => share.length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})

it('moves nothing when the same members ask again, in whatever order', () => {
  fc.assert(
    fc.property(partitionSet, members, (partitions, group) => {
      const first = assignPartitions(partitions, group)
      const again = group.map(({ memberId }) => ({ memberId, topics, owned: first.get(memberId) ?? [] }))
      expect(shareOf(partitions, again)).toEqual(shareOf(partitions, group))
      expect(shareOf([...partitions].reverse(), [...again].reverse())).toEqual(shareOf(partitions, group))
    }),
  )
})

it('leaves a newcomer no more than its share, and the others the rest of what they had', () => {
  const all = Array.from({ length: 24 }, (_, at) => ({ topic: 'otlp_spans', partition: at }))
  const two = assignPartitions(all, [
    { memberId: 'a', topics, owned: [] },
    { memberId: 'b', topics, owned: [] },
  ])
  const had = (id: string) => ({ memberId: id, topics, owned: two.get(id) ?? [] })
  const three = assignPartitions(all, [had('a'), had('b'), { memberId: 'c', topics, owned: [] }])
  expect(three.get('c')).toHaveLength(8)
  for (const id of ['a', 'b']) {
    expect(sorted(two.get(id) ?? [])).toEqual(expect.arrayContaining(sorted(three.get(id) ?? [])))
  }
})

it('gives a topic to those alone that know it, also where one that does not claims to have some of it', () => {
  const known = { topic: 'otlp_spans', partition: 0 }
  const added = [0, 1].map(at => ({ topic: 'ninefold_events', partition: at }))
  const group = [
    { memberId: 'older', topics, owned: added },
    { memberId: 'newer', topics: [...topics, 'ninefold_events'], owned: [] },
  ]
  expect(shareOf([known, ...added], group)).toEqual([
    ['newer', sorted(added)],
    ['older', sorted([known])],
  ])
  expect(shareOf(added, group.slice(0, 1))).toEqual([['older', []]])
})
