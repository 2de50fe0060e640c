import { type CelExpression, type CelTree, parseCel } from './cel-syntax.ts'

/** Trees of filters that differ only in their texts, so that of a thousand services' filters one is parsed. */
export interface CelShapes {
  /**
   * The tree of a filter, without positions. Undefined where it cannot be told from another's, or does not parse: then it has to be parsed
   * itself, as it has to where somebody is told of a position.
   */
  treeOf(text: string): CelTree | undefined
}

/** A longer filter is its own shape: chains in it may nest as deep as it is long. */
const longest = 2_000
/** More shapes than this in one set of specs are no shapes but filters. */
const mostShapes = 500

/** A text of printable ASCII without escapes, as the grammar has it. */
const plainText = /"([ !#-[\]-~]*)"/g

export function createCelShapes(): CelShapes {
  const roots = new Map<string, CelExpression | undefined>()
  return {
    treeOf: text => {
      const shape = shapeOf(text)
      if (shape === undefined) return undefined
      let root = roots.get(shape.text)
      if (root === undefined && !roots.has(shape.text)) {
        if (roots.size >= mostShapes) return undefined
        const parsed = parseCel(shape.text)
        root = 'tree' in parsed ? parsed.tree.root : undefined
        roots.set(shape.text, root)
      }
      return root && { root: withTexts(root, shape.texts), offsetOf: () => 0, macroOf: () => undefined }
    },
  }
}

/** The filter with numbers for its texts; undefined where what looks like a text may be none (raw ones, bytes, comments). */
function shapeOf(text: string): { readonly text: string; readonly texts: readonly string[] } | undefined {
  if (text.length > longest || text.includes('"""') || /["'`\\]|\/\//.test(text.replace(plainText, ' ')))
    return undefined
  const texts: string[] = []
  let isPlain = true
  const shape = text.replace(plainText, (_whole, content: string, offset: number) => {
    if (/\w/.test(text.charAt(offset - 1))) isPlain = false
    return `"${texts.push(content) - 1}"`
  })
  return isPlain && texts.length > 0 ? { text: shape, texts } : undefined
}

/** Puts the texts back; what filters do not have is left as it is, for it is refused. */
function withTexts(expression: CelExpression, texts: readonly string[]): CelExpression {
  const { exprKind } = expression
  const replaced = (part: CelExpression) => withTexts(part, texts)
  switch (exprKind.case) {
    case 'constExpr': {
      const { constantKind } = exprKind.value
      if (constantKind.case !== 'stringValue') return expression
      const value = texts[Number(constantKind.value)] ?? ''
      return {
        ...expression,
        exprKind: { case: 'constExpr', value: { ...exprKind.value, constantKind: { case: 'stringValue', value } } },
      }
    }
    case 'callExpr': {
      const { target, args, ...call } = exprKind.value
      const value = { ...call, args: args.map(replaced), ...(target === undefined ? {} : { target: replaced(target) }) }
      return { ...expression, exprKind: { case: 'callExpr', value } }
    }
    case 'listExpr': {
      const value = { ...exprKind.value, elements: exprKind.value.elements.map(replaced) }
      return { ...expression, exprKind: { case: 'listExpr', value } }
    }
    default:
      return expression
  }
}
