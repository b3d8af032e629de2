import { Command, Option } from 'commander'
import { DEFAULT_BASELINE } from './baseline.js'
import type { BaselineOptions } from './commands/baseline.js'
import type { CheckOptions, CodemodOptions, FixOptions } from './commands/options.js'
import type { ProveOptions } from './commands/prove.js'
import { checkHelp, codemodHelp, fixHelp } from './help.js'
import type { Terminal } from './terminal.js'
import { readVersion } from './version.js'

export interface Actions {
  fix(paths: readonly string[], options: FixOptions): Promise<void>
  check(paths: readonly string[], options: CheckOptions): Promise<void>
  codemod(name: string, paths: readonly string[], options: CodemodOptions): Promise<void>
  baseline(paths: readonly string[], options: BaselineOptions): Promise<void>
  prove(command: readonly string[], options: ProveOptions): Promise<void>
}

/** The command line: what can be written, and what it says about itself. */
export function createProgram(terminal: Terminal, actions: Actions): Command {
  const program = new Command('ctx-fix')
    .description(
      'Threads an AbortSignal from the handlers of a Node backend to its database calls, so that a ' +
        'request that is given up stops its queries. Rewrites the files named; "check" only reports.',
    )
    .usage('[options] [paths...]')
    .version(readVersion())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Commander puts its suggestion on a second line.
      outputError: (text, write) => {
        write(
          `${text
            .trim()
            .replace(/^error: /, 'ctx-fix: ')
            .replaceAll('\n', ' ')}\n`,
        )
      },
    })
    .argument('[paths...]', 'files and folders to rewrite')
    .addHelpText('after', fixHelp)
    .action((paths: string[], options: FixOptions) => actions.fix(paths, options))
  addWritingOptions(program)
  addSharedOptions(program)
  const codemod = program
    .command('codemod')
    .summary("one rule's fix over the whole project: see ctx-fix codemod --help")
    .description('Makes the changes of one codemod, and no others, as carefully as ctx-fix itself.')
    .argument('<name>', 'which one')
    .argument('[paths...]', 'files and folders to rewrite')
    .option('--reason <text>', 'why the work that detach marks may outlive its request')
    .addHelpText('after', codemodHelp)
    .action((name: string, paths: string[], own: CodemodOptions, command: Command) => {
      const all: CodemodOptions = command.optsWithGlobals()
      // What is written before the name goes over what is written behind it, the default included.
      return actions.codemod(name, paths, { ...all, verify: all.verify && own.verify })
    })
  addWritingOptions(codemod)
  addSharedOptions(codemod)
  const check = program
    .command('check')
    .summary('only report, for CI: see ctx-fix check --help')
    .description('Reports every place where a signal is lost, and changes nothing.')
    .argument('[paths...]', 'files and folders to report')
    .addHelpText('after', checkHelp)
    // Options written before the command's name count as well.
    .action((paths: string[], _own, command: Command) =>
      actions.check(paths, command.optsWithGlobals()),
    )
  addSharedOptions(check)
  check.option('--proof <file>', 'compare with what "prove" has written, disagreements first')
  check.option('--baseline <file>', 'leave out what "baseline" has written down')
  const baseline = program
    .command('baseline')
    .summary('write down what is found now, so that check reports what is new')
    .description('Writes the findings of now to a file: "check --baseline" reports what is new.')
    .argument('[paths...]', 'files and folders to look at')
    .option('--out <file>', 'where to write it', DEFAULT_BASELINE)
    .action((paths: string[], _own, command: Command) =>
      actions.baseline(paths, command.optsWithGlobals()),
    )
  addSharedOptions(baseline)
  program
    .command('prove')
    .description('run the tests, cut off each request at each statement, see what PostgreSQL does')
    .usage('[options] -- <test command>')
    .argument('<command...>', 'the test command, after --')
    .option('--out <file>', 'where to write the proof', 'ctx-proof.json')
    .option('--runs <count>', 'run the tests at most so often', '12')
    .option('--within <ms>', 'how long a statement may go on', '1000')
    .option('--timeout <s>', 'end a run of the tests that takes longer', '600')
    .passThroughOptions()
    .action((command: string[], options: ProveOptions) => actions.prove(command, options))
  return program
}

function addWritingOptions(command: Command): void {
  command
    .option('--dry-run', 'report what would be changed, write nothing')
    .option('--diff', 'print the changes as a patch and the report on stderr, write nothing')
    .option('--allow-dirty', 'change files that have uncommitted changes too')
    .option('--todo', 'write a comment with the reason above each place that is left')
    .option('--update-tests', 'let assertions on exact arguments take a signal')
    .option('--no-verify', 'do not type-check the result before writing it')
}

function addSharedOptions(command: Command): void {
  const noSignalInScope = new Option(
    '--no-signal-in-scope <answer>',
    'calls where no signal is at hand, report by default',
  ).choices(['report', 'off'])
  // Its name begins like a negated option, which it is not.
  noSignalInScope.negate = false
  command
    .option('--tsconfig <file>', 'the project, instead of the nearest tsconfig.json upward')
    .option('--config <file>', 'the settings, instead of the nearest ctx-fix.config.* upward')
    .addOption(
      new Option('--reporter <name>', 'how to report, stylish by default').choices([
        'stylish',
        'json',
      ]),
    )
    .addOption(noSignalInScope)
    .option('--quiet', 'findings and failures only')
}
