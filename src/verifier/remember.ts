/** Remembers what a pure function made of a header: most browsers send one of a few. */

/** Texts. What clients make up pushes out nothing but the like. */
const MOST = 500

/** A text of more than `characters` is read each time. What is returned is shared by all who ask. */
export function remember<T extends string | Readonly<object>>(
  characters: number,
  read: (text: string) => T,
): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const answer = read(text)
    if (text.length > characters) return answer
    if (known.size >= MOST) known.clear()
    known.set(text, answer)
    return answer
  }
}
