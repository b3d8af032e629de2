import type { Marker } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import type { CallNode, FnRef } from './model.js'

/** Test files and folders, by the names that test runners look for. */
export const testPath =
  /(?:^|\/)(?:__tests__|__mocks__|__fixtures__|__e2e__|tests?|e2e|cypress)\/|\.(?:test|spec|e2e-spec|bench|stories)\.[cm]?[jt]sx?$/

/** Migrations and seeds run at deployment, with nobody waiting. */
export const migrationPath =
  /(?:^|\/)(?:migrations?|seeds?|seeders|seeding)\/|(?:^|\/)(?:seeds?|migrate|migrations?)\.[cm]?[jt]s$/

const generatedPath = /(?:^|\/)(?:generated|__generated__)\/|\.gen\.[cm]?[jt]sx?$|\.d\.[cm]?ts$/

export function isExemptPath(path: string): boolean {
  return testPath.test(path) || migrationPath.test(path) || generatedPath.test(path)
}

/** The statement cannot be bound to the caller's signal without harm: it ends or cleans up what was begun. */
export function isExemptSink(node: CallNode): boolean {
  if (node.sink?.sql === 'completion' || node.sink?.sql === 'opening') return true
  return isCleanup(node) || node.fn === 0
}

/** Work in a `finally`, or once the signal has aborted: the aborted signal would refuse it. */
export function isCleanup({ site }: CallNode): boolean {
  return site.inFinally || site.inAbort
}

/** Around a call: `withSignal(signal, () => call)` binds it, `detached('reason', () => call)` sets it free. */
export function ambientOf(r: Resolver, node: CallNode): 'bound' | 'detached' | undefined {
  for (let id: number | undefined = node.fn; id !== undefined && id !== 0;) {
    const fn = r.program.fn(node.file, id)
    if (fn.argOf) {
      const call = r.program.expr(node.file, fn.argOf.call)
      if (call.k === 'call')
        for (const value of r.expr(node.file, call.callee)) {
          if (!libraryCall(value) || value.k !== 'lib' || value.lib.kind !== 'runtime') continue
          if (value.entity === 'WithSignal' && fn.argOf.index === 1) return 'bound'
          if (value.entity === 'Detached') return 'detached'
        }
    }
    id = fn.parent
  }
  return undefined
}

export function markerOver(markers: readonly Marker[], position: number): Marker | undefined {
  return markers.find(
    (each) => each.target && each.target.start <= position && position < each.target.end,
  )
}

/** A marker on the declaration of a function stops the chain for every caller. */
export function markerOnDeclaration(r: Resolver, ref: FnRef): Marker | undefined {
  const fn = r.program.fn(ref.file, ref.fn)
  return r.program
    .facts(ref.file)
    .markers.find(
      (each) =>
        each.declaration &&
        each.target &&
        each.target.start <= fn.start &&
        fn.end <= each.target.end,
    )
}
