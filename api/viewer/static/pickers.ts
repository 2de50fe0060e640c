import { h } from './dom.ts'
import { addressWith } from './navigation.ts'
import type { View } from './page.ts'
import { type TimeRange, timeRanges } from './time-range.ts'

/** What a reader chooses on a page about one thing: a stretch of time, a layer. */

export function rangePicker(chosen: TimeRange): HTMLElement {
  const links = timeRanges.map(range =>
    h(
      'li',
      {},
      h(
        'a',
        {
          href: addressWith({ range: range.text }),
          'aria-current': range === chosen ? 'true' : null,
          'aria-label': range.spoken,
        },
        range.text,
      ),
    ),
  )
  return h('nav', { class: 'ranges', 'aria-label': 'Time range', 'data-key': 'ranges' }, h('ul', {}, links))
}

export function layerPicker(layers: readonly string[], layer: string, view: View): HTMLElement {
  const onLayer = (event: Event) => view.go(addressWith({ layer: (event.target as HTMLSelectElement).value }))
  const options = layers.map(name => h('option', { value: name, selected: name === layer }, layerWord(name)))
  return h(
    'label',
    { class: 'layer-picker' },
    'Layer ',
    h('select', { onchange: onLayer, id: 'layer', 'data-keep': '' }, options),
  )
}

export const layerWord = (layer: string): string => layer.replaceAll('_', ' ')
