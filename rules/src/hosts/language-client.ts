import { spawn, type ChildProcess } from 'node:child_process'
import { pathToFileURL } from 'node:url'

type Json = Readonly<Record<string, unknown>>

export interface Diagnostic {
  readonly code: string
  readonly message: string
  readonly range: Range
}

export interface Range {
  readonly start: Position
  readonly end: Position
}

interface Position {
  readonly line: number
  readonly character: number
}

export interface CodeAction {
  readonly title: string
  readonly command?: { readonly command: string; readonly arguments?: unknown[] }
  readonly edit?: unknown
}

interface TextEdit {
  readonly range: Range
  readonly newText: string
}

/** What an editor asks for when it saves a file. */
const fixAllKind = 'source.fixAll.eslint'

/** What the VS Code extension is to the language server: answers for settings, and applies edits. */
export class LanguageClient {
  readonly #server: ChildProcess
  readonly #waiting = new Map<number, (message: Json) => void>()
  readonly #edits: unknown[] = []
  #buffer = Buffer.alloc(0)
  #count = 0

  constructor(
    command: string,
    readonly root: string,
    readonly settings: Json,
  ) {
    this.#server = spawn(process.execPath, [command, '--stdio'], { cwd: root, stdio: 'pipe' })
    this.#server.stdout?.on('data', (chunk: Buffer) => {
      this.#read(chunk)
    })
  }

  async start(): Promise<void> {
    const uri = pathToFileURL(this.root).href
    await this.request('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ name: 'project', uri }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true, applyEdit: true },
        textDocument: {
          codeAction: {
            codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', fixAllKind] } },
          },
        },
      },
    })
    this.notify('initialized', {})
  }

  stop(): void {
    this.#server.kill()
  }

  /** Opens a document, as an editor does with a text that need not be on disk. */
  async open(uri: string, languageId: string, text: string): Promise<Diagnostic[]> {
    this.notify('textDocument/didOpen', {
      textDocument: { uri, languageId, version: 1, text },
    })
    return await this.#diagnose(uri)
  }

  async change(uri: string, version: number, text: string): Promise<Diagnostic[]> {
    this.notify('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    })
    return await this.#diagnose(uri)
  }

  async #diagnose(uri: string): Promise<Diagnostic[]> {
    const { result } = await this.request('textDocument/diagnostic', { textDocument: { uri } })
    return (result as { items: Diagnostic[] }).items
  }

  async codeActions(uri: string, diagnostic: Diagnostic): Promise<CodeAction[]> {
    const { result } = await this.request('textDocument/codeAction', {
      textDocument: { uri },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic] },
    })
    return (result ?? []) as CodeAction[]
  }

  /** What is done to the whole document when it is saved. */
  async fixAll(uri: string): Promise<CodeAction[]> {
    const start = { line: 0, character: 0 }
    const { result } = await this.request('textDocument/codeAction', {
      textDocument: { uri },
      range: { start, end: start },
      context: { diagnostics: [], only: [fixAllKind] },
    })
    return (result ?? []) as CodeAction[]
  }

  /** The text after a quick fix, by the edit that the server asks the editor to apply. */
  async apply(action: CodeAction, text: string): Promise<string> {
    this.#edits.length = 0
    if (action.command) await this.request('workspace/executeCommand', { ...action.command })
    return applyEdits(text, textEditsIn([action.edit, ...this.#edits]))
  }

  async request(method: string, params: Json): Promise<Json> {
    this.#count += 1
    const id = this.#count
    const answered = new Promise<Json>((resolve) => this.#waiting.set(id, resolve))
    this.#send({ id, method, params })
    return await answered
  }

  notify(method: string, params: Json): void {
    this.#send({ method, params })
  }

  #send(message: Json): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.#server.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    for (;;) {
      const head = this.#buffer.indexOf('\r\n\r\n')
      const length = /Content-Length: (\d+)/.exec(this.#buffer.toString('utf8', 0, head))?.[1]
      const end = head + 4 + Number(length)
      if (head < 0 || length === undefined || this.#buffer.length < end) return
      const body = this.#buffer.toString('utf8', head + 4, end)
      this.#buffer = this.#buffer.subarray(end)
      this.#receive(JSON.parse(body) as Json)
    }
  }

  #receive(message: Json): void {
    const { id, method, params } = message as { id?: number; method?: string; params?: Json }
    if (method === undefined) {
      if (id !== undefined) this.#waiting.get(id)?.(message)
    } else if (id !== undefined) this.#send({ id, result: this.#answer(method, params ?? {}) })
  }

  #answer(method: string, params: Json): unknown {
    if (method === 'workspace/configuration')
      return (params['items'] as unknown[]).map(() => this.settings)
    if (method === 'workspace/applyEdit') {
      this.#edits.push(params['edit'])
      return { applied: true }
    }
    return method === 'eslint/confirmESLintExecution' ? 4 : null
  }
}

function textEditsIn(value: unknown): TextEdit[] {
  if (typeof value !== 'object' || value === null) return []
  if ('newText' in value) return [value as TextEdit]
  return Object.values(value).flatMap(textEditsIn)
}

function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const lines = text.split('\n')
  const offsetOf = ({ line, character }: Position) =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character
  return edits
    .map(({ range, newText }) => ({
      start: offsetOf(range.start),
      end: offsetOf(range.end),
      newText,
    }))
    .toSorted((a, b) => b.start - a.start)
    .reduce((now, { start, end, newText }) => now.slice(0, start) + newText + now.slice(end), text)
}
