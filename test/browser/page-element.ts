/**
 * The few members of an element that checks inside a page use. The sources are type-checked without the DOM's own types, which
 * would make `document` known to server code too.
 */
export interface PageElement {
  readonly tagName: string
  readonly className: string
  readonly textContent: string | null
  readonly id: string
  readonly parentElement: PageElement | null
  readonly labels?: Iterable<PageElement> | null
  readonly caption?: PageElement | null
  readonly lang: string
  readonly scrollWidth: number
  readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string | null }>
  readonly ownerDocument: PageDocument
  checkVisibility(): boolean
  hasAttribute(name: string): boolean
  getAttribute(name: string): string | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement>
}

interface PageDocument {
  readonly activeElement: PageElement | null
  readonly documentElement: PageElement
  readonly defaultView: {
    readonly innerWidth: number
    getComputedStyle(element: PageElement): { readonly color: string; readonly backgroundColor: string }
  }
  createElement(name: 'canvas'): { getContext(kind: '2d'): PageCanvas }
}

interface PageCanvas {
  fillStyle: string
  clearRect(x: number, y: number, width: number, height: number): void
  fillRect(x: number, y: number, width: number, height: number): void
  getImageData(x: number, y: number, width: number, height: number): { readonly data: ArrayLike<number> }
}
