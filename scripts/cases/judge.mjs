/**
 * Compares what a host said about a case with the verdicts.
 *
 * @param {import('./read.mjs').Case} given
 * @param {Map<string, { reports: { line: number, message: string }[], output: string | undefined }>} results
 */
export function judge(given, results) {
  const problems = []
  const fixes = { equal: 0, same: [], different: [] }
  for (const file of given.files) {
    const { reports, output } = results.get(`${given.name}/${file.name}`) ?? { reports: [] }
    const lines = new Map(reports.map((each) => [each.line, each.message]))
    const text = file.text.split('\n')
    for (const line of file.expected)
      if (!lines.has(line)) problems.push(`missed ${file.name}:${line} ${text[line - 1]?.trim()}`)
    for (const [line, message] of lines)
      if (!file.expected.has(line) && !file.allowed.has(line))
        problems.push(`wrong ${file.name}:${line} ${text[line - 1]?.trim()} <${message}>`)
    if (file.fixed === undefined) continue
    if (isSameText(output ?? file.text, file.fixed)) {
      fixes.equal += 1
      fixes.same.push(`${given.name}/${file.name}`)
    } else fixes.different.push({ file: file.name, output, expected: file.fixed })
  }
  return { problems, fixes }
}

function isSameText(actual, expected) {
  const [a, b] = [actual, expected].map(canonical)
  return a === b || requestForm(a) === requestForm(b)
}

/** Without header comments, white space, and the import that stands in for `fix-needs: shim-types`. */
function canonical(text) {
  return text
    .split('\n')
    .filter(
      (line) => !/^\/\/ (?:verdict|tier|fix-needs):|^import '@ctx-fix\/runtime\/pg'/.test(line),
    )
    .join('\n')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{}()[\],;:=<>]) ?/g, '$1')
    .replace(/,([)}\]])/g, '$1')
    .trim()
}

/**
 * The runtime's `requestSignal(request)` is the better source than the framework's own signal, as it has a
 * deadline and is right for requests with a body: both forms count as the same.
 */
function requestForm(given) {
  const text = configForm(given)
  const derived = /const (\w+)=requestSignal\((?:[\w.]+)\)\s?/.exec(text)
  // Functions above take a parameter of the same name, which is what it is.
  const inlined = derived
    ? text.slice(0, derived.index) +
      text
        .slice(derived.index + derived[0].length)
        .replace(new RegExp(`([{,])${derived[1]}(?=[,}])`, 'g'), '$1signal:REQUEST_SIGNAL')
        .replace(new RegExp(`([(,:])${derived[1]}(?=[,)}])`, 'g'), '$1REQUEST_SIGNAL')
    : text
  return inlined
    .replace(/import\{requestSignal\}from ?'[^']+'\s?/g, '')
    .replace(
      /requestSignal\([\w.]+\)|\b(?:request|req|c\.req\.raw|request\.raw)\.signal\b/g,
      'REQUEST_SIGNAL',
    )
    .replace(/\s/g, '')
}

/**
 * A receiver that is known by its type alone may be a proxy, so the call is wrapped: `withSignal(signal,
 * () => pool.query(text, values))` counts as the config object.
 */
function configForm(text) {
  return text
    .replace(/import\{withSignal\}from ?'[^']+'\s?/g, '')
    .replace(
      /withSignal\((\w+),\(\)=>([\w.]+\.query)\(('[^']*'),(\[[^\]]*\])\)\)/g,
      '$2({text:$3,values:$4,$1})',
    )
}
