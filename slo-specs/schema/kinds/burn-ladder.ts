import { checkShape } from '../check-shape.ts'
import type { Definition } from '../definitions.ts'
import type { Report } from '../findings.ts'
import type { Ladder } from '../ladder.ts'
import type { YamlValue } from '../yaml-value.ts'
import { ladderShape, readLadderShape } from './ladder-shape.ts'

/** The ladder that somebody defines, for policies to name; undefined after reporting what is wrong. */
export function readBurnLadder(definition: Definition, standard: Ladder, report: Report): Ladder | undefined {
  const { at, spec, metadata } = definition
  const shape = checkShape(ladderShape, spec, report)
  if (metadata.name === standard.name) {
    const position = at.child('metadata')?.child('name')?.position ?? at.position
    report('SPEC_DUPLICATE_NAME', position, `the ladder ${standard.name} comes with Ninefold`)
    return undefined
  }
  if (shape === undefined) return undefined
  let isGood = true
  const ladder = readLadderShape(metadata.name, shape, standard, (code, path, message) => {
    isGood = false
    let place: YamlValue = spec
    for (const part of path) place = place.child(part) ?? place
    report(code, place.position, message)
  })
  return isGood ? ladder : undefined
}
