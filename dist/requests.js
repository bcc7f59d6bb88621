import { __name } from "./rolldown-runtime.js";
import { compositeEtag, otherEtag, sameEtag, visibleJson } from "./action.js";
import { askedWaitMs, createHash, createHmac, createSecretKey, hash, init__crypto, isExpiry, isThrottling, isTransient, serviceFailure } from "./receiving.js";

// src/adapters/sigv4.ts
init__crypto();
const ALGORITHM = "AWS4-HMAC-SHA256";
/** The payload of a request without a body. */
const EMPTY_SHA256 = sha256("");
/** Hex. Text is taken as latin1: one character is one byte on the wire. */
function sha256(payload) {
	const bytes = typeof payload === "string" && /[^\0-\x7f]/.test(payload) ? Buffer.from(payload, "latin1") : payload;
	return hash("sha256", bytes, "hex");
}
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
/** `20261122T101530Z`; made once a second. */
function createTimestamp() {
	let [second, text] = [NaN, ""];
	return (ms) => {
		const now = Math.floor(ms / 1e3);
		if (now !== second) {
			second = now;
			text = `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
		}
		return text;
	};
}
const BLANKS = /^[ \t]|[ \t]$|\t| {2}/;
/** A header's value as it is signed: without blanks around it, and single spaces within. */
const plain = (value) => BLANKS.test(value) ? value.replace(/^[ \t]+|[ \t]+$/g, "").replace(/[ \t]+/g, " ") : value;
/** Signing keys of a day are made once for each set of credentials. */
function keyring({ region, service }) {
	let held;
	return (secret, day) => {
		if (held?.secret !== secret || held.day !== day) {
			const steps = [
				day,
				region,
				service,
				"aws4_request"
			];
			const key = steps.reduce(hmac, Buffer.from(`AWS4${secret}`));
			held = {
				secret,
				day,
				key: createSecretKey(key),
				scope: steps.join("/")
			};
		}
		return held;
	};
}
/** Signs requests by Signature Version 4; gives all headers of a request, which are its own and those of the signature. */
function createSigner(scope) {
	const keyOf = keyring(scope);
	const timestamp = createTimestamp();
	return (request, { accessKeyId, secretAccessKey, sessionToken }, nowMs) => {
		const { method, path, query, payloadSha256 } = request;
		const time = timestamp(nowMs);
		const { key, scope } = keyOf(secretAccessKey, time.slice(0, 8));
		const headers = {
			...request.headers,
			"x-amz-content-sha256": payloadSha256,
			"x-amz-date": time
		};
		if (sessionToken) headers["x-amz-security-token"] = sessionToken;
		let [lines, names] = ["", ""];
		for (const name of Object.keys(headers).sort()) {
			lines += `${name}:${plain(headers[name] ?? "")}\n`;
			names += names === "" ? name : `;${name}`;
		}
		const canonical = `${method}\n${path}\n${query}\n${lines}\n${names}\n${payloadSha256}`;
		const text = `${ALGORITHM}\n${time}\n${scope}\n${sha256(canonical)}`;
		const signature = createHmac("sha256", key).update(text).digest("hex");
		headers["authorization"] = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
		return headers;
	};
}

// src/model/answer-room.ts
/** Bytes of an answer that is parsed as a whole; a longer one is not read. */
const MOST_PARSED_BYTES = 2 ** 20;
/** A parser takes its time for tags and references: one with more of them is not read. */
const MOST_PARSED_MARKS = 2e4;
/** What some service writes as a reference. */
const REFERRED = /[^\x20-\x7e]|[&<>"']/gu;
/** `&#x1f600;`, or two such ones. */
const REFERENCE_BYTES = 16;
/** Tags of a row, with a message of usual length. */
const ROW_MARKS = 12;
const ROW_BYTES = 600;
/** How much of the answer to a delete of many objects is one key's at most, which a failure may name twice: 1 is all. */
function roomOf(key) {
	const references = key.match(REFERRED)?.length ?? 0;
	const marks = ROW_MARKS + 2 * references;
	const bytes = ROW_BYTES + 2 * (key.length + REFERENCE_BYTES * references);
	return Math.max(marks / MOST_PARSED_MARKS, bytes / MOST_PARSED_BYTES);
}

// src/adapters/escape-uri.ts
/** Escapes everything but the characters that AWS leaves alone; a slash too. */
const escapeUri = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

// src/adapters/sdk-service.ts
/** What a client of the SDK is told of its service; without these options it looks for an address by itself. */
const sdkService = ({ endpoint, region, variant }) => ({
	region,
	...endpoint === void 0 ? {} : { endpoint },
	ignoreConfiguredEndpointUrls: true,
	useFipsEndpoint: variant.fips,
	useDualstackEndpoint: variant.dualstack,
	defaultsMode: "legacy",
	retryMode: "standard"
});

// src/adapters/server-time.ts
/** A signature of a time that is further off is refused sooner or later; the SDK corrects its clock as soon. */
const MOST_SKEW_MS = 3e5;
/** A service's clock, as the Dates of its answers tell it. */
var ServerTime = class {
	#seen;
	#last = "";
	/** An answer had this Date. */
	saw(text = "") {
		if (text === this.#last) return;
		this.#last = text;
		const date = Date.parse(text.replace(/(?<=GMT),.*$/s, ""));
		if (!Number.isNaN(date)) this.#seen = {
			serverMs: date,
			atMs: performance.now()
		};
	}
	/** Milliseconds since the epoch; undefined before the first answer. */
	timeMs() {
		const seen = this.#seen;
		return seen && seen.serverMs + Math.floor(performance.now() - seen.atMs);
	}
};

// src/model/part-size.ts
/** The metadata in which an object that was uploaded in parts says how many bytes they had: so its ETag can be made again. */
const PART_SIZE = "s3-direct-sync-part-size";
/** No service takes more of them. */
const MOST_PARTS = 1e4;
/**
* Bytes of the parts of an object, as its metadata says; undefined where that cannot be, as anybody may have written it:
* its ETag ends with the number of parts.
*/
function statedPartBytes(stated, { size, etag }) {
	const [, count] = /-(\d{1,5})$/.exec(etag) ?? [];
	const bytes = /^[1-9]\d{0,15}$/.test(stated ?? "") ? Number(stated) : void 0;
	const parts = bytes === void 0 ? 0 : Math.ceil(size / bytes);
	return parts <= MOST_PARTS && parts === Number(count) ? bytes : void 0;
}
/** Whether an ETag is that of an object that was put together from parts. */
const isComposite = (etag) => /-\d+$/.test(etag);
/** Bytes of the parts that an object was put together from, by what is told of its first one, where they can have been alike; undefined: not known. */
function partBytesOf({ etag, headers }, size) {
	const bytes = Number(headers["content-length"]);
	const parts = Number(/-(\d+)$/.exec(etag)?.[1]);
	return bytes > 0 && parts <= MOST_PARTS && Math.ceil(size / bytes) === parts ? bytes : void 0;
}

// src/model/object-info.ts
const ARCHIVES = /* @__PURE__ */ new Set(["GLACIER", "DEEP_ARCHIVE"]);
/** Whether an object must be restored before it can be read, by what a listing tells. */
const isArchived = ({ storageClass, restored }) => ARCHIVES.has(storageClass) && !restored;
/** Whether an object is as it was listed: by its ETag, or where nobody told one, by size and time (S3 tells whole seconds). */
function isAsListed(listed, found) {
	if (listed.etag !== "" && found.etag !== "") return sameEtag(listed.etag, found.etag);
	const second = (object) => Math.floor(modifiedMs(object) / 1e3);
	return listed.size === found.size && second(listed) === second(found);
}
/** When an object was last written, milliseconds since the epoch. */
const modifiedMs = ({ modified }) => Date.parse(modified);

// src/flow/list-limiter.ts
/** As many as a small place is cut into at once: more than one core reads of a near service, which it then tells. */
const FIRST = 32;
const LEAST = 2;
const LEAST_WHEN_BUSY = 4;
const MOST = 48;
const STEP = 4;
const STEP_MS$1 = 100;
/** Beyond this part of its time, the process only queues what comes. */
const BUSY = .9;
const CALM_MS = 1e3;
/** Grows as long as it pays; halves at most once a second when the service had to be asked again. */
function openListLimiter({ clock, system }) {
	const queue = [];
	let limit = FIRST;
	let sent = 0;
	let changedAtMs = clock.now();
	let throttledAtMs = Number.NEGATIVE_INFINITY;
	function adapt(attempts) {
		const nowMs = clock.now();
		if (attempts > 1 && nowMs - throttledAtMs >= CALM_MS) {
			limit = Math.max(LEAST, limit >> 1);
			throttledAtMs = nowMs;
		}
		if (nowMs - throttledAtMs < CALM_MS || nowMs - changedAtMs < STEP_MS$1) return;
		limit = system.busyPart() > BUSY ? Math.max(LEAST_WHEN_BUSY, limit - STEP) : Math.min(MOST, limit + STEP);
		changedAtMs = nowMs;
	}
	async function send(request) {
		while (sent >= limit) await new Promise((resolve) => queue.push(resolve));
		sent++;
		try {
			const answer = await request();
			adapt(answer.attempts);
			return answer;
		} finally {
			sent--;
			for (let room = limit - sent; room > 0; room--) queue.shift()?.();
		}
	}
	return {
		send,
		limit: () => limit
	};
}

// src/flow/adaptive-limit.ts
const SECOND_MS = 1e3;
/** So often there may be room for twice as many. */
const STEP_MS = 500;
/** As much of all is refused where the rate is right: less would be too little. */
const FAIR_SHARE = .1;
/** Doubled with each step that goes well: near what the service bears by little, far from it fast. */
const FIRST_RISE = .02;
const LEAST_PER_SECOND = 10;
/** What a timer or a busy moment came too late is made up for. */
const SLACK_MS$1 = 50;
/** Counts what happens in a second: it knows the one that runs and the one before, and takes the latter as even. */
var Meter = class {
	#clock;
	#beganMs;
	#before = 0;
	#running = 0;
	constructor(clock) {
		this.#clock = clock;
		this.#beganMs = clock.now();
	}
	count() {
		this.#sinceTurnMs();
		this.#running++;
	}
	/** How much happened in the last second. */
	get perSecond() {
		const sinceMs = this.#sinceTurnMs();
		return this.#running + this.#before * (1 - sinceMs / SECOND_MS);
	}
	/** Begins a new second when one is over; gives how long it lasts by now. */
	#sinceTurnMs() {
		const sinceMs = this.#clock.now() - this.#beganMs;
		const seconds = Math.floor(sinceMs / SECOND_MS);
		if (seconds < 1) return sinceMs;
		this.#before = seconds === 1 ? this.#running : 0;
		this.#running = 0;
		this.#beganMs += seconds * SECOND_MS;
		return sinceMs - seconds * SECOND_MS;
	}
};
/**
* Lets requests through: so many at a time, and no more a second than the service bears. It doubles its room each half
* second until it is told to be slower. From then on it keeps to a rate, what the service just bore and slowly more:
* room alone would not do, as a service that answers at once is flooded through the smallest.
*/
var AdaptiveLimit = class {
	#rules;
	#waiting = [];
	#done;
	#refused;
	#room;
	#roomChangedAtMs;
	#inside = 0;
	/** Until the rate lets another one in. */
	#isAsleep = false;
	#perSecond = Number.POSITIVE_INFINITY;
	#rise = FIRST_RISE;
	#nextAtMs = 0;
	#refusedSinceMs;
	constructor(rules) {
		const { start, most, clock } = rules;
		this.#rules = rules;
		this.#done = new Meter(clock);
		this.#refused = new Meter(clock);
		this.#room = Math.min(start, most);
		this.#roomChangedAtMs = clock.now();
		this.#refusedSinceMs = clock.now();
	}
	/** Requests at a time, as things stand. */
	get room() {
		return this.#room;
	}
	/** Runs work when there is room for it. */
	async pass(work) {
		if (!this.#mayEnter) await new Promise((enter) => {
			this.#waiting.push(enter);
			this.#letIn();
		});
		else this.#enter();
		try {
			const result = await work();
			this.#done.count();
			this.#grow();
			return result;
		} finally {
			this.#inside--;
			if (this.#waiting.length > 0) this.#letIn();
		}
	}
	/** The service asked for fewer requests. */
	slower() {
		const nowMs = this.#rules.clock.now();
		this.#roomChangedAtMs = nowMs;
		if (this.#refused.perSecond === 0) this.#refusedSinceMs = nowMs;
		this.#refused.count();
		this.#rise = FIRST_RISE;
		const [done, refused] = [this.#done.perSecond, this.#refused.perSecond];
		if (refused / (refused + done) < FAIR_SHARE || nowMs - this.#refusedSinceMs < SECOND_MS) return;
		this.#refusedSinceMs = nowMs;
		const least = this.#isPaced ? this.#perSecond / 2 : LEAST_PER_SECOND;
		this.#perSecond = Math.max(LEAST_PER_SECOND, least, Math.min(this.#perSecond, done));
		this.#room = this.#rules.most;
	}
	get #isPaced() {
		return this.#perSecond !== Number.POSITIVE_INFINITY;
	}
	/** Whether a request may begin at once; those that wait come first. */
	get #mayEnter() {
		return this.#inside < this.#room && this.#waiting.length === 0 && this.#waitMs() <= 0;
	}
	#waitMs() {
		const { clock, signal } = this.#rules;
		return !this.#isPaced || signal.aborted ? 0 : this.#nextAtMs - clock.now();
	}
	#enter() {
		this.#inside++;
		if (!this.#isPaced) return;
		const nowMs = this.#rules.clock.now();
		this.#nextAtMs = Math.max(this.#nextAtMs, nowMs - SLACK_MS$1) + SECOND_MS / this.#perSecond;
	}
	#letIn() {
		while (this.#inside < this.#room && this.#waiting.length > 0 && !this.#isAsleep) {
			const waitMs = this.#waitMs();
			if (waitMs > 0) {
				this.#letInAfter(waitMs);
				return;
			}
			this.#enter();
			this.#waiting.shift()?.();
		}
	}
	#letInAfter(ms) {
		const { clock, signal } = this.#rules;
		this.#isAsleep = true;
		clock.sleep(ms, signal).then(() => {
			this.#isAsleep = false;
			this.#letIn();
		});
	}
	/** Room that nobody needs says nothing about what the service can bear. */
	#grow() {
		if (this.#waiting.length === 0) return;
		const nowMs = this.#rules.clock.now();
		if (nowMs - this.#roomChangedAtMs < STEP_MS) return;
		this.#roomChangedAtMs = nowMs;
		this.#room = Math.min(this.#rules.most, this.#room * 2);
		this.#perSecond *= 1 + this.#rise;
		this.#rise = Math.min(1, this.#rise * 2);
	}
};

// src/flow/throttle.ts
/** What a timer came too late is made up for. */
const SLACK_MS = 50;
/** Spreads amounts evenly over time: each begins when those before it have had theirs. */
var Spread = class {
	#perSecond;
	#nextAtMs = 0;
	constructor(perSecond) {
		this.#perSecond = perSecond;
	}
	async take(amount, { clock, signal }) {
		if (signal.aborted || amount === 0) return;
		const nowMs = clock.now();
		const atMs = Math.max(this.#nextAtMs, nowMs - SLACK_MS);
		this.#nextAtMs = atMs + amount * 1e3 / this.#perSecond;
		if (atMs > nowMs) await clock.sleep(atMs - nowMs, signal);
	}
};
const spreadOf = (perSecond) => perSecond === void 0 ? void 0 : new Spread(perSecond);
/** The requests and bytes a second that were asked for: all who take of one budget keep to it together. */
var RateBudget = class {
	#requests;
	#bytes;
	constructor({ bytesPerSecond, requestsPerSecond }) {
		this.#requests = spreadOf(requestsPerSecond);
		this.#bytes = spreadOf(bytesPerSecond);
	}
	/** Keeps some of its requests to it. */
	throttle(doors) {
		const requests = this.#requests;
		const bytes = this.#bytes;
		if (!requests) return (size) => bytes?.take(size, doors);
		if (!bytes) return () => requests.take(1, doors);
		return async (size) => {
			await Promise.all([requests.take(1, doors), bytes.take(size, doors)]);
		};
	}
};

// src/model/checksum.ts
/** Checksums of whole objects that are compared: of those that two objects have in common the first one tells. */
const COMPARED = Object.entries({
	SHA512: 88,
	SHA256: 44,
	SHA1: 28,
	MD5: 24,
	XXHASH128: 24,
	CRC64NVME: 12,
	XXHASH3: 12,
	XXHASH64: 12,
	CRC32C: 8,
	CRC32: 8
}).map(([name, chars]) => ({
	name,
	chars,
	header: `x-amz-checksum-${name.toLowerCase()}`
}));
const USUAL = [
	"SHA256",
	"SHA1",
	"CRC64NVME",
	"CRC32C",
	"CRC32"
];
const OTHER_ALGORITHM = 1 << USUAL.length;
const ALGORITHMS = 2 * OTHER_ALGORITHM - 1;
const FULL_OBJECT = 64;
const COMPOSITE = 128;
const BITS = {
	ChecksumAlgorithm: new Map(USUAL.map((name, at) => [name, 1 << at])),
	ChecksumType: /* @__PURE__ */ new Map([["FULL_OBJECT", FULL_OBJECT], ["COMPOSITE", COMPOSITE]])
};
/** What an element of a listed object adds to its number; 0 for all other elements. */
function listedChecksum(element, value) {
	const bits = Object.hasOwn(BITS, element) ? BITS[element] : void 0;
	if (!bits) return 0;
	return bits.get(value) ?? (element === "ChecksumAlgorithm" ? OTHER_ALGORITHM : 0);
}
/** What a HEAD that does not ask for checksums tells of them: an object may have any. */
const ANY_CHECKSUM = ALGORITHMS;
/** Whether a listing names any checksum of an object. */
const namesChecksum = (listed) => (listed & ALGORITHMS) !== 0;
/** Of two objects, whether both may have a checksum of the whole that can be compared, by all that listings name. */
function mayShareChecksum(one, other) {
	if (((one | other) & COMPOSITE) !== 0) return false;
	const possible = (listed) => namesChecksum(listed) ? listed & ALGORITHMS : ALGORITHMS;
	return (possible(one) & possible(other)) !== 0;
}
const PARTS = /-\d+$/;
/**
* Checksums of the whole object among those that an answer tells, by its headers. Some services do not tell their type:
* what was not put together from parts has no others.
*/
function wholeChecksums(headers, etag) {
	const type = headers["x-amz-checksum-type"];
	const isWhole = type === void 0 ? !PARTS.test(etag) : type === "FULL_OBJECT";
	const told = /* @__PURE__ */ new Map();
	if (!isWhole) return told;
	for (const { name, chars, header } of COMPARED) {
		const value = headers[header];
		if (typeof value === "string" && value.length === chars) told.set(name, value);
	}
	return told;
}
/** Whether two objects have the same checksum; undefined where they have none in common: that says nothing. */
function sameChecksum(one, other) {
	for (const { name } of COMPARED) {
		const [value, theirs] = [one.get(name), other.get(name)];
		if (value !== void 0 && theirs !== void 0) return value === theirs;
	}
}

// src/storage/each-request.ts
/**
* The same objects, with something done around every request. An abort of an upload is left as it is: it is the last
* word of a run that may be over.
*/
const aroundEach = (objects, around, counted = "read") => ({
	copy: (from, write, limit) => around(() => objects.copy(from, write, limit), limit, from.size),
	stat: (object, limit, what) => around(() => objects.stat(object, limit, what), limit, 0),
	page: (query, limit) => around(() => objects.page(query, limit), limit, 0),
	describe: (object, limit, what) => around(() => objects.describe(object, limit, what), limit, 0),
	tags: (object, limit) => around(() => objects.tags(object, limit), limit, 0),
	read: (object, what, limit) => around(() => objects.read(object, what, limit), limit, what.bytes),
	put: (write, bytes, limit) => around(() => objects.put(write, bytes, limit), limit, counted === "sent" ? bytes.length : 0),
	startUpload: (write, limit) => around(() => objects.startUpload(write, limit), limit, 0),
	copyPart: (part, from, limit) => around(() => objects.copyPart(part, from, limit), limit, from.range.last - from.range.first + 1),
	putPart: (part, bytes, limit) => around(() => objects.putPart(part, bytes, limit), limit, counted === "sent" ? bytes.length : 0),
	completeUpload: (upload, parts, limit) => around(() => objects.completeUpload(upload, parts, limit), limit, 0),
	abortUpload: (upload, limit) => objects.abortUpload(upload, limit)
});

// src/storage/limited.ts
/** The same objects, whose requests wait for their turn. */
const limited = (objects, { limit, throttle, signal, onMoved }, counted) => {
	const slower = (error) => {
		if (isThrottling(serviceFailure(error).code)) limit.slower();
		throw error;
	};
	const around = (request, _time, bytes) => {
		const pass = () => limit.pass(async () => {
			signal.throwIfAborted();
			const answer = await request();
			onMoved?.(bytes);
			return answer;
		});
		const turn = throttle(bytes);
		return (turn ? turn.then(pass) : pass()).catch(slower);
	};
	return aroundEach(objects, around, counted);
};

// src/storage/retrying.ts
/** The first wait at most, and any wait at most. */
const WAIT_MS = {
	first: 50,
	any: 2e4
};
/** Where the service is overloaded a moment does not help, and who limits requests keeps to what it bears. */
const THROTTLED_WAIT_MS = {
	first: 1e3,
	any: 4e3
};
/** Exponential, with full jitter. */
function backoffMs(attempt, throttled, { clock }) {
	const { first, any } = throttled ? THROTTLED_WAIT_MS : WAIT_MS;
	return Math.round(clock.random() * Math.min(any, first * 2 ** attempt));
}
/** Makes a request again and again while that may help. Throws what the last attempt threw. */
const persisting = (rules) => async (request, limit) => {
	const { clock, retryCount, onRetry, signal = limit.signal } = rules;
	for (let attempt = 0;; attempt++) try {
		return await request();
	} catch (error) {
		const failure = serviceFailure(error);
		const { code } = failure;
		const worthIt = isTransient(failure) || isExpiry(code);
		if (signal?.aborted || attempt >= retryCount || !worthIt) throw error;
		onRetry?.(failure);
		limit.onRetry?.(failure);
		const ms = backoffMs(attempt, isThrottling(code), rules);
		await clock.sleep(Math.max(ms, askedWaitMs(failure)), signal);
	}
};
/**
* One attempt to put an upload together. An answer that was lost may have been a success: then the upload is gone, and
* the object stands there.
*/
function completing(objects, upload, parts, limit) {
	let unheard;
	return async () => {
		try {
			return await objects.completeUpload(upload, parts, limit);
		} catch (error) {
			const { code, status } = serviceFailure(error);
			if (status === void 0 || status >= 500) unheard = error;
			if (code !== "NoSuchUpload" || !unheard) throw error;
			return objects.describe({
				...upload,
				etag: compositeEtag(parts.etags)
			}, limit).then(({ etag }) => etag, () => Promise.reject(unheard));
		}
	};
}
/** The same objects, whose requests are made again while that may help; an abort of an upload is not. */
function retrying(objects, rules) {
	const persist = persisting(rules);
	return {
		...aroundEach(objects, persist),
		completeUpload: (upload, parts, limit) => persist(completing(objects, upload, parts, limit), limit, 0)
	};
}

// src/flow/pool.ts
/** Runs `work` on every item, at most `workers` at a time; the first failure stops all. */
async function inParallel(items, workers, work) {
	const queue = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
	let failed = false;
	const worker = async () => {
		try {
			while (!failed) {
				const turn = queue.next();
				const next = turn instanceof Promise ? await turn : turn;
				if (next.done) return;
				await work(next.value);
			}
		} catch (error) {
			failed = true;
			throw error;
		}
	};
	const ends = await Promise.allSettled(Array.from({ length: workers }, worker));
	await queue.return?.();
	for (const end of ends) if (end.status === "rejected") throw end.reason;
}
/** Runs `work` on items, so many at a time; gives what it gave in the order of the items. The first failure ends it, once what is under way has ended. */
async function* inOrder(items, atOnce, work) {
	const underWay = [];
	try {
		for await (const item of items) {
			const result = work(item);
			result.catch(() => {});
			underWay.push(result);
			const [next] = underWay;
			if (underWay.length < atOnce || !next) continue;
			yield await next;
			underWay.shift();
		}
		for (let next = underWay.shift(); next; next = underWay.shift()) yield await next;
	} finally {
		await Promise.allSettled(underWay);
	}
}

// src/storage/journaled.ts
/** Whether the service may have done what was asked for all the same. */
function isUnheard(error) {
	const { code, status } = serviceFailure(error);
	return (status === void 0 || status >= 500) && !isThrottling(code);
}
/** What is open, as line after line says it. */
var Entries = class {
	#asked = /* @__PURE__ */ new Map();
	#begun = /* @__PURE__ */ new Map();
	take(line) {
		if ("asked" in line) this.#asked.set(line.request, line.asked);
		else if ("refused" in line) this.#asked.delete(line.refused);
		else if ("over" in line) this.#begun.delete(line.over);
		else {
			this.#asked.delete(line.request);
			this.#begun.set(line.begun.uploadId, line.begun);
		}
	}
	has(uploadId) {
		return this.#begun.has(uploadId);
	}
	settleUnheard() {
		this.#asked.clear();
	}
	get open() {
		return {
			begun: [...this.#begun.values()],
			unheard: [...this.#asked.values()]
		};
	}
};
/** The journal on file, and what is open in it. */
var Journal = class {
	entries = new Entries();
	#rules;
	#opened;
	#requests = 0;
	constructor(rules) {
		this.#rules = rules;
	}
	/** Notes an upload before it is asked for; gives the number of the request. Throws where it cannot be noted. */
	async ask({ bucket, key }) {
		const request = ++this.#requests;
		const line = {
			asked: {
				bucket,
				key
			},
			request
		};
		await this.#write(line);
		this.entries.take(line);
		return request;
	}
	/** The answer names the upload. Throws where that cannot be noted. */
	async begun(upload, request) {
		const line = {
			begun: upload,
			request
		};
		this.entries.take(line);
		await this.#write(line);
	}
	/** The answer says that there is none. */
	refused(request) {
		return this.#close({ refused: request });
	}
	async over({ uploadId }) {
		if (this.entries.has(uploadId)) await this.#close({ over: uploadId });
	}
	async end() {
		if (!this.#opened) return;
		const { files, path } = this.#rules;
		await (await this.#opened).close();
		const { begun, unheard } = this.entries.open;
		if (begun.length === 0 && unheard.length === 0) await files.removeFile(path);
	}
	/** Where it cannot be noted, the post step finds an upload too many, which is gone: that does nothing. */
	async #close(line) {
		this.entries.take(line);
		await this.#write(line).catch(() => {});
	}
	async #write(line) {
		const { files, path, onFirst } = this.#rules;
		if (!this.#opened) onFirst();
		this.#opened ??= files.writer(path);
		await (await this.#opened).append(Buffer.from(`${JSON.stringify(line)}\n`));
	}
};
/**
* Keeps a journal of uploads: what a run leaves that is killed can be found in it and aborted. It is
* written line by line, each before what follows it is asked of the service.
*/
function journaled(objects, rules) {
	const journal = new Journal(rules);
	return {
		objects: {
			...objects,
			startUpload: async (write, limit) => {
				const request = await journal.ask(write.to);
				const upload = await objects.startUpload(write, limit).catch(async (error) => {
					if (!isUnheard(error)) await journal.refused(request);
					throw error;
				});
				try {
					await journal.begun(upload, request);
					return upload;
				} catch (error) {
					await objects.abortUpload(upload, limit).then(() => journal.over(upload), () => {});
					throw error;
				}
			},
			completeUpload: async (upload, parts, limit) => {
				const etag = await objects.completeUpload(upload, parts, limit);
				await journal.over(upload);
				return etag;
			},
			abortUpload: async (upload, limit) => {
				await objects.abortUpload(upload, limit);
				await journal.over(upload);
			}
		},
		open: () => journal.entries.open,
		settleUnheard: () => journal.entries.settleUnheard(),
		close: () => journal.end()
	};
}
/** The uploads that a journal has open; its last line may have been cut off. */
async function openUploads(files, path) {
	const entries = new Entries();
	if (!await files.exists(path)) return entries.open;
	for await (const text of files.lines(path)) {
		const line = lineOf(text);
		if (line) entries.take(line);
	}
	return entries.open;
}
function lineOf(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
}

// src/model/outcome.ts
const WHOLE_RUN_REASONS = [
	"asked-for",
	"approved-plan",
	"overwrite-never",
	"two-services",
	"two-identities",
	"local-files"
];
/** All of them, for who reads rows that others wrote. */
const ROUTE_REASONS = [
	"newline-in-key",
	"trailing-slash",
	"over-5-gib",
	"over-4-gib-on-compatible-service",
	"space-on-compatible-service",
	"dot-segment",
	"pinned-by-manifest",
	"not-utf-8",
	"archived",
	"metadata-on-old-s5cmd",
	"type-kept",
	"headers-by-rule",
	"tags-by-rule",
	"few-ports",
	"s5cmd-unavailable",
	"s5cmd-crashed",
	"tags-dropped",
	"bucket-in-host",
	"s5cmd-refused",
	"batch-operations",
	...WHOLE_RUN_REASONS
];
/** Whether an op changed the destination, or may have: of one that was begun and not heard of again nobody knows. */
const mayHaveChanged = ({ status, attempts }) => status === "done" || status === "unknown" && attempts > 0;
/** The code of a copy that was reported done, and whose object was not seen at the destination. */
const NOT_VERIFIED = "NotVerified";
/** What the row of a copy says that was reported done and is still to be looked at: so it stays where nobody looks. */
const NOT_LOOKED_AT = {
	status: "unknown",
	code: NOT_VERIFIED,
	message: "The copy was reported as done, but not checked at the destination."
};
/** Whether a row waits for a look at the destination. */
const awaitsLook = ({ op, status, code }) => op === "copy" && status === NOT_LOOKED_AT.status && code === NOT_VERIFIED;

// src/model/batch.ts
const MB = 1e6;
/** Size class of an object. */
function sizeClassOf(bytes) {
	if (bytes < 10 * MB) return "small";
	return bytes <= 100 * MB ? "medium" : "large";
}

// src/model/row-sum.ts
/** Where the size of an op begins in its line, and in its row: what stands before is the same in both. */
const BEFORE_SIZE = "\",\"size\":";
/** Of the two sums of a line. */
const [FIRST_SEED, SECOND_SEED] = [-2128831035, -1756908916];
/**
* The sum of lines, whatever their order: that of a part of a plan, and that of its rows, which tell the same op, key,
* target and size. It shows what is lost, doubled or of another part; who means harm is kept out by other means.
*/
var RowSum = class {
	#first = 0;
	#second = 0;
	#mixed = 0;
	#lines = 0;
	/** Lines that were added. */
	get lines() {
		return this.#lines;
	}
	/** Adds the line of a copy of wave 0, or its row. */
	add(line) {
		const at = line.indexOf(BEFORE_SIZE);
		const comma = line.indexOf(",", at + 9);
		const end = at < 0 || comma < 0 ? line.length : comma;
		let [a, b] = [FIRST_SEED, SECOND_SEED];
		for (let i = 0; i < end; i++) {
			const unit = line.charCodeAt(i);
			a = Math.imul(a ^ unit, 16777619);
			b = Math.imul(b, 31) + unit | 0;
		}
		this.#mix(a, b);
	}
	/** Adds such a line that ends with its size; gives whether it is ASCII, and is not added where it is not. */
	addAscii(bytes, from, end) {
		let [a, b, units] = [
			FIRST_SEED,
			SECOND_SEED,
			0
		];
		for (let i = from; i < end; i++) {
			const unit = bytes[i];
			units |= unit;
			a = Math.imul(a ^ unit, 16777619);
			b = Math.imul(b, 31) + unit | 0;
		}
		const isAscii = units < 128;
		if (isAscii) this.#mix(a, b);
		return isAscii;
	}
	/** 32 hex digits. */
	get digest() {
		return [
			this.#first,
			this.#second,
			this.#mixed,
			this.#lines
		].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
	}
	#mix(a, b) {
		const mixed = Math.imul(b ^ b >>> 15, 2246822507);
		this.#first = this.#first + a | 0;
		this.#second = this.#second + mixed | 0;
		this.#mixed ^= Math.imul(a ^ mixed >>> 13, 3266489909);
		this.#lines++;
	}
};

// src/model/engine-totals.ts
/** What no engine did. */
const IDLE_ENGINE = {
	used: [],
	numworkers: 0,
	workersRule: "size-class",
	concurrency: [],
	processes: 0,
	crashes: 0,
	requestRetries: 0,
	slowdowns: 0,
	unconditional: false,
	tagsUnreadable: false,
	extraPasses: 0,
	batches: 0,
	batchOps: {},
	partBytes: []
};
/** What several engines did together. */
function engineTotals(engines) {
	const total = (of) => engines.reduce((sum, engine) => sum + of(engine), 0);
	return {
		used: ["s5cmd", "direct"].filter((name) => engines.some(({ used }) => used.includes(name))),
		processes: total(({ processes }) => processes),
		crashes: total(({ crashes }) => crashes),
		requestRetries: total(({ requestRetries }) => requestRetries),
		slowdowns: total(({ slowdowns }) => slowdowns),
		unconditional: engines.some(({ unconditional }) => unconditional),
		tagsUnreadable: engines.some(({ tagsUnreadable }) => tagsUnreadable),
		extraPasses: total(({ extraPasses }) => extraPasses),
		batches: total(({ batches }) => batches)
	};
}

// src/model/price.ts
/** List prices of S3 Standard in us-east-1, dollars for one request (2026): COPY, PUT and LIST, and HEAD. Deletes are free. */
const COPY_DOLLARS = .005 / 1e3;
const HEAD_DOLLARS = 4e-4 / 1e3;
/** What so many requests cost at least, dollars: other classes and regions cost more. */
const requestDollars = ({ copies, lists, heads }) => (copies + lists) * COPY_DOLLARS + heads * HEAD_DOLLARS;
/** Dollars as people say them: `$0.02`, `less than $0.01`. */
const humanDollars = (dollars) => dollars > 0 && dollars < .01 ? "less than $0.01" : `$${dollars.toFixed(2)}`;

// src/model/sealed.ts
init__crypto();
/** What JSON is sealed by: sha256 of it, as it is written. */
const sealOf = (value) => createHash("sha256").update(visibleJson(value)).digest("hex");
/** The text of a sealed file: the seal stands last, under the given name. */
const sealedText = (value, name) => `${visibleJson({
	...value,
	[name]: sealOf(value)
}, 2)}\n`;
function opened(text, name) {
	const value = JSON.parse(text);
	if (typeof value !== "object" || value === null || `${visibleJson(value, 2)}\n` !== text) return "it was edited, or not written by this action";
	const { [name]: seal, ...sealed } = value;
	return seal === sealOf(sealed) ? {
		...sealed,
		[name]: seal
	} : `its ${name} does not match its content`;
}
/**
* What a sealed file holds, with its seal; in words, why it is none: so that nothing stands in it that another reader
* takes otherwise, and nothing was changed by hand.
*/
function unsealed(text, name) {
	try {
		return opened(text, name);
	} catch (error) {
		return error instanceof SyntaxError ? "it is not JSON" : "it is nested too deeply";
	}
}

// src/model/proof.ts
const MD5 = /^[0-9a-f]{32}$/i;
/** Whether a destination object is the planned copy, by what a listing or a HEAD tells of it. */
function standingOf(expected, found) {
	if (!found || found.size !== expected.size) return "other";
	const { etag, stood, answer, batchBeganMs } = expected;
	const writtenSince = Math.floor(Date.parse(found.modified) / 1e3) >= Math.floor(batchBeganMs / 1e3);
	if (sameEtag(found.etag, etag)) return !sameEtag(stood, etag) || sameEtag(answer, etag) || writtenSince ? "etag" : "other";
	const sourceIsMd5 = MD5.test(etag) && expected.etagIsMd5 !== false;
	const foundIsMd5 = found.etagIsMd5 !== false && (MD5.test(found.etag) || expected.oneRequest === true && found.etag !== "");
	const differs = sourceIsMd5 && foundIsMd5 ? "suspect" : "size-and-time";
	if (sameEtag(found.etag, answer) && !sameEtag(stood, answer)) return found.etagIsMd5 === void 0 ? "size-and-time" : differs;
	if (!writtenSince || sameEtag(answer, etag) && otherEtag(found.etag, etag)) return "other";
	return sameEtag(found.etag, answer) && found.etagIsMd5 === void 0 ? "size-and-time" : differs;
}
/** Whether the object at the destination is surely the planned copy: one that is suspect is not. */
const holds = (expected, found) => ["etag", "size-and-time"].includes(standingOf(expected, found));

// src/model/once-able.ts
/** What is made when it is first asked for, and kept; undefined where this machine cannot, as one without WebAssembly. */
function onceAble(make) {
	let made;
	const attempt = () => {
		try {
			return { it: make() };
		} catch {
			return { it: void 0 };
		}
	};
	return () => {
		made ??= attempt();
		return made.it;
	};
}

// src/flow/copy-limit.ts
const GRACE_MS = 6e4;
const SLOWEST_BYTES_PER_MS = 5e3;
/** How long one copy may take: a minute and 5 MB/s, at least the request timeout; milliseconds. */
const copyLimitMs = (bytes, requestTimeoutMs) => Math.max(requestTimeoutMs, GRACE_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS));

export { ANY_CHECKSUM, AdaptiveLimit, EMPTY_SHA256, IDLE_ENGINE, MOST_PARSED_BYTES, MOST_PARSED_MARKS, MOST_SKEW_MS, NOT_LOOKED_AT, PART_SIZE, ROUTE_REASONS, RateBudget, RowSum, ServerTime, awaitsLook, copyLimitMs, createSigner, engineTotals, escapeUri, holds, humanDollars, inOrder, inParallel, isArchived, isAsListed, isComposite, journaled, limited, listedChecksum, mayHaveChanged, mayShareChecksum, modifiedMs, namesChecksum, onceAble, openListLimiter, openUploads, partBytesOf, persisting, requestDollars, retrying, roomOf, sameChecksum, sdkService, sealOf, sealedText, sha256, sizeClassOf, standingOf, statedPartBytes, unsealed, wholeChecksums };