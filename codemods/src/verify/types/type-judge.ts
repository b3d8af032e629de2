import type { ts } from 'ts-morph'
import { changedFiles, type RenderedFile } from '../../apply/materialize.js'
import type { Judge } from '../judge.js'
import { newProblems, type Place, type Problem } from '../problem.js'
import type { TypeScript } from './compiler.js'
import { editedTexts, type CompilerFiles } from './compiler-files.js'
import { contextOf } from './nodes.js'
import { resolvePath } from './paths.js'
import { suspectPlaces } from './suspect-places.js'
import type { TypedProject } from './typed-project.js'

type Files = ReadonlyMap<string, RenderedFile>

/** Judges a program by what the type checker says about it before and after the edits. */
export class TypeJudge implements Judge {
  private readonly ts: TypeScript
  private readonly compilerFiles: CompilerFiles
  private readonly projects: readonly TypedProject[]
  private readonly sources: ReadonlyMap<string, string>
  /** The compiler's path to the plan's. */
  private readonly planned: ReadonlyMap<string, string>
  private readonly baselines = new Map<TypedProject, Map<string, Problem[]>>()
  private readonly baselinePrograms = new Map<TypedProject, ts.Program>()
  private readonly origins = new Map<Problem, [ts.Program, ts.DiagnosticWithLocation]>()
  /** The version that was last looked at as a whole, and the files with new problems in it. */
  private lastWhole: { readonly files: Files; readonly withProblems: readonly string[] } | undefined

  constructor(
    ts: TypeScript,
    compilerFiles: CompilerFiles,
    projects: readonly TypedProject[],
    sources: ReadonlyMap<string, string>,
  ) {
    this.ts = ts
    this.compilerFiles = compilerFiles
    this.projects = projects
    this.sources = sources
    this.planned = new Map([...sources.keys()].map((file) => [resolvePath(file), file]))
  }

  newProblems(files: Files, scope: 'all' | ReadonlySet<string>): Problem[] {
    this.origins.clear()
    const problems = new Map<string, Problem>()
    for (const project of this.projects) {
      // Each time, since looking into the baseline lays the unedited texts back.
      this.compilerFiles.lay(editedTexts(this.sources, files))
      const { program } = project
      const found = new Map<string, Problem[]>()
      for (const file of this.filesInScope(project, program, files, scope)) {
        const inFile = this.diagnose(project, program, file, files)
        if (inFile.length > 0) found.set(file.fileName, inFile)
      }
      for (const [path, inFile] of found) {
        // A file of several projects is wrong once.
        for (const problem of newProblems(inFile, this.baselineOf(project, path))) {
          problems.set(`${problem.file}\n${problem.start}\n${problem.code}`, problem)
        }
      }
    }
    const result = [...problems.values()]
    if (scope === 'all') this.lastWhole = { files, withProblems: result.map(({ file }) => file) }
    return result
  }

  suspects(problem: Problem): Place[][] {
    const origin = this.origins.get(problem)
    if (!origin) return []
    const [program, diagnostic] = origin
    return suspectPlaces(this.ts, program.getTypeChecker(), diagnostic).map((places) =>
      places.map((place) => ({ ...place, file: this.plannedPath(place.file) })),
    )
  }

  /** How many complaints about the unedited program have been met. */
  countBaseline(): number {
    const perFile = [...this.baselines.values()].flatMap((baseline) => [...baseline.values()])
    return perFile.reduce((sum, problems) => sum + problems.length, 0)
  }

  private filesInScope(
    project: TypedProject,
    program: ts.Program,
    files: Files,
    scope: 'all' | ReadonlySet<string>,
  ): ts.SourceFile[] {
    const named = scope === 'all' ? (this.lastWhole?.withProblems ?? []) : [...scope]
    const found = named.flatMap((path) => project.find(program, resolvePath(path)) ?? [])
    if (scope !== 'all') return found
    const edited = changedFiles(this.lastWhole?.files ?? new Map(), files)
    return [...new Set([...found, ...project.affected(program, new Set(edited.map(resolvePath)))])]
  }

  private baselineOf(project: TypedProject, path: string): readonly Problem[] {
    const baseline = this.baselines.get(project) ?? new Map<string, Problem[]>()
    this.baselines.set(project, baseline)
    const known = baseline.get(path)
    if (known) return known
    this.compilerFiles.lay(editedTexts(this.sources, new Map()))
    const program = this.baselinePrograms.get(project) ?? project.program
    this.baselinePrograms.set(project, program)
    const file = project.find(program, path)
    const problems = file ? this.diagnose(project, program, file, new Map()) : []
    baseline.set(path, problems)
    return problems
  }

  private diagnose(
    project: TypedProject,
    program: ts.Program,
    sourceFile: ts.SourceFile,
    files: Files,
  ): Problem[] {
    const file = this.plannedPath(sourceFile.fileName)
    const map = files.get(file)?.map
    return project.diagnose(program, sourceFile).map((diagnostic) => {
      const { start, length, code, messageText } = diagnostic
      const old = map?.toOld(start) ?? { offset: start, edited: false }
      const problem: Problem = {
        file,
        start,
        end: start + length,
        code,
        message: this.ts.flattenDiagnosticMessageText(messageText, '\n'),
        context: contextOf(this.ts, sourceFile, start),
        oldStart: old.offset,
        edited: old.edited,
      }
      this.origins.set(problem, [program, diagnostic])
      return problem
    })
  }

  private plannedPath(path: string): string {
    return this.planned.get(path) ?? path
  }
}
