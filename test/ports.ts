import type {
  Child,
  Clock,
  Exit,
  Files,
  Host,
  Log,
  Processes,
  ProcessSpec,
  System,
} from '../src/ports.ts'
import { Capabilities } from '../src/storage/capabilities.ts'
import type { Objects, Store } from '../src/storage/store.ts'

const unexpected = (): never => {
  throw new Error('This test does not open that door.')
}

/** Files for what must do without them. */
export const noFiles: Files = {
  makeFolder: unexpected,
  temporaryFolder: unexpected,
  remove: unexpected,
  removeFile: unexpected,
  kindOf: unexpected,
  startOf: unexpected,
  exists: unexpected,
  isFile: unexpected,
  realPath: unexpected,
  names: unexpected,
  readText: unexpected,
  awsConfig: async () => ({
    config: { path: '/aws/config', sections: {}, problem: undefined },
    credentials: { path: '/aws/credentials', sections: {}, problem: undefined },
  }),
  writeText: unexpected,
  rename: unexpected,
  writer: unexpected,
  lines: unexpected,
  lineBlocks: unexpected,
  lineBytes: unexpected,
  chunks: unexpected,
  gunzipped: unexpected,
  diskSpace: unexpected,
  sha256: unexpected,
  makeExecutable: unexpected,
  join: (...parts) => parts.join('/'),
}

/** A log that keeps its lines. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    line: (level, text) => {
      lines.push(`${level}: ${text}`)
    },
    group: () => (closing) => void lines.push(`info: ${closing}`),
  }
}

interface HostScript {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly idToken?: Host['idToken']
}

/** A runner that gives what the script says, and keeps what it is told. */
export function scriptedHost(script: HostScript): Host & { readonly masks: string[] } {
  const masks: string[] = []
  return {
    masks,
    input: (name) => script.inputs?.[name] ?? '',
    env: script.env ?? {},
    cancelled: new AbortController().signal,
    cancelledForMs: () => 0,
    log: () => recordingLog(),
    mask: (secret) => {
      masks.push(secret)
    },
    hide: (text) => masks.reduce((shown, mask) => shown.replaceAll(mask, '***'), text),
    hideMasked: (text) =>
      masks
        .filter((mask) => mask.length >= 8)
        .reduce((shown, mask) => shown.replaceAll(mask, '***'), text),
    annotate: () => {},
    output: () => {},
    summary: async () => {},
    saveState: () => {},
    state: () => '',
    idToken: script.idToken ?? unexpected,
  }
}

/** Objects of which only the given doors open. */
export const scriptedObjects = (doors: Partial<Objects>): Objects => ({
  copy: unexpected,
  stat: unexpected,
  page: unexpected,
  describe: unexpected,
  tags: unexpected,
  read: unexpected,
  put: unexpected,
  startUpload: unexpected,
  copyPart: unexpected,
  putPart: unexpected,
  completeUpload: unexpected,
  abortUpload: unexpected,
  ...doors,
})

/** A store of which only the given doors open. */
export const scriptedStore = (doors: Partial<Store>): Store => ({
  findBucket: unexpected,
  bucketEncryption: unexpected,
  isVersioned: unexpected,
  uploads: unexpected,
  page: unexpected,
  stat: unexpected,
  describe: unexpected,
  refusalOf: async (_object, error) => error,
  checksums: unexpected,
  objects: scriptedObjects({}),
  deleteObjects: unexpected,
  deletePinned: unexpected,
  capabilities: new Capabilities(),
  serverTimeMs: () => undefined,
  regionOf: () => 'us-east-1',
  close: () => {},
  ...doors,
})

/** A clock that stands still until it sleeps, and then jumps. */
export function jumpingClock(startMs = 1_000_000): Clock & { advance(ms: number): void } {
  let now = startMs
  return {
    now: () => now,
    steadyMs: () => now,
    sleep: async (ms) => {
      now += ms
    },
    random: () => 0.5,
    within: (_limitMs, work) => work(),
    advance: (ms) => {
      now += ms
    },
  }
}

/** A machine that has nothing else to do. */
export const idleSystem: System = {
  platform: 'linux',
  arch: 'x64',
  peakMemoryBytes: () => 0,
  cores: () => 2,
  totalMemoryBytes: () => 8 * 2 ** 30,
  availableMemoryBytes: () => 7 * 2 ** 30,
  openFiles: () => undefined,
  busyPart: () => 0,
  growYoungMemory: () => {},
}

/** A child process that the test plays. */
export interface PlayedChild {
  readonly spec: ProcessSpec
  /** Lines it was fed. */
  readonly fed: string[]
  readonly signals: string[]
  inputEnded: boolean
  say(line: string): void
  end(exit?: Exit): void
}

/** Processes that the test plays: `play` is called for every process, whenever something happens to it. */
export function playedProcesses(play: (child: PlayedChild, event: string) => void): Processes & {
  readonly children: PlayedChild[]
} {
  const children: PlayedChild[] = []
  return {
    children,
    run: unexpected,
    spawn: (spec, onLine): Child => {
      const { promise, resolve } = Promise.withResolvers<Exit>()
      const child: PlayedChild = {
        spec,
        fed: [],
        signals: [],
        inputEnded: false,
        say: (line) => onLine('stdout', line),
        end: (exit = { code: 0, signal: null }) => resolve(exit),
      }
      children.push(child)
      return {
        exit: promise,
        write: async (text) => {
          child.fed.push(text.trimEnd())
          play(child, 'fed')
        },
        endInput: () => {
          child.inputEnded = true
          play(child, 'end of input')
        },
        kill: (signal) => {
          child.signals.push(signal)
          play(child, signal)
        },
      }
    },
  }
}
