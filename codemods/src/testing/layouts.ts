import ts from 'typescript'

/** Ways of writing the same program. Each gives a text of the same length in lines. */
export const layouts: Readonly<Record<string, (text: string) => string>> = {
  'Windows line ends': (text) => text.replaceAll('\n', '\r\n'),
  'a byte order mark': (text) => `\uFEFF${text}`,
  'double quotes': (text) => text.replaceAll(`'`, `"`),
  tabs: (text) => text.replace(/^(?: {2})+/gm, (lead) => '\t'.repeat(lead.length / 2)),
  semicolons: withSemicolons,
  'all of them': (text) =>
    `\uFEFF${withSemicolons(text)
      .replaceAll(`'`, `"`)
      .replace(/^(?: {2})+/gm, (lead) => '\t'.repeat(lead.length / 2))
      .replaceAll('\n', '\r\n')}`,
}

/** The text with a semicolon behind each statement and member that may have one. */
function withSemicolons(text: string): string {
  const file = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true)
  const ends: number[] = []
  const visit = (node: ts.Node): void => {
    if (endsWithSemicolon(node) && text[node.end - 1] !== ';') ends.push(node.end)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return ends
    .toSorted((a, b) => b - a)
    .reduce((result, end) => `${result.slice(0, end)};${result.slice(end)}`, text)
}

function endsWithSemicolon(node: ts.Node): boolean {
  const isBodiless =
    (ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node)) && node.body === undefined
  return (
    isBodiless ||
    ts.isVariableStatement(node) ||
    ts.isExpressionStatement(node) ||
    ts.isReturnStatement(node) ||
    ts.isThrowStatement(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isExportAssignment(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isPropertyDeclaration(node) ||
    (ts.isTypeElement(node) && node.parent.getText().includes('\n'))
  )
}
