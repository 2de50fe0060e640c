import { alertsPage } from './alerts.ts'
import { ApiFailure, readApi } from './api-client.ts'
import { dashboardsPage } from './dashboards.ts'
import { h, morphChildren } from './dom.ts'
import { failurePage } from './failure.ts'
import { banner, newlyBurning } from './frame.ts'
import { currentPlace, followLinks, type Place } from './navigation.ts'
import type { Page, View } from './page.ts'
import { pipelinePage } from './pipeline.ts'
import { ratioPage } from './ratio-detail.ts'
import { ratioListPage } from './ratio-list.ts'
import type { Episode, Slo } from './reply-types.ts'
import { reportPage } from './report.ts'
import { sloPage } from './slo-detail.ts'
import { sloListPage } from './slo-list.ts'

/** Reads, draws, waits, and reads again; what is on the screen stays where it is and only changes. */

const noPage: Page<never> = {
  title: () => 'No such page',
  read: place =>
    Promise.reject(
      new ApiFailure({
        status: 404,
        detail: `there is nothing at ${location.pathname}`,
        code: 'API_NOT_FOUND',
        remedy: place.name,
        type: '',
        title: '',
        retryable: false,
        instance: '',
      }),
    ),
  draw: () => null,
}

const pages: Record<Place['page'], Page<unknown>> = {
  slos: sloListPage as Page<unknown>,
  slo: sloPage as Page<unknown>,
  ratios: ratioListPage as Page<unknown>,
  ratio: ratioPage as Page<unknown>,
  report: reportPage as Page<unknown>,
  alerts: alertsPage as Page<unknown>,
  pipeline: pipelinePage as Page<unknown>,
  dashboards: dashboardsPage as Page<unknown>,
  unknown: noPage,
}

const find = (id: string): HTMLElement => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}
const [bannerElement, mainElement, noticeElement] = [find('banner'), find('main'), find('notice')]
const refreshSeconds =
  Number(document.querySelector<HTMLMetaElement>('meta[name=ninefold-refresh-seconds]')?.content) || 5

let place = currentPlace()
let data: unknown
let turn = 0
let readAtMs = 0
let isReachable = true
let firing: readonly Episode[] = []
let slos: readonly Slo[] = []
let timer: ReturnType<typeof setTimeout> | undefined

function drawFrame(): void {
  const seconds = Math.round((Date.now() - readAtMs) / 1000)
  const age = readAtMs === 0 ? 'Loading…' : isReachable ? 'Live' : `Not reachable, numbers are ${seconds} s old`
  const told = firing.filter(episode => !episode.inhibited).length
  morphChildren(bannerElement, banner(place, told, age, !isReachable))
  document.title = `${told > 0 ? `(${told}) ` : ''}${pages[place.page].title(place)} · Ninefold`
}

function drawPage(): void {
  if (data === undefined) return
  const page = pages[place.page]
  const view: View = { place, nowMs: Date.now(), go, redraw: drawPage }
  morphChildren(mainElement, h('div', {}, page.draw(data, view)).childNodes.values().toArray())
  mainElement.dataset.page = place.page
  page.drawCharts?.(data, mainElement, view)
}

async function refresh(isNew: boolean): Promise<void> {
  const mine = ++turn
  clearTimeout(timer)
  try {
    const [fresh, alerts, list] = await Promise.all([
      pages[place.page].read(place),
      readApi<{ alerts: Episode[] }>('alerts', { state: 'firing', limit: 100 }),
      readApi<{ slos: Slo[] }>('slos'),
    ])
    if (mine !== turn) return
    const spoken = slos.length === 0 ? '' : newlyBurning(slos, list.slos)
    data = fresh
    firing = alerts.alerts
    slos = list.slos
    readAtMs = Date.now()
    isReachable = true
    if (spoken !== '' || noticeElement.dataset.tone === 'trouble') say(spoken, 'news')
    drawFrame()
    drawPage()
  } catch (error) {
    if (mine !== turn) return
    if (!(error instanceof ApiFailure)) throw error
    fail(error)
  } finally {
    if (mine === turn) {
      if (isNew) focusTitle()
      timer = setTimeout(() => void refresh(false), refreshSeconds * 1000)
    }
  }
}

/** Old numbers that say that they are old are better than none. */
function fail(failure: ApiFailure): void {
  isReachable = failure.problem !== null
  if (data === undefined || failure.problem?.status === 404 || failure.problem?.status === 401) {
    morphChildren(mainElement, [
      h('h1', { class: 'unseen', tabindex: '-1' }, 'Nothing to show'),
      failurePage(failure, () => void refresh(true)),
    ])
  } else if (failure.problem === null)
    say('Ninefold cannot be reached. The numbers below are the last ones; this page tries again by itself.', 'trouble')
  else say(`${failure.problem.detail} (${failure.problem.code}). ${failure.problem.remedy}`, 'trouble')
  drawFrame()
}

function say(text: string, tone: 'news' | 'trouble'): void {
  noticeElement.dataset.tone = tone
  if (noticeElement.textContent !== text) noticeElement.textContent = text
}

let isFirst = true
function focusTitle(): void {
  if (!isFirst) mainElement.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
  isFirst = false
}

const go = followLinks(isOtherPage => {
  place = currentPlace()
  if (isOtherPage) {
    data = undefined
    scrollTo(0, 0)
    mainElement.setAttribute('aria-busy', 'true')
  } else drawPage()
  drawFrame()
  void refresh(isOtherPage).finally(() => mainElement.removeAttribute('aria-busy'))
})

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void refresh(false)
})
drawFrame()
void refresh(true)
