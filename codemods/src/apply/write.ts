import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import {
  access,
  chmod,
  chown,
  lstat,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { UsageError } from '../usage-error.js'

export interface FileToWrite {
  readonly before: string
  readonly after: string
}

interface PlannedFile {
  readonly path: string
  readonly temporary: string
  readonly after: string
  readonly stats: Stats
}

/** A file that must not be written. Nothing has been written when this is thrown. */
export class WriteRefusedError extends UsageError {
  readonly file: string

  constructor(file: string, why: string) {
    super(`${file} ${why}; nothing was written`)
    this.file = file
  }
}

/** Writes all files, or none where one of them must not be written. */
export async function writeFiles(
  root: string,
  files: ReadonlyMap<string, FileToWrite>,
): Promise<void> {
  const write = await prepareWrite(root, files)
  await write()
}

/** Puts new files in the place of old ones. */
export interface PreparedWrite {
  (): Promise<void>
  /** Removes what has been prepared, where it is not to be used. */
  discard(): Promise<void>
}

/**
 * Writes every file beside its place, and gives the function that renames them all. Throws where one of them
 * must not be written (a symbolic link, a path outside `root`, a file without write permission, or one that is
 * no longer what was read) or cannot be (the disk is full).
 *
 * Whoever interrupts this finds each file either old or new. Mode and owner stay. What a killed run has left
 * beside a file goes when the file is written after all.
 *
 * @throws {WriteRefusedError}
 */
export async function prepareWrite(
  root: string,
  files: ReadonlyMap<string, FileToWrite>,
): Promise<PreparedWrite> {
  const realRoot = await realpath(root)
  const planned: PlannedFile[] = []
  for (const [file, { before, after }] of files) {
    const path = resolve(root, file)
    const stats = await statsOfWritable(path, realRoot, before)
    const suffix = `${process.pid}-${randomBytes(4).toString('hex')}`
    const temporary = join(dirname(path), `.${basename(path)}.ctx-fix-${suffix}`)
    planned.push({ path, temporary, after, stats })
  }
  const discard = async () => {
    // What cannot be removed here, the next run removes: why nothing is written is the news.
    for (const { temporary } of planned) await rm(temporary, { force: true }).catch(() => undefined)
  }
  for (const folder of new Set(planned.map(({ path }) => dirname(path)))) await removeLeft(folder)
  for (const each of planned)
    await writeBeside(each).catch(async (error: unknown) => {
      await discard()
      const { code, message } = error as NodeJS.ErrnoException
      throw new WriteRefusedError(each.path, `cannot be written (${code ?? message})`)
    })
  const write = async () => {
    try {
      for (const { temporary, path } of planned) await rename(temporary, path)
    } finally {
      await discard()
    }
  }
  return Object.assign(write, { discard })
}

/** Files of processes that have died between writing and renaming. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, writer] = /^\..+\.ctx-fix-(\d+)-[\da-f]{8}$/.exec(name) ?? []
    if (writer !== undefined && !isRunning(Number(writer)))
      await rm(join(folder, name), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process may not be asked, and is there.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

async function statsOfWritable(path: string, realRoot: string, before: string): Promise<Stats> {
  const stats = await lstat(path).catch(() => undefined)
  if (!stats) throw new WriteRefusedError(path, 'is no longer there')
  if (stats.isSymbolicLink()) throw new WriteRefusedError(path, 'is a symbolic link')
  if (!stats.isFile()) throw new WriteRefusedError(path, 'is not a regular file')
  const fromRoot = relative(realRoot, await realpath(path))
  if (fromRoot === '..' || fromRoot.startsWith(`..${sep}`) || isAbsolute(fromRoot)) {
    throw new WriteRefusedError(path, 'lies outside the project')
  }
  const isWritable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!isWritable) throw new WriteRefusedError(path, 'is write-protected')
  // Bytes, not text: decoding would hide what is not UTF-8, and writing would then change it.
  if (!(await readFile(path)).equals(Buffer.from(before))) {
    throw new WriteRefusedError(path, 'has changed since it was read, or is not UTF-8')
  }
  return stats
}

async function writeBeside({ temporary, after, stats }: PlannedFile): Promise<void> {
  // Flushed before the rename, or a crash of the machine could leave an empty file in its place.
  await writeFile(temporary, after, { flag: 'wx', flush: true })
  if (stats.uid !== process.getuid?.() || stats.gid !== process.getgid?.()) {
    // Only the superuser may do this; for everyone else the file becomes their own.
    await chown(temporary, stats.uid, stats.gid).catch(() => undefined)
  }
  // After the change of owner, which clears the set-id bits; and the umask masked the mode.
  await chmod(temporary, stats.mode & 0o7777)
}
