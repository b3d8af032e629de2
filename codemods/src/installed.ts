import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  joinProjects,
  libraries,
  readProject,
  type FileFacts,
  type Library,
  type Project,
} from '@ctx-fix/core'
import type { Part } from './workspace.js'

/** What the project has installed, and what its edits will import. */
export function readInstalled(
  parts: readonly Part[],
  facts: ReadonlyMap<string, FileFacts>,
  own: readonly Library[],
): Project {
  const folders = new Set(
    parts.map(({ root, tsconfig }) => (tsconfig === undefined ? root : dirname(tsconfig))),
  )
  const project = joinProjects(
    [...folders].map((each) =>
      readProject(each.replaceAll('\\', '/'), [...own, ...libraries], readText),
    ),
  )
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
