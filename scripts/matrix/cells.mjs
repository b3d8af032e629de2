/**
 * Joins what was measured before and after the rewrite with what ctx-fix said about it.
 *
 * `ok` is whether the cell is as it should be: the client that leaves takes its statement with it, the one
 * that stays gets its answer. A statement that runs on is right only where ctx-fix said that nothing can be
 * done about it, and then the cell says why.
 */
export function cellsOf(place, before, after, report) {
  return after.map(({ verdict, ms = null, reused = null, why, ...what }, at) => {
    const reasons = verdict === 'ran on' ? findReasons(report, what.method) : []
    const isUnsupported = reasons.some(({ status }) => status === 'unsupported')
    const told = why ?? reasons[0]?.message
    return {
      ...place,
      ...what,
      before: before[at].verdict,
      after: isUnsupported ? 'unsupported' : verdict,
      ms,
      reused,
      ...(told === undefined ? {} : { why: told }),
      ok: verdict === 'cancelled' || verdict === 'answered' || isUnsupported,
    }
  })
}

/**
 * What ctx-fix had to say about the calls that requests of this method lead to, the unsupported first: those
 * are no findings, it tells of them once a library.
 */
export function findReasons({ sinks, findings, notices }, method) {
  const about = ({ status, library, file, line, column }) =>
    status === 'unsupported'
      ? notices.find(
          ({ code, message }) =>
            code === 'not-cancellable' && message.includes(` of ${library} cannot be cancelled`),
        )
      : findings.find((each) => each.file === file && each.line === line && each.column === column)
  return sinks
    .filter(({ entryPoints }) => entryPoints.some((name) => name.startsWith(`${method} `)))
    .flatMap((sink) => {
      const told = about(sink)
      return told === undefined ? [] : [{ status: sink.status, message: told.message }]
    })
    .toSorted((a, b) => Number(b.status === 'unsupported') - Number(a.status === 'unsupported'))
}
