import type { SignalParameter } from '../catalog/types.js'
import type { Cls } from '../facts/types.js'
import type { Scene } from './sources.js'
import { fnKey, type EntryPoint } from './model.js'

/**
 * The parameter that a decorated method would declare, with its type. It may be left out where others
 * than the framework call the method, where an interface or a base class declares it shorter, and behind
 * a parameter that may be left out itself.
 */
export function signalParameterOf(
  scene: Scene,
  entry: EntryPoint,
): (SignalParameter & { readonly annotation: string; readonly optional: boolean }) | undefined {
  if (entry.parameter === undefined) return undefined
  const { program } = scene.resolver
  const fn = program.fn(entry.file, entry.fn)
  const cls = fn.cls === undefined ? undefined : program.cls(entry.file, fn.cls)
  const optional =
    scene.calledEntries.has(fnKey(entry)) ||
    (cls !== undefined && (isExtended(scene, entry.file, cls) || cls.implements.length > 0)) ||
    fn.params.some((param) => param.optional)
  const type = entry.parameter.request === undefined ? 'AbortSignal' : 'object'
  return { ...entry.parameter, optional, annotation: optional ? `?: ${type}` : `: ${type}` }
}

/** Of a framework's own base class no route is a member: `extends Controller`. */
function isExtended({ resolver }: Scene, file: string, cls: Cls): boolean {
  if (cls.extends === undefined) return false
  const bases = resolver.expr(file, cls.extends)
  return bases.length === 0 || bases.some((each) => each.k !== 'libclass')
}
