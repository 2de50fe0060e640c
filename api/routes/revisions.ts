import type { SpecDesk } from '../../compute/jobs/spec-desk.ts'
import type { SpecEntry } from '../../compute/jobs/spec-ledger.ts'
import type { RatioChange } from '../../slo-specs/schema/diff-ratios.ts'
import type { SloChange } from '../../slo-specs/schema/diff-slos.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { isoTime } from '../iso-time.ts'
import { byRevision, listLimit, noInput, rollbackRequest, toRevision } from '../schemas/requests.ts'
import { applyReply, revisionDiff, revisionList, revisionReply } from '../schemas/spec-replies.ts'

/** What was promised when, and the way back. */
export function revisionEndpoints(desk: SpecDesk): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/revisions',
      summary: 'Sets of specs in the order in which they came into force, newest first: who, when, why',
      params: noInput,
      query: listLimit,
      reply: revisionList,
      answer: async (_, { limit }) => {
        const { current, entries } = await desk.revisions(limit)
        return { current, revisions: entries.map(presentEntry) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/revisions/{revision}',
      summary: 'One revision with its files',
      params: byRevision,
      query: noInput,
      reply: revisionReply,
      answer: async ({ revision }) => {
        const stored = await desk.revision(revision)
        return stored === undefined ? undefined : { ...presentEntry(stored), files: stored.files }
      },
    }),
    endpoint({
      method: 'get',
      path: '/revisions/{revision}/diff',
      summary: 'What changed from one revision to another in what SLOs and ratios mean',
      params: byRevision,
      query: toRevision,
      reply: revisionDiff,
      answer: async ({ revision: from }, { to }) => {
        const changes = await desk.diff(from, to)
        if (changes === undefined) return undefined
        const named = ({ name, kind, fields }: SloChange | RatioChange) => ({ name, kind, fields })
        return { from, to, slos: changes.slos.map(named), ratios: changes.ratios.map(named) }
      },
    }),
    endpoint({
      method: 'post',
      path: '/revisions/{revision}/rollback',
      summary: 'Puts an earlier revision into force again, as a new entry',
      params: byRevision,
      query: noInput,
      body: rollbackRequest,
      reply: applyReply,
      answer: async ({ revision }, _query, { expected, ...origin }) =>
        desk.rollback(revision, origin, expected === undefined ? {} : { expected }),
    }),
  ]
}

function presentEntry({ sequence, revision, appliedAtMs, source, path, author, commit, message, slos }: SpecEntry) {
  return { sequence, revision, appliedAt: isoTime(appliedAtMs), source, path, author, commit, message, slos }
}
