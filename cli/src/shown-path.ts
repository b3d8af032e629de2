import { dirname, sep } from 'node:path'

export function toPosix(path: string): string {
  return path.split(sep).join('/')
}

/** Replaces an absolute folder wherever it stands in a text. */
export function createShortener(folder: string, shown: string): (text: string) => string {
  const absolute = folder === dirname(folder) ? folder : `${folder}${sep}`
  return (text) => text.replaceAll(absolute, shown === '' ? '' : `${shown}/`)
}
