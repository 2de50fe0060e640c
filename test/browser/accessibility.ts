import type { Page } from 'playwright-core'
import type { PageElement } from './page-element.ts'

/** What is wrong with the page for who cannot see it well or uses no mouse; one sentence a finding. */
export async function findBarriers(page: Page): Promise<string[]> {
  const root = page.locator(':root')
  const names: string[] = await root.evaluate(withoutNames)
  const structure: string[] = await root.evaluate(wrongStructure)
  const contrast: string[] = await root.evaluate(lowContrast)
  return [...names, ...structure, ...contrast]
}

/** Everything that is operated or stands for a picture has a name, every table its caption and heads. */
function withoutNames(root: PageElement): string[] {
  const found: string[] = []
  for (const element of root.querySelectorAll('a, button, input, select, summary, [role=img]')) {
    const labels = [...(element.labels ?? [])].map(label => label.textContent ?? '').join('')
    const name = `${element.getAttribute('aria-label') ?? element.textContent ?? ''}${labels}`.trim()
    if (element.checkVisibility() && name === '') found.push(`a nameless ${element.tagName}`)
  }
  for (const image of root.querySelectorAll('img')) if (!image.hasAttribute('alt')) found.push('an image without alt')
  for (const table of root.querySelectorAll('table')) {
    const isTitled = table.querySelector('caption') !== null && table.querySelector('th[scope=col]') !== null
    if (!isTitled) found.push('a table without caption or heads')
  }
  return found
}

/** One title, headings without gaps, landmarks, ids used once, nothing that scrolls sideways. */
function wrongStructure(root: PageElement): string[] {
  const found: string[] = []
  const levels = [...root.querySelectorAll('h1, h2, h3, h4')].map(heading => Number(heading.tagName[1]))
  if (levels.filter(level => level === 1).length !== 1) found.push('not exactly one title')
  levels.forEach((level, index) => {
    if (level > (levels[index - 1] ?? 0) + 1) found.push(`a gap before a heading of level ${level}`)
  })
  const ids = [...root.querySelectorAll('[id]')].map(element => element.id)
  if (new Set(ids).size < ids.length) found.push('an id is used twice')
  for (const element of root.querySelectorAll('[aria-labelledby]'))
    if (!ids.includes(element.getAttribute('aria-labelledby') ?? '')) found.push('aria-labelledby names nothing')
  for (const landmark of ['main', 'header', 'nav[aria-label]'])
    if (root.querySelector(landmark) === null) found.push(`no ${landmark}`)
  if (root.lang === '') found.push('no language')
  if (root.scrollWidth > root.ownerDocument.defaultView.innerWidth) found.push('the page scrolls sideways')
  return found
}

/** Text below the contrast of 4.5 that WCAG 2.2 asks for (1.4.3), computed with its relative luminance. */
function lowContrast(root: PageElement): string[] {
  const { defaultView } = root.ownerDocument
  const canvas = root.ownerDocument.createElement('canvas').getContext('2d')
  const rgb = (colour: string): number[] => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return Array.from(canvas.getImageData(0, 0, 1, 1).data)
  }
  const linear = (channel = 0) => (channel <= 10.31 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4)
  const luminance = ([red, green, blue]: number[]) =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) + 0.05
  const groundOf = (element: PageElement | null): number[] => {
    if (element === null) return [255, 255, 255]
    const colour = rgb(defaultView.getComputedStyle(element).backgroundColor)
    return (colour[3] ?? 0) > 250 ? colour : groundOf(element.parentElement)
  }
  const isText = (element: PageElement) =>
    element.checkVisibility() &&
    [...element.childNodes].some(node => node.nodeType === 3 && (node.textContent ?? '').trim() !== '')
  return [...root.querySelectorAll('body *')].filter(isText).flatMap(element => {
    const ink = luminance(rgb(defaultView.getComputedStyle(element).color))
    const ground = luminance(groundOf(element))
    const contrast = Math.max(ink, ground) / Math.min(ink, ground)
    return contrast < 4.5 ? [`"${element.textContent?.slice(0, 30)}" has a contrast of ${contrast.toFixed(2)}`] : []
  })
}
