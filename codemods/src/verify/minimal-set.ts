/**
 * The smallest part of `items` that has to go so that `clears(removed)` holds, with those that come
 * first in `items` going first (QuickXplain). Needs about 2·log2(n) trials for a single culprit.
 * `clears` must hold for all of `items`.
 */
export function minimalSet<T>(
  items: readonly T[],
  clears: (removed: readonly T[]) => boolean,
): T[] {
  const search = (background: readonly T[], grown: boolean, part: readonly T[]): T[] => {
    if (grown && clears(background)) return []
    if (part.length <= 1) return [...part]
    const half = Math.ceil(part.length / 2)
    const first = part.slice(0, half)
    const fromSecond = search([...background, ...first], true, part.slice(half))
    const fromFirst = search([...background, ...fromSecond], fromSecond.length > 0, first)
    return [...fromFirst, ...fromSecond]
  }
  return search([], false, items)
}

/** The one item whose removal clears, or undefined where no single one of each half's does. */
export function singleCulprit<T>(
  items: readonly T[],
  clears: (removed: readonly T[]) => boolean,
): T | undefined {
  if (items.length === 0 || !clears(items)) return
  let candidates = items
  while (candidates.length > 1) {
    const half = Math.ceil(candidates.length / 2)
    const halves = [candidates.slice(0, half), candidates.slice(half)]
    const culpable = halves.find((part) => clears(part))
    if (!culpable) return
    candidates = culpable
  }
  return candidates[0]
}
