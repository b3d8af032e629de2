import { clientOnly } from '../catalog/react.js'
import type { FileFacts } from '../facts/types.js'
import { oncePer } from '../once-per.js'

/** Whether a file is for the browser, by what it begins with or by what it imports that a server lacks. */
export const isForBrowser = oncePer(
  ({ functions, bindings }: FileFacts): boolean =>
    functions[0]?.directives.includes(clientOnly.directive) === true ||
    bindings.some(
      ({ import: from }) =>
        from?.module === clientOnly.module && !from.typeOnly && clientOnly.names.has(from.name),
    ),
)
