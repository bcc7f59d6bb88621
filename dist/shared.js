import { __name } from "./rolldown-runtime.js";
import { JOB_REPORT_FORMAT, NO_TALLY, OUT_OF_ORDER, OWN_KEYS, Stamp, UPLOAD_END_MS, adviceOf, asWords, blocksOf, checksBuckets, cut, denialIn, fetchObject, fileInKeyOrder, humanObjects, inBlocks, inKeyOrder, isOfBucket, jobFolder, keepsOthers, keepsType, kindOfDenial, kmsKeyIn, linesOf, listAll, listRange, mayAskChecksums, numberEnd, numberIn, openBucket, optionsFor, partitionOf, plainEnd, recordsOf, ruledKey, s3Arn, s3Url, serviceSideOf, urlOf, visibleJson, waveOf } from "./action.js";
import { ServiceError, SyncError, createHash, failureKind, hash, helpOf, init__crypto, isAcrossRegions, isConsequence, isExpiry, isMissing, isPuzzled, isTransient, randomBytes, serviceFailure, shortened } from "./receiving.js";
import { toKeyBytes, toText } from "./writing.js";
import { NOT_LOOKED_AT, ROUTE_REASONS, RowSum, copyLimitMs, inOrder, inParallel, mayHaveChanged, retrying, sameChecksum, sizeClassOf, standingOf } from "./requests.js";
import { joinStreams, listOne, listSought } from "./compare.js";
import { array, literal as literal$1, looseObject, string } from "./zod.js";

// src/lock/body.ts
init__crypto();
const SCHEMA = "s3-direct-sync/lock/1";
/** Most bytes of a lock that is read. */
const MOST_LOCK_BYTES = 4096;
/** Whoever forged a lock may have counted far: from here on it is not counted any more. */
const MOST_EPOCH = 10 ** 15;
const MOST_TTL_SECONDS = 604800;
const OWNER = /^[\w-]{1,128}$/;
/** It is printed: a link, and nothing else. */
const RUN_URL = /^https?:\/\/[\w.:-]+\/[\w./-]{1,200}$/;
/** 128 random bits. */
const randomId = () => randomBytes(16).toString("hex");
/** A lock as it stands in its object. */
const lockText = ({ owner, write, epoch, ttlSeconds, runUrl, isReleased }) => `${JSON.stringify({
	schema: SCHEMA,
	owner,
	epoch,
	"ttl-seconds": ttlSeconds,
	"run-url": runUrl,
	write,
	...isReleased ? { released: true } : {}
})}\n`;
const isWhole$1 = /* @__PURE__ */ __name((value, least, most) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most, "isWhole");
/** What a lock object says; undefined where it is none that this action wrote. */
function readLock(text) {
	let found;
	try {
		found = JSON.parse(text);
	} catch {
		return;
	}
	if (typeof found !== "object" || found?.["schema"] !== SCHEMA) return void 0;
	const { owner, epoch, write, released } = found;
	const [ttlSeconds, url] = [found["ttl-seconds"], found["run-url"]];
	if (typeof owner !== "string" || !OWNER.test(owner)) return void 0;
	if (!isWhole$1(epoch, 1, MOST_EPOCH)) return void 0;
	if (!isWhole$1(ttlSeconds, 1, MOST_TTL_SECONDS)) return void 0;
	const runUrl = typeof url === "string" && RUN_URL.test(url) ? url : "";
	return {
		owner,
		write: typeof write === "string" ? write : "",
		epoch,
		ttlSeconds,
		runUrl,
		isReleased: released === true
	};
}

// src/lock/lock-object.ts
/** An ETag that no object has. */
const NOBODYS = "0".repeat(32);
/** So many refusals in a row show that a service heeds a condition. */
const REFUSALS = 3;
const UNMET = /* @__PURE__ */ new Set([
	"PreconditionFailed",
	"ConditionalRequestConflict",
	"NoSuchKey",
	"NotFound"
]);
/** What the failure of a write or a delete with a condition means. */
function meaningOf(error) {
	const failure = serviceFailure(error);
	const { code, status } = failure;
	if (UNMET.has(code) || status === 412 || status === 409) return "unmet";
	if (isPuzzled(failure)) return "puzzled";
	return isTransient(failure) || isExpiry(code) || status === void 0 || status >= 500 ? "unclear" : "refused";
}
/** By the two times of one answer. */
function ageIn(headers) {
	const ageMs = Date.parse(headers["date"] ?? "") - Date.parse(headers["last-modified"] ?? "");
	return Number.isNaN(ageMs) ? void 0 : ageMs;
}
/** The object that is a lock. Every call is one request, a look at one that changed two; errors are the service's. */
var LockObject = class {
	#store;
	#at;
	#headers;
	/** `headers`: how objects of this bucket are to be written. */
	constructor(store, { bucket, key }, headers) {
		this.#store = store;
		this.#at = {
			bucket,
			key
		};
		this.#headers = {
			...headers,
			"content-type": "application/json"
		};
	}
	/** Writes the lock; gives its ETag, '' where the answer names none. */
	put(body, only, limit) {
		const write = {
			to: this.#at,
			only,
			headers: this.#headers
		};
		return this.#store.objects.put(write, Buffer.from(lockText(body)), limit);
	}
	/** What stands there; the body of what was seen before is not read again. */
	async look(limit, before) {
		const { objects } = this.#store;
		const any = {
			...this.#at,
			etag: ""
		};
		try {
			const { etag, size, headers } = await objects.describe(any, limit);
			const ageMs = ageIn(headers);
			if (typeof before === "object" && before.etag === etag && etag !== "") return {
				etag,
				body: before.body,
				ageMs
			};
			if (!(size <= 4096)) return {
				etag,
				body: void 0,
				ageMs
			};
			const seen = {
				...this.#at,
				etag,
				unasked: true
			};
			const { bytes, headers: later } = await objects.read(seen, { bytes: size }, limit);
			return {
				etag,
				body: readLock(Buffer.from(bytes).toString()),
				ageMs: ageIn(later)
			};
		} catch (error) {
			const { code, status } = serviceFailure(error);
			if (code === "NotFound" || code === "NoSuchKey") return "absent";
			if (status === 403) return "hidden";
			throw error;
		}
	}
	/** Deletes the lock while it has this ETag, where the service heeds that. */
	remove(etag, limit) {
		return this.#store.deletePinned({
			...this.#at,
			etag
		}, limit);
	}
	/**
	* Whether a delete spares what has another ETag, as a key shows that nobody has: who heeds the condition there refuses a
	* delete that succeeds without one.
	*/
	async heedsDeletes(owner, limit) {
		const nobodys = {
			...this.#at,
			key: `${this.#at.key}.${owner}`
		};
		const asked = () => this.#store.deletePinned({
			...nobodys,
			etag: NOBODYS
		}, limit).then(() => "ignored", (error) => serviceFailure(error).status);
		let end = await asked();
		for (let left = REFUSALS; end === 412; end = await asked()) if (--left === 0) return true;
		if (end !== 404) return false;
		return this.#store.deletePinned({
			...nobodys,
			etag: ""
		}, limit).then(() => true, () => false);
	}
};

// src/lock/release.ts
const TIMEOUT_MS = 5e3;
/** Deletes that are not answered as they should be, before the lock is marked instead. */
const DELETES = 3;
const PAUSE_MS = 200;
const MOST_PAUSE_MS = 2e3;
const TOO_LATE = new ServiceError("RequestTimeout", "No response came in time.");
const NOT_READABLE = new ServiceError("AccessDenied", "This run is not allowed to read the lock.", { status: 403 });
/**
* Gives a lock back while it is this owner's: it is deleted where the service heeds conditions on deletes, else it says
* that it is released, as a delete without one might take another's.
*/
async function releaseLock({ etag: first, body }, { object, clock, heedsDeletes, withinMs }) {
	const endMs = clock.steadyMs() + withinMs;
	const limit = () => ({ timeoutMs: Math.max(1, Math.min(TIMEOUT_MS, endMs - clock.steadyMs())) });
	let etag = first;
	let deletes = heedsDeletes || void 0;
	let why = TOO_LATE;
	/** By what was not answered the lock may have been given back already. */
	let isSure = true;
	let pauseMs = PAUSE_MS;
	for (let attempt = 1; clock.steadyMs() < endMs; attempt++) {
		const tried = {
			etag,
			deletes
		};
		let isUnmet = false;
		try {
			deletes ??= await object.heedsDeletes(body.owner, limit());
			const marked = {
				...body,
				write: randomId(),
				isReleased: true
			};
			if (deletes) await object.remove(etag, limit());
			else await object.put(marked, { etag }, limit());
			return { end: "released" };
		} catch (error) {
			why = serviceFailure(error);
			const meaning = meaningOf(error);
			isUnmet = meaning === "unmet";
			isSure &&= meaning !== "unclear";
			if (meaning === "refused" || meaning === "puzzled" || attempt >= DELETES) deletes = false;
		}
		const look = await object.look(limit()).catch(() => "hidden");
		if (look === "absent") return { end: "released" };
		if (look !== "hidden") {
			if (look.body?.owner !== body.owner) return { end: isSure ? "lost" : "released" };
			if (look.body.isReleased) return { end: "released" };
			etag = look.etag;
			if (isUnmet && etag === tried.etag) deletes = false;
		}
		if (etag !== tried.etag || tried.deletes && !deletes) continue;
		await clock.sleep(Math.min(pauseMs, Math.max(1, endMs - clock.steadyMs())));
		pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS);
	}
	return {
		end: "left",
		why
	};
}
/** Gives back what a run of this owner left. Throws why that was not possible. */
async function releaseLeft(owner, deps) {
	const look = await deps.object.look({ timeoutMs: Math.min(TIMEOUT_MS, deps.withinMs) });
	if (look === "absent") return "none";
	if (look === "hidden") throw NOT_READABLE;
	const { etag, body } = look;
	if (body?.owner !== owner || body.isReleased) return "none";
	const released = await releaseLock({
		etag,
		body
	}, deps);
	if (released.end === "left") throw released.why;
	return "released";
}
/** Gives back what was written of a lock that was not had in the end, also where it may not be read. Throws as `releaseLeft`. */
async function releaseUnproven(claims, deps) {
	const { owner, standing, areAny } = claims;
	if (standing) await releaseLock(standing, deps);
	else if (areAny) await releaseLeft(owner, deps);
}

// src/transfer/uploads.ts
const ABORTS_AT_ONCE = 16;
/** Aborts uploads, each within the limit; gives the failures. */
async function abortAll(uploads, objects, limit) {
	const failures = [];
	await inParallel(uploads, ABORTS_AT_ONCE, (upload) => objects.abortUpload(upload, limit).catch((error) => {
		failures.push(error);
	}));
	return failures;
}
/** No ARN is longer. */
const MOST_ARN_CHARS = 2048;
/** A role is the same whatever its session is called. */
const principalOf = (arn) => arn.replace(/(:assumed-role\/[^/]+)\/.*$/, "$1");
/** Unfinished uploads below a prefix that an identity began; those of a service that does not tell who did are nobody's. Throws as the listing does. */
async function* ownUploads(store, place, arn, signal) {
	for await (const upload of store.uploads(place, signal)) {
		const { initiator } = upload;
		if (initiator === void 0 || initiator.length > MOST_ARN_CHARS) continue;
		if (principalOf(initiator) === principalOf(arn)) yield upload;
	}
}
const LISTS_AT_ONCE = 8;
/**
* Aborts the uploads of objects whose requests got no answer; gives how many. Throws where it cannot be known whether
* there are any, or where one cannot be aborted.
*/
async function abortUnheard(objects, { store, arn, known, timeoutMs, signal }) {
	if (arn === void 0) return 0;
	const ids = new Set(known.map(({ uploadId }) => uploadId));
	const keys = new Map(objects.map(({ bucket, key }) => [key, {
		bucket,
		prefix: key
	}]));
	const found = [];
	await inParallel(keys, LISTS_AT_ONCE, async ([key, place]) => {
		for await (const upload of ownUploads(store, place, arn, signal)) if (upload.key === key && !ids.has(upload.uploadId)) found.push(upload);
	});
	const [failure] = await abortAll(found, store.objects, {
		timeoutMs,
		signal
	});
	if (failure !== void 0) throw failure;
	return found.length;
}

// src/ledger/json-lines.ts
/**
* A file of JSON lines that is written in the background, in order: all rows of results.ndjson and failed.ndjson go
* through here. Who does not wait for a line is told once, by `onLost`, that one could not be written.
*/
var JsonLines = class JsonLines {
	#path;
	#writer;
	#onLost;
	#count = 0;
	constructor(path, writer, onLost = () => {}) {
		this.#path = path;
		this.#writer = writer;
		this.#onLost = onLost;
	}
	/** Opens an empty file, or one to which lines are added. */
	static async open(files, path, { mode, onLost } = {}) {
		return new JsonLines(path, await files.writer(path, mode), onLost);
	}
	/** Resolves when more can be taken; undefined: it can now. Rejects when lines cannot be written. */
	add(value) {
		return this.keep(visibleJson(value));
	}
	/** Adds a line that is JSON already. */
	keep(line) {
		this.#count++;
		const written = this.#writer.write(line);
		written?.catch(this.#onLost);
		return written;
	}
	/** Writes all that is still in memory. Rejects when a line could not be written. */
	async close() {
		await this.#writer.close();
		return {
			path: this.#path,
			count: this.#count
		};
	}
};

// src/ledger/totals.ts
const EXAMPLES = 5;
const CODES = 50;
const FOLDERS = 20;
const SLOWEST = 10;
/** Objects that lie in no folder. */
const TOP = "(top)";
const REST = "Other";
const UNNAMED = "Unnamed";
const CODE_CHARS = 100;
const MESSAGE_CHARS$1 = 1e3;
/** Refusals of one code that are mended apart; behind all codes, so that no service crowds out codes by them. */
function nameOf$1(code, message) {
	const kind = kindOfDenial(message);
	return kind === void 0 ? code : `~${code} ${cut(kind, MESSAGE_CHARS$1)}`;
}
__name(nameOf$1, "nameOf");
const codeIn = (name) => /^~(\S+) /.exec(name)?.[1] ?? name;
const none = () => ({
	objects: 0,
	bytes: 0
});
function grow(count, { objects, bytes }) {
	count.objects += objects;
	count.bytes += bytes;
}
const byText = (a, b) => a < b ? -1 : a > b ? 1 : 0;
const byExample = (a, b) => byText(a.key, b.key) || byText(a.message, b.message);
const bySlowness = (a, b) => b.seconds - a.seconds || byText(a.key, b.key) || b.bytes - a.bytes;
/** The first folder of a key below the source. */
function folderOf(key, sourcePrefix) {
	const end = key.indexOf("/", sourcePrefix.length) + 1;
	return end === 0 ? TOP : cut(key.slice(sourcePrefix.length, end), CODE_CHARS);
}
function addFailures(to, { objects, examples }) {
	to.objects += objects;
	const last = to.examples.at(-1);
	const [first] = examples;
	if (to.examples.length === EXAMPLES && last && first && examples.length === 1 && byExample(last, first) <= 0) return;
	const sorted = [...to.examples, ...examples].sort(byExample);
	to.examples = sorted.filter((example, at) => example.key !== sorted[at - 1]?.key).slice(0, EXAMPLES);
}
function addFolder(to, { done, failed }) {
	grow(to.done, done);
	to.failed += failed;
}
/** Named totals: those of the smallest names by themselves, and `Other` for the rest, whatever the order they come in. */
var Named = class {
	#most;
	#add;
	#byName = /* @__PURE__ */ new Map();
	/** The largest name that is kept by itself, once there are as many as may be; all behind it are folded. */
	#last;
	constructor(most, add) {
		this.#most = most;
		this.#add = add;
	}
	get entries() {
		return [...this.#byName];
	}
	/** `fresh` is kept, and grows. */
	add(name, fresh) {
		const known = this.#last !== void 0 && name > this.#last ? REST : name;
		const there = this.#byName.get(known);
		if (there) this.#add(there, fresh);
		else this.#byName.set(known, fresh);
		const named = this.#byName.size - Number(this.#byName.has(REST));
		if (!there && named > this.#most) this.#fold();
	}
	/** A name that is beyond the smallest ones in a part is so in the whole: what is folded stays folded. */
	#fold() {
		const names = [...this.#byName.keys()].filter((name) => name !== REST).sort(byText);
		for (const name of names.slice(this.#most)) {
			const folded = this.#byName.get(name);
			this.#byName.delete(name);
			if (folded) this.add(REST, folded);
		}
		this.#last = names[this.#most - 1];
	}
};
/**
* What is known of any set of outcomes. Its size does not grow with their number. What it keeps is
* the smallest by name, never the first to come: so the order of outcomes and merges does not matter.
*/
var OutcomeTotals = class {
	#status = {
		done: none(),
		failed: none(),
		unknown: none()
	};
	#deleted = none();
	#sizeClasses = {
		small: none(),
		medium: none(),
		large: none()
	};
	#routes = {};
	#folders = new Named(FOLDERS, addFolder);
	#errors = new Named(CODES, addFailures);
	#waves = [];
	#slowest = [];
	#sha256Proven = 0;
	/** Copies and deletes, of which only copies count as done. */
	get status() {
		return this.#status;
	}
	get deleted() {
		return this.#deleted;
	}
	/** Done copies. */
	get sizeClasses() {
		return this.#sizeClasses;
	}
	/** Ops by the reason they went to the direct engine. */
	get routes() {
		return this.#routes;
	}
	/** Copies of wave 0, 1 and so on, as far as there are rows of them. */
	get waves() {
		return this.#waves;
	}
	/** Copies whose bytes have the SHA-256 that a manifest says. */
	get sha256Proven() {
		return this.#sha256Proven;
	}
	/** The ten copies that took longest, the slowest first. */
	get slowest() {
		return this.#slowest;
	}
	/** One outcome, as its row in results.ndjson tells it. `sourcePrefix`: folders are told below it. */
	add(row, sourcePrefix) {
		const { op, key, size, status, route, code, message = "", seconds } = row;
		const tally = {
			objects: 1,
			bytes: size
		};
		if (op === "delete" && status === "done") {
			grow(this.#deleted, tally);
			return;
		}
		const isDone = status === "done";
		grow(this.#status[status], tally);
		if (isDone && row.sha256Proven) this.#sha256Proven++;
		if (isDone) grow(this.#sizeClasses[sizeClassOf(size)], tally);
		if (route !== void 0) this.#routes[route] = (this.#routes[route] ?? 0) + 1;
		if (op === "copy") {
			const done = isDone ? tally : NO_TALLY;
			const failed = isDone ? 0 : 1;
			this.#folders.add(folderOf(key, sourcePrefix), {
				done: { ...done },
				failed
			});
			const isHeldBack = code === "HeldBack";
			this.#addWave(waveOf(row), {
				done,
				failed: isHeldBack ? 0 : failed,
				heldBack: isHeldBack ? 1 : 0
			});
		}
		if (seconds !== void 0) this.#addSlow([{
			key,
			bytes: size,
			seconds
		}]);
		if (isDone) return;
		this.#errors.add(nameOf$1(cut(code || UNNAMED, CODE_CHARS), message), {
			objects: 1,
			examples: [{
				key,
				message: cut(message, MESSAGE_CHARS$1)
			}]
		});
	}
	/** All that another one knows. Associative and commutative. */
	merge(other) {
		for (const status of [
			"done",
			"failed",
			"unknown"
		]) grow(this.#status[status], other.#status[status]);
		grow(this.#deleted, other.#deleted);
		for (const sizeClass of [
			"small",
			"medium",
			"large"
		]) grow(this.#sizeClasses[sizeClass], other.#sizeClasses[sizeClass]);
		for (const [route, ops] of Object.entries(other.#routes)) this.#routes[route] = (this.#routes[route] ?? 0) + ops;
		for (const [wave, totals] of other.#waves.entries()) this.#addWave(wave, totals);
		for (const [name, { done, failed }] of other.#folders.entries) this.#folders.add(name, {
			done: { ...done },
			failed
		});
		for (const [code, failures] of other.#errors.entries) this.#errors.add(code, { ...failures });
		this.#addSlow(other.#slowest);
		this.#sha256Proven += other.#sha256Proven;
	}
	/**
	* The report's error groups: causes first, the most frequent one before the others; the 50 smallest codes, and
	* `Other`. Of a code that says what is denied there is a group for each that is mended apart.
	*/
	errorGroups() {
		return this.#errors.entries.toSorted(([one], [other]) => byText(one, other)).map(([name, { objects, examples }]) => {
			const code = codeIn(name);
			return {
				code,
				objects,
				resolution: failureKind(code).resolution,
				help: helpOf(code),
				examples: examples.map(({ key }) => key),
				message: examples[0]?.message ?? ""
			};
		}).sort((a, b) => rank(a.code) - rank(b.code) || b.objects - a.objects || byText(a.code, b.code));
	}
	/** Copies by the first folder below the source, the largest first: the 20 smallest names, and `Other`. */
	folderRows() {
		return this.#folders.entries.map(([folder, { done, failed }]) => ({
			folder,
			done,
			failed
		})).sort((a, b) => b.done.bytes - a.done.bytes || byText(a.folder, b.folder));
	}
	#addWave(wave, { done, failed, heldBack }) {
		while (this.#waves.length <= wave) this.#waves.push({
			done: none(),
			failed: 0,
			heldBack: 0
		});
		const count = this.#waves[wave];
		if (!count) return;
		grow(count.done, done);
		count.failed += failed;
		count.heldBack += heldBack;
	}
	#addSlow(more) {
		const [last, first] = [this.#slowest[9], more[0]];
		if (!first || last && bySlowness(last, first) <= 0) return;
		this.#slowest = [...this.#slowest, ...more].sort(bySlowness).slice(0, SLOWEST);
	}
};
/** Causes before what follows from them, and `Other` last. */
const rank = (code) => code === REST ? 2 : Number(isConsequence(code));

// src/ledger/row-lines.ts
const STATUSES = /* @__PURE__ */ new Set([
	"done",
	"failed",
	"unknown"
]);
const ENGINES = /* @__PURE__ */ new Set(["s5cmd", "direct"]);
const ROUTES = /* @__PURE__ */ new Set([void 0, ...ROUTE_REASONS]);
/** How the row of a copy of the first wave begins. */
const BEGINNING = /\{"op":"copy","key":"(?:[^"\\]|\\.)*","to":"(?:[^"\\]|\\.)*","size":\d{1,16},"status":"/y;
/** Names that stand in the beginning: of two, readers would take either. */
const TWICE = /"(?:op|key|to|size|status|wave)":/g;
/** No row of ours is as long. */
const MOST_CHARS = 2 ** 16;
const isCount = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value) => value === void 0 || typeof value === "string";
function isRow(row) {
	const { size, status, engine, attempts, seconds, code, message, replaced, proof } = row;
	return isCount(size) && STATUSES.has(status) && ENGINES.has(engine) && isCount(attempts) && (seconds === void 0 || Number.isFinite(seconds) && seconds >= 0) && ROUTES.has(row.route) && isText(code) && isText(message) && (replaced === void 0 || replaced === true) && (proof === void 0 || proof === "etag" || proof === "checksum") && (status === "done" || typeof code === "string");
}
/** The row of a line; undefined where it is none of ours. */
function rowOf(line) {
	BEGINNING.lastIndex = 0;
	if (line.length > MOST_CHARS || !BEGINNING.test(line)) return void 0;
	const rest = BEGINNING.lastIndex;
	TWICE.lastIndex = rest;
	if (TWICE.test(line)) return void 0;
	try {
		const row = JSON.parse(line);
		return (!line.includes("\\", rest) || visibleJson(row) === line) && isRow(row) ? row : void 0;
	} catch {
		return;
	}
}
const QUOTE = 34;
const FIRST_BEYOND_ASCII = 128;
const TO_KEY = new Stamp("{\"op\":\"copy\",\"key\":\"");
const TO_TARGET = new Stamp("\",\"to\":\"");
const TO_SIZE = new Stamp("\",\"size\":");
/** Where a text ends at its quote; -1: something in it is escaped, or nothing stands there. */
function textEnd(memory, from) {
	if (from < 0) return -1;
	const { bytes } = memory;
	let at = plainEnd(memory, from, bytes.length);
	while ((bytes[at] ?? 0) >= FIRST_BEYOND_ASCII) at = plainEnd(memory, at + 1, bytes.length);
	return bytes[at] === QUOTE ? at : -1;
}
/** As many are kept; what has a time of its own in each row would fill the memory. */
const MOST_ENDINGS = 1e4;
const MOST_ENDING_BYTES = 256;
/**
* Reads rows by the million. What stands behind the size is the same in many of them: it is parsed and judged once, so that of
* most rows only the keys and the size are read.
*/
var RowLines = class {
	#sum;
	#endings = /* @__PURE__ */ new Map();
	/** `sum`: takes each row that is read. */
	constructor(sum) {
		this.#sum = sum;
	}
	/** The row of the line between two positions; undefined where it is none of ours. */
	read(memory, from, to) {
		const { bytes } = memory;
		const keyEnd = textEnd(memory, TO_KEY.endAt(memory, from));
		const targetEnd = textEnd(memory, TO_TARGET.endAt(memory, keyEnd));
		const sizeEnd = numberEnd(memory, TO_SIZE.endAt(memory, targetEnd));
		if (!(sizeEnd >= 0 && to - sizeEnd <= MOST_ENDING_BYTES && to - from <= MOST_CHARS)) return this.#parsed(bytes.toString("utf8", from, to));
		const text = bytes.toString("latin1", sizeEnd, to);
		const ending = this.#endings.get(text);
		if (!ending) return this.#learned(text, this.#parsed(bytes.toString("utf8", from, to)));
		const encoding = this.#sum.addAscii(bytes, from, sizeEnd) ? "latin1" : "utf8";
		if (encoding === "utf8") this.#sum.add(bytes.toString(encoding, from, sizeEnd));
		return {
			op: "copy",
			key: bytes.toString(encoding, from + TO_KEY.length, keyEnd),
			to: bytes.toString(encoding, keyEnd + TO_TARGET.length, targetEnd),
			size: numberIn(memory, targetEnd + TO_SIZE.length, sizeEnd),
			status: ending.status,
			replaced: ending.replaced,
			engine: ending.engine,
			route: ending.route,
			attempts: ending.attempts,
			seconds: ending.seconds,
			sha256: ending.sha256,
			sha256Proven: ending.sha256Proven,
			proof: ending.proof,
			code: ending.code,
			message: ending.message
		};
	}
	#parsed(line) {
		const row = rowOf(line);
		if (row) this.#sum.add(line);
		return row;
	}
	/** Keeps how a row ends, but for one in which something is escaped: that was judged by the whole line. */
	#learned(text, row) {
		if (!row || text.includes("\\") || this.#endings.size >= MOST_ENDINGS) return row;
		const { op: _op, key: _key, to: _to, size: _size, ...ending } = row;
		this.#endings.set(text, ending);
		return row;
	}
};

// src/ledger/handed-rows.ts
/** Whether a copy is that of the source's own marker, which is no content: no listing counts it. */
const isOwnMarker = ({ key }, sourcePrefix) => key === sourcePrefix && key.endsWith("/");
/** A file that is made when the first line comes. */
var LateFile = class {
	#files;
	#path;
	#writer;
	constructor(files, path) {
		this.#files = files;
		this.#path = path;
	}
	get path() {
		return this.#writer && this.#path;
	}
	/** Writes lines, which have their ends. */
	async add(lines) {
		if (lines.length === 0) return;
		this.#writer ??= await this.#files.writer(this.#path);
		await this.#writer.append(Buffer.concat(lines));
	}
	async close() {
		await this.#writer?.close();
	}
};
const NEWLINE = 10;
const NO_ROW = "a line of its results is not the result of a copy";
/** What is kept of rows that were handed over. */
var Merge = class {
	totals = new OutcomeTotals();
	sum = new RowSum();
	#rows = new RowLines(this.sum);
	#sourcePrefix;
	added = 0;
	constructor(sourcePrefix) {
		this.#sourcePrefix = sourcePrefix;
	}
	/** Takes whole lines; gives those of them that have to be told, undefined: one is none of ours. */
	take(lines) {
		const told = {
			failed: [],
			replaced: []
		};
		const memory = asWords(lines);
		for (let from = 0; from < lines.length;) {
			const end = lines.indexOf(NEWLINE, from);
			if (end < 0) return void 0;
			const row = this.#rows.read(memory, from, end);
			if (!row) return void 0;
			this.totals.add(row, this.#sourcePrefix);
			const isDone = row.status === "done";
			if (!isDone) told.failed.push(lines.subarray(from, end + 1));
			if (row.replaced && mayHaveChanged(row)) told.replaced.push(Buffer.from(`${JSON.stringify(row.to)}\n`));
			else if (isDone && !isOwnMarker(row, this.#sourcePrefix)) this.added++;
			from = end + 1;
		}
		return told;
	}
};
/**
* Reads rows that were handed over, once and in a memory that does not grow with them. Gives in words why they are not to
* be believed: a line that is none of ours, or other copies than those that were to be made.
*/
async function mergeRows({ name, path, sum }, { files, folder, sourcePrefix, signal }) {
	const merge = new Merge(sourcePrefix);
	const failed = new LateFile(files, files.join(folder, `${name}-failed.ndjson`));
	const replaced = new LateFile(files, files.join(folder, `${name}-replaced.ndjson`));
	try {
		for await (const lines of files.lineBytes(path)) {
			signal.throwIfAborted();
			const told = merge.take(lines);
			if (!told) return NO_ROW;
			await failed.add(told.failed);
			await replaced.add(told.replaced);
		}
	} finally {
		await failed.close();
		await replaced.close();
	}
	const { totals, added, sum: rows } = merge;
	if (rows.digest !== sum) return `its results do not have exactly one row for each of its copies (${humanObjects(rows.lines, "row")})`;
	return {
		path,
		totals,
		added,
		failed: failed.path,
		replaced: replaced.path
	};
}
/** Adds merged rows to those of the run itself, as they are. */
async function addRows(all, { files, paths, onReplaced, isLate }) {
	const append = async (to, from) => {
		const writer = await files.writer(to, "append");
		try {
			for (const path of from) if (path !== void 0) for await (const chunk of files.chunks(path)) {
				if (isLate()) return;
				await writer.append(chunk);
			}
		} finally {
			await writer.close();
		}
	};
	await append(paths.failed, all.map(({ failed }) => failed));
	await append(paths.results, all.map(({ path }) => path));
	for (const { replaced } of all) if (replaced !== void 0) for await (const line of files.lines(replaced)) {
		if (isLate()) return;
		await onReplaced(JSON.parse(line));
	}
}

// src/preflight/aliases.ts
/** How S3 ends the aliases of access points. */
const ALIAS = /(-s3alias|--(ol|op|xa)-s3)$/;
/** Whether a bucket's name is that of an access point at which a function makes the answers, HEAD's as well. */
const isMadeByFunction = (bucket) => bucket.endsWith("--ol-s3");
const aliasOf = (places) => places.find(({ bucket, isAlias }) => isAlias || ALIAS.test(bucket));
/**
* Why two places that are named differently may be of one bucket; undefined where their names tell.
* Two names of buckets at one endpoint are two buckets.
*/
function whyOneBucket(source, destination) {
	const oneName = source.bucket === destination.bucket;
	if (oneName && source.endpoint === destination.endpoint) return void 0;
	const alias = aliasOf([source, destination]);
	if (alias) return `${alias.bucket} is an access point alias`;
	return oneName ? `both buckets are named ${source.bucket}, at different endpoints` : void 0;
}

// src/preflight/policy.ts
/** Text in which no character is a pattern. */
const literal = (text) => text.replace(/[*?$]/g, (character) => `\${${character}}`);
/** What a path can mean: a folder, or as long as nobody looked, an object as well. */
function patternsOf(path, place) {
	if (place && !place.single) {
		const all = [`${literal(place.prefix)}*`];
		return {
			lists: all,
			keys: all
		};
	}
	if (path === "" || path.endsWith("/")) {
		const all = [`${literal(path)}*`];
		return {
			lists: all,
			keys: all
		};
	}
	const key = literal(path);
	const lists = [key, `${key}/*`];
	return {
		lists,
		keys: place ? [key] : lists
	};
}
function scopeOf({ bucket, path, region }, place) {
	return {
		region: place?.region ?? region,
		bucket,
		...patternsOf(place?.single ? place.prefix : path, place)
	};
}
const statement = ({ sid, actions }, resources) => ({
	Sid: sid,
	Effect: "Allow",
	Action: actions,
	Resource: resources
});
const onBucket = (sid, scope, ...actions) => statement({
	sid,
	actions
}, [s3Arn(scope)]);
/** A statement on the keys of a scope. */
const onObjects = (sid, scope, ...actions) => statement({
	sid,
	actions
}, scope.keys.map((key) => s3Arn(scope, key)));
function listing(sid, scope) {
	const bare = onBucket(sid, scope, "s3:ListBucket");
	if (scope.lists.includes("*")) return bare;
	return {
		...bare,
		Condition: { StringLike: { "s3:prefix": scope.lists } }
	};
}
/** KMS knows keys by their ARN, and aliases by a condition. */
function onKey(wanted, key, arnOf) {
	const [, account, alias] = /^(arn:.*:)?(alias\/.*)$/.exec(key) ?? [];
	if (alias === void 0) return statement(wanted, [key.startsWith("arn:") ? key : arnOf(`key/${key}`)]);
	return {
		...statement(wanted, [account === void 0 ? arnOf("key/*") : `${account}key/*`]),
		Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": [alias] } }
	};
}
/** AWS's own key of S3 is open to whoever may use S3, but it is not always told by its alias. */
const isCustomers = (key) => !key.endsWith("alias/aws/s3") && kmsKeyIn(key) !== void 0;
/** Statements on keys of KMS, for those of the customer. */
const onKeys = ({ sid, actions }, keys, arnOf) => keys.filter(isCustomers).map((key, at) => onKey({
	sid: at === 0 ? sid : `${sid}${at + 1}`,
	actions
}, key, arnOf));
/** Whether a real run of this request writes: the policy of a plan and of a dry run is that of the run it is made for. */
const wouldWrite = ({ mode }) => mode !== "check";
/** The ARN of a key of KMS, in the region of a scope. */
const kmsArn = ({ region }, { account }) => (resource) => `arn:${partitionOf(region)}:kms:${region}:${account ?? "*"}:${resource}`;
/** Formats whose rows may name versions. */
const NAMES_VERSIONS = /* @__PURE__ */ new Set([
	"csv",
	"ndjson",
	"batch"
]);
/** What reads a list that lies at S3; the data files of an inventory lie beside the folder of its day. */
function manifestStatements({ request }) {
	const { manifest } = request.selection;
	if (!manifest || request.sourceAccess === "anonymous" || !("bucket" in manifest.address)) return [];
	const { bucket, key } = manifest.address;
	const { region } = request.source;
	const keys = [literal(key)];
	if (manifest.format === "inventory") keys.push(`${literal(key.split("/").slice(0, -2).join("/"))}/data/*`.replace(/^\//, ""));
	return [onObjects("RequiredManifestRead", {
		region,
		bucket,
		lists: [],
		keys
	}, "s3:GetObject")];
}
/** What a manifest asks of the source beside its objects: without the right to list, nobody can tell what is missing. */
function rowStatements({ request }, scope) {
	const { manifest } = request.selection;
	if (!manifest) return [listing("RequiredSourceList", scope)];
	const versions = onObjects("OptionalSourceVersions", scope, "s3:GetObjectVersion", "s3:GetObjectVersionTagging");
	return [listing("OptionalSourceList", scope), ...NAMES_VERSIONS.has(manifest.format) ? [versions] : []];
}
function sourceStatements(input) {
	const { request, facts } = input;
	if (request.source.local !== void 0) return [];
	const scope = scopeOf(request.source, facts?.source);
	const writes = wouldWrite(request);
	const read = ["s3:GetObject", "s3:GetObjectTagging"];
	if (request.sourceAccess === "anonymous") {
		const name = facts !== void 0 && facts.transferPath.streamed === void 0 ? "RequiredSourceRead" : "OptionalSourceRead";
		return writes ? [onObjects(name, scope, ...read)] : [];
	}
	const looks = request.selection.manifest !== void 0 || (facts ? facts.source.single : !/(^|\/)$/.test(request.source.path));
	const tags = facts?.transferPath.streamed ? "OptionalSourceTags" : "RequiredSourceTags";
	const key = {
		sid: "RequiredSourceKey",
		actions: ["kms:Decrypt"]
	};
	return [
		...rowStatements(input, scope),
		...manifestStatements(input),
		...writes || looks ? [onObjects("RequiredSourceRead", scope, "s3:GetObject")] : checksumReads("Source", scope, request),
		...writes ? [...request.destination.local === void 0 ? [onObjects(tags, scope, "s3:GetObjectTagging")] : [], ...onKeys(key, facts?.kmsKeys.source ?? [], kmsArn(scope, input))] : [],
		...checksBuckets(request) ? [onBucket("OptionalSourceBucket", scope, "s3:GetEncryptionConfiguration")] : [],
		...writes && facts && request.destination.local === void 0 && whyOneBucket(facts.source, facts.destination) ? [onBucket("OptionalSourceUploads", scope, "s3:ListBucketMultipartUploads")] : []
	];
}
/** Whether objects get tags: those of their source, or of a rule; files have none of their own. */
const setsTags = ({ source, transfer }) => source.local === void 0 || (transfer.write.rules ?? []).some(({ tags }) => tags);
const asksAcl = ({ acl, rules = [] }) => acl !== void 0 || rules.some((rule) => rule.acl !== void 0);
/** Who asks for checksums needs the right to read; without it `compare: checksum` alone has nothing to go by. */
function checksumReads(side, scope, { selection }) {
	if (!mayAskChecksums(selection)) return [];
	const needed = selection.overwrite !== "never" && selection.compare === "checksum";
	return [onObjects(`${needed ? "Required" : "Optional"}${side}Read`, scope, "s3:GetObject")];
}
/** Writes and deletes that are bound to an ETag need the right to read. */
const bindsWrites = ({ selection }) => selection.delete || selection.compare !== "missing" && selection.overwrite !== "never";
/** What whoever makes the copies needs. */
function copyStatements(scope, input) {
	const { request, facts } = input;
	const { write } = request.transfer;
	const objects = (name, ...actions) => onObjects(`RequiredDestination${name}`, scope, ...actions);
	const key = {
		sid: "RequiredDestinationKey",
		actions: ["kms:GenerateDataKey", "kms:Decrypt"]
	};
	const asked = write.sseKmsKeyId;
	const keys = facts?.kmsKeys.destination ?? (asked ? [asked] : []);
	return [
		objects("Write", "s3:PutObject", "s3:AbortMultipartUpload"),
		...setsTags(request) ? [objects("Tags", "s3:PutObjectTagging")] : [],
		...asksAcl(write) ? [objects("Acl", "s3:PutObjectAcl")] : [],
		...onKeys(key, keys, kmsArn(scope, input))
	];
}
function writingStatements(scope, input) {
	const { request } = input;
	const objects = (name, ...actions) => onObjects(`RequiredDestination${name}`, scope, ...actions);
	const copies = copyStatements(scope, input);
	const keys = copies.filter(({ Sid }) => Sid.startsWith("RequiredDestinationKey"));
	return [
		...copies.filter((one) => !keys.includes(one)),
		...bindsWrites(request) ? [objects("Read", "s3:GetObject")] : [...checksumReads("Destination", scope, request), ...sumsReads(scope, request)],
		...request.selection.delete ? [objects("Delete", "s3:DeleteObject")] : [],
		...keys
	];
}
/** SHA256SUMS asks objects for their SHA-256, and may read them; to publish it, the one that is there is looked at. */
function sumsReads(scope, { selection: { sums } }) {
	if (!sums) return [];
	if (sums.read) return [onObjects("RequiredSha256Sums", scope, "s3:GetObject")];
	const folders = scope.keys.filter((key) => key.endsWith("*"));
	const own = {
		...scope,
		keys: folders.map((key) => key.slice(0, -1) + OWN_KEYS.sums)
	};
	return [...sums.upload ? [onObjects("RequiredSha256Sums", own, "s3:GetObject")] : [], onObjects("OptionalSha256Sums", scope, "s3:GetObject")];
}
/** Whether a run that writes nothing reads since when extras wait. */
const readsExtrasList = (request) => request.selection.deleteAfterMs !== void 0 && !wouldWrite(request);
/** Whether headers of what is there are looked at, and nothing else asks for that right. */
const comparesHeaders = (request) => request.transfer.write.rules !== void 0 && !wouldWrite(request);
function destinationStatements(input) {
	const { request, facts } = input;
	if (request.destination.local !== void 0) return [];
	const scope = scopeOf(request.destination, facts?.destination);
	return [
		listing("RequiredDestinationList", scope),
		...wouldWrite(request) ? writingStatements(scope, input) : checksumReads("Destination", scope, request),
		...readsExtrasList(request) ? [onObjects("RequiredExtrasList", scope, "s3:GetObject")] : [],
		...comparesHeaders(request) ? [onObjects("OptionalDestinationHeaders", scope, "s3:GetObject")] : [],
		...checksBuckets(request) ? [onBucket("OptionalDestinationBucket", scope, "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration")] : [],
		...wouldWrite(request) ? [onBucket("OptionalDestinationUploads", scope, "s3:ListBucketMultipartUploads")] : []
	];
}
/** A lock is written, read to bind the next write to it, and deleted. */
function lockStatements({ request, facts }) {
	const { lock } = request;
	if (!lock || !wouldWrite(request)) return [];
	const side = serviceSideOf(request);
	const scope = {
		region: facts?.[side].region ?? request[side].region,
		bucket: lock.bucket,
		lists: [],
		keys: [literal(lock.key)]
	};
	return [onObjects("RequiredLock", scope, "s3:PutObject", "s3:GetObject", "s3:DeleteObject")];
}
/** What jobs leave for one another in a bucket. */
function sharedStatements({ request, facts }) {
	const { mode, planDir, shardsDir } = request;
	const side = serviceSideOf(request);
	const region = facts?.[side].region ?? request[side].region;
	const scopeIn = ({ bucket, prefix }) => {
		const all = [`${literal(prefix)}*`];
		return {
			region,
			bucket,
			lists: all,
			keys: all
		};
	};
	const writing = ["s3:PutObject", "s3:AbortMultipartUpload"];
	const ofPlan = (scope) => mode === "plan" ? [
		listing("RequiredPlanDirList", scope),
		onObjects("RequiredPlanDirWrite", scope, ...writing),
		onObjects("RequiredPlanDirRead", scope, "s3:GetObject")
	] : [onObjects("RequiredPlanDirRead", scope, "s3:GetObject"), listing("OptionalPlanDirList", scope)];
	const ofShards = (scope) => mode === "finish" ? [listing("RequiredShardsDirList", scope), onObjects("RequiredShardsDirRead", scope, "s3:GetObject")] : [onObjects("RequiredShardsDirWrite", scope, ...writing)];
	return [...isOfBucket(planDir) ? ofPlan(scopeIn(planDir)) : [], ...isOfBucket(shardsDir) ? ofShards(scopeIn(shardsDir)) : []];
}
/** What goes to CloudWatch at the end of a run that writes. */
function metricsStatements({ request }) {
	const { metricsNamespace } = request.reporting;
	if (!metricsNamespace || !wouldWrite(request)) return [];
	const wanted = {
		sid: "OptionalMetrics",
		actions: ["cloudwatch:PutMetricData"]
	};
	const Condition = { StringEquals: { "cloudwatch:namespace": [metricsNamespace] } };
	return [{
		...statement(wanted, ["*"]),
		Condition
	}];
}
/** What CloudFront is told at the end of a run that writes. */
function cdnStatements({ request, facts, account }) {
	const { cdn } = request.reporting;
	if (!cdn || !wouldWrite(request)) return [];
	const wanted = {
		sid: "OptionalCloudFront",
		actions: ["cloudfront:CreateInvalidation"]
	};
	const partition = partitionOf(facts?.destination.region ?? request.destination.region);
	const arnOf = (id) => `arn:${partition}:cloudfront::${account ?? "*"}:distribution/${id}`;
	return [statement(wanted, cdn.distributions.map(arnOf))];
}
/**
* The smallest IAM policy for a request, source and destination apart. Keys of KMS are in it as far as
* they are known.
*/
const policyFor = (input) => ({
	Version: "2012-10-17",
	Statement: [
		...sourceStatements(input),
		...destinationStatements(input),
		...lockStatements(input),
		...sharedStatements(input),
		...metricsStatements(input),
		...cdnStatements(input)
	]
});

// src/transfer/tuning.ts
const MB = 1e6;
const MIB$1 = 2 ** 20;
/** Objects in parallel to start with, by the size class of all the work. */
const WORKERS = {
	small: 50,
	medium: 20,
	large: 10,
	mixed: 16
};
/** Ops of a batch, by its size class; and at most, where the work has objects of several. */
const BATCH_OPS = {
	small: 500,
	medium: 200,
	large: 50,
	mixed: 100
};
/** Objects in parallel, and the largest parts, where bytes pass through a runner: for speed, or for reliability. */
const REGIONS = {
	same: {
		workers: 20,
		partBytes: 100 * MIB$1
	},
	cross: {
		workers: 10,
		partBytes: 50 * MIB$1
	}
};
function workersBySize(classes) {
	const [only, another] = classes;
	return WORKERS[another === void 0 ? only ?? "small" : "mixed"];
}
const USABLE_MEMORY = .8;
const LEAST_WORKER_BYTES = 50 * MIB$1;
const MOST_BY_MEMORY = 50;
/** A fifth of the memory stays free; a worker needs a tenth of an object, and 50 MiB at least. */
function workersByMemory(memoryBytes, averageBytes) {
	const each = Math.max(LEAST_WORKER_BYTES, averageBytes * .1);
	const most = Math.floor(memoryBytes * USABLE_MEMORY / each);
	return Math.max(1, Math.min(most, MOST_BY_MEMORY));
}
const MOST_BY_CORES = 16;
/** Two for each core, fewer for large objects and more for small ones. */
function workersByCores(cores, averageBytes) {
	const base = Math.min(MOST_BY_CORES, cores * 2);
	const sizeClass = sizeClassOf(averageBytes);
	if (sizeClass === "large") return Math.max(4, Math.floor(base / 2));
	return sizeClass === "small" ? Math.min(32, base * 2) : base;
}
/** Objects in parallel to start with: by their sizes; where bytes pass through, the least of what all rules give. */
function workersFor({ numworkers }, work) {
	if (numworkers !== "auto") return {
		value: numworkers,
		rule: "asked-for"
	};
	const bySize = {
		value: workersBySize(work.classes),
		rule: "size-class"
	};
	if (!work.streamed) return bySize;
	return [
		{
			value: workersByMemory(work.memoryBytes, work.averageBytes),
			rule: "memory"
		},
		{
			value: workersByCores(work.cores, work.averageBytes),
			rule: "cores"
		},
		{
			value: REGIONS[work.sameRegion ? "same" : "cross"].workers,
			rule: "region"
		}
	].reduce((least, one) => one.value < least.value ? one : least, bySize);
}
/** Bytes of a part by object size: what is below the first bound has parts of that size, and so on. */
const PART_SIZES = [
	{
		belowBytes: 50 * MB,
		partBytes: 5 * MIB$1
	},
	{
		belowBytes: 500 * MB,
		partBytes: 50 * MIB$1
	},
	{
		belowBytes: Number.POSITIVE_INFINITY,
		partBytes: 100 * MIB$1
	}
];
const LEAST_PART_BYTES = 5 * MIB$1;
const MOST_PARTS$1 = 1e4;
/** Slower links have parts of half the size. */
const SLOW_LINK_BYTES_PER_SECOND = 10 * MB / 8;
function wantedPart(asked, size, link) {
	if (asked !== "auto") return {
		value: asked,
		rule: "asked-for"
	};
	const bySize = PART_SIZES.find(({ belowBytes }) => size < belowBytes)?.partBytes ?? 0;
	const most = REGIONS[link.sameRegion ? "same" : "cross"].partBytes;
	const known = most < bySize ? {
		value: most,
		rule: "region"
	} : {
		value: bySize,
		rule: "size-class"
	};
	const { bytesPerSecond = Number.POSITIVE_INFINITY } = link;
	if (bytesPerSecond >= SLOW_LINK_BYTES_PER_SECOND || known.value === LEAST_PART_BYTES) return known;
	return {
		value: Math.max(LEAST_PART_BYTES, Math.floor(known.value / 2)),
		rule: "link"
	};
}
/** Bytes of the parts that an object of `size` bytes is streamed in; never more than 10,000 parts. */
function partBytesFor({ partBytes }, size, link) {
	const least = Math.ceil(size / MOST_PARTS$1 / MIB$1) * MIB$1;
	const wanted = wantedPart(partBytes, size, link);
	return least > wanted.value ? {
		value: least,
		rule: "most-parts"
	} : wanted;
}
/** Ops in a batch of a size class, where the work has these classes. */
function batchOps({ batchSize }, sizeClass, classes) {
	if (batchSize !== "auto") return {
		value: batchSize,
		rule: "asked-for"
	};
	const own = BATCH_OPS[sizeClass];
	return {
		value: classes.size > 1 ? Math.min(own, BATCH_OPS.mixed) : own,
		rule: "size-class"
	};
}
/** What a process of s5cmd opens beside its workers' connections, and connections of a worker at a time. */
const OTHER_FILES = 20;
const FILES_PER_WORKER = 1.3;
const bearable = (openFiles, others, each) => openFiles === void 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((openFiles - others) / each));
/** Workers that an s5cmd bears which may open so many files; with more it ends at once. */
const workersWithin = (openFiles) => bearable(openFiles, OTHER_FILES, FILES_PER_WORKER);
/** What the action opens beside the connections of its copies: listings, looks, files and s5cmd's pipes. */
const OWN_FILES = 80;
/** Of a copy at a time: a connection, a second one or the file that is read, and the file and its folder that are written. */
const FILES_OF_A_COPY = {
	copied: 1,
	streamed: 2,
	downloaded: 3
};
/** Folders that two threads hold open while they write no file there. */
const IDLE_FOLDERS = 128;
/** Copies at a time that the action itself bears where it may open so many files. */
const copiesWithin = (openFiles, how) => bearable(openFiles, how === "downloaded" ? 208 : OWN_FILES, FILES_OF_A_COPY[how]);
/** Of each object that is read at a time: the others are brought to the disk meanwhile, or wait to be read. */
const FILES_PER_READ = 3;
const FILE_AND_FOLDER = 2;
/** Files that are written at a time where so many objects are read at a time, and the action may open so many files. */
function filesFor(reads, openFiles = Number.POSITIVE_INFINITY) {
	const left = Math.floor((openFiles - OWN_FILES - IDLE_FOLDERS - reads) / FILE_AND_FOLDER);
	return Math.max(reads, Math.min(FILES_PER_READ * reads, left));
}

// src/transfer/router.ts
const LARGEST_COPY_BYTES = 5 * 2 ** 30;
/** Some services take less in one request, such as 5,000,000,000 bytes. */
const LARGEST_COPY_ELSEWHERE_BYTES = 4 * 2 ** 30;
/** Systems with 16,384 ports, each of which rests for up to minutes; s5cmd takes one for most copies. */
const FEW_PORTS = /* @__PURE__ */ new Set(["win32", "darwin"]);
const COPIES_WITHIN_PORTS = 8e3;
/** Whether so many copies by s5cmd would use up the ports of a platform, and fail for that. */
const usesUpPorts = (platform, copies) => FEW_PORTS.has(platform) && copies > COPIES_WITHIN_PORTS;
const dotSegment = (key) => /(^|\/)\.\.?(\/|$)/.test(key);
/** Why s5cmd cannot write an object as it is to be. */
function writtenAs({ to }, { transfer, s5cmd, destination }) {
	const options = optionsFor(transfer.write, ruledKey(destination, to));
	if (keepsType(options)) return "type-kept";
	if (keepsOthers(options) || options.headers?.["content-language"]) return "headers-by-rule";
	if (options.metadata && !s5cmd?.metadataDirective) return "metadata-on-old-s5cmd";
	if (options.tags === void 0) return void 0;
	return options.tags === "" && transfer.write.tags === "drop" ? "tags-dropped" : "tags-by-rule";
}
/** Why s5cmd cannot carry an op safely; undefined when it can. */
function s5cmdCannot(op, { transfer, s5cmd, destination }) {
	if (destination.variant?.bucketInHost) return "bucket-in-host";
	if (op.unnameable) return "not-utf-8";
	if (op.archived) return "archived";
	if (op.key.includes("\n") || op.to.includes("\n")) return "newline-in-key";
	if (op.key.endsWith("/") || op.to.endsWith("/")) return "trailing-slash";
	if (op.size > LARGEST_COPY_BYTES) return "over-5-gib";
	if (destination.endpoint !== void 0 && op.size > LARGEST_COPY_ELSEWHERE_BYTES) return "over-4-gib-on-compatible-service";
	if (dotSegment(op.key) || dotSegment(op.to)) return "dot-segment";
	if (destination.endpoint !== void 0 && op.key.includes(" ")) return "space-on-compatible-service";
	return op.pinned ? "pinned-by-manifest" : writtenAs(op, {
		transfer,
		s5cmd,
		destination
	});
}
/** Policies that bind whoever writes to a bucket, and may want conditions of every write. */
const BINDING = /* @__PURE__ */ new Set([
	"resource-based policy",
	"resource control policy",
	"service control policy"
]);
/** Whether a policy denies a write as it was sent, whatever the identity may do; one that allows it only with a condition has the same effect. */
function isDeniedAsSent(message) {
	const { action, policy, explicit } = denialIn(message) ?? {};
	return action === "s3:PutObject" && (explicit ? BINDING.has(policy) : policy === "resource-based policy");
}
/**
* Whether the direct engine may carry what s5cmd was refused: it sends the conditions that the policy of a bucket may
* want, cuts what is too large for one request, and knows ways around what a service does not know.
*/
function mayGoDirect({ op, status, engine, code = "", message = "", httpStatus }, { engine: asked }, { endpoint }) {
	if (asked !== "auto" || engine !== "s5cmd" || status !== "failed") return false;
	if (code === "AccessDenied") return isDeniedAsSent(message) || isAcrossRegions({ message });
	if (code === "EntityTooLarge") return true;
	if (code === "NoSuchKey" || code === "NoSuchBucket") return endpoint !== void 0;
	return isPuzzled({
		code,
		message,
		status: httpStatus
	}) && (httpStatus === 501 || code === "MethodNotAllowed" || op.size > 0);
}
/** Why the direct engine carries an op; undefined when s5cmd does. */
function routeToDirect(op, rules) {
	if (rules.transfer.engine === "direct") return rules.transfer.directBecause ?? "asked-for";
	if (!rules.s5cmd) return "s5cmd-unavailable";
	const cannot = s5cmdCannot(op, rules);
	if (cannot !== void 0 || rules.transfer.engine === "s5cmd") return cannot;
	return rules.fewPorts && sizeClassOf(op.size) === "small" ? "few-ports" : void 0;
}

// src/ledger/rows.ts
const MESSAGE_CHARS = 500;
/** Code and message of an op that is not done, without secrets that a service sent back. */
const failureOf = ({ code = "", message = "" }, hide) => ({
	code: hide(code),
	message: hide(message).slice(0, MESSAGE_CHARS)
});
/** The row of a copy. `hide` takes secrets out of what a service said. */
function rowOfCopy(op, outcome, belief, hide) {
	const { engine, route, attempts, tookMs } = outcome;
	const isDone = outcome.status === "done";
	const sha256 = isDone && outcome.sha256 || void 0;
	const said = !isDone ? failureOf(outcome, hide) : belief === "claimed" ? NOT_LOOKED_AT : void 0;
	return {
		op: op.op,
		key: op.key,
		to: op.to,
		wave: op.wave,
		size: op.size,
		status: said === NOT_LOOKED_AT ? NOT_LOOKED_AT.status : outcome.status,
		replaced: op.toEtag === void 0 ? void 0 : true,
		engine: engine === "s5cmd" ? engine : "direct",
		route,
		attempts,
		seconds: isDone && tookMs !== void 0 ? tookMs / 1e3 : void 0,
		sha256,
		sha256Proven: sha256 !== void 0 && sha256 === op.sha256 ? true : void 0,
		proof: belief === "proven" ? "etag" : void 0,
		code: said?.code,
		message: said?.message
	};
}
/** The row of a delete. `hide` takes secrets out of what a service said. */
const rowOfDelete = (op, outcome, hide) => ({
	op: op.op,
	key: op.key,
	size: op.size,
	status: outcome.status,
	engine: "direct",
	attempts: outcome.attempts,
	...outcome.status === "done" ? {} : failureOf(outcome, hide)
});

// src/transfer/look.ts
/** Whether an answer tells what an object is known by. */
const isWhole = ({ size, modified }) => !Number.isNaN(size) && modified !== "";
/**
* A look by HEAD; where the identity may list but not read, or the answer does not tell size and time, or is a bad request,
* by a listing of one key.
* Gives undefined when there is no such object, and throws what the service threw.
*/
function looker(store, bucket) {
	const { capabilities } = store;
	return async (key, signal, versionId) => {
		if (versionId !== void 0) return store.stat({
			bucket,
			key,
			versionId
		}, signal);
		if (!capabilities.heads) return listOne(store, {
			bucket,
			key
		}, signal);
		try {
			const found = await store.stat({
				bucket,
				key
			}, signal);
			if (found === void 0 || isWhole(found)) return found;
			capabilities.refusesHeads();
			return listOne(store, {
				bucket,
				key
			}, signal);
		} catch (error) {
			const { code, status } = serviceFailure(error);
			if (status === 400 && !signal.aborted) return listOne(store, {
				bucket,
				key
			}, signal);
			if (code !== "AccessDenied") throw error;
			capabilities.refusesHeads();
			return listOne(store, {
				bucket,
				key
			}, signal);
		}
	};
}
/** Beyond this many keys a listing is cheaper than a HEAD for each, unless they lie far apart. */
const MOST_HEADS$1 = 1e3;
const HEADS_AT_ONCE$1 = 32;
/** What waits on disk holds the text of whole pages while it waits in memory. */
const ANSWERS_IN_MEMORY = 1e3;
/** How so many keys are looked at at the least cost. */
const lookMethod = (count) => count <= MOST_HEADS$1 ? "heads" : "listing";
async function byHeads$1({ place, signal }, { records }) {
	const look = looker(place.store, place.bucket);
	const pairs = [];
	await inParallel(records, HEADS_AT_ONCE$1, async (record) => {
		signal.throwIfAborted();
		pairs.push([record, await look(place.prefix + toText(record.key), signal)]);
	});
	return pairs;
}
__name(byHeads$1, "byHeads");
/** Notes between which keys all records lie. */
async function* ranged(records, note) {
	let range;
	for await (const record of records) {
		const { key } = record;
		const { first, last } = range ?? {
			first: key,
			last: key
		};
		range = {
			first: key < first ? key : first,
			last: key > last ? key : last
		};
		yield record;
	}
	if (range) note(range);
}
/** What a place has between two keys; where its order does not tell, all that it has. */
async function listed({ place, signal, files, scratch }, range) {
	const sorted = (objects, name) => inKeyOrder(objects, {
		files,
		folder: files.join(scratch, name)
	});
	if (range && !place.single) try {
		return await sorted(listRange(place, range, signal), "found");
	} catch (error) {
		if (error !== OUT_OF_ORDER) throw error;
	}
	return sorted(listAll(place, signal), "found-anywhere");
}
async function byListing$1(deps, { records }) {
	const { files, scratch } = deps;
	let range;
	const noted = ranged(records, (found) => {
		range = found;
	});
	const sought = await inKeyOrder(noted, {
		files,
		folder: files.join(scratch, "sought")
	});
	return joinStreams(sought, await listed(deps, range));
}
__name(byListing$1, "byListing");
async function* recordsIn(files, path) {
	for await (const records of blocksOf(files, path)) yield* records;
}
async function* pairsOf(answers) {
	for await (const { record, found } of answers) yield [record, found];
}
/** By a listing of the pages that have them, and by HEAD where that tells less; where its order does not tell, by one of all. */
async function byCost(deps, { records }) {
	const { place, files, scratch, signal } = deps;
	const sorted = {
		files,
		folder: files.join(scratch, "sought")
	};
	const { path } = await fileInKeyOrder(inBlocks(records), sorted);
	const look = looker(place.store, place.bucket);
	const seen = listSought(place, blocksOf(files, path), signal);
	const answers = inOrder(seen, HEADS_AT_ONCE$1, async ([record, object]) => {
		const { key } = record;
		return {
			key,
			record,
			found: object === "unseen" ? await look(place.prefix + toText(key), signal) : object
		};
	});
	try {
		const folder = files.join(scratch, "answers");
		return pairsOf(await inKeyOrder(answers, {
			files,
			folder,
			chunk: ANSWERS_IN_MEMORY
		}));
	} catch (error) {
		if (error !== OUT_OF_ORDER) throw error;
		return joinStreams(recordsIn(files, path), await listed(deps, void 0));
	}
}
/**
* What a place has now under each of many keys: by HEAD up to 1,000, beyond that as `listSought` does, so that what lies
* far from all of them is never listed; where it is asked for, by one listing from the first to the last, which adds
* pairs without a record. All of it is seen before the first pair is given. Throws the service's error, or SyncError
* when a listing is not complete.
*/
async function lookAtEach(deps, sought) {
	if ((deps.method ?? lookMethod(sought.count)) === "heads") return byHeads$1(deps, sought);
	return deps.method === "listing" || deps.place.single ? byListing$1(deps, sought) : byCost(deps, sought);
}

// src/transfer/direct/parts.ts
const MIB = 2 ** 20;
const MOST_PARTS = 1e4;
/** Server-side a part takes about a second, whatever the number of parts. */
const COPY_PART_BYTES = 256 * MIB;
/** Bytes of the parts that an object is copied in, server-side. */
const copyPartBytes = (size) => Math.max(COPY_PART_BYTES, Math.ceil(size / MOST_PARTS / MIB) * MIB);
/** An object of `size` bytes cut into parts. */
function* rangesOf(size, partBytes) {
	for (let first = 0; first < size; first += partBytes) yield {
		first,
		last: Math.min(size, first + partBytes) - 1
	};
}

// src/transfer/direct/upload.ts
const ABORTS = 2;
/** Makes all parts, some at a time; the first failure keeps further ones from being begun. */
async function makeParts(upload, { ranges, make }, concurrency) {
	const etags = [];
	await inParallel(Array.from(ranges).entries(), concurrency, async ([at, range]) => {
		etags[at] = await make({
			upload,
			number: at + 1
		}, range);
	});
	return etags;
}
/** The same failure, which also says that the parts of an upload stay and cost. */
function withLeftover(error, { code, message }) {
	if (!(error instanceof Error) || error instanceof SyncError) return error;
	const failed = serviceFailure(error);
	const text = `${shortened(failed.message, 250)} Its unfinished multipart upload remains: ${code}: ${message}`;
	return new ServiceError(failed.code, text, {
		status: failed.status,
		cause: error
	});
}
/** Writes objects in parts. */
var Uploads = class {
	#deps;
	constructor(deps) {
		this.#deps = deps;
	}
	/**
	* Writes an object and gives its ETag; when that fails, the upload is aborted. `onRetry`: told why a request
	* of it is made again.
	*/
	async write(write, plan, onRetry) {
		const { concurrency } = this.#deps;
		const { upload, whole } = await this.#beginKnown(write, onRetry);
		try {
			const etags = await makeParts(upload, plan, concurrency);
			await plan.check?.();
			const value = whole && plan.crc32?.();
			const proven = whole && value !== void 0 ? {
				...whole,
				value
			} : whole;
			return await this.#complete(upload, {
				etags,
				only: write.only,
				whole: proven
			}, onRetry);
		} catch (error) {
			const leftover = await this.#abort(upload);
			throw leftover ? withLeftover(error, leftover) : error;
		}
	}
	/** Begins an upload; a service that does not know the checksum that the object is to have is asked once. */
	async #beginKnown(write, onRetry) {
		const { capabilities } = this.#deps;
		const whole = capabilities.wholeChecksums ? write.whole : void 0;
		const plain = {
			to: write.to,
			only: write.only,
			headers: write.headers
		};
		if (!whole) return {
			upload: await this.#begin(plain, onRetry),
			whole
		};
		try {
			return {
				upload: await this.#begin(write, onRetry),
				whole
			};
		} catch (error) {
			if (!isPuzzled(serviceFailure(error))) throw error;
			const upload = await this.#begin(plain, onRetry).catch(() => Promise.reject(error));
			capabilities.lacksWholeChecksums();
			return {
				upload,
				whole: void 0
			};
		}
	}
	/** Puts the parts together; where the service does not know there what it took before, without it. */
	async #complete(upload, parts, onRetry) {
		const { objects, capabilities, requestTimeoutMs, signal } = this.#deps;
		const limit = {
			timeoutMs: requestTimeoutMs * 10,
			signal,
			onRetry
		};
		try {
			return await objects.completeUpload(upload, parts, limit);
		} catch (error) {
			const { etags, only, whole } = parts;
			if (!whole || whole.value !== void 0 || !isPuzzled(serviceFailure(error))) throw error;
			const etag = await objects.completeUpload(upload, {
				etags,
				only
			}, limit).catch(() => Promise.reject(error));
			capabilities.lacksWholeChecksums();
			return etag;
		}
	}
	/** Begins an upload. A cancel waits a moment for the answer, without which nobody could abort it. */
	async #begin(write, onRetry) {
		const { objects, clock, signal, requestTimeoutMs } = this.#deps;
		const late = new AbortController();
		const cancel = () => void clock.sleep(UPLOAD_END_MS.begin).then(() => late.abort(signal.reason));
		const limit = {
			timeoutMs: requestTimeoutMs,
			signal: late.signal,
			onRetry
		};
		signal.addEventListener("abort", cancel, { once: true });
		try {
			return await objects.startUpload(write, limit);
		} finally {
			signal.removeEventListener("abort", cancel);
		}
	}
	/**
	* Removes what an upload left; gives why something stays. Parts that were under way may arrive behind
	* an abort, so it is said twice.
	*/
	async #abort(upload) {
		const { objects, clock } = this.#deps;
		let problem;
		for (let said = 0; said < ABORTS; said++) {
			if (said > 0) await clock.sleep(UPLOAD_END_MS.pause);
			problem = await objects.abortUpload(upload, { timeoutMs: UPLOAD_END_MS.abort }).then(() => void 0, (error) => serviceFailure(error));
		}
		return problem;
	}
};

// src/verify/findings.ts
/** What the looks at several waves found together. */
function addVerification(first, next) {
	if (!first) return next;
	return {
		method: next.checked < first.checked ? first.method : next.method,
		checked: first.checked + next.checked,
		proven: {
			etag: first.proven.etag + next.proven.etag,
			checksum: first.proven.checksum + next.proven.checksum,
			"size-and-time": first.proven["size-and-time"] + next.proven["size-and-time"]
		},
		mismatches: new Map([...first.mismatches, ...next.mismatches])
	};
}
/** Nothing looked at. */
const NOT_PROVEN = {
	etag: 0,
	checksum: 0,
	"size-and-time": 0
};
function foundInstead(claim, found) {
	if (!found) return "The destination does not have the object.";
	const { size, etag, modified } = found;
	return etag === claim.etag ? `The destination still has the old object: it was last modified at ${modified}.` : `The destination has ${size} bytes with ETag ${etag} instead of ${claim.size} bytes with ETag ${claim.etag}.`;
}
/** Keys that can be named as looked at, when a cancel ends the looks: more than there is time to look at. */
const MOST_NAMED = 2e5;
/** What is found as the looks go on; a cancel ends them anywhere. */
var Findings = class {
	#prefix;
	#onStanding;
	#proven = { ...NOT_PROVEN };
	#mismatches = /* @__PURE__ */ new Map();
	#seen = /* @__PURE__ */ new Set();
	#byChecksum = /* @__PURE__ */ new Set();
	/** Keys are told behind this prefix of the destination; `onStanding` is told of each copy that is there. */
	constructor(prefix, onStanding) {
		this.#prefix = prefix;
		this.#onStanding = onStanding;
	}
	/** The copy is there. */
	prove(claim, by, found) {
		this.#proven[by]++;
		const to = this.#note(claim);
		if (by === "checksum") this.#byChecksum.add(to);
		const { sha256 } = claim;
		this.#onStanding?.({
			to,
			size: found?.size ?? claim.size,
			etag: found?.etag,
			sha256
		});
	}
	/** Something else is there, or nothing. */
	refute(claim, found) {
		this.#mismatches.set(this.#note(claim), foundInstead(claim, found));
	}
	has(claim) {
		return this.#seen.has(this.#keyOf(claim));
	}
	/** All that was to be looked at was. */
	whole(method, checked) {
		const byChecksum = this.#byChecksum.size > 0 ? this.#byChecksum : void 0;
		return {
			method,
			checked,
			proven: { ...this.#proven },
			mismatches: this.#mismatches,
			byChecksum
		};
	}
	/** The looks ended early. */
	broken(method) {
		return {
			...this.whole(method, this.#seen.size),
			inTime: this.#seen
		};
	}
	#keyOf({ key }) {
		return this.#prefix + toText(key);
	}
	#note(claim) {
		const key = this.#keyOf(claim);
		if (this.#seen.size < MOST_NAMED) this.#seen.add(key);
		return key;
	}
};

// src/verify/in-haste.ts
/** There is no time to look at more. */
const MOST_CLAIMS = 2e5;
/** Up to so many copies are looked at one by one; a page of a listing may show a thousand. */
const MOST_HEADS = 128;
const HEADS_AT_ONCE = 64;
async function open(claims, findings) {
	const left = /* @__PURE__ */ new Map();
	for await (const claim of claims) {
		if (!findings.has(claim)) left.set(claim.key, claim);
		if (left.size === MOST_CLAIMS) break;
	}
	return left;
}
/** There is no time to ask for more where an ETag is suspect: such a copy is left unknown. */
function record(claim, found, findings) {
	const standing = standingOf(claim, found);
	if (standing === "other") findings.refute(claim, found);
	else if (standing !== "suspect") findings.prove(claim, standing, found);
}
async function byHeads(claims, findings, { store, bucket, prefix }, signal) {
	const look = looker(store, bucket);
	await inParallel(claims, HEADS_AT_ONCE, async (claim) => {
		signal.throwIfAborted();
		record(claim, await look(prefix + toText(claim.key), signal), findings);
	});
}
/** By the pages that have them, as they come; what these do not tell is looked at one by one. */
async function byListing(claims, findings, place, signal) {
	const sorted = [...claims.values()].sort((a, b) => a.key < b.key ? -1 : 1);
	const blocks = async function* () {
		yield sorted;
	};
	try {
		for await (const [claim, seen] of listSought(place, blocks(), signal)) if (seen !== "unseen") record(claim, seen, findings);
	} catch (error) {
		if (error !== OUT_OF_ORDER) throw error;
	}
	await byHeads(sorted.filter((claim) => !findings.has(claim)), findings, place, signal);
}
/**
* Looks at copies in the little time that a cancel leaves, by as few requests one after the other as can be. What
* was looked at when `signal` is aborted, or a request fails, is among the findings; the rest stays open.
*/
async function lookInHaste(claims, findings, destination, signal) {
	const left = await open(claims, findings);
	if (left.size === 0) return;
	await (left.size > MOST_HEADS ? byListing(left, findings, destination, signal) : byHeads(left.values(), findings, destination, signal)).catch(() => {});
}

// src/verify/second-looks.ts
init__crypto();
/** What may be read to see whether ETags are MD5s: an object of at most so many bytes. */
const MOST_READ_BYTES = 8 * 2 ** 20;
/** So many objects without checksums in a row, and the service has none. */
const VAIN_ASKS = 10;
/** Directory buckets (S3 Express One Zone) have ETags that are no MD5. */
const isDirectoryBucket = (bucket) => bucket.endsWith("--x-s3");
/** Whether ETags are those of AWS. */
const isAws = ({ endpoint, bucket }) => endpoint === void 0 && !isDirectoryBucket(bucket);
const expectedOf = (claim, etagIsMd5) => {
	const { etag, size, batchBeganMs, stood, answer, oneRequest } = claim;
	return {
		etag,
		size,
		batchBeganMs,
		stood,
		answer,
		oneRequest,
		etagIsMd5
	};
};
/**
* Asks both sides for more where ETags do not prove a copy: for encryption, for checksums, and once a run each for
* the bytes that they are of. What cannot be asked is left open: the copy is then known by size and time.
*/
var SecondLooks = class {
	#sides;
	#vainAsks = 0;
	/** Whether unequal checksums count against a copy; undefined: nobody has seen. */
	#unequalCount;
	/** Whether ETags are MD5s on both sides; undefined: nobody has seen. */
	#etagsAreMd5;
	constructor(sides) {
		this.#sides = sides;
	}
	/** What a copy that is known by size and time turns out to be by full-object checksums. */
	async byChecksum(claim) {
		if (this.#vainAsks >= VAIN_ASKS) return "size-and-time";
		const equal = await this.#checksumsEqual(claim);
		if (equal === void 0) this.#vainAsks++;
		else this.#vainAsks = 0;
		return equal === void 0 ? "size-and-time" : equal ? "checksum" : "other";
	}
	/** What an object is that has another ETag than it should have. */
	async ofSuspect(claim, seen) {
		const { source, signal } = this.#sides;
		if (await this.#etagsAreMd5 === false) return this.byChecksum(claim);
		const found = seen.etagIsMd5 === void 0 ? await this.#look(claim) : seen;
		if (!found) return "other";
		const from = await source.store.stat({
			bucket: source.bucket,
			key: claim.from,
			versionId: claim.fromVersion
		}, signal).catch(() => void 0);
		signal.throwIfAborted();
		if (from && from.etag !== claim.etag && from.etag === found.etag) return "etag";
		const { etagIsMd5 } = from ?? { etagIsMd5: false };
		const standing = standingOf(expectedOf(claim, etagIsMd5), found);
		if (standing !== "suspect") return standing === "size-and-time" ? this.byChecksum(claim) : standing;
		const equal = await this.#checksumsEqual(claim);
		if (equal !== void 0) return equal ? "checksum" : "other";
		this.#etagsAreMd5 ??= this.#areMd5s(claim, found);
		return await this.#etagsAreMd5 ? "other" : "size-and-time";
	}
	#keyOf({ key }) {
		return this.#sides.destination.prefix + toText(key);
	}
	async #look(claim) {
		const { destination, signal } = this.#sides;
		return await destination.store.stat({
			bucket: destination.bucket,
			key: this.#keyOf(claim)
		}, signal);
	}
	async #checksumsEqual(claim) {
		const { source, destination, signal } = this.#sides;
		try {
			const there = await destination.store.checksums(destination.bucket, this.#keyOf(claim), signal);
			if (!there || there.values.size === 0) return void 0;
			const { from: key, fromVersion } = claim;
			const from = await source.store.checksums(source.bucket, key, signal, fromVersion);
			const equal = from?.etag === claim.etag ? sameChecksum(there.values, from.values) : void 0;
			if (equal !== false) return equal;
			this.#unequalCount ??= this.#bytesDiffer(claim, {
				key: this.#keyOf(claim),
				etag: there.etag
			});
			return await this.#unequalCount ? false : void 0;
		} catch {
			signal.throwIfAborted();
			return;
		}
	}
	/** Whether unequal checksums mean unequal bytes, as on AWS; other services may sum up what they made of the bytes. */
	async #bytesDiffer({ from, fromVersion, etag, size }, there) {
		const { source, destination, requestTimeoutMs, signal } = this.#sides;
		const usual = source.endpoint === void 0 && destination.endpoint === void 0;
		if (usual || size > MOST_READ_BYTES) return usual;
		const limit = {
			timeoutMs: requestTimeoutMs,
			signal
		};
		const bytesOf = async ({ store, bucket }, { key, etag, versionId }) => (await store.objects.read({
			bucket,
			key,
			etag,
			versionId
		}, { bytes: size }, limit)).bytes;
		const copied = await bytesOf(destination, there);
		return Buffer.compare(copied, await bytesOf(source, {
			key: from,
			etag,
			versionId: fromVersion
		})) !== 0;
	}
	/** Whether ETags are MD5s on both sides, by one object: services may have ETags of their own that look alike. */
	async #areMd5s(claim, found) {
		const { source, destination } = this.#sides;
		const { from: key, fromVersion: versionId, etag } = claim;
		if (!await this.#isMd5(source, {
			key,
			etag,
			versionId
		}, claim.size)) return false;
		if (isAws(destination)) return true;
		return await this.#isMd5(destination, {
			key: this.#keyOf(claim),
			etag: found.etag
		}, found.size);
	}
	/** Whether the MD5 of an object is its ETag. What cannot be read has the ETags of AWS, or of somebody else. */
	async #isMd5(side, object, size) {
		const { requestTimeoutMs, signal } = this.#sides;
		const { bucket, store } = side;
		if (store.local || store.landing) return true;
		if (size > MOST_READ_BYTES) return isAws(side);
		try {
			const limit = {
				timeoutMs: requestTimeoutMs,
				signal
			};
			const { bytes } = await store.objects.read({
				bucket,
				...object
			}, { bytes: size }, limit);
			return hash("md5", bytes) === object.etag;
		} catch {
			signal.throwIfAborted();
			return isAws(side);
		}
	}
};

// src/verify/verify.ts
const SECOND_LOOKS_AT_ONCE = 32;
/** Two more requests for each copy are bearable for as many as are looked at one by one. */
const MOST_CHECKSUM_ASKS = 1e3;
async function* readClaims(files, claims) {
	for (const { path } of claims) for await (const line of files.lines(path)) yield JSON.parse(line);
}
const countOf = (claims) => claims.reduce((sum, { count }) => sum + count, 0);
/** Looks at all claims, and once more at each that its ETag does not prove. */
async function lookAtAll({ source, destination, requestTimeoutMs, asked, claims }, { files, scratch, cancelled: signal }, findings) {
	const more = new SecondLooks({
		source,
		destination,
		requestTimeoutMs,
		signal
	});
	const place = {
		place: destination,
		files,
		scratch,
		signal,
		method: asked === "listing" ? asked : void 0
	};
	let asksLeft = MOST_CHECKSUM_ASKS;
	const sought = {
		records: readClaims(files, claims),
		count: countOf(claims)
	};
	const record = async (claim, found) => {
		const first = standingOf(claim, found);
		const standing = first === "suspect" && found ? await more.ofSuspect(claim, found) : first === "size-and-time" && asksLeft-- > 0 ? await more.byChecksum(claim) : first;
		if (standing === "other" || standing === "suspect") findings.refute(claim, found);
		else findings.prove(claim, standing, found);
	};
	const open = async function* () {
		for await (const pair of await lookAtEach(place, sought)) if (pair[0]) yield pair;
	};
	await inParallel(open(), SECOND_LOOKS_AT_ONCE, async ([claim, found]) => {
		if (claim) await record(claim, found);
	});
}
/** Why the destination could not be looked at, as SyncError of kind `verify`. */
function unverified(error) {
	if (error instanceof SyncError) return error;
	const { code, message } = serviceFailure(error);
	const remedy = code === "AccessDenied" ? "Allow s3:ListBucket or s3:GetObject on the destination" : "Copied objects stay copied: run again, and only missing objects are copied";
	return new SyncError("verify", `The copies could not be verified: ${code}: ${message}`, {
		hint: `${remedy}; or set verify: outcomes to rely on the results of the copy requests.`,
		cause: error
	});
}
/**
* Looks at the destination again for every copy that was only reported done (with `verify: listing` for
* every copy): by HEAD up to 1,000, beyond that by listing the pages that have them, and when asked for by one listing of
* all that lies between them. A cancelled run looks as far as it has time. Throws SyncError when the destination cannot be looked at.
*/
async function verify(request, context) {
	const { asked, claims, destination } = request;
	const { files, cancelled, hurried } = context;
	if (asked === "outcomes" || countOf(claims) === 0) return {
		method: asked === "outcomes" ? "none" : "results",
		checked: 0,
		proven: NOT_PROVEN,
		mismatches: /* @__PURE__ */ new Map()
	};
	const method = asked === "listing" ? "listing" : lookMethod(countOf(claims));
	const findings = new Findings(destination.prefix, request.onStanding);
	try {
		if (!cancelled.aborted) {
			await lookAtAll(request, context, findings);
			return findings.whole(method, countOf(claims));
		}
	} catch (error) {
		if (!cancelled.aborted) throw unverified(error);
	}
	await lookInHaste(readClaims(files, claims), findings, destination, hurried);
	return findings.broken(method);
}

// src/transfer/own-object.ts
init__crypto();
/** Larger files go in parts, of which a few are held at a time. */
const PART_BYTES = 8 * 2 ** 20;
const PARTS_AT_ONCE = 4;
/** The condition of a write over what was seen (undefined: nothing); of what the service tells no ETag of nothing can be said. */
const ifUnchanged = (etag) => etag === void 0 ? "absent" : etag === "" ? void 0 : { etag };
async function bytesOf(file, first, length) {
	const bytes = Buffer.alloc(length);
	const read = await file.read(bytes, first);
	return bytes.subarray(0, read);
}
async function writeFile(file, write, objects, { store, clock, requestTimeoutMs, signal }) {
	const { size } = await file.facts();
	if (size <= PART_BYTES) {
		const bytes = await bytesOf(file, 0, size);
		const headers = {
			...write.headers,
			"content-md5": hash("md5", bytes, "base64")
		};
		const limit = {
			timeoutMs: copyLimitMs(size, requestTimeoutMs),
			signal
		};
		return objects.put({
			...write,
			headers
		}, bytes, limit);
	}
	const { capabilities } = store;
	const uploads = new Uploads({
		objects,
		capabilities,
		clock,
		concurrency: PARTS_AT_ONCE,
		requestTimeoutMs,
		signal
	});
	const limit = {
		timeoutMs: copyLimitMs(PART_BYTES, requestTimeoutMs),
		signal
	};
	return uploads.write(write, {
		ranges: rangesOf(size, PART_BYTES),
		make: async (part, { first, last }) => {
			const bytes = await bytesOf(file, first, last - first + 1);
			const proof = { md5: hash("md5", bytes, "base64") };
			return objects.putPart({
				...part,
				proof
			}, bytes, limit);
		}
	});
}
/**
* Writes a file that this run made to the destination, on the condition that is given where the service knows
* conditions; gives the new ETag. Throws what the service said.
*/
async function putOwnFile(file, write, deps) {
	const { store, clock, retryCount, signal } = deps;
	const { capabilities } = store;
	const objects = retrying(store.objects, {
		clock,
		retryCount,
		signal
	});
	const free = {
		to: write.to,
		only: void 0,
		headers: write.headers
	};
	if (!capabilities.conditionalWrites) return writeFile(file, free, objects, deps);
	try {
		return await writeFile(file, write, objects, deps);
	} catch (error) {
		if (write.only === void 0 || !isPuzzled(serviceFailure(error))) throw error;
		const etag = await writeFile(file, free, objects, deps).catch(() => Promise.reject(error));
		capabilities.lacksConditionalWrites();
		return etag;
	}
}

// src/run/job-report.ts
init__crypto();
/** Why a report is not to be believed, in words that follow "it". */
var ReportFlaw = class extends Error {};
/** A key as it is told. */
const shownKey = (key) => JSON.stringify(key === void 0 ? "" : toText(key));
const MANIFEST = "manifest.json";
/** Of a manifest. */
const MANIFEST_BYTES = 16 * 2 ** 20;
const JOB_FOLDER = /^job-[\w-]{1,100}$/;
const RESULTS_KEY = /^(?:(.*)\/)?(job-[\w-]{1,100})\/results\/([\w.-]{1,200}\.csv)$/;
/** Columns without which nothing can be told. */
const NEEDED = [
	"Bucket",
	"Key",
	"TaskStatus"
];
const reportManifest = looseObject({
	Format: literal$1(JOB_REPORT_FORMAT),
	ReportSchema: string(),
	Results: array(looseObject({
		TaskExecutionStatus: string(),
		Bucket: string(),
		Key: string(),
		MD5Checksum: string()
	}))
});
const nameOf = (path) => path.split(/[/\\]/).at(-1) ?? path;
/** A file of a report in a bucket: what stands before the folder of its job, and the rest of its name. */
const REPORT_FILE = /^(.*\/)?(job-[\w-]{1,100}\/(?:manifest\.json|results\/[\w.-]{1,200}\.csv))$/;
/** Where a file of a report lies: what stands before the folder of its job, and the rest; undefined: it is of none. */
function reportFileOf(name) {
	const [, parent = "", file] = REPORT_FILE.exec(name) ?? [];
	return file === void 0 ? void 0 : {
		parent,
		file,
		isManifest: file.endsWith(`/${MANIFEST}`)
	};
}
/** Whether a file is what a job of S3 Batch Operations reports first of all. */
const isJobReport = (folder, name) => name === MANIFEST && JOB_FOLDER.test(nameOf(folder));
async function md5Of(files, path) {
	if (await files.kindOf(path) !== "file") throw new ReportFlaw(`names ${nameOf(path)}, which is missing in results/`);
	const md5 = createHash("md5");
	for await (const chunk of files.chunks(path)) md5.update(chunk);
	return md5.digest("hex");
}
/** Reads what a job reported first of all. Throws ReportFlaw where it is none of this plan, or its files are not those that it names. */
async function readReport(files, path, index) {
	const text = await files.readText(path, MANIFEST_BYTES).catch(() => "");
	const parsed = reportManifest.safeParse(jsonOf(text));
	if (!parsed.success) throw new ReportFlaw(`has no valid ${MANIFEST} (${JOB_REPORT_FORMAT})`);
	const { ReportSchema, Results } = parsed.data;
	const columns = ReportSchema.split(",").map((name) => name.trim());
	const lacks = NEEDED.find((name) => columns.filter((column) => column === name).length !== 1);
	if (lacks !== void 0) throw new ReportFlaw(`does not have exactly one column ${lacks}`);
	const { bucket = "", prefix = "" } = index.job ?? {};
	const own = jobFolder({ prefix }, index.planId);
	const found = [];
	let job = "";
	for (const { Bucket, Key, MD5Checksum, TaskExecutionStatus: status } of Results) {
		const [, folder = own, of = "", file = ""] = RESULTS_KEY.exec(Key) ?? [];
		if (file === "" || Bucket !== bucket || folder !== own || job !== "" && of !== job) throw new ReportFlaw(`belongs to another job: it names s3://${Bucket}/${Key}`);
		job = of;
		const at = files.join(path, "..", "results", file);
		if (await md5Of(files, at) !== MD5Checksum.toLowerCase()) throw new ReportFlaw(`has another MD5 for ${file} than the file`);
		found.push({
			path: at,
			status
		});
	}
	return {
		job,
		files: found,
		columns
	};
}
function jsonOf(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}
/** The report among several files, which may be there more than once. Throws ReportFlaw. */
async function theReport(files, paths, index) {
	let found;
	for (const path of paths) {
		const report = await readReport(files, path, index);
		if (found && report.job !== found.job) throw new ReportFlaw(`was found for more than one job (${found.job}, ${report.job}): keep only the folder of the one that counts`);
		found ??= report;
	}
	if (!found) throw new ReportFlaw("was not found");
	return found;
}
/** A code that can be told as one. */
const CODE = /^[A-Za-z][\w.-]{0,99}$/;
/** The rows of a report as they stand there. Throws ReportFlaw at one that cannot be. */
async function* rawRows(files, { files: results, columns }, bucket) {
	const at = new Map(columns.map((name, place) => [name, place]));
	for (const { path, status } of results) for await (const records of recordsOf(linesOf(files.chunks(path)))) for (const record of records) {
		const where = `line ${record.line} of ${nameOf(path)}`;
		if ("problem" in record) throw new ReportFlaw(`cannot be read: ${where}: ${record.problem}`);
		const { fields } = record;
		const field = (name) => fields[at.get(name) ?? -1] ?? "";
		if (fields.length !== columns.length) throw new ReportFlaw(`has ${fields.length} instead of ${columns.length} fields: ${where}`);
		if (field("Bucket") !== bucket) throw new ReportFlaw(`names another bucket than the source: ${where}`);
		const told = field("TaskStatus");
		if (told !== status || told !== "succeeded" && told !== "failed") throw new ReportFlaw(`has a TaskStatus that does not belong into its file: ${where}`);
		const codes = [field("ErrorCode"), field("HTTPStatusCode")];
		const code = codes.find((text) => CODE.test(text)) ?? "JobTaskFailed";
		const message = [...codes, field("ResultMessage")].filter((text) => text !== "").join(" ");
		yield {
			raw: field("Key"),
			done: told === "succeeded",
			code,
			message
		};
	}
}
/** What an escaped key may hold: whatever else stands in one says that keys are not escaped. */
const ESCAPED = /^(?:[\w.~/:@!$&'()*,;=+-]|%[0-9A-Fa-f]{2})*$/;
async function traitsOf(rows) {
	const shown = {
		isEscaped: true,
		plus: false,
		space20: false,
		plus2B: false
	};
	for await (const { raw } of rows) {
		shown.isEscaped &&= ESCAPED.test(raw);
		shown.plus ||= raw.includes("+");
		shown.space20 ||= raw.includes("%20");
		shown.plus2B ||= /%2B/i.test(raw);
	}
	return shown;
}
function decoded(raw) {
	try {
		return decodeURIComponent(raw);
	} catch {
		throw new ReportFlaw(`contains a key that is not valid UTF-8: ${raw}`);
	}
}
/**
* How keys are read. Nobody says whether they stand in a report as in the list, as they are, or as in a form, where a plus
* is a space: all of them tell, and where they do not, whether the plan has keys with a space.
*/
async function readingOf({ isEscaped, plus, space20, plus2B }, hasSpaces) {
	if (!isEscaped) return (raw) => raw;
	return plus && !space20 && (plus2B || await hasSpaces()) ? (raw) => decoded(raw.replaceAll("+", " ")) : decoded;
}
/** Whether any key of copies has a space. */
async function anySpace(copies) {
	for await (const { key } of copies) if (key.includes(" ")) return true;
	return false;
}
/** What the report of a plan's job says of each copy, in the order of keys. Throws ReportFlaw, also while it is read. */
async function saidOfJob(files, { paths, index, copies, folder }) {
	const report = await theReport(files, paths, index);
	const { bucket } = index.header.source;
	const read = await readingOf(await traitsOf(rawRows(files, report, bucket)), () => anySpace(copies()));
	const rows = async function* () {
		for await (const { raw, ...said } of rawRows(files, report, bucket)) yield {
			key: toKeyBytes(read(raw)),
			...said
		};
	};
	return inKeyOrder(rows(), {
		files,
		folder: files.join(folder, "said"),
		settle: ({ key }) => {
			throw new ReportFlaw(`contains ${shownKey(key)} more than once`);
		}
	});
}

// src/run/shared-bucket.ts
/** How often an object is read that changes while it is read. */
const READS = 3;
const REMEDY = {
	read: {
		action: "s3:GetObject",
		what: "read",
		hint: "Without s3:ListBucket, S3 denies what does not exist, too. Nothing was touched."
	},
	list: {
		action: "s3:ListBucket",
		what: "listed",
		hint: "Nothing was touched."
	}
};
/** A prefix of a bucket in which jobs leave files for one another, at the service of the destination, as who writes there. */
var SharedBucket = class SharedBucket {
	#asked;
	#ports;
	#store;
	/** `store`: of the folder's bucket; `open` has one. */
	constructor(asked, ports, store) {
		this.#asked = asked;
		this.#ports = ports;
		this.#store = store;
	}
	/** Throws SyncError where the bucket cannot be reached. */
	static async open(asked, ports) {
		const { input, folder, request, session } = asked;
		const { bucket, prefix: path } = folder;
		const side = {
			...request[serviceSideOf(request)],
			bucket,
			path
		};
		const options = {
			transfer: request.transfer,
			openStore: ports.store
		};
		const { store } = await openBucket(input, {
			side,
			session,
			folder: void 0
		}, options);
		return new SharedBucket(asked, ports, store);
	}
	close() {
		this.#store.close();
	}
	/** What lies below, at any depth. Throws SyncError. */
	async *files(below = "") {
		const { folder, signal } = this.#asked;
		const { bucket } = folder;
		const prefix = folder.prefix + below;
		try {
			for await (const { key, etag } of listAll({
				store: this.#store,
				bucket,
				prefix,
				single: false
			}, signal)) {
				const name = toText(key);
				if (name !== void 0) yield {
					name: below + name,
					etag
				};
			}
		} catch (error) {
			if (error instanceof SyncError) throw error;
			throw this.#unread("list", below, error);
		}
	}
	/** Writes a file that was left to a path; what has more bytes is not read. Throws SyncError. */
	async fetch(name, path, mostBytes) {
		const { files, clock } = this.#ports;
		const { request, signal } = this.#asked;
		const { requestTimeoutMs: timeoutMs, retryCount } = request.transfer;
		const store = {
			stat: this.#store.stat,
			objects: retrying(this.#store.objects, {
				clock,
				retryCount,
				signal
			})
		};
		const at = this.#at(name);
		const target = {
			path,
			mostBytes,
			failure: serviceFailure
		};
		for (let read = 1;; read++) try {
			const found = await fetchObject(at, target, {
				store,
				files,
				timeoutMs,
				signal
			});
			return found === void 0 ? "absent" : found.isRead ? "read" : "too-large";
		} catch (error) {
			await files.removeFile(path);
			signal.throwIfAborted();
			const { code, status } = serviceFailure(error);
			if (!(code === "PreconditionFailed" || status === 412 || isMissing(error))) throw this.#unread("read", name, await this.#store.refusalOf(at, error));
			if (read === READS) return "changed";
		}
	}
	/**
	* Leaves a file of a folder of this runner under a name, on the condition that is given where the service knows
	* conditions. Throws SyncError.
	*/
	async leave({ folder, name }, as, only) {
		const { clock } = this.#ports;
		const { request, signal } = this.#asked;
		const { requestTimeoutMs, retryCount } = request.transfer;
		const store = this.#store;
		const headers = { "content-type": contentTypeOf(name) };
		const file = await this.#ports.folder(folder).open(toKeyBytes(name));
		try {
			const deps = {
				store,
				clock,
				retryCount,
				requestTimeoutMs,
				signal
			};
			await putOwnFile(file, {
				to: this.#at(as),
				only,
				headers
			}, deps).catch(async (error) => {
				if (only && await this.#holds(as, this.#ports.files.join(folder, name))) return;
				throw this.#unwritten(as, error);
			});
		} finally {
			await file.close();
		}
	}
	#at(name) {
		const { bucket, prefix } = this.#asked.folder;
		return {
			bucket,
			key: prefix + name
		};
	}
	/** Whether what stands there is what a file holds. */
	async #holds(name, path) {
		const { files } = this.#ports;
		const scratch = await files.temporaryFolder();
		try {
			const there = files.join(scratch, "there");
			return await this.fetch(name, there, Number.MAX_SAFE_INTEGER) === "read" && await files.sha256(there) === await files.sha256(path);
		} catch {
			return false;
		} finally {
			await files.remove(scratch);
		}
	}
	#unread(how, name, error) {
		const { input, folder } = this.#asked;
		const { action, what, hint } = REMEDY[how];
		const { code, message } = serviceFailure(error);
		const url = s3Url(folder.bucket, folder.prefix + name);
		const advice = this.#advice(action, {
			code,
			message
		});
		return new SyncError("inputs", `${url} cannot be ${what}: ${code}: ${message}`, {
			title: `${input} cannot be ${what}: ${code}`,
			hint: `${advice ?? `Check the input ${input}, and run again.`} ${hint}`,
			cause: error
		});
	}
	#unwritten(name, error) {
		const { input, folder } = this.#asked;
		const { code, message, status } = serviceFailure(error);
		const url = s3Url(folder.bucket, folder.prefix + name);
		const isPlan = input === "plan-dir";
		const kind = isPlan ? "plan" : "report";
		const after = isPlan ? "Nothing was copied." : "What was copied stays copied: run this job again, what is done is not done twice.";
		const isOvertaken = status === 412 || status === 409 || isMissing(error);
		const what = isOvertaken ? `Somebody else wrote ${url} meanwhile.` : `${url} cannot be written: ${code}: ${message}`;
		const advice = isOvertaken ? `Give each run a prefix of its own, such as ${urlOf(folder)}\${{ github.run_id }}/.` : this.#advice("s3:PutObject", {
			code,
			message
		}) ?? `Check the input ${input}, and run again.`;
		return new SyncError(kind, what, {
			title: isOvertaken ? what.replace(/\.$/, "") : `${input} cannot be written: ${code}`,
			hint: `${advice} ${after}`,
			cause: error
		});
	}
	/** What to do about a refusal; undefined: it is none for want of a permission. */
	#advice(action, { code, message }) {
		const { bucket, prefix } = this.#asked.folder;
		const on = action === "s3:ListBucket" ? s3Arn({
			bucket,
			region: void 0
		}) : s3Arn({
			bucket,
			region: void 0
		}, `${prefix}*`);
		const denial = denialIn(message);
		if (denial) return adviceOf(denial, denial.action === action ? on : void 0);
		return code === "AccessDenied" ? `Allow ${action} on ${on} to the identity that writes the destination.` : void 0;
	}
};
const contentTypeOf = (name) => name.endsWith(".json") ? "application/json" : "application/x-ndjson";

export { JsonLines, LockObject, MANIFEST_BYTES, MOST_EPOCH, NOBODYS, OutcomeTotals, ReportFlaw, SecondLooks, SharedBucket, Uploads, WORKERS, abortAll, abortUnheard, addRows, addVerification, batchOps, copiesWithin, copyPartBytes, copyStatements, filesFor, ifUnchanged, isJobReport, isMadeByFunction, kmsArn, literal, lookAtEach, lookMethod, looker, mayGoDirect, meaningOf, mergeRows, onKeys, onObjects, ownUploads, partBytesFor, policyFor, putOwnFile, randomId, rangesOf, releaseLeft, releaseLock, releaseUnproven, reportFileOf, routeToDirect, rowOfCopy, rowOfDelete, s5cmdCannot, saidOfJob, shownKey, unverified, usesUpPorts, verify, whyOneBucket, workersByMemory, workersFor, workersWithin };