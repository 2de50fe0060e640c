/**
 * The intent protocol on one partition of a consumer group, small enough to try every order of events. Two members, each of which may be
 * halted at any moment for as long as it likes (it is just not its turn), be ended, lose the partition, get it back, and still have handlers
 * at work that began under older assignments. The broker knows the group's generation and nothing of who owns what.
 */

/** What holds the protocol up; the test takes away one at a time and wants the model to find the harm. */
export interface Guards {
  /** A commit names the generation that its batch was read under, not the one the member is in by now. */
  readonly boundGeneration: boolean
  /** The range is committed as an intent before it is inserted. */
  readonly intentFirst: boolean
  /** Whoever finds an intent inserts exactly that range. */
  readonly exactReplay: boolean
  /** The store knows ranges that it has by their token. */
  readonly deduplication: boolean
  /** A handler moves on to a newer generation only if its member had the partition in the one right before. */
  readonly consecutiveKeep: boolean
  /** The position is asked for after the generation began, when nobody of the former one can commit any more. */
  readonly positionAfterFence: boolean
}

export const allGuards: Guards = {
  boundGeneration: true,
  intentFirst: true,
  exactReplay: true,
  deduplication: true,
  consecutiveKeep: true,
  positionAfterFence: true,
}

type Range = readonly [first: number, last: number]

interface Position {
  readonly next: number
  readonly intent: Range | null
}

interface Handler {
  readonly member: number
  readonly generation: number
  readonly phase: 'idle' | 'read' | 'announced' | 'inserted'
  readonly position: number
  readonly range: Range | null
}

interface State {
  /** Owner by generation; the last one is in force. */
  readonly owners: readonly number[]
  readonly committed: Position
  /** What each member believes the position to be, when it is asked for too early. */
  readonly early: readonly (Position | null)[]
  /** The generation each member is in; −1 while it is in none. */
  readonly members: readonly number[]
  readonly handlers: readonly Handler[]
  /** Ranges inserted: once each with deduplication, else as often as it was done. */
  readonly inserted: readonly string[]
  readonly ends: number
}

export interface Outcome {
  readonly states: number
  /** The events that lead to a lost or doubled record, or null when there is no such way. */
  readonly harm: { readonly what: string; readonly events: readonly string[] } | null
}

type Event = readonly [name: string, next: State]

const records = 3
const largestBatch = 2
const generations = 4
const mostEnds = 1

const start: State = {
  owners: [0],
  committed: { next: 0, intent: null },
  early: [null, null],
  members: [-1, -1],
  handlers: [],
  inserted: [],
  ends: 0,
}

/** Tries every order of events; breadth first, so that the first harm found is a shortest one. */
export function explore(guards: Guards): Outcome {
  const seen = new Map<string, { readonly from: string | null; readonly event: string }>()
  let frontier: (readonly [key: string, state: State])[] = [[JSON.stringify(start), start]]
  seen.set(JSON.stringify(start), { from: null, event: 'start' })
  while (frontier.length > 0) {
    const following: (readonly [string, State])[] = []
    for (const [key, state] of frontier) {
      const what = harmOf(state)
      if (what !== null) return { states: seen.size, harm: { what, events: eventsTo(key, seen) } }
      for (const [event, next] of eventsOf(state, guards)) {
        const nextKey = JSON.stringify(next)
        if (seen.has(nextKey)) continue
        seen.set(nextKey, { from: key, event })
        following.push([nextKey, next])
      }
    }
    frontier = following
  }
  return { states: seen.size, harm: null }
}

function eventsTo(
  key: string,
  seen: ReadonlyMap<string, { readonly from: string | null; readonly event: string }>,
): string[] {
  const events: string[] = []
  for (let at: string | null = key; at !== null; ) {
    const step = seen.get(at)
    if (step === undefined) break
    events.unshift(step.event)
    at = step.from
  }
  return events
}

function harmOf({ committed, inserted }: State): string | null {
  for (let record = 0; record < records; record++) {
    const rows = inserted.filter(text => {
      const [first = 0, last = 0] = text.split('-').map(Number)
      return first <= record && record <= last
    }).length
    if (rows > 1) return `record ${record} is doubled`
    if (rows === 0 && record < committed.next) return `record ${record} is lost`
  }
  return null
}

function* eventsOf(state: State, guards: Guards): Generator<Event> {
  const generation = state.owners.length - 1
  if (state.owners.length < generations) {
    for (const owner of [0, 1]) {
      yield [
        `generation ${generation + 1}: member ${owner} has the partition`,
        { ...state, owners: [...state.owners, owner] },
      ]
    }
  }
  for (const member of [0, 1]) {
    if (!guards.positionAfterFence)
      yield [`member ${member} asks for the position`, withEarly(state, member, state.committed)]
    if (state.members[member] !== generation) yield joins(state, member, guards)
    if (state.ends < mostEnds) yield [`member ${member} ends`, ends(state, member)]
  }
  for (const [at, handler] of state.handlers.entries()) yield* stepsOf(state, at, handler, guards)
}

const withEarly = (state: State, member: number, position: Position | null): State => ({
  ...state,
  early: state.early.with(member, position),
})

function ends(state: State, member: number): State {
  const handlers = state.handlers.filter(handler => handler.member !== member)
  return withEarly({ ...state, handlers, members: state.members.with(member, -1), ends: state.ends + 1 }, member, null)
}

/** A member learns of the generation in force. Handlers of older assignments go on. */
function joins(state: State, member: number, guards: Guards): Event {
  const generation = state.owners.length - 1
  const joined = { ...state, members: state.members.with(member, generation) }
  const name = `member ${member} is in generation ${generation}`
  if (state.owners[generation] !== member) return [name, joined]
  const kept = state.handlers.findIndex(
    handler =>
      handler.member === member &&
      (guards.consecutiveKeep ? handler.generation === generation - 1 : handler.generation < generation),
  )
  const keeper = state.handlers[kept]
  if (keeper !== undefined) {
    return [
      `${name} and keeps its handler`,
      { ...joined, handlers: state.handlers.with(kept, { ...keeper, generation }) },
    ]
  }
  const { next, intent } = (guards.positionAfterFence ? null : state.early[member]) ?? state.committed
  const replays = intent !== null && guards.exactReplay
  const handler: Handler = {
    member,
    generation,
    phase: replays ? 'read' : 'idle',
    position: next,
    range: replays ? intent : null,
  }
  return [
    `${name} and begins at ${next}`,
    withEarly({ ...joined, handlers: [...state.handlers, handler] }, member, null),
  ]
}

function* stepsOf(state: State, at: number, handler: Handler, guards: Guards): Generator<Event> {
  const { member, generation, phase, position, range } = handler
  const name = `the handler of member ${member}, generation ${generation},`
  const becomes = (changes: Partial<Handler>, other: Partial<State> = {}): State => ({
    ...state,
    ...other,
    handlers: state.handlers.with(at, { ...handler, ...changes }),
  })
  const without = { ...state, handlers: state.handlers.filter((_, index) => index !== at) }
  const named = guards.boundGeneration ? generation : state.members[member]
  const isAccepted = named === state.owners.length - 1

  if (phase === 'idle') {
    for (let last = position; last < Math.min(records, position + largestBatch); last++) {
      yield [`${name} reads ${position}-${last}`, becomes({ phase: 'read', range: [position, last] })]
    }
    return
  }
  if (range === null) return
  const [first, last] = range
  if (phase === 'read') {
    if (!guards.intentFirst) yield [`${name} goes on to insert`, becomes({ phase: 'announced' })]
    else if (!isAccepted) yield [`${name} may not announce ${first}-${last}`, without]
    else
      yield [
        `${name} announces ${first}-${last}`,
        becomes({ phase: 'announced' }, { committed: { next: first, intent: range } }),
      ]
  } else if (phase === 'announced') {
    const token = `${first}-${last}`
    const known = guards.deduplication && state.inserted.includes(token)
    const inserted = known ? state.inserted : [...state.inserted, token].sort()
    yield [`${name} inserts ${token}`, becomes({ phase: 'inserted' }, { inserted })]
  } else if (!isAccepted) yield [`${name} may not commit ${last + 1}`, without]
  else {
    const committed = { next: last + 1, intent: null }
    yield [`${name} commits ${last + 1}`, becomes({ phase: 'idle', position: last + 1, range: null }, { committed })]
  }
}
