/**
 * Writes docs/libraries/*.md and the table of the README from the catalog.
 *
 *   node scripts/docs-libraries.mjs            -- --check only compares, and exits 1 where they differ
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { libraries } from '@ctx-fix/core'
import { format, resolveConfig } from 'prettier'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs/libraries')
const isCheck = process.argv.includes('--check')

const effects = {
  cancels: 'the server stops the statement',
  'runs-on': 'the server is not told: the statement runs on',
  closes: 'the request is aborted and its connection closed',
  local: 'the wait ends',
}

const documented = libraries.filter((each) => each.kind !== 'runtime')
const pages = new Map(
  await Promise.all(
    documented.map(async (library) => [
      `${fileName(library.name)}.md`,
      await pretty(page(library)),
    ]),
  ),
)
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const written = await pretty(
  readme.replace(
    /(<!-- libraries -->)[^]*?(<!-- \/libraries -->)/,
    (_, open, close) => `${open}\n\n${overview()}\n\n${close}`,
  ),
)

const differing = [
  ...[...pages].filter(([name, text]) => read(join(folder, name)) !== text).map(([name]) => name),
  ...(written === readme ? [] : ['README.md']),
  ...stale(),
]
if (isCheck) {
  for (const name of differing) console.error(`${name} is not what the catalog says`)
  if (differing.length > 0) console.error('run: node scripts/docs-libraries.mjs')
  process.exitCode = differing.length > 0 ? 1 : 0
} else {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of pages) writeFileSync(join(folder, name), text)
  writeFileSync(join(root, 'README.md'), written)
}

function page(library) {
  const sinks = sinksOf(library)
  const entries = membersOf(library).filter(({ member }) => member.entry)
  return [
    `# ${library.name}`,
    '',
    '<!-- generated from the catalog by scripts/docs-libraries.mjs -->',
    '',
    `Recognised by imports of ${library.modules.map((each) => `\`${each}\``).join(', ') || 'nothing: its names are global'}${typed(library)}.`,
    '',
    ...section('Calls that do I/O', sinks.map(sinkLine)),
    ...section('Handlers registered by', [...grouped(entries), ...otherHandlers(library)]),
    ...section('Their signal', signalLines(library)),
    ...section(
      'Otherwise',
      (library.variants ?? []).map((each) => `${conditionWords(each.when)}: ${each.what}.`),
    ),
    ...section(
      'Evidence',
      library.evidence.map((each) => `${each.what} — ${each.where} (since ${each.since})`),
    ),
  ].join('\n')
}

/** Handlers that no call registers: by a decorator, by a type, by the name and the place of an export. */
function otherHandlers({ exports, exportsOf = {}, entities, conventions }) {
  const exported = [exports, ...Object.values(exportsOf)].flatMap(Object.entries)
  const namesOf = (has) =>
    code([
      ...new Set(
        exported.flatMap(([name, descriptor]) => {
          const entity = entities[descriptor.replace(/^class /, '')]
          return entity && has(entity) && name !== 'export=' ? [name] : []
        }),
      ),
    ])
  const lines = [
    ['decorators', namesOf((each) => each.decorator)],
    ['functions of the types', namesOf((each) => each.handler)],
    ['functions with a parameter of the types', namesOf((each) => each.handedWith !== undefined)],
  ]
  const named = (conventions?.calls ?? []).map((each) =>
    conventionWords(
      each,
      namesOf((entity) => entity === entities[each.given]),
    ),
  )
  return [
    ...lines.flatMap(([what, names]) => (names === '' ? [] : [`${what} ${names}`])),
    ...new Set(named),
  ]
}

function conventionWords({ files, exports, directive, given }, types) {
  return [
    exports.includes('*') ? 'exports' : `exports named ${code(exports)}`,
    ...(files === undefined ? [] : [`of files like \`${files}\``]),
    ...(directive === undefined ? [] : [`under \`'${directive}'\``]),
    ...(given === undefined
      ? []
      : [`that nothing in the program names and whose first parameter is of the types ${types}`]),
  ].join(' ')
}

function code(names) {
  return names.map((each) => `\`${each}\``).join(', ')
}

/** How a handler comes by its signal: derived in it, or put around it. */
function signalLines({ entities, surround }) {
  const requests = Object.values(entities).flatMap(({ request }) => request ?? [])
  const derived = new Set(
    requests.map(({ module, optional, named }) => {
      const argument = optional ? '' : (named ?? 'request').split(': ')[0]
      return `\`requestSignal(${argument})\` of \`${module}\``
    }),
  )
  const around =
    surround &&
    `\`${surround.as === 'decorator' ? '@' : ''}${surround.name}(…)\` of \`${surround.module}\``
  const parameters = new Set(
    Object.values(entities).flatMap(({ decorator }) =>
      decorator?.parameter
        ? [`\`@${decorator.parameter.decorator}()\` of \`${decorator.parameter.module}\``]
        : [],
    ),
  )
  return [
    ...(parameters.size > 0 ? [`a parameter of a handler: ${[...parameters].join(', ')}`] : []),
    ...(derived.size > 0 ? [`derived in a handler: ${[...derived].join(', ')}`] : []),
    ...(around
      ? [`put around it: ${around}${surround.always ? ', which is what makes it' : ''}`]
      : []),
  ]
}

function section(title, lines) {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines.map((each) => `- ${each}`), '']
}

function conditionWords({ package: name, from, before, without, withOneOf, runtime }) {
  return [
    ...(name === undefined ? [] : [name === 'node' ? 'Node' : `\`${name}\``]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(before === undefined ? [] : [`before ${before}`]),
    ...(without === undefined ? [] : [`without \`${without}\``]),
    ...(withOneOf === undefined
      ? []
      : [`with ${withOneOf.map((each) => `\`${each}\``).join(' or ')}`]),
    ...(runtime ? ['with `@ctx-fix/runtime`'] : []),
  ].join(' ')
}

function typed(library) {
  const packages = library.typePackages ?? []
  return packages.length === 0
    ? ''
    : `, and of types from ${packages.map((each) => `\`${each}\``).join(', ')}`
}

function membersOf(library) {
  return Object.entries(library.entities).flatMap(
    ([entity, { members = {}, call, construct, overrides = {} }]) => [
      ...Object.entries(members).map(([name, member]) => ({
        api: `${entity}.${name}`,
        entity,
        name,
        member,
      })),
      ...(call ? [{ api: entity, entity, name: '()', member: call }] : []),
      ...(construct ? [{ api: `new ${entity}`, entity, name: 'new', member: construct }] : []),
      ...Object.entries(overrides).map(([name, entry]) => ({
        api: `${entity}.${name}`,
        entity,
        name: `${name}, overridden`,
        member: { entry },
      })),
    ],
  )
}

/** Sinks that share a way to carry a signal and an effect stand on one line. */
function sinksOf(library) {
  const groups = new Map()
  const add = (api, sink) => {
    const key = `${sink.carriers.map(carrierWords).join(', or ')} → ${effects[sink.effect]}`
    groups.set(key, [...(groups.get(key) ?? []), api])
  }
  for (const { api, member } of membersOf(library)) if (member.sink) add(api, member.sink)
  for (const [name, entity] of Object.entries(library.entities)) {
    if (entity.awaited) add(`${name}, awaited`, entity.awaited)
    if (entity.tag?.sink) add(`${name}, as a template tag`, entity.tag.sink)
  }
  return [...groups]
}

function sinkLine([key, apis]) {
  return `${[...new Set(apis)].map((each) => `\`${each}\``).join(', ')}: ${key}`
}

function carrierWords(carrier) {
  switch (carrier.kind) {
    case 'option':
      return `key \`${carrier.key}\` of an options object (${carrier.arg === 'last' ? 'last argument' : `argument ${carrier.arg + 1}`}${carrier.orFirst ? ', or the only one' : ''})`
    case 'argument':
      return `argument ${carrier.arg + 1}`
    case 'wrap':
      return '`withSignal(signal, () => …)`'
    default:
      return `none: ${carrier.why}`
  }
}

function grouped(entries) {
  const byEntity = new Map()
  for (const { entity, name } of entries)
    byEntity.set(entity, [...(byEntity.get(entity) ?? []), name])
  return [...byEntity].map(
    ([entity, names]) =>
      `\`${entity}\`: ${[...new Set(names)].map((each) => `\`${each}\``).join(', ')}`,
  )
}

function overview() {
  const rows = documented
    .filter((each) => each.kind !== 'platform')
    .map((each) => {
      const sinks = sinksOf(each)
      const effect = [...new Set(sinks.map(([key]) => key.split(' → ')[1]))].join('; ')
      return `| [${each.name}](docs/libraries/${fileName(each.name)}.md) | ${each.kind} | ${effect || '–'} |`
    })
  return ['| library | kind | when the signal aborts |', '| --- | --- | --- |', ...rows].join('\n')
}

function fileName(name) {
  return name.replace(/^@/, '').replace(/[^\w.-]+/g, '-')
}

function stale() {
  return (read(folder) === undefined ? [] : readdirSync(folder)).filter(
    (name) => !pages.has(basename(name)),
  )
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return error.code === 'EISDIR' ? '' : undefined
  }
}

async function pretty(text) {
  return format(text, { ...(await resolveConfig(join(root, 'README.md'))), parser: 'markdown' })
}
