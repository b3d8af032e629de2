/** The candidate that a slip of the fingers turned into `word`, if one is near enough. */
export function findNearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3))
  const [nearest] = candidates
    .map((candidate) => ({
      candidate,
      distance: getDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return nearest?.candidate
}

/** Levenshtein's: how many letters to insert, remove or replace. */
function getDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column++) {
      const replace = at(row, column - 1) + (letter === to[column - 1] ? 0 : 1)
      next.push(Math.min(replace, at(row, column) + 1, at(next, column - 1) + 1))
    }
    row = next
  }
  return at(row, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0
}
