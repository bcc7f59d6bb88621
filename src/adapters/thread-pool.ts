/**
 * Threads of the pool that brings files to the disk. Node has four, and a flush waits for the disk, not for a processor: a
 * file system writes its journal once for all that wait for it, so that many small files are there in a fraction of the time.
 */
const THREADS = 16

// The pool is made when it is first used, and reads this then.
process.env['UV_THREADPOOL_SIZE'] ??= String(THREADS)
