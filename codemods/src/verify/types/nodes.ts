import type { ts } from 'ts-morph'
import type { TypeScript } from './compiler.js'

/** The innermost node that covers `[start, end)`, comments aside. */
export function nodeCovering(
  ts: TypeScript,
  file: ts.SourceFile,
  start: number,
  end: number,
): ts.Node {
  let found: ts.Node = file
  for (;;) {
    const inner: ts.Node | undefined = ts.forEachChild(found, (child) =>
      child.getStart(file) <= start && end <= child.end ? child : undefined,
    )
    if (!inner) return found
    found = inner
  }
}

/** The names of the declarations around a position, outermost first. */
export function contextOf(ts: TypeScript, file: ts.SourceFile, position: number): string {
  const names: string[] = []
  const innermost = nodeCovering(ts, file, position, position)
  for (let node: ts.Node | undefined = innermost; node; node = node.parent as ts.Node | undefined) {
    const { name } = node as { name?: ts.Node }
    if (name && !ts.isParameter(node)) names.unshift(name.getText(file))
  }
  return names.join('.')
}
