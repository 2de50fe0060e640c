import type { ApiFailure } from './api-client.ts'
import { rememberToken } from './api-client.ts'
import { h } from './dom.ts'
import { emptyState } from './parts.ts'

/** The page when there is nothing to show, and what to do next. */
export function failurePage(failure: ApiFailure, again: () => void): HTMLElement {
  const retry = h('p', {}, h('button', { type: 'button', onclick: again }, 'Try again now'))
  const { problem } = failure
  if (problem === null)
    return emptyState(
      'Ninefold cannot be reached.',
      h(
        'p',
        {},
        'Is it still running? Start it with ',
        h('code', {}, 'ninefold up'),
        '. This page tries again by itself.',
      ),
      retry,
    )
  if (problem.status === 401) return tokenForm(problem.detail, again)
  if (problem.status === 404)
    return emptyState(
      'There is no such promise or page.',
      h('p', {}, problem.detail, '.'),
      h('p', {}, h('a', { href: '/' }, 'Show all promises')),
    )
  return emptyState(
    'Ninefold answers, but not with numbers.',
    h('p', {}, `${problem.detail} (${problem.code}). ${problem.remedy}`),
    retry,
  )
}

function tokenForm(detail: string, again: () => void): HTMLElement {
  const submit = (event: Event) => {
    event.preventDefault()
    const field = document.querySelector<HTMLInputElement>('#token')
    rememberToken(field?.value.trim() ?? '')
    again()
  }
  return emptyState(
    'This instance asks for a token.',
    h('p', {}, `${detail}. Enter one of auth.tokensFile; it is kept until this tab is closed.`),
    h(
      'form',
      { onsubmit: submit },
      h('label', { for: 'token' }, 'Token'),
      h('input', { id: 'token', type: 'password', autocomplete: 'off', 'data-keep': '' }),
      h('button', { type: 'submit' }, 'Use it'),
    ),
  )
}
