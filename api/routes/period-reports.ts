import { type Period, periodOf } from '../../compute/budget/period.ts'
import type { SpecDesk } from '../../compute/jobs/spec-desk.ts'
import type { PeriodReport } from '../../compute/reports/period-report.ts'
import type { Reports } from '../../compute/reports/reports.ts'
import { NinefoldError } from '../../lib/errors.ts'
import type { SpecSet } from '../../slo-specs/schema/model.ts'
import { type Endpoint, endpoint, type ReplyForm } from '../endpoint.ts'
import { isoTime, isoTimeOrNull } from '../iso-time.ts'
import { presentCorrections, presentData } from '../present.ts'
import { type PeriodReply, periodReport } from '../schemas/period-replies.ts'
import { byPeriod, ofPeriod, periodForms } from '../schemas/requests.ts'

/** Of these it is told what they changed; each is read and compared. */
const mostCompared = 20
const mostListed = 1000

/**
 * How the promises were kept in a calendar period, and who changed them in it.
 * @param viewerUrl where people reach the viewer, for links in documents; null for none.
 */
export function periodReportEndpoints(
  reports: Reports,
  desk: SpecDesk | undefined,
  viewerUrl: string | null,
): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/reports/{period}',
      summary: 'A day, week, month, quarter or year: SLIs, budgets, incidents, and who changed which promise',
      params: byPeriod,
      query: ofPeriod,
      reply: periodReport,
      forms: { pdf: pdfForm(viewerUrl) },
      answer: async ({ period: text }, { timeZone }) => {
        const period = periodOf(text, timeZone)
        if (period === undefined)
          throw new NinefoldError('API_BAD_REQUEST', `${text} is no period: write ${periodForms}`)
        return { ...present(await reports.period(period), reports.specs()), ...(await revisionsIn(period, desk)) }
      },
    }),
  ]
}

/** Documents are made one after another, so that those who ask for many leave time for the others. */
function pdfForm(viewerUrl: string | null): ReplyForm {
  let former: Promise<unknown> = Promise.resolve()
  return {
    contentType: 'application/pdf',
    fileName: reply => `ninefold-${(reply as PeriodReply).period}.pdf`,
    make: reply => {
      const file = former.then(async () => {
        const { periodPdf } = await import('../pdf/period-pdf.ts')
        return periodPdf(reply as PeriodReply, viewerUrl)
      })
      former = file.catch(() => {})
      return file
    },
  }
}

async function revisionsIn({ fromMs, toMs }: Period, desk: SpecDesk | undefined) {
  const { entries } = (await desk?.revisions(mostListed)) ?? { entries: [] }
  const found = entries
    .map((entry, index) => ({ entry, former: entries[index + 1] }))
    .filter(({ entry: { appliedAtMs } }) => appliedAtMs >= fromMs && appliedAtMs < toMs)
  const revisions = []
  for (const { entry, former } of found.slice(0, mostCompared)) {
    const changes = former === undefined ? [] : ((await desk?.diff(former.revision, entry.revision))?.slos ?? [])
    const { revision, appliedAtMs, source, author, commit, message } = entry
    revisions.push({
      ...{ revision, appliedAt: isoTime(appliedAtMs), source, author, commit, message },
      isFirst: former === undefined,
      changes: changes.map(({ name, kind, fields }) => ({ name, kind, fields })),
    })
  }
  return { revisions, revisionsOmitted: found.length - revisions.length }
}

function present({ period, before, ...report }: PeriodReport, specs: SpecSet) {
  const { untilMs, revision, partEndsMs, slos, incidents, incidentsBefore, incidentsOmitted, evaluatedAtMs } = report
  const specOf = new Map(specs.slos.map(slo => [slo.name, slo]))
  const correctionsOf = (name: string) => {
    const slo = specOf.get(name)
    return slo === undefined ? [] : presentCorrections(slo, { fromMs: period.fromMs, toMs: untilMs })
  }
  const span = ({ text, fromMs, toMs }: Period) => ({ period: text, from: isoTime(fromMs), to: isoTime(toMs) })
  return {
    ...span(period),
    timeZone: period.timeZone,
    until: isoTime(untilMs),
    isRunning: untilMs < period.toMs,
    before: { ...span(before), incidents: incidentsBefore },
    revision,
    kept: slos.filter(({ isKept }) => isKept === true).length,
    missed: slos.filter(({ isKept }) => isKept === false).length,
    withoutData: slos.filter(({ isKept }) => isKept === null).length,
    partEnds: partEndsMs.map(isoTime),
    slos: slos.map(({ isKept, isRetained, data, ...slo }) => ({
      ...slo,
      data: presentData(data),
      kept: isKept,
      retained: isRetained,
      corrections: correctionsOf(slo.name),
    })),
    incidents: incidents.map(({ firedAtMs, resolvedAtMs, ...incident }) => ({
      ...incident,
      firedAt: isoTime(firedAtMs),
      resolvedAt: isoTimeOrNull(resolvedAtMs),
    })),
    incidentsOmitted,
    evaluatedAt: isoTime(evaluatedAtMs),
  }
}
