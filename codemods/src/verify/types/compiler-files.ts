import type { ts } from 'ts-morph'
import type { RenderedFile } from '../../apply/materialize.js'
import { BUNDLED_LIBRARY, type Compiler } from './compiler.js'
import { resolvePath } from './paths.js'
import type { RuntimeMount } from './runtime-mount.js'

/** Parsed files of one text, by what else shapes the parse. */
type Parses = Map<string, { readonly text: string; readonly file: ts.SourceFile }[]>

/**
 * The files that all programs of a verification read: the disk, our own declarations, and the texts
 * of the version on trial laid over them. Nothing is parsed twice.
 */
export class CompilerFiles {
  /** Counts the changes of the texts, so that a program can tell whether it is up to date. */
  version = 0
  private texts: ReadonlyMap<string, string> = new Map()
  private readonly parses = new Map<string, Parses>()
  private readonly onDisk = new Map<string, string | undefined>()
  private readonly compiler: Compiler
  private readonly mount: RuntimeMount

  constructor(compiler: Compiler, mount: RuntimeMount) {
    this.compiler = compiler
    this.mount = mount
  }

  /** Lays texts by path over what is on disk, in place of those laid before. */
  lay(texts: ReadonlyMap<string, string>): void {
    const isSame =
      texts.size === this.texts.size &&
      [...texts].every(([path, text]) => this.texts.get(path) === text)
    if (isSame) return
    this.texts = texts
    this.version++
  }

  isMounted(path: string): boolean {
    return this.mount.has(path)
  }

  read(path: string): string | undefined {
    const given = this.texts.get(path) ?? this.compiler.libraries?.get(path)
    if (given !== undefined) return given
    if (!this.onDisk.has(path)) {
      this.onDisk.set(path, this.compiler.ts.sys.readFile(path) ?? this.mount.read(path))
    }
    return this.onDisk.get(path)
  }

  /** A compiler host for programs with these options. */
  hostFor(options: ts.CompilerOptions): ts.CompilerHost {
    const { ts, libraries } = this.compiler
    const host = ts.createCompilerHost(options)
    const { sys } = ts
    // Files parsed under one set of options serve programs with another where none of the options
    // that matter to parsing and binding differ: the language service's own rule.
    const bucket = ts
      .createDocumentRegistry(sys.useCaseSensitiveFileNames)
      .getKeyForCompilationSettings(options)
    const overrides: Partial<ts.CompilerHost> & { useSourceOfProjectReferenceRedirect(): boolean } =
      {
        readFile: (path) => this.read(path),
        fileExists: (path) =>
          this.texts.has(path) ||
          libraries?.has(path) === true ||
          sys.fileExists(path) ||
          this.mount.read(path) !== undefined,
        directoryExists: (path) => sys.directoryExists(path) || this.mount.hasFolder(path),
        realpath: (path) => (this.mount.has(path) ? path : (sys.realpath?.(path) ?? path)),
        getSourceFile: (path, language) => this.parse(path, language, bucket),
        writeFile: () => undefined,
        // Reads a referenced project's sources, as editors do: its output may be stale or missing.
        useSourceOfProjectReferenceRedirect: () => true,
        ...(libraries && {
          getDefaultLibLocation: () => BUNDLED_LIBRARY,
          getDefaultLibFileName: (settings: ts.CompilerOptions) =>
            `${BUNDLED_LIBRARY}/${ts.getDefaultLibFileName(settings)}`,
        }),
      }
    return Object.assign(host, overrides)
  }

  private parse(
    path: string,
    language: ts.ScriptTarget | ts.CreateSourceFileOptions,
    bucket: string,
  ): ts.SourceFile | undefined {
    const text = this.read(path)
    if (text === undefined) return
    const { ts } = this.compiler
    const format = typeof language === 'object' ? language.impliedNodeFormat : undefined
    const key = `${bucket}|${format ?? ''}`
    const parses = this.parses.get(path) ?? (new Map() as Parses)
    this.parses.set(path, parses)
    const versions = parses.get(key) ?? []
    parses.set(key, versions)
    const known = versions.find((version) => version.text === text)
    if (known) return known.file
    const file = ts.createSourceFile(path, text, language)
    versions.push({ text, file })
    return file
  }
}

/** The texts of a version of the program, by the compiler's paths. */
export function editedTexts(
  sources: ReadonlyMap<string, string>,
  edited: ReadonlyMap<string, RenderedFile>,
): Map<string, string> {
  return new Map(
    [...sources].map(([file, text]) => [resolvePath(file), edited.get(file)?.after ?? text]),
  )
}
