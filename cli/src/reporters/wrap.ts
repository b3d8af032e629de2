/** Breaks a line between words, so that what follows the first stays in its column. */
export function wrap(text: string, indent: number, width: number | undefined): string {
  // Where nobody looks, or there is hardly room, lines stay whole: `grep` finds them.
  if (width === undefined || width - indent < 30) return text
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - indent) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`)
}
