/** The line ending that a text mostly uses. */
export function lineEndingOf(text: string): '\r\n' | '\n' {
  const windows = text.match(/\r\n/g)?.length ?? 0
  const all = text.match(/\n/g)?.length ?? 0
  return windows * 2 > all ? '\r\n' : '\n'
}
