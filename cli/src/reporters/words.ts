/** How often each key occurs, most frequent first. */
export function countBy<Item, Key extends string>(
  items: readonly Item[],
  getKey: (item: Item) => Key,
): [Key, number][] {
  const counts = new Map<Key, number>()
  for (const item of items) {
    const key = getKey(item)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}

/** `1 finding`, `2 findings`. */
export function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`
}
