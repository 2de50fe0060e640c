export type Child = Node | string | null | undefined | false | readonly Child[]
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>

const svgNames = new Set(['svg', 'path', 'line', 'rect', 'circle', 'g', 'title'])

/** An element; a function is a listener (`onclick`), false, null and undefined leave an attribute or child out. */
export function h(name: string, attributes: Attributes, ...children: readonly Child[]): HTMLElement {
  const element = svgNames.has(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') listen(element, key, value)
    else element.setAttribute(key, value === true ? '' : String(value))
  }
  append(element, children)
  return element as HTMLElement
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue
    if (Array.isArray(child)) append(parent, child)
    else parent.append(child as Node | string)
  }
}

type Listener = (event: Event) => void
const listeners = new WeakMap<Element, Map<string, Listener>>()

/** One listener an event, so that a morph can hand the new one to the element that stays. */
function listen(element: Element, key: string, listener: Listener): void {
  const known = listeners.get(element) ?? new Map<string, Listener>()
  listeners.set(element, known)
  if (!known.has(key)) element.addEventListener(key.slice(2), event => known.get(key)?.(event))
  known.set(key, listener)
}

/**
 * Makes `current` look like `next` with as few changes as possible: elements stay, and with them focus, scroll position and
 * what a screen reader is reading. What carries `data-keep` looks after itself (charts, fields being typed into).
 */
export function morph(current: Element, next: Element): void {
  for (const [key, listener] of listeners.get(next) ?? []) listen(current, key, listener)
  for (const { name } of [...current.attributes])
    if (!next.hasAttribute(name) && !isOwnState(current, name)) current.removeAttribute(name)
  for (const { name, value } of next.attributes)
    if (current.getAttribute(name) !== value && !isOwnState(current, name)) current.setAttribute(name, value)
  if (next.hasAttribute('data-keep')) return
  morphChildren(current, [...next.childNodes])
}

/** Whether a disclosure is open is the reader's business. */
function isOwnState(element: Element, attribute: string): boolean {
  return element.tagName === 'DETAILS' && attribute === 'open'
}

const keyOf = (node: Node): string | null => (node instanceof Element ? node.getAttribute('data-key') : null)

export function morphChildren(parent: Element, wanted: readonly Node[]): void {
  const keyed = new Map([...parent.children].map(child => [keyOf(child), child]))
  let place: ChildNode | null = parent.firstChild
  for (const next of wanted) {
    const key = keyOf(next)
    const found = key === null ? place : (keyed.get(key) ?? null)
    if (found !== null && isAlike(found, next)) {
      if (found === place) place = place.nextSibling
      else parent.insertBefore(found, place)
      if (found instanceof Element && next instanceof Element) morph(found, next)
      else if (found.nodeValue !== next.nodeValue) found.nodeValue = next.nodeValue
    } else parent.insertBefore(next, place)
  }
  while (place !== null) {
    const after: ChildNode | null = place.nextSibling
    place.remove()
    place = after
  }
}

function isAlike(current: Node, next: Node): boolean {
  return current.nodeName === next.nodeName && keyOf(current) === keyOf(next)
}
