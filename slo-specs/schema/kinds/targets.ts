import { checkShape } from '../check-shape.ts'
import { type Definition, readInline, resolve } from '../definitions.ts'
import type { NotificationTarget } from '../model.ts'
import type { Resolving } from '../resolving.ts'
import type { YamlValue } from '../yaml-value.ts'
import { annotationOf, checkAnnotationNames } from './annotations.ts'
import { notificationTargetShape, targetReference } from './shapes.ts'

/** Ways that notifications are sent. */
const senders = ['pagerduty']

/** One of another kind may stand in the files as well; an SLO that tells it is refused. */
export function isSendable({ kind }: NotificationTarget): boolean {
  return senders.includes(kind)
}

/** Whom to tell; undefined after reporting what is wrong. */
export function readTarget(definition: Definition, context: Resolving): NotificationTarget | undefined {
  checkAnnotationNames(definition, context)
  const shape = checkShape(notificationTargetShape, definition.spec, context.report)
  if (shape === undefined) return undefined
  const { name, displayName } = definition.metadata
  return { name, kind: shape.target.toLowerCase(), displayName: displayName ?? name }
}

/** Targets marked `ninefold.dev/default: "true"`; all that something can be sent to when none is marked. */
export function defaultTargetNames(
  all: readonly Definition[],
  targets: ReadonlyMap<string, NotificationTarget>,
): string[] {
  const definitions = all.filter(({ metadata }) => {
    const target = targets.get(metadata.name)
    return target !== undefined && isSendable(target)
  })
  const marked = definitions.filter(definition => annotationOf(definition, 'default') === 'true')
  return (marked.length > 0 ? marked : definitions).map(({ metadata }) => metadata.name)
}

/** The names of the targets in a policy's list: a name, `{targetRef}`, or a definition in place. */
export function readTargetList(list: YamlValue | undefined, context: Resolving): string[] {
  const names: string[] = []
  const items = Array.isArray(list?.value) ? list.value.map((_, index) => list.child(index)) : []
  for (const item of items) {
    if (item === undefined) continue
    const name = readTargetItem(item, context)
    if (name !== undefined && !names.includes(name)) names.push(name)
  }
  return names
}

function readTargetItem(item: YamlValue, context: Resolving): string | undefined {
  const { report, targets } = context
  if (typeof item.value === 'string') return resolvedName(item.value, item, context)
  if (item.child('targetRef') !== undefined) {
    const reference = checkShape(targetReference, item, report)
    return reference && resolvedName(reference.targetRef, item.child('targetRef') ?? item, context)
  }
  const definition = readInline('AlertNotificationTarget', item, report)
  const target = definition && readTarget(definition, context)
  if (target === undefined) return undefined
  const before = targets.get(target.name)
  if (before !== undefined && before.kind !== target.kind)
    report(
      'SPEC_DUPLICATE_NAME',
      item.position,
      `AlertNotificationTarget ${target.name} is defined differently elsewhere`,
    )
  if (before === undefined) targets.set(target.name, target)
  return target.name
}

function resolvedName(name: string, at: YamlValue, context: Resolving): string | undefined {
  return resolve({ kind: 'AlertNotificationTarget', name, at }, { ...context, fallback: at })?.metadata.name
}
