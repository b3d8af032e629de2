/** Replaces `[start, end)` of a file's text, in UTF-16 code units. `start === end` inserts. */
export interface TextEdit {
  readonly file: string
  readonly start: number
  readonly end: number
  readonly text: string
}
