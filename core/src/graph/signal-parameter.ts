import type { SignalParameter } from '../catalog/types.js'
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
    (cls !== undefined && (cls.extends !== undefined || cls.implements.length > 0)) ||
    fn.params.some((param) => param.optional)
  return { ...entry.parameter, optional, annotation: optional ? '?: AbortSignal' : ': AbortSignal' }
}
