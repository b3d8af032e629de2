/**
 * The packages from outside: packed, installed into an empty folder, and used there on a small
 * application as their users would. Nothing of this repository is within reach of that folder.
 *
 *   npm run pack-check
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app } from './pack-check/app.mjs'
import { findFaults } from './pack-check/contents.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = ['core', 'codemods', 'cli', 'runtime', 'rules']
const others = [
  ...['typescript', 'express', 'pg', '@types/express', '@types/pg', '@types/node'],
  ...['eslint', 'typescript-eslint'],
]

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ctx-fix-pack-'))
try {
  const { '@ctx-fix/runtime': runtime, ...tools } = pack()
  createApp(Object.values(tools))
  const patch = planWithoutRuntime()
  install([runtime])
  rewriteApp(patch)
  importRuntime()
} finally {
  rmSync(folder, { recursive: true })
}

function pack() {
  const args = packages.flatMap((name) => ['-w', name])
  const json = run('npm', ['pack', '--json', '--pack-destination', folder, ...args], { cwd: root })
  const packed = Object.values(JSON.parse(json))
  assert.equal(packed.length, packages.length)
  const faults = packed.flatMap(({ name, files }) => {
    const at = join(root, 'node_modules', name)
    const paths = files.map(({ path }) => path)
    return findFaults(at, paths).map((fault) => `${name}: ${fault}`)
  })
  assert.deepEqual(faults, [])
  for (const { name, size, files } of packed)
    say(`packed ${name}: ${files.length} files, ${Math.round(size / 1024)} kB`)
  return Object.fromEntries(packed.map(({ name, filename }) => [name, join(folder, filename)]))
}

function createApp(tarballs) {
  write({ 'package.json': JSON.stringify({ private: true, type: 'module' }), ...app })
  // The versions of this repository, which npm has in its cache.
  install([...tarballs, ...others.map((name) => `${name}@${versionOf(name)}`)])
  run('git', ['init', '-q'])
  write({ '.gitignore': 'node_modules\n*.tgz\n' })
  commit()
  say('installed')
}

function install(packages) {
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages])
  // Fails where a dependency is missing, or a peer has a version that the package does not take.
  run('npm', ['ls', '--all'])
}

/** The edits are checked against the declarations that come with the command. */
function planWithoutRuntime() {
  const { status, stdout, stderr } = spawn('npx', ['ctx-fix', '--diff', 'src'])
  assert.equal(status, 0, stderr)
  assert.match(stderr, /not installed yet: npm install @ctx-fix\/runtime$/m)
  return stdout
}

function rewriteApp(patch) {
  run('npx', ['tsc'])
  const rules = ['require-signal', 'derive-in-handler']
  assert.deepEqual(lint(), rules.map((rule) => `ctx/${rule}`).toSorted())

  const report = JSON.parse(run('npx', ['ctx-fix', 'check', '--reporter', 'json'], { status: 1 }))
  assert.deepEqual(report.findings.map(({ rule }) => rule).toSorted(), rules.toSorted())
  assert.equal(report.summary.sinks, 2)

  assert.equal(run('npx', ['ctx-fix', '--diff', 'src']), patch)
  assert.equal(run('git', ['diff', 'src']), '')
  run('npx', ['ctx-fix', 'src'])
  run('npx', ['tsc'])
  assert.deepEqual(lint(), [])
  assert.match(read('src/app.ts'), /const signal = requestSignal\(req\)/)
  assert.match(read('src/users.ts'), /byId\(id: string, signal\?: AbortSignal/)

  const written = run('git', ['diff', 'src'])
  run('git', ['checkout', '-q', 'src'])
  run('git', ['apply', '-'], { input: patch })
  assert.equal(run('git', ['diff', 'src']), written)

  commit()
  run('npx', ['ctx-fix', 'check'])
  run('npx', ['ctx-fix', 'src'])
  assert.equal(run('git', ['status', '--porcelain']), '')
  say('found, rewritten, compiled and linted')
}

/** The rules that ESLint reports by, in order. */
function lint() {
  const { stdout } = spawn('npx', ['eslint', '--format', 'json', 'src'])
  const messages = JSON.parse(stdout).flatMap((file) => file.messages)
  return [...new Set(messages.map(({ ruleId }) => ruleId))].toSorted()
}

function importRuntime() {
  const manifest = JSON.parse(read('node_modules/@ctx-fix/runtime/package.json'))
  const specifiers = Object.keys(manifest.exports).map((key) => join('@ctx-fix/runtime', key))
  // What lies below /assert is set up by the test runner that it is for, and refuses to run elsewhere.
  const code = specifiers.filter((each) => !/\.json$|\/assert\//.test(each))
  const peers = Object.keys(manifest.peerDependenciesMeta ?? {})
  write({
    'import.mjs': loadAll(code, peers, 'await import(each)'),
    'require.cjs': loadAll(code, peers, 'require(each)'),
    // By its path, which no `exports` stand in the way of: as Jest 27 and webpack 4 find it.
    'folders.cjs': loadAll(
      code.map((each) => `./node_modules/${each}`),
      peers,
      'require(each)',
    ),
  })
  for (const file of ['import.mjs', 'require.cjs', 'folders.cjs']) run(process.execPath, [file])
  say(`imported and required: ${code.join(', ')}`)
}

/** Loads each module, and passes over one that needs a framework which this application has not. */
function loadAll(specifiers, optionalPeers, load) {
  return `for (const each of ${JSON.stringify(specifiers)})
  try {
    ${load}
  } catch (error) {
    if (!${JSON.stringify(optionalPeers)}.some((peer) => error.message.includes(\`'\${peer}\`))) throw error
  }
`
}

function versionOf(name) {
  const file = join(root, 'node_modules', name, 'package.json')
  return JSON.parse(readFileSync(file, 'utf8')).version
}

function commit() {
  run('git', ['add', '-A'])
  const author = ['-c', 'user.name=pack-check', '-c', 'user.email=pack-check@example.com']
  run('git', [...author, '-c', 'commit.gpgsign=false', 'commit', '-q', '-m', 'now'])
}

function write(files) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}

function read(file) {
  return readFileSync(join(folder, file), 'utf8')
}

/** Runs a command that has to end with `status`, and gives what it prints. */
function run(command, args, { status = 0, ...options } = {}) {
  const result = spawn(command, args, options)
  const printed = `${command} ${args.join(' ')}\n${result.stdout}${result.stderr}`
  assert.equal(result.status, status, printed)
  return result.stdout
}

function spawn(command, args, options = {}) {
  // `npm run` names the workspace's root to every npm below it.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name),
  )
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1' }
  const result = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8', ...options })
  if (result.error) throw result.error
  return result
}

function say(line) {
  console.log(`✔ ${line}`)
}
