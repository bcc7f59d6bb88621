import { __name } from "./rolldown-runtime.js";
import { AdaptiveLimit, PART_SIZE, RateBudget, copyLimitMs, holds, inParallel, isAsListed, isComposite, journaled, limited, onceAble, partBytesOf, retrying, roomOf, sizeClassOf, statedPartBytes, wholeChecksums } from "./requests.js";
import { JsonLines, Uploads, WORKERS, abortAll, abortUnheard, addVerification, batchOps, copiesWithin, copyPartBytes, filesFor, ifUnchanged, looker, mayGoDirect, ownUploads, partBytesFor, putOwnFile, rangesOf, routeToDirect, rowOfCopy, rowOfDelete, verify, workersByMemory, workersWithin } from "./shared.js";
import { Checksums, HEADERS_DIGEST, NETWORK_ENV, NO_DISK_BYTES, NO_TALLY, OWN_KEYS, PartDigests, SCARCE_MEMORY, SHUTDOWN_MS, addTally, bareMessage, checkWriting, compositeEtag, eachOrNone, fetchObject, given, humanBytes, humanCount, humanObjects, humanPace, humanSeconds, hurried, inKeyOrder, isDiskScarce, isEtagOf, isOfOnePart, keepsOthers, keepsType, lateness, leavesMd5, listAll, metadataHeaders, optionHeaders, optionsFor, orAborted, otherEtag, passOn, perSecond, ruledKey, runStage, s3Url, sameEtag, serviceOf, skippedBy, stateName, timed, unfinishedPath, uploadPartBytes, visibleJson, writeBatchFile } from "./action.js";
import { KeySum, copiesIn, fullWaves, joinStreams, moverOf, readCopies, readCopyBlocks, readDeletes, readOutdated, statOrList } from "./compare.js";
import { MAGIC, RANGE_SUMS, RangeSum, ServiceError, SyncError, codeByStatus, combineCrc32, crc32, crc32Text, createHash, failureKind, hasExpired, hash, init__crypto, isAcrossRegions, isOwnCode, isPuzzled, isRefusal, isThrottling, named, ofPage, section, serviceFailure, shortened, sized, sumOfRanges, unsigned } from "./receiving.js";
import { toKeyBytes, toText } from "./writing.js";
import { isUtf8 } from "node:buffer";

// src/ledger/published.ts
/** Adds copies to the objects that stand at the destination. */
var PublishedCopies = class PublishedCopies {
	#lines;
	#prefix;
	#closed;
	constructor(lines, prefix) {
		this.#lines = lines;
		this.#prefix = prefix;
	}
	/** Goes on with a file; keys are told relative to `folder`, a prefix of the destination. */
	static async open(files, path, folder) {
		return new PublishedCopies(await JsonLines.open(files, path, { mode: "append" }), folder);
	}
	add({ to, size, etag, sha256 }) {
		const row = {
			key: to.slice(this.#prefix.length),
			size,
			etag: etag || void 0,
			sha256: sha256 || void 0,
			status: "copied"
		};
		this.#lines.add(row);
	}
	/** Nothing is added any more; may be said twice. */
	close() {
		this.#closed ??= this.#lines.close().then(() => {});
		return this.#closed;
	}
};

// src/ledger/ledger.ts
const claimOf = (op, { engine, resultEtag, sha256, batchBeganMs }, prefix) => ({
	key: toKeyBytes(op.to.slice(prefix.length)),
	from: op.key,
	fromVersion: op.versionId,
	sha256,
	etag: op.etag,
	size: op.size,
	batchBeganMs,
	stood: op.toEtag,
	answer: resultEtag,
	oneRequest: engine === "s5cmd"
});
/** Whether another attempt may end better. */
const mayHeal = ({ status, code, httpStatus }) => status !== "done" && failureKind(code, httpStatus).retryable;
/** Where endings become rows of results.ndjson, as they come: every planned op leaves it exactly once. */
var Ledger = class Ledger {
	#results;
	#claims;
	#rules;
	#done = 0;
	constructor(results, claims, rules) {
		this.#results = results;
		this.#claims = claims;
		this.#rules = rules;
	}
	/** Opens the rows of a run, or adds those of a further wave; the claims of each are a file of their own. */
	static async open(files, paths, rules, mode) {
		const { onLost } = rules;
		const claims = await JsonLines.open(files, paths.claims, { onLost });
		try {
			const results = await JsonLines.open(files, paths.results, mode ? {
				mode,
				onLost
			} : { onLost });
			return new Ledger(results, claims, rules);
		} catch (error) {
			await claims.close();
			throw error;
		}
	}
	/** The end of an op. */
	record(outcome) {
		const { hide, destinationPrefix, onRecorded } = this.#rules;
		const { op, status } = outcome;
		const isDone = status === "done";
		if (op.op === "delete") this.#results.add(rowOfDelete(op, outcome, hide));
		else {
			const belief = this.#beliefIn(op, outcome);
			this.#results.add(rowOfCopy(op, outcome, belief, hide));
			if (isDone && belief !== "claimed") this.#rules.onStanding?.({
				to: op.to,
				size: op.size,
				etag: outcome.resultEtag,
				sha256: outcome.sha256
			});
			if (isDone && belief === "claimed") this.#claims.add(claimOf(op, outcome, destinationPrefix));
		}
		if (isDone) this.#done++;
		onRecorded(outcome);
	}
	/** Writes all that is still in memory and closes the files. Rejects when a row could not be written. */
	async close() {
		const [results, claims] = await Promise.allSettled([this.#results.close(), this.#claims.close()]);
		if (results.status === "rejected") throw results.reason;
		if (claims.status === "rejected") throw claims.reason;
		return {
			results: results.value,
			claims: claims.value,
			done: this.#done
		};
	}
	/** An answer to the copy that names the source's ETag proves it, unless all are looked at again. */
	#beliefIn({ etag }, { status, resultEtag }) {
		const { verify } = this.#rules;
		if (status === "done" && sameEtag(resultEtag, etag) && verify !== "listing") return "proven";
		return verify === "outcomes" ? "believed" : "claimed";
	}
};

// src/transfer/context.ts
/**
* Is aborted with a signal, for the same reason. Not by AbortSignal.any(): Node asks all signals behind it whenever it is
* asked, which each op does several times.
*/
function abortedBy(signal) {
	const controller = new AbortController();
	const abort = () => controller.abort(signal.reason);
	if (signal.aborted) abort();
	else signal.addEventListener("abort", abort, { once: true });
	return controller;
}
/** Ends the work of one wave before that of the run: at once, or so that nothing more is begun. */
var Halt = class {
	#stop;
	#giveUp;
	constructor({ signal, deadline }) {
		this.#stop = abortedBy(signal);
		this.#giveUp = abortedBy(deadline);
	}
	get signal() {
		return this.#stop.signal;
	}
	get deadline() {
		return this.#giveUp.signal;
	}
	/** At once: our own files cannot be read or written any more. */
	stop() {
		this.#stop.abort();
	}
	/** In order: there is no use in beginning anything more. */
	giveUp(why) {
		this.#giveUp.abort(why);
	}
};

// src/flow/circuit-breaker.ts
/** How nobody answers, in the words of Node and of Go. */
const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|connection refused|no such host/;
/** Whether there was nobody to take the request; who answers in such words is somebody. */
const isUnreachable = ({ message = "", httpStatus }) => httpStatus === void 0 && UNREACHABLE.test(message);
/** Without any success for so long, there is no use in going on. */
const PATIENCE_MS = 9e4;
/** So many failures in a row are no accident. */
const MANY = 100;
/** So many at the end of a pass tell that nobody is there any more. */
const SOME = 5;
const NOBODY = {
	status: "failed",
	code: "Unreachable",
	message: "The service stopped responding before this object was started."
};
/** Gives a service up when nobody answers, or nothing has succeeded for long: nobody else does. */
var CircuitBreaker = class {
	#clock;
	#giveUp;
	#answeredMs;
	#passSucceeded = false;
	#failedInRow = 0;
	#unreachableInRow = 0;
	/** `giveUp` is called once there is no use in beginning anything more. */
	constructor(clock, giveUp) {
		this.#clock = clock;
		this.#giveUp = giveUp;
		this.#answeredMs = clock.now();
	}
	/** An op is done, or a service gave an answer that is needed for one. */
	succeeded() {
		this.#answeredMs = this.#clock.now();
		this.#passSucceeded = true;
		this.#failedInRow = 0;
		this.#unreachableInRow = 0;
	}
	/** An op failed that may be tried again. */
	failed(outcome) {
		this.#failedInRow++;
		this.#unreachableInRow = isUnreachable(outcome) ? this.#unreachableInRow + 1 : 0;
		if (this.#unreachableInRow >= MANY || this.#failedInRow >= MANY && this.#isSilent) this.#giveUp(NOBODY);
	}
	/** Whether the pass that just ended was the last one; `unreachable`: none of what it left came through. */
	isOver({ unreachable }) {
		const isDead = unreachable && (!this.#passSucceeded || this.#unreachableInRow >= SOME);
		this.#passSucceeded = false;
		return this.#isSilent || isDead;
	}
	get #isSilent() {
		return this.#clock.now() - this.#answeredMs >= PATIENCE_MS;
	}
};

// src/flow/pace.ts
const SHORT_MS = 1e3;
/**
* Wait before another pass over failed rows, milliseconds: after throttling `retryDelayMs`, doubled
* each pass; after other failures a second at most; with full jitter.
*/
function passDelayMs(pass, throttled, rules) {
	const { retryDelayMs, random } = rules;
	const longest = throttled ? retryDelayMs * 2 ** (pass - 1) : Math.min(SHORT_MS, retryDelayMs);
	return Math.round(random() * longest);
}
/** Objects in parallel in a pass: halved with each pass after the first. */
const passWorkers = (workers, pass) => Math.max(1, Math.ceil(workers / 2 ** pass));

// src/transfer/fan-out.ts
/** Batches of one engine that may wait in memory; what is more waits on disk, however far engines are apart. */
const MOST_WAITING = 4;
/** Hands the batches of a pass, which are read and packed once for all engines, to those that take them. */
var FanOut = class {
	#batches;
	#deps;
	#queues;
	/** What is read now, for whoever waits for it. */
	#reading;
	#isOver = false;
	constructor(batches, engines, deps) {
		this.#batches = batches;
		this.#deps = deps;
		this.#queues = new Map(engines.map((engine) => [engine, []]));
	}
	/** The next batch that an engine takes; undefined when there is none. Rejects when it cannot be had. */
	async next(engine) {
		const queue = this.#queues.get(engine) ?? [];
		const hasWaited = queue.length > 0;
		while (queue.length === 0 && !this.#isOver) {
			this.#reading ??= this.#read().finally(() => {
				this.#reading = void 0;
			});
			await this.#reading;
		}
		const first = queue.shift();
		if (!first) return void 0;
		const batch = "path" in first ? await this.#takeBack(first.path) : first;
		return hasWaited ? this.#deps.handedOver(batch) : batch;
	}
	/** Nothing more is taken. */
	async close() {
		await this.#batches.return(void 0);
	}
	/** Reads one more batch, and puts it where its engine finds it. */
	async #read() {
		const { value: batch, done } = await this.#batches.next();
		if (done) {
			this.#isOver = true;
			return;
		}
		const [first] = batch.ops;
		for (const [engine, queue] of this.#queues) if (first && engine.takes(first)) {
			queue.push(queue.length < MOST_WAITING ? batch : { path: await this.#putAside(batch) });
			return;
		}
		throw new Error(`No engine takes batch ${batch.id}.`);
	}
	async #putAside(batch) {
		const { files, folder } = this.#deps;
		const path = files.join(folder, `batch-${batch.id}.json`);
		const writer = await files.writer(path);
		await writer.write(JSON.stringify(batch));
		await writer.close();
		return path;
	}
	async #takeBack(path) {
		const { files } = this.#deps;
		for await (const line of files.lines(path)) {
			await files.removeFile(path);
			return JSON.parse(line);
		}
		throw new Error(`The batch file ${path} no longer exists.`);
	}
};

// src/transfer/passes.ts
/** Looks at the destination at a time. */
const LOOKS = 16;
function outcomeOf({ op, batch, ending, untried, tookMs }) {
	const done = ending.status === "done" ? ending : void 0;
	const stopped = ending.status === "done" ? void 0 : ending;
	return {
		op: done?.as ?? op.op,
		status: ending.status,
		engine: batch.engine,
		route: op.route,
		attempts: op.attempts + (untried ? 0 : 1),
		batchBeganMs: batch.beganMs,
		tookMs,
		resultEtag: done?.etag,
		sha256: done?.sha256,
		code: stopped?.code,
		message: stopped?.message,
		httpStatus: stopped?.httpStatus
	};
}
/** A first pass over all ops of a wave, then passes over those that may heal. */
var Passes = class {
	#work;
	#deps;
	#breaker;
	constructor(work, deps) {
		const { context, halt } = deps;
		this.#work = work;
		this.#deps = deps;
		this.#breaker = new CircuitBreaker(context.clock, (why) => halt.giveUp(why));
	}
	/**
	* Carries all out: each further pass with less concurrency and after a longer pause. Another engine is no retry, so
	* that one more pass follows in any case where s5cmd is given up, and where it was first refused something. Gives
	* how many passes followed the first.
	*/
	async run() {
		const { context, retry } = this.#deps;
		const { clock, log, signal, deadline } = context;
		const { retryDelayMs } = retry;
		let { maxRetries } = retry;
		let ops = () => this.#work.ops();
		let hasDiverted = false;
		for (let pass = 0;; pass++) {
			const before = this.#work.isGivenUp();
			const open = await this.#runPass(ops, pass);
			const rest = await this.#lookUpAll(open, pass);
			if (rest.count === 0) return pass;
			const gaveUp = !before && this.#work.isGivenUp();
			const diverts = open.diverted && !hasDiverted;
			hasDiverted ||= diverts;
			if (gaveUp || diverts) maxRetries++;
			if (gaveUp) log.line("warn", "s5cmd crashed twice: the direct engine copies the rest.");
			const isOver = this.#breaker.isOver(rest) && !gaveUp;
			if (isOver) log.line("warn", "The service stopped responding: no further retries.");
			if (isOver || signal.aborted || deadline.aborted || pass === maxRetries) {
				for await (const outcome of this.#read(rest)) this.#record(outcome);
				return pass;
			}
			const delayMs = passDelayMs(pass + 1, rest.throttled, {
				retryDelayMs,
				random: clock.random
			});
			log.line("info", `${humanObjects(rest.count)} not done yet; retrying in ${humanSeconds(delayMs / 1e3)}.`);
			await clock.sleep(delayMs, AbortSignal.any([signal, deadline]));
			ops = this.#again(rest);
		}
	}
	#record(outcome) {
		if (outcome.status === "done") this.#breaker.succeeded();
		this.#deps.ledger.record(outcome);
	}
	/** Runs all engines over the ops; what may heal is kept for another look, unless there will be none. */
	async #runPass(ops, pass) {
		const { signal } = this.#deps.context;
		const open = await this.#spool(`pass-${pass}`);
		let diverted = false;
		const take = (outcome) => {
			const goesDirect = !signal.aborted && this.#work.goesDirect(outcome);
			diverted ||= goesDirect;
			if (signal.aborted || !(mayHeal(outcome) || goesDirect)) {
				this.#record(outcome);
				return;
			}
			if (goesDirect) this.#breaker.succeeded();
			else this.#breaker.failed(outcome);
			open.add(outcome);
		};
		const { files, folder } = this.#deps;
		const engines = this.#work.engines(pass);
		const handedOver = (batch) => this.#work.handedOver(batch);
		const batches = this.#work.pack(ops());
		const fanOut = new FanOut(batches, engines, {
			files,
			folder,
			handedOver
		});
		const shares = engines.map((engine) => this.#runEngine(engine, () => fanOut.next(engine), take));
		const ends = await Promise.allSettled(shares);
		await fanOut.close();
		const kept = await open.close();
		for (const end of ends) if (end.status === "rejected") throw end.reason;
		return {
			...kept,
			diverted
		};
	}
	/** Lets an engine carry out its share; what it leaves when it must stop is told as it says. */
	async #runEngine(engine, next, take) {
		const { context, halt, rowShare } = this.#deps;
		try {
			const stopped = await engine.run(next, (ended) => take(outcomeOf(ended)), () => this.#breaker.succeeded());
			if (!stopped) return;
			const isLate = lateness(context.cancelledForMs, rowShare);
			for (let batch = await next(); batch; batch = await next()) {
				if (isLate()) return;
				for (const op of batch.ops) take(outcomeOf({
					op,
					batch,
					ending: stopped,
					untried: true
				}));
			}
		} catch (error) {
			halt.stop();
			throw error;
		}
	}
	/** Looks up what is unknown; gives the rows that need another pass. */
	async #lookUpAll(open, pass) {
		const rest = await this.#spool(`rest-${pass}`);
		let throttled = false;
		let unreachable = true;
		await inParallel(this.#read(open), LOOKS, async (outcome) => {
			const done = await this.#lookUp(outcome);
			if (done) this.#record({
				...outcome,
				status: "done",
				resultEtag: done.etag
			});
			else {
				throttled ||= isThrottling(outcome.code);
				unreachable &&= isUnreachable(outcome);
				rest.add(outcome);
			}
		});
		return {
			...await rest.close(),
			throttled,
			unreachable
		};
	}
	/** The end of an op that an engine lost, where it is done all the same. */
	async #lookUp(outcome) {
		const { log, signal } = this.#deps.context;
		if (outcome.status !== "unknown" || outcome.attempts === 0 || signal.aborted) return void 0;
		try {
			return await this.#work.lookUp(outcome, signal);
		} catch (error) {
			log.line("debug", `The destination could not be checked: ${serviceFailure(error).message}`);
			return;
		}
	}
	/** The rows that are tried again; what s5cmd left goes to the direct engine once it is given up. */
	#again(rest) {
		const givenUp = this.#work.isGivenUp();
		const read = () => this.#read(rest);
		const goesDirect = (outcome) => this.#work.goesDirect(outcome);
		return async function* () {
			for await (const outcome of read()) {
				const { op, engine, route, attempts } = outcome;
				if (engine === "s5cmd" && givenUp) yield {
					op,
					engine: "direct",
					route: "s5cmd-crashed",
					attempts
				};
				else if (goesDirect(outcome)) yield {
					op,
					engine: "direct",
					route: "s5cmd-refused",
					attempts
				};
				else yield {
					op,
					engine,
					route,
					attempts
				};
			}
		};
	}
	#spool(name) {
		const { files, folder, halt } = this.#deps;
		const onLost = () => halt.stop();
		return JsonLines.open(files, files.join(folder, `${name}.ndjson`), { onLost });
	}
	async *#read({ path }) {
		for await (const line of this.#deps.files.lines(path)) yield JSON.parse(line);
	}
};

// src/transfer/progress.ts
const EVERY_MS$1 = 1e4;
/** How long the rest takes, as a part of a line; objects and bytes may come at paces that differ. */
function timeLeft(done, { planned }, seconds) {
	const left = ["objects", "bytes"].map((of) => {
		const pace = perSecond(done[of], seconds);
		return pace > 0 ? (planned[of] - done[of]) / pace : 0;
	});
	const most = Math.max(...left);
	return most > 0 ? `, about ${humanSeconds(most)} left` : "";
}
/** One line of progress: n of N, bytes, rates and the time left. */
function progressLine(done, goal, seconds) {
	const { planned, skipped } = goal;
	const left = timeLeft(done, goal, seconds);
	const pace = humanPace(perSecond(done.objects, seconds));
	const all = planned.objects + skipped;
	const percent = all > 0 ? Math.floor(100 * (done.objects + skipped) / all) : 100;
	const count = `${humanCount(done.objects)} of ${humanCount(planned.objects)} objects (${percent}%)`;
	if (planned.bytes === 0) return `${count}, ${pace}${left}`;
	return `${count}, ${`${humanBytes(done.bytes)} of ${humanBytes(planned.bytes)}`}, ${pace}, ${humanBytes(perSecond(done.bytes, seconds))}/s${left}`;
}
/** Logs a line every 10 seconds until it is stopped. */
function startProgress(goal, clock, log) {
	const startedMs = clock.now();
	const stopped = new AbortController();
	const { planned } = goal;
	let objects = 0;
	let settledBytes = 0;
	let directBytes = 0;
	let underWay = () => 0;
	let peak = 0;
	const bytesNow = () => {
		const others = settledBytes - directBytes;
		return others + Math.max(directBytes, Math.min(underWay(), planned.bytes - others));
	};
	async function lines() {
		for (let [lastMs, last] = [startedMs, 0];;) {
			await clock.sleep(EVERY_MS$1, stopped.signal);
			if (stopped.signal.aborted) return;
			const nowMs = clock.now();
			const bytes = bytesNow();
			peak = Math.max(peak, perSecond(bytes - last, (nowMs - lastMs) / 1e3));
			lastMs = nowMs;
			last = bytes;
			log.line("info", progressLine({
				objects,
				bytes
			}, goal, (nowMs - startedMs) / 1e3));
		}
	}
	lines();
	return {
		settled: (bytes, engine) => {
			objects++;
			settledBytes += bytes;
			if (engine === "direct") directBytes += bytes;
		},
		follow: (movedBytes) => {
			const before = movedBytes();
			underWay = () => movedBytes() - before;
		},
		peakBytesPerSecond: () => peak,
		stop: () => stopped.abort()
	};
}

// src/transfer/resources.ts
const EVERY_MS = 5e3;
/** Beyond this the machine ends processes as it likes. */
const NO_MEMORY = .97;
const outOf = (what) => ({
	status: "failed",
	code: "OutOfResources",
	message: `The machine ran out of ${what} before this object was started.`
});
const percent = (part) => `${Math.floor(part * 100)}%`;
/** Looks after memory and disk until it is told to stop: warns, lowers the load, and ends the run in order. */
function watchResources(watched) {
	const { system, files, folder, clock, log, doing, lower, stop } = watched;
	const over = new AbortController();
	const warned = /* @__PURE__ */ new Set();
	const warn = (what, text) => {
		if (!warned.has(what)) log.line("warn", text);
		warned.add(what);
	};
	function lookAtMemory() {
		const available = system.availableMemoryBytes();
		if (available === void 0) return;
		const used = 1 - available / system.totalMemoryBytes();
		if (used > NO_MEMORY) stop(outOf("memory"));
		if (used <= .85) return;
		warn("memory", `${percent(used)} of the memory is in use: reducing the number of objects ${doing} in parallel.`);
		lower();
	}
	async function lookAtDisk() {
		const space = await files.diskSpace(folder);
		const { freeBytes, totalBytes } = space;
		if (freeBytes < NO_DISK_BYTES) stop(outOf("disk space"));
		if (!isDiskScarce(space)) return;
		const used = 1 - freeBytes / totalBytes;
		warn("disk", `${percent(used)} of the disk is in use, ${humanBytes(freeBytes)} are free.`);
		lower();
	}
	async function watch() {
		while (!over.signal.aborted) {
			lookAtMemory();
			await lookAtDisk().catch(() => {});
			await clock.sleep(EVERY_MS, over.signal);
		}
	}
	watch();
	return () => over.abort();
}

// src/transfer/executor.ts
/** Both, the second one whatever became of the first. Throws the first failure. */
async function andThen(first, second) {
	const [a, b] = await Promise.allSettled([first, first.then(second, second)]);
	if (a.status === "rejected") throw a.reason;
	if (b.status === "rejected") throw b.reason;
	return [a.value, b.value];
}
/** What a cancel leaves for the rows of a wave; `cleared`: it was begun, not held back. */
function shareOf$1(stage, cleared) {
	if (stage === "delete") return "deleteRows";
	return cleared ? "copyRows" : "heldRows";
}
__name(shareOf$1, "shareOf");
/** Carries out waves, one after the other: every op ends done, failed or unknown, exactly once, as a row of results.ndjson. */
var Executor = class {
	#context;
	#deps;
	/** What ends the waves of a stage: engines may work for several of them. */
	#halts = /* @__PURE__ */ new Map();
	/** Waves that have begun. */
	#begun = 0;
	/** Whether there are rows to add to. */
	#hasRows = false;
	constructor(context, deps) {
		this.#context = context;
		this.#deps = deps;
	}
	/**
	* Carries out one wave; `cleared`: all of the waves before it are done and proven. Rejects only when our own files
	* cannot be read or written any more; what is known is in them then.
	*/
	async run(wave, cleared) {
		const { files, system, hide, transfer, destinationPrefix, resultsPath, scratch } = this.#deps;
		const { onStanding } = this.#deps;
		const { log, clock, budget, cancelledForMs } = this.#context;
		const halt = this.#haltOf(wave.stage);
		const { signal, deadline } = halt;
		const context = {
			log,
			clock,
			budget,
			cancelledForMs,
			signal,
			deadline
		};
		const folder = files.join(scratch, `${wave.stage}-${++this.#begun}`);
		system.growYoungMemory();
		await files.makeFolder(folder);
		const progress = startProgress(wave.goal, clock, log);
		try {
			const paths = {
				results: resultsPath,
				claims: files.join(folder, "claims.ndjson")
			};
			const rules = {
				destinationPrefix,
				verify: transfer.verify,
				hide,
				onRecorded: ({ op, status, engine }) => progress.settled(op.op === "copy" && status === "done" ? op.size : 0, engine),
				onLost: () => halt.stop(),
				onStanding
			};
			const ledger = await Ledger.open(files, paths, rules, this.#hasRows ? "append" : void 0);
			this.#hasRows = true;
			const rowShare = shareOf$1(wave.stage, cleared);
			const [{ work, extraPasses }, rows] = await andThen(this.#execute(wave, cleared, {
				context,
				halt,
				ledger,
				folder,
				rowShare,
				progress
			}), () => ledger.close());
			const { results, claims, done } = rows;
			const peakBytesPerSecond = progress.peakBytesPerSecond();
			return work.found({
				results,
				claims,
				done,
				extraPasses,
				peakBytesPerSecond
			});
		} finally {
			progress.stop();
		}
	}
	#haltOf(stage) {
		const halt = this.#halts.get(stage) ?? new Halt(this.#context);
		this.#halts.set(stage, halt);
		return halt;
	}
	async #execute(wave, cleared, { context, halt, ledger, folder, rowShare, progress }) {
		const { files, system, transfer } = this.#deps;
		const { log, clock } = context;
		const work = await wave.begin(cleared, context, folder);
		progress.follow(() => work.movedBytes);
		const unwatch = watchResources({
			system,
			files,
			folder,
			clock,
			log,
			doing: wave.stage === "copy" ? "copied" : "deleted",
			lower: () => work.lower(),
			stop: (why) => halt.giveUp(why)
		});
		const passes = new Passes(work, {
			context,
			halt,
			ledger,
			files,
			folder,
			retry: transfer,
			rowShare
		});
		const isLate = lateness(context.cancelledForMs, rowShare);
		const [extraPasses] = await andThen(this.#settle(work, isLate, ledger).then(() => passes.run()).finally(unwatch), () => work.close());
		return {
			work,
			extraPasses
		};
	}
	/** The rows of ops that end without an engine; in a cancelled run as far as there is time. */
	async #settle(work, isLate, ledger) {
		for await (const { op, ending } of work.settled()) {
			if (isLate()) return;
			const { status } = ending;
			const { code, message } = ending.status === "done" ? {} : ending;
			const resultEtag = ending.status === "done" ? ending.etag : void 0;
			ledger.record({
				op,
				status,
				engine: "direct",
				attempts: 0,
				batchBeganMs: 0,
				code,
				message,
				resultEtag
			});
		}
	}
};

// src/model/engine.ts
/** Why ops are left that a run has no time for. */
const OUT_OF_TIME = {
	status: "failed",
	code: "MaxDuration",
	message: "The run reached max-duration before it started this object."
};
/** Why nothing more is begun; undefined as long as work goes on. */
function stopOf({ signal, deadline }) {
	if (signal.aborted) return stoppedBy(signal);
	if (!deadline.aborted) return void 0;
	const { reason } = deadline;
	return typeof reason === "object" && "status" in reason ? reason : OUT_OF_TIME;
}
/** Why ops of a cancelled run are not settled. */
const CANCELLED = {
	status: "unknown",
	code: "Cancelled",
	message: "The run was cancelled before it finished this object."
};
/** Why ops of a run that lost its lock are not settled. */
const LOCK_LOST = {
	status: "unknown",
	code: "LockLost",
	message: "The run lost its lock before this object was finished."
};
/** Why ops are not settled of a run that this signal ended: a cancel, or the loss of its lock. */
const stoppedBy = ({ reason }) => reason instanceof SyncError && reason.kind === "lock" ? LOCK_LOST : CANCELLED;
/** Whether that is why nothing is begun any more in the whole run, whatever became of what was begun. */
const endsRun = (why) => why === CANCELLED || why === LOCK_LOST || why === OUT_OF_TIME;

// src/transfer/held-back.ts
/** What `overwrite: never` keeps. */
const IN_THE_WAY = {
	code: "DestinationExists",
	message: "Another object exists at the destination, and overwrite: never protects it."
};
const CODE = "HeldBack";
const HELD_BACK$1 = {
	code: CODE,
	message: "Nothing was copied, because overwrite: never forbids some copies of the plan."
};
/** The end of an op of a plan that must not be carried out: what is in the way, or held back for it. */
const heldBack = ({ reason }) => ({
	status: "failed",
	...reason === "destination-conflict" ? IN_THE_WAY : HELD_BACK$1
});
/** The end of a copy whose wave or transfer must wait for others that are not done. */
const WAVE_HELD_BACK = {
	status: "failed",
	code: CODE,
	message: "It was not started, because not every object of earlier waves or transfers is copied and verified."
};

// src/transfer/outdated.ts
const MESSAGES = {
	NoSuchKey: "The source object was removed after the plan was made.",
	SourceChanged: "The source object changed after the plan was made: it needs a new plan.",
	DestinationChanged: "The destination object was written or removed by somebody else after the plan was made, so it was left unchanged.",
	ChecksumUnknown: "The plan copies this object because the checksums differed, which is no longer the case: it needs a new plan.",
	DeleteNotDue: "According to the list at the destination, this object must be kept for some more time, so it is not deleted.",
	ExistsAtSource: "The source has this object now, so it is not deleted."
};
/** How an approved op ends that cannot be carried out any more. */
const endOf = (outdated) => ({
	status: "failed",
	code: outdated,
	message: MESSAGES[outdated]
});
/** How an approved op ends that is not carried out. */
const endOfOutdated = ({ outdated, standing }) => outdated === "DoneAlready" ? {
	status: "done",
	etag: standing
} : endOf(outdated);

// src/transfer/batcher.ts
function close({ engine, sizeClass, ops }, rules) {
	const bytes = ops.reduce((sum, { op }) => sum + op.size, 0);
	return {
		id: rules.nextId(),
		engine,
		sizeClass,
		ops,
		bytes,
		beganMs: rules.serverTimeMs()
	};
}
/** Packs ops into batches of one engine and size class each; every op is in exactly one. */
async function* pack(ops, rules) {
	const open = /* @__PURE__ */ new Map();
	for await (const routed of ops) {
		const { engine } = routed;
		const sizeClass = sizeClassOf(routed.op.size);
		const name = `${engine} ${sizeClass}`;
		const batch = open.get(name) ?? {
			engine,
			sizeClass,
			ops: []
		};
		batch.ops.push(routed);
		if (batch.ops.length < rules.opsPerBatch(sizeClass)) open.set(name, batch);
		else {
			open.delete(name);
			yield close(batch, rules);
		}
	}
	for (const batch of open.values()) yield close(batch, rules);
}

// src/transfer/copy/counters.ts
/** Counts what the engines of all passes do. */
var Counters = class {
	#processes = 0;
	#crashes = 0;
	#requestRetries = 0;
	#slowdowns = 0;
	#movedBytes = 0;
	#unconditional = false;
	#tagsUnreadable = false;
	#partBytes = [];
	#linkBytesPerSecond;
	#concurrency = [];
	/** Times that s5cmd ended unexpectedly. */
	get crashes() {
		return this.#crashes;
	}
	/** Bytes that requests of the direct engine moved, those of unfinished objects included. */
	get movedBytes() {
		return this.#movedBytes;
	}
	moved(bytes) {
		this.#movedBytes += bytes;
	}
	process() {
		this.#processes++;
	}
	crash() {
		this.#crashes++;
	}
	/** A single request is made again. */
	requestRetry() {
		this.#requestRetries++;
	}
	/** Fewer objects are copied at once, since S3 asked for fewer requests. */
	slowdown() {
		this.#slowdowns++;
	}
	/** The destination does not know conditional writes. */
	unconditional() {
		this.#unconditional = true;
	}
	/** Tags of the source may not be read, so that none are written; gives whether that is news. */
	tagsUnreadable() {
		const isNews = !this.#tagsUnreadable;
		this.#tagsUnreadable = true;
		return isNews;
	}
	/** An object was cut into parts of this size, with bytes coming so fast; undefined: not watched for long enough. */
	cut(part, bytesPerSecond) {
		const isSame = ({ value, rule }) => value === part.value && rule === part.rule;
		if (!this.#partBytes.some(isSame)) this.#partBytes.push(part);
		this.#linkBytesPerSecond = bytesPerSecond;
	}
	/** An engine begins, with so many objects at a time as things stand. */
	begin(engine) {
		this.#concurrency.push(engine);
	}
	/** Lets all engines copy fewer objects at a time. */
	lower() {
		for (const { lower } of this.#concurrency) lower();
	}
	counted() {
		const byName = Map.groupBy(this.#concurrency, ({ name }) => name);
		return {
			processes: this.#processes,
			crashes: this.#crashes,
			requestRetries: this.#requestRetries,
			slowdowns: this.#slowdowns,
			unconditional: this.#unconditional,
			tagsUnreadable: this.#tagsUnreadable,
			partBytes: this.#partBytes,
			linkBytesPerSecond: this.#linkBytesPerSecond,
			concurrency: [...byName].map(([name, passes]) => ({
				name,
				initial: passes[0]?.initial ?? 0,
				final: passes.at(-1)?.now() ?? 0
			}))
		};
	}
};

// src/flow/byte-budget.ts
/** A budget of `mostBytes`; those who wait are served in turn. */
function createBudget(mostBytes) {
	const waiting = [];
	let held = 0;
	function letIn() {
		for (let first = waiting[0]; first; first = waiting[0]) {
			if (held > 0 && held + first.bytes > mostBytes) return;
			held += first.bytes;
			waiting.shift();
			first.enter();
		}
	}
	return { hold: async (bytes, work) => {
		await new Promise((enter) => {
			waiting.push({
				bytes,
				enter
			});
			letIn();
		});
		try {
			return await work();
		} finally {
			held -= bytes;
			letIn();
		}
	} };
}

// src/flow/link.ts
const LEAST_SECONDS = 5;
/** A link that is watched from the first bytes on. */
function createLink(clock) {
	let firstAtMs;
	let bytes = 0;
	return {
		came: (more) => {
			firstAtMs ??= clock.now();
			bytes += more;
		},
		bytesPerSecond: () => {
			const seconds = firstAtMs === void 0 ? 0 : (clock.now() - firstAtMs) / 1e3;
			return seconds < LEAST_SECONDS ? void 0 : bytes / seconds;
		}
	};
}

// src/transfer/direct/conditions.ts
/** Objects that a code may be tried without conditions for in vain, before it is known to mean something else. */
const MOST_VAIN = 100;
/** Codes that say what they mean where conditions are known. */
const MEANT = /* @__PURE__ */ new Set(["PreconditionFailed", "AccessDenied"]);
const kindOf = (only) => only === "absent" ? only : "etag";
/**
* Whether reads and writes are bound to what both sides were listed with. Conditions are sent until the service turns
* out not to know them; required ones for ever.
*/
var Conditions = class {
	#rules;
	/** Objects by the code of a refusal that no condition was to blame for. */
	#vain = /* @__PURE__ */ new Map();
	/** What writes went well with: of these a refusal means what it says. */
	#known = /* @__PURE__ */ new Set();
	constructor(rules) {
		this.#rules = rules;
	}
	/** Nothing is written without them. */
	get required() {
		return this.#rules.required;
	}
	/** Whether reads and copies are bound to the source. */
	get bindReads() {
		return this.#rules.source.conditionalReads;
	}
	/** The condition of an op's write; undefined: none is sent, and the destination is looked at right before. */
	of({ toEtag }) {
		if (this.required) return "absent";
		if (!this.#rules.destination.conditionalWrites || toEtag === "") return void 0;
		return toEtag === void 0 ? "absent" : { etag: toEtag };
	}
	/**
	* Every way to leave out conditions where a write was refused by this code, the one on the destination first; those
	* that are required stay. A service that took one of the kind is believed where it says that it does not hold, or that
	* something is denied.
	*/
	lessThan({ only, bound }, code) {
		const { bindReads } = this;
		const isKnown = (kind) => MEANT.has(code) && this.#known.has(kind);
		const { conditionalWrites } = this.#rules.destination;
		const free = only !== void 0 && !this.required && !(conditionalWrites && isKnown(kindOf(only)));
		const loose = bound && !(bindReads && isKnown("source"));
		const still = bound && bindReads;
		return [
			...free ? [{
				only: void 0,
				bound: still
			}] : [],
			...loose ? [{
				only,
				bound: false
			}] : [],
			...free && loose && still ? [{
				only: void 0,
				bound: false
			}] : []
		];
	}
	/** A write went well with these conditions. */
	went({ only, bound }) {
		if (only !== void 0) this.#known.add(kindOf(only));
		if (bound) this.#known.add("source");
	}
	/** A write went well with less than the condition that it was refused with: the service does not know what was left out. */
	wentWith({ only, bound }, refused) {
		const { source, destination, onDropped, onUnbound } = this.#rules;
		if (only === void 0 && refused !== void 0 && destination.lacksConditionalWrites()) onDropped();
		if (!bound && source.lacksConditionalReads()) onUnbound();
	}
	/** Whether a refusal by this code may be one of conditions; not once such refusals turned out to be others. */
	mayBeMeant(code) {
		return (this.#vain.get(code) ?? 0) < MOST_VAIN;
	}
	/** An object was refused by this code whatever was left out. */
	inVain(code) {
		this.#vain.set(code, (this.#vain.get(code) ?? 0) + 1);
	}
};

// src/transfer/direct/conflict.ts
const failed$1 = /* @__PURE__ */ __name((code, message) => ({
	status: "failed",
	code,
	message
}), "failed");
const GONE$1 = failed$1("NoSuchKey", "The source object was removed after it was listed.");
const SOURCE_CHANGED = failed$1("SourceChanged", "The source object changed after it was planned.");
const NOT_AS_PINNED = failed$1("ChangedSinceManifest", "The source object changed after it was compared with the manifest, so it was not copied.");
const DESTINATION_CHANGED = failed$1("DestinationChanged", "The destination object was written or removed by somebody else after it was listed, so it was left unchanged.");
/** The service says that something changed, and nothing did: it compares by other rules, or not at all. */
const UNFOUNDED = failed$1("PreconditionFailed", "The service refused the copy, although neither side changed.");
/** Whether the source is what was planned. */
const isSource = (op, source) => isAsListed({
	size: op.size,
	etag: op.etag,
	modified: op.lastModified
}, source);
/** Whether what stands at the destination is what was listed there. */
function isDestination({ toEtag, toSize: size, toLastModified: modified }, destination) {
	if (toEtag === void 0 || otherEtag(toEtag, destination.etag)) return false;
	return size === void 0 || modified === void 0 || isAsListed({
		size,
		etag: toEtag,
		modified
	}, destination);
}
/** The op as the source has the object now, to be written onto what the destination has now. */
function renewed(op, source) {
	const { etag, size, modified } = source;
	return {
		...op,
		etag,
		size,
		lastModified: new Date(modified).toISOString()
	};
}
/**
* What becomes of a copy that was refused because one of its sides is not as it was listed: its end,
* or the op as it is to be tried now. `writtenSinceMs`: when a request that nothing was heard of wrote the object at
* the earliest (server time); undefined: there was none. Throws what the looks throw.
*/
async function settleConflict(op, writtenSinceMs, deps) {
	const { lookAtSource, lookAtDestination, replan, signal } = deps;
	const [source, destination] = await Promise.all([lookAtSource(op.key, signal, op.versionId), lookAtDestination(op.to, signal)]);
	if (!source) return GONE$1;
	const sourceChanged = !isSource(op, source);
	if (sourceChanged && op.pinned) return NOT_AS_PINNED;
	if (sourceChanged && !replan) return SOURCE_CHANGED;
	const since = sourceChanged ? void 0 : writtenSinceMs;
	const expected = {
		etag: source.etag,
		size: source.size,
		batchBeganMs: since ?? Number.POSITIVE_INFINITY,
		stood: op.toEtag,
		etagIsMd5: source.etagIsMd5
	};
	if (holds(expected, destination)) return {
		status: "done",
		etag: destination?.etag,
		as: renewed(op, source)
	};
	const vanished = op.toEtag !== void 0 && !destination;
	if (vanished ? !replan : destination && !isDestination(op, destination)) return DESTINATION_CHANGED;
	if (!sourceChanged && !vanished) return UNFOUNDED;
	const { toEtag: _etag, toSize: _size, toLastModified: _modified, ...rest } = op;
	return renewed(vanished ? rest : op, source);
}

// src/transfer/direct/tags.ts
/** A refusal, as the service said it, of a write that carries tags: many services take none, and have no word for that. */
var TaggedRefusal = class extends ServiceError {};
function telling({ headers }, written) {
	if (headers["x-amz-tagging"] === void 0) return written;
	return written.catch((error) => {
		const failure = serviceFailure(error);
		if (!isPuzzled(failure)) throw error;
		const { code, message, status } = failure;
		throw new TaggedRefusal(code, message, {
			status,
			cause: error
		});
	});
}
/** The same objects, of whose refusals those that may be of tags are known. */
const tellingTags = (objects) => ({
	...objects,
	copy: (from, write, limit) => telling(write, objects.copy(from, write, limit)),
	put: (write, bytes, limit) => telling(write, objects.put(write, bytes, limit)),
	startUpload: (write, limit) => telling(write, objects.startUpload(write, limit))
});

// src/transfer/direct/headers.ts
/** What tells a copy to leave the tags behind. */
const WITHOUT_TAGS = { "x-amz-tagging-directive": "REPLACE" };
const CARRIED = /* @__PURE__ */ new Set([
	"cache-control",
	"content-disposition",
	"content-encoding",
	"content-language",
	"content-type",
	"expires"
]);
/** Without the framing of an upload, which some services keep as if it were an encoding of the object. */
const encodingOf = (value) => value.split(",").filter((token) => token.trim().toLowerCase() !== "aws-chunked").join(",").trim();
/** The headers of an object, of which a write can send all again. Throws MetadataNotTold where S3 keeps more than headers can tell. */
function checkCarriable({ headers }) {
	const missing = headers["x-amz-missing-meta"];
	if (!missing || missing === "0") return headers;
	throw new ServiceError("MetadataNotTold", `The source object has metadata that S3 cannot return in a header (${missing} of its entries).`, { status: 400 });
}
/** What belongs to an object beside its bytes; where a website leads to instead does not, S3 copies it neither. */
const carriedHeaders = (source) => Object.fromEntries(Object.entries(source).filter(([name]) => CARRIED.has(name) || name.startsWith("x-amz-meta-")).map(([name, value]) => [name, name === "content-encoding" ? encodingOf(value) : value]).filter(([name, value]) => name !== "content-encoding" || value !== ""));
/** All that describes an object: what a rule says of it comes first. */
const describing = ({ metadata, headers }, source) => ({
	...metadata ? {
		...given({ "content-type": source["content-type"] }),
		...metadataHeaders(metadata)
	} : carriedHeaders(source),
	...headers
});
/** Headers of one CopyObject: S3 carries metadata and tags over by itself. `source`: its headers, where some of them are kept and others replaced. */
const copyHeaders = (options, source = {}) => ({
	...optionHeaders(options),
	...options.metadata || options.headers ? {
		"x-amz-metadata-directive": "REPLACE",
		...describing(options, source)
	} : {},
	...options.tags ? {
		...WITHOUT_TAGS,
		"x-amz-tagging": options.tags
	} : {}
});
/** Headers of a write that S3 carries nothing over for: metadata and tags are the source's, by hand. */
const writeHeaders = (options, source, tags) => ({
	...optionHeaders(options),
	...describing(options, source),
	...given({ "x-amz-tagging": (options.tags ?? tags) || void 0 })
});

// src/transfer/direct/source-object.ts
init__crypto();
const MD5 = /^[0-9a-f]{32}$/i;
const READS = 3;
const NO_CHECKSUMS$1 = /* @__PURE__ */ new Map();
/** Whether the ETag of an object that these headers came with is its MD5, where the service makes them so. */
const isMd5 = (etag, headers) => MD5.test(etag) && leavesMd5(headers["x-amz-server-side-encryption"], headers["x-amz-server-side-encryption-customer-algorithm"]);
/** Checksums that are compared, the fastest first. */
const COMPARED = [...RANGE_SUMS, "SHA256"];
/** Whether bytes are those of which a checksum is stored; undefined: none is. */
function isStored({ etag, headers, bytes }) {
	const stored = wholeChecksums(headers, etag);
	const name = COMPARED.find((known) => stored.has(known));
	if (name === void 0) return void 0;
	const sums = new Checksums([name]);
	sums.add(bytes);
	return sums.values().get(name) === stored.get(name);
}
/** Whether nobody knows of tags, as the service does not answer what it is asked of them. */
const knowsNoTags = (error) => {
	const failure = serviceFailure(error);
	return failure.code === "Unanswered" || failure.code !== "AccessDenied" && isRefusal(failure);
};
/** Whether an answer says that the object has tags. */
const hasTags = ({ headers }) => Number(headers["x-amz-tagging-count"] ?? 0) > 0;
/** The objects of the source, each as it was planned. In all calls `onRetry` is told why a request is made again. */
var SourceObjects = class {
	#deps;
	constructor(deps) {
		this.#deps = deps;
	}
	/** Whether ETags of whole objects are their MD5s, as far as is known. */
	get hasMd5Etags() {
		return this.#deps.capabilities.md5Etags;
	}
	/** The same bytes came twice that are not what an ETag says: the service makes its ETags in another way. */
	hasOtherEtags() {
		this.#deps.capabilities.hasOtherEtags();
	}
	/** The source object of an op as it was planned; `unbound`: no condition says so, whatever the service is known for. */
	pinned({ key, etag, versionId }, unbound) {
		const { bucket, capabilities } = this.#deps;
		return unbound || !capabilities.conditionalReads ? {
			bucket,
			key,
			versionId,
			etag,
			unasked: true
		} : {
			bucket,
			key,
			versionId,
			etag
		};
	}
	/** What an object is, without its content. */
	describe(from, onRetry) {
		const { objects, limits } = this.#deps;
		return objects.describe(from, limits.of(0, onRetry));
	}
	/** The same, with the checksums that are stored with it, where who asks may know them. */
	async describeWithChecksums(from, onRetry) {
		const { objects, limits } = this.#deps;
		try {
			return await objects.describe(from, limits.of(0, onRetry), "with-checksums");
		} catch (error) {
			if (!isRefusal(serviceFailure(error))) throw error;
			return this.describe(from, onRetry);
		}
	}
	/**
	* The same of an object that was put together from parts, by its first one, which tells how it was cut. Some services
	* do not know that question, or answer it by the ETag of the part: then nobody knows how.
	*/
	async describeByPart(from, onRetry) {
		const { objects, limits } = this.#deps;
		try {
			return await objects.describe(from, limits.of(0, onRetry), "first-part");
		} catch (error) {
			if (!isRefusal(serviceFailure(error))) throw error;
			return this.describe(from, onRetry);
		}
	}
	/** Checksums of a whole object; none where they are not told. */
	async checksums({ bucket, key, versionId, etag }, onRetry) {
		const { objects, limits } = this.#deps;
		try {
			const found = await objects.stat({
				bucket,
				key,
				versionId
			}, limits.of(0, onRetry), "with-checksums");
			return sameEtag(found?.etag, etag) ? found?.checksums ?? NO_CHECKSUMS$1 : NO_CHECKSUMS$1;
		} catch (error) {
			if (!isRefusal(serviceFailure(error))) throw error;
			return NO_CHECKSUMS$1;
		}
	}
	/** Reads so many bytes of an object: all of them, or a range. */
	async read(from, what, onRetry) {
		const { objects, limits, link } = this.#deps;
		const content = await objects.read(from, what, limits.of(what.bytes, onRetry));
		link.came(what.bytes);
		return content;
	}
	/**
	* Reads the whole object of an op: proven by a checksum that is stored with it, or by an ETag that is its MD5. Where neither
	* is that of what came, it is read again. Throws BadDigest where that does not help.
	*/
	async readProven(op, from, onRetry) {
		for (let reads = 0, before = ""; reads < READS; reads++) {
			const content = await this.read(from, { bytes: op.size }, onRetry);
			const { size, etag, headers, bytes } = content;
			const wanted = op.etag === "" ? etag : op.etag;
			const isSame = sameEtag(etag, wanted) ? isStored(content) : void 0;
			const digest = isSame ? "" : hash("md5", bytes);
			const isProven = isSame === true || sameEtag(digest, wanted);
			if (isSame === void 0 && digest === before) this.hasOtherEtags();
			const isDamaged = isSame === false || this.hasMd5Etags && isMd5(wanted, headers);
			if (isProven || !isDamaged) return {
				size,
				etag,
				headers,
				bytes,
				isProven
			};
			before = digest;
		}
		throw new ServiceError("BadDigest", `The bytes of the source did not match its checksum or ETag ${READS} times.`, { status: 500 });
	}
	/** Tags of an object, as a write takes them; `counted`: an answer said that there are some. */
	async tags(from, counted, onRetry) {
		const { objects, limits } = this.#deps;
		try {
			return await objects.tags(from, limits.of(0, onRetry));
		} catch (error) {
			if (!counted && knowsNoTags(error)) return "";
			throw error;
		}
	}
	/** Tags by what an answer counts; where it counts none, one look tells whether that can be believed. */
	async countedTags(from, described, onRetry) {
		const { capabilities, onTagsUnreadable } = this.#deps;
		const counted = hasTags(described);
		const known = capabilities.tags === "counted" || capabilities.tags === "unreadable";
		if (!counted && known) return "";
		try {
			const tags = await this.tags(from, counted, onRetry);
			capabilities.sawTags(counted || tags === "");
			return tags;
		} catch (error) {
			if (counted || serviceFailure(error).code !== "AccessDenied") throw error;
			capabilities.refusesTags();
			onTagsUnreadable();
			return "";
		}
	}
};

// src/transfer/direct/write-job.ts
/** How the object of an op is written. */
const optionsOf = ({ options, ruledKey }, { to }) => optionsFor(options, ruledKey(to));

// src/transfer/direct/write.ts
/** Checksums that can be put together from those of parts, S3's own first. */
const PARTED = [
	"CRC64NVME",
	"CRC32C",
	"CRC32"
];
const STREAMED = ["streamed"];
const WHOLE_FIRST = ["whole", "streamed"];
const IN_PARTS_FIRST = [
	"parts",
	"whole",
	"streamed"
];
/** From here on parts are faster than one request. */
const IN_PARTS_FROM_BYTES = 2 ** 30;
/** Above this S3 takes nothing but parts. */
const MOST_WHOLE_BYTES = 5 * 2 ** 30;
/** Smaller parts would take too many requests to keep an ETag for nothing but proof. */
const LEAST_KEPT_PART_BYTES = 64 * 2 ** 20;
/** Whether a copy was refused as if its source were not there. */
const isUnseen = (code) => [
	"NoSuchKey",
	"NoSuchBucket",
	"NotFound"
].includes(code);
/** Writes objects as the plan has them, the way their size and the services ask for. */
var ObjectWriter = class {
	#deps;
	#streamer;
	#route;
	/** Of every copy that is one request, where nothing depends on its source. */
	#copyHeaders;
	constructor(deps, streamer, route) {
		this.#deps = deps;
		this.#streamer = streamer;
		this.#route = route;
		this.#copyHeaders = copyHeaders(optionsFor(deps.options, ""));
	}
	/** Whether nothing is asked of objects that a service may refuse. */
	get isPlain() {
		const { acl, sse, storageClass, rules = [] } = this.#deps.options;
		return !(acl || sse || storageClass || rules.some((rule) => rule.acl || rule.storageClass));
	}
	/** Whether the destination is AWS, which says what it means. */
	get isAws() {
		return this.#route.isAws;
	}
	/** The ways in which an object may get to the destination, the usual one first. */
	possibleWays({ size, etag }) {
		const { streamed, capabilities } = this.#route;
		if (streamed) return STREAMED;
		const { keepEtags } = this.#deps;
		const ways = size > IN_PARTS_FROM_BYTES || keepEtags && size > 0 && isComposite(etag) ? IN_PARTS_FIRST : WHOLE_FIRST;
		return ways.every((way) => capabilities.knowsWay(way)) ? ways : ways.filter((way) => capabilities.knowsWay(way));
	}
	/** Whether bytes may pass through this process where the service refused so to copy them. */
	mayPassThrough(failure) {
		if (isAcrossRegions(failure)) return true;
		if (this.#route.isAws) return false;
		const { code, status } = failure;
		if (code === "EntityTooLarge" || isUnseen(code)) return true;
		return this.isPlain && (status === 501 || status === 405);
	}
	/** Writes an object in one of its ways; gives the new ETag, '' where the service names none. */
	write(job, way) {
		if (way === "streamed") return this.#streamer.write(job);
		return way === "parts" ? this.#copyInParts(job) : this.#copyWhole(job);
	}
	/** One request; S3 does the rest. */
	#copyWhole(job) {
		const { op, unbound, onRetry } = job;
		const { source, options: all } = this.#deps;
		const options = optionsOf(this.#deps, op);
		if (!keepsType(options) && !keepsOthers(options)) return this.#copyWith(all.rules ? copyHeaders(options) : this.#copyHeaders, options, job);
		return source.describe(source.pinned(op, unbound), onRetry).then((described) => this.#copyWith(copyHeaders(options, checkCarriable(described)), options, job));
	}
	/** A copy in one request, with these headers. */
	#copyWith(headers, { tags }, { op, only, unbound, onRetry }) {
		const { source, objects, bucket, limits } = this.#deps;
		const from = {
			...source.pinned(op, unbound),
			size: op.size
		};
		const to = {
			bucket,
			key: op.to
		};
		const copy = (more) => objects.copy(from, {
			to,
			only,
			headers: more ? {
				...headers,
				...more
			} : headers
		}, limits.of(op.size, onRetry));
		return tags === "" ? this.#withoutTags(copy) : copy();
	}
	/** Who does not know how tags are left behind has none to copy: the same without a word about them proves that it was this. */
	async #withoutTags(copy) {
		const { isAws, capabilities } = this.#route;
		if (!capabilities.tagDirective) return copy();
		try {
			return await copy(WITHOUT_TAGS);
		} catch (error) {
			if (isAws || !isPuzzled(serviceFailure(error))) throw error;
			const etag = await copy().catch(() => Promise.reject(error));
			capabilities.lacksTagDirective();
			return etag;
		}
	}
	/** S3 copies each part; what it carries over for whole objects is carried by hand. */
	async #copyInParts(job) {
		const { op, only, unbound, onRetry, lookLast } = job;
		const { source, objects, bucket, uploads, limits, keepEtags } = this.#deps;
		const from = source.pinned(op, unbound);
		const composite = isComposite(op.etag);
		const described = composite ? await source.describeByPart(from, onRetry) : await source.describe(from, onRetry);
		const sourcePartBytes = composite ? partBytesOf(described, op.size) : void 0;
		if (op.size <= IN_PARTS_FROM_BYTES && sourcePartBytes === void 0) return this.#copyWhole(job);
		const tags = await this.#carriedTags(job, described);
		if (tags === void 0) return this.#copyWhole(job);
		const headers = writeHeaders(optionsOf(this.#deps, op), checkCarriable(described), tags);
		const whole = await this.#wholeChecksum(job);
		const partBytes = (keepEtags || (sourcePartBytes ?? 0) >= LEAST_KEPT_PART_BYTES ? sourcePartBytes : void 0) ?? copyPartBytes(op.size);
		const limit = limits.of(partBytes, onRetry);
		return uploads.write({
			to: {
				bucket,
				key: op.to
			},
			only,
			headers,
			whole
		}, {
			ranges: rangesOf(op.size, partBytes),
			make: (part, range) => objects.copyPart(part, {
				...from,
				range
			}, limit),
			check: async () => {
				await source.describe(from, onRetry);
				await lookLast?.();
			}
		}, onRetry);
	}
	/**
	* What proves the copy by itself: the checksum that its source has of the whole, or S3's own. AWS is told its value as
	* well, so that it refuses to put together anything else.
	*/
	async #wholeChecksum({ op, unbound, onRetry }) {
		const { capabilities, isAws } = this.#route;
		if (!capabilities.wholeChecksums) return void 0;
		const { source } = this.#deps;
		const values = await source.checksums(source.pinned(op, unbound), onRetry);
		const algorithm = PARTED.find((name) => values.has(name));
		if (algorithm) return {
			algorithm,
			value: isAws ? values.get(algorithm) : void 0
		};
		return isAws ? { algorithm: PARTED[0] } : void 0;
	}
	/** Tags of the source; undefined: who may not read them leaves it to S3, which carries none that are not there. */
	async #carriedTags({ op, unbound, onRetry }, described) {
		const { source } = this.#deps;
		if (optionsOf(this.#deps, op).tags !== void 0) return "";
		try {
			return await source.tags(source.pinned(op, unbound), hasTags(described), onRetry);
		} catch (error) {
			if (isRefusal(serviceFailure(error)) && op.size <= MOST_WHOLE_BYTES) return void 0;
			throw error;
		}
	}
};

// src/transfer/direct/copier.ts
/** Times an op is begun anew because its source changed. */
const RENEWALS = 3;
const CONFLICTS = /* @__PURE__ */ new Set([
	"PreconditionFailed",
	"ConditionalRequestConflict",
	"NoSuchKey",
	"NotFound"
]);
function unreadable({ unnameable, archived, storageClass }) {
	if (unnameable) return {
		status: "failed",
		code: "InvalidKey",
		message: "The key is not valid UTF-8."
	};
	if (!archived) return void 0;
	return {
		status: "failed",
		code: "InvalidObjectState",
		message: `The object is archived (${storageClass}) and not restored.`
	};
}
/** Whether a request that failed so may have been carried out all the same. */
const mayStand = ({ code, status }) => (status === void 0 || status >= 500) && !isThrottling(code);
const unbound = (message) => ({
	status: "failed",
	code: "NotImplemented",
	message: `The service does not support conditional writes, so overwrite: never cannot be guaranteed: ${message}`
});
/** Whether what is to be written over, or nothing, stands there as it was listed. */
const isUntouched = (op, found) => found ? isDestination(op, found) : op.toEtag === void 0;
/** Somebody else wrote there while the parts were made. */
var Overtaken = class extends ServiceError {
	constructor() {
		super("PreconditionFailed", "The destination changed during the multipart copy.", { status: 412 });
	}
};
/** What was read is not what a manifest says: nothing of it appears at the destination. */
var OtherBytes = class extends ServiceError {
	constructor(found, wanted) {
		super("ChangedSinceManifest", `Its SHA-256 is ${found}, and the manifest says ${wanted}.`, { status: 412 });
	}
};
const GONE_BY = {
	status: "failed",
	code: "SourceChanged",
	message: "The source object changed after it was planned, but the service ignores conditions on copies: the destination may have content that was not approved."
};
/** Services that misread the name in the header, or look for it in another region. */
const UNSEEN = {
	status: "failed",
	code: "NotImplemented",
	message: "The service cannot find the source of the copy, although it exists as listed.",
	httpStatus: 404
};
const NOT_THERE = {
	status: "failed",
	code: "InternalError",
	message: "The service confirmed the write, but does not have the object.",
	httpStatus: 200
};
/** Copies ops: nothing that changed since it was listed is overwritten unseen. */
var Copier = class {
	#writer;
	#conditions;
	#sides;
	#onUnknownWay;
	constructor(writer, conditions, sides, onUnknownWay) {
		this.#writer = writer;
		this.#conditions = conditions;
		this.#sides = sides;
		this.#onUnknownWay = onUnknownWay;
	}
	/** Brings one op of a batch that began then (server time) to its end. */
	async copy(planned, batchBeganMs) {
		const hopeless = unreadable(planned) ?? this.#overwriting(planned);
		if (hopeless) return hopeless;
		try {
			let op = planned;
			for (let renewals = 0; renewals <= RENEWALS; renewals++) {
				const next = await this.#attemptAll(op, batchBeganMs);
				if ("status" in next) return next.status === "done" && op !== planned ? {
					as: op,
					...next
				} : next;
				if (next === op && renewals === RENEWALS) return NOT_THERE;
				op = next;
			}
			return {
				status: "failed",
				code: "SourceChanged",
				message: `The source object changed ${RENEWALS} times while it was copied.`
			};
		} catch (error) {
			return this.#endingOf(error);
		}
	}
	/** Published once, nothing is written onto another object, whatever a plan says. */
	#overwriting({ toEtag }) {
		return this.#conditions.required && toEtag !== void 0 ? {
			status: "failed",
			...IN_THE_WAY
		} : void 0;
	}
	#endingOf(error) {
		if (this.#sides.signal.aborted) return stoppedBy(this.#sides.signal);
		if (error instanceof SyncError) return {
			status: "failed",
			code: "CredentialsLost",
			message: error.message
		};
		const { code, message, status } = serviceFailure(error);
		const known = status === void 0 ? "unknown" : "failed";
		if (error instanceof TaggedRefusal) return {
			status: known,
			code: "TagsRefused",
			message: `${code}: ${message}`,
			httpStatus: status
		};
		return {
			status: known,
			code,
			message,
			httpStatus: status
		};
	}
	/** Tries an op in all its ways, until one is known to the service. */
	async #attemptAll(op, batchBeganMs) {
		const { signal } = this.#sides;
		const ways = this.#writer.possibleWays(op);
		const first = ways[0] ?? "whole";
		const usual = {
			op,
			only: this.#conditions.of(op),
			way: first,
			batchBeganMs
		};
		let failure;
		let last;
		try {
			const next = await this.#attempt(usual);
			if (next !== UNSEEN) return next;
			failure = {
				code: "NoSuchKey",
				message: UNSEEN.message,
				status: UNSEEN.httpStatus
			};
			last = () => UNSEEN;
		} catch (error) {
			if (signal.aborted) throw error;
			failure = serviceFailure(error);
			last = () => {
				throw error;
			};
		}
		for (const way of ways.slice(1).filter((other) => this.#mayGo(other, failure))) {
			const only = this.#conditions.of(op);
			const next = await this.#attempt({
				op,
				only,
				way,
				batchBeganMs
			}).catch((other) => {
				const tells = other instanceof TaggedRefusal || !isPuzzled(serviceFailure(other));
				if (signal.aborted || tells) throw other;
			});
			if (!next) continue;
			if ("status" in next && next.status === "done") this.#onUnknownWay(first, way, failure);
			return next;
		}
		return last();
	}
	/** Whether an object may get there in another way, where it was refused so in a first one. */
	#mayGo(way, failure) {
		const passes = way !== "streamed" || this.#writer.mayPassThrough(failure);
		if (failure.code === "EntityTooLarge" || isUnseen(failure.code) || isAcrossRegions(failure)) return passes;
		const { required } = this.#conditions;
		if (required || !this.#writer.isPlain || !isPuzzled(failure)) return false;
		return passes;
	}
	/** Whether a refusal may be one of conditions: what stands before other services than AWS forbids what it does not know. */
	#mayMean(failure) {
		return isPuzzled(failure) || failure.code === "AccessDenied" && !this.#writer.isAws;
	}
	/** Tries an op in one of its ways; gives its end, or the op as it is to be tried next. */
	async #attempt(trial) {
		const { op, only, way, batchBeganMs } = trial;
		const conditions = this.#conditions;
		let unheard = false;
		const onRetry = (failure) => {
			unheard ||= mayStand(failure);
		};
		const stop = only === void 0 ? await this.#lookBefore(op) : void 0;
		if (stop) return stop;
		const bound = conditions.bindReads && op.etag !== "";
		let wrote;
		try {
			const lookLast = this.#lookLast(op, only);
			wrote = await this.#write({
				op,
				only,
				unbound: false,
				onRetry,
				lookLast
			}, way);
		} catch (error) {
			const failure = serviceFailure(error);
			const { code, message } = failure;
			if (this.#sides.signal.aborted) throw error;
			if (this.#mayMean(failure) && conditions.mayBeMeant(code)) {
				const end = await this.#withLess(trial, code, bound);
				if (end) return end;
			}
			if (conditions.required && failure.status === 501) return unbound(message);
			if (!CONFLICTS.has(code)) throw error;
			const end = await settleConflict(op, unheard ? batchBeganMs : void 0, this.#sides).catch(() => Promise.reject(error));
			if (end !== UNFOUNDED) return end;
			if (isUnseen(code)) return UNSEEN;
			return conditions.mayBeMeant(code) ? await this.#withLess(trial, code, bound) ?? end : end;
		}
		conditions.went({
			only,
			bound
		});
		return this.#written(trial, wrote);
	}
	/** Writes an object, and hears what was read of it. */
	#write(job, way) {
		const { op, only, unbound, onRetry, lookLast } = job;
		let read;
		const onContent = (etag) => {
			read = etag === op.etag ? void 0 : {
				...op,
				etag
			};
		};
		let sha256;
		const onSha256 = (hex) => {
			if (op.sha256 !== void 0 && op.sha256 !== hex) throw new OtherBytes(hex, op.sha256);
			sha256 = hex;
		};
		const all = {
			op,
			only,
			unbound,
			onRetry,
			lookLast,
			onContent,
			onSha256
		};
		return this.#writer.write(all, way).then((named) => ({
			named,
			read,
			sha256
		}));
	}
	/** Tries an op without conditions that the service may not know, which proves what it refused; undefined: something else. */
	async #withLess(trial, code, wasBound) {
		const { op, way, batchBeganMs } = trial;
		const conditions = this.#conditions;
		for (const less of conditions.lessThan({
			only: trial.only,
			bound: wasBound
		}, code)) {
			const { only, bound } = less;
			const stop = only === void 0 ? await this.#lookBefore(op) : void 0;
			if (stop) return stop;
			try {
				const lookLast = this.#lookLast(op, only);
				const job = {
					op,
					only,
					unbound: !bound,
					onRetry: void 0,
					lookLast
				};
				const wrote = await this.#write(job, way);
				conditions.went({
					only,
					bound: bound && op.etag !== ""
				});
				conditions.wentWith(less, trial.only);
				return await this.#written({
					op,
					only,
					way,
					batchBeganMs
				}, wrote);
			} catch (error) {
				const failure = serviceFailure(error);
				if (error instanceof Overtaken) return settleConflict(op, void 0, this.#sides);
				const goesOn = this.#mayMean(failure) || failure.code === "PreconditionFailed";
				if (this.#sides.signal.aborted || !goesOn) throw error;
			}
		}
		conditions.inVain(code);
	}
	/** Whether a destination that no condition guards is as it was listed; else how the op ends, or goes on. */
	async #lookBefore(op) {
		const { lookAtDestination, signal } = this.#sides;
		const found = await lookAtDestination(op.to, signal);
		if (isUntouched(op, found)) return void 0;
		return settleConflict(op, void 0, this.#sides);
	}
	/** The same look where no condition guards what is written, for the moment before it appears. */
	#lookLast(op, only) {
		if (only !== void 0) return void 0;
		const { lookAtDestination, signal } = this.#sides;
		return async () => {
			const found = await lookAtDestination(op.to, signal);
			if (!isUntouched(op, found)) throw new Overtaken();
		};
	}
	/**
	* The end of a copy that the service says is done. Where nothing bound it to the source, that is looked at once more:
	* what changed meanwhile is copied anew, unless only what was approved may be.
	*/
	async #written({ op: planned, way, only, batchBeganMs }, { named, read, sha256 }) {
		const op = read ?? planned;
		const { lookAtSource, signal } = this.#sides;
		const replan = this.#sides.replan && !op.pinned;
		const etag = named === "" ? await this.#seenEtag({
			op,
			only,
			way,
			batchBeganMs
		}) : named;
		if (etag === void 0) return planned;
		const done = read ? {
			status: "done",
			etag,
			sha256,
			as: read
		} : {
			status: "done",
			etag,
			sha256
		};
		const bound = op.etag !== "" && (this.#conditions.bindReads || way === "streamed");
		if (replan && bound || sameEtag(etag, op.etag)) return done;
		const source = await lookAtSource(op.key, signal, op.versionId);
		if (source && isSource(op, source)) return done;
		if (!replan || !source) return GONE_BY;
		const { toSize: _size, toLastModified: _modified, ...again } = renewed(op, source);
		return {
			...again,
			toEtag: etag
		};
	}
	/** The ETag of what stands at the destination, where the answer to a write named none; undefined: it is not what was written. */
	async #seenEtag({ op, batchBeganMs }) {
		const { lookAtDestination, signal } = this.#sides;
		const found = await lookAtDestination(op.to, signal);
		const { etag, size, toEtag: stood } = op;
		return holds({
			etag,
			size,
			stood,
			batchBeganMs
		}, found) ? found?.etag : void 0;
	}
};

// src/transfer/direct/direct.ts
async function* opsOf(next, stop) {
	for (let batch = await next(); batch; batch = stop() ? void 0 : await next()) for (const op of batch.ops) yield {
		op,
		batch
	};
}
/** The engine in our own process: S3 copies server-side, or the bytes pass through, pinned on both sides. */
var DirectEngine = class {
	name = "direct";
	#copier;
	#rules;
	constructor(copier, rules) {
		this.#copier = copier;
		this.#rules = rules;
	}
	takes({ engine }) {
		return engine === "direct";
	}
	async run(next, onEnded) {
		const { mostWorkers, clock } = this.#rules;
		const stop = () => stopOf(this.#rules);
		await inParallel(opsOf(next, stop), mostWorkers, async ({ op, batch }) => {
			const stopped = stop();
			if (stopped) onEnded({
				op,
				batch,
				ending: stopped,
				untried: true
			});
			else {
				const sinceMs = clock.now();
				onEnded({
					op,
					batch,
					ending: await this.#copier.copy(op.op, batch.beganMs),
					tookMs: clock.now() - sinceMs
				});
			}
		});
		return stop();
	}
};

// src/model/md5-program.ts
/** Contents that are digested at a time: a vector of WebAssembly has as many words. */
const LANES = 4;
/** Bytes that MD5 takes in at a time. */
const BLOCK_BYTES = 64;
const STEPS = 64;
/** Bytes of a row: one word of each lane. */
const ROW_BYTES = 16;
/** The memory: four rows of state, one for the constant of each step, then the blocks of each lane. */
const CONSTANTS_AT = 64;
const BLOCKS_AT = 1088;
/** Not a power of two, at whose multiples all lanes would fight for the same lines of the cache. */
const LANE_BYTES = 16448;
/** Where the blocks of a lane begin in the memory of the program. */
const blocksAt = (lane) => BLOCKS_AT + lane * LANE_BYTES;
/** Pages of memory that the program needs. */
const PAGES = Math.ceil(blocksAt(4) / 2 ** 16);
/** The constants of all steps, each once for every lane, and the word where they stand. */
const CONSTANTS = {
	at: CONSTANTS_AT / 4,
	words: Uint32Array.from({ length: 256 }, (_, at) => Math.abs(Math.sin(Math.floor(at / 4) + 1)) * 2 ** 32)
};
/** By how many bits each step of a round rotates. */
const ROTATIONS = [
	[
		7,
		12,
		17,
		22
	],
	[
		5,
		9,
		14,
		20
	],
	[
		4,
		11,
		16,
		23
	],
	[
		6,
		10,
		15,
		21
	]
];
/** A number as WebAssembly writes it as an operand, which might be negative: the uppermost bit of its last byte says so. */
const signed = (value) => value < 64 ? [value] : [value & 127 | 128, ...signed(value >>> 7)];
const vector = (items) => [...unsigned(items.length), ...items.flat()];
const simd = (op, ...operands) => [
	253,
	...unsigned(op),
	...operands
];
const get = (local) => [32, ...unsigned(local)];
const set = (local) => [33, ...unsigned(local)];
const tee = (local) => [34, ...unsigned(local)];
const int = (value) => [65, ...signed(value)];
/** Rows lie at multiples of 2 to the fourth. */
const load = (at) => simd(0, 4, ...unsigned(at));
const store = (at) => simd(11, 4, ...unsigned(at));
const NOT = simd(77);
const AND = simd(78);
const OR = simd(80);
const XOR = simd(81);
const SHIFT_LEFT = simd(171);
const SHIFT_RIGHT = simd(173);
const ADD = simd(174);
const INT_ADD = 106;
const INT_SUBTRACT = 107;
const I32 = 127;
const V128 = 123;
/** Locals: how many blocks are left, and the address within each lane; then words of all lanes. */
const [LEFT, ADDRESS] = [0, 1];
const state = (at) => 2 + at;
const message = (at) => 6 + at;
const scratch = (at) => 22 + at;
const VECTORS = 28;
/** Two of the words of each of two rows, as a third one. */
const pick = (from, words, to) => [
	...get(from[0]),
	...get(from[1]),
	...simd(13, ...words.flatMap((word) => [
		0,
		1,
		2,
		3
	].map((byte) => word * 4 + byte))),
	...set(to)
];
/** Loads four words of each lane, from which the four of one place in all lanes are put together. */
function transposed(from) {
	const [a, b, c, d, low, high, otherLow, otherHigh] = Array.from({ length: 8 }, (_, at) => scratch(at));
	return [
		...[
			a,
			b,
			c,
			d
		].flatMap((to, lane) => [
			...get(ADDRESS),
			...load(blocksAt(lane) + from * 4),
			...set(to)
		]),
		...pick([a, b], [
			0,
			4,
			1,
			5
		], low),
		...pick([a, b], [
			2,
			6,
			3,
			7
		], high),
		...pick([c, d], [
			0,
			4,
			1,
			5
		], otherLow),
		...pick([c, d], [
			2,
			6,
			3,
			7
		], otherHigh),
		...pick([low, otherLow], [
			0,
			1,
			4,
			5
		], message(from)),
		...pick([low, otherLow], [
			2,
			3,
			6,
			7
		], message(from + 1)),
		...pick([high, otherHigh], [
			0,
			1,
			4,
			5
		], message(from + 2)),
		...pick([high, otherHigh], [
			2,
			3,
			6,
			7
		], message(from + 3))
	];
}
/** Each round mixes three words in a way of its own, and takes the message in another order. */
const ROUNDS = [
	{
		mix: (b, c, d) => [
			...c,
			...d,
			...XOR,
			...b,
			...AND,
			...d,
			...XOR
		],
		word: (step) => step
	},
	{
		mix: (b, c, d) => [
			...b,
			...c,
			...XOR,
			...d,
			...AND,
			...c,
			...XOR
		],
		word: (step) => 5 * step + 1
	},
	{
		mix: (b, c, d) => [
			...c,
			...d,
			...XOR,
			...b,
			...XOR
		],
		word: (step) => 3 * step + 5
	},
	{
		mix: (b, c, d) => [
			...d,
			...NOT,
			...b,
			...OR,
			...c,
			...XOR
		],
		word: (step) => 7 * step
	}
];
/** One step; the words of the state change their places, not their locals. */
function stepped(step) {
	const place = (at) => state((at + STEPS - step) % 4);
	const [a, b, c, d] = [
		place(0),
		place(1),
		place(2),
		place(3)
	];
	const round = Math.floor(step / 16);
	const { mix, word } = ROUNDS[round];
	const rotation = ROTATIONS[round]?.[step % 4] ?? 0;
	const sum = scratch(0);
	return [
		...get(a),
		...get(message(word(step) % 16)),
		...[
			...int(0),
			...load(CONSTANTS_AT + step * ROW_BYTES),
			...ADD,
			...ADD
		],
		...[
			...mix(get(b), get(c), get(d)),
			...ADD,
			...tee(sum)
		],
		...[...int(rotation), ...SHIFT_LEFT],
		...[
			...get(sum),
			...int(32 - rotation),
			...SHIFT_RIGHT,
			...OR
		],
		...[
			...get(b),
			...ADD,
			...set(a)
		]
	];
}
const rows = (of) => [
	0,
	1,
	2,
	3
].flatMap(of);
/** Takes in one block of every lane after the other. */
function body() {
	const loop = [3, 64];
	const again = [13, 0];
	const end = 11;
	return [
		...vector([[1, I32], [VECTORS, V128]]),
		...loop,
		...rows((at) => transposed(at * 4)),
		...rows((at) => [
			...int(0),
			...load(at * ROW_BYTES),
			...set(state(at))
		]),
		...Array.from({ length: STEPS }, (_, step) => stepped(step)).flat(),
		...rows((at) => [...[
			...int(0),
			...int(0),
			...load(at * ROW_BYTES)
		], ...[
			...get(state(at)),
			...ADD,
			...store(at * ROW_BYTES)
		]]),
		...[
			...get(ADDRESS),
			...int(64),
			INT_ADD,
			...set(ADDRESS)
		],
		...[
			...get(LEFT),
			...int(1),
			INT_SUBTRACT,
			...tee(LEFT),
			...again
		],
		...[end, end]
	];
}
/** What the memory is imported as, from a module of the same name, and what the function is exported as. */
const PROGRAM_NAME = "m";
const NAME$1 = named("m");
/**
* A module of WebAssembly that takes in some blocks of each of four contents by MD5, whose steps wait for one another: four
* at a time cost little more than one.
*/
function md5Program() {
	return Uint8Array.from([
		...MAGIC,
		...section(1, vector([[
			96,
			...vector([[I32]]),
			...vector([])
		]])),
		...section(2, vector([[
			...NAME$1,
			...NAME$1,
			2,
			0,
			PAGES
		]])),
		...section(3, vector([[0]])),
		...section(7, vector([[
			...NAME$1,
			0,
			0
		]])),
		...section(10, vector([sized(body())]))
	]);
}

// src/model/md5-lanes.ts
const FIRST_STATE = [
	1732584193,
	4023233417,
	2562383102,
	271733878
];
/** Words of the state of all lanes. */
const STATE_WORDS = FIRST_STATE.length * 4;
/** What stands behind the last whole block of some content of `size` bytes, as MD5 ends it. */
function lastBlocks(rest, size) {
	const end = new Uint8Array(rest.length < 64 - 8 ? 64 : 2 * 64);
	end.set(rest);
	end[rest.length] = 128;
	new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(size) * 8n, true);
	return end;
}
/** MD5s of four contents under way, all of which go on by as many blocks. */
var Md5Lanes = class {
	#bytes;
	#words;
	#run;
	/** Throws where this machine cannot. */
	constructor() {
		const memory = new WebAssembly.Memory({ initial: PAGES });
		this.#bytes = new Uint8Array(memory.buffer);
		this.#words = new Uint32Array(memory.buffer);
		this.#words.set(CONSTANTS.words, CONSTANTS.at);
		const imports = { ["m"]: { ["m"]: memory } };
		const { exports } = new WebAssembly.Instance(new WebAssembly.Module(md5Program()), imports);
		this.#run = exports["m"];
	}
	/** Begins a content, or goes on with one from the state that it had. */
	begin(lane, state = FIRST_STATE) {
		for (const [row, word] of state.entries()) this.#words[row * 4 + lane] = word;
	}
	/** What a content came to, to go on from. */
	state(lane) {
		return Array.from(FIRST_STATE, (_, row) => this.#words[row * 4 + lane] ?? 0);
	}
	/** Puts whole blocks in place, to be taken in by `run`. */
	put(lane, blocks) {
		this.#bytes.set(blocks, blocksAt(lane));
	}
	run(blocks) {
		this.#run(blocks);
	}
	/** Takes in what stands behind the whole blocks of one content of `size` bytes, and ends it; the others stay where they are. */
	end(lane, rest, size) {
		const state = this.#words.slice(0, STATE_WORDS);
		const last = lastBlocks(rest, size);
		this.put(lane, last);
		this.run(last.length / 64);
		const md5 = Buffer.alloc(FIRST_STATE.length * 4);
		for (const row of FIRST_STATE.keys()) md5.writeUInt32LE(this.#words[row * 4 + lane] ?? 0, row * 4);
		this.#words.set(state);
		return md5;
	}
};

// src/transfer/direct/file-md5s.ts
init__crypto();
/** Read of each part at a time. */
const READ_BYTES$1 = 2 ** 20;
/** A part that waits for company lags behind its file no further: what is left for its end is what the network waits for. */
const MOST_LAG_BYTES = 32 * 2 ** 20;
/** A part of a file that is being written, whose MD5 is wanted. */
var Part = class {
	/** Node's own, which is faster where a part is alone; undefined: it goes by lanes. */
	hash;
	isOver = false;
	#file;
	#first;
	#wake;
	#md5 = Promise.withResolvers();
	#state;
	#at;
	#there;
	#isWhole = false;
	/** Read, and not taken in yet. */
	#piece = Buffer.alloc(0);
	constructor(file, first, wake) {
		this.#file = file;
		this.#first = first;
		this.#at = first;
		this.#there = first;
		this.#wake = wake;
		this.#md5.promise.catch(() => {});
	}
	get md5() {
		return this.#md5.promise;
	}
	came(there, isWhole) {
		this.#there = there;
		this.#isWhole = isWhole;
		this.#wake();
	}
	/** Whether some of it can be digested. */
	get isReady() {
		return this.#isWhole || this.#left >= 64;
	}
	/** Whether it waits for company no longer. */
	get isDue() {
		return this.hash !== void 0 || this.#left > MOST_LAG_BYTES;
	}
	get hasBegun() {
		return this.#at > this.#first;
	}
	/** Reads what is next, whole blocks of it unless it is the end; gives whether it could. */
	async read(memory) {
		const most = Math.min(memory.length, this.#left);
		const isEnd = this.#isWhole && most === this.#left;
		const piece = memory.subarray(0, isEnd ? most : most - most % 64);
		try {
			if (await this.#file.read(piece, this.#at) < piece.length) throw new Error("The file became shorter while it was written.");
		} catch (error) {
			this.isOver = true;
			this.#md5.reject(error);
			return false;
		}
		this.#at += piece.length;
		this.#piece = piece;
		return true;
	}
	/** Whole blocks that were read. */
	get blocks() {
		return Math.floor(this.#piece.length / 64);
	}
	/** Puts blocks that were read into a lane. */
	enter(lanes, lane, blocks) {
		const bytes = blocks * 64;
		lanes.begin(lane, this.#state);
		lanes.put(lane, this.#piece.subarray(0, bytes));
		this.#piece = this.#piece.subarray(bytes);
	}
	/** Takes what its lane came to. */
	leave(lanes, lane) {
		this.#state = lanes.state(lane);
	}
	/** Ends it where all of it was taken in. */
	endIn(lanes) {
		if (!this.#isAtEnd) return;
		lanes.begin(0, this.#state);
		this.#end(lanes.end(0, this.#piece, this.#at - this.#first));
	}
	/** Takes in what was read, by Node's own. */
	takeIn(hash) {
		hash.update(this.#piece);
		if (this.#isAtEnd) this.#end(hash.digest());
	}
	get #left() {
		return this.#there - this.#at;
	}
	get #isAtEnd() {
		return this.#isWhole && this.#left === 0;
	}
	#end(md5) {
		this.isOver = true;
		this.#md5.resolve(md5.toString("hex"));
	}
};
/** MD5s of parts of files that are being written, up to four at a time for little more than one costs (ADR 0017). */
var FileMd5s = class {
	#parts = /* @__PURE__ */ new Set();
	#memory = Array.from({ length: 4 }, () => Buffer.alloc(0));
	#lanes = onceAble(() => new Md5Lanes());
	#isAtWork = false;
	#inHaste = 0;
	#turn = Promise.resolve();
	/** A part that begins at a byte of a file, of which nothing is there yet. */
	begin(file, first) {
		const part = new Part(file, first, () => this.#wake());
		this.#parts.add(part);
		return part;
	}
	/** Whoever waits for work to end waits for no company of parts. */
	async inHaste(work) {
		this.#inHaste++;
		this.#wake();
		try {
			return await work;
		} finally {
			this.#inHaste--;
		}
	}
	/** Resolves once nothing is read of parts any more, as they are of no use. */
	async drop(parts) {
		for (const part of this.#parts) if (parts.includes(part)) this.#parts.delete(part);
		await this.#turn;
	}
	#wake() {
		if (this.#isAtWork) return;
		this.#isAtWork = true;
		this.#work();
	}
	async #work() {
		for (let next = this.#next(); next.length > 0; next = this.#next()) {
			this.#turn = this.#goOn(next);
			await this.#turn;
		}
		this.#isAtWork = false;
	}
	/** Parts that go on now: as many as there are lanes, unless one of them waits no longer. */
	#next() {
		const ready = [...this.#parts].filter(({ isReady }) => isReady);
		if (!(ready.length >= 4 || this.#inHaste > 0 || ready.some(({ isDue }) => isDue))) return [];
		return ready.sort((one, other) => Number(other.isDue) - Number(one.isDue)).slice(0, 4);
	}
	async #goOn(parts) {
		const lanes = this.#lanes();
		const isAlone = parts.length === 1;
		const read = await Promise.all(parts.map(async (part, at) => {
			if ((isAlone || !lanes) && !part.hasBegun) part.hash = createHash("md5");
			return await part.read(this.#memoryOf(at)) ? part : void 0;
		}));
		const together = [];
		for (const part of read) if (part?.hash) part.takeIn(part.hash);
		else if (part) together.push(part);
		if (lanes) takeIn(lanes, together);
		for (const part of parts) if (part.isOver) this.#parts.delete(part);
	}
	#memoryOf(at) {
		const memory = this.#memory[at];
		if (memory?.length === READ_BYTES$1) return memory;
		const made = Buffer.allocUnsafeSlow(READ_BYTES$1);
		this.#memory[at] = made;
		return made;
	}
};
/** Takes in what was read of up to four parts. */
function takeIn(lanes, parts) {
	for (;;) {
		const left = parts.filter(({ blocks }) => blocks > 0);
		if (left.length === 0) break;
		const blocks = Math.min(256, ...left.map((part) => part.blocks));
		for (const [lane, part] of left.entries()) part.enter(lanes, lane, blocks);
		lanes.run(blocks);
		for (const [lane, part] of left.entries()) part.leave(lanes, lane);
	}
	for (const part of parts) part.endIn(lanes);
}

// src/transfer/direct/range-writer.ts
/** Bytes of one write: what comes is gathered, as the network brings it in pieces of a few KB. */
const WRITE_BYTES = 524288;
/** Writes that wait for the disk before nothing more is read. */
const MOST_WRITES = 16;
/** Memory that bytes are gathered in, and how many of its pieces wait for the disk. */
var WriteMemory = class {
	#spare = [];
	#writing = 0;
	#room;
	take() {
		return this.#spare.pop() ?? Buffer.allocUnsafeSlow(524288);
	}
	giveBack(memory) {
		this.#spare.push(memory);
	}
	/** Until as many writes are under way as the disk bears; undefined: it bears more. */
	get room() {
		if (this.#writing < MOST_WRITES) return void 0;
		this.#room ??= Promise.withResolvers();
		return this.#room.promise;
	}
	/** Counts a write while it is under way. */
	async during(write) {
		this.#writing++;
		try {
			await write;
		} finally {
			this.#writing--;
			this.#room?.resolve();
			this.#room = void 0;
		}
	}
};
/** Whether bytes stand in some memory already, at this place. */
const isAt = (bytes, memory, at) => bytes.buffer === memory.buffer && bytes.byteOffset === memory.byteOffset + at;
/** Writes one range of an object to its place in a file while it comes, in large pieces. */
var RangeWriter = class {
	#file;
	#memory;
	#summed;
	#ownSum;
	#at;
	#gathered;
	#filled = 0;
	#bytes = 0;
	#lentSum;
	#failure;
	#underWay = /* @__PURE__ */ new Set();
	/** `first`: where the range begins; `summed`: what checksum of it is wanted. */
	constructor(file, first, memory, summed) {
		this.#file = file;
		this.#at = first;
		this.#memory = memory;
		this.#summed = summed;
		this.#ownSum = new RangeSum(summed);
	}
	get bytes() {
		return this.#bytes;
	}
	/** The checksum of all bytes, once they are written; 0 where nobody wanted one. */
	get sum() {
		return this.#lentSum ?? this.#ownSum.value;
	}
	get memory() {
		this.#gathered ??= this.#memory.take();
		return this.#gathered.subarray(this.#filled);
	}
	add(bytes) {
		if (this.#failure) throw this.#failure.error;
		this.#bytes += bytes.length;
		for (let at = 0; at < bytes.length;) {
			this.#gathered ??= this.#memory.take();
			const some = bytes.subarray(at, at + this.#gathered.length - this.#filled);
			if (!isAt(some, this.#gathered, this.#filled)) this.#gathered.set(some, this.#filled);
			this.#filled += some.length;
			at += some.length;
			if (this.#filled === this.#gathered.length) this.#write(this.#gathered);
		}
		return this.#memory.room;
	}
	lend() {
		const { handle } = this.#file;
		if (handle === void 0) return void 0;
		const { promise, resolve } = Promise.withResolvers();
		this.#underWay.add(promise);
		return {
			handle,
			at: this.#at,
			summed: this.#summed,
			over: ({ bytes, sum }) => {
				this.#bytes = bytes;
				this.#lentSum = sum;
				resolve();
			},
			unwritable: (error) => this.#file.unwritable(error)
		};
	}
	async end() {
		if (this.#gathered) this.#write(this.#gathered);
		await Promise.all(this.#underWay);
		if (this.#failure) throw this.#failure.error;
	}
	async drop() {
		if (this.#gathered) this.#memory.giveBack(this.#gathered);
		this.#gathered = void 0;
		await Promise.all(this.#underWay);
	}
	#write(gathered) {
		const [at, length] = [this.#at, this.#filled];
		const bytes = gathered.subarray(0, length);
		this.#ownSum.add(bytes);
		this.#lentSum = void 0;
		this.#at += length;
		this.#gathered = void 0;
		this.#filled = 0;
		const written = this.#memory.during(this.#file.write(bytes, at)).catch((error) => {
			this.#failure ??= { error };
		}).finally(() => {
			this.#memory.giveBack(gathered);
			this.#underWay.delete(written);
		});
		this.#underWay.add(written);
	}
};

// src/transfer/direct/trailing-digest.ts
/** Bytes read at a time. */
const READ_BYTES = 2 ** 20;
const NO_SUMS = /* @__PURE__ */ new Map();
/** Memory that files are read into, one after the other. */
const spare = [];
/** Parts that are begun ahead of the first one that is not digested yet. */
const MOST_OPEN = 8;
/** MD5s of the parts of a file, each of which goes on by itself. */
var PartMd5s = class {
	#file;
	#partBytes;
	#md5s;
	/** Of all parts that were begun. */
	#ends = [];
	#open = /* @__PURE__ */ new Map();
	#there = 0;
	#isWhole = false;
	#isDropped = false;
	constructor(file, partBytes, md5s) {
		this.#file = file;
		this.#partBytes = partBytes;
		this.#md5s = md5s;
	}
	/** All up to a byte of the file is there. */
	came(there) {
		this.#there = there;
		this.#goOn();
	}
	/** Once all is there: of one part it is the MD5 of the whole. */
	async etag() {
		this.#isWhole = true;
		this.#goOn();
		const md5s = [];
		for (let end = this.#ends[0]; end; end = this.#ends[md5s.length]) md5s.push(await end);
		const [only = ""] = md5s;
		return md5s.length === 1 ? only : compositeEtag(md5s);
	}
	/** Resolves once nothing reads the file any more. */
	drop() {
		this.#isDropped = true;
		return this.#md5s.drop([...this.#open.values()]);
	}
	#goOn() {
		if (this.#isDropped) return;
		while (this.#open.size < MOST_OPEN && this.#isNextThere) this.#begin(this.#ends.length);
		for (const [at, part] of this.#open) {
			const end = this.#firstOf(at + 1);
			part.came(Math.min(this.#there, end), this.#isWhole || this.#there >= end);
		}
	}
	get #isNextThere() {
		const next = this.#ends.length;
		return this.#firstOf(next) < this.#there || this.#isWhole && next === 0;
	}
	#begin(at) {
		const part = this.#md5s.begin(this.#file, this.#firstOf(at));
		this.#open.set(at, part);
		const end = part.md5.then((md5) => {
			this.#open.delete(at);
			this.#goOn();
			return md5;
		});
		end.catch(() => {});
		this.#ends.push(end);
	}
	#firstOf(at) {
		return at === 0 ? 0 : at * this.#partBytes;
	}
};
/**
* Digests a file in the order of its bytes while its ranges come in any: what came ahead of its turn is read back, while
* the system still has it in memory, so that nothing is held here.
*/
var TrailingDigest = class {
	#file;
	#md5;
	#md5s;
	#sums;
	/** Ends of the ranges that are there, by their beginnings, beyond all that are there from the first byte on. */
	#ahead = /* @__PURE__ */ new Map();
	#there = 0;
	#digested = 0;
	#isOver = false;
	#work = Promise.resolve();
	constructor(file, { partBytes, algorithms }, md5s) {
		this.#file = file;
		this.#md5s = md5s;
		this.#md5 = partBytes === void 0 ? void 0 : new PartMd5s(file, partBytes, md5s);
		this.#sums = algorithms.length > 0 ? new Checksums(algorithms) : void 0;
	}
	/** A range is in the file. */
	came({ first, last }) {
		this.#ahead.set(first, last + 1);
		for (let end = this.#ahead.get(this.#there); end !== void 0;) {
			this.#ahead.delete(this.#there);
			this.#there = end;
			end = this.#ahead.get(end);
		}
		this.#md5?.came(this.#there);
		const sums = this.#sums;
		if (sums) this.#work = this.#work.then(() => this.#follow(sums));
		this.#work.catch(() => {});
	}
	/** Of all ranges that came, which are the whole file. Throws what the file system does. */
	async end() {
		const etag = this.#md5 && await this.#md5s.inHaste(this.#md5.etag());
		await this.#work;
		return {
			etag,
			checksums: this.#sums?.values() ?? NO_SUMS
		};
	}
	/** Resolves once nothing reads the file any more, as it is of no use; never throws. */
	async drop() {
		this.#isOver = true;
		await this.#md5?.drop();
		await this.#work.catch(() => {});
	}
	async #follow(sums) {
		const memory = spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);
		try {
			while (this.#digested < this.#there && !this.#isOver) {
				const bytes = memory.subarray(0, Math.min(READ_BYTES, this.#there - this.#digested));
				if (await this.#file.read(bytes, this.#digested) < bytes.length) throw new Error("The file became shorter while it was written.");
				sums.add(bytes);
				this.#digested += bytes.length;
			}
		} finally {
			spare.push(memory);
		}
	}
};

// src/transfer/direct/downloader.ts
init__crypto();
/** Smaller objects are held in memory, and written at once: that is cheaper than a file that they are written to as they come. */
const LEAST_STREAMED_BYTES = 262144;
/** Of a file that goes to the disk at a time: what is left for its end is what the network waits for. */
const FLUSH_BYTES = 32 * 2 ** 20;
const NO_CHECKSUMS = /* @__PURE__ */ new Map();
/** What came is not what is stored. */
var Damaged = class extends ServiceError {
	/** MD5 of what came; undefined: a checksum says so. */
	md5;
	constructor(md5) {
		super("BadDigest", "The received bytes do not match the checksum of the source object. Nothing was written.", { status: 500 });
		this.md5 = md5;
	}
};
/** The same proof where what is stored was not summed while the bytes came: it is of the file then. */
function readBack({ summed, wish, ...proof }) {
	if (summed === void 0) return {
		...proof,
		summed,
		wish
	};
	const algorithms = [...wish?.algorithms ?? [], summed];
	return {
		...proof,
		summed: void 0,
		wish: {
			partBytes: wish?.partBytes,
			algorithms
		}
	};
}
/** Throws Damaged where checksums differ; false: they have none in common. */
function areSame(computed, stored) {
	for (const [name, value] of computed) {
		const theirs = stored.get(name);
		if (theirs === void 0) continue;
		if (theirs !== value) throw new Damaged();
		return true;
	}
	return false;
}
/**
* Fetches objects into files of this runner. Each is read as it was planned, compared with what the service says that it
* holds, brought to the disk, and only then has its name.
*/
var Downloader = class {
	#deps;
	#writes = new WriteMemory();
	#md5s = new FileMd5s();
	#isFlushing = false;
	/** What the last object was stored with that came in one request: the next one will be, too. S3 stores it unless told otherwise. */
	#usual = "CRC64NVME";
	constructor(deps) {
		this.#deps = deps;
	}
	/** Writes a file; gives the source's ETag where something proved that it holds the same, else that of its own bytes. */
	async write(job) {
		const { size } = job.op;
		const isLarge = size > this.#deps.partBytes(size);
		if (!isLarge && size < LEAST_STREAMED_BYTES) return await this.#whole(job);
		const read = (before) => isLarge ? this.#inRanges(job, before) : this.#inOne(job, before);
		try {
			return await read();
		} catch (error) {
			if (!(error instanceof Damaged)) throw error;
			return await read(error);
		}
	}
	#whole(job) {
		const { op, unbound, onRetry, onContent, onSha256 } = job;
		const { source, landing, memory, reads } = this.#deps;
		const from = source.pinned(op, unbound);
		return memory.hold(op.size, async () => {
			const content = await reads.hold(1, () => source.readProven(op, from, onRetry));
			const { bytes, isProven } = content;
			const etag = op.etag === "" ? content.etag : op.etag;
			onContent(etag);
			if (this.#isSummed(op)) onSha256(hash("sha256", bytes));
			const named = isProven ? etag : await this.#etagOf(job, from, {
				...content,
				etag
			});
			await landing.whole(op, bytes);
			return named;
		});
	}
	/** The ETag of content that nothing proved yet: the source's where that is made from MD5s, else its own. */
	async #etagOf(job, from, content) {
		const digests = new PartDigests(await this.#partBytesOf(job, from, content));
		digests.add(content.bytes);
		const own = digests.etag();
		return isEtagOf(own, content.etag) ? content.etag : own;
	}
	/** Whether somebody wants to know the SHA-256 of an op. */
	#isSummed({ sha256 }) {
		return this.#deps.sums || sha256 !== void 0;
	}
	/** Reads an object in one request, whose answer tells what it can be compared by, into a file while it comes. */
	async #inOne(job, before) {
		const { op, unbound, onRetry } = job;
		const { source, landing, reads } = this.#deps;
		const from = source.pinned(op, unbound);
		const file = landing.begin(op);
		let digest;
		try {
			const summed = this.#usual;
			const what = { bytes: op.size };
			const { described, piece } = await reads.hold(1, () => this.#readInto({
				file,
				summed
			}, from, what, onRetry));
			const proof = await this.#proofOf(job, from, described, before);
			this.#usual = proof.summed;
			const known = proof.summed === summed ? proof : readBack(proof);
			digest = known.wish && new TrailingDigest(file, known.wish, this.#md5s);
			digest?.came({
				first: 0,
				last: op.size - 1
			});
			return await this.#keep(job, file, known, {
				pieces: [piece],
				end: await digest?.end()
			});
		} catch (error) {
			await digest?.drop();
			file.discard();
			throw error;
		}
	}
	/** Reads an object in ranges; a HEAD tells what it can be compared by. */
	async #inRanges(job, before) {
		const { op, unbound, onRetry } = job;
		const { source, landing, reads } = this.#deps;
		const from = source.pinned(op, unbound);
		const described = await source.describeWithChecksums(from, onRetry);
		const proof = await this.#proofOf(job, from, described, before);
		const { etag } = proof;
		const file = landing.begin(op);
		const digest = proof.wish && new TrailingDigest(file, proof.wish, this.#md5s);
		try {
			const pieces = await reads.hold(1, () => this.#fetch(op.etag === "" ? {
				...from,
				etag
			} : from, rangesOf(op.size, this.#deps.partBytes(op.size)), {
				file,
				digest,
				summed: proof.summed
			}, onRetry));
			return await this.#keep(job, file, proof, {
				pieces,
				end: await digest?.end()
			});
		} catch (error) {
			await digest?.drop();
			file.discard();
			throw error;
		}
	}
	/** Gives a file its name once it is proven; gives its ETag as `write` does. Throws Damaged where it is other content. */
	async #keep({ op, onContent, onSha256 }, file, proof, { pieces, end }) {
		const named = this.#named(proof, pieces, end);
		onContent(proof.etag);
		const sha256 = end?.checksums.get("SHA256");
		if (sha256 !== void 0 && this.#isSummed(op)) onSha256(Buffer.from(sha256, "base64").toString("hex"));
		await file.keep();
		return named;
	}
	/** What an object can be compared by: the fastest there is, and what came damaged once by its ETag, too. */
	async #proofOf(job, from, described, before) {
		const { op } = job;
		const { headers } = described;
		const etag = op.etag === "" ? described.etag : op.etag;
		const stored = sameEtag(described.etag, etag) ? wholeChecksums(headers, etag) : NO_CHECKSUMS;
		const summed = RANGE_SUMS.find((name) => stored.has(name));
		const isFast = summed !== void 0 || stored.has("SHA256");
		const isWanted = this.#isSummed(op) || summed === void 0 && isFast;
		const algorithms = isWanted ? ["SHA256"] : [];
		const partBytes = isFast && !before ? void 0 : await this.#partBytesOf(job, from, {
			etag,
			headers
		});
		const wish = partBytes !== void 0 || isWanted ? {
			partBytes,
			algorithms
		} : void 0;
		return {
			etag,
			stored,
			headers,
			before: before?.md5,
			summed,
			wish
		};
	}
	/** Bytes of the parts that an object's ETag is made from; asks once more where nobody wrote down how it was cut. */
	async #partBytesOf({ op: { size }, onRetry }, from, { etag, headers }) {
		if (!isComposite(etag) || isOfOnePart(etag)) return Number.POSITIVE_INFINITY;
		return statedPartBytes(headers[`x-amz-meta-${"s3-direct-sync-part-size"}`], {
			size,
			etag
		}) ?? partBytesOf(await this.#deps.source.describeByPart(from, onRetry), size) ?? this.#deps.partBytes(size);
	}
	/** Reads all ranges into a file, some at a time; the first failure keeps further ones from being begun. */
	async #fetch(from, ranges, into, onRetry) {
		const { file, digest } = into;
		const pieces = [];
		let unflushedBytes = 0;
		const { concurrency } = this.#deps;
		await inParallel(Array.from(ranges).entries(), concurrency, async ([at, range]) => {
			const bytes = range.last - range.first + 1;
			const { piece } = await this.#readInto(into, from, {
				bytes,
				range
			}, onRetry);
			pieces[at] = piece;
			digest?.came(range);
			unflushedBytes += bytes;
			if (unflushedBytes >= FLUSH_BYTES && this.#flush(file)) unflushedBytes = 0;
		});
		return pieces;
	}
	/** Reads bytes to their place in a file; gives what the answer tells of their object, and what they are summed up to. */
	async #readInto({ file, summed }, from, { bytes, range }, onRetry) {
		const { source, gathered } = this.#deps;
		let writer;
		const into = () => {
			writer = new RangeWriter(file, range?.first ?? 0, this.#writes, summed);
			return writer;
		};
		const described = await gathered.hold(WRITE_BYTES, () => source.read(from, {
			bytes,
			range,
			into
		}, onRetry));
		if (writer?.bytes !== bytes) throw new Error("Internal error: a range was not written.");
		return {
			described,
			piece: {
				sum: writer.sum,
				bytes
			}
		};
	}
	/** Has the disk write while the network reads, where it does not already for another file; gives whether it does now. */
	#flush(file) {
		if (this.#isFlushing) return false;
		this.#isFlushing = true;
		file.flush().then(() => {
			this.#isFlushing = false;
		});
		return true;
	}
	/** The ETag of the source where it is proven that content is the same, else its own. Throws Damaged where it is not. */
	#named({ etag, stored, headers, before, summed }, pieces, end) {
		if (isEtagOf(end?.etag, etag)) return etag;
		if (summed && areSame(/* @__PURE__ */ new Map([[summed, sumOfRanges(summed, pieces)]]), stored)) return etag;
		if (areSame(end?.checksums ?? NO_CHECKSUMS, stored)) return etag;
		const own = end?.etag ?? "";
		const { source } = this.#deps;
		if (!source.hasMd5Etags || !isMd5(etag, headers)) return own;
		if (own !== before) throw new Damaged(own);
		source.hasOtherEtags();
		return own;
	}
};

// src/transfer/direct/md5s.ts
init__crypto();
/** While so many others are under way, who comes waits for company: what is sent meanwhile keeps the line busy. */
const LEAST_OTHERS = 2;
/** Then no longer: some of the others may have to wait themselves. */
const GATHER_MS = 250;
/** Between so many calls, which take milliseconds, whatever else waits has its turn. */
const CALLS_IN_A_ROW = 64;
/**
* MD5s of contents that are there at about the same time, up to four of them for little more than one costs: they are most
* of what an upload costs. One that stays alone is left to Node.
*/
var Md5s = class {
	#clock;
	#lanes = onceAble(() => new Md5Lanes());
	#waiting = [];
	#active = Array.from({ length: 4 }, () => void 0);
	/** Whether a turn will come without anybody asking for it. */
	#isAtWork = false;
	#isGathering = false;
	/** Contents that are held somewhere, those which wait here among them. */
	#held = 0;
	constructor(clock) {
		this.#clock = clock;
	}
	/** Does some work with a content, whose MD5 it asks for at some time. */
	async holding(work) {
		this.#held++;
		try {
			return await work();
		} finally {
			this.#held--;
			this.#gather();
		}
	}
	/** The MD5 of bytes that nobody changes meanwhile. */
	digest(bytes) {
		const { promise, resolve: done } = Promise.withResolvers();
		this.#waiting.push({
			bytes,
			done,
			at: 0
		});
		this.#gather();
		return promise;
	}
	/** Begins once all lanes can be filled, or too few are under way who could come. */
	#gather() {
		const waiting = this.#waiting.length;
		if (this.#isAtWork || waiting === 0) return;
		if (waiting >= 4 || this.#held - waiting < LEAST_OTHERS) this.#begin();
		else if (!this.#isGathering) {
			this.#isGathering = true;
			this.#clock.sleep(GATHER_MS).then(() => {
				this.#isGathering = false;
				this.#begin();
			});
		}
	}
	#begin() {
		if (this.#isAtWork) return;
		this.#isAtWork = true;
		setImmediate(() => this.#turn());
	}
	#turn() {
		const lanes = this.#enter();
		if (lanes) for (let call = 0; call < CALLS_IN_A_ROW; call++) this.#goOn(lanes);
		this.#isAtWork = this.#active.some((job) => job !== void 0);
		if (this.#isAtWork) setImmediate(() => this.#turn());
		else this.#gather();
	}
	/** Lets in who waits. Who would be alone is served at once; gives undefined then. */
	#enter() {
		const lanes = this.#waiting.length < 2 && this.#active.every((job) => job === void 0) ? void 0 : this.#lanes();
		if (!lanes) {
			const first = this.#waiting.shift();
			first?.done(hash("md5", first.bytes, "buffer"));
			return;
		}
		for (const [lane, job] of this.#active.entries()) {
			if (job) continue;
			this.#active[lane] = this.#waiting.shift();
			lanes.begin(lane);
		}
		return lanes;
	}
	/** Takes in as many blocks of all as the shortest has, and ends those which have none. */
	#goOn(lanes) {
		let blocks = 256;
		for (const [lane, job] of this.#active.entries()) {
			if (!job) continue;
			const left = Math.floor((job.bytes.length - job.at) / 64);
			if (left === 0) {
				this.#active[lane] = void 0;
				job.done(lanes.end(lane, job.bytes.subarray(job.at), job.bytes.length));
			} else blocks = Math.min(blocks, left);
		}
		let isAny = false;
		for (const [lane, job] of this.#active.entries()) {
			if (!job) continue;
			const next = job.at + blocks * 64;
			lanes.put(lane, job.bytes.subarray(job.at, next));
			job.at = next;
			isAny = true;
		}
		if (isAny) lanes.run(blocks);
	}
};

// src/transfer/direct/ordered-sha256.ts
init__crypto();
/**
* SHA-256 of content that comes in parts: they are begun in their order, and come in any. Each waits for its turn; who
* loses one has to say so, as the others would wait for ever.
*/
var OrderedSha256 = class {
	#hash = createHash("sha256");
	#waiting = /* @__PURE__ */ new Map();
	#next = 1;
	#isLost = false;
	/** Takes a part, counted from 1; resolves when its bytes are not needed any more. */
	async add(number, bytes) {
		if (number !== this.#next && !this.#isLost) await new Promise((enter) => this.#waiting.set(number, enter));
		if (this.#isLost) return;
		this.#hash.update(bytes);
		this.#next++;
		this.#enter(this.#next);
	}
	/** A part will not come. */
	lose() {
		this.#isLost = true;
		for (const number of [...this.#waiting.keys()]) this.#enter(number);
	}
	/** Hex, once all parts are taken; undefined where one was lost. */
	hex() {
		return this.#isLost ? void 0 : this.#hash.digest("hex");
	}
	#enter(number) {
		const enter = this.#waiting.get(number);
		this.#waiting.delete(number);
		enter?.();
	}
};
/** Makes a part while it is hashed: its bytes are held until both is done. */
async function hashedPart(sha256, make) {
	try {
		return await make(async (number, bytes) => sha256?.add(number, bytes));
	} catch (error) {
		sha256?.lose();
		throw error;
	}
}

// src/transfer/direct/stream.ts
init__crypto();
/** Parts that are held whole; larger ones would take more memory than there is for all. */
const MOST_KEPT_PART_BYTES = 64 * 2 ** 20;
function keptPartBytes(described, size) {
	const bytes = partBytesOf(described, size);
	return bytes !== void 0 && bytes <= MOST_KEPT_PART_BYTES ? bytes : void 0;
}
/** Writes objects whose bytes pass through this process. */
var Streamer = class {
	#deps;
	#memory;
	#partBytes;
	#sums;
	/**
	* `memory`: the bytes that may be held at a time; `partBytes`: of the parts that an object of some size is cut into;
	* `sums`: whether somebody wants to know the SHA-256 of objects.
	*/
	constructor(deps, memory, partBytes, sums) {
		this.#deps = deps;
		this.#memory = memory;
		this.#partBytes = partBytes;
		this.#sums = sums;
	}
	/** Writes an object; gives the new ETag, '' where the service names none. */
	write(job) {
		const { op } = job;
		return !this.#isKept(op) && op.size <= this.#partBytes(op.size) ? this.#whole(job) : this.#inParts(job);
	}
	/** Cut as the source was, the copy gets the same ETag. */
	#isKept({ size, etag }) {
		return this.#deps.keepEtags && size > 0 && isComposite(etag);
	}
	#whole({ op, only, unbound, onRetry, onSha256 }) {
		const { source, objects, bucket, limits } = this.#deps;
		const from = source.pinned(op, unbound);
		const to = {
			bucket,
			key: op.to
		};
		return this.#memory.hold(op.size, async () => {
			const content = await source.readProven(op, from, onRetry);
			const headers = await this.#headers({
				op,
				onRetry
			}, from, content);
			if (this.#sums || op.sha256 !== void 0) onSha256(hash("sha256", content.bytes));
			return objects.put({
				to,
				only,
				headers
			}, content.bytes, limits.of(op.size, onRetry));
		});
	}
	async #inParts(job) {
		const { op, only, unbound, onRetry, lookLast, onSha256 } = job;
		const { source, objects, bucket, uploads, limits } = this.#deps;
		const from = source.pinned(op, unbound);
		const kept = this.#isKept(op);
		const described = kept ? await source.describeByPart(from, onRetry) : await source.describe(from, onRetry);
		const headers = await this.#headers(job, from, described);
		const sha256 = this.#sums || op.sha256 !== void 0 ? new OrderedSha256() : void 0;
		const sourcePartBytes = kept ? keptPartBytes(described, op.size) : void 0;
		return uploads.write({
			to: {
				bucket,
				key: op.to
			},
			only,
			headers
		}, {
			ranges: rangesOf(op.size, sourcePartBytes ?? this.#partBytes(op.size)),
			make: (part, range) => {
				const bytes = range.last - range.first + 1;
				return hashedPart(sha256, (hashed) => this.#memory.hold(bytes, async () => {
					const content = await source.read(from, {
						bytes,
						range
					}, onRetry);
					const isHashed = hashed(part.number, content.bytes);
					const etag = await objects.putPart(part, content.bytes, limits.of(bytes, onRetry));
					await isHashed;
					return etag;
				}));
			},
			check: async () => {
				await lookLast?.();
				const hex = sha256?.hex();
				if (hex !== void 0) onSha256(hex);
			}
		}, onRetry);
	}
	/** Headers that carry over what an answer to a read described. */
	async #headers({ op, onRetry }, from, described) {
		const options = optionsOf(this.#deps, op);
		const tags = options.tags === void 0 ? await this.#deps.source.countedTags(from, described, onRetry) : "";
		return writeHeaders(options, checkCarriable(described), tags);
	}
};

// src/transfer/direct/time-limits.ts
/** How long the requests of a pass may take, and what ends them early. */
var TimeLimits = class {
	#requestTimeoutMs;
	#signal;
	constructor(requestTimeoutMs, signal) {
		this.#requestTimeoutMs = requestTimeoutMs;
		this.#signal = signal;
	}
	/** Of a request that moves so many bytes; `onRetry`: told why it is made again. */
	of(bytes, onRetry) {
		return {
			timeoutMs: copyLimitMs(bytes, this.#requestTimeoutMs),
			signal: this.#signal,
			onRetry
		};
	}
};

// node_modules/mime/dist/types/other.js
const types$1 = {
	"application/prs.cww": ["cww"],
	"application/prs.xsf+xml": ["xsf"],
	"application/vnd.1000minds.decision-model+xml": ["1km"],
	"application/vnd.3gpp.pic-bw-large": ["plb"],
	"application/vnd.3gpp.pic-bw-small": ["psb"],
	"application/vnd.3gpp.pic-bw-var": ["pvb"],
	"application/vnd.3gpp2.tcap": ["tcap"],
	"application/vnd.3m.post-it-notes": ["pwn"],
	"application/vnd.accpac.simply.aso": ["aso"],
	"application/vnd.accpac.simply.imp": ["imp"],
	"application/vnd.acucobol": ["acu"],
	"application/vnd.acucorp": ["atc", "acutc"],
	"application/vnd.adobe.air-application-installer-package+zip": ["air"],
	"application/vnd.adobe.formscentral.fcdt": ["fcdt"],
	"application/vnd.adobe.fxp": ["fxp", "fxpl"],
	"application/vnd.adobe.xdp+xml": ["xdp"],
	"application/vnd.adobe.xfdf": ["*xfdf"],
	"application/vnd.age": ["age"],
	"application/vnd.ahead.space": ["ahead"],
	"application/vnd.airzip.filesecure.azf": ["azf"],
	"application/vnd.airzip.filesecure.azs": ["azs"],
	"application/vnd.amazon.ebook": ["azw"],
	"application/vnd.americandynamics.acc": ["acc"],
	"application/vnd.amiga.ami": ["ami"],
	"application/vnd.android.package-archive": ["apk"],
	"application/vnd.anser-web-certificate-issue-initiation": ["cii"],
	"application/vnd.anser-web-funds-transfer-initiation": ["fti"],
	"application/vnd.antix.game-component": ["atx"],
	"application/vnd.apple.installer+xml": ["mpkg"],
	"application/vnd.apple.keynote": ["key"],
	"application/vnd.apple.mpegurl": ["m3u8"],
	"application/vnd.apple.numbers": ["numbers"],
	"application/vnd.apple.pages": ["pages"],
	"application/vnd.apple.pkpass": ["pkpass"],
	"application/vnd.aristanetworks.swi": ["swi"],
	"application/vnd.astraea-software.iota": ["iota"],
	"application/vnd.audiograph": ["aep"],
	"application/vnd.autodesk.fbx": ["fbx"],
	"application/vnd.balsamiq.bmml+xml": ["bmml"],
	"application/vnd.blueice.multipass": ["mpm"],
	"application/vnd.bmi": ["bmi"],
	"application/vnd.businessobjects": ["rep"],
	"application/vnd.chemdraw+xml": ["cdxml"],
	"application/vnd.chipnuts.karaoke-mmd": ["mmd"],
	"application/vnd.cinderella": ["cdy"],
	"application/vnd.citationstyles.style+xml": ["csl"],
	"application/vnd.claymore": ["cla"],
	"application/vnd.cloanto.rp9": ["rp9"],
	"application/vnd.clonk.c4group": [
		"c4g",
		"c4d",
		"c4f",
		"c4p",
		"c4u"
	],
	"application/vnd.cluetrust.cartomobile-config": ["c11amc"],
	"application/vnd.cluetrust.cartomobile-config-pkg": ["c11amz"],
	"application/vnd.commonspace": ["csp"],
	"application/vnd.contact.cmsg": ["cdbcmsg"],
	"application/vnd.cosmocaller": ["cmc"],
	"application/vnd.crick.clicker": ["clkx"],
	"application/vnd.crick.clicker.keyboard": ["clkk"],
	"application/vnd.crick.clicker.palette": ["clkp"],
	"application/vnd.crick.clicker.template": ["clkt"],
	"application/vnd.crick.clicker.wordbank": ["clkw"],
	"application/vnd.criticaltools.wbs+xml": ["wbs"],
	"application/vnd.ctc-posml": ["pml"],
	"application/vnd.cups-ppd": ["ppd"],
	"application/vnd.curl.car": ["car"],
	"application/vnd.curl.pcurl": ["pcurl"],
	"application/vnd.dart": ["dart"],
	"application/vnd.data-vision.rdz": ["rdz"],
	"application/vnd.dbf": ["dbf"],
	"application/vnd.dcmp+xml": ["dcmp"],
	"application/vnd.dece.data": [
		"uvf",
		"uvvf",
		"uvd",
		"uvvd"
	],
	"application/vnd.dece.ttml+xml": ["uvt", "uvvt"],
	"application/vnd.dece.unspecified": ["uvx", "uvvx"],
	"application/vnd.dece.zip": ["uvz", "uvvz"],
	"application/vnd.denovo.fcselayout-link": ["fe_launch"],
	"application/vnd.dna": ["dna"],
	"application/vnd.dolby.mlp": ["mlp"],
	"application/vnd.dpgraph": ["dpg"],
	"application/vnd.dreamfactory": ["dfac"],
	"application/vnd.ds-keypoint": ["kpxx"],
	"application/vnd.dvb.ait": ["ait"],
	"application/vnd.dvb.service": ["svc"],
	"application/vnd.dynageo": ["geo"],
	"application/vnd.ecowin.chart": ["mag"],
	"application/vnd.enliven": ["nml"],
	"application/vnd.epson.esf": ["esf"],
	"application/vnd.epson.msf": ["msf"],
	"application/vnd.epson.quickanime": ["qam"],
	"application/vnd.epson.salt": ["slt"],
	"application/vnd.epson.ssf": ["ssf"],
	"application/vnd.eszigno3+xml": ["es3", "et3"],
	"application/vnd.ezpix-album": ["ez2"],
	"application/vnd.ezpix-package": ["ez3"],
	"application/vnd.fdf": ["*fdf"],
	"application/vnd.fdsn.mseed": ["mseed"],
	"application/vnd.fdsn.seed": ["seed", "dataless"],
	"application/vnd.flographit": ["gph"],
	"application/vnd.fluxtime.clip": ["ftc"],
	"application/vnd.framemaker": [
		"fm",
		"frame",
		"maker",
		"book"
	],
	"application/vnd.frogans.fnc": ["fnc"],
	"application/vnd.frogans.ltf": ["ltf"],
	"application/vnd.fsc.weblaunch": ["fsc"],
	"application/vnd.fujitsu.oasys": ["oas"],
	"application/vnd.fujitsu.oasys2": ["oa2"],
	"application/vnd.fujitsu.oasys3": ["oa3"],
	"application/vnd.fujitsu.oasysgp": ["fg5"],
	"application/vnd.fujitsu.oasysprs": ["bh2"],
	"application/vnd.fujixerox.ddd": ["ddd"],
	"application/vnd.fujixerox.docuworks": ["xdw"],
	"application/vnd.fujixerox.docuworks.binder": ["xbd"],
	"application/vnd.fuzzysheet": ["fzs"],
	"application/vnd.genomatix.tuxedo": ["txd"],
	"application/vnd.geogebra.file": ["ggb"],
	"application/vnd.geogebra.slides": ["ggs"],
	"application/vnd.geogebra.tool": ["ggt"],
	"application/vnd.geometry-explorer": ["gex", "gre"],
	"application/vnd.geonext": ["gxt"],
	"application/vnd.geoplan": ["g2w"],
	"application/vnd.geospace": ["g3w"],
	"application/vnd.gmx": ["gmx"],
	"application/vnd.google-apps.document": ["gdoc"],
	"application/vnd.google-apps.drawing": ["gdraw"],
	"application/vnd.google-apps.form": ["gform"],
	"application/vnd.google-apps.jam": ["gjam"],
	"application/vnd.google-apps.map": ["gmap"],
	"application/vnd.google-apps.presentation": ["gslides"],
	"application/vnd.google-apps.script": ["gscript"],
	"application/vnd.google-apps.site": ["gsite"],
	"application/vnd.google-apps.spreadsheet": ["gsheet"],
	"application/vnd.google-earth.kml+xml": ["kml"],
	"application/vnd.google-earth.kmz": ["kmz"],
	"application/vnd.gov.sk.xmldatacontainer+xml": ["xdcf"],
	"application/vnd.grafeq": ["gqf", "gqs"],
	"application/vnd.groove-account": ["gac"],
	"application/vnd.groove-help": ["ghf"],
	"application/vnd.groove-identity-message": ["gim"],
	"application/vnd.groove-injector": ["grv"],
	"application/vnd.groove-tool-message": ["gtm"],
	"application/vnd.groove-tool-template": ["tpl"],
	"application/vnd.groove-vcard": ["vcg"],
	"application/vnd.hal+xml": ["hal"],
	"application/vnd.handheld-entertainment+xml": ["zmm"],
	"application/vnd.hbci": ["hbci"],
	"application/vnd.hhe.lesson-player": ["les"],
	"application/vnd.hp-hpgl": ["hpgl"],
	"application/vnd.hp-hpid": ["hpid"],
	"application/vnd.hp-hps": ["hps"],
	"application/vnd.hp-jlyt": ["jlt"],
	"application/vnd.hp-pcl": ["pcl"],
	"application/vnd.hp-pclxl": ["pclxl"],
	"application/vnd.hydrostatix.sof-data": ["sfd-hdstx"],
	"application/vnd.ibm.minipay": ["mpy"],
	"application/vnd.ibm.modcap": [
		"afp",
		"listafp",
		"list3820"
	],
	"application/vnd.ibm.rights-management": ["irm"],
	"application/vnd.ibm.secure-container": ["sc"],
	"application/vnd.iccprofile": ["icc", "icm"],
	"application/vnd.igloader": ["igl"],
	"application/vnd.immervision-ivp": ["ivp"],
	"application/vnd.immervision-ivu": ["ivu"],
	"application/vnd.insors.igm": ["igm"],
	"application/vnd.intercon.formnet": ["xpw", "xpx"],
	"application/vnd.intergeo": ["i2g"],
	"application/vnd.intu.qbo": ["qbo"],
	"application/vnd.intu.qfx": ["qfx"],
	"application/vnd.ipunplugged.rcprofile": ["rcprofile"],
	"application/vnd.irepository.package+xml": ["irp"],
	"application/vnd.is-xpr": ["xpr"],
	"application/vnd.isac.fcs": ["fcs"],
	"application/vnd.jam": ["jam"],
	"application/vnd.jcp.javame.midlet-rms": ["rms"],
	"application/vnd.jisp": ["jisp"],
	"application/vnd.joost.joda-archive": ["joda"],
	"application/vnd.kahootz": ["ktz", "ktr"],
	"application/vnd.kde.karbon": ["karbon"],
	"application/vnd.kde.kchart": ["chrt"],
	"application/vnd.kde.kformula": ["kfo"],
	"application/vnd.kde.kivio": ["flw"],
	"application/vnd.kde.kontour": ["kon"],
	"application/vnd.kde.kpresenter": ["kpr", "kpt"],
	"application/vnd.kde.kspread": ["ksp"],
	"application/vnd.kde.kword": ["kwd", "kwt"],
	"application/vnd.kenameaapp": ["htke"],
	"application/vnd.kidspiration": ["kia"],
	"application/vnd.kinar": ["kne", "knp"],
	"application/vnd.koan": [
		"skp",
		"skd",
		"skt",
		"skm"
	],
	"application/vnd.kodak-descriptor": ["sse"],
	"application/vnd.las.las+xml": ["lasxml"],
	"application/vnd.llamagraphics.life-balance.desktop": ["lbd"],
	"application/vnd.llamagraphics.life-balance.exchange+xml": ["lbe"],
	"application/vnd.lotus-1-2-3": ["123"],
	"application/vnd.lotus-approach": ["apr"],
	"application/vnd.lotus-freelance": ["pre"],
	"application/vnd.lotus-notes": ["nsf"],
	"application/vnd.lotus-organizer": ["org"],
	"application/vnd.lotus-screencam": ["scm"],
	"application/vnd.lotus-wordpro": ["lwp"],
	"application/vnd.macports.portpkg": ["portpkg"],
	"application/vnd.mapbox-vector-tile": ["mvt"],
	"application/vnd.mcd": ["mcd"],
	"application/vnd.medcalcdata": ["mc1"],
	"application/vnd.mediastation.cdkey": ["cdkey"],
	"application/vnd.mfer": ["mwf"],
	"application/vnd.mfmp": ["mfm"],
	"application/vnd.micrografx.flo": ["flo"],
	"application/vnd.micrografx.igx": ["igx"],
	"application/vnd.mif": ["mif"],
	"application/vnd.mobius.daf": ["daf"],
	"application/vnd.mobius.dis": ["dis"],
	"application/vnd.mobius.mbk": ["mbk"],
	"application/vnd.mobius.mqy": ["mqy"],
	"application/vnd.mobius.msl": ["msl"],
	"application/vnd.mobius.plc": ["plc"],
	"application/vnd.mobius.txf": ["txf"],
	"application/vnd.mophun.application": ["mpn"],
	"application/vnd.mophun.certificate": ["mpc"],
	"application/vnd.mozilla.xul+xml": ["xul"],
	"application/vnd.ms-artgalry": ["cil"],
	"application/vnd.ms-cab-compressed": ["cab"],
	"application/vnd.ms-excel": [
		"xls",
		"xlm",
		"xla",
		"xlc",
		"xlt",
		"xlw"
	],
	"application/vnd.ms-excel.addin.macroenabled.12": ["xlam"],
	"application/vnd.ms-excel.sheet.binary.macroenabled.12": ["xlsb"],
	"application/vnd.ms-excel.sheet.macroenabled.12": ["xlsm"],
	"application/vnd.ms-excel.template.macroenabled.12": ["xltm"],
	"application/vnd.ms-fontobject": ["eot"],
	"application/vnd.ms-htmlhelp": ["chm"],
	"application/vnd.ms-ims": ["ims"],
	"application/vnd.ms-lrm": ["lrm"],
	"application/vnd.ms-officetheme": ["thmx"],
	"application/vnd.ms-outlook": ["msg"],
	"application/vnd.ms-pki.seccat": ["cat"],
	"application/vnd.ms-pki.stl": ["*stl"],
	"application/vnd.ms-powerpoint": [
		"ppt",
		"pps",
		"pot"
	],
	"application/vnd.ms-powerpoint.addin.macroenabled.12": ["ppam"],
	"application/vnd.ms-powerpoint.presentation.macroenabled.12": ["pptm"],
	"application/vnd.ms-powerpoint.slide.macroenabled.12": ["sldm"],
	"application/vnd.ms-powerpoint.slideshow.macroenabled.12": ["ppsm"],
	"application/vnd.ms-powerpoint.template.macroenabled.12": ["potm"],
	"application/vnd.ms-project": ["*mpp", "mpt"],
	"application/vnd.ms-visio.viewer": ["vdx"],
	"application/vnd.ms-word.document.macroenabled.12": ["docm"],
	"application/vnd.ms-word.template.macroenabled.12": ["dotm"],
	"application/vnd.ms-works": [
		"wps",
		"wks",
		"wcm",
		"wdb"
	],
	"application/vnd.ms-wpl": ["wpl"],
	"application/vnd.ms-xpsdocument": ["xps"],
	"application/vnd.mseq": ["mseq"],
	"application/vnd.musician": ["mus"],
	"application/vnd.muvee.style": ["msty"],
	"application/vnd.mynfc": ["taglet"],
	"application/vnd.nato.bindingdataobject+xml": ["bdo"],
	"application/vnd.neurolanguage.nlu": ["nlu"],
	"application/vnd.nitf": ["ntf", "nitf"],
	"application/vnd.noblenet-directory": ["nnd"],
	"application/vnd.noblenet-sealer": ["nns"],
	"application/vnd.noblenet-web": ["nnw"],
	"application/vnd.nokia.n-gage.ac+xml": ["*ac"],
	"application/vnd.nokia.n-gage.data": ["ngdat"],
	"application/vnd.nokia.n-gage.symbian.install": ["n-gage"],
	"application/vnd.nokia.radio-preset": ["rpst"],
	"application/vnd.nokia.radio-presets": ["rpss"],
	"application/vnd.novadigm.edm": ["edm"],
	"application/vnd.novadigm.edx": ["edx"],
	"application/vnd.novadigm.ext": ["ext"],
	"application/vnd.oasis.opendocument.chart": ["odc"],
	"application/vnd.oasis.opendocument.chart-template": ["otc"],
	"application/vnd.oasis.opendocument.database": ["odb"],
	"application/vnd.oasis.opendocument.formula": ["odf"],
	"application/vnd.oasis.opendocument.formula-template": ["odft"],
	"application/vnd.oasis.opendocument.graphics": ["odg"],
	"application/vnd.oasis.opendocument.graphics-template": ["otg"],
	"application/vnd.oasis.opendocument.image": ["odi"],
	"application/vnd.oasis.opendocument.image-template": ["oti"],
	"application/vnd.oasis.opendocument.presentation": ["odp"],
	"application/vnd.oasis.opendocument.presentation-template": ["otp"],
	"application/vnd.oasis.opendocument.spreadsheet": ["ods"],
	"application/vnd.oasis.opendocument.spreadsheet-template": ["ots"],
	"application/vnd.oasis.opendocument.text": ["odt"],
	"application/vnd.oasis.opendocument.text-master": ["odm"],
	"application/vnd.oasis.opendocument.text-template": ["ott"],
	"application/vnd.oasis.opendocument.text-web": ["oth"],
	"application/vnd.olpc-sugar": ["xo"],
	"application/vnd.oma.dd2+xml": ["dd2"],
	"application/vnd.openblox.game+xml": ["obgx"],
	"application/vnd.openofficeorg.extension": ["oxt"],
	"application/vnd.openstreetmap.data+xml": ["osm"],
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ["pptx"],
	"application/vnd.openxmlformats-officedocument.presentationml.slide": ["sldx"],
	"application/vnd.openxmlformats-officedocument.presentationml.slideshow": ["ppsx"],
	"application/vnd.openxmlformats-officedocument.presentationml.template": ["potx"],
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ["xlsx"],
	"application/vnd.openxmlformats-officedocument.spreadsheetml.template": ["xltx"],
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ["docx"],
	"application/vnd.openxmlformats-officedocument.wordprocessingml.template": ["dotx"],
	"application/vnd.osgeo.mapguide.package": ["mgp"],
	"application/vnd.osgi.dp": ["dp"],
	"application/vnd.osgi.subsystem": ["esa"],
	"application/vnd.palm": [
		"pdb",
		"pqa",
		"oprc"
	],
	"application/vnd.pawaafile": ["paw"],
	"application/vnd.pg.format": ["str"],
	"application/vnd.pg.osasli": ["ei6"],
	"application/vnd.picsel": ["efif"],
	"application/vnd.pmi.widget": ["wg"],
	"application/vnd.pocketlearn": ["plf"],
	"application/vnd.powerbuilder6": ["pbd"],
	"application/vnd.previewsystems.box": ["box"],
	"application/vnd.procrate.brushset": ["brushset"],
	"application/vnd.procreate.brush": ["brush"],
	"application/vnd.procreate.dream": ["drm"],
	"application/vnd.proteus.magazine": ["mgz"],
	"application/vnd.publishare-delta-tree": ["qps"],
	"application/vnd.pvi.ptid1": ["ptid"],
	"application/vnd.pwg-xhtml-print+xml": ["xhtm"],
	"application/vnd.quark.quarkxpress": [
		"qxd",
		"qxt",
		"qwd",
		"qwt",
		"qxl",
		"qxb"
	],
	"application/vnd.rar": ["rar"],
	"application/vnd.realvnc.bed": ["bed"],
	"application/vnd.recordare.musicxml": ["mxl"],
	"application/vnd.recordare.musicxml+xml": ["musicxml"],
	"application/vnd.rig.cryptonote": ["cryptonote"],
	"application/vnd.rim.cod": ["cod"],
	"application/vnd.rn-realmedia": ["rm"],
	"application/vnd.rn-realmedia-vbr": ["rmvb"],
	"application/vnd.route66.link66+xml": ["link66"],
	"application/vnd.sailingtracker.track": ["st"],
	"application/vnd.seemail": ["see"],
	"application/vnd.sema": ["sema"],
	"application/vnd.semd": ["semd"],
	"application/vnd.semf": ["semf"],
	"application/vnd.shana.informed.formdata": ["ifm"],
	"application/vnd.shana.informed.formtemplate": ["itp"],
	"application/vnd.shana.informed.interchange": ["iif"],
	"application/vnd.shana.informed.package": ["ipk"],
	"application/vnd.simtech-mindmapper": ["twd", "twds"],
	"application/vnd.smaf": ["mmf"],
	"application/vnd.smart.teacher": ["teacher"],
	"application/vnd.software602.filler.form+xml": ["fo"],
	"application/vnd.solent.sdkm+xml": ["sdkm", "sdkd"],
	"application/vnd.spotfire.dxp": ["dxp"],
	"application/vnd.spotfire.sfs": ["sfs"],
	"application/vnd.stardivision.calc": ["sdc"],
	"application/vnd.stardivision.draw": ["sda"],
	"application/vnd.stardivision.impress": ["sdd"],
	"application/vnd.stardivision.math": ["smf"],
	"application/vnd.stardivision.writer": ["sdw", "vor"],
	"application/vnd.stardivision.writer-global": ["sgl"],
	"application/vnd.stepmania.package": ["smzip"],
	"application/vnd.stepmania.stepchart": ["sm"],
	"application/vnd.sun.wadl+xml": ["wadl"],
	"application/vnd.sun.xml.calc": ["sxc"],
	"application/vnd.sun.xml.calc.template": ["stc"],
	"application/vnd.sun.xml.draw": ["sxd"],
	"application/vnd.sun.xml.draw.template": ["std"],
	"application/vnd.sun.xml.impress": ["sxi"],
	"application/vnd.sun.xml.impress.template": ["sti"],
	"application/vnd.sun.xml.math": ["sxm"],
	"application/vnd.sun.xml.writer": ["sxw"],
	"application/vnd.sun.xml.writer.global": ["sxg"],
	"application/vnd.sun.xml.writer.template": ["stw"],
	"application/vnd.sus-calendar": ["sus", "susp"],
	"application/vnd.svd": ["svd"],
	"application/vnd.symbian.install": ["sis", "sisx"],
	"application/vnd.syncml+xml": ["xsm"],
	"application/vnd.syncml.dm+wbxml": ["bdm"],
	"application/vnd.syncml.dm+xml": ["xdm"],
	"application/vnd.syncml.dmddf+xml": ["ddf"],
	"application/vnd.tao.intent-module-archive": ["tao"],
	"application/vnd.tcpdump.pcap": [
		"pcap",
		"cap",
		"dmp"
	],
	"application/vnd.tmobile-livetv": ["tmo"],
	"application/vnd.trid.tpt": ["tpt"],
	"application/vnd.triscape.mxs": ["mxs"],
	"application/vnd.trueapp": ["tra"],
	"application/vnd.ufdl": ["ufd", "ufdl"],
	"application/vnd.uiq.theme": ["utz"],
	"application/vnd.umajin": ["umj"],
	"application/vnd.unity": ["unityweb"],
	"application/vnd.uoml+xml": ["uoml", "uo"],
	"application/vnd.vcx": ["vcx"],
	"application/vnd.visio": [
		"vsd",
		"vst",
		"vss",
		"vsw",
		"vsdx",
		"vtx"
	],
	"application/vnd.visionary": ["vis"],
	"application/vnd.vsf": ["vsf"],
	"application/vnd.wap.wbxml": ["wbxml"],
	"application/vnd.wap.wmlc": ["wmlc"],
	"application/vnd.wap.wmlscriptc": ["wmlsc"],
	"application/vnd.webturbo": ["wtb"],
	"application/vnd.wolfram.player": ["nbp"],
	"application/vnd.wordperfect": ["wpd"],
	"application/vnd.wqd": ["wqd"],
	"application/vnd.wt.stf": ["stf"],
	"application/vnd.xara": ["xar"],
	"application/vnd.xfdl": ["xfdl"],
	"application/vnd.yamaha.hv-dic": ["hvd"],
	"application/vnd.yamaha.hv-script": ["hvs"],
	"application/vnd.yamaha.hv-voice": ["hvp"],
	"application/vnd.yamaha.openscoreformat": ["osf"],
	"application/vnd.yamaha.openscoreformat.osfpvg+xml": ["osfpvg"],
	"application/vnd.yamaha.smaf-audio": ["saf"],
	"application/vnd.yamaha.smaf-phrase": ["spf"],
	"application/vnd.yellowriver-custom-menu": ["cmp"],
	"application/vnd.zul": ["zir", "zirz"],
	"application/vnd.zzazz.deck+xml": ["zaz"],
	"application/x-7z-compressed": ["7z"],
	"application/x-abiword": ["abw"],
	"application/x-ace-compressed": ["ace"],
	"application/x-apple-diskimage": ["*dmg"],
	"application/x-arj": ["arj"],
	"application/x-authorware-bin": [
		"aab",
		"x32",
		"u32",
		"vox"
	],
	"application/x-authorware-map": ["aam"],
	"application/x-authorware-seg": ["aas"],
	"application/x-bcpio": ["bcpio"],
	"application/x-bdoc": ["*bdoc"],
	"application/x-bittorrent": ["torrent"],
	"application/x-blender": ["blend"],
	"application/x-blorb": ["blb", "blorb"],
	"application/x-bzip": ["bz"],
	"application/x-bzip2": ["bz2", "boz"],
	"application/x-cbr": [
		"cbr",
		"cba",
		"cbt",
		"cbz",
		"cb7"
	],
	"application/x-cdlink": ["vcd"],
	"application/x-cfs-compressed": ["cfs"],
	"application/x-chat": ["chat"],
	"application/x-chess-pgn": ["pgn"],
	"application/x-chrome-extension": ["crx"],
	"application/x-cocoa": ["cco"],
	"application/x-compressed": ["*rar"],
	"application/x-conference": ["nsc"],
	"application/x-cpio": ["cpio"],
	"application/x-csh": ["csh"],
	"application/x-debian-package": ["*deb", "udeb"],
	"application/x-dgc-compressed": ["dgc"],
	"application/x-director": [
		"dir",
		"dcr",
		"dxr",
		"cst",
		"cct",
		"cxt",
		"w3d",
		"fgd",
		"swa"
	],
	"application/x-doom": ["wad"],
	"application/x-dtbncx+xml": ["ncx"],
	"application/x-dtbook+xml": ["dtb"],
	"application/x-dtbresource+xml": ["res"],
	"application/x-dvi": ["dvi"],
	"application/x-envoy": ["evy"],
	"application/x-eva": ["eva"],
	"application/x-font-bdf": ["bdf"],
	"application/x-font-ghostscript": ["gsf"],
	"application/x-font-linux-psf": ["psf"],
	"application/x-font-pcf": ["pcf"],
	"application/x-font-snf": ["snf"],
	"application/x-font-type1": [
		"pfa",
		"pfb",
		"pfm",
		"afm"
	],
	"application/x-freearc": ["arc"],
	"application/x-futuresplash": ["spl"],
	"application/x-gca-compressed": ["gca"],
	"application/x-glulx": ["ulx"],
	"application/x-gnumeric": ["gnumeric"],
	"application/x-gramps-xml": ["gramps"],
	"application/x-gtar": ["gtar"],
	"application/x-hdf": ["hdf"],
	"application/x-httpd-php": ["php"],
	"application/x-install-instructions": ["install"],
	"application/x-ipynb+json": ["ipynb"],
	"application/x-iso9660-image": ["*iso"],
	"application/x-iwork-keynote-sffkey": ["*key"],
	"application/x-iwork-numbers-sffnumbers": ["*numbers"],
	"application/x-iwork-pages-sffpages": ["*pages"],
	"application/x-java-archive-diff": ["jardiff"],
	"application/x-java-jnlp-file": ["jnlp"],
	"application/x-keepass2": ["kdbx"],
	"application/x-latex": ["latex"],
	"application/x-lua-bytecode": ["luac"],
	"application/x-lzh-compressed": ["lzh", "lha"],
	"application/x-makeself": ["run"],
	"application/x-mie": ["mie"],
	"application/x-mobipocket-ebook": ["*prc", "mobi"],
	"application/x-ms-application": ["application"],
	"application/x-ms-shortcut": ["lnk"],
	"application/x-ms-wmd": ["wmd"],
	"application/x-ms-wmz": ["wmz"],
	"application/x-ms-xbap": ["xbap"],
	"application/x-msaccess": ["mdb"],
	"application/x-msbinder": ["obd"],
	"application/x-mscardfile": ["crd"],
	"application/x-msclip": ["clp"],
	"application/x-msdos-program": ["*exe"],
	"application/x-msdownload": [
		"*exe",
		"*dll",
		"com",
		"bat",
		"*msi"
	],
	"application/x-msmediaview": [
		"mvb",
		"m13",
		"m14"
	],
	"application/x-msmetafile": [
		"*wmf",
		"*wmz",
		"*emf",
		"emz"
	],
	"application/x-msmoney": ["mny"],
	"application/x-mspublisher": ["pub"],
	"application/x-msschedule": ["scd"],
	"application/x-msterminal": ["trm"],
	"application/x-mswrite": ["wri"],
	"application/x-netcdf": ["nc", "cdf"],
	"application/x-ns-proxy-autoconfig": ["pac"],
	"application/x-nzb": ["nzb"],
	"application/x-perl": ["pl", "pm"],
	"application/x-pilot": ["*prc", "*pdb"],
	"application/x-pkcs12": ["p12", "pfx"],
	"application/x-pkcs7-certificates": ["p7b", "spc"],
	"application/x-pkcs7-certreqresp": ["p7r"],
	"application/x-rar-compressed": ["*rar"],
	"application/x-redhat-package-manager": ["rpm"],
	"application/x-research-info-systems": ["ris"],
	"application/x-sea": ["sea"],
	"application/x-sh": ["sh"],
	"application/x-shar": ["shar"],
	"application/x-shockwave-flash": ["swf"],
	"application/x-silverlight-app": ["xap"],
	"application/x-sql": ["*sql"],
	"application/x-stuffit": ["sit"],
	"application/x-stuffitx": ["sitx"],
	"application/x-subrip": ["srt"],
	"application/x-sv4cpio": ["sv4cpio"],
	"application/x-sv4crc": ["sv4crc"],
	"application/x-t3vm-image": ["t3"],
	"application/x-tads": ["gam"],
	"application/x-tar": ["tar"],
	"application/x-tcl": ["tcl", "tk"],
	"application/x-tex": ["tex"],
	"application/x-tex-tfm": ["tfm"],
	"application/x-texinfo": ["texinfo", "texi"],
	"application/x-tgif": ["*obj"],
	"application/x-ustar": ["ustar"],
	"application/x-virtualbox-hdd": ["hdd"],
	"application/x-virtualbox-ova": ["ova"],
	"application/x-virtualbox-ovf": ["ovf"],
	"application/x-virtualbox-vbox": ["vbox"],
	"application/x-virtualbox-vbox-extpack": ["vbox-extpack"],
	"application/x-virtualbox-vdi": ["vdi"],
	"application/x-virtualbox-vhd": ["vhd"],
	"application/x-virtualbox-vmdk": ["vmdk"],
	"application/x-wais-source": ["src"],
	"application/x-web-app-manifest+json": ["webapp"],
	"application/x-x509-ca-cert": [
		"der",
		"crt",
		"pem"
	],
	"application/x-xfig": ["fig"],
	"application/x-xliff+xml": ["*xlf"],
	"application/x-xpinstall": ["xpi"],
	"application/x-xz": ["xz"],
	"application/x-zip-compressed": ["*zip"],
	"application/x-zmachine": [
		"z1",
		"z2",
		"z3",
		"z4",
		"z5",
		"z6",
		"z7",
		"z8"
	],
	"audio/vnd.dece.audio": ["uva", "uvva"],
	"audio/vnd.digital-winds": ["eol"],
	"audio/vnd.dra": ["dra"],
	"audio/vnd.dts": ["dts"],
	"audio/vnd.dts.hd": ["dtshd"],
	"audio/vnd.lucent.voice": ["lvp"],
	"audio/vnd.ms-playready.media.pya": ["pya"],
	"audio/vnd.nuera.ecelp4800": ["ecelp4800"],
	"audio/vnd.nuera.ecelp7470": ["ecelp7470"],
	"audio/vnd.nuera.ecelp9600": ["ecelp9600"],
	"audio/vnd.rip": ["rip"],
	"audio/x-aac": ["*aac"],
	"audio/x-aiff": [
		"aif",
		"aiff",
		"aifc"
	],
	"audio/x-caf": ["caf"],
	"audio/x-flac": ["flac"],
	"audio/x-m4a": ["*m4a"],
	"audio/x-matroska": ["mka"],
	"audio/x-mpegurl": ["m3u"],
	"audio/x-ms-wax": ["wax"],
	"audio/x-ms-wma": ["wma"],
	"audio/x-pn-realaudio": ["ram", "ra"],
	"audio/x-pn-realaudio-plugin": ["rmp"],
	"audio/x-realaudio": ["*ra"],
	"audio/x-wav": ["*wav"],
	"chemical/x-cdx": ["cdx"],
	"chemical/x-cif": ["cif"],
	"chemical/x-cmdf": ["cmdf"],
	"chemical/x-cml": ["cml"],
	"chemical/x-csml": ["csml"],
	"chemical/x-xyz": ["xyz"],
	"image/prs.btif": ["btif", "btf"],
	"image/prs.pti": ["pti"],
	"image/vnd.adobe.photoshop": ["psd"],
	"image/vnd.airzip.accelerator.azv": ["azv"],
	"image/vnd.blockfact.facti": ["facti"],
	"image/vnd.dece.graphic": [
		"uvi",
		"uvvi",
		"uvg",
		"uvvg"
	],
	"image/vnd.djvu": ["djvu", "djv"],
	"image/vnd.dvb.subtitle": ["*sub"],
	"image/vnd.dwg": ["dwg"],
	"image/vnd.dxf": ["dxf"],
	"image/vnd.fastbidsheet": ["fbs"],
	"image/vnd.fpx": ["fpx"],
	"image/vnd.fst": ["fst"],
	"image/vnd.fujixerox.edmics-mmr": ["mmr"],
	"image/vnd.fujixerox.edmics-rlc": ["rlc"],
	"image/vnd.microsoft.icon": ["ico"],
	"image/vnd.ms-dds": ["dds"],
	"image/vnd.ms-modi": ["mdi"],
	"image/vnd.ms-photo": ["wdp"],
	"image/vnd.net-fpx": ["npx"],
	"image/vnd.pco.b16": ["b16"],
	"image/vnd.tencent.tap": ["tap"],
	"image/vnd.valve.source.texture": ["vtf"],
	"image/vnd.wap.wbmp": ["wbmp"],
	"image/vnd.xiff": ["xif"],
	"image/vnd.zbrush.pcx": ["pcx"],
	"image/x-3ds": ["3ds"],
	"image/x-adobe-dng": ["dng"],
	"image/x-cmu-raster": ["ras"],
	"image/x-cmx": ["cmx"],
	"image/x-freehand": [
		"fh",
		"fhc",
		"fh4",
		"fh5",
		"fh7"
	],
	"image/x-icon": ["*ico"],
	"image/x-jng": ["jng"],
	"image/x-mrsid-image": ["sid"],
	"image/x-ms-bmp": ["*bmp"],
	"image/x-pcx": ["*pcx"],
	"image/x-pict": ["pic", "pct"],
	"image/x-portable-anymap": ["pnm"],
	"image/x-portable-bitmap": ["pbm"],
	"image/x-portable-graymap": ["pgm"],
	"image/x-portable-pixmap": ["ppm"],
	"image/x-rgb": ["rgb"],
	"image/x-tga": ["tga"],
	"image/x-xbitmap": ["xbm"],
	"image/x-xpixmap": ["xpm"],
	"image/x-xwindowdump": ["xwd"],
	"message/vnd.wfa.wsc": ["wsc"],
	"model/vnd.bary": ["bary"],
	"model/vnd.cld": ["cld"],
	"model/vnd.collada+xml": ["dae"],
	"model/vnd.dwf": ["dwf"],
	"model/vnd.gdl": ["gdl"],
	"model/vnd.gtw": ["gtw"],
	"model/vnd.mts": ["*mts"],
	"model/vnd.opengex": ["ogex"],
	"model/vnd.parasolid.transmit.binary": ["x_b"],
	"model/vnd.parasolid.transmit.text": ["x_t"],
	"model/vnd.pytha.pyox": ["pyo", "pyox"],
	"model/vnd.sap.vds": ["vds"],
	"model/vnd.usda": ["usda"],
	"model/vnd.usdz+zip": ["usdz"],
	"model/vnd.valve.source.compiled-map": ["bsp"],
	"model/vnd.vtu": ["vtu"],
	"text/prs.lines.tag": ["dsc"],
	"text/vnd.curl": ["curl"],
	"text/vnd.curl.dcurl": ["dcurl"],
	"text/vnd.curl.mcurl": ["mcurl"],
	"text/vnd.curl.scurl": ["scurl"],
	"text/vnd.dvb.subtitle": ["sub"],
	"text/vnd.familysearch.gedcom": ["ged"],
	"text/vnd.fly": ["fly"],
	"text/vnd.fmi.flexstor": ["flx"],
	"text/vnd.graphviz": ["gv"],
	"text/vnd.in3d.3dml": ["3dml"],
	"text/vnd.in3d.spot": ["spot"],
	"text/vnd.sun.j2me.app-descriptor": ["jad"],
	"text/vnd.wap.wml": ["wml"],
	"text/vnd.wap.wmlscript": ["wmls"],
	"text/x-asm": ["s", "asm"],
	"text/x-c": [
		"c",
		"cc",
		"cxx",
		"cpp",
		"h",
		"hh",
		"dic"
	],
	"text/x-component": ["htc"],
	"text/x-fortran": [
		"f",
		"for",
		"f77",
		"f90"
	],
	"text/x-handlebars-template": ["hbs"],
	"text/x-java-source": ["java"],
	"text/x-lua": ["lua"],
	"text/x-markdown": ["mkd"],
	"text/x-nfo": ["nfo"],
	"text/x-opml": ["opml"],
	"text/x-org": ["*org"],
	"text/x-pascal": ["p", "pas"],
	"text/x-processing": ["pde"],
	"text/x-sass": ["sass"],
	"text/x-scss": ["scss"],
	"text/x-setext": ["etx"],
	"text/x-sfv": ["sfv"],
	"text/x-suse-ymp": ["ymp"],
	"text/x-uuencode": ["uu"],
	"text/x-vcalendar": ["vcs"],
	"text/x-vcard": ["vcf"],
	"video/vnd.dece.hd": ["uvh", "uvvh"],
	"video/vnd.dece.mobile": ["uvm", "uvvm"],
	"video/vnd.dece.pd": ["uvp", "uvvp"],
	"video/vnd.dece.sd": ["uvs", "uvvs"],
	"video/vnd.dece.video": ["uvv", "uvvv"],
	"video/vnd.dvb.file": ["dvb"],
	"video/vnd.fvt": ["fvt"],
	"video/vnd.mpegurl": ["mxu", "m4u"],
	"video/vnd.ms-playready.media.pyv": ["pyv"],
	"video/vnd.uvvu.mp4": ["uvu", "uvvu"],
	"video/vnd.vivo": ["viv"],
	"video/x-f4v": ["f4v"],
	"video/x-fli": ["fli"],
	"video/x-flv": ["flv"],
	"video/x-m4v": ["m4v"],
	"video/x-matroska": [
		"mkv",
		"mk3d",
		"mks"
	],
	"video/x-mng": ["mng"],
	"video/x-ms-asf": ["asf", "asx"],
	"video/x-ms-vob": ["vob"],
	"video/x-ms-wm": ["wm"],
	"video/x-ms-wmv": ["wmv"],
	"video/x-ms-wmx": ["wmx"],
	"video/x-ms-wvx": ["wvx"],
	"video/x-msvideo": ["avi"],
	"video/x-sgi-movie": ["movie"],
	"video/x-smv": ["smv"],
	"x-conference/x-cooltalk": ["ice"]
};
Object.freeze(types$1);

// node_modules/mime/dist/types/standard.js
const types = {
	"application/andrew-inset": ["ez"],
	"application/appinstaller": ["appinstaller"],
	"application/applixware": ["aw"],
	"application/appx": ["appx"],
	"application/appxbundle": ["appxbundle"],
	"application/atom+xml": ["atom"],
	"application/atomcat+xml": ["atomcat"],
	"application/atomdeleted+xml": ["atomdeleted"],
	"application/atomsvc+xml": ["atomsvc"],
	"application/atsc-dwd+xml": ["dwd"],
	"application/atsc-held+xml": ["held"],
	"application/atsc-rsat+xml": ["rsat"],
	"application/automationml-aml+xml": ["aml"],
	"application/automationml-amlx+zip": ["amlx"],
	"application/bdoc": ["bdoc"],
	"application/calendar+xml": ["xcs"],
	"application/ccxml+xml": ["ccxml"],
	"application/cdfx+xml": ["cdfx"],
	"application/cdmi-capability": ["cdmia"],
	"application/cdmi-container": ["cdmic"],
	"application/cdmi-domain": ["cdmid"],
	"application/cdmi-object": ["cdmio"],
	"application/cdmi-queue": ["cdmiq"],
	"application/cpl+xml": ["cpl"],
	"application/cu-seeme": ["cu"],
	"application/cwl": ["cwl"],
	"application/dash+xml": ["mpd"],
	"application/dash-patch+xml": ["mpp"],
	"application/davmount+xml": ["davmount"],
	"application/dicom": ["dcm"],
	"application/docbook+xml": ["dbk"],
	"application/dssc+der": ["dssc"],
	"application/dssc+xml": ["xdssc"],
	"application/ecmascript": ["ecma"],
	"application/emma+xml": ["emma"],
	"application/emotionml+xml": ["emotionml"],
	"application/epub+zip": ["epub"],
	"application/exi": ["exi"],
	"application/express": ["exp"],
	"application/fdf": ["fdf"],
	"application/fdt+xml": ["fdt"],
	"application/font-tdpfr": ["pfr"],
	"application/geo+json": ["geojson"],
	"application/gml+xml": ["gml"],
	"application/gpx+xml": ["gpx"],
	"application/gxf": ["gxf"],
	"application/gzip": ["gz"],
	"application/hjson": ["hjson"],
	"application/hyperstudio": ["stk"],
	"application/inkml+xml": ["ink", "inkml"],
	"application/ipfix": ["ipfix"],
	"application/its+xml": ["its"],
	"application/java-archive": [
		"jar",
		"war",
		"ear"
	],
	"application/java-serialized-object": ["ser"],
	"application/java-vm": ["class"],
	"application/javascript": ["*js"],
	"application/json": ["json", "map"],
	"application/json5": ["json5"],
	"application/jsonml+json": ["jsonml"],
	"application/ld+json": ["jsonld"],
	"application/lgr+xml": ["lgr"],
	"application/lost+xml": ["lostxml"],
	"application/mac-binhex40": ["hqx"],
	"application/mac-compactpro": ["cpt"],
	"application/mads+xml": ["mads"],
	"application/manifest+json": ["webmanifest"],
	"application/marc": ["mrc"],
	"application/marcxml+xml": ["mrcx"],
	"application/mathematica": [
		"ma",
		"nb",
		"mb"
	],
	"application/mathml+xml": ["mathml"],
	"application/mbox": ["mbox"],
	"application/media-policy-dataset+xml": ["mpf"],
	"application/mediaservercontrol+xml": ["mscml"],
	"application/metalink+xml": ["metalink"],
	"application/metalink4+xml": ["meta4"],
	"application/mets+xml": ["mets"],
	"application/mmt-aei+xml": ["maei"],
	"application/mmt-usd+xml": ["musd"],
	"application/mods+xml": ["mods"],
	"application/mp21": ["m21", "mp21"],
	"application/mp4": [
		"*mp4",
		"*mpg4",
		"mp4s",
		"m4p"
	],
	"application/msix": ["msix"],
	"application/msixbundle": ["msixbundle"],
	"application/msword": ["doc", "dot"],
	"application/mxf": ["mxf"],
	"application/n-quads": ["nq"],
	"application/n-triples": ["nt"],
	"application/node": ["cjs"],
	"application/octet-stream": [
		"bin",
		"dms",
		"lrf",
		"mar",
		"so",
		"dist",
		"distz",
		"pkg",
		"bpk",
		"dump",
		"elc",
		"deploy",
		"exe",
		"dll",
		"deb",
		"dmg",
		"iso",
		"img",
		"msi",
		"msp",
		"msm",
		"buffer"
	],
	"application/oda": ["oda"],
	"application/oebps-package+xml": ["opf"],
	"application/ogg": ["ogx"],
	"application/omdoc+xml": ["omdoc"],
	"application/onenote": [
		"onetoc",
		"onetoc2",
		"onetmp",
		"onepkg",
		"one",
		"onea"
	],
	"application/oxps": ["oxps"],
	"application/p2p-overlay+xml": ["relo"],
	"application/patch-ops-error+xml": ["xer"],
	"application/pdf": ["pdf"],
	"application/pgp-encrypted": ["pgp"],
	"application/pgp-keys": ["asc"],
	"application/pgp-signature": ["sig", "*asc"],
	"application/pics-rules": ["prf"],
	"application/pkcs10": ["p10"],
	"application/pkcs7-mime": ["p7m", "p7c"],
	"application/pkcs7-signature": ["p7s"],
	"application/pkcs8": ["p8"],
	"application/pkix-attr-cert": ["ac"],
	"application/pkix-cert": ["cer"],
	"application/pkix-crl": ["crl"],
	"application/pkix-pkipath": ["pkipath"],
	"application/pkixcmp": ["pki"],
	"application/pls+xml": ["pls"],
	"application/postscript": [
		"ai",
		"eps",
		"ps"
	],
	"application/provenance+xml": ["provx"],
	"application/pskc+xml": ["pskcxml"],
	"application/raml+yaml": ["raml"],
	"application/rdf+xml": ["rdf", "owl"],
	"application/reginfo+xml": ["rif"],
	"application/relax-ng-compact-syntax": ["rnc"],
	"application/resource-lists+xml": ["rl"],
	"application/resource-lists-diff+xml": ["rld"],
	"application/rls-services+xml": ["rs"],
	"application/route-apd+xml": ["rapd"],
	"application/route-s-tsid+xml": ["sls"],
	"application/route-usd+xml": ["rusd"],
	"application/rpki-ghostbusters": ["gbr"],
	"application/rpki-manifest": ["mft"],
	"application/rpki-roa": ["roa"],
	"application/rsd+xml": ["rsd"],
	"application/rss+xml": ["rss"],
	"application/rtf": ["rtf"],
	"application/sbml+xml": ["sbml"],
	"application/scvp-cv-request": ["scq"],
	"application/scvp-cv-response": ["scs"],
	"application/scvp-vp-request": ["spq"],
	"application/scvp-vp-response": ["spp"],
	"application/sdp": ["sdp"],
	"application/senml+xml": ["senmlx"],
	"application/sensml+xml": ["sensmlx"],
	"application/set-payment-initiation": ["setpay"],
	"application/set-registration-initiation": ["setreg"],
	"application/shf+xml": ["shf"],
	"application/sieve": ["siv", "sieve"],
	"application/smil+xml": ["smi", "smil"],
	"application/sparql-query": ["rq"],
	"application/sparql-results+xml": ["srx"],
	"application/sql": ["sql"],
	"application/srgs": ["gram"],
	"application/srgs+xml": ["grxml"],
	"application/sru+xml": ["sru"],
	"application/ssdl+xml": ["ssdl"],
	"application/ssml+xml": ["ssml"],
	"application/swid+xml": ["swidtag"],
	"application/tei+xml": ["tei", "teicorpus"],
	"application/thraud+xml": ["tfi"],
	"application/timestamped-data": ["tsd"],
	"application/toml": ["toml"],
	"application/trig": ["trig"],
	"application/ttml+xml": ["ttml"],
	"application/ubjson": ["ubj"],
	"application/urc-ressheet+xml": ["rsheet"],
	"application/urc-targetdesc+xml": ["td"],
	"application/voicexml+xml": ["vxml"],
	"application/wasm": ["wasm"],
	"application/watcherinfo+xml": ["wif"],
	"application/widget": ["wgt"],
	"application/winhlp": ["hlp"],
	"application/wsdl+xml": ["wsdl"],
	"application/wspolicy+xml": ["wspolicy"],
	"application/xaml+xml": ["xaml"],
	"application/xcap-att+xml": ["xav"],
	"application/xcap-caps+xml": ["xca"],
	"application/xcap-diff+xml": ["xdf"],
	"application/xcap-el+xml": ["xel"],
	"application/xcap-ns+xml": ["xns"],
	"application/xenc+xml": ["xenc"],
	"application/xfdf": ["xfdf"],
	"application/xhtml+xml": ["xhtml", "xht"],
	"application/xliff+xml": ["xlf"],
	"application/xml": [
		"xml",
		"xsl",
		"xsd",
		"rng"
	],
	"application/xml-dtd": ["dtd"],
	"application/xop+xml": ["xop"],
	"application/xproc+xml": ["xpl"],
	"application/xslt+xml": ["*xsl", "xslt"],
	"application/xspf+xml": ["xspf"],
	"application/xv+xml": [
		"mxml",
		"xhvml",
		"xvml",
		"xvm"
	],
	"application/yang": ["yang"],
	"application/yin+xml": ["yin"],
	"application/zip": ["zip"],
	"application/zip+dotlottie": ["lottie"],
	"audio/3gpp": ["*3gpp"],
	"audio/aac": ["adts", "aac"],
	"audio/adpcm": ["adp"],
	"audio/amr": ["amr"],
	"audio/basic": ["au", "snd"],
	"audio/midi": [
		"mid",
		"midi",
		"kar",
		"rmi"
	],
	"audio/mobile-xmf": ["mxmf"],
	"audio/mp3": ["*mp3"],
	"audio/mp4": [
		"m4a",
		"mp4a",
		"m4b"
	],
	"audio/mpeg": [
		"mpga",
		"mp2",
		"mp2a",
		"mp3",
		"m2a",
		"m3a"
	],
	"audio/ogg": [
		"oga",
		"ogg",
		"spx",
		"opus"
	],
	"audio/s3m": ["s3m"],
	"audio/silk": ["sil"],
	"audio/wav": ["wav"],
	"audio/wave": ["*wav"],
	"audio/webm": ["weba"],
	"audio/xm": ["xm"],
	"font/collection": ["ttc"],
	"font/otf": ["otf"],
	"font/ttf": ["ttf"],
	"font/woff": ["woff"],
	"font/woff2": ["woff2"],
	"image/aces": ["exr"],
	"image/apng": ["apng"],
	"image/avci": ["avci"],
	"image/avcs": ["avcs"],
	"image/avif": ["avif"],
	"image/bmp": ["bmp", "dib"],
	"image/cgm": ["cgm"],
	"image/dicom-rle": ["drle"],
	"image/dpx": ["dpx"],
	"image/emf": ["emf"],
	"image/fits": ["fits"],
	"image/g3fax": ["g3"],
	"image/gif": ["gif"],
	"image/heic": ["heic"],
	"image/heic-sequence": ["heics"],
	"image/heif": ["heif"],
	"image/heif-sequence": ["heifs"],
	"image/hej2k": ["hej2"],
	"image/ief": ["ief"],
	"image/jaii": ["jaii"],
	"image/jais": ["jais"],
	"image/jls": ["jls"],
	"image/jp2": ["jp2", "jpg2"],
	"image/jpeg": [
		"jpg",
		"jpeg",
		"jpe"
	],
	"image/jph": ["jph"],
	"image/jphc": ["jhc"],
	"image/jpm": ["jpm", "jpgm"],
	"image/jpx": ["jpx", "jpf"],
	"image/jxl": ["jxl"],
	"image/jxr": ["jxr"],
	"image/jxra": ["jxra"],
	"image/jxrs": ["jxrs"],
	"image/jxs": ["jxs"],
	"image/jxsc": ["jxsc"],
	"image/jxsi": ["jxsi"],
	"image/jxss": ["jxss"],
	"image/ktx": ["ktx"],
	"image/ktx2": ["ktx2"],
	"image/pjpeg": ["jfif"],
	"image/png": ["png"],
	"image/sgi": ["sgi"],
	"image/svg+xml": ["svg", "svgz"],
	"image/t38": ["t38"],
	"image/tiff": ["tif", "tiff"],
	"image/tiff-fx": ["tfx"],
	"image/webp": ["webp"],
	"image/wmf": ["wmf"],
	"message/disposition-notification": ["disposition-notification"],
	"message/global": ["u8msg"],
	"message/global-delivery-status": ["u8dsn"],
	"message/global-disposition-notification": ["u8mdn"],
	"message/global-headers": ["u8hdr"],
	"message/rfc822": [
		"eml",
		"mime",
		"mht",
		"mhtml"
	],
	"model/3mf": ["3mf"],
	"model/gltf+json": ["gltf"],
	"model/gltf-binary": ["glb"],
	"model/iges": ["igs", "iges"],
	"model/jt": ["jt"],
	"model/mesh": [
		"msh",
		"mesh",
		"silo"
	],
	"model/mtl": ["mtl"],
	"model/obj": ["obj"],
	"model/prc": ["prc"],
	"model/step": [
		"step",
		"stp",
		"stpnc",
		"p21",
		"210"
	],
	"model/step+xml": ["stpx"],
	"model/step+zip": ["stpz"],
	"model/step-xml+zip": ["stpxz"],
	"model/stl": ["stl"],
	"model/u3d": ["u3d"],
	"model/vrml": ["wrl", "vrml"],
	"model/x3d+binary": ["*x3db", "x3dbz"],
	"model/x3d+fastinfoset": ["x3db"],
	"model/x3d+vrml": ["*x3dv", "x3dvz"],
	"model/x3d+xml": ["x3d", "x3dz"],
	"model/x3d-vrml": ["x3dv"],
	"text/cache-manifest": ["appcache", "manifest"],
	"text/calendar": ["ics", "ifb"],
	"text/coffeescript": ["coffee", "litcoffee"],
	"text/css": ["css"],
	"text/csv": ["csv"],
	"text/html": [
		"html",
		"htm",
		"shtml"
	],
	"text/jade": ["jade"],
	"text/javascript": ["js", "mjs"],
	"text/jsx": ["jsx"],
	"text/less": ["less"],
	"text/markdown": ["md", "markdown"],
	"text/mathml": ["mml"],
	"text/mdx": ["mdx"],
	"text/n3": ["n3"],
	"text/plain": [
		"txt",
		"text",
		"conf",
		"def",
		"list",
		"log",
		"in",
		"ini"
	],
	"text/richtext": ["rtx"],
	"text/rtf": ["*rtf"],
	"text/sgml": ["sgml", "sgm"],
	"text/shex": ["shex"],
	"text/slim": ["slim", "slm"],
	"text/spdx": ["spdx"],
	"text/stylus": ["stylus", "styl"],
	"text/tab-separated-values": ["tsv"],
	"text/troff": [
		"t",
		"tr",
		"roff",
		"man",
		"me",
		"ms"
	],
	"text/turtle": ["ttl"],
	"text/uri-list": [
		"uri",
		"uris",
		"urls"
	],
	"text/vcard": ["vcard"],
	"text/vtt": ["vtt"],
	"text/wgsl": ["wgsl"],
	"text/xml": ["*xml"],
	"text/yaml": ["yaml", "yml"],
	"video/3gpp": ["3gp", "3gpp"],
	"video/3gpp2": ["3g2"],
	"video/h261": ["h261"],
	"video/h263": ["h263"],
	"video/h264": ["h264"],
	"video/iso.segment": ["m4s"],
	"video/jpeg": ["jpgv"],
	"video/jpm": ["*jpm", "*jpgm"],
	"video/mj2": ["mj2", "mjp2"],
	"video/mp2t": [
		"ts",
		"m2t",
		"m2ts",
		"mts"
	],
	"video/mp4": [
		"mp4",
		"mp4v",
		"mpg4"
	],
	"video/mpeg": [
		"mpeg",
		"mpg",
		"mpe",
		"m1v",
		"m2v"
	],
	"video/ogg": ["ogv"],
	"video/quicktime": ["qt", "mov"],
	"video/webm": ["webm"]
};
Object.freeze(types);

// node_modules/mime/dist/src/Mime.js
var __classPrivateFieldGet = void 0 && (void 0).__classPrivateFieldGet || function(receiver, state, kind, f) {
	if (kind === "a" && !f) throw new TypeError("Private accessor was defined without a getter");
	if (typeof state === "function" ? receiver !== state || !f : !state.has(receiver)) throw new TypeError("Cannot read private member from an object whose class did not declare it");
	return kind === "m" ? f : kind === "a" ? f.call(receiver) : f ? f.value : state.get(receiver);
};
var _Mime_extensionToType;
var _Mime_typeToExtension;
var _Mime_typeToExtensions;
var Mime = class {
	constructor(...args) {
		_Mime_extensionToType.set(this, /* @__PURE__ */ new Map());
		_Mime_typeToExtension.set(this, /* @__PURE__ */ new Map());
		_Mime_typeToExtensions.set(this, /* @__PURE__ */ new Map());
		for (const arg of args) this.define(arg);
	}
	define(typeMap, force = false) {
		for (let [type, extensions] of Object.entries(typeMap)) {
			type = type.toLowerCase();
			extensions = extensions.map((ext) => ext.toLowerCase());
			let allExtensions = __classPrivateFieldGet(this, _Mime_typeToExtensions, "f").get(type);
			if (!allExtensions) {
				allExtensions = /* @__PURE__ */ new Set();
				__classPrivateFieldGet(this, _Mime_typeToExtensions, "f").set(type, allExtensions);
			}
			let first = true;
			for (let extension of extensions) {
				const starred = extension.startsWith("*");
				extension = starred ? extension.slice(1) : extension;
				allExtensions.add(extension);
				if (first) __classPrivateFieldGet(this, _Mime_typeToExtension, "f").set(type, extension);
				first = false;
				if (starred) continue;
				const currentType = __classPrivateFieldGet(this, _Mime_extensionToType, "f").get(extension);
				if (currentType && currentType != type && !force) throw new Error(`"${type} -> ${extension}" conflicts with "${currentType} -> ${extension}". Pass \`force=true\` to override this definition.`);
				__classPrivateFieldGet(this, _Mime_extensionToType, "f").set(extension, type);
			}
		}
		return this;
	}
	getType(path) {
		if (typeof path !== "string") return null;
		const last = path.replace(/^.*[/\\]/s, "").toLowerCase();
		const ext = last.replace(/^.*\./s, "").toLowerCase();
		const hasPath = last.length < path.length;
		if (!(ext.length < last.length - 1) && hasPath) return null;
		return __classPrivateFieldGet(this, _Mime_extensionToType, "f").get(ext) ?? null;
	}
	getExtension(type) {
		if (typeof type !== "string") return null;
		type = type?.split?.(";")[0];
		return (type && __classPrivateFieldGet(this, _Mime_typeToExtension, "f").get(type.trim().toLowerCase())) ?? null;
	}
	getAllExtensions(type) {
		if (typeof type !== "string") return null;
		type = type.split(";")[0].trim().toLowerCase();
		const extensions = __classPrivateFieldGet(this, _Mime_typeToExtensions, "f").get(type);
		return extensions ? new Set(extensions) : null;
	}
	_freeze() {
		this.define = () => {
			throw new Error("define() not allowed for built-in Mime objects. See https://github.com/broofa/mime/blob/main/README.md#custom-mime-instances");
		};
		Object.freeze(this);
		return this;
	}
	_getTestState() {
		return {
			types: __classPrivateFieldGet(this, _Mime_extensionToType, "f"),
			extensions: __classPrivateFieldGet(this, _Mime_typeToExtension, "f")
		};
	}
};
_Mime_extensionToType = /* @__PURE__ */ new WeakMap(), _Mime_typeToExtension = /* @__PURE__ */ new WeakMap(), _Mime_typeToExtensions = /* @__PURE__ */ new WeakMap();

// node_modules/mime/dist/src/index.js
var src_default = new Mime(types, types$1)._freeze();

// src/transfer/direct/content-type.ts
const UNKNOWN = "application/octet-stream";
/** Types whose readers take bytes for another encoding than UTF-8 unless they are told. */
const TEXT = /^text\/|^application\/(?:json|javascript|ecmascript|xml)$|\+(?:json|xml)$/;
/** The content type that the name of a file stands for. */
function guessedType(key) {
	const name = key.slice(key.lastIndexOf("/") + 1);
	return /.\.[^.]+$/.test(name) && src_default.getType(name) || UNKNOWN;
}
/** Whether the encoding of such content belongs to its type. */
const wantsCharset = (type) => TEXT.test(type);
/** The content type of a file by its name; `isUtf8`: whether its bytes are valid UTF-8, where that belongs to the type. */
function contentTypeOf(key, isUtf8) {
	const type = guessedType(key);
	return isUtf8 && wantsCharset(type) ? `${type}; charset=utf-8` : type;
}

// src/transfer/direct/uploader.ts
init__crypto();
/** What asks for no content type at all; S3 then has one of its own. */
const NO_TYPE = "none";
const changedSince = () => new ServiceError("PreconditionFailed", "The file changed after it was planned.", { status: 412 });
/** Digests of the parts of a file, in their order. */
var Parts = class {
	#digests;
	#md5s = [];
	#crcs = [];
	constructor(digests) {
		this.#digests = digests;
	}
	async note(number, bytes) {
		const md5 = await this.#digests.digest(bytes);
		const crc = crc32(bytes);
		this.#md5s[number - 1] = md5.toString("hex");
		this.#crcs[number - 1] = {
			crc,
			bytes: bytes.length
		};
		return {
			md5: md5.toString("base64"),
			crc32: crc32Text(crc)
		};
	}
	/** The ETag of an object that is put together from them. */
	etag() {
		return compositeEtag(this.#md5s);
	}
	/** The CRC-32 of such an object. */
	crc32() {
		const [first, ...others] = this.#crcs;
		const join = (sum, { crc, bytes }) => combineCrc32(sum, crc, bytes);
		return crc32Text(others.reduce(join, first?.crc ?? 0));
	}
};
/** Memory that parts are read into, one after the other: fresh one for each would be there twice before the old one goes. */
var SpareMemory = class {
	#spare = [];
	/** Lends memory for so many bytes while they are at work. */
	async use(length, work) {
		const last = this.#spare.pop();
		const memory = last && last.length >= length ? last : Buffer.allocUnsafeSlow(length);
		try {
			return await work(memory.subarray(0, length));
		} finally {
			this.#spare.push(memory);
		}
	}
};
/**
* Uploads files of this runner, each read once. What is sent is what was read while nobody wrote to the file: S3 compares
* it with the digests before the object appears.
*/
var Uploader = class {
	#deps;
	#own;
	#spare = new SpareMemory();
	constructor(deps, own) {
		this.#deps = deps;
		this.#own = own;
	}
	/** Writes an object; gives the new ETag, '' where the service names none. */
	async write(job) {
		const { op } = job;
		const { files, md5s } = this.#own;
		const small = files.small(op.key);
		if (small) return this.#send(job, small, hash("md5", small, "buffer"));
		return files.use(op.key, (file) => {
			if (file.size !== op.size) throw changedSince();
			const partBytes = files.partBytes(op.size);
			if (op.size > partBytes) return this.#inParts(job, file, partBytes);
			return this.#hold(op.size, async (bytes) => {
				await file.read(bytes, 0);
				await file.check();
				return await this.#send(job, bytes, await md5s.digest(bytes));
			});
		});
	}
	/** Sends a whole file in one request. */
	#send(job, bytes, md5) {
		const { op, only, onRetry } = job;
		const { objects, bucket, limits } = this.#deps;
		if (bytes.length !== op.size) throw changedSince();
		this.#tell(job, md5.toString("hex"));
		if (this.#own.sums) job.onSha256(hash("sha256", bytes));
		const headers = {
			...this.#headers(op, isUtf8(bytes)),
			"content-md5": md5.toString("base64")
		};
		const sum = { "x-amz-checksum-crc32": crc32Text(crc32(bytes)) };
		return this.#proven((proves) => objects.put({
			to: {
				bucket,
				key: op.to
			},
			only,
			headers: proves ? {
				...headers,
				...sum
			} : headers
		}, bytes, limits.of(op.size, onRetry)));
	}
	async #inParts(job, file, partBytes) {
		const { op, only, onRetry, lookLast } = job;
		const { objects, bucket, uploads, limits } = this.#deps;
		const { capabilities, md5s } = this.#own;
		const partSize = { [`x-amz-meta-${PART_SIZE}`]: String(partBytes) };
		const headers = this.#headers(op, await this.#isText(op), partSize);
		const parts = new Parts(md5s);
		const sha256 = this.#own.sums ? new OrderedSha256() : void 0;
		return uploads.write({
			to: {
				bucket,
				key: op.to
			},
			only,
			headers,
			whole: { algorithm: "CRC32" }
		}, {
			ranges: rangesOf(op.size, partBytes),
			make: (part, range) => hashedPart(sha256, (hashed) => this.#read(file, range, async (bytes) => {
				const { md5, crc32: sum } = await parts.note(part.number, bytes);
				const proof = capabilities.wholeChecksums ? {
					md5,
					crc32: sum
				} : { md5 };
				const proven = {
					...part,
					proof
				};
				const isHashed = hashed(part.number, bytes);
				const etag = await objects.putPart(proven, bytes, limits.of(bytes.length, onRetry));
				await isHashed;
				return etag;
			})),
			check: async () => {
				await file.check();
				this.#tell(job, parts.etag());
				const hex = sha256?.hex();
				if (hex !== void 0) job.onSha256(hex);
				await lookLast?.();
			},
			crc32: () => parts.crc32()
		}, onRetry);
	}
	#read(file, { first, last }, work) {
		return this.#hold(last - first + 1, async (bytes) => {
			await file.read(bytes, first);
			return await work(bytes);
		});
	}
	/** Lends memory for so many bytes while they are at work. */
	#hold(length, work) {
		const { memory, md5s } = this.#own;
		return memory.hold(length, () => md5s.holding(() => this.#spare.use(length, work)));
	}
	/** What was read has to be what was planned, where that is known. */
	#tell({ op, onContent }, etag) {
		if (op.etag !== "" && op.etag !== etag) throw changedSince();
		onContent(etag);
	}
	/** Headers of a file, of which `more` is its own; what the inputs say of all objects comes first. */
	#headers(op, isText, more = {}) {
		const { key } = op;
		const options = optionsOf(this.#deps, op);
		const described = { "content-type": contentTypeOf(key, isText) };
		const { "content-type": type, ...headers } = writeHeaders(options, described, "");
		return type === void 0 || type === NO_TYPE ? {
			...headers,
			...more
		} : {
			...headers,
			...more,
			"content-type": type
		};
	}
	/** Whether a large file is text in UTF-8: where that belongs to its type, it is read once more before it is sent. */
	async #isText(op) {
		const { key } = op;
		const { metadata, headers } = optionsOf(this.#deps, op);
		return metadata?.contentType === void 0 && headers?.["content-type"] === void 0 && wantsCharset(guessedType(key)) && this.#own.files.isUtf8(key);
	}
	/** Sends checksums until the service turns out not to know them; the same without them proves that it was this. */
	async #proven(write) {
		const { isAws, capabilities } = this.#own;
		if (!capabilities.wholeChecksums) return write(false);
		try {
			return await write(true);
		} catch (error) {
			if (isAws || !isPuzzled(serviceFailure(error))) throw error;
			const etag = await write(false).catch(() => Promise.reject(error));
			capabilities.lacksWholeChecksums();
			return etag;
		}
	}
};

// src/transfer/copy/direct-engines.ts
/** Objects in parallel of the direct engine, where nothing fixes it: S3 bears it, and asks for less when it does not. */
const MOST_DIRECT = 700;
/** Bytes that may wait in this process on their way from one service to the other. */
const STREAMED_BYTES = 256 * 2 ** 20;
/** Bytes of small objects on their way into files, and of others. */
const DOWNLOADED_BYTES = 64 * 2 ** 20;
/** Files in parallel, whose bytes that wait in memory are limited by themselves. */
const MOST_FILES = 256;
/** Bytes of files that may wait in this process. */
const UPLOADED_BYTES = 64 * 2 ** 20;
/** What stands at a destination, as far as a look is to tell: of a file nothing has to be read for that. */
const standingAt = (store) => store.landing ? {
	capabilities: store.capabilities,
	page: (query) => store.page(query),
	stat: (object, signal) => store.objects.stat(object, {
		timeoutMs: Infinity,
		signal
	})
} : store;
const UNBOUND = "The service does not support conditional reads and copies: each object is checked again after its copy.";
const UNKNOWN_WAY = {
	whole: "The service does not support CopyObject",
	parts: "The service does not support UploadPartCopy",
	streamed: "The service does not accept uploads"
};
const OTHER_WAY = {
	whole: "objects are copied in one request",
	parts: "objects are copied in parts",
	streamed: "objects are streamed through this runner"
};
const TAGS_UNREADABLE = "The tags of the source cannot be read (access denied): objects are copied without tags.";
const UNCONDITIONAL = "The service does not support conditional writes: they are no longer used.";
/** The direct engine of each pass, and what it finds out of both services on the way. */
var DirectEngines = class {
	#context;
	#counters;
	#throttle;
	#deps;
	#conditions;
	#link;
	/** That of every wave's first pass: what it found out of the service it keeps. */
	#first;
	/** Ways that were refused to some objects, once that was told. */
	#toldOf = /* @__PURE__ */ new Set();
	constructor(context, counters, throttle, deps) {
		this.#context = context;
		this.#counters = counters;
		this.#throttle = throttle;
		this.#deps = deps;
		this.#link = createLink(context.clock);
		const { source, destination } = deps.facts;
		this.#conditions = new Conditions({
			required: deps.request.selection.overwrite === "never",
			source: source.store.capabilities,
			destination: destination.store.capabilities,
			onDropped: () => {
				counters.unconditional();
				context.log.line("warn", UNCONDITIONAL);
			},
			onUnbound: () => context.log.line("warn", UNBOUND)
		});
	}
	/** That of a pass, 0 being the first. */
	ofPass(pass) {
		if (pass > 0) return this.#engineOf(pass);
		this.#first ??= this.#engineOf(pass);
		return this.#first;
	}
	#engineOf(pass) {
		const { facts, request, objects, system } = this.#deps;
		const { source, destination } = facts;
		const { transfer, mode } = request;
		const { clock, signal, deadline } = this.#context;
		const { start, most } = this.#concurrency(transfer, pass);
		const limit = new AdaptiveLimit({
			start,
			most,
			clock,
			signal
		});
		this.#counters.begin({
			name: "direct",
			initial: start,
			now: () => limit.room,
			lower: () => limit.slower()
		});
		const onMoved = (bytes) => this.#counters.moved(bytes);
		const limits = {
			limit,
			throttle: this.#throttle,
			onMoved,
			signal
		};
		const { local } = source.store;
		const onRetry = () => this.#counters.requestRetry();
		const retries = {
			clock,
			retryCount: transfer.retryCount,
			onRetry,
			signal
		};
		const writer = this.#writer(most, retrying(limited(source.store.objects, limits), retries), tellingTags(retrying(limited(objects, limits, local ? "sent" : "read"), retries)));
		const sides = {
			lookAtSource: looker(source.store, source.bucket),
			lookAtDestination: looker(standingAt(destination.store), destination.bucket),
			replan: mode !== "execute" && mode !== "finish",
			signal
		};
		const onUnknownWay = (...told) => this.#onUnknownWay(...told);
		const copier = new Copier(writer, this.#conditions, sides, onUnknownWay);
		const mostWorkers = destination.store.landing ? filesFor(most, system.openFiles()) : most;
		return new DirectEngine(copier, {
			mostWorkers,
			clock,
			signal,
			deadline
		});
	}
	/** What writes each object; `reads`: that are downloaded at a time. */
	#writer(reads, sourceObjects, objects) {
		const { facts, request, survey } = this.#deps;
		const { source, destination } = facts;
		const { concurrency, requestTimeoutMs, write } = request.transfer;
		const { clock, signal } = this.#context;
		const limits = new TimeLimits(requestTimeoutMs, signal);
		const deps = {
			source: new SourceObjects({
				bucket: source.bucket,
				objects: sourceObjects,
				capabilities: source.store.capabilities,
				limits,
				link: this.#link,
				onTagsUnreadable: () => this.#onTagsUnreadable()
			}),
			objects,
			bucket: destination.bucket,
			uploads: new Uploads({
				objects,
				capabilities: destination.store.capabilities,
				clock,
				concurrency,
				requestTimeoutMs,
				signal
			}),
			limits,
			options: write,
			ruledKey: (to) => ruledKey(destination, to),
			keepEtags: request.selection.overwrite === "never"
		};
		const streamer = this.#streamer(deps, reads);
		return new ObjectWriter(deps, streamer, {
			streamed: survey.work.streamed,
			isAws: destination.endpoint === void 0,
			capabilities: destination.store.capabilities
		});
	}
	/** What writes objects whose bytes pass through this process. */
	#streamer(deps, reads) {
		const { facts, request } = this.#deps;
		const { source, destination } = facts;
		const { local: files } = source.store;
		const { landing } = destination.store;
		const { partBytes, concurrency } = request.transfer;
		const sums = request.selection.sums !== void 0;
		if (landing) return new Downloader({
			source: deps.source,
			landing,
			memory: createBudget(DOWNLOADED_BYTES),
			reads: createBudget(reads),
			gathered: createBudget(DOWNLOADED_BYTES),
			concurrency,
			partBytes: (size) => uploadPartBytes(partBytes, size),
			sums
		});
		if (!files) return new Streamer(deps, createBudget(STREAMED_BYTES), (size) => this.#partBytes(size), sums);
		return new Uploader(deps, {
			files,
			memory: createBudget(UPLOADED_BYTES),
			md5s: new Md5s(this.#context.clock),
			isAws: destination.endpoint === void 0,
			capabilities: destination.store.capabilities,
			sums
		});
	}
	/** Objects at a time: to start with, and at most. */
	#concurrency(transfer, pass) {
		const { survey, system, facts } = this.#deps;
		const { streamed, memoryBytes, averageBytes } = survey.work;
		const most = facts.source.store.local || facts.destination.store.local ? MOST_FILES : streamed ? workersByMemory(memoryBytes, averageBytes) : MOST_DIRECT;
		const how = facts.destination.store.local ? "downloaded" : streamed ? "streamed" : "copied";
		const bearable = copiesWithin(system.openFiles(), how);
		const workers = (wanted) => passWorkers(Math.min(wanted, bearable), pass);
		return {
			start: workers(survey.workers.value),
			most: workers(transfer.numworkers === "auto" ? most : transfer.numworkers)
		};
	}
	#partBytes(size) {
		const { request, survey } = this.#deps;
		const { sameRegion } = survey.work;
		const bytesPerSecond = this.#link.bytesPerSecond();
		const part = partBytesFor(request.transfer, size, {
			sameRegion,
			bytesPerSecond
		});
		if (part.value < size) this.#counters.cut(part, bytesPerSecond);
		return part.value;
	}
	#onUnknownWay(unknown, way, { code, message }) {
		const { capabilities } = this.#deps.facts.destination.store;
		const ofOne = code === "NoSuchKey" || code === "EntityTooLarge";
		const isNews = ofOne ? !this.#toldOf.has(unknown) : capabilities.lacksWay(unknown);
		this.#toldOf.add(unknown);
		if (!isNews) return;
		const what = ofOne ? UNKNOWN_WAY[unknown].replace("objects", "some objects") : UNKNOWN_WAY[unknown];
		this.#context.log.line("warn", `${what} (${code}: ${message}): ${OTHER_WAY[way]}.`);
	}
	#onTagsUnreadable() {
		if (this.#counters.tagsUnreadable()) this.#context.log.line("warn", TAGS_UNREADABLE);
	}
};

// src/transfer/copy/leftovers.ts
/** Nobody waits longer for what an earlier run left: the next run comes to the rest. */
const TIDYING_MS = 3e4;
/** Who writes the destination. */
const carrierSession = ({ transferPath, destination }, sessions) => transferPath.carrier === destination.store ? sessions.destination : sessions.source;
/** Unfinished uploads of the one who writes, by their keys: those that were found, where a listing of them fails. */
async function uploadsByKey({ facts, log }, arn, signal) {
	const { destination, transferPath } = facts;
	const own = /* @__PURE__ */ new Map();
	try {
		for await (const upload of ownUploads(transferPath.carrier, destination, arn, signal)) {
			const ofKey = own.get(upload.key) ?? [];
			ofKey.push(upload);
			own.set(upload.key, ofKey);
		}
	} catch (error) {
		const { message } = serviceFailure(error);
		log.line("debug", `Not all unfinished multipart uploads could be listed: ${message}`);
	}
	return own;
}
/**
* Aborts what an earlier run left that was killed: unfinished uploads that the same identity began, of
* objects that this plan copies. What others began stays. A service that does not tell who began an
* upload, or an identity that may not look, keeps what there is.
*/
async function abortLeftovers(input) {
	const { facts, sessions, plan, files, timeoutMs, log } = input;
	const signal = AbortSignal.any([input.signal, AbortSignal.timeout(TIDYING_MS)]);
	const arn = carrierSession(facts, sessions)?.facts.arn;
	if (!arn) return;
	try {
		const own = await uploadsByKey(input, arn, signal);
		if (own.size === 0) return;
		const left = [];
		for await (const { to } of readCopies(files, plan)) left.push(...own.get(to) ?? []);
		const failures = await abortAll(left, facts.transferPath.carrier.objects, {
			timeoutMs,
			signal
		});
		const aborted = left.length - failures.length;
		if (aborted > 0) log.line("info", `${humanObjects(aborted, "upload")} left unfinished by an earlier run: aborted.`);
		for (const failure of failures.slice(0, 1)) log.line("warn", `Unfinished multipart uploads could not be aborted: ${serviceFailure(failure).message}`);
	} catch (error) {
		log.line("debug", `Unfinished multipart uploads could not be listed: ${serviceFailure(error).message}`);
	}
}
/**
* Aborts what requests of this run may have begun whose answers were lost: it was asked for again, and its parts would
* cost storage until somebody looks. What cannot be settled is left to the post step, as all of it is behind a cancel.
*/
async function abortUnheardOf(journal, { facts, sessions, timeoutMs, log, signal }) {
	const { begun, unheard } = journal.open();
	if (unheard.length === 0 || signal.aborted) return;
	const arn = carrierSession(facts, sessions)?.facts.arn;
	try {
		const search = {
			store: facts.transferPath.carrier,
			arn,
			known: begun,
			timeoutMs,
			signal: AbortSignal.any([signal, AbortSignal.timeout(TIDYING_MS)])
		};
		const aborted = await abortUnheard(unheard, search);
		journal.settleUnheard();
		if (aborted > 0) log.line("info", `${humanObjects(aborted, "unfinished upload")} whose CreateMultipartUpload response was lost: aborted.`);
	} catch (error) {
		log.line("debug", `Uploads whose CreateMultipartUpload response was lost could not be looked for: ${serviceFailure(error).message}`);
	}
}

// src/s5cmd/command.ts
/** What s5cmd may see of the runner's environment: no home and no PATH, for it looks for nothing else. */
const PASSED_ON = [
	...NETWORK_ENV,
	"AWS_CA_BUNDLE",
	"SYSTEMROOT",
	"TMPDIR",
	"TEMP"
];
/** s5cmd takes nothing but escaped characters in the user and the password of a proxy. */
const spelled = (name, value) => /^https?_proxy$/i.test(name) && URL.canParse(value) ? new URL(value).href : value;
/** What s5cmd is told of its service; it looks for nothing else. */
const serviceEnv = ({ region, variant }) => ({
	AWS_REGION: region,
	AWS_S3_US_EAST_1_REGIONAL_ENDPOINT: "regional",
	...variant.fips ? { AWS_USE_FIPS_ENDPOINT: "true" } : {},
	...variant.dualstack ? { AWS_USE_DUALSTACK_ENDPOINT: "true" } : {}
});
function environment(rules, credentials, outside) {
	const passed = Object.entries(passOn(outside, PASSED_ON)).map(([name, value]) => [name, spelled(name, value)]);
	const { accessKeyId, secretAccessKey, sessionToken } = credentials;
	return {
		...Object.fromEntries(passed),
		AWS_ACCESS_KEY_ID: accessKeyId,
		AWS_SECRET_ACCESS_KEY: secretAccessKey,
		...sessionToken ? { AWS_SESSION_TOKEN: sessionToken } : {},
		...serviceEnv(rules.service),
		GOGC: "200",
		AWS_EC2_METADATA_DISABLED: "true",
		AWS_SDK_LOAD_CONFIG: "0"
	};
}
/** The s5cmd process of a run: lines on stdin, JSON out, credentials by environment only. */
function s5cmdProcess(rules, credentials, outside) {
	const { endpoint: url } = rules.service;
	const endpoint = url ? ["--endpoint-url", url] : [];
	const payer = rules.requestPayer ? ["--request-payer", rules.requestPayer] : [];
	return {
		command: rules.path,
		args: [
			"--json",
			"--log",
			"debug",
			"--numworkers",
			String(rules.workers),
			"--retry-count",
			String(rules.retryCount),
			...endpoint,
			...payer,
			"run"
		],
		env: environment(rules, credentials, outside)
	};
}

// src/s5cmd/quote.ts
/** A word of a batch line as s5cmd's splitter reads it back: all characters are literal in single quotes. */
const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

// src/s5cmd/line.ts
/** The two addresses of a copy. */
const addresses = ({ key, to }, { source, destination }) => ({
	from: s3Url(source.bucket, key),
	to: s3Url(destination.bucket, to)
});
const META = "x-amz-meta-";
/** A header as s5cmd takes it. */
const headerFlag = ([name, value]) => name.startsWith(META) ? ["--metadata", `${name.slice(11)}=${value}`] : [`--${name}`, value];
/** What describes the object in place of all that the source says: `--cache-control`, … and `--metadata`. */
const metadataFlags = ({ metadata, headers }) => {
	const all = {
		...metadata ? metadataHeaders(metadata) : {},
		...headers
	};
	return [["--metadata-directive", "REPLACE"], ...Object.entries(all).map(headerFlag)];
};
/** The flags of a line whose object is written so. */
function lineFlags({ metadataDirective, options }) {
	const kept = metadataDirective ? [["--metadata-directive", "COPY"]] : [];
	return ["--raw", ...[
		...options.metadata ? metadataFlags(options) : kept,
		["--storage-class", options.storageClass],
		["--sse", options.sse],
		["--sse-kms-key-id", options.sseKmsKeyId],
		["--acl", options.acl]
	].flatMap(([name, value]) => value === void 0 ? [] : [name, /^[\w:-]+$/.test(value) ? value : quote(value)])].join(" ");
}
/** The flags of the last line of a run: they are those of the next one as well, where no rule takes it. */
const lastFlags = /* @__PURE__ */ new WeakMap();
function flagsFor({ to }, rules) {
	const { destination, options, metadataDirective } = rules;
	const own = optionsFor(options, ruledKey(destination, to));
	const last = lastFlags.get(rules);
	if (last?.of === own) return last.flags;
	const flags = lineFlags({
		metadataDirective,
		options: own
	});
	lastFlags.set(rules, {
		of: own,
		flags
	});
	return flags;
}
/** The line of a copy in an `s5cmd run` file, without its newline. */
function copyLine(op, rules) {
	const { from, to } = addresses(op, rules);
	const version = op.versionId === void 0 ? "" : ` --version-id ${quote(op.versionId)}`;
	return `cp ${flagsFor(op, rules)}${version} ${quote(from)} ${quote(to)}`;
}

// src/s5cmd/flights.ts
/** An empty table of flights. */
function createFlights({ window, clock, onEnded }) {
	const flights = /* @__PURE__ */ new Map();
	let wake = () => {};
	const end = ({ op, batch, sinceMs }, ending) => onEnded({
		op,
		batch,
		ending,
		tookMs: clock.now() - sinceMs
	});
	return {
		size: () => flights.size,
		room: async () => {
			if (flights.size < window) return;
			await new Promise((resolve) => {
				wake = resolve;
			});
		},
		none: async () => {
			while (flights.size > 0) await new Promise((resolve) => {
				wake = resolve;
			});
		},
		wake: () => wake(),
		add: (flight) => {
			if (flights.has(flight.job)) return false;
			flights.set(flight.job, {
				...flight,
				sinceMs: clock.now()
			});
			return true;
		},
		settle: (job, ending) => {
			const flight = flights.get(job);
			if (!flight) return false;
			flights.delete(job);
			end(flight, ending);
			wake();
			return true;
		},
		settleAll: (ending) => {
			const left = flights.size;
			for (const flight of flights.values()) end(flight, ending);
			flights.clear();
			wake();
			return left;
		},
		longestLimitMs: (requestTimeoutMs) => Math.max(0, ...[...flights.values()].map(({ op }) => copyLimitMs(op.op.size, requestTimeoutMs)))
	};
}

// src/s5cmd/log.ts
function parsed(text) {
	try {
		const line = JSON.parse(text);
		return typeof line === "object" && line !== null ? line : void 0;
	} catch {
		return;
	}
}
/** Enough for two keys of the longest kind and what s5cmd says of them. */
const LONG_LINE_CHARS = 65536;
/** Reads a line; one with an error text without end was cut off within that, and what stands before it is whole. */
function parse(text) {
	const whole = parsed(text);
	if (whole || text.length <= LONG_LINE_CHARS) return whole;
	const begun = text.slice(0, LONG_LINE_CHARS).replace(/\\(u[0-9a-f]{0,3})?$/, "");
	return parsed(`${begun}"}`) ?? parsed(`${begun}\\"}`);
}
const WORDS = [
	[/: x509: /, "UntrustedCertificate"],
	[/^Forbidden:/, "AccessDenied"],
	[/^NotFound:/, "NoSuchKey"],
	[/^([A-Z][A-Za-z0-9._-]{1,63})(?::|$)/, ""],
	[/larger than the maximum allowable size/, "EntityTooLarge"],
	[/status code: 403/, "AccessDenied"],
	[/status code: 404/, "NoSuchKey"],
	[/status code: 503/, "ServiceUnavailable"],
	[/too many open files|connection (reset|refused)|no such host|time(d )?out/i, "RequestError"],
	[/only one usage of each socket address|lacked sufficient buffer space|can't assign requested address/i, "RequestError"]
];
/** The S3 code in an error text of s5cmd; its first word, where that is one. */
function codeOf(error) {
	for (const [pattern, code] of WORDS) {
		const match = pattern.exec(error);
		const named = match?.[1] ?? "";
		if (match) return code || (isOwnCode(named) ? "Unnamed" : named);
	}
	return "Unnamed";
}
/** The answer's status, where s5cmd names it. */
function statusOf(error) {
	const [, status] = /status code: (\d{3})/.exec(error) ?? [];
	return status === void 0 ? void 0 : Number(status);
}
const UNREADABLE = /^SerializationError: /;
/** What an error text says. What s5cmd cannot read it shows byte by byte: mostly that is no XML. */
function failureIn(error, httpStatus) {
	if (!UNREADABLE.test(error)) return {
		code: codeOf(error),
		message: shortened(error),
		mayStand: false
	};
	if (httpStatus === void 0 || httpStatus < 300) return {
		code: codeOf(error),
		message: shortened(error),
		mayStand: true
	};
	const message = ofPage(httpStatus);
	return {
		code: codeByStatus(httpStatus),
		message,
		mayStand: httpStatus >= 500
	};
}
/** `cp --raw=true s3://a s3://b` and `cp s3://a s3://b` alike: what stands behind the flags. */
const jobOf = (command) => command.slice(Math.max(command.indexOf("s3://"), 0));
/** Reads one line of `s5cmd --json --log debug run`; never throws, whatever the line is. */
function readLogLine(text) {
	const line = parse(text);
	const other = {
		kind: "other",
		text
	};
	if (!line) return other;
	const { operation, success, source, destination, command, error } = line;
	if (operation === "cp" && success === true) return typeof source === "string" && typeof destination === "string" ? {
		kind: "done",
		job: `${source} ${destination}`
	} : other;
	if (typeof error !== "string") return other;
	if (operation === "cp" && typeof command === "string") {
		const httpStatus = statusOf(error);
		return {
			kind: "failed",
			job: jobOf(command),
			...failureIn(error, httpStatus),
			httpStatus
		};
	}
	const [, retried] = /^retryable error: ?(.*)$/s.exec(error) ?? [];
	return retried === void 0 ? other : {
		kind: "retry",
		code: codeOf(retried),
		message: shortened(error)
	};
}

// src/s5cmd/worker.ts
const WATCH_MS = 1e3;
const RETRY_PATIENCE_MS = 3e5;
const LOST = {
	status: "unknown",
	code: "EngineLost",
	message: "s5cmd exited without reporting a result for this object."
};
/** One s5cmd process that is fed line by line. */
var Worker = class {
	#launch;
	#window;
	#deps;
	#flights;
	#child;
	#gone;
	#exited = new AbortController();
	#fed = 0;
	#heard = 0;
	#hasExpired = false;
	#hasRetried = false;
	/** Why it was ended; undefined: it was not. */
	#stopped;
	#lost = 0;
	/** When it last told of an op, or was given its first one. */
	#heardAtMs;
	/** Starts the process. `window`: ops that may be in it at a time, waiting ones included. */
	constructor(launch, window, onEnded, deps) {
		const { processes, clock } = deps;
		this.#launch = launch;
		this.#window = window;
		this.#deps = deps;
		this.#flights = createFlights({
			window,
			clock,
			onEnded
		});
		this.#heardAtMs = clock.now();
		this.#child = processes.spawn(launch.spec, (_stream, line) => this.#read(line));
		this.#gone = this.#child.exit.then(() => {
			const left = this.#flights.settleAll(this.#stopped ?? LOST);
			if (!this.#stopped) this.#lost = left;
			this.#exited.abort();
		});
		this.#watch();
	}
	/** Lines fed. */
	get fed() {
		return this.#fed;
	}
	/** Ops that ended by a line of s5cmd's. */
	get heard() {
		return this.#heard;
	}
	/** It said that its credentials ran out. */
	get hasExpired() {
		return this.#hasExpired;
	}
	/** Ops that it left unsettled, uncalled for. */
	get lost() {
		return this.#lost;
	}
	/** Settles when the process is gone, whyever. */
	get gone() {
		return this.#gone;
	}
	/** Hands an op over, when there is room; false when it was not taken. */
	async feed(flight) {
		while (this.#isOpen && this.#flights.size() >= this.#window) await this.#flights.room();
		if (!this.#isOpen || !this.#flights.add(flight)) return false;
		if (this.#flights.size() === 1) this.#heardAtMs = this.#deps.clock.now();
		this.#fed++;
		await this.#child.write(`${flight.line}\n`);
		return true;
	}
	/** Settles when all that it was given has ended; gives whether it waits for more: else it is gone, or about to go. */
	async rest() {
		await this.#flights.none();
		return this.#isOpen;
	}
	/** Ends the input; settles when the process is gone. */
	finish() {
		this.#child.endInput();
		return this.#gone;
	}
	/** Ends the input and the process, as `why` says of what is not settled: SIGTERM at once, SIGKILL after 4 s. Settles when it is gone. */
	async stop(why) {
		this.#stopped ??= why;
		this.#flights.wake();
		this.#child.endInput();
		this.#child.kill("SIGTERM");
		await this.#deps.clock.sleep(SHUTDOWN_MS.engines, this.#exited.signal);
		if (!this.#isGone) this.#child.kill("SIGKILL");
		return this.#gone;
	}
	get #isGone() {
		return this.#exited.signal.aborted;
	}
	get #isOpen() {
		return !this.#isGone && !this.#stopped;
	}
	#read(line) {
		const { workers, events, clock } = this.#deps;
		const event = readLogLine(line);
		if (event.kind === "done") {
			this.#settle(event.job, { status: "done" });
			workers.copied();
		} else if (event.kind === "failed") {
			const { expiresAtMs, onExpired } = this.#launch;
			const expired = hasExpired(event.code, expiresAtMs, clock.now());
			if (expired && !this.#hasExpired) onExpired();
			this.#hasExpired ||= expired;
			const code = expired ? "ExpiredToken" : event.code;
			const { message, httpStatus } = event;
			if (event.mayStand) this.#settle(event.job, {
				status: "unknown",
				code,
				message
			});
			else this.#settle(event.job, {
				status: "failed",
				code,
				message,
				httpStatus
			});
		} else if (event.kind === "retry") {
			this.#hasRetried = true;
			if (isThrottling(event.code)) workers.throttled();
			events.retry();
		} else events.other(event.text);
	}
	#settle(job, ending) {
		if (!this.#flights.settle(job, ending)) {
			this.#deps.events.other(`s5cmd reported an object that was not in its input: ${job}`);
			return;
		}
		this.#heard++;
		this.#heardAtMs = this.#deps.clock.now();
	}
	/** Ends a process that has been silent for longer than any of its ops may take: s5cmd has no timeout. */
	async #watch() {
		const { clock, requestTimeoutMs } = this.#deps;
		while (!this.#isGone) {
			await clock.sleep(WATCH_MS, this.#exited.signal);
			if (this.#flights.size() === 0) continue;
			const patienceMs = this.#flights.longestLimitMs(requestTimeoutMs) + (this.#hasRetried ? RETRY_PATIENCE_MS : 0);
			if (clock.now() - this.#heardAtMs > patienceMs) this.#child.kill("SIGKILL");
		}
	}
};

// src/s5cmd/relay.ts
const LINES_PER_PROCESS = 1e4;
const FEEDING_MS = 6e5;
/** Lines that wait in a process beyond one for each worker, so that it never runs dry. */
const SPARE = 16;
/** Processes in a row that die without settling a single op, before no more are started. */
const BARREN_LIMIT = 3;
/** Processes that drain at a time; more would multiply the load on S3. */
const DRAINING_LIMIT = 1;
const stopped = (code, message) => ({
	status: "unknown",
	code,
	message
});
/** Processes one after the other, as ops come; each starts while the one before it drains, so that there is no gap. */
var Relay = class {
	#deps;
	#share;
	#onEnded;
	#draining = /* @__PURE__ */ new Set();
	/** Processes that died one after the other without settling anything. */
	#barren = 0;
	#isWorthIt = true;
	#running;
	/** Why no process takes ops any more. */
	#dead;
	/** `share`: objects at a time of a process that is started now. */
	constructor(deps, share, onEnded) {
		this.#deps = deps;
		this.#share = share;
		this.#onEnded = onEnded;
	}
	/** Takes ops again that are told of elsewhere, with another share. */
	resume(share, onEnded) {
		this.#share = share;
		this.#onEnded = onEnded;
	}
	/** Settles when all that it was given has ended; a process stays open for more. */
	async rest() {
		const running = this.#running;
		if (running && !await running.worker.rest()) {
			this.#running = void 0;
			this.#retire(running);
		}
		await Promise.all(this.#draining);
	}
	/** Hands an op to a process; gives why no process takes it any more. */
	async feed(flight) {
		while (!this.#dead && !this.#deps.signal.aborted) {
			const running = await this.#current();
			if (!running) break;
			if (await running.worker.feed(flight)) return void 0;
			this.#running = void 0;
			await this.#retire(running);
			if (!this.#isWorthIt || this.#barren >= BARREN_LIMIT) this.#dead = stopped("EngineLost", "s5cmd exited unexpectedly several times; it was not started again.");
		}
		return this.#dead ?? stoppedBy(this.#deps.signal);
	}
	/** Settles when all processes are gone. */
	async end() {
		if (this.#running) this.#retire(this.#running);
		this.#running = void 0;
		await Promise.all(this.#draining);
	}
	async #current() {
		if (this.#running && this.#isWorn(this.#running)) {
			this.#retire(this.#running);
			this.#running = void 0;
			while (this.#draining.size > DRAINING_LIMIT) await Promise.race(this.#draining);
		}
		try {
			this.#running ??= await this.#start();
		} catch (error) {
			if (!this.#deps.signal.aborted) this.#dead = stopped("CredentialsLost", serviceFailure(error).message);
		}
		return this.#running;
	}
	#isWorn({ worker, workers, startedAtMs, dueAtMs }) {
		const { clock } = this.#deps;
		const nowMs = clock.now();
		return worker.fed >= LINES_PER_PROCESS || worker.hasExpired || workers !== this.#share() || nowMs - startedAtMs >= FEEDING_MS || dueAtMs !== void 0 && nowMs >= dueAtMs;
	}
	async #start() {
		const { launch, workers: count, processes, clock, requestTimeoutMs, signal, events } = this.#deps;
		const workers = Math.max(1, this.#share());
		const next = await launch(workers);
		const window = workers === 1 ? 1 : 2 * workers + SPARE;
		events.process();
		const worker = new Worker(next, window, (ended) => this.#onEnded(ended), {
			processes,
			clock,
			requestTimeoutMs,
			workers: count,
			events
		});
		const stop = () => void worker.stop(stoppedBy(signal));
		signal.addEventListener("abort", stop, { once: true });
		worker.gone.then(() => signal.removeEventListener("abort", stop));
		if (signal.aborted) stop();
		return {
			worker,
			workers,
			startedAtMs: clock.now(),
			dueAtMs: next.dueAtMs
		};
	}
	/** Lets a process drain, and keeps count of those that died without settling anything. */
	#retire({ worker }) {
		const drained = worker.finish().then(() => {
			this.#draining.delete(drained);
			if (worker.lost === 0) return;
			this.#isWorthIt = this.#deps.events.crash() && this.#isWorthIt;
			this.#barren = worker.heard > 0 ? 0 : this.#barren + 1;
		});
		this.#draining.add(drained);
		return drained;
	}
};

// src/s5cmd/workers.ts
/** Workers and copies that are worth a process of their own, and processes at a time at most. */
const WORKERS_OF_A_PROCESS = 12;
const COPIES_OF_A_PROCESS = 250;
const MOST_PROCESSES = 4;
/**
* Processes that so many workers are shared out to. s5cmd keeps two idle connections for a host, so most of its copies open
* one of their own; several processes keep more (`npm run bench:s5cmd-processes`).
*/
const processesFor = (workers, copies) => Math.max(1, Math.min(MOST_PROCESSES, Math.floor(workers / WORKERS_OF_A_PROCESS), Math.floor(copies / COPIES_OF_A_PROCESS)));
/** The workers of process `at` of `processes` that share `workers`. */
const shareOf = (workers, at, processes) => Math.floor((workers + processes - 1 - at) / processes);
const CUT = .7;
/** Requests of the old number are still refused for a while. */
const PAUSE_MS = 5e3;
const WINDOW_MS = 1e4;
const RISE = 1.5;
/** More workers that do not copy so much more only cost connections. */
const WORTH_IT = 1.1;
/** A number that is lowered when the service asks for it, and raised as long as that pays. */
function createWorkerCount({ start, most, clock, onLowered }) {
	let count = Math.min(start, most);
	let windowAtMs = clock.now();
	let copies = 0;
	let bestPerMs = 0;
	let loweredAtMs = Number.NEGATIVE_INFINITY;
	function closeWindow(nowMs) {
		const perMs = copies / (nowMs - windowAtMs);
		if (nowMs - loweredAtMs >= WINDOW_MS && perMs > bestPerMs * WORTH_IT) {
			bestPerMs = perMs;
			count = Math.min(most, Math.ceil(count * RISE));
		}
		windowAtMs = nowMs;
		copies = 0;
	}
	return {
		count: () => count,
		throttled: () => {
			const nowMs = clock.now();
			if (nowMs - loweredAtMs < PAUSE_MS) return;
			count = Math.max(1, Math.floor(count * CUT));
			loweredAtMs = nowMs;
			windowAtMs = nowMs;
			copies = 0;
			bestPerMs = 0;
			onLowered();
		},
		copied: () => {
			copies++;
			const nowMs = clock.now();
			if (nowMs - windowAtMs >= WINDOW_MS) closeWindow(nowMs);
		}
	};
}

// src/s5cmd/engine.ts
/** The engine that feeds real s5cmd processes with its share of the ops: some at a time, each takes what comes next. */
var S5cmdEngine = class {
	name = "s5cmd";
	#share;
	#deps;
	/** Chains of processes that stayed open. */
	#resting = [];
	constructor(share, deps) {
		this.#share = share;
		this.#deps = deps;
	}
	takes({ engine, op }) {
		const share = this.#share;
		return engine === "s5cmd" && (share === "all" || sizeClassOf(op.size) === share);
	}
	async run(next, onEnded) {
		const { relay: deps, copies, lineRules, onBatch } = this.#deps;
		const queue = {
			ops: opsOf(),
			stopped: void 0
		};
		async function* opsOf() {
			for (let batch = await next(); batch; batch = queue.stopped ? void 0 : await next()) {
				const lines = batch.ops.map(({ op }) => copyLine(op, lineRules));
				await onBatch(batch, lines);
				for (const [at, op] of batch.ops.entries()) yield {
					op,
					batch,
					line: lines[at] ?? ""
				};
			}
		}
		const { workers } = deps;
		const resting = this.#resting;
		this.#resting = [];
		const chains = resting.length || processesFor(workers.count(), copies);
		const open = Array.from({ length: chains }, (_, at) => at);
		const feeds = open.map(async (at) => {
			const share = () => shareOf(workers.count(), open.indexOf(at), open.length);
			const relay = resting[at] ?? new Relay(deps, share, onEnded);
			relay.resume(share, onEnded);
			const rests = await this.#feed(relay, share, queue, onEnded);
			open.splice(open.indexOf(at), 1);
			return rests ? [relay] : [];
		});
		const ends = await Promise.allSettled(feeds);
		this.#resting = ends.flatMap((end) => end.status === "fulfilled" ? end.value : []);
		for (const end of ends) if (end.status === "rejected") throw end.reason;
		return queue.stopped;
	}
	/** Ends the processes that stayed open; settles when they are gone. */
	async close() {
		await Promise.all(this.#resting.splice(0).map((relay) => relay.end()));
	}
	/** Feeds one chain of processes, until there is nothing more or its share of the workers is none; gives whether it stays open. */
	async #feed(relay, share, queue, onEnded) {
		const { throttle, ends, staysOpen } = this.#deps;
		let rests = false;
		try {
			while (share() > 0) {
				const { value, done } = await queue.ops.next();
				rests = done === true && !queue.stopped && staysOpen();
				if (done) break;
				const { op, batch } = value;
				const turn = queue.stopped ? void 0 : throttle(op.op.size);
				if (turn) await turn;
				queue.stopped ??= stopOf(ends);
				const stopped = queue.stopped ?? await relay.feed(this.#flightOf(value));
				queue.stopped ??= stopped;
				if (stopped) onEnded({
					op,
					batch,
					ending: stopped,
					untried: true
				});
			}
		} finally {
			await (rests ? relay.rest() : relay.end());
		}
		return rests;
	}
	#flightOf({ op, batch, line }) {
		const { from, to } = addresses(op.op, this.#deps.lineRules);
		return {
			op,
			batch,
			job: `${from} ${to}`,
			line
		};
	}
};

// src/transfer/copy/s5cmd-engines.ts
/** Objects in parallel of one s5cmd process at most: it has no use for more. */
const MOST_S5CMD = 256;
const CRASHES = 2;
/** The s5cmd engines of each pass: a chain of processes for each size class. */
var S5cmdEngines = class {
	#context;
	#counters;
	#throttle;
	#deps;
	/** Those of every wave's first pass. */
	#first;
	/** Whether another wave follows, so that the processes of a first pass stay open. */
	#goesOn = false;
	constructor(context, counters, throttle, deps) {
		this.#context = context;
		this.#counters = counters;
		this.#throttle = throttle;
		this.#deps = deps;
	}
	/** Whether s5cmd crashed so often that the direct engine carries what is left. */
	get isGivenUp() {
		return this.#deps.transfer.engine === "auto" && this.#counters.crashes >= CRASHES;
	}
	/** Those of a pass, 0 being the first; a number of workers that was asked for is not shared out. */
	ofPass(pass) {
		if (pass > 0) return this.#enginesOf(pass);
		this.#first ??= this.#enginesOf(pass);
		return this.#first;
	}
	/** A wave begins; behind the last one no process stays open. */
	begin({ goesOn }) {
		this.#goesOn = goesOn;
	}
	/** Ends the processes that stayed open; settles when they are gone. */
	async close() {
		await Promise.all((this.#first ?? []).map((engine) => engine.close()));
	}
	#enginesOf(pass) {
		const { transfer, survey } = this.#deps;
		return (transfer.numworkers === "auto" ? [...survey.s5cmdClasses] : ["all"]).map((share) => this.#engineOf(share, pass));
	}
	#engineOf(share, pass) {
		const { transfer, survey, lineRules, ports, onBatch } = this.#deps;
		const { clock, signal } = this.#context;
		const wanted = share === "all" ? survey.workers.value : WORKERS[share];
		const workers = this.#workerCount(passWorkers(wanted, pass));
		const { count: now, throttled: lower } = workers;
		this.#counters.begin({
			name: `s5cmd ${share}`,
			initial: now(),
			now,
			lower
		});
		const relay = {
			launch: (workers) => this.#launch(workers),
			workers,
			requestTimeoutMs: transfer.requestTimeoutMs,
			processes: ports.processes,
			clock,
			signal,
			events: this.#events()
		};
		const throttle = this.#throttle;
		return new S5cmdEngine(share, {
			relay,
			lineRules,
			copies: survey.ops.s5cmd,
			throttle,
			ends: this.#context,
			onBatch,
			staysOpen: () => pass === 0 && this.#goesOn
		});
	}
	#workerCount(wanted) {
		const { transfer, ports } = this.#deps;
		const bearable = workersWithin(ports.system.openFiles());
		const start = Math.min(wanted, bearable);
		return createWorkerCount({
			start,
			most: transfer.numworkers === "auto" ? Math.min(MOST_S5CMD, bearable) : start,
			clock: this.#context.clock,
			onLowered: () => this.#counters.slowdown()
		});
	}
	async #launch(workers) {
		const { path, session, service, transfer, ports } = this.#deps;
		const { retryCount, requestPayer } = transfer;
		const credentials = await orAborted(this.#context.signal, session.credentials());
		return {
			spec: s5cmdProcess({
				path,
				service,
				workers,
				retryCount,
				requestPayer
			}, credentials, ports.host.env),
			dueAtMs: session.refreshAtMs(),
			expiresAtMs: credentials.expiresAtMs,
			onExpired: () => session.reject(credentials)
		};
	}
	#events() {
		const { log } = this.#context;
		const { host } = this.#deps.ports;
		return {
			process: () => this.#counters.process(),
			crash: () => {
				this.#counters.crash();
				log.line("warn", "s5cmd exited unexpectedly; its unfinished objects are checked and retried.");
				return !this.isGivenUp;
			},
			retry: () => this.#counters.requestRetry(),
			other: (text) => log.line("debug", `s5cmd: ${host.hide(text).slice(0, 500)}`)
		};
	}
};

// src/transfer/copy/standing.ts
/** The end of a copy that nothing was heard of, where it stands at the destination all the same. Throws what the look throws. */
async function standingCopy({ op, engine, batchBeganMs }, look, signal) {
	const { etag, size, toEtag: stood } = op;
	const found = await look(op.to, signal);
	return found && holds({
		etag,
		size,
		stood,
		batchBeganMs,
		oneRequest: engine === "s5cmd"
	}, found) ? {
		status: "done",
		etag: found.etag
	} : void 0;
}

// src/transfer/copy/engines.ts
/** The destination's clock. It has been listed, so that its time is known. */
function serverTime({ destination }) {
	const ms = destination.store.serverTimeMs();
	if (ms !== void 0) return ms;
	throw new SyncError("copy", "The destination sends no Date header, so copies cannot be verified.", { hint: "Check the service or the proxy in front of it, or set verify: outcomes." });
}
const refusalOf = ({ code = "", message = "" }) => code === "AccessDenied" ? "A policy of the destination denies requests of s5cmd, perhaps because it requires conditional writes (s3:if-none-match, s3:if-match): using the direct engine, which sends them." : `The service rejects requests of s5cmd (${code}: ${bareMessage(code, message)}): using the direct engine.`;
function openJournal({ facts, sessions, paths, ports }) {
	const { endpoint, region, variant } = facts.destination;
	const by = carrierSession(facts, sessions) === sessions.destination ? "destination" : "source";
	const trace = {
		path: paths.uploads,
		endpoint,
		region,
		variant,
		by
	};
	return journaled(facts.transferPath.carrier.objects, {
		files: ports.files,
		path: paths.uploads,
		onFirst: () => ports.host.saveState(paths.uploadsState, JSON.stringify(trace))
	});
}
/**
* What carries the copies of a plan out. All of its waves have the same: what is found out of a service, and the
* processes of s5cmd, stay from wave to wave.
*/
var CopyEngines = class {
	#context;
	#deps;
	#journal;
	#counters = new Counters();
	#s5cmd;
	#direct;
	#packRules;
	#look;
	#batches = 0;
	/** Objects that s5cmd was refused, and the direct engine may carry. */
	#refusals = 0;
	#isReady = false;
	/** `context`: that of every wave. */
	constructor(context, deps) {
		const { survey, facts, sessions, toolchain, request, paths, ports } = deps;
		const { source, destination } = facts;
		const { transfer } = request;
		const { clock, budget, signal, deadline } = context;
		const throttle = budget.throttle({
			clock,
			signal: AbortSignal.any([signal, deadline])
		});
		const { metadataDirective = false } = toolchain ?? {};
		const lineRules = {
			source,
			destination,
			metadataDirective,
			options: transfer.write
		};
		const place = {
			files: ports.files,
			folder: paths.batches,
			startedAtMs: clock.now()
		};
		this.#context = context;
		this.#deps = deps;
		this.#journal = openJournal(deps);
		this.#look = looker(destination.store, destination.bucket);
		this.#packRules = {
			opsPerBatch: (sizeClass) => batchOps(transfer, sizeClass, survey.work.classes).value,
			nextId: () => ++this.#batches,
			serverTimeMs: () => serverTime(facts)
		};
		this.#s5cmd = new S5cmdEngines(context, this.#counters, throttle, {
			path: toolchain?.path ?? "",
			session: sessions.destination,
			service: serviceOf(destination),
			transfer,
			survey,
			lineRules,
			ports,
			onBatch: async (batch, lines) => {
				await writeBatchFile(batch, lines, place);
			}
		});
		this.#direct = new DirectEngines(context, this.#counters, throttle, {
			facts,
			request,
			survey,
			system: ports.system,
			objects: this.#journal.objects
		});
	}
	/** Before a wave; behind the last one nothing stays open. Before the first what an earlier run left is aborted. */
	async ready({ goesOn }) {
		this.#s5cmd.begin({ goesOn });
		if (this.#isReady) return;
		this.#isReady = true;
		const { plan, survey, facts, sessions, request, paths, ports } = this.#deps;
		const { files } = ports;
		const { log, signal } = this.#context;
		await files.makeFolder(paths.batches);
		const timeoutMs = request.transfer.requestTimeoutMs;
		await abortLeftovers({
			facts,
			sessions,
			plan,
			files,
			timeoutMs,
			log,
			signal
		});
		if (survey.conflicts > 0) log.line("warn", "overwrite: never forbids some copies of the plan: nothing is copied.");
	}
	/** Closes what stayed open, and aborts uploads that nobody knows the id of. */
	async close() {
		await this.#s5cmd.close();
		const { facts, sessions, request } = this.#deps;
		const { log, signal } = this.#context;
		const timeoutMs = request.transfer.requestTimeoutMs;
		await abortUnheardOf(this.#journal, {
			facts,
			sessions,
			timeoutMs,
			log,
			signal
		});
		await this.#journal.close();
	}
	/** Those of a pass, 0 being the first, that the plan has work for. */
	ofPass(pass) {
		const { ops } = this.#deps.survey;
		const { isGivenUp } = this;
		return [...ops.s5cmd > 0 && !isGivenUp ? this.#s5cmd.ofPass(pass) : [], ...ops.direct > 0 || isGivenUp || this.#refusals > 0 ? [this.#direct.ofPass(pass)] : []];
	}
	/** Says of copies which engine carries each, as things stand now. */
	router() {
		const { routes } = this.#deps.survey;
		const { isGivenUp } = this;
		return (op) => {
			const route = routeToDirect(op, routes);
			if (route) return {
				op,
				engine: "direct",
				route,
				attempts: 0
			};
			return isGivenUp ? {
				op,
				engine: "direct",
				route: "s5cmd-crashed",
				attempts: 0
			} : {
				op,
				engine: "s5cmd",
				attempts: 0
			};
		};
	}
	/** Packs copies into batches of one engine each. */
	pack(ops) {
		return pack(ops, this.#packRules);
	}
	/** What stands at the destination from now on may be the work of a batch that waited. */
	handedOver({ id, engine, sizeClass, ops, bytes }) {
		return {
			id,
			engine,
			sizeClass,
			ops,
			bytes,
			beganMs: this.#packRules.serverTimeMs()
		};
	}
	/** Whether s5cmd crashed so often that the direct engine carries what is left. */
	get isGivenUp() {
		return this.#s5cmd.isGivenUp;
	}
	/** Whether the direct engine may carry what s5cmd was refused. */
	goesDirect(outcome) {
		const { request, facts } = this.#deps;
		if (!mayGoDirect(outcome, request.transfer, facts.destination)) return false;
		if (this.#refusals === 0) this.#context.log.line("warn", refusalOf(outcome));
		this.#refusals++;
		return true;
	}
	/** The end of a copy that nothing was heard of, where it stands at the destination. Throws what the look throws. */
	lookUp(outcome, signal) {
		return standingCopy(outcome, this.#look, signal);
	}
	/** Bytes that the direct engine moved so far, those of unfinished objects included. */
	get movedBytes() {
		return this.#counters.movedBytes;
	}
	/** Lets less be copied at a time. */
	lower() {
		this.#counters.lower();
	}
	/** What all waves came to so far; `extraPasses` is told by the caller. */
	facts(extraPasses) {
		const { toolchain, request, survey } = this.#deps;
		const { classes } = survey.work;
		return {
			...this.#counters.counted(),
			used: this.isGivenUp || this.#refusals > 0 ? ["s5cmd", "direct"] : survey.engines,
			toolchain,
			extraPasses,
			batches: this.#batches,
			numworkers: survey.workers.value,
			workersRule: survey.workers.rule,
			batchOps: Object.fromEntries([...classes].map((sizeClass) => [sizeClass, batchOps(request.transfer, sizeClass, classes)]))
		};
	}
};

// src/transfer/copy/wave.ts
/** Both together, the second one behind the first. */
const addExecution = (first, next) => first ? {
	results: {
		path: next.results.path,
		count: first.results.count + next.results.count
	},
	claims: [...first.claims, ...next.claims],
	done: first.done + next.done,
	engine: {
		...next.engine,
		extraPasses: first.engine.extraPasses + next.engine.extraPasses
	},
	peakBytesPerSecond: Math.max(first.peakBytesPerSecond, next.peakBytesPerSecond)
} : next;
/** The waves of a plan's copies, and what carries them out: it is opened once. */
var PlanCopies = class {
	#deps;
	#engines;
	constructor(deps) {
		this.#deps = deps;
	}
	/** Those that have copies, in their order. A plan without waves is one. */
	get waves() {
		const full = fullWaves(this.#deps.plan);
		return full.map((waves, at) => this.#wave(waves, full[at + 1]?.first));
	}
	/** All waves from one on: they are held back together. */
	from(first) {
		const last = (this.#deps.plan.trailer.waves?.length ?? 1) - 1;
		return this.#wave({
			first,
			last
		}, void 0);
	}
	/** All of them, when none may begin. */
	get whole() {
		return this.#wave(void 0, void 0);
	}
	#wave(waves, next) {
		const engines = (context) => {
			this.#engines ??= new CopyEngines(context, this.#deps);
			return this.#engines;
		};
		return new CopyWave(this.#deps, {
			waves,
			next,
			engines
		});
	}
};
/** Copies of a plan that are made together. */
var CopyWave = class {
	stage = "copy";
	#deps;
	#place;
	constructor(deps, place) {
		this.#deps = deps;
		this.#place = place;
	}
	/** undefined: all copies of the plan. */
	get waves() {
		return this.#place.waves;
	}
	/** The wave that follows; undefined: it is the last one with copies. */
	get next() {
		return this.#place.next;
	}
	get goal() {
		const { plan } = this.#deps;
		const { waves } = this.#place;
		const skipped = waves && waves.first > 0 ? 0 : skippedBy(plan.trailer.reasons).objects;
		return {
			planned: copiesIn(plan, waves),
			skipped
		};
	}
	async begin(cleared, context) {
		const { waves, next, engines: open } = this.#place;
		const goesOn = cleared && next !== void 0;
		const engines = open(context);
		if (cleared) await engines.ready({ goesOn });
		const held = cleared ? void 0 : this.#heldBy(context);
		return new CopyWork(this.#deps, {
			engines,
			held,
			waves,
			goesOn
		});
	}
	/** Why nothing of it is begun. */
	#heldBy(context) {
		const stop = stopOf(context);
		if (stop && endsRun(stop)) return stop;
		const { objects } = this.goal.planned;
		context.log.line("warn", `${humanObjects(objects)} not started, because not every object of earlier waves or transfers is copied and verified.`);
		return WAVE_HELD_BACK;
	}
};
var CopyWork = class {
	#deps;
	#engines;
	#work;
	constructor(deps, work) {
		this.#deps = deps;
		this.#engines = work.engines;
		this.#work = work;
	}
	async *settled() {
		const { plan, survey, ports } = this.#deps;
		const { held, waves } = this.#work;
		for await (const line of readOutdated(ports.files, plan, "copy", waves)) {
			const { outdated: _why, standing: _etag, ...op } = line;
			yield {
				op,
				ending: endOfOutdated(line)
			};
		}
		const endOf = survey.conflicts > 0 ? heldBack : held && (() => held);
		if (!endOf) return;
		for await (const op of readCopies(ports.files, plan, waves)) yield {
			op,
			ending: endOf(op)
		};
	}
	ops() {
		return this.#routed(this.#engines.router());
	}
	async *#routed(route) {
		const { plan, ports } = this.#deps;
		if (this.#isHeldBack) return;
		for await (const ops of readCopyBlocks(ports.files, plan, this.#work.waves)) for (const op of ops) yield route(op);
	}
	pack(ops) {
		return this.#engines.pack(ops);
	}
	handedOver(batch) {
		return this.#engines.handedOver(batch);
	}
	engines(pass) {
		return this.#isHeldBack ? [] : this.#engines.ofPass(pass);
	}
	isGivenUp() {
		return this.#engines.isGivenUp;
	}
	goesDirect(outcome) {
		return this.#engines.goesDirect(outcome);
	}
	lookUp(outcome, signal) {
		return this.#engines.lookUp(outcome, signal);
	}
	get movedBytes() {
		return this.#engines.movedBytes;
	}
	lower() {
		this.#engines.lower();
	}
	async close() {
		if (!this.#work.goesOn) await this.#engines.close();
	}
	found({ results, claims, done, extraPasses, peakBytesPerSecond }) {
		const engine = this.#engines.facts(extraPasses);
		return {
			results,
			claims: [claims],
			done,
			peakBytesPerSecond,
			engine
		};
	}
	/** One object that overwrite: never forbids, and nothing is copied; one that is not done, and nothing of later waves. */
	get #isHeldBack() {
		return this.#work.held !== void 0 || this.#deps.survey.conflicts > 0;
	}
};

// src/run/copy-in-waves.ts
/**
* Makes the copies of plans for one place, wave by wave: one begins when all before it are done and proven, whichever plan
* they are of. What waits for one that is not is held back. `cleared`: all is done and proven that goes before them; `runs`:
* those of the step. Gives whether all copies are done and proven. However they ended, every copy has its row that can have
* one; the first failure of a plan is that of its run.
*/
async function copyInWaves(plans, { cleared, runs }) {
	let isCleared = cleared;
	const inOrder = plans.flatMap((plan) => plan.waves.map((wave) => ({
		plan,
		wave
	}))).toSorted(({ wave: one }, { wave: other }) => numberOf(one) - numberOf(other));
	for (const { plan, wave } of inOrder) if (isCleared) isCleared = await plan.carryOut(wave);
	else await plan.holdBack(wave, runs.some(hasCopied));
	return isCleared;
}
const hasCopied = ({ record }) => record.entered.has("copy");
/** Of a plan without waves it is that of all its copies. */
const numberOf = ({ waves }) => waves?.first ?? 0;
/** The name of a wave, as the log has it. */
function nameOf({ waves }) {
	if (!waves) return void 0;
	const { first, last } = waves;
	return first === last ? `wave ${first}` : `waves ${first} to ${last}`;
}
/** The copies of one plan: carries out its waves, and adds up what they come to. */
var Copying = class {
	#run;
	#ready;
	#deps;
	#copies;
	/** Of all waves so far. */
	#claims = [];
	/** Whether some of it was begun. */
	#isBegun = false;
	/** Whether what is left of it has its rows. */
	#isHeldBack = false;
	constructor(run, ready, deps) {
		const { request, facts, sessions, toolchain, paths } = ready;
		const { plan, survey } = deps;
		const { batches, uploads } = paths;
		this.#run = run;
		this.#ready = ready;
		this.#deps = deps;
		this.#copies = new PlanCopies({
			plan,
			survey,
			facts,
			sessions,
			toolchain,
			request,
			paths: {
				batches,
				uploads,
				uploadsState: stateName("uploads", request)
			},
			ports: run.ports
		});
	}
	/** Those that have copies, in their order. */
	get waves() {
		return this.#copies.waves;
	}
	/** Gives whether all of it is done and proven. */
	async carryOut(wave) {
		this.#isBegun = true;
		try {
			return await this.#carryOut(wave);
		} catch (error) {
			this.#run.record.failure ??= error;
			return false;
		}
	}
	/**
	* The rows of a wave, and of all behind it, that must wait for others that are not done. `isUnderWay`: the step has begun
	* to copy.
	*/
	async holdBack(wave, isUnderWay) {
		if (this.#isHeldBack) return;
		this.#isHeldBack = true;
		if (isUnderWay) this.#run.record.entered.add("copy");
		const rest = this.#isBegun ? this.#copies.from(numberOf(wave)) : this.#copies.whole;
		const round = this.#copyRound(rest);
		const work = () => this.#deps.executor.run(rest, false);
		await runStage(this.#run, rest.stage, work, round).catch((error) => {
			this.#run.record.failure ??= error;
		});
	}
	async #carryOut(wave) {
		const { ports } = this.#run;
		const { executor } = this.#deps;
		const copied = await runStage(this.#run, wave.stage, () => executor.run(wave, true), this.#copyRound(wave));
		this.#claims = [...this.#claims, ...copied.claims];
		const allDone = copied.done === wave.goal.planned.objects;
		const isEnd = wave.next === void 0 || !allDone;
		const seen = await this.#prove(wave, copied, isEnd);
		ports.host.cancelled.throwIfAborted();
		return allDone && seen.mismatches.size === 0;
	}
	#copyRound(wave) {
		const name = nameOf(wave);
		const before = this.#run.record.found.copy;
		return name === void 0 ? void 0 : {
			name,
			total: (found) => addExecution(before, found)
		};
	}
	/** Looks at the destination again for the copies of a wave; one listing that is asked for shows all waves at once. */
	async #prove(wave, copied, isEnd) {
		const run = this.#run;
		const { record, ports } = run;
		const { source, destination } = this.#ready.facts;
		const { requestTimeoutMs, verify: asked } = this.#ready.request.transfer;
		const listsAll = asked === "listing" && isEnd && !ports.host.cancelled.aborted;
		const name = nameOf(wave);
		const before = listsAll ? void 0 : record.found.verify;
		const seen = await runStage(run, "verify", () => verify({
			source,
			destination,
			requestTimeoutMs,
			asked: asked === "listing" && !isEnd ? "auto" : asked,
			claims: listsAll ? this.#claims : copied.claims,
			onStanding: asked === "listing" && !isEnd ? void 0 : this.#deps.onStanding
		}, {
			files: ports.files,
			scratch: this.#deps.scratch,
			cancelled: ports.host.cancelled,
			hurried: hurried(run)
		}), name === void 0 ? void 0 : {
			name,
			total: (found) => addVerification(before, found)
		});
		const own = wave.waves?.first ?? 0;
		const from = listsAll && seen.inTime === void 0 ? 0 : own;
		for (let at = from; at <= own; at++) record.proofs.set(at, seen);
		return seen;
	}
};

// src/transfer/delete/ends.ts
/** The object is gone. */
const DELETED = { status: "done" };
/** Somebody put the object at the source, or the plan did not know that it is there. */
const AT_SOURCE = endOf("ExistsAtSource");
/** The end of a request that failed: where no answer says so, it may have been carried out all the same. */
function endOfError(error) {
	const { code, message, status } = serviceFailure(error);
	return {
		status: status !== void 0 && status >= 300 ? "failed" : "unknown",
		code,
		message
	};
}
/** S3 says either of an object that was to be deleted under its ETag, and is gone. */
const GONE = /* @__PURE__ */ new Set(["NoSuchKey", "NotFound"]);
/** The end of what the service says of one object; one that is gone already is what was wanted. */
const endOfFailure = (failure) => !failure || GONE.has(failure.code) ? DELETED : {
	status: failure.unheard ? "unknown" : "failed",
	code: failure.code,
	message: failure.message
};
/** The end of what was not started, as something could not be looked at before. */
function unseenEnd(error) {
	const { code, message } = error instanceof SyncError ? {
		code: "ListingFailed",
		message: error.message
	} : serviceFailure(error);
	return {
		status: "failed",
		code,
		message
	};
}

// src/transfer/delete/engine.ts
const LOOKS_AT_ONCE = 256;
const BATCHES_AT_ONCE = 4;
/** Asks by single requests at the pace of the run. */
const quick = (objects, { capabilities }, timeoutMs) => ({
	capabilities,
	stat: (object, signal) => objects.stat(object, {
		timeoutMs,
		signal
	}),
	page: async (query) => ({
		...await objects.page(query, {
			timeoutMs,
			signal: query.signal
		}),
		attempts: 1
	})
});
const unasked = (op, ending) => ({
	op,
	ending,
	asked: false
});
/** Whether it could not be looked up, or nothing was heard of its delete. */
const isUnanswered = ({ ending, asked }) => asked ? ending.status === "unknown" : ending !== AT_SOURCE;
/** Deletes objects of the destination, each looked up at the source just before and pinned to its planned ETag. */
var DeleteEngine = class {
	name = "delete";
	#context;
	#deps;
	#throttle;
	#limit;
	#look;
	/** Why no more is deleted in this run: the service deletes other objects. */
	#otherKeys;
	/** Why no more is deleted in this pass: nothing is answered. */
	#deaf;
	#unansweredInRow = 0;
	constructor(context, deps) {
		const { clock, budget, signal, deadline } = context;
		const { source, transfer } = deps;
		this.#context = context;
		this.#deps = deps;
		this.#throttle = budget.throttle({
			clock,
			signal: AbortSignal.any([signal, deadline])
		});
		this.#limit = new AdaptiveLimit({
			start: LOOKS_AT_ONCE,
			most: LOOKS_AT_ONCE,
			clock,
			signal
		});
		const { objects } = source.store;
		const paced = limited(objects, {
			limit: this.#limit,
			throttle: this.#throttle,
			signal
		});
		const requests = retrying(paced, {
			clock,
			retryCount: transfer.retryCount,
			signal
		});
		this.#look = looker(quick(requests, source.store, transfer.requestTimeoutMs), source.bucket);
	}
	takes({ engine }) {
		return engine === "delete";
	}
	/** The first batch goes by itself, so that a service that answers strangely, or not at all, is found out early. */
	async run(next, onEnded, onAnswered) {
		this.#deaf = void 0;
		this.#unansweredInRow = 3;
		const first = await next();
		if (!first) return void 0;
		await this.#deleteBatch(first, onEnded, onAnswered);
		await inParallel(this.#batches(next), BATCHES_AT_ONCE, (batch) => this.#deleteBatch(batch, onEnded, onAnswered));
		return this.#stop;
	}
	/** Lets fewer objects be looked up at a time. */
	lower() {
		this.#limit.slower();
	}
	get #stop() {
		return this.#otherKeys ?? this.#deaf ?? stopOf(this.#context);
	}
	async *#batches(next) {
		while (!this.#stop) {
			const batch = await next();
			if (!batch) return;
			yield batch;
		}
	}
	async #deleteBatch(batch, onEnded, onAnswered) {
		const tried = await this.#attempt(batch.ops, onAnswered);
		this.#listen(tried);
		for (const { op, ending, asked } of tried) onEnded(asked ? {
			op,
			batch,
			ending
		} : {
			op,
			batch,
			ending,
			untried: true
		});
	}
	/** Where nothing at all is answered there is no use in asking for all the others, of which nothing is unknown then. */
	#listen(tried) {
		this.#unansweredInRow = tried.every(isUnanswered) ? this.#unansweredInRow + 1 : 0;
		const end = tried[0]?.ending;
		if (this.#unansweredInRow < BATCHES_AT_ONCE || !end || end.status === "done" || this.#stop) return;
		this.#deaf = {
			...end,
			status: "failed"
		};
	}
	async #attempt(ops, onAnswered) {
		const stop = this.#stop;
		if (stop) return ops.map((op) => unasked(op, stop));
		const ends = await Promise.all(ops.map((op) => this.#lookAt(op, onAnswered)));
		const clear = ops.filter((_op, at) => ends[at] === void 0);
		const kept = ops.flatMap((op, at) => ends[at] ? [unasked(op, ends[at])] : []);
		if (clear.length === 0) return kept;
		return [...kept, ...await this.#deleteAll(clear)];
	}
	/** How a delete ends that must not be made; undefined: only the destination has the object. */
	async #lookAt({ op }, onAnswered) {
		const { source, destination, lookUp } = this.#deps;
		const { signal } = this.#context;
		if (!lookUp) return void 0;
		const key = source.prefix + op.key.slice(destination.prefix.length);
		try {
			const found = await this.#look(key, signal);
			onAnswered();
			return found && AT_SOURCE;
		} catch (error) {
			return signal.aborted ? stoppedBy(signal) : unseenEnd(error);
		}
	}
	async #deleteAll(ops) {
		const { store, bucket } = this.#deps.destination;
		const { signal } = this.#context;
		const stop = this.#stop;
		if (stop) return ops.map((op) => unasked(op, stop));
		const limits = {
			signal,
			pace: async () => this.#throttle(0)
		};
		const targets = ops.map(({ op }) => op);
		const asked = (endOf) => ops.map((op) => ({
			op,
			ending: endOf(op.op),
			asked: true
		}));
		try {
			const failures = await store.deleteObjects(bucket, targets, limits);
			const byKey = new Map(failures.map((failure) => [failure.key, failure]));
			return asked(({ key }) => endOfFailure(byKey.get(key)));
		} catch (error) {
			const end = signal.aborted ? stoppedBy(signal) : endOfError(error);
			if (end.code !== "OtherKeysNamed") return asked(() => end);
			this.#otherKeys = {
				...end,
				status: "failed"
			};
			return asked(() => ({
				...end,
				status: "unknown"
			}));
		}
	}
};

// src/transfer/delete/extras.ts
/** The deletes of a plan, in the order of their keys. Throws SyncError where the plan has another order. */
async function* extrasOf(plan, { prefix }, files) {
	let last;
	for await (const op of readDeletes(files, plan)) {
		const key = toKeyBytes(op.key.slice(prefix.length));
		if (last !== void 0 && key <= last) throw new SyncError("internal", "The deletes of the plan are not in the order of their keys.");
		last = key;
		yield {
			key,
			op
		};
	}
}
/** Extras of which some end without a request; both come in the order of their keys. */
async function* withEnds(extras, ends) {
	for await (const [extra, kept] of joinStreams(extras, ends)) if (extra) yield kept && !extra.end ? {
		...extra,
		end: kept.end
	} : extra;
}

// src/model/folded.ts
const ASCII = /^[\0-\x7f]*$/;
/**
* The one form of all keys that some service takes for each other: another Unicode form or case, slashes
* that come twice or at an edge, `\` for `/`, `.` between slashes, blanks at an edge. Holds no NUL.
*/
function folded(key) {
	const text = toText(key) ?? key;
	const segments = (ASCII.test(text) ? text.toUpperCase() : text.normalize("NFC").toUpperCase().normalize("NFC")).replaceAll("\0", "").split(/[/\\]/).map((segment) => segment.trim()).filter((segment) => segment !== "" && segment !== ".");
	return toKeyBytes(segments.join("/"));
}

// src/transfer/delete/other-names.ts
const FILTER_BITS = 24;
/** Tells of most texts that they were never added, in 2 MiB. */
var Seen = class {
	#bits = new Uint8Array(2 ** 21);
	add(text) {
		const bit = this.#bitOf(text);
		this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] ?? 0) | 1 << (bit & 7);
	}
	mayHave(text) {
		const bit = this.#bitOf(text);
		return ((this.#bits[bit >>> 3] ?? 0) & 1 << (bit & 7)) !== 0;
	}
	/** FNV-1a. */
	#bitOf(text) {
		let hash = 2166136261;
		for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619);
		return (hash ^ hash >>> FILTER_BITS) & 2 ** FILTER_BITS - 1;
	}
};
/** Sorts names that are one when they are folded together; those of one kind come first. */
const byFolded = ({ name, kind, shown }, first) => ({
	key: `${folded(name)}\0${kind === first ? 0 : 1}\0${name}`,
	name,
	kind,
	...shown === void 0 ? {} : { shown }
});
const foldedOf = ({ key }) => key.slice(0, key.indexOf("\0"));
/** Extras, and the copies of keys that the destination did not show when it was listed, where any may be of one name. */
async function* suspects({ plan, destination, files }) {
	const seen = new Seen();
	for await (const { key: name } of extrasOf(plan, destination, files)) {
		const extra = byFolded({
			name,
			kind: "extra"
		}, "extra");
		seen.add(foldedOf(extra));
		yield extra;
	}
	for await (const { to, toEtag } of readCopies(files, plan)) {
		if (toEtag !== void 0) continue;
		const name = toKeyBytes(to.slice(destination.prefix.length));
		const copy = byFolded({
			name,
			kind: "copy"
		}, "extra");
		if (seen.mayHave(foldedOf(copy))) yield copy;
	}
}
/** Of names in which extras come first: those that are one with a name of the other kind. */
async function* shared(sorted) {
	let extras = [];
	let last;
	for await (const name of sorted) {
		const fold = foldedOf(name);
		if (fold !== last) extras = [];
		last = fold;
		if (name.kind === "extra") extras.push(name);
		else {
			for (const extra of extras.splice(0)) yield {
				...extra,
				key: extra.name
			};
			yield {
				...name,
				key: name.name
			};
		}
	}
}
/** Whether the destination shows each name, by one listing. */
async function* shown(names, { destination, files, folder, signal }) {
	const { bucket, prefix, region, store } = destination;
	const listed = await inKeyOrder(listAll({
		bucket,
		prefix,
		single: false,
		region,
		store
	}, signal), {
		files,
		folder: files.join(folder, "listed")
	});
	for await (const [name, found] of joinStreams(names, listed)) if (name) yield byFolded({
		...name,
		shown: found !== void 0
	}, "copy");
}
const keptFor = (copy) => ({
	status: "failed",
	code: "StoredUnderAnotherName",
	message: `Not deleted: ${JSON.stringify(toText(copy))} was copied, but the destination does not list it; it may be stored under this key.`
});
/** How extras end, of names in which copies come first. */
async function* endsOf(sorted, onMisnamed) {
	let last;
	let missing;
	for await (const one of sorted) {
		const fold = foldedOf(one);
		if (fold !== last) missing = void 0;
		last = fold;
		if (one.kind === "copy" && !one.shown) {
			missing ??= one.name;
			onMisnamed(one.name);
		}
		if (one.kind === "copy") continue;
		if (missing !== void 0) yield {
			key: one.name,
			end: keptFor(missing)
		};
		else if (!one.shown) yield {
			key: one.name,
			end: DELETED
		};
	}
}
/**
* Finds extras that a destination may take for what was copied just now, as it does not tell their names
* apart: they go only where a listing shows both. Gives undefined where no names are alike; else lists
* the destination. Throws SyncError when that listing is not complete.
*/
async function findOtherNames(input) {
	const { plan, destination, files, folder } = input;
	if (!plan.trailer.reasons["missing"]) return void 0;
	const sorted = (name, names) => inKeyOrder(names, {
		files,
		folder: files.join(folder, name)
	});
	const alike = await sorted("alike", shared(await sorted("folded", suspects(input))));
	const first = await alike.next();
	if (first.done) return void 0;
	async function* all() {
		yield first.value;
		yield* alike;
	}
	const seen = await sorted("shown", shown(all(), input));
	const misnamed = /* @__PURE__ */ new Set();
	return {
		ends: await inKeyOrder(endsOf(seen, (name) => misnamed.add(destination.prefix + toText(name))), {
			files,
			folder: files.join(folder, "ends")
		}),
		misnamed
	};
}

// src/transfer/delete/pack.ts
const KEYS_PER_REQUEST = 1e3;
/** Packs deletes into batches of as many as one request names and its answer can name. */
async function* packDeletes(ops) {
	let id = 0;
	let open = [];
	let room = 1;
	const close = () => ({
		id: ++id,
		engine: "delete",
		ops: open,
		bytes: 0,
		beganMs: 0
	});
	for await (const routed of ops) {
		const wanted = roomOf(routed.op.key);
		if (open.length === KEYS_PER_REQUEST || wanted > room && open.length > 0) {
			yield close();
			open = [];
			room = 1;
		}
		open.push(routed);
		room -= wanted;
	}
	if (open.length > 0) yield close();
}

// src/transfer/delete/second-listing.ts
const MOVED_AT_ONCE = 1e3;
/** The objects of the source where they stand at the destination; their own keys are summed up. */
async function* movedObjects({ source, rules, keys, clock, signal }, sum) {
	const { pattern, template } = keys;
	const move = moverOf({
		source,
		rules
	}, {
		pattern,
		template,
		mismatch: "keep"
	}, clock);
	const page = [];
	for await (const object of listAll(source, signal)) {
		sum.add(object.key);
		if (page.push(object) === MOVED_AT_ONCE) yield* move(page.splice(0));
	}
	yield* move(page);
}
const otherKeys = (first, now) => ({
	status: "failed",
	code: "SourceListingChanged",
	message: `Right before the deletes the source has ${humanCount(now.objects)} keys, not the ${humanCount(first?.objects ?? 0)} of the plan: nothing was deleted.`
});
async function* atSource(moved) {
	for await (const { key } of moved) yield {
		key,
		end: AT_SOURCE
	};
}
/**
* Lists the whole source once more, as no single key tells where another one comes from. Gives what it has,
* by keys of the destination; or how all deletes end where it has other keys than when the plan was made.
* Throws SyncError when the listing is not complete.
*/
async function listSourceAgain(input) {
	const { plan, files, folder } = input;
	const first = plan.trailer.sourceKeys;
	const sum = new KeySum();
	const settle = (one) => one;
	const moved = await inKeyOrder(movedObjects(input, sum), {
		files,
		folder: files.join(folder, "source"),
		settle
	});
	const now = sum.value();
	return first?.objects === now.objects && first.digest === now.digest ? atSource(moved) : otherKeys(first, now);
}

// src/transfer/delete/wave.ts
const HELD_BACK = {
	status: "failed",
	code: "CopiesFailed",
	message: "Nothing was deleted, because not every copy is done."
};
const MISNAMED = "Nothing was deleted, because the destination does not list every copied key.";
/** A copy that does not stand under its name is none that is done. */
async function* allHeldBack(extras) {
	for await (const extra of extras) yield {
		...extra,
		end: extra.end?.status === "failed" ? extra.end : HELD_BACK
	};
}
/** The deletes of a plan. They are the last wave: nothing is deleted unless all before it is done and proven. */
var DeleteWave = class {
	stage = "delete";
	#deps;
	constructor(deps) {
		this.#deps = deps;
	}
	get goal() {
		const { objects } = this.#deps.plan.trailer.deletes;
		return {
			planned: {
				objects,
				bytes: 0
			},
			skipped: 0
		};
	}
	/** Looks at what can only be seen for all deletes at once. */
	async begin(cleared, context, folder) {
		const held = this.#gate(cleared, context);
		const outlook = held ? { held } : await this.#lookAhead(context, folder);
		return new DeleteWork(context, this.#deps, outlook, folder);
	}
	/** Why nothing is begun at all. */
	#gate(cleared, context) {
		if (context.signal.aborted) return stoppedBy(context.signal);
		if (cleared) return this.#deps.held ?? stopOf(context);
		context.log.line("warn", HELD_BACK.message);
		return HELD_BACK;
	}
	async #lookAhead({ clock, log, signal }, folder) {
		const { plan, facts, request, files } = this.#deps;
		const { source, destination } = facts;
		const { selection: rules } = request;
		try {
			const names = await findOtherNames({
				plan,
				destination,
				files,
				folder,
				signal
			});
			const planned = extrasOf(plan, destination, files);
			const named = names && withEnds(planned, names.ends);
			if (names && named && names.misnamed.size > 0) {
				log.line("warn", MISNAMED);
				return {
					joined: allHeldBack(named),
					misnamed: names.misnamed
				};
			}
			const { keys } = rules;
			if (!keys) return { joined: named };
			const listed = await listSourceAgain({
				plan,
				source,
				rules,
				keys,
				files,
				folder,
				clock,
				signal
			});
			return "status" in listed ? { held: listed } : { joined: withEnds(named ?? planned, listed) };
		} catch (error) {
			return { held: signal.aborted ? stoppedBy(signal) : unseenEnd(error) };
		}
	}
};
var DeleteWork = class {
	#deps;
	#outlook;
	#engine;
	/** Deletes that are still to be made, where some were not. */
	#left;
	constructor(context, deps, outlook, folder) {
		const { facts, request, files } = deps;
		const { source, destination } = facts;
		const lookUp = request.selection.keys === void 0;
		this.#deps = deps;
		this.#outlook = outlook;
		this.#engine = new DeleteEngine(context, {
			source,
			destination,
			transfer: request.transfer,
			lookUp
		});
		this.#left = files.join(folder, "deletes.ndjson");
	}
	async *settled() {
		const { plan, files } = this.#deps;
		const { held, joined } = this.#outlook;
		for await (const op of readOutdated(files, plan, "delete")) yield {
			op,
			ending: endOfOutdated(op)
		};
		if (held) for await (const { op } of this.#planned()) yield {
			op,
			ending: held
		};
		if (!joined) return;
		const left = await JsonLines.open(files, this.#left);
		try {
			for await (const { op, end } of joined) if (end) yield {
				op,
				ending: end
			};
			else await left.add(op);
		} finally {
			await left.close();
		}
	}
	async *ops() {
		const { held, joined } = this.#outlook;
		if (held) return;
		const ops = joined ? this.#readLeft() : this.#planned();
		for await (const { op } of ops) yield {
			op,
			engine: "delete",
			attempts: 0
		};
	}
	pack(ops) {
		return packDeletes(ops);
	}
	handedOver(batch) {
		return batch;
	}
	/** The same one in every pass: what it found out of the service it keeps. */
	engines() {
		return [this.#engine];
	}
	goesDirect() {
		return false;
	}
	isGivenUp() {
		return false;
	}
	/** Nothing is told by the destination: another pass looks at the source anew, and an object that is gone is deleted. */
	async lookUp() {}
	get movedBytes() {
		return 0;
	}
	lower() {
		this.#engine.lower();
	}
	async close() {}
	found({ done }) {
		const { plan } = this.#deps;
		return {
			deleted: done,
			planned: plan.trailer.deletes.objects,
			misnamed: this.#outlook.misnamed
		};
	}
	#planned() {
		const { plan, facts, files } = this.#deps;
		return extrasOf(plan, facts.destination, files);
	}
	async *#readLeft() {
		for await (const line of this.#deps.files.lines(this.#left)) yield { op: JSON.parse(line) };
	}
};

// src/run/delete-extras.ts
const RUN_AGAIN = "Copied objects stay copied, and nothing was deleted. If access was denied, allow s3:GetObject and s3:PutObject on the list to the identity that writes the destination. Then run again.";
/**
* Deletes are the last wave of all. Where extras wait it is noted first since when; that begins only behind a run whose
* copies are done and proven, as until then what is there still names them.
*/
async function deleteExtras(deleting, cleared) {
	const { run, ready, plan, executor } = deleting;
	const { files, host } = run.ports;
	const note = cleared ? await noteOf(deleting) : void 0;
	const held = await note?.begin();
	try {
		if (plan.trailer.deletes.objects === 0) {
			if (!held) return;
			host.cancelled.throwIfAborted();
			throw new SyncError("delete", held.message, { hint: RUN_AGAIN });
		}
		const { request, facts, paths } = ready;
		const wave = new DeleteWave({
			plan,
			facts,
			request,
			files,
			held
		});
		const { deleted, planned } = await runStage(run, wave.stage, () => executor.run(wave, cleared));
		if (deleted < planned && !held) await note?.end(paths.results);
		if (deleted < planned) host.cancelled.throwIfAborted();
	} catch (error) {
		run.record.failure ??= error;
	}
}
/** undefined where nothing new is to be noted. */
async function noteOf({ run, ready, plan, scratch }) {
	const { extras } = plan;
	if (!extras?.isNews) return void 0;
	const { ExtrasNote } = await import("./extras-note.js");
	const { files, folder: openFolder, clock, host } = run.ports;
	return new ExtrasNote({
		plan,
		extras,
		destination: ready.facts.destination,
		transfer: ready.request.transfer,
		files,
		openFolder,
		folder: scratch,
		context: {
			clock,
			log: run.log,
			signal: host.cancelled
		}
	});
}

// src/verify/sums.ts
init__crypto();
const AT_ONCE = 16;
const ROWS_AT_ONCE = 1e3;
const RANGE_BYTES = 8 * 2 ** 20;
/** coreutils escapes such names, and what reads the file for attestations does not know how. */
const UNLISTABLE = /[\n\r\\]/;
const hexOf = (base64) => Buffer.from(base64, "base64").toString("hex");
/** Finds the SHA-256 of objects as they stand at the destination, each by what proves it. */
var Finder = class {
	#sources;
	#context;
	#objects;
	/** Nobody may look at the objects of the destination. */
	#isBlind = false;
	read = NO_TALLY;
	constructor(sources, context) {
		const { clock, retryCount, signal } = context;
		this.#sources = sources;
		this.#context = context;
		this.#objects = retrying(sources.destination.store.objects, {
			clock,
			retryCount,
			signal
		});
	}
	/** Hex; undefined where nothing proves it. */
	async of(row) {
		return row.sha256 ?? await this.#ofFile(row) ?? await this.#ofObject(row);
	}
	/** By the file that it was uploaded from, where its ETag is that of the object. */
	async #ofFile({ key, etag }) {
		const { files } = this.#sources;
		if (!files) return void 0;
		try {
			const wish = {
				alsoBy: Number.POSITIVE_INFINITY,
				algorithms: ["SHA256"]
			};
			const digest = await files.local.digest(files.prefix + key, wish);
			const isIt = sameEtag(digest.etag, etag) || isEtagOf(digest.alsoEtag, etag);
			const sum = digest.checksums.get("SHA256");
			return isIt && sum !== void 0 ? hexOf(sum) : void 0;
		} catch (error) {
			if (error instanceof ServiceError) return void 0;
			throw error;
		}
	}
	async #ofObject(row) {
		const { destination, folder, read } = this.#sources;
		const { signal } = this.#context;
		if (this.#isBlind) return void 0;
		const { bucket, store } = destination;
		try {
			const found = await store.checksums(bucket, folder + row.key, signal);
			if (!found || row.etag !== void 0 && !sameEtag(found.etag, row.etag)) return void 0;
			const stored = found.values.get("SHA256");
			if (stored !== void 0) return hexOf(stored);
			return read ? await this.#readAll(row, found.etag) : void 0;
		} catch (error) {
			signal.throwIfAborted();
			const { code } = serviceFailure(error);
			this.#isBlind = code === "AccessDenied";
			if (read && code !== "PreconditionFailed") throw error;
			return;
		}
	}
	async #readAll({ key, size }, etag) {
		const { destination, folder } = this.#sources;
		const { timeoutMs, signal } = this.#context;
		const object = {
			bucket: destination.bucket,
			key: folder + key,
			etag
		};
		const hash = createHash("sha256");
		for (let first = 0; first < size; first += RANGE_BYTES) {
			const last = Math.min(first + RANGE_BYTES, size) - 1;
			const range = size > RANGE_BYTES ? {
				first,
				last
			} : void 0;
			const what = {
				bytes: last - first + 1,
				range
			};
			const { bytes } = await this.#objects.read(object, what, {
				timeoutMs,
				signal
			});
			hash.update(bytes);
		}
		this.read = addTally(this.read, {
			objects: 1,
			bytes: size
		});
		return hash.digest("hex");
	}
};
/** Completes rows by their SHA-256, in their order, and gives what has a line. */
var Completing = class {
	#finder;
	unknown = 0;
	unnamed = 0;
	constructor(finder) {
		this.#finder = finder;
	}
	async *rows(texts, onRow) {
		let block = [];
		for await (const text of texts) {
			if (block.push(JSON.parse(text)) < ROWS_AT_ONCE) continue;
			yield* this.#complete(block, onRow);
			block = [];
		}
		yield* this.#complete(block, onRow);
	}
	async *#complete(rows, onRow) {
		const found = [];
		await inParallel(rows.entries(), AT_ONCE, async ([at, row]) => {
			found[at] = await this.#finder.of(row);
		});
		for (const [at, row] of rows.entries()) {
			const sha256 = found[at];
			const { status, ...facts } = row;
			await onRow(sha256 === void 0 ? row : {
				...facts,
				sha256,
				status
			});
			if (row.key === OWN_KEYS.sums) continue;
			if (sha256 === void 0) this.unknown++;
			else if (UNLISTABLE.test(row.key)) this.unnamed++;
			else yield {
				key: toKeyBytes(row.key),
				sha256,
				name: row.key
			};
		}
	}
};
/**
* Writes SHA256SUMS of the objects that stand at the destination. No object has a line that nothing proves. Throws what
* the service said where objects were to be read.
*/
async function writeSums({ published, completed, sums: path }, sources, context) {
	const { files, scratch } = context;
	const finder = new Finder(sources, context);
	const completing = new Completing(finder);
	const rows = await files.writer(completed);
	const writer = await files.writer(path);
	let lines = 0;
	try {
		const records = completing.rows(files.lines(published), (row) => rows.write(visibleJson(row)));
		const folder = files.join(scratch, "sums");
		for await (const { sha256, name } of await inKeyOrder(records, {
			files,
			folder
		})) {
			lines++;
			await writer.write(`${sha256}  ${name}`);
		}
	} finally {
		await rows.close().finally(() => writer.close());
	}
	await files.rename(completed, published);
	return {
		lines,
		unknown: completing.unknown,
		unnamed: completing.unnamed,
		read: finder.read
	};
}

// src/run/publish-sums.ts
init__crypto();
const NAME = OWN_KEYS.sums;
const told = ({ lines, unknown, unnamed, written }) => [
	humanObjects(lines, "line"),
	...unknown + unnamed > 0 ? [`${humanCount(unknown + unnamed)} objects without a line`] : [],
	...written === void 0 ? [] : ["published"]
].join(", ");
const failed = (what, error) => {
	if (error instanceof SyncError) return error;
	const { code, message } = serviceFailure(error);
	return new SyncError("verify", `${NAME} could not be ${what}: ${code}: ${message}`, {
		hint: "Copied objects stay copied, and nothing was deleted. If access was denied, allow s3:GetObject and s3:PutObject to the identity that writes the destination. Then run again.",
		cause: error
	});
};
/**
* Writes SHA256SUMS of what stands at the destination, and publishes it where that is asked for: behind all copies, and
* only where all of them are done and proven. Gives whether it is where it is to be.
*/
async function publishSums(run, ready, scratch, cleared) {
	const { sums } = ready.request.selection;
	const { published } = run.record;
	if (!sums || published === void 0 || !cleared) return cleared;
	const before = run.record.stages.find(({ stage }) => stage === "verify")?.line;
	try {
		run.record.found.sums = await timed(run, {
			stage: "verify",
			name: NAME
		}, () => write(run, ready, {
			published,
			scratch
		}), (found) => ({
			told: told(found),
			line: [...before ? [before] : [], `${NAME}: ${told(found)}`].join("; ")
		}));
		return true;
	} catch (error) {
		run.record.failure ??= error;
		return false;
	}
}
async function write({ ports }, ready, { published, scratch }) {
	const { request, facts, paths } = ready;
	const { source, destination } = facts;
	const { selection, transfer } = request;
	const { sums, keys } = selection;
	const { files, clock, host } = ports;
	const { local } = source.store;
	const isNamedAlike = local && !keys && !destination.single;
	const count = await writeSums({
		published,
		completed: unfinishedPath(paths.published),
		sums: paths.sums
	}, {
		destination,
		folder: destination.prefix.slice(0, destination.prefix.lastIndexOf("/") + 1),
		files: isNamedAlike ? {
			local,
			prefix: source.prefix
		} : void 0,
		read: sums?.read === true
	}, {
		files,
		clock,
		scratch,
		timeoutMs: transfer.requestTimeoutMs,
		retryCount: transfer.retryCount,
		signal: host.cancelled
	}).catch((error) => {
		throw failed("made", error);
	});
	if (!sums?.upload) return {
		...count,
		replaced: false
	};
	const put = await new SumsObject(ready, ports, scratch).put().catch((error) => {
		throw failed("published", error);
	});
	return {
		...count,
		...put
	};
}
/** SHA256SUMS below the destination. */
var SumsObject = class {
	#ready;
	#ports;
	#scratch;
	constructor(ready, ports, scratch) {
		this.#ready = ready;
		this.#ports = ports;
		this.#scratch = scratch;
	}
	get #address() {
		const { bucket, prefix } = this.#ready.facts.destination;
		return {
			bucket,
			key: prefix + NAME
		};
	}
	/** Writes it, unless it stands there as it is to be. */
	async put() {
		const { facts, request } = this.#ready;
		const { clock, host, folder } = this.#ports;
		const { store } = facts.destination;
		const to = this.#address;
		const stands = await statOrList(store, to, host.cancelled);
		const { transfer, selection, reporting } = request;
		const isKept = selection.overwrite === "never";
		if (stands && await this.#isSame(stands) && (isKept || await this.#isDescribed())) return { replaced: false };
		if (stands && isKept) throw new SyncError("verify", `A different ${NAME} already exists at ${s3Url(to.bucket, to.key)}, and overwrite: never protects it.`, { hint: "Publish under another prefix, or remove upload from sha256sums." });
		const only = ifUnchanged(stands?.etag);
		const headers = writeHeaders(optionsFor(transfer.write, NAME), { "content-type": "text/plain; charset=utf-8" }, "");
		const { retryCount, requestTimeoutMs } = transfer;
		const file = await folder(reporting.reportDir).open(toKeyBytes(NAME));
		try {
			const signal = host.cancelled;
			await putOwnFile(file, {
				to,
				only,
				headers
			}, {
				store,
				clock,
				retryCount,
				requestTimeoutMs,
				signal
			}).catch(async (error) => {
				const now = await statOrList(store, to, signal);
				if (!now || !await this.#isSame(now)) throw error;
			});
		} finally {
			await file.close();
		}
		return {
			written: to.key,
			replaced: stands !== void 0
		};
	}
	/** Whether what stands there has the headers that rules say of it; so does what nobody may look at. */
	async #isDescribed() {
		const { facts, request } = this.#ready;
		const { write } = request.transfer;
		if (!write.rules) return true;
		const { cancelled: signal } = this.#ports.host;
		const found = await facts.destination.store.describe(this.#address, signal).catch(() => void 0);
		signal.throwIfAborted();
		const wanted = optionsFor(write, NAME).headers?.[HEADERS_DIGEST];
		return found === void 0 || found["x-amz-meta-s3-direct-sync-headers"] === wanted;
	}
	/** Whether what stands there holds what is to be there. */
	async #isSame({ etag, size }) {
		const { request, paths } = this.#ready;
		const { files, host } = this.#ports;
		const { store } = this.#ready.facts.destination;
		const md5 = createHash("md5");
		let bytes = 0;
		for await (const chunk of files.chunks(paths.sums)) {
			md5.update(chunk);
			bytes += chunk.length;
		}
		if (size !== bytes) return false;
		if (sameEtag(etag, md5.digest("hex"))) return true;
		const path = files.join(this.#scratch, "stands-there");
		const failure = (error) => failed("compared", error);
		const deps = {
			store,
			files,
			timeoutMs: request.transfer.requestTimeoutMs,
			signal: host.cancelled
		};
		return (await fetchObject(this.#address, {
			path,
			mostBytes: bytes,
			failure
		}, deps))?.isRead === true && await files.sha256(path) === await files.sha256(paths.sums);
	}
};

// src/run/carry-out.ts
/**
* Carries plans out, of all transfers of a step: each may write before the first of them does, and deletes come behind the
* copies of all. What breaks on the way is a failure of its transfer.
*/
async function carryOut(planned) {
	const allowed = await eachOrNone(planned, seenToWrite);
	const [first] = allowed;
	if (!first) return;
	const budget = new RateBudget(first.ready.request.transfer);
	const begun = await eachOrNone(allowed, (one) => begin(one, budget));
	let cleared = begun.every(({ isCleared }) => isCleared);
	for (const some of byPlace(begun)) cleared = await copyAll(some, {
		cleared: cleared && !some.some((one) => heldByOthers(one, begun)),
		runs: begun.map(({ run }) => run)
	});
	for (const one of begun) cleared = await publishSumsOf(one, cleared);
	for (const { run, ready, assessment, executor, scratch } of begun) await deleteExtras({
		run,
		ready,
		plan: assessment.plan,
		executor,
		scratch
	}, cleared);
	for (const one of begun) await end(one);
}
/** Sees that a transfer may write. Throws SyncError where it may not. */
async function seenToWrite(planned) {
	const { plan, survey } = planned.assessment;
	if (survey) await askToWrite(planned.run, planned.ready, plan);
	return planned;
}
async function begin(planned, budget) {
	const { run, ready, assessment, isCleared } = planned;
	const { files } = run.ports;
	const scratch = await files.temporaryFolder();
	const path = run.record.published;
	const folder = folderPrefix(ready.facts.destination);
	const published = path ? await PublishedCopies.open(files, path, folder) : void 0;
	return {
		run,
		ready,
		assessment,
		isCleared,
		executor: executorOf(run, ready, {
			scratch,
			budget,
			onStanding: standing(published)
		}),
		scratch,
		published
	};
}
/** Of a single object the folder that it lies in. */
const folderPrefix = ({ prefix }) => prefix.slice(0, prefix.lastIndexOf("/") + 1);
const standing = (published) => (copy) => published?.add(copy);
/** Whether another transfer would overwrite what was published: that keeps all from copying. */
const heldByOthers = (one, begun) => begun.some((other) => other !== one && (other.assessment.survey?.conflicts ?? 0) > 0);
/** Transfers into one place are those of one manifest, and have their waves together; those of a list never share one. */
function byPlace(begun) {
	const placeOf = ({ ready: { facts } }) => {
		const { endpoint, bucket, folder, prefix } = facts.destination;
		return JSON.stringify([
			endpoint,
			bucket,
			folder,
			prefix
		]);
	};
	return [...Map.groupBy(begun, placeOf).values()];
}
/** Makes the copies of plans for one place, as `copyInWaves` does. */
function copyAll(begun, step) {
	const copying = begun.flatMap(({ run, ready, assessment, executor, scratch, published }) => {
		const { plan, survey } = assessment;
		const onStanding = standing(published);
		return survey ? [new Copying(run, ready, {
			plan,
			survey,
			executor,
			scratch,
			onStanding
		})] : [];
	});
	return copyInWaves(copying, step);
}
/** Writes SHA256SUMS once it is known what stands at the destination. Gives whether deletes may follow. */
async function publishSumsOf({ run, ready, scratch, published }, cleared) {
	if (!ready.request.selection.sums) return cleared;
	try {
		await published?.close();
	} catch (error) {
		run.record.failure ??= error;
		return false;
	}
	return publishSums(run, ready, scratch, cleared);
}
/** Removes what was only needed on the way. */
async function end({ run, ready, scratch, published }) {
	const closed = async () => ready.facts.destination.store.landing?.close();
	for (const closing of [
		closed(),
		run.ports.files.remove(scratch),
		published?.close()
	]) await closing?.catch((error) => {
		run.record.failure ??= error;
	});
}
function executorOf({ ports, log }, ready, { scratch, budget, onStanding }) {
	const { request, facts, paths, deadline } = ready;
	const { files, system, clock, host } = ports;
	const { cancelled: signal, cancelledForMs, hide } = host;
	return new Executor({
		log,
		clock,
		budget,
		signal,
		deadline,
		cancelledForMs
	}, {
		files,
		system,
		hide,
		transfer: request.transfer,
		destinationPrefix: facts.destination.prefix,
		resultsPath: paths.results,
		onStanding,
		scratch
	});
}
/** Asks before the first copy whether the first planned object may be written. Throws SyncError where it may not. */
async function askToWrite(run, { request, facts }, plan) {
	const { ports, record, log } = run;
	const [wave] = fullWaves(plan);
	const first = await firstCarried(readCopies(ports.files, plan, wave));
	const { cancelled } = ports.host;
	const looked = await orAborted(cancelled, checkWriting(first, facts, request.transfer));
	const { checks = [], problems = [] } = record.found.preflight ?? {};
	record.found.preflight = {
		checks: [...checks, looked.check],
		problems,
		facts
	};
	if (looked.check.status !== "not-needed") log.line("info", `preflight: ${looked.check.detail}`);
	if (looked.problem) throw looked.problem;
}
/** The first of some copies that can be carried at all. */
async function firstCarried(copies) {
	for await (const op of copies) if (!op.unnameable && !op.archived && op.reason !== "destination-conflict") return op;
}

export { carryOut };