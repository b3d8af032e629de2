import type { ts } from 'ts-morph'
import { affectedFiles } from './affected-files.js'
import type { TypeScript } from './compiler.js'
import type { CompilerFiles } from './compiler-files.js'
import type { ProjectConfig } from './projects.js'

/** One tsconfig's program, which follows the texts on trial. */
export class TypedProject {
  private readonly ts: TypeScript
  private readonly config: ProjectConfig
  private readonly files: CompilerFiles
  private readonly host: ts.CompilerHost
  private readonly isForeign: (path: string) => boolean
  private rootNames: readonly string[]
  private last: ts.Program | undefined
  private lastVersion = -1

  /** `isForeign` tells the files that another project checks. */
  constructor(
    ts: TypeScript,
    config: ProjectConfig,
    files: CompilerFiles,
    isForeign: (path: string) => boolean,
  ) {
    this.ts = ts
    this.config = config
    this.files = files
    this.isForeign = isForeign
    this.rootNames = config.fileNames
    this.host = files.hostFor(config.options)
  }

  get path(): string {
    return this.config.path
  }

  /** The program over the files' present texts. What did not change is taken over from the last. */
  get program(): ts.Program {
    if (this.last && this.lastVersion === this.files.version) return this.last
    this.lastVersion = this.files.version
    this.last = this.ts.createProgram({
      rootNames: this.rootNames,
      options: this.config.options,
      projectReferences: this.config.references,
      host: this.host,
      ...(this.last && { oldProgram: this.last }),
    })
    return this.last
  }

  /** Adds a file that the tsconfig leaves out. */
  include(path: string): void {
    this.rootNames = [...this.rootNames, path]
    this.lastVersion = -1
  }

  /** Whether the program contains a file, listed or imported. */
  contains(path: string): boolean {
    return this.program.getSourceFile(path) !== undefined
  }

  /** The files in which edits of `edited` can show, of those that this project is to check. */
  affected(program: ts.Program, edited: ReadonlySet<string>): ts.SourceFile[] {
    const affected = affectedFiles(
      this.ts,
      program,
      ({ fileName }) => edited.has(fileName) || this.files.isMounted(fileName),
    )
    return [...affected].filter((file) => this.isChecked(program, file))
  }

  /** The file of that name, where this project is to check it. */
  find(program: ts.Program, path: string): ts.SourceFile | undefined {
    const file = program.getSourceFile(path)
    return file && this.isChecked(program, file) ? file : undefined
  }

  /** What `tsc` would report about a file. */
  diagnose(program: ts.Program, file: ts.SourceFile): ts.DiagnosticWithLocation[] {
    const { declaration, composite } = this.config.options
    const syntactic = program.getSyntacticDiagnostics(file)
    // A broken file's types are guesswork.
    if (syntactic.length > 0) return [...syntactic]
    const diagnostics = [
      ...program.getSemanticDiagnostics(file),
      ...(declaration || composite ? program.getDeclarationDiagnostics(file) : []),
    ]
    return diagnostics.filter(
      (diagnostic): diagnostic is ts.DiagnosticWithLocation => diagnostic.file !== undefined,
    )
  }

  private isChecked(program: ts.Program, file: ts.SourceFile): boolean {
    return (
      !file.isDeclarationFile &&
      !program.isSourceFileFromExternalLibrary(file) &&
      !this.isForeign(file.fileName)
    )
  }
}
