/** Whether this Node is in a range of the form `>=22.18`, which is all that matrix.json says. */
export function satisfiesNode(range, version = process.versions.node) {
  const wanted = /^>=(\d+(?:\.\d+)*)$/.exec(range)?.[1]
  if (wanted === undefined) throw new Error(`"node" takes >=22.18, not ${range}`)
  const [minimum, actual] = [wanted, version].map((each) => each.split('.').map(Number))
  const at = minimum.findIndex((number, index) => number !== actual[index])
  return at === -1 || actual[at] > minimum[at]
}
