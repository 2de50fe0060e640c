import type { Child } from './dom.ts'
import type { Place } from './navigation.ts'

/** What a page is drawn with. */
export interface View {
  readonly place: Place
  readonly nowMs: number
  /** Goes to an address of the viewer. */
  go(address: string): void
  /** Draws the page again from what is known. */
  redraw(): void
}

/** A page reads, then draws; charts draw into what is on the screen already. */
export interface Page<T> {
  title(place: Place): string
  read(place: Place): Promise<T>
  draw(data: T, view: View): Child
  drawCharts?(data: T, root: Element, view: View): void
}
