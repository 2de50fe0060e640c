export interface Partition {
  readonly topic: string
  readonly partition: number
}

export interface Candidate {
  readonly memberId: string
  /** What it can work on: one of an older version may know fewer topics. */
  readonly topics: readonly string[]
  /** What it has had up to now. */
  readonly owned: readonly Partition[]
}

const nameOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`

/**
 * Shares each topic evenly among the members that want it and leaves partitions where they are as far as that allows. The odd ones of a topic go to those
 * who have least in all. Deterministic: the order of members and partitions as given does not matter.
 */
export function assignPartitions(
  partitions: readonly Partition[],
  members: readonly Candidate[],
): ReadonlyMap<string, readonly Partition[]> {
  const shares = new Map<string, Partition[]>(members.map(({ memberId }) => [memberId, []]))
  const owners = ownersOf(members)
  const loadOf = (id: string) => shares.get(id)?.length ?? 0
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic)
  for (const topic of [...byTopic.keys()].sort()) {
    const list = [...(byTopic.get(topic) ?? [])].sort((a, b) => a.partition - b.partition)
    const ids = members.filter(({ topics }) => topics.includes(topic)).map(({ memberId }) => memberId)
    const has = Map.groupBy(list, partition => owners.get(nameOf(partition)) ?? '')
    const hasCount = (id: string) => has.get(id)?.length ?? 0
    const favoured = ids.sort().sort((a, b) => loadOf(a) - loadOf(b) || hasCount(b) - hasCount(a))
    const odd = list.length % ids.length
    const left = list.filter(partition => !ids.includes(owners.get(nameOf(partition)) ?? ''))
    const room: string[] = []
    for (const [rank, id] of favoured.entries()) {
      const quota = Math.floor(list.length / ids.length) + (rank < odd ? 1 : 0)
      const own = has.get(id) ?? []
      shares.get(id)?.push(...own.slice(0, quota))
      left.push(...own.slice(quota))
      for (let free = own.length; free < quota; free++) room.push(id)
    }
    for (const partition of left) shares.get(room.shift() ?? '')?.push(partition)
  }
  return shares
}

/** Who has what; what two claim is nobody's. */
function ownersOf(members: readonly Candidate[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  const disputed = new Set<string>()
  for (const { memberId, owned } of members) {
    for (const partition of owned) {
      const name = nameOf(partition)
      if (owners.has(name)) disputed.add(name)
      owners.set(name, memberId)
    }
  }
  for (const name of disputed) owners.delete(name)
  return owners
}
