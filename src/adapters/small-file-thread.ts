// The beginning of a thread: it writes small files whole, for the thread that began it.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type {
  FileReport,
  SmallFilesOrder,
  SmallFilesReport,
  SmallFilesStart,
  ToldFailure,
} from './small-files.ts'
import { DiskWrites } from './writable-folder.ts'

const toldOf = ({ code, message }: NodeJS.ErrnoException): ToldFailure => ({ code, message })

function serve(port: MessagePort, { root, platform }: SmallFilesStart): void {
  const folder = new DiskWrites(root, platform)
  const tell = (report: SmallFilesReport): void => port.postMessage(report)
  let ended: FileReport[] = []
  const end = (report: FileReport): void => {
    // What ended in one turn of the loop is told in one message.
    if (ended.length === 0)
      setImmediate(() => {
        tell({ ended })
        ended = []
      })
    ended.push(report)
  }
  port.on('message', (order: SmallFilesOrder) => {
    if ('isLast' in order) {
      folder
        .close()
        .then(
          () => tell({ closed: {} }),
          (error) => tell({ closed: { failure: toldOf(error) } }),
        )
        .finally(() => port.close())
      return
    }
    for (const { id, key, temporary, first, end: last, replaces } of order.files)
      folder.put({ key, temporary, bytes: order.bytes.subarray(first, last), replaces }).then(
        (there) => end({ id, there }),
        (error) => end({ id, failure: toldOf(error) }),
      )
  })
  tell({ isReady: true })
}

if (parentPort) serve(parentPort, workerData as SmallFilesStart)
