import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { libraries, readProject, type FileFacts, type Library, type Project } from '@ctx-fix/core'

export interface InstalledInput {
  readonly root: string
  readonly tsconfig?: string
}

/** What the project has installed, and what its edits will import. */
export function readInstalled(
  { root, tsconfig }: InstalledInput,
  facts: ReadonlyMap<string, FileFacts>,
  own: readonly Library[],
): Project {
  const folder = tsconfig === undefined ? root : dirname(tsconfig)
  const project = readProject(folder.replaceAll('\\', '/'), [...own, ...libraries], readText)
  return { ...project, runtime: project.runtime || usesPg(facts) }
}

/** A program that makes connections of `pg` is given the runtime's import beside them. */
function usesPg(facts: ReadonlyMap<string, FileFacts>): boolean {
  return [...facts.values()].some((each) => each.modules.includes('pg'))
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
