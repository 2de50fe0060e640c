/** Letters of other scripts that most fonts draw like a Latin one: what a copied or hostile name may hold. */
const alike: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['аеорсухіјѕԁԛԝһ', 'aeopcyxijsdqwh'],
    ['АВЕКМНОРСТУХІЈЅ', 'ABEKMHOPCTYXIJS'],
    ['αοινρυκ', 'aoivpuk'],
    ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
    ['ıℓ‐‑–−․⁄', 'il----./'],
  ].flatMap(([from = '', to = '']) => [...from].map((letter, index) => [letter, [...to][index] ?? ''])),
)

export interface LookAlike {
  /** Characters (UTF-16) from the beginning. */
  readonly offset: number
  readonly message: string
}

/** The first character that is not what it looks like in a text that is otherwise plain, or that cannot be seen at all. */
export function lookAlikeIn(text: string): LookAlike | undefined {
  // What is plain throughout, as nearly everything is, needs no look at each letter.
  if (/^[\t\n\r\x20-\x7e]*$/.test(text)) return undefined
  let offset = 0
  for (const character of text) {
    const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
    if (/[\p{Cf}\u115f\u1160\u3164\uffa0]/u.test(character)) return { offset, message: `${code} cannot be seen` }
    // A name in another script altogether is somebody's language, not a mistake.
    const like = Object.hasOwn(alike, character) ? alike[character] : undefined
    if (like !== undefined && /[A-Za-z]/.test(text)) return { offset, message: `${code} looks like ${like}` }
    offset += character.length
  }
  return undefined
}
