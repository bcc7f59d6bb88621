import { __name } from "./rolldown-runtime.js";
import { CHECKSUM_NOT_ASKED, COPY_REASONS, HEADERS_DIGEST, IdleRules, KeyFilter, LOCK_NAME, LineFile, LinePieces, NO_TALLY, OUT_OF_ORDER, OWN_KEYS, PLAIN_TEXT, PLAN_SCHEMA, PageWatch, ROWS_AT_ONCE, Stamp, Stream, WaveOrder, addTally, addressOf, asWords, before, blocksInKeyOrder, blocksOf, commonBytes, count, countAt, cut, detached as detached$1, digitsInto, diskForm, extrasScope, firstKeys, globMatch, humanCount, humanObjects, inKeyOrder, inTime, isEtagOf, isIn, isOfOnePart, isOwnExtra, isUsualLock, isoTime, isoTimeEnd, keepsOthers, keepsType, keyAt, leavesOut, listAll, listingError, mayAskChecksums, metadataHeaders, narrowed, nextToken, numberEnd, numberIn, objectAt, optionsFor, packed, pageOf, plainEnd, ruledKey, s3Url, sameEtag, scopeOf, sortRows, sumAt, sumOf as sumOf$1, takesAll, takesEvery, targetsOf, unfinishedPath, visibleJson, waveOf, wavesAt, whyNoFile } from "./action.js";
import { ServiceError, SyncError, createHash, hash, init__crypto, isRefusal, serviceFailure } from "./receiving.js";
import { MOST_KEY_BYTES, toKeyBytes, toText } from "./writing.js";
import { ANY_CHECKSUM, AdaptiveLimit, RateBudget, humanDollars, inOrder, inParallel, isArchived, isAsListed, isComposite, limited, mayShareChecksum, modifiedMs, namesChecksum, openListLimiter, partBytesOf, requestDollars, retrying, sameChecksum } from "./requests.js";
import { isUtf8 } from "node:buffer";

// src/listing/join-streams.ts
init__crypto();
/** Whether an object has its turn beside what the other stream gives; both have it under one key. */
const hasTurn = (one, other) => one !== void 0 && !(other && other.key < one.key);
/** Merge join of two streams that are in byte order of their keys, each key once. Closes both at its end. */
async function* joinStreams(source, destination) {
	try {
		yield* joined(source, destination);
	} finally {
		await Promise.all([source.return(void 0), destination.return(void 0)]);
	}
}
/** The next object of a stream that comes in blocks. */
var Head = class {
	#blocks;
	#block = [];
	#at = 0;
	#isOver = false;
	constructor(blocks) {
		this.#blocks = blocks;
	}
	/** undefined where the block is used up, and at the end. */
	get value() {
		return this.#block[this.#at];
	}
	/** Whether it is known what comes next. */
	get isKnown() {
		return this.#isOver || this.#at < this.#block.length;
	}
	step() {
		this.#at++;
	}
	/** Reads on where the block is used up. */
	async fill() {
		while (!this.isKnown) {
			const { value, done } = await this.#blocks.next();
			this.#isOver = done === true;
			this.#block = value ?? [];
			this.#at = 0;
		}
	}
	close() {
		return this.#blocks.return(void 0);
	}
};
/**
* `joinStreams` of streams that come in blocks, by the million: its pairs come in blocks, too, of which none is empty.
* `isAlike`: whether two have one key, where that can be seen without their keys; false says nothing.
*/
async function* joinBlocks(source, destination, isAlike = () => false) {
	const [from, to] = [new Head(source), new Head(destination)];
	try {
		for (;;) {
			await from.fill();
			await to.fill();
			const pairs = [];
			while (from.isKnown && to.isKnown) {
				const [s, d] = [from.value, to.value];
				if (!s && !d) break;
				const [isFrom, isTo] = s !== void 0 && d !== void 0 && isAlike(s, d) ? [true, true] : [hasTurn(s, d), hasTurn(d, s)];
				pairs.push([isFrom ? s : void 0, isTo ? d : void 0]);
				if (isFrom) from.step();
				if (isTo) to.step();
			}
			if (pairs.length === 0) return;
			yield pairs;
		}
	} finally {
		await Promise.all([from.close(), to.close()]);
	}
}
async function* joined(source, destination) {
	let s = (await source.next()).value;
	let d = (await destination.next()).value;
	while (s || d) {
		const [isFrom, isTo] = [hasTurn(s, d), hasTurn(d, s)];
		yield [isFrom ? s : void 0, isTo ? d : void 0];
		if (isFrom) s = (await source.next()).value;
		if (isTo) d = (await destination.next()).value;
	}
}

// src/plan/decide.ts
const copy = (reason) => ({ copy: reason });
const skip = (reason) => ({ skip: reason });
const isNotOlder = (s, d, skewMs) => modifiedMs(s) >= modifiedMs(d) + skewMs;
/**
* The modes of `compare`; the table of docs/plan.md is made from it. Equal ETags prove equality; different ones
* prove nothing, since multipart and KMS objects get others.
*/
const COMPARISONS = {
	auto: {
		copied: "the sizes differ; or the ETags differ, and so do full-object checksums, or, with none in common, the source is not older",
		reasons: [
			"size-differs",
			"checksum-differs",
			"etag-differs"
		],
		left: [
			"same-etag",
			"same-checksum",
			"differs-unproven"
		],
		decide: (s, d, skewMs, checksums) => {
			if (s.size !== d.size) return copy("size-differs");
			if (sameEtag(s.etag, d.etag)) return skip("same-etag");
			if (checksums === "equal") return skip("same-checksum");
			if (checksums === "differs") return copy("checksum-differs");
			return isNotOlder(s, d, skewMs) ? copy("etag-differs") : skip("differs-unproven");
		},
		asks: (s, d, skewMs) => {
			if (sameEtag(s.etag, d.etag)) return void 0;
			return isNotOlder(s, d, skewMs) ? "all" : "some";
		}
	},
	size: {
		copied: "the sizes differ",
		reasons: ["size-differs"],
		left: ["same-size"],
		decide: (s, d) => s.size === d.size ? skip("same-size") : copy("size-differs")
	},
	newer: {
		copied: "the source is later",
		reasons: ["newer"],
		left: ["not-newer"],
		decide: (s, d, skewMs) => modifiedMs(s) > modifiedMs(d) + skewMs ? copy("newer") : skip("not-newer")
	},
	etag: {
		copied: "the ETags differ",
		reasons: ["etag-differs"],
		left: ["same-etag"],
		decide: (s, d) => sameEtag(s.etag, d.etag) ? skip("same-etag") : copy("etag-differs")
	},
	checksum: {
		copied: "the sizes or the full-object checksums differ; or they have none in common, and the ETags differ",
		reasons: [
			"size-differs",
			"checksum-differs",
			"no-common-checksum"
		],
		left: ["same-checksum", "same-etag"],
		decide: (s, d, _skewMs, checksums) => {
			if (s.size !== d.size) return copy("size-differs");
			if (checksums === "equal") return skip("same-checksum");
			if (checksums === "differs") return copy("checksum-differs");
			return sameEtag(s.etag, d.etag) ? skip("same-etag") : copy("no-common-checksum");
		},
		asks: () => "all"
	},
	missing: {
		copied: "never",
		reasons: [],
		left: ["exists"],
		decide: () => skip("exists")
	},
	always: {
		copied: "always",
		reasons: ["always"],
		left: [],
		decide: () => copy("always")
	}
};
/** Published once: what stands there is identical, or in the way. */
const publishOnce = (s, d, _skewMs, checksums) => {
	if (s.size !== d.size) return copy("destination-conflict");
	if (sameEtag(s.etag, d.etag)) return skip("same-etag");
	return checksums === "equal" ? skip("same-checksum") : copy("destination-conflict");
};
/** What becomes of a source object, given what stands at its destination, and how far the source's clock is ahead of the destination's. */
function decide({ compare, overwrite }, source, destination, skewMs = 0, checksums = "none") {
	if (!destination) return copy("missing");
	return overwrite === "never" ? publishOnce(source, destination, skewMs, checksums) : COMPARISONS[compare].decide(source, destination, skewMs, checksums);
}
/** Whether the checksums of two objects are to be asked for before it is decided what becomes of them. */
function asksChecksums({ compare, overwrite }, source, destination, skewMs) {
	if (source.size !== destination.size) return void 0;
	if (overwrite !== "never") return COMPARISONS[compare].asks?.(source, destination, skewMs);
	return sameEtag(source.etag, destination.etag) ? void 0 : "all";
}
const ONE = {
	key: "",
	size: 1,
	etag: "e",
	modified: "2000-01-01T00:00:00Z",
	storageClass: "",
	restored: false
};
const LATER = {
	...ONE,
	modified: "2001-01-01T00:00:00Z"
};
/** Why objects of one size and one ETag are left, whatever else they are; undefined where their times or checksums tell. */
function skipOfSame(rules) {
	if (asksChecksums(rules, ONE, LATER, 0)) return void 0;
	const [reason, other] = [decide(rules, ONE, LATER), decide(rules, LATER, ONE)].map((decision) => "skip" in decision && decision.skip);
	return reason && reason === other ? reason : void 0;
}
/** What an answer's Date, and the way of it, may make of two clocks that agree. */
const LEAST_SKEW_MS = 1e4;
/** How far the clock of one service is ahead of another's; 0 where that is not known, or too little to be told. */
function skewBetween(source, destination) {
	const [ahead, behind] = [source.serverTimeMs(), destination.serverTimeMs()];
	if (ahead === void 0 || behind === void 0) return 0;
	const skewMs = ahead - behind;
	return Math.abs(skewMs) < LEAST_SKEW_MS ? 0 : skewMs;
}
const needsOtherEtag = (reason, compare) => reason === "etag-differs" || reason === "no-common-checksum" || reason === "checksum-differs" && compare === "auto";
/** Whether these rules can ever give a copy its reason, by what it says of the destination: nothing there, or an ETag. */
function canDecide({ compare, overwrite }, { reason, etag, toEtag }) {
	if (toEtag === void 0) return reason === "missing";
	if (needsOtherEtag(reason, compare) && sameEtag(toEtag, etag)) return false;
	if (reason === "headers-differ") return overwrite !== "never" && compare !== "missing" && compare !== "always";
	return overwrite === "never" ? reason === "destination-conflict" : COMPARISONS[compare].reasons.includes(reason);
}

// src/plan/plain-line.ts
const COPY = new Stamp("{\"op\":\"copy\",\"key\":\"");
const DELETE = new Stamp("{\"op\":\"delete\",\"key\":\"");
const TO = new Stamp("\",\"to\":\"");
const SIZE = new Stamp("\",\"size\":");
const ETAG = new Stamp(",\"etag\":\"");
const MODIFIED = new Stamp("\",\"lastModified\":\"");
const TO_ETAG$2 = new Stamp("\",\"toEtag\":\"");
const STORAGE_CLASS = new Stamp("\",\"storageClass\":\"");
const WAVE = new Stamp("\",\"wave\":");
const REASON = new Stamp("\",\"reason\":\"");
/** Behind a number there is no text to end. */
const REASON_BEHIND_WAVE = new Stamp(",\"reason\":\"");
const EXTRA = "only-at-destination";
const COPIED = COPY_REASONS.map((reason) => ({
	reason,
	stamp: new Stamp(`${reason}"}`)
}));
const DELETED = [{
	reason: EXTRA,
	stamp: new Stamp(`${EXTRA}"}`)
}];
const NEWLINE$2 = 10;
const QUOTE = 34;
const ZERO = 48;
const bytesOf = (pattern) => Uint8Array.from({ length: 256 }, (_, byte) => Number(pattern.test(String.fromCharCode(byte))));
const ETAG_BYTES = bytesOf(/[!#-)+-[\]-~]/);
const WORD_BYTES = bytesOf(/\w/);
/** Where bytes of one kind end. */
function endOf({ bytes }, from, kind) {
	let at = from;
	while (kind[bytes[at] ?? 0] === 1) at++;
	return at;
}
const isTail = (byte) => byte >> 6 === 2;
/** Bytes of a letter beyond ASCII such as many keys are made of: in JSON it stands as it is, and it is seen; 0: it is none. */
function letterBytes({ bytes }, at) {
	const [first = 0, second = 0, third = 0] = [
		bytes[at],
		bytes[at + 1],
		bytes[at + 2]
	];
	if (!isTail(second)) return 0;
	if (first >> 5 === 6) {
		const code = (first & 31) << 6 | second & 63;
		return code >= 192 && code <= 591 || code >= 1040 && code <= 1103 ? 2 : 0;
	}
	if (first >> 4 !== 14 || !isTail(third)) return 0;
	const code = (first & 15) << 12 | (second & 63) << 6 | third & 63;
	return code >= 12353 && code <= 12438 || code >= 12449 && code <= 12538 || code >= 19968 && code <= 40959 || code >= 44032 && code <= 55203 ? 3 : 0;
}
/**
* A line that is written as we write nearly all of them, read by its bytes. That it is one proves in a single look what
* parsing, checking each field and writing it anew would prove. By the million, so that one is used for many lines.
*/
var PlainLine = class {
	kind = "copy";
	reason = EXTRA;
	/** Bytes. */
	size = 0;
	wave = 0;
	#isAscii = true;
	#key = -1;
	#keyEnd = -1;
	#to = -1;
	#toEnd = -1;
	#etag = -1;
	#etagEnd = -1;
	#modified = -1;
	#modifiedEnd = -1;
	#toEtag = -1;
	#toEtagEnd = -1;
	#storageClass = -1;
	#storageClassEnd = -1;
	/** Reads the line that begins at `at`; gives where it ends, its newline included, -1: only parsing can tell what it is. */
	read(memory, at) {
		const copy = COPY.endAt(memory, at);
		const end = copy >= 0 ? this.#readCopy(memory, copy) : this.#readDelete(memory, at);
		if (end < 0 || end === memory.bytes.length) return end;
		return memory.bytes[end] === NEWLINE$2 ? end + 1 : -1;
	}
	/** What it says. */
	op(textOf) {
		const key = this.#text(textOf, this.#key, this.#keyEnd);
		const { size, wave } = this;
		const etag = textOf(this.#etag, this.#etagEnd);
		if (this.kind === "delete") return {
			op: "delete",
			key,
			size,
			etag,
			lastModified: this.#modified < 0 ? void 0 : textOf(this.#modified, this.#modifiedEnd),
			reason: EXTRA
		};
		return {
			op: "copy",
			key,
			to: this.#text(textOf, this.#to, this.#toEnd),
			size,
			etag,
			lastModified: textOf(this.#modified, this.#modifiedEnd),
			toEtag: this.#toEtag < 0 ? void 0 : textOf(this.#toEtag, this.#toEtagEnd),
			storageClass: this.#storageClass < 0 ? void 0 : textOf(this.#storageClass, this.#storageClassEnd),
			wave: wave === 0 ? void 0 : wave,
			reason: this.reason
		};
	}
	#text(textOf, from, end) {
		const text = textOf(from, end);
		return this.#isAscii ? text : Buffer.from(text, "latin1").toString();
	}
	#readCopy(memory, at) {
		this.kind = "copy";
		this.#isAscii = true;
		this.#key = at;
		this.#keyEnd = this.#keyTextEnd(memory, at);
		this.#to = TO.endAt(memory, this.#keyEnd);
		this.#toEnd = this.#keyTextEnd(memory, this.#to);
		const content = this.#contentEnd(memory, this.#toEnd);
		this.#modified = MODIFIED.endAt(memory, content);
		this.#modifiedEnd = isoTimeEnd(memory.bytes, this.#modified);
		if (this.#modified < 0 || this.#modifiedEnd < 0) return -1;
		let end = this.#modifiedEnd;
		this.#toEtag = TO_ETAG$2.endAt(memory, end);
		if (this.#toEtag >= 0) this.#toEtagEnd = end = endOf(memory, this.#toEtag, ETAG_BYTES);
		this.#storageClass = STORAGE_CLASS.endAt(memory, end);
		if (this.#storageClass >= 0) {
			this.#storageClassEnd = end = endOf(memory, this.#storageClass, WORD_BYTES);
			if (end === this.#storageClass) return -1;
		}
		const wave = WAVE.endAt(memory, end);
		this.wave = wave < 0 ? 0 : (memory.bytes[wave] ?? ZERO) - ZERO;
		if (wave < 0) return this.#reasonEnd(memory, REASON.endAt(memory, end), COPIED);
		if (this.wave < 1 || this.wave > 9) return -1;
		return this.#reasonEnd(memory, REASON_BEHIND_WAVE.endAt(memory, wave + 1), COPIED);
	}
	#readDelete(memory, at) {
		this.kind = "delete";
		this.#isAscii = true;
		this.wave = 0;
		this.#key = DELETE.endAt(memory, at);
		this.#keyEnd = this.#keyTextEnd(memory, this.#key);
		const content = this.#contentEnd(memory, this.#keyEnd);
		this.#modified = MODIFIED.endAt(memory, content);
		this.#modifiedEnd = this.#modified < 0 ? content : isoTimeEnd(memory.bytes, this.#modified);
		return this.#reasonEnd(memory, REASON.endAt(memory, this.#modifiedEnd), DELETED);
	}
	#keyTextEnd(memory, from) {
		if (from < 0) return -1;
		const { length } = memory.bytes;
		for (let at = from;;) {
			at = plainEnd(memory, at, length);
			const letter = memory.bytes[at] === QUOTE ? 0 : letterBytes(memory, at);
			if (letter === 0) return at;
			this.#isAscii = false;
			at += letter;
		}
	}
	/** Reads size and ETag, which stand behind keys; gives where the ETag ends. */
	#contentEnd(memory, at) {
		const from = SIZE.endAt(memory, at);
		const end = numberEnd(memory, from);
		if (end < 0) return -1;
		this.size = numberIn(memory, from, end);
		this.#etag = ETAG.endAt(memory, end);
		this.#etagEnd = endOf(memory, this.#etag, ETAG_BYTES);
		return this.#etagEnd;
	}
	#reasonEnd(memory, at, reasons) {
		for (const { reason, stamp } of reasons) {
			const end = stamp.endAt(memory, at);
			if (end < 0) continue;
			this.reason = reason;
			return end;
		}
		return -1;
	}
};

// src/plan/op-lines.ts
const NEWLINE$1 = 10;
/** The op of a line of a file that this run wrote, or has checked. */
function ownOp(text) {
	const line = JSON.parse(text);
	return line.op === void 0 ? void 0 : line;
}
/** Lines that stand behind one another in a block of bytes, one after the other: by the million, so that no more of them is read than has to be. */
var OpLines = class {
	#memory;
	#parse;
	#plain = new PlainLine();
	#isPlain = false;
	#from = 0;
	#end = 0;
	/** Of the whole block, one character a byte. */
	#latin1;
	/** Of the line, where it is not plain; undefined: it was not parsed yet. */
	#parsed;
	/** `block`: whole lines, each with its end but for the last one, which may have none. */
	constructor(block, parse = ownOp) {
		this.#memory = asWords(block);
		this.#parse = parse;
	}
	/** Goes on to the next line. Gives whether there is one. */
	next() {
		const { bytes } = this.#memory;
		this.#from = this.#end;
		this.#parsed = void 0;
		if (this.#from === bytes.length) return false;
		const end = this.#plain.read(this.#memory, this.#from);
		this.#isPlain = end >= 0;
		this.#end = this.#isPlain ? end : bytes.indexOf(NEWLINE$1, this.#from) + 1 || bytes.length;
		return true;
	}
	/** What it is about; undefined: it is no op. */
	get kind() {
		return this.#isPlain ? this.#plain.kind : this.#other()?.op;
	}
	/** Bytes of its object. */
	get size() {
		return this.#isPlain ? this.#plain.size : this.#other()?.size ?? 0;
	}
	get reason() {
		return this.#isPlain ? this.#plain.reason : this.#other()?.reason;
	}
	/** The wave of a copy. */
	get wave() {
		if (this.#isPlain) return this.#plain.wave;
		const op = this.#other();
		return op?.op === "copy" ? waveOf(op) : 0;
	}
	/** All that it says; undefined: it is no op. */
	get op() {
		return this.#isPlain ? this.#plain.op(this.#textAt) : this.#other();
	}
	/** Whether no request can name its key. */
	get isUnnameable() {
		return !this.#isPlain && this.#other()?.unnameable === true;
	}
	/** The line, without its end. */
	get text() {
		const text = this.bytes.toString();
		return text.endsWith("\n") ? text.slice(0, -1) : text;
	}
	/** The line, with its end. */
	get bytes() {
		return this.#memory.bytes.subarray(this.#from, this.#end);
	}
	/** This line and all that follow it in the block. */
	get rest() {
		return this.#memory.bytes.subarray(this.#from);
	}
	/** How many bytes of whole lines are the same from this line on, and from a line of another block. */
	alike({ rest: other }) {
		const { rest } = this;
		const most = Math.min(rest.length, other.length);
		const same = commonBytes(asWords(rest), 0, asWords(other), 0, most);
		return rest.subarray(0, same).lastIndexOf(NEWLINE$1) + 1;
	}
	/** So many bytes of whole lines from this one on; the next line is the one behind them. */
	take(bytes) {
		this.#end = this.#from + bytes;
		return this.bytes;
	}
	#other() {
		this.#parsed ??= { op: this.#parse(this.text) };
		return this.#parsed.op;
	}
	#textAt = (from, end) => {
		this.#latin1 ??= this.#memory.bytes.toString("latin1");
		return this.#latin1.slice(from, end);
	};
};

// src/plan/plan-file.ts
const WAITING_BYTES = 262144;
const ALL_WAVES = {
	first: 0,
	last: Number.POSITIVE_INFINITY
};
/** The lines of a plan that is written, header included, and their digest. The file is made when there is something to write. */
var PlanLines = class {
	#files;
	#path;
	#hash = createHash("sha256");
	/** Lines that wait to be written, by the hundred. */
	#waiting = Buffer.allocUnsafeSlow(WAITING_BYTES);
	#bytes = 0;
	#writer;
	/** `path`: where they stand until they are a plan. */
	constructor({ files, path }) {
		this.#files = files;
		this.#path = path;
	}
	/** Adds a line; resolves when more can be taken, undefined: it can now. */
	write(line) {
		return this.append(Buffer.from(`${line}\n`));
	}
	/** Adds whole lines, each with its end; the bytes are not needed any more behind it. */
	append(lines) {
		if (this.#bytes + lines.length > WAITING_BYTES) return this.#appendAll(lines);
		this.#bytes += lines.copy(this.#waiting, this.#bytes);
	}
	/** Adds all lines of a file. */
	async appendFile(path) {
		await (await this.#flush()).appendFile(path, (piece) => this.#hash.update(piece));
	}
	/** Ends with what the lines come to; gives the last line. */
	async end(totals) {
		const writer = await this.#flush();
		const trailer = {
			trailer: true,
			...totals,
			digest: this.#hash.digest("hex")
		};
		await writer.write(visibleJson(trailer));
		await writer.close();
		return trailer;
	}
	/** Nothing more is written. */
	async close() {
		await this.#writer?.close();
	}
	async #appendAll(lines) {
		const writer = await this.#flush();
		this.#hash.update(lines);
		await writer.append(lines);
	}
	async #flush() {
		this.#writer ??= await this.#files.writer(this.#path);
		const waiting = this.#waiting.subarray(0, this.#bytes);
		this.#bytes = 0;
		this.#hash.update(waiting);
		await this.#writer.append(waiting);
		return this.#writer;
	}
};
/**
* Writes a plan: its header, the lines that `add` adds, its trailer. It becomes a plan only when all of it is written;
* else no file stays.
*/
async function writePlan({ files, path }, header, add) {
	const unfinished = unfinishedPath(path);
	const lines = new PlanLines({
		files,
		path: unfinished
	});
	try {
		await lines.write(visibleJson(header));
		const end = await add(lines);
		const trailer = await lines.end(end.totals);
		await files.rename(unfinished, path);
		return {
			plan: {
				path,
				header,
				trailer,
				samples: end.samples
			},
			end
		};
	} catch (error) {
		await lines.close().catch(() => {});
		await files.removeFile(unfinished);
		throw error;
	}
}
/** The ops of one kind, as many at a time as are read; of copies those of some waves, where it is said of which. */
async function* readOps(files, { path }, kind, { first, last } = ALL_WAVES) {
	for await (const block of files.lineBytes(path)) {
		const ops = [];
		const lines = new OpLines(block);
		let isPast = false;
		while (!isPast && lines.next()) {
			const { kind: found, wave } = lines;
			isPast = kind === "copy" && found === "delete";
			if (found === kind && wave >= first && wave <= last) ops.push(lines.op);
		}
		yield ops;
		if (isPast) return;
	}
}
const isOutdated = (op) => "outdated" in op;
/** The approved ops of one kind that cannot be carried out any more; only a plan made from an approved one has any. */
async function* readOutdated(files, plan, kind, waves) {
	const { doneRows = 0, outdated = {
		copies: 0,
		deletes: 0
	} } = plan.approval ?? {};
	if ((kind === "copy" ? outdated.copies + doneRows : outdated.deletes) === 0) return;
	for await (const ops of readOps(files, plan, kind, waves)) for (const op of ops) if (isOutdated(op)) yield op;
}
/** Ops are not there, or are too many. */
const changed = (what) => new SyncError("internal", `The plan file does not contain the ${what} counted in its trailer.`);
/** The waves that have copies, each by itself; undefined: all copies, which are one. */
function fullWaves({ trailer }) {
	const { waves } = trailer;
	if (!waves) return [void 0];
	return waves.flatMap(({ objects }, wave) => objects > 0 ? [{
		first: wave,
		last: wave
	}] : []);
}
/** The copies of a plan, or of some of its waves. */
function copiesIn({ trailer }, waves) {
	const { copies, waves: tallies } = trailer;
	if (!waves || !tallies) return copies;
	return tallies.slice(waves.first, waves.last + 1).reduce(addTally, NO_TALLY);
}
/** The copies of a plan file that are to be made, in its order, as many at a time as are read; all, or those of some waves. */
async function* readCopyBlocks(files, plan, waves) {
	let count = 0;
	for await (const ops of readOps(files, plan, "copy", waves)) {
		count += ops.length;
		const copies = ops.filter((op) => !isOutdated(op));
		if (copies.length > 0) yield copies;
	}
	if (count !== copiesIn(plan, waves).objects) throw changed("copies");
}
/** The deletes of a plan file that are to be made, in its order, as many at a time as are read. */
async function* readDeleteBlocks(files, plan) {
	let count = 0;
	for await (const ops of readOps(files, plan, "delete")) {
		count += ops.length;
		const deletes = ops.filter((op) => !isOutdated(op));
		if (deletes.length > 0) yield deletes;
	}
	if (count !== plan.trailer.deletes.objects) throw changed("deletes");
}
/** The same copies, one by one. */
async function* readCopies(files, plan, waves) {
	for await (const copies of readCopyBlocks(files, plan, waves)) for (const op of copies) yield op;
}
/** The same deletes, one by one. */
async function* readDeletes(files, plan) {
	for await (const deletes of readDeleteBlocks(files, plan)) for (const op of deletes) yield op;
}

// src/plan/plan-text.ts
init__crypto();
const NEWLINE = 10;
/** A file that nobody vouches for: what its lines are known by again is taken of the bytes that they are read from, in one go. */
var PlanText = class {
	#refuse;
	#hash = createHash("sha256");
	/** The last line so far, which is not part of the digest of the others. */
	#last = Buffer.alloc(0);
	/** `refuse`: throws, with what is wrong with the bytes. */
	constructor(refuse) {
		this.#refuse = refuse;
	}
	/** The same blocks of lines, each looked at before it is handed on. */
	async *blocks(blocks) {
		let isWhole = true;
		for await (const block of blocks) {
			if (!isWhole) this.#refuse("one of its lines is too long");
			isWhole = block.at(-1) === NEWLINE;
			this.#take(block);
			yield block;
		}
	}
	/** Of all that was read; only once. */
	digests() {
		const file = this.#hash.copy().update(this.#last).digest("hex");
		return {
			lines: this.#hash.digest("hex"),
			file
		};
	}
	#take(block) {
		if (!isUtf8(block)) this.#refuse("it is not UTF-8");
		const last = block.subarray(0, -1).lastIndexOf(NEWLINE) + 1;
		this.#hash.update(this.#last).update(block.subarray(0, last));
		this.#last = Buffer.from(block.subarray(last));
	}
};

// src/plan/fate.ts
const isSame = (a, b) => a.etag === b.etag && a.size === b.size;
/** Whether an object is the one that was approved: by its ETag, or where nobody tells one by its time. */
const isApproved = (approved, now, modified) => isSame(approved, now) && (now.etag !== "" || modified === void 0 || approved.lastModified === void 0 || Date.parse(modified) === Date.parse(approved.lastModified));
/** Whether what is to be overwritten is what it was. */
const isSameStanding = (a, b) => a.toEtag === b.toEtag && a.toSize === b.toSize && a.toLastModified === b.toLastModified;
/** What becomes of an approved copy, where the run would copy to that key by itself. */
function besideCopy(approved, op) {
	const isItsSource = op.key === approved.key && op.versionId === approved.versionId;
	if (isItsSource && op.reason === "destination-conflict") return "carry";
	const isUnchanged = isItsSource && isApproved(approved, op, op.lastModified);
	if (isUnchanged && isSameStanding(approved, op)) return "carry";
	if (sameEtag(op.toEtag, approved.etag)) return "done";
	if (!isItsSource) return "NoSuchKey";
	return isUnchanged ? "DestinationChanged" : "SourceChanged";
}
/** What becomes of an approved copy, where the run would leave that key. `plannedMs`: when the plan was made, by its own word. */
function leftCopy(approved, { from, to, skip }, plannedMs) {
	if (to && isSame(to, approved)) return "done";
	if (from?.key !== approved.key) return "NoSuchKey";
	if (!isApproved(approved, from, from.modified)) return "SourceChanged";
	if (skip === "same-checksum") return "done";
	if (!(to?.etag !== approved.toEtag || to && modifiedMs(to) >= plannedMs)) return approved.reason === "checksum-differs" ? "ChecksumUnknown" : "never";
	return to?.size === approved.size && modifiedMs(to) >= modifiedMs(from) ? "done" : "DestinationChanged";
}
/** What becomes of an approved delete, where the run would delete that object by itself. */
const besideDelete = (approved, op) => isApproved(approved, op, op.lastModified) ? "carry" : "DestinationChanged";
/** What becomes of an approved delete, where the run would leave that key. */
function leftDelete({ from, to, waits }) {
	if (waits) return "DeleteNotDue";
	if (!to) return "done";
	return from ? "ExistsAtSource" : "never";
}

// src/plan/op-stream.ts
/** The ops of a plan, or of some of it, one after the other: by the million, so that lines which are alike are not read. */
var OpStream = class {
	#source;
	#lines = new OpLines(Buffer.alloc(0));
	#isAtOp = false;
	#isOver = false;
	#op;
	#key;
	constructor(source) {
		this.#source = source;
	}
	/** Reads on where the last op was taken. Gives whether there is another one. */
	async fill() {
		const { kind, aside, blocks } = this.#source;
		while (!this.#isAtOp && !this.#isOver) if (!this.#lines.next()) {
			const { value, done } = await blocks.next();
			if (done) this.#isOver = true;
			else this.#lines = new OpLines(value);
		} else if (this.#lines.kind !== kind) this.#isOver = kind === "copy" && this.#lines.kind === "delete";
		else if (aside && this.#lines.isUnnameable) await aside(this.#lines.op, this.#lines.bytes);
		else this.#isAtOp = true;
		return this.#isAtOp;
	}
	/** The op; undefined: there is none any more. */
	get op() {
		if (this.#isAtOp) this.#op ??= this.#lines.op;
		return this.#op;
	}
	/** Its key at the destination, relative to it. */
	get key() {
		const { op } = this;
		if (op) {
			const target = op.op === "copy" ? op.to : op.key;
			this.#key ??= toKeyBytes(target.slice(this.#source.prefix.length));
		}
		return this.#key;
	}
	/** Its line, with its end. */
	get line() {
		return this.#lines.bytes;
	}
	/** How many bytes of lines both streams have alike, from their ops on. */
	alike(other) {
		const isSeen = this.#source.aside !== void 0;
		return this.#isAtOp && other.#isAtOp && !isSeen ? this.#lines.alike(other.#lines) : 0;
	}
	/** Takes so many bytes of lines, the op's own first. */
	take(bytes = this.line.length) {
		this.#isAtOp = false;
		this.#op = void 0;
		this.#key = void 0;
		return this.#lines.take(bytes);
	}
	async close() {
		await this.#source.blocks.return(void 0);
	}
};

// src/listing/template.ts
const WORD = /^[\p{L}\p{N}]$/u;
const range = (first, last) => {
	const begin = first.charCodeAt(0);
	return Array.from({ length: last.charCodeAt(0) - begin + 1 }, (_, i) => String.fromCharCode(begin + i));
};
const DIGITS = range("0", "9");
const LOWER = range("a", "z");
const UPPER = range("A", "Z");
/**
* Alphabets that are seldom seen whole in a few names. The first is taken that holds all that was seen;
* one with digits only where a digit was seen.
*/
const ALPHABETS = [
	DIGITS,
	[...DIGITS, ...LOWER.slice(0, 6)],
	[...DIGITS, ...UPPER.slice(0, 6)],
	LOWER,
	UPPER,
	[...UPPER, ...LOWER],
	[...DIGITS, ...LOWER],
	[...DIGITS, ...UPPER],
	[
		...DIGITS,
		...UPPER,
		...LOWER
	]
];
const byCodePoint = (a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
const isSurrogate = (code) => code >= 55296 && code <= 57343;
/** Characters of a script that is not known whole: those that were seen, and behind them as many again. */
function continued(seen) {
	const codes = seen.map((char) => char.codePointAt(0) ?? 0);
	const last = codes.at(-1) ?? 0;
	const step = Math.max(1, Math.round((last - (codes[0] ?? 0)) / Math.max(1, codes.length - 1)));
	const possible = codes.map((_, i) => last + (i + 1) * step).filter((code) => code <= 1114111 && !isSurrogate(code));
	return [...seen, ...possible.map((code) => String.fromCodePoint(code))];
}
function closed(seen) {
	const digits = DIGITS.some((digit) => seen.has(digit));
	return ALPHABETS.find((alphabet) => alphabet.includes("0") === digits && [...seen].every((char) => alphabet.includes(char))) ?? continued([...seen].sort(byCodePoint));
}
/** The characters seen at each place. */
function columnsOf(names) {
	const columns = [];
	for (const name of names) for (const [i, char] of [...name].entries()) {
		columns[i] ??= /* @__PURE__ */ new Set();
		columns[i].add(char);
	}
	return columns;
}
const isWord = (column) => [...column].every((char) => WORD.test(char));
/** Where a run of letters and digits that begins at `from` ends. */
function runEnd(columns, from) {
	let end = from;
	while (columns[end] && isWord(columns[end])) end++;
	return Math.max(end, from + 1);
}
/** Places of a word of which one varies all vary that may: the others have only not changed yet. */
function slotsOf(names, counted) {
	const columns = columnsOf(names);
	const slots = [];
	while (slots.length < columns.length) {
		const run = columns.slice(slots.length, runEnd(columns, slots.length));
		const varying = run.filter((column) => column.size > 1);
		const alphabet = closed(new Set(varying.flatMap((column) => [...column])));
		let leading = counted;
		for (const column of run) {
			leading &&= column.size === 1;
			const varies = varying.length > 0 && !leading && [...column].every((char) => alphabet.includes(char));
			slots.push(varies ? alphabet : [...column]);
		}
	}
	return slots;
}
/** Where a name stands among names that are all known, in their order. */
function rankingOf(names) {
	if (names.length < 2) return void 0;
	const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
	return {
		position: (name) => {
			const i = sorted.findIndex((other) => other >= name);
			return i < 0 ? 1 : i / sorted.length;
		},
		shareOf: (name) => sorted.includes(name) ? 1 / sorted.length : void 0,
		nameAt: (position) => sorted[Math.min(Math.floor(position * sorted.length), sorted.length - 1)] ?? ""
	};
}
/** Where numbers are counted, pages are full where a round number begins: the range before ends with the very key. */
const numberBefore = (name) => name.replace(/[0-9]+(?=[^0-9]*$)/, (number) => String(Math.max(0, Number(number) - 1)).padStart(number.length, "0"));
/** A template that fits the names; undefined when they do not vary. */
function templateOf(names, counted = false) {
	const slots = slotsOf(names, counted);
	if (slots.every((slot) => slot.length < 2)) return void 0;
	return {
		position: (name) => {
			let position = 0;
			let share = 1;
			for (const [i, char] of [...name].entries()) {
				const slot = slots[i];
				if (!slot) break;
				const before = slot.filter((other) => byCodePoint(other, char) < 0).length;
				share /= slot.length;
				position += before * share;
				if (slot[before] !== char) break;
			}
			return Math.min(position, 1);
		},
		nameAt: (position, precision) => {
			let name = "";
			let rest = position;
			let share = 1;
			for (const slot of slots) {
				const exact = share <= precision / 4;
				if (exact && !counted) break;
				const x = exact ? 0 : rest * slot.length;
				const chosen = Math.min(Math.floor(x), slot.length - 1);
				name += slot[chosen];
				rest = x - chosen;
				share /= slot.length;
			}
			return counted ? numberBefore(name) : name;
		}
	};
}

// src/listing/names.ts
const MOST_NAMES = 256;
const COUNTED = /^(.*?)(\d+)(\D*)$/s;
/** The names seen at one depth of the folders, and what they tell of those that were not. */
var Level = class {
	#names = /* @__PURE__ */ new Set();
	#hasFolders = false;
	#counted = false;
	#closed = false;
	/** Undefined: not made yet, or made from fewer names. */
	#template;
	/** Whether some of them are folders. */
	get hasFolders() {
		return this.#hasFolders;
	}
	/** Whether all of them are known: the same ones come again in every folder. */
	get isClosed() {
		return this.#closed;
	}
	/** Whether one follows the other as numbers do, so that nobody knows where they end. */
	get isCounted() {
		return this.#counted && !this.#closed;
	}
	/** The only name, where there is one: what it stands for does not vary. */
	get constant() {
		return this.#names.values().next().value;
	}
	has(name) {
		return this.#names.has(name);
	}
	/** Keeps a name, in place of the oldest when there are too many. */
	add(name, isFolder) {
		this.#hasFolders ||= isFolder;
		if (this.#names.has(name)) return;
		if (this.#closed && [...this.#names].every((other) => other < name)) this.#closed = false;
		this.#names.add(name);
		const [oldest = ""] = this.#names;
		if (this.#names.size > MOST_NAMES) this.#names.delete(oldest);
		this.#template = void 0;
	}
	/** Notes that all names came. */
	close() {
		if (this.#closed || this.#names.size >= MOST_NAMES) return;
		this.#closed = true;
		this.#template = void 0;
	}
	/** Notes whether a name is the number behind another one. */
	seeFollowing(name, next) {
		const [, before, number, after] = COUNTED.exec(name) ?? [];
		const counted = number !== void 0 && next === `${before}${String(Number(number) + 1).padStart(number.length, "0")}${after}`;
		if (counted !== this.#counted) this.#template = void 0;
		this.#counted = counted;
	}
	/** How they are spread; undefined when they do not vary. */
	template() {
		this.#template ??= this.#made() ?? "none";
		return this.#template === "none" ? void 0 : this.#template;
	}
	#made() {
		const names = [...this.#names];
		return this.#closed ? rankingOf(names) : templateOf(names, this.#counted);
	}
};
/** The names of a place by depth, 0 for what lies directly under it. */
var Names = class {
	#levels = [];
	/** The names of a depth. */
	at(depth) {
		this.#levels[depth] ??= new Level();
		return this.#levels[depth];
	}
	/** Where a path stands among all paths of its depth: from 0 to 1. */
	positionOf(path, depth) {
		const slash = path.indexOf("/");
		const name = slash < 0 ? path : path.slice(0, slash);
		const template = this.at(depth).template();
		const share = slash < 0 ? void 0 : template?.shareOf?.(name);
		const low = template?.position(name) ?? 0;
		if (template && share === void 0) return low;
		if (!template && !(slash >= 0 && this.at(depth).has(name))) return .5;
		return low + (share ?? 1) * this.positionOf(path.slice(slash + 1), depth + 1);
	}
	/** The beginning of the paths at a position; undefined when nothing is known of them. */
	pathAt(depth, { position, precision }) {
		const level = this.at(depth);
		const template = level.template();
		const name = template ? template.nameAt(position, precision) : level.constant;
		const share = template ? template.shareOf?.(name ?? "") : 1;
		if (name === void 0) return void 0;
		const goesOn = level.hasFolders && share !== void 0 && precision < share;
		if (template && !goesOn) return name;
		if (!level.hasFolders) return void 0;
		const within = {
			position: (position - (template?.position(name) ?? 0)) / (share ?? 1),
			precision: precision / (share ?? 1)
		};
		const rest = this.pathAt(depth + 1, within);
		if (rest === void 0) return template && name;
		return `${name}/${rest}`;
	}
};

// src/listing/key-space.ts
const SAMPLES = 12;
const SAMPLED_FOLDERS = 100;
/** A folder is worth a look when it is thought to hold so many pages. */
const WORTH_A_LOOK = 4;
/** How far from the middle, as a part of the rest, the border of a folder is preferred to what lies within. */
const NEAR = .2;
const spread = (items, most) => {
	const step = Math.max(1, Math.ceil(items.length / most));
	return items.filter((_, i) => i % step === 0);
};
const ROOT = {
	folder: "",
	depth: 0,
	low: 0,
	share: 1
};
const childSpot = ({ depth, low, share }, children, i) => ({
	folder: children[i],
	depth: depth + 1,
	low: low + i * share / children.length,
	share: share / children.length
});
/** The last of the ascending keys that is not behind `key`; -1 when all are. */
function lastUpTo(keys, key) {
	let [low, high] = [0, keys.length];
	while (low < high) {
		const middle = low + high >>> 1;
		if (keys[middle] <= key) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
/** The first of the objects that is not before a key. */
function rowFrom(objects, key) {
	let [low, high] = [0, objects.count];
	while (low < high) {
		const middle = low + high >>> 1;
		if (keyAt(objects, middle) >= key) high = middle;
		else low = middle + 1;
	}
	return low;
}
/** How keys are spread over a place, as far as it is known. It only guides: no listing depends on it. */
var KeySpace = class {
	#names = new Names();
	/** Subfolders of the folders that were looked into, all of them. */
	#children = /* @__PURE__ */ new Map();
	#looked = /* @__PURE__ */ new Set();
	#folders = /* @__PURE__ */ new Set();
	/** Learns from the keys of a page. */
	learn({ objects }) {
		const step = Math.max(1, Math.ceil(objects.count / SAMPLES));
		let before = [];
		for (let row = 0; row < objects.count; row += step) {
			const names = toText(detached$1(keyAt(objects, row)))?.split("/") ?? [];
			this.#seeRecurrence(before, names);
			for (const [depth, name] of names.entries()) this.#names.at(depth).add(name, depth < names.length - 1);
			before = names;
		}
		this.#seeNumbers(objects);
	}
	/** Learns what a folder holds, from its first page with the delimiter `/`. */
	learnFolder(folder, { folders, truncated }) {
		const level = this.#names.at(folder.split("/").length - 1);
		for (const child of spread(folders, SAMPLED_FOLDERS)) level.add(toText(child.slice(0, -1)) ?? "", true);
		if (folders.length > 1 && folders.length <= SAMPLED_FOLDERS && !truncated) level.close();
		const children = folders.map((child) => detached$1(folder + child));
		for (const child of children) this.#folders.add(child);
		if (children.length > 0 && !truncated) this.#children.set(folder, children);
	}
	/** Whether folders lie directly under the place. */
	get hasFolders() {
		return this.#names.at(0).hasFolders;
	}
	/** Notes that a folder is looked into. */
	noteLook(folder) {
		this.#looked.add(folder);
	}
	/** Whether a known folder begins there, so that keys lie behind it. */
	isFolder(key) {
		return this.#folders.has(key);
	}
	/** Where a key stands: from 0 to 1; undefined is the end. */
	position(key) {
		if (key === void 0) return 1;
		if (key === "") return 0;
		for (let spot = ROOT;;) {
			const { folder, depth, low, share } = spot;
			const children = this.#children.get(folder);
			if (!children) {
				const path = toText(key.slice(folder.length)) ?? "";
				return low + share * this.#names.positionOf(path, depth);
			}
			const i = lastUpTo(children, key);
			if (i < 0) return low;
			spot = childSpot(spot, children, i);
			if (!key.startsWith(spot.folder)) return spot.low + spot.share;
		}
	}
	/** Whether what follows a key is only numbered on, so that nobody knows where it ends. */
	isCountedOn(key) {
		let folder = "";
		for (let depth = 0;; depth++) {
			const last = this.#children.get(folder)?.at(-1);
			if (last === void 0) return this.#names.at(depth).isCounted;
			if (!key.startsWith(last)) return false;
			folder = last;
		}
	}
	/** Where to cut a rest into halves; undefined when nothing is known of it. */
	cutOf({ front, until, pages, part }) {
		const span = (this.position(until) - this.position(front)) * part;
		const target = this.position(front) + span / 2;
		const { spot, following } = this.#spotAt(target);
		const fits = (key) => key !== void 0 && key > front && (until === void 0 || key < until) && toText(key) !== void 0;
		const [nearest] = [{
			key: spot.folder,
			away: target - spot.low
		}, {
			key: following,
			away: spot.low + spot.share - target
		}].filter(({ key }) => fits(key)).sort((a, b) => a.away - b.away);
		if (nearest?.key && nearest.away <= NEAR * span) return { at: nearest.key };
		if ((span > 0 ? Math.min(pages, pages * spot.share / span) : pages) >= 4 && this.#isUnseen(spot)) return { lookInto: spot.folder };
		const within = {
			position: (target - spot.low) / spot.share,
			precision: span / spot.share
		};
		const path = span > 0 ? this.#names.pathAt(spot.depth, within) : void 0;
		const inside = path === void 0 ? void 0 : spot.folder + toKeyBytes(path);
		if (fits(inside)) return { at: inside };
		return nearest?.key ? { at: nearest.key } : void 0;
	}
	/** Whether a look into a folder would tell anything. */
	#isUnseen({ folder, depth }) {
		const { hasFolders, isClosed } = this.#names.at(depth);
		return hasFolders && !isClosed && !this.#looked.has(folder);
	}
	/** The smallest known folder at a position, and the folder that follows it. */
	#spotAt(target) {
		let following;
		for (let spot = ROOT;;) {
			const children = this.#children.get(spot.folder);
			if (!children) return {
				spot,
				following
			};
			const i = Math.floor((target - spot.low) / spot.share * children.length);
			const chosen = Math.max(0, Math.min(i, children.length - 1));
			following = children[chosen + 1] ?? following;
			spot = childSpot(spot, children, chosen);
		}
	}
	/** A folder that begins with a smaller name than the one before it came to shows that names come again. */
	#seeRecurrence(before, names) {
		const parted = names.findIndex((name, depth) => name !== before[depth]);
		if (before.length === 0 || parted < 0) return;
		for (const [depth, name] of names.slice(0, -1).entries()) if (depth > parted && name < (before[depth] ?? "")) this.#names.at(depth).close();
	}
	/** Notes at each depth of the last key whether its name is the number behind the one before. */
	#seeNumbers(objects) {
		const last = objects.count - 1;
		if (last < 1) return;
		const names = keyAt(objects, last).split("/");
		for (const [depth, name] of names.entries()) {
			const ends = depth === names.length - 1;
			const at = rowFrom(objects, names.slice(0, depth + 1).join("/") + (ends ? "" : "/"));
			const before = at > 0 ? keyAt(objects, at - 1).split("/") : [];
			if (names.slice(0, depth).every((one, i) => one === before[i]) && before[depth] !== void 0) this.#names.at(depth).seeFollowing(before[depth], name);
		}
	}
};

// src/listing/range.ts
/** Pages that what was thought of a range weighs against those that came. */
const BELIEF = 2;
const densityOf = (space, { from, to, pages }) => {
	const passed = space.position(to) - space.position(from);
	return passed > 0 ? pages / passed : 0;
};
/** Both sides of one stretch of keys. */
var Range = class Range {
	source;
	destination;
	/** Source, then destination. */
	sides;
	#result = Promise.withResolvers();
	#join;
	/** A folder of it is looked into: where to cut it is known soon. */
	looking = false;
	#begun = false;
	/** What is thought of it, until enough of it came; undefined: nothing. */
	#belief;
	/** As far as it came when its density was last asked for, and the pages that had come last. */
	#seen;
	#last;
	#uncutAt = 0;
	/** Behind it nothing was found. */
	#emptyFrom;
	/** `belief`: what is thought of it at first. */
	constructor(join, source, destination, belief) {
		this.#join = join;
		this.source = source;
		this.destination = destination;
		this.sides = [source, destination];
		this.#belief = belief;
		this.#seen = {
			key: source.from,
			pages: 0
		};
	}
	/** What its join gives, once it has begun. */
	get result() {
		return this.#result.promise;
	}
	/** The side that is asked first; the other one follows once there is something to find. */
	get lead() {
		return this.source.over ? this.destination : this.source;
	}
	/** Behind which key nothing is to be found, as far as that is known. */
	get end() {
		return this.#emptyFrom ?? this.source.until;
	}
	/** Ends with the key `at`; gives the range of what follows, which has not started. */
	cut(at) {
		const { evidence } = this;
		const right = new Range(this.#join, this.source.split(at), this.destination.split(at), evidence);
		right.#emptyFrom = this.#emptyFrom;
		this.#emptyFrom = void 0;
		return right;
	}
	/** Whether it is known that there is something to read. */
	get begun() {
		return this.#begun;
	}
	/** Begins to read both sides. */
	begin() {
		if (this.#begun) return;
		this.#begun = true;
		this.#join(this.source, this.destination).then(this.#result.resolve, this.#result.reject);
	}
	/** Whether it has not started, and its first page holds nothing of it. */
	isEmpty() {
		return !this.#begun && this.sides.some(({ over, pages, keys }) => over && pages > 0 && keys === 0);
	}
	/** Goes on over the range behind it, which then is none any more; false where that would lose keys. */
	absorb(right) {
		const { until } = right.source;
		if (!this.sides.every((side) => side.reaches(until))) return false;
		for (const side of this.sides) side.extend(until);
		this.#emptyFrom = right.source.from;
		return true;
	}
	/** The sides that still ask. */
	openSides() {
		return this.sides.filter(({ over }) => !over);
	}
	/** Pages of the longer side. */
	pages() {
		return Math.max(this.source.pages, this.destination.pages);
	}
	/** Behind all keys that came on a side that still asks. */
	front() {
		return this.openSides().reduce((front, stream) => stream.front > front ? stream.front : front, this.source.from);
	}
	/** No place to cut it is known until more pages come. */
	leaveUncut() {
		this.#uncutAt = this.pages();
	}
	/** Whether pages came since no place to cut it was known. */
	mayBeCut() {
		return this.#begun && !this.looking && this.#uncutAt < this.pages();
	}
	/** How densely its keys lie, as far as they came; undefined: nothing is known. */
	get evidence() {
		const pages = this.#openPages();
		return pages > 0 ? {
			from: this.source.from,
			to: this.front(),
			pages
		} : this.#belief;
	}
	/** Pages for each part of all positions; 0 when nothing is known. `eager`: as the last page was, if that is more. */
	density(space, eager) {
		const pages = this.#openPages();
		const front = this.front();
		if (pages > this.#seen.pages) {
			this.#last = {
				from: this.#seen.key,
				to: front,
				pages: pages - this.#seen.pages
			};
			this.#seen = {
				key: front,
				pages
			};
		}
		const came = {
			from: this.source.from,
			to: front,
			pages
		};
		const believed = this.#belief ? densityOf(space, this.#belief) : 0;
		const passed = space.position(front) - space.position(came.from);
		const density = believed > 0 ? (pages + BELIEF) / (passed + BELIEF / believed) : densityOf(space, came);
		return eager && this.#last ? Math.max(density, densityOf(space, this.#last)) : density;
	}
	#openPages() {
		return this.openSides().reduce((most, { pages }) => Math.max(most, pages), 0);
	}
};

// src/listing/worth.ts
/** A rest is worth cutting when it has so many pages, and one more for so many that came: what is large has few seams. */
const LEAST_PAGES = 3;
const PAGES_PER_LEAST = 200;
/** What is thought to be ahead is trusted as far as so many times as much came already; less after every miss. */
const TRUST = 4;
/** Who thinks that so many times as much is ahead as came sees a number that is counted on, whose end nobody knows. */
const BELIEVABLE = 150;
/** While so few pages came, a place is thought to go on as its last page: folders often grow from one to the next. */
const EAGER_PAGES = 24;
/** A stream ends somewhere within its last page; so much is expected until as many streams have ended. */
const LOST_PAGES = .5;
const PRIOR = 4;
/** Of the allowance, what may be spent while many requests are under way, and while none is; the rest is for bad luck. */
const PART = {
	busy: .65,
	idle: .9
};
/** So long a rest is cut while little else is under way, whatever the cuts cost so far: nobody shall wait for one chain. */
const LONG_PAGES = 50;
const IDLE = .75;
/** Requests that may be spent beside so many for pages: a quarter of a small listing, a twentieth of a large one. */
const allowance = (pages) => Math.max(Math.min(pages / 4, 50), pages / 20);
/** What is thought of a range, where `came` pages came in all. */
function outlookOf(range, space, came) {
	const density = range.density(space, came < EAGER_PAGES);
	if (density === 0) return {
		left: range.pages(),
		part: 1
	};
	const left = density * (space.position(range.end) - space.position(range.front()));
	return left > (range.end === void 0 && space.isCountedOn(range.front()) ? came : BELIEVABLE * came) ? {
		left: came,
		part: came / left
	} : {
		left,
		part: 1
	};
}
function costOf({ ranges, looks, misses, pageKeys }) {
	const streams = ranges.flatMap(({ sides }) => sides);
	const over = streams.filter((stream) => stream.over && stream.pages > 0);
	const lost = over.reduce((sum, { pages, keys }) => sum + pages - keys / pageKeys, 0);
	const each = (lost + PRIOR * LOST_PAGES) / (over.length + PRIOR);
	const scouts = ranges.filter(({ begun }) => !begun).length;
	const open = streams.filter((stream) => !stream.over).length - 2 - 2 * scouts;
	return {
		total: Math.max(looks + misses + scouts + lost + open * each, 0),
		each
	};
}
/** The range with most left to do, if one is worth a cut that the listing can pay. */
function toCut(listing) {
	const { ranges, limiter, space, misses, pageKeys } = listing;
	const open = ranges.reduce((sum, range) => sum + range.openSides().length, 0);
	if (open + 2 > limiter.limit()) return void 0;
	const live = ranges.filter((range) => range.openSides().length > 0);
	const pages = ranges.reduce((sum, range) => sum + range.pages(), 0);
	const views = live.map((range) => ({
		range,
		...outlookOf(range, space, pages)
	}));
	const came = ranges.flatMap(({ sides }) => sides).reduce((sum, side) => sum + side.keys, 0) / pageKeys;
	const [longest] = views.filter(({ range, left }) => range.mayBeCut() && left >= LEAST_PAGES + came / PAGES_PER_LEAST).sort((a, b) => b.left - a.left);
	if (!longest) return void 0;
	const ahead = views.reduce((sum, { range, left }) => sum + left * range.openSides().length, 0);
	const trusted = Math.min(ahead, TRUST * came / (1 + misses));
	const idle = 1 - open / limiter.limit();
	const part = PART.busy + (PART.idle - PART.busy) * idle;
	const { total, each } = costOf(listing);
	const price = Math.max(1, longest.range.openSides().length * each);
	return longest.left >= LONG_PAGES && idle > IDLE || total + price <= part * allowance(came + trusted) ? longest : void 0;
}

// src/listing/ranges.ts
/** Thrown, and caught, when a service does not list in byte order. */
const DISORDER = new SyncError("list", "The service does not list keys in order.");
function throwDisorder() {
	throw DISORDER;
}
/** Who guessed right so many times for once wrong goes on without waiting for the proof. */
const HITS_PER_MISS = 4;
/** Two places that are being listed in ranges. */
var RangeListing = class {
	ranges = [];
	space = new KeySpace();
	limiter;
	#join;
	#stop = new AbortController();
	#signal;
	#finished = Promise.withResolvers();
	#open = 0;
	#looks = 0;
	#hits = 0;
	#misses = 0;
	#pageKeys = 1;
	constructor(join, ports) {
		this.#join = join;
		this.#signal = AbortSignal.any([ports.signal, this.#stop.signal]);
		this.limiter = openListLimiter(ports);
	}
	get looks() {
		return this.#looks;
	}
	get misses() {
		return this.#misses;
	}
	get pageKeys() {
		return this.#pageKeys;
	}
	/** Begins with one range that is all that is to be listed of both places. */
	begin(places) {
		const ports = {
			ask: (place, query) => this.#ask(place, query),
			onDisorder: throwDisorder,
			onPage: (page) => {
				this.#pageKeys = Math.max(this.#pageKeys, page.objects.count);
				this.space.learn(page);
				this.#lookAtRoot(all);
				this.#divide();
			}
		};
		const { from = "", until: end } = places.span ?? {};
		const span = {
			from,
			until: places.source.single ? "" : end
		};
		const source = new Stream(places.source, span, ports);
		const destination = new Stream(places.destination ?? places.source, span, ports);
		if (!places.destination) destination.end();
		const all = new Range(this.#join, source, destination);
		this.#add(0, all);
		all.begin();
	}
	/** The results of all ranges, once all of them have ended. Throws why the first one failed. */
	async results() {
		await this.#finished.promise;
		if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
		return Promise.all(this.ranges.map(({ result }) => result));
	}
	/** Whether the ranges are the one listing, with nothing lost between them. */
	async isSeamless() {
		const sides = ["source", "destination"].map((side) => this.#isSeamless(this.ranges.map((range) => range[side])));
		return (await Promise.all(sides)).every(Boolean);
	}
	async #isSeamless([first, ...others]) {
		let left = first;
		for (const right of others) {
			if (right.keys === 0 && left?.reaches(right.until)) continue;
			if (left && !await this.#adjoin(left, right)) return false;
			left = right;
		}
		return true;
	}
	#add(at, range) {
		this.ranges.splice(at, 0, range);
		this.#open++;
		range.result.catch((error) => this.#stop.abort(error)).finally(() => this.#leave());
	}
	/** A range ended, or is none any more. */
	#leave() {
		this.#divide();
		if (--this.#open === 0) this.#finished.resolve();
	}
	/** Cuts ranges as long as that pays. */
	#divide() {
		if (this.#signal.aborted) return;
		for (let longest = toCut(this); longest; longest = toCut(this)) {
			const { range, left, part } = longest;
			const rest = {
				front: range.front(),
				until: range.end,
				pages: left,
				part
			};
			const where = this.space.cutOf(rest);
			if (!where) range.leaveUncut();
			else if ("at" in where) this.#cut(longest, where.at);
			else this.#lookInto(range, where.lookInto);
		}
	}
	/** Where folders lie, nothing tells so much of what follows as all their names; a place of few pages is not worth a look. */
	#lookAtRoot(all) {
		if (this.#looks > 0 || this.ranges.length > 1 || !this.space.hasFolders) return;
		if (all.sides.reduce((sum, side) => sum + side.pages + (side.over ? 0 : 1), 0) >= 4) this.#lookInto(all, "");
	}
	#cut({ range }, at) {
		const right = range.cut(at);
		const place = this.ranges.indexOf(range) + 1;
		const followed = this.ranges[place]?.begun && this.#hits > HITS_PER_MISS * this.#misses;
		this.#add(place, right);
		const sure = followed || this.space.isFolder(at);
		const settle = () => this.#settle(right);
		if (sure || right.lead.over) right.begin();
		else right.lead.begin().then(settle, settle);
	}
	/** Its first page came: goes on with both sides, or undoes the cut where nothing lies behind it. */
	#settle(right) {
		const at = this.ranges.indexOf(right);
		if (right.isEmpty() && this.ranges[at - 1]?.absorb(right)) {
			this.ranges.splice(at, 1);
			this.#misses++;
			this.#leave();
		} else {
			this.#hits++;
			right.begin();
			this.#divide();
		}
	}
	async #ask(place, query) {
		const signal = this.#signal;
		const { token, startAfter, delimiter } = query;
		const early = startAfter === void 0 && delimiter === void 0 ? place.firstPages?.take(place.prefix, token) : void 0;
		try {
			return await this.limiter.send(() => {
				signal.throwIfAborted();
				if (early) return early;
				return pageOf(place, {
					token,
					startAfter,
					delimiter,
					mostKeys: query.mostKeys,
					signal
				});
			});
		} catch (error) {
			throw listingError(place, error);
		}
	}
	/** Asks what a folder holds, then goes on dividing. Never rejects: a look that fails only loses a hint. */
	#lookInto(range, folder) {
		const { place } = range.lead;
		const inside = {
			...place,
			prefix: place.prefix + (toText(folder) ?? "")
		};
		this.#looks++;
		this.space.noteLook(folder);
		range.looking = true;
		this.#ask(inside, { delimiter: "/" }).then((page) => this.space.learnFolder(folder, page)).catch(() => {}).finally(() => {
			range.looking = false;
			this.#divide();
		});
	}
	/**
	* Whether no key can lie between two streams. A key that was written while they were listed may stand
	* there; then the right one would begin with it if it were asked now.
	*/
	async #adjoin(left, right) {
		if (left.meets(right)) return true;
		if (left.beyond === void 0) return false;
		const startAfter = right.place.prefix + toText(right.from);
		const { objects } = await this.#ask(right.place, { startAfter });
		return objects.count > 0 && keyAt(objects, 0) === left.beyond;
	}
};
/**
* Lists both places in ranges of keys, cut at the same keys on both sides, and joins each range on its
* own. Gives what the joins gave, in the order of the keys; undefined when a service does not list in that
* order. Throws SyncError of kind `list`, or the service's error.
*/
async function listInRanges(places, join, ports) {
	const listing = new RangeListing(join, ports);
	listing.begin(places);
	try {
		const results = await listing.results();
		return await listing.isSeamless() ? results : void 0;
	} catch (error) {
		if (error === DISORDER) return void 0;
		throw error;
	}
}

// src/listing/list-places.ts
const ROWS = 1e3;
/** Objects in the order of their keys, as rows. */
function rowsFrom(objects) {
	let rows = {
		objects: packed([]),
		at: 0,
		to: 0
	};
	return { next: async () => {
		if (rows.at < rows.to) return rows;
		const some = [];
		for (let next = await objects.next(); !next.done; next = await objects.next()) if (some.push(next.value) === ROWS) break;
		rows = {
			objects: packed(some),
			at: 0,
			to: some.length
		};
		return some.length > 0 ? rows : void 0;
	} };
}
/** Of the objects of a place those that are asked for: in an order of its own a service lists all. */
async function* within(objects, span) {
	for await (const object of objects) if (!span || isIn(span, object.key)) yield object;
}
async function* nothing() {}
/** Lists both places from end to end, sorts them on disk, and joins them as one range. */
async function listAndSort(places, join, { files, folder, signal: outer }) {
	const stop = new AbortController();
	const signal = AbortSignal.any([outer, stop.signal]);
	const take = async (side) => {
		const own = files.join(folder, side);
		const place = places[side];
		if (!place) return rowsFrom(nothing());
		try {
			const objects = within(listAll(place, signal), places.span);
			return rowsFrom(await inKeyOrder(objects, {
				files,
				folder: own
			}));
		} catch (error) {
			stop.abort(listingError(place, error));
			throw error;
		}
	};
	const [source, destination] = await Promise.allSettled([take("source"), take("destination")]);
	if (source.status === "rejected" || destination.status === "rejected") throw stop.signal.reason;
	return [await join(source.value, destination.value)];
}
/**
* Lists both places to their ends and hands them to `join` in the order of their keys: many ranges at a
* time, or all at once where a service lists in an order of its own. Gives what the joins gave, in the
* order of the keys. Throws SyncError of kind `list` when one of the listings is not complete.
*/
async function listPlaces(places, join, ports) {
	try {
		const joined = await listInRanges(places, join, ports);
		if (joined) return joined;
		ports.log.line("info", "The service did not list the keys in byte order, or they changed during the listing: listing again and sorting.");
		return await listAndSort(places, join, ports);
	} catch (error) {
		ports.signal.throwIfAborted();
		throw error;
	}
}

// src/plan/checksum-looks.ts
/** HEADs of both sides at a time. */
const HEADS_AT_ONCE$1 = 64;
/** So many refusals in a row, and the others would be refused as well. */
const MOST_REFUSED = 10;
const NO_VALUES = /* @__PURE__ */ new Map();
/** One side, and what it turned out to tell. */
var AskedSide = class {
	name;
	objects;
	bucket;
	/** Whether HEADs tell checksums that its listing does not name; undefined: nobody has seen. */
	tellsUnlisted;
	/** HEADs that were refused, one after the other. */
	refused = 0;
	/** Whether somebody was told of the first refusal. */
	isTold = false;
	/** HEADs that were sent. */
	heads = 0;
	constructor(name, objects, bucket) {
		this.name = name;
		this.objects = objects;
		this.bucket = bucket;
	}
};
const restless = (url) => new SyncError("guard", `${url} changed twice while its checksum was read.`, {
	title: `${url} changes during the comparison`,
	hint: "Run again when nothing writes there, exclude the object, or set compare: etag. Nothing was touched."
});
/**
* Asks both sides for the checksums of an object that its ETag does not settle: two HEADs, at the pace of the run. What
* cannot be asked is told so, and is never taken for equal.
*/
var ChecksumLooks = class {
	#deps;
	#source;
	#destination;
	/** The look that shows what HEADs tell beyond a listing. */
	#sampling;
	#pairs = 0;
	constructor(deps) {
		const { source, destination, rules, clock, signal } = deps;
		const limit = new AdaptiveLimit({
			start: HEADS_AT_ONCE$1,
			most: HEADS_AT_ONCE$1,
			clock,
			signal
		});
		const { requestsPerSecond, retryCount } = rules;
		const throttle = new RateBudget({
			requestsPerSecond,
			bytesPerSecond: void 0
		}).throttle({
			clock,
			signal
		});
		const side = (name) => {
			const { store, bucket } = deps[name];
			const paced = limited(store.objects, {
				limit,
				throttle,
				signal
			});
			return new AskedSide(name, retrying(paced, {
				clock,
				retryCount,
				signal
			}), bucket);
		};
		this.#deps = deps;
		this.#source = side("source");
		this.#destination = side("destination");
		if (!source.store.capabilities.heads) this.#source.refused = MOST_REFUSED;
		if (!destination.store.capabilities.heads) this.#destination.refused = MOST_REFUSED;
	}
	/** Pairs that were asked for, and the HEADs that they took on each side. */
	get taken() {
		return {
			pairs: this.#pairs,
			source: this.#source.heads,
			destination: this.#destination.heads
		};
	}
	/** Whether checksums may tell more of a pair than its listings do, as far as is known. */
	mayTell({ checksums: one = 0 }, { checksums: other = 0 }) {
		return mayShareChecksum(one, other) && (namesChecksum(one) || this.#source.tellsUnlisted !== false) && (namesChecksum(other) || this.#destination.tellsUnlisted !== false);
	}
	/**
	* What the checksums of both objects say. Where a listing names none, one pair shows whether HEADs tell more. Throws
	* SyncError of kind `guard` where an object changes again and again.
	*/
	async look(pair) {
		const { from, to } = pair;
		for (;;) {
			if (!this.mayTell(from, to)) return {
				from,
				to,
				verdict: "none"
			};
			if ([...namesChecksum(from.checksums ?? 0) ? [] : [this.#source], ...namesChecksum(to.checksums ?? 0) ? [] : [this.#destination]].every(({ tellsUnlisted }) => tellsUnlisted === true)) return this.#ask(pair);
			if (!this.#sampling) return this.#sample(pair);
			await this.#sampling;
		}
	}
	async #sample(pair) {
		const looking = this.#ask(pair, "sample");
		this.#sampling = looking.then(() => {}, () => {});
		try {
			return await looking;
		} finally {
			this.#sampling = void 0;
		}
	}
	async #ask(pair, sample) {
		const { from, to, fromKey, toKey, fromVersion } = pair;
		const notAsked = {
			from,
			to,
			verdict: "not-asked"
		};
		if (Math.max(this.#source.refused, this.#destination.refused) >= MOST_REFUSED) return notAsked;
		this.#pairs++;
		const [ours, theirs] = await Promise.all([this.#see(this.#source, {
			key: fromKey,
			version: fromVersion
		}, from), this.#see(this.#destination, { key: toKey }, to)]);
		if (sample) {
			if (ours && !namesChecksum(from.checksums ?? 0)) this.#source.tellsUnlisted ??= ours.values.size > 0;
			if (theirs && !namesChecksum(to.checksums ?? 0)) this.#destination.tellsUnlisted ??= theirs.values.size > 0;
		}
		if (!ours || !theirs) return notAsked;
		const same = sameChecksum(ours.values, theirs.values);
		const verdict = same === void 0 ? "none" : same ? "equal" : "differs";
		return {
			from: ours.object,
			to: theirs.object,
			verdict
		};
	}
	/** An object as it was listed, or as it became meanwhile; undefined: it is gone, or nobody may look. */
	async #see(side, named, listed) {
		const first = await this.#head(side, named);
		if (!first) return void 0;
		if (isAsListed(listed, first)) return {
			object: listed,
			values: first.checksums ?? NO_VALUES
		};
		const again = await this.#head(side, named);
		if (!again || Number.isNaN(again.size) || again.modified === "") return void 0;
		if (!isAsListed(first, again)) throw restless(s3Url(side.bucket, named.key));
		const { size, etag, modified } = again;
		return {
			object: {
				...listed,
				size,
				etag,
				modified
			},
			values: again.checksums ?? NO_VALUES
		};
	}
	async #head(side, { key, version }) {
		const { rules, signal } = this.#deps;
		const { objects, bucket } = side;
		const limit = {
			timeoutMs: rules.requestTimeoutMs,
			signal
		};
		side.heads++;
		try {
			const found = await objects.stat({
				bucket,
				key,
				versionId: version
			}, limit, "with-checksums");
			side.refused = 0;
			return found;
		} catch (error) {
			signal.throwIfAborted();
			if (error instanceof SyncError) throw error;
			this.#note(side, error);
			return;
		}
	}
	#note(side, error) {
		side.refused++;
		if (side.isTold) return;
		side.isTold = true;
		const { code } = serviceFailure(error);
		const remedy = code === "AccessDenied" ? ": allow s3:GetObject there, and kms:Decrypt where objects are encrypted with a KMS key" : "";
		this.#deps.log.line("info", `Checksums of some objects of the ${side.name} could not be read (${code})${remedy}. These objects are compared without checksums.`);
	}
};

// src/plan/chosen.ts
init__crypto();
/**
* Keeps so many of any number of items, which a digest of their names and of the day chooses: the order in which they
* come does not matter, and from day to day others have their turn.
*/
var Chosen = class {
	#day;
	#most;
	/** In the order of their digests. */
	#entries = [];
	constructor(day, most) {
		this.#day = day;
		this.#most = most;
	}
	/** The items that are chosen by now. */
	get items() {
		return this.#entries.map(({ item }) => item);
	}
	/** Takes an item, which is made where it is chosen; gives the one that is not chosen any more, `not-chosen`: it is this one. */
	offer(name, make) {
		const digest = hash("sha256", `${this.#day}\n${name}`);
		const last = this.#entries.at(-1);
		const isFull = this.#entries.length >= this.#most;
		if (isFull && (!last || digest >= last.digest)) return "not-chosen";
		this.#entries.splice(this.#placeOf(digest), 0, {
			digest,
			item: make()
		});
		return isFull ? this.#entries.pop()?.item : void 0;
	}
	#placeOf(digest) {
		let [low, high] = [0, this.#entries.length];
		while (low < high) {
			const middle = low + high >>> 1;
			if (this.#entries[middle].digest < digest) low = middle + 1;
			else high = middle;
		}
		return low;
	}
};

// src/plan/doubts.ts
const LOOKS_AT_ONCE$1 = 32;
/** Of doubtful copies those whose objects have other headers. */
async function differing(doubts, headers, { source, destination }) {
	const found = /* @__PURE__ */ new Set();
	await inParallel(doubts, LOOKS_AT_ONCE$1, async (doubt) => {
		const { op, key } = doubt;
		const from = {
			bucket: source.bucket,
			key: op.key
		};
		const to = {
			bucket: destination.bucket,
			key: op.to
		};
		if (await headers.differ({
			key,
			source: from,
			destination: to
		})) found.add(doubt);
	});
	return found;
}

// src/plan/refusal.ts
/** A refusal of a guard: its cause in a few words, the same in full, and what to do. */
const refusal = (title, message, hint) => new SyncError("guard", message, {
	title,
	hint: `${hint} Nothing was touched.`
});

// src/plan/file-names.ts
const MOST_NAMED$2 = 50;
const SEPARATOR = "\0";
const formOf = ({ key }) => key.slice(0, key.indexOf("\0\0"));
const quoted = (name) => JSON.stringify(name);
/**
* Whether an object stands for a folder, as consoles make them: of folders S3 knows nothing, and no file can be one. `key`
* is relative to the destination: '' is the source's own folder.
*/
const isFolderMarker = (key, size) => size === 0 && (key === "" || key.endsWith("/"));
/** The first of the folders of two names that are one on the disk, and have other letters. */
function otherFolder(one, other) {
	const [forms, otherForms] = [formOf(one).split(SEPARATOR), formOf(other).split(SEPARATOR)];
	const [names, otherNames] = [one.name.split("/"), other.name.split("/")];
	for (let depth = 0; depth < Math.min(names.length, otherNames.length) - 1; depth++) {
		if (forms[depth] !== otherForms[depth]) return void 0;
		if (names[depth] === otherNames[depth]) continue;
		return [names, otherNames].map((all) => all.slice(0, depth + 1).join("/"));
	}
}
/** What a name that lies below a file means for the one of both that is to be made. */
function inTheWay(file, below) {
	const [above, name] = [file, below].map((one) => quoted(one.name));
	if (!below.isNew) return {
		name: file.name,
		why: `is a folder on this runner, with ${name}`,
		isBlocked: true
	};
	if (file.isNew) return {
		name: below.name,
		why: `needs a folder where ${above} is a file`
	};
	const why = `needs a folder where this runner has the file ${above}`;
	return {
		name: below.name,
		why,
		isBlocked: true
	};
}
/** Finds what the disk cannot keep apart, in names that come in the order of their keys. */
var Neighbours = class {
	/** Files that the last name lies below, if they were folders. */
	#above = [];
	#last;
	/** What cannot be a file beside those that came before: the name, or the one that it lies below. */
	next(name) {
		const form = formOf(name);
		const last = this.#last;
		this.#last = name;
		this.#above = this.#above.filter((file) => form.startsWith(formOf(file) + SEPARATOR));
		const file = this.#above.at(-1);
		this.#above.push(name);
		if (!last || !(name.isNew || last.isNew)) return void 0;
		if (formOf(last) === form && last.name !== name.name) return {
			name: name.name,
			why: `and ${quoted(last.name)} are the same file on this disk`
		};
		if (file) return inTheWay(file, name);
		const folders = otherFolder(last, name);
		if (!folders) return void 0;
		const [one, other] = folders.map(quoted);
		return {
			name: name.name,
			why: `is in ${other}, which is the same folder as ${one} on this disk`
		};
	}
};
/** Sees the names that the files of a plan get, and judges all of them together. */
var FileNames = class {
	#landing;
	#files;
	#folder;
	#spools = [];
	#flaws = [];
	#isLeftOut;
	#others = 0;
	/** `folder`: for what does not fit into memory, the caller removes it; `isLeftOut`: whether a name belongs to nobody. */
	constructor(landing, files, folder, isLeftOut) {
		this.#isLeftOut = isLeftOut;
		this.#landing = landing;
		this.#files = files;
		this.#folder = folder;
	}
	/** Takes the names of a range, which are relative to a prefix of the destination. */
	open(prefix) {
		const path = this.#files.join(this.#folder, `names-${this.#spools.length}.ndjson`);
		const spool = new LineFile(this.#files, path);
		this.#spools.push(spool);
		return {
			see: (from, to) => {
				const key = (from ?? to)?.key;
				const text = key === void 0 ? void 0 : toText(key);
				if (text !== void 0) this.#see(spool, prefix + text, from);
			},
			flush: () => spool.flush()
		};
	}
	/** Why the plan is refused, with all names that are to blame; undefined: every file can have its name. */
	async settle() {
		for (const spool of this.#spools) await spool.close();
		const sorted = await inKeyOrder(this.#read(), {
			files: this.#files,
			folder: this.#files.join(this.#folder, "names")
		});
		const neighbours = new Neighbours();
		for await (const one of sorted) {
			const { name, isNew } = one;
			const flaw = neighbours.next(one);
			if (flaw) this.#blame(flaw);
			const link = isNew ? this.#landing.linkOn(name) : void 0;
			if (link === void 0) continue;
			const why = `is behind ${quoted(link)}, which is a symbolic link or a device on this runner`;
			this.#blame({
				name,
				why,
				isBlocked: true
			});
		}
		return this.#refusal();
	}
	#see(spool, name, from) {
		const { names } = this.#landing;
		if (from && isFolderMarker(name, from.size)) return;
		const why = from && (whyNoFile(name, names) ?? this.#landing.whyReserved(name) ?? this.#whyLeftOut(name));
		if (why !== void 0) {
			this.#blame({
				name,
				why
			});
			return;
		}
		const form = diskForm(name, names).replaceAll("/", SEPARATOR);
		const key = toKeyBytes(`${form}\0\0${from ? "new" : "there"} ${name}`);
		spool.add({
			key,
			name,
			isNew: from !== void 0
		}, 0);
	}
	/** A key that has this name itself is out of scope; a template or a list may give it to any. */
	#whyLeftOut(name) {
		return this.#isLeftOut(name) ? "is a path that this sync leaves out (.git, or a hidden name with hidden=exclude)" : void 0;
	}
	async *#read() {
		for (const { path, objects } of this.#spools) if (objects > 0) for await (const line of this.#files.lines(path)) yield JSON.parse(line);
	}
	#blame(flaw) {
		if (this.#flaws.length < MOST_NAMED$2) this.#flaws.push(flaw);
		else this.#others++;
	}
	#refusal() {
		const [first] = this.#flaws;
		if (!first) return void 0;
		const told = this.#flaws.map(({ name, why }) => `- ${quoted(name)} ${why}`);
		const more = this.#others > 0 ? [`- and ${humanObjects(this.#others, "more key")}`] : [];
		const all = this.#flaws.length + this.#others;
		return refusal(`${quoted(first.name)} ${first.why}${all > 1 ? ` (and ${humanObjects(all - 1, "more key")})` : ""}`, `The source contains keys that cannot become files here:\n${[...told, ...more].join("\n")}`, `Exclude them (docs/download.md shows how), rename them at the source, or set key-template${this.#flaws.some(({ isBlocked }) => isBlocked) ? "; or remove what is in their way on this runner" : ""}.`);
	}
};

// src/plan/samples.ts
/** Objects kept of each reason; of what is deleted so many that a person can read the whole of most plans. */
const MOST = 10;
const MOST_DELETES = 100;
const mostOf = (reason) => reason === "only-at-destination" ? MOST_DELETES : MOST;
/** By itself: a piece of the text of a page holds all of that in memory, and examples stay until the end. */
const alone = (text) => Buffer.from(text).toString();
/** Whether another object is kept as an example of a reason. */
const wantsSample = (samples, reason) => (samples[reason]?.length ?? 0) < mostOf(reason);
/** Keeps an object as an example of its reason, if it is one of the first. */
function addSample(samples, reason, sample) {
	samples[reason] ??= [];
	if (wantsSample(samples, reason)) samples[reason].push({
		...sample,
		key: alone(sample.key)
	});
}
/** The first of several collections, in their order. */
function firstOf(several) {
	const first = {};
	for (const samples of several) for (const [reason, some] of Object.entries(samples)) for (const sample of some) addSample(first, reason, sample);
	return first;
}

// src/plan/standing.ts
/** More than any line takes whose key and ETag need no escapes, beside these. */
const ROOM_BYTES$1 = 128;
const TO_SIZE$1 = new Stamp("\",\"size\":");
const TO_ETAG$1 = new Stamp(",\"etag\":\"");
const TO_END$1 = new Stamp("\",\"status\":\"unchanged\"}\n");
/** The objects of the destination that a plan leaves as they are, as lines of a file that is made when there is one. */
var StandingLines = class {
	path;
	#files;
	#withdrawn = /* @__PURE__ */ new Set();
	#pieces = new LinePieces();
	#writer;
	/** What keys begin with, and how lines do then; undefined where JSON would write it otherwise. */
	#within;
	#toKey;
	constructor(files, path) {
		this.#files = files;
		this.path = path;
	}
	/** Whether the file has lines. */
	get isMade() {
		return this.#writer !== void 0;
	}
	/** Adds an object by its key relative to the whole destination; `sha256` in hex, where it is known. */
	add(key, size, etag, sha256) {
		const text = toText(key);
		if (text === void 0) return;
		const known = sha256 === void 0 ? {} : { sha256 };
		const row = {
			key: text,
			size,
			...etag === "" ? {} : { etag },
			...known,
			status: "unchanged"
		};
		this.#pieces.add(visibleJson(row));
	}
	/** Adds a row of a listing; by the million, so that its bytes are copied as they are. `within`: what its key begins with. */
	addRow(within, objects, row) {
		const toKey = this.#lineStart(within);
		const end = toKey ? this.#plainRow(toKey, objects, row) : -1;
		if (end >= 0) this.#pieces.endAt(end);
		else this.add(within + objects.key(row), objects.size(row), objects.etag(row));
	}
	#lineStart(within) {
		if (this.#within === within) return this.#toKey;
		this.#within = within;
		this.#toKey = PLAIN_TEXT.test(within) ? new Stamp(`{"key":"${within}`) : void 0;
		return this.#toKey;
	}
	/** Writes the line of a row behind the others; gives where it ends, -1 where it is not as plain as that. */
	#plainRow(toKey, objects, row) {
		const needed = toKey.length + objects.keyBytes(row) + objects.etagBytes(row) + ROOM_BYTES$1;
		const piece = this.#pieces.room(needed);
		const key = objects.plainKeyInto(row, piece, toKey.into(piece, this.#pieces.end));
		if (key < 0) return -1;
		const size = digitsInto(objects.size(row), piece, TO_SIZE$1.into(piece, key));
		if (objects.etagBytes(row) === 0) return -1;
		const etag = objects.plainEtagInto(row, piece, TO_ETAG$1.into(piece, size));
		return etag < 0 ? -1 : TO_END$1.into(piece, etag);
	}
	/** It is copied all the same. */
	withdraw(key) {
		this.#withdrawn.add(key);
	}
	get hasWithdrawn() {
		return this.#withdrawn.size > 0;
	}
	/** Whether an object is among those that stay. */
	keeps(line) {
		return !this.#withdrawn.has(toKeyBytes(JSON.parse(line).key));
	}
	/** Writes the lines that wait. */
	async flush() {
		if (this.#pieces.isEmpty) return;
		this.#writer ??= await this.#files.writer(this.path);
		await this.#pieces.writeTo(this.#writer);
	}
	/** Closes the file; it can be read then. */
	async close() {
		await this.#writer?.close();
	}
};
/** Writes the lines of all parts into one file, in their order. */
async function gatherStanding(files, parts, path) {
	const writer = await files.writer(path);
	try {
		for (const { standing } of parts) if (standing.isMade && !standing.hasWithdrawn) await writer.appendFile(standing.path);
		else if (standing.isMade) {
			for await (const line of files.lines(standing.path)) if (standing.keeps(line)) await writer.write(line);
		}
	} finally {
		await writer.close();
	}
}

// src/plan/part.ts
/** What one range of keys adds to a plan. */
var Part = class {
	reasons = {};
	/** Objects listed, those out of scope included; a folder's own marker (`prefix/`) does not count. */
	listed = {
		source: 0,
		destination: 0
	};
	/** Objects at the destination that belong to the sync. */
	inScope = 0;
	/** Objects of the source that do. */
	sourceInScope = 0;
	/** Whether an object of the source would become SHA256SUMS. */
	hasSums = false;
	/** A key of a copy that has more bytes than S3 takes. */
	tooLong;
	/** A key that is not valid UTF-8, as it is shown, where an op would have one. */
	unnameable;
	/** All keys of the source, where they count. */
	sourceKeys;
	/** The copies of each wave. */
	waves = [];
	/** What is left as `differs-unproven` of each wave. */
	unproven = [];
	samples = {};
	/** Copies that wait, of which a look decides whether they are made. */
	doubts = [];
	copies;
	/** All extras, until it is known which of them wait. */
	deletes;
	/** In the order of their keys. */
	waits;
	notes;
	/** What stays at the destination. */
	standing;
	/** Opens a part with files in `folder`; `name` is its own among all parts of a plan. */
	constructor(files, folder, name) {
		this.copies = new LineFile(files, files.join(folder, `${name}-copies.ndjson`));
		this.deletes = new LineFile(files, files.join(folder, `${name}-deletes.ndjson`));
		this.waits = new LineFile(files, files.join(folder, `${name}-waits.ndjson`));
		this.notes = new LineFile(files, files.join(folder, `${name}-notes.ndjson`));
		this.standing = new StandingLines(files, files.join(folder, `${name}-standing.ndjson`));
	}
	/** Writes what waits in memory. */
	async flush() {
		await this.copies.flush();
		await this.deletes.flush();
		await this.notes.flush();
		await this.standing.flush();
	}
	/** Closes the files; they can be read then. */
	async close() {
		await this.copies.close();
		await this.deletes.close();
		await this.notes.close();
		await this.standing.close();
	}
};
const HEADS_AT_ONCE = 16;
/** Where the listing could not tell it, asks of archived objects whether they were restored. */
async function keepRestored({ copies }, { isRestored }) {
	if (!isRestored) return;
	const archived = copies.waiting.flatMap((op, at) => op.archived ? [{
		op,
		at
	}] : []);
	await inParallel(archived, HEADS_AT_ONCE, async ({ op, at }) => {
		const { archived: _archived, ...readable } = op;
		if (await isRestored(op.key)) copies.waiting[at] = readable;
	});
}
/** The text of a key; one that is not valid UTF-8 is shown with U+FFFD and can never be carried. */
function shown(part, key) {
	const text = toText(key);
	if (text !== void 0) return text;
	part.unnameable ??= Buffer.from(key, "latin1").toString("utf8");
	return Buffer.from(key, "latin1").toString("utf8");
}
const originOf = ({ key, origin = key }) => origin;
/** The wave of a copy; what no request can name is of wave 0. */
const waveIn = ({ waves }, { key }) => waves && toText(key) !== void 0 ? waves.of(key) : 0;
function copyOf(part, { source, destination, scope }, [from, to, reason]) {
	const wave = waveIn(scope, from);
	const untagged = to?.etag === "" ? to : void 0;
	return {
		op: "copy",
		key: source.prefix + shown(part, originOf(from)),
		to: destination.prefix + shown(part, from.key),
		size: from.size,
		etag: from.etag,
		lastModified: isoTime(from.modified),
		toEtag: to?.etag,
		toSize: untagged?.size,
		toLastModified: untagged && isoTime(untagged.modified),
		storageClass: from.storageClass || void 0,
		versionId: from.version,
		pinned: from.pinned,
		sha256: from.expectedSha256,
		unnameable: toText(from.key) === void 0 ? true : void 0,
		archived: isArchived(from) ? true : void 0,
		wave: wave > 0 ? wave : void 0,
		reason
	};
}
/** What a copy of the plan is counted by, beside its reason. */
function tellCopy(part, around, { key, to, size, reason, wave = 0 }) {
	const { waves, headers } = around.scope;
	if (waves) countAt(part.waves, wave, {
		objects: 1,
		bytes: size
	});
	headers?.copies(ruledAt(around, to));
	addSample(part.samples, reason, {
		key,
		size
	});
}
/** Adds a copy to those that wait to be written. */
function addCopy(part, around, copied) {
	const op = copyOf(part, around, copied);
	const isKey = around.destination.folder === void 0;
	const mayBeLong = op.to.length > MOST_KEY_BYTES / 3;
	if (isKey && mayBeLong && Buffer.byteLength(op.to) > 1024) part.tooLong ??= op.to;
	part.copies.add(op, op.size);
	tellCopy(part, around, op);
}
function takeExtra(part, { destination, rules, scope }, object) {
	const reason = "only-at-destination";
	count(part.reasons, reason, {
		objects: 1,
		bytes: object.size
	});
	if (!rules.delete) return;
	scope.seeDelete(object.key);
	const key = destination.prefix + shown(part, object.key);
	addSample(part.samples, reason, {
		key,
		size: object.size
	});
	const op = {
		op: "delete",
		key,
		size: object.size,
		etag: object.etag,
		lastModified: isoTime(object.modified),
		unnameable: toText(object.key) === void 0 ? true : void 0,
		reason
	};
	part.deletes.add(op, op.size);
}
const shownOf = ({ size, etag, modified }) => ({
	size,
	etag,
	modified
});
/** The reason of a decision. */
const reasonOf = (decision) => "skip" in decision ? decision.skip : decision.copy;
function noteOf(key, { from, to }, { source }) {
	const origin = from && toText(originOf(from));
	return {
		key,
		from: from && origin !== void 0 && {
			key: source.prefix + origin,
			...shownOf(from)
		} || void 0,
		to: to && shownOf(to)
	};
}
/** Relative to the whole destination; of a single object the name. */
const wholeKey = ({ scope: { within }, destination }, key) => destination.single ? toKeyBytes(destination.prefix.slice(destination.prefix.lastIndexOf("/") + 1)) : within + key;
/** Looks at the objects whose headers may be others, and leaves those whose are not. */
async function settleDoubts(part, around) {
	const doubts = part.doubts.splice(0);
	const { headers } = around.scope;
	if (!headers || doubts.length === 0) return;
	const copied = await differing(doubts, headers, around);
	for (const doubt of doubts) {
		const { op, skip, note } = doubt;
		const isCopied = copied.has(doubt);
		if (isCopied) {
			tellCopy(part, around, op);
			const key = toKeyBytes(op.to.slice(around.destination.prefix.length));
			part.standing.withdraw(wholeKey(around, key));
		} else part.copies.replace(op, op.size);
		if (isCopied && note) part.notes.replace(note.left, 0, note.copied);
		count(part.reasons, isCopied ? op.reason : skip, {
			objects: 1,
			bytes: op.size
		});
	}
}
/** A full key of the destination as rules for headers read it. */
const ruledAt = ({ destination, scope }, to) => (destination.single ? "" : toText(scope.within) ?? "") + ruledKey(destination, to);
/** A copy that is made only if a look shows other headers; undefined where none is taken. */
function doubtOf(part, around, [from, to, skip]) {
	const { headers } = around.scope;
	const isText = toText(from.key) !== void 0;
	if (!headers || !to || !isText || around.rules.overwrite === "never") return void 0;
	const op = copyOf(part, around, [
		from,
		to,
		"headers-differ"
	]);
	const key = ruledAt(around, op.to);
	if (!headers.wants({
		key,
		from,
		to,
		skip
	})) return void 0;
	const doubt = {
		op,
		skip,
		key
	};
	part.copies.add(op, op.size);
	part.doubts.push(doubt);
	return doubt;
}
/** A bucket's root has no key for the object of the source's own folder: refuses what is more than a marker. */
function refuseNameless({ bucket, prefix }, { size }) {
	if (size === 0) return;
	const what = `${s3Url(bucket, prefix)} cannot be copied: at the root of a bucket its key is empty.`;
	const hint = `It is an object of ${size} bytes whose key is the prefix itself. Set a prefix in destination, or move the object. Nothing was touched.`;
	throw new SyncError("plan", what, { hint });
}
/** An object would take the place of the lock of this run. */
function refuseUnderLock({ source, rules }, from) {
	const { bucket, key } = rules.lock ?? {
		bucket: "",
		key: ""
	};
	const origin = addressOf(source, source.prefix + toText(originOf(from)));
	const what = `${s3Url(bucket, key)} is the lock of this run, and the place of ${origin}.`;
	throw new SyncError("plan", what, {
		title: "The key of the lock is where an object goes",
		hint: "Set another key for lock, or exclude the object. Nothing was touched."
	});
}
/** Adds what is to be done to the part. */
function take$1(part, around, { from, to, checksums }) {
	const { source, destination, rules, scope } = around;
	const { within } = scope;
	const key = (from ?? to)?.key;
	const lock = scope.lockAt(from, key);
	if (lock === "lock") return {};
	const counts = within + key !== "" || source.single;
	if (from && counts) part.listed.source++;
	if (to && counts && !lock) part.listed.destination++;
	if (!from && !counts) return {};
	if (!scope.has(from, to)) {
		if (!from) return {};
		count(part.reasons, "filtered", {
			objects: 1,
			bytes: from.size
		});
		return { skip: "filtered" };
	}
	if (lock && from) refuseUnderLock(around, from);
	if (scope.waves?.hasIdle) scope.waves.of(key);
	if (to && counts) part.inScope++;
	if (from && counts) part.sourceInScope++;
	if (from && within + key === OWN_KEYS.sums) part.hasSums = true;
	if (!from) {
		if (to) takeExtra(part, around, to);
		return { planned: rules.delete ? "delete" : void 0 };
	}
	if (destination.folder !== void 0 && isFolderMarker(destination.prefix + key, from.size)) {
		count(part.reasons, "folder-marker", {
			objects: 1,
			bytes: 0
		});
		return { skip: "folder-marker" };
	}
	if (destination.prefix + key === "") {
		if (destination.folder !== void 0) return {};
		refuseNameless(source, from);
		count(part.reasons, "folder-marker", {
			objects: 1,
			bytes: 0
		});
		return { skip: "folder-marker" };
	}
	if (scope.headers && toText(key) !== void 0) scope.headers.see(ruledAt(around, destination.prefix + toText(key)));
	const decision = decide(rules, from, to, around.skewMs, checksums);
	const one = {
		objects: 1,
		bytes: from.size
	};
	if (checksums === "not-asked") count(part.reasons, CHECKSUM_NOT_ASKED, one);
	const doubt = "skip" in decision ? doubtOf(part, around, [
		from,
		to,
		decision.skip
	]) : void 0;
	if (!doubt) count(part.reasons, reasonOf(decision), one);
	if ("copy" in decision) {
		addCopy(part, around, [
			from,
			to,
			decision.copy
		]);
		return { planned: "copy" };
	}
	const { skip } = decision;
	const sha256 = skip === "same-etag" ? from.sha256 : void 0;
	if (to && scope.publishes) part.standing.add(wholeKey(around, to.key), to.size, to.etag, sha256);
	if (skip === "differs-unproven") {
		const origin = toText(originOf(from));
		addSample(part.samples, skip, {
			key: source.prefix + origin,
			size: from.size
		});
		if (scope.waves) countAt(part.unproven, scope.waves.of(key), {
			objects: 1,
			bytes: from.size
		});
	}
	return {
		skip,
		doubt
	};
}
__name(take$1, "take");

// src/plan/checksum-pairs.ts
/** Of pairs that times leave so many are asked for, each day others. */
const MOST_CHOSEN = 1e3;
const PAIRS_AT_ONCE$2 = 32;
/** Without the page that the strings of a listed object are parts of. */
const detached = (object) => JSON.parse(JSON.stringify(object));
const precedes = (late, written) => !written.unnameable && Buffer.compare(Buffer.from(late.to), Buffer.from(written.to)) < 0;
/** Tells which pairs are asked for their checksums: at once, or, of those that their times leave, some behind all others. */
var PairChecks = class {
	#looks;
	#around;
	#chosen;
	#isApproved;
	/** `day`: as text; `isApproved`: where a plan was approved, whether it may copy to a key of the destination. */
	constructor(looks, around, { day, isApproved }) {
		this.#looks = looks;
		this.#around = around;
		this.#chosen = new Chosen(day, MOST_CHOSEN);
		this.#isApproved = isApproved;
	}
	askingOf(from, to) {
		const { rules, skewMs } = this.#around;
		const asking = asksChecksums(rules, from, to, skewMs);
		return asking && this.#looks.mayTell(from, to) ? asking : void 0;
	}
	pairOf(from, to) {
		const { source, destination } = this.#around;
		const [fromText, toKeyText] = [toText(from.origin ?? from.key), toText(to.key)];
		if (fromText === void 0 || toKeyText === void 0) return void 0;
		const [fromKey, toKey] = [source.prefix + fromText, destination.prefix + toKeyText];
		return {
			from,
			to,
			fromKey,
			toKey,
			fromVersion: from.version
		};
	}
	/** With an approved plan it is asked for at once where that copies it: the plan chose on its own day. */
	offer(part, pair) {
		if (this.#isApproved) return this.#isApproved(this.#around.scope.within + pair.to.key);
		const left = this.#chosen.offer(pair.toKey, () => ({
			part,
			pair: {
				...pair,
				from: detached(pair.from),
				to: detached(pair.to)
			}
		}));
		const out = left === "not-chosen" ? {
			part,
			pair
		} : left;
		if (out) count(out.part.reasons, CHECKSUM_NOT_ASKED, {
			objects: 1,
			bytes: out.pair.from.size
		});
		return false;
	}
	look(pair) {
		return this.#looks.look(pair);
	}
	/** Pairs that were asked for, and the HEADs that they took on each side; undefined: none. */
	get taken() {
		const { taken } = this.#looks;
		return taken.pairs > 0 ? taken : void 0;
	}
	/** Asks for the pairs that were chosen, once all are known, and amends the parts that left them by their times. */
	async settle() {
		const amended = /* @__PURE__ */ new Map();
		await inParallel(this.#chosen.items, PAIRS_AT_ONCE$2, async ({ part, pair }) => {
			const looked = await this.look(pair);
			if (!this.#amend(part, pair, looked)) return;
			const keys = amended.get(part) ?? /* @__PURE__ */ new Set();
			amended.set(part, keys.add(pair.fromKey));
		});
		for (const [part, keys] of amended) {
			const samples = part.samples["differs-unproven"] ?? [];
			part.samples["differs-unproven"] = samples.filter(({ key }) => !keys.has(key));
			await settleDoubts(part, this.#around);
			await keepRestored(part, this.#around);
			await part.copies.merge(precedes);
		}
	}
	/** Counts a pair anew by what its checksums say, and plans its copy where it is one; gives whether anything changed. */
	#amend(part, { from }, looked) {
		const { rules, skewMs, scope } = this.#around;
		const { verdict, to } = looked;
		const decision = decide(rules, looked.from, to, skewMs, verdict);
		const reason = reasonOf(decision);
		const bytes = looked.from.size;
		if (verdict === "not-asked") count(part.reasons, CHECKSUM_NOT_ASKED, {
			objects: 1,
			bytes
		});
		if (reason === "differs-unproven") return false;
		const less = {
			objects: -1,
			bytes: -from.size
		};
		count(part.reasons, "differs-unproven", less);
		if (scope.waves) countAt(part.unproven, scope.waves.of(from.key), less);
		if ("skip" in decision) {
			if (!doubtOf(part, this.#around, [
				looked.from,
				to,
				decision.skip
			])) count(part.reasons, reason, {
				objects: 1,
				bytes
			});
			return true;
		}
		count(part.reasons, reason, {
			objects: 1,
			bytes
		});
		part.standing.withdraw(wholeKey(this.#around, from.key));
		addCopy(part, this.#around, [
			looked.from,
			to,
			decision.copy
		]);
		return true;
	}
};

// src/plan/content-looks.ts
const MD5 = /^[0-9a-f]{32}$/i;
/** Whether such a comparison goes by content. */
const goesByContent = ({ compare, overwrite }) => overwrite === "never" || compare === "auto" || compare === "etag" || compare === "checksum";
/** Whether an object holds what a file does; undefined: they have no checksum in common. */
function areEqual({ checksums }, { values }) {
	for (const [algorithm, value] of checksums) {
		const stored = values.get(algorithm);
		if (stored !== void 0) return stored === value;
	}
}
const hexOfBase64 = (text) => text && Buffer.from(text, "base64").toString("hex");
/** What has to be computed beside CRC-32 to be compared with an object: the quickest that it has. */
function lacking(stored) {
	if (!stored || stored.values.has("CRC32")) return [];
	return ["SHA256", "CRC64NVME"].filter((name) => stored.values.has(name)).slice(0, 1);
}
/** Tells whether files of this runner hold what objects do: by ETags and checksums, never by times. */
var ContentLooks = class {
	#deps;
	/** Nobody may look at the objects. */
	#isBlind = false;
	constructor(deps) {
		this.#deps = deps;
	}
	/** Gives the object's ETag where it holds what the file does, else the one that the file would get. */
	async compared(key, to) {
		const { files } = this.#deps;
		const { size, etag } = to.object;
		const known = ({ checksums }, equal, own) => ({
			etag: equal ? etag : own,
			sha256: this.#sums.length > 0 ? hexOfBase64(checksums.get("SHA256")) : void 0
		});
		if (MD5.test(etag)) {
			const wish = {
				alsoBy: Number.POSITIVE_INFINITY,
				algorithms: this.#sums
			};
			const digest = await files.digest(key, wish);
			if (sameEtag(digest.alsoEtag, etag)) return known(digest, true, etag);
			const stored = await this.#stored(to);
			return known(digest, stored && await this.#holds(key, digest, stored), digest.etag);
		}
		const stored = await this.#stored(to);
		const alsoBy = isOfOnePart(etag) ? Number.POSITIVE_INFINITY : stored?.partBytes ?? await this.#cutOf(to, stored) ?? files.partBytes(size);
		const algorithms = [.../* @__PURE__ */ new Set([...this.#sums, ...lacking(stored)])];
		const digest = await files.digest(key, {
			alsoBy,
			algorithms
		});
		if (!stored) return known(digest, isEtagOf(digest.alsoEtag, etag), digest.etag);
		return known(digest, await this.#holds(key, digest, stored) ?? isEtagOf(digest.alsoEtag, etag), digest.etag);
	}
	/** What is computed of every file, whatever it is compared with. */
	get #sums() {
		return this.#deps.sums ? ["SHA256"] : [];
	}
	/** Whether an object holds what was read; by one more read where only that tells. undefined: nothing tells. */
	async #holds(key, digest, stored) {
		const equal = areEqual(digest, stored);
		const algorithms = lacking(stored);
		if (equal !== void 0 || algorithms.length === 0) return equal;
		return areEqual(await this.#deps.files.digest(key, { algorithms }), stored);
	}
	/** Bytes of the parts of an object that has nothing else to be compared by, as its first one tells; undefined: not known. */
	async #cutOf({ name, object: { size, etag }, version: versionId }, stored) {
		const { store, bucket, timeoutMs, signal } = this.#deps;
		const isTold = stored !== void 0 && (stored.values.has("CRC32") || lacking(stored).length > 0);
		if (this.#isBlind || isTold || !isComposite(etag)) return void 0;
		try {
			const part = {
				bucket,
				key: name,
				versionId,
				etag
			};
			const first = await store.objects.describe(part, {
				timeoutMs,
				signal
			}, "first-part");
			return partBytesOf(first, size);
		} catch {
			signal.throwIfAborted();
			return;
		}
	}
	/** The checksums that are stored with an object as it was listed; undefined where nobody tells. */
	async #stored({ name, object, version }) {
		const { store, bucket, signal } = this.#deps;
		if (this.#isBlind) return void 0;
		try {
			const found = await store.checksums(bucket, name, signal, version);
			return found && sameEtag(found.etag, object.etag) ? found : void 0;
		} catch (error) {
			signal.throwIfAborted();
			this.#isBlind = serviceFailure(error).code === "AccessDenied";
			return;
		}
	}
};

// src/plan/landing.ts
/**
* Reads the files that objects would replace, so that what is there already is not fetched again: a file then has the
* ETag of the object which it was proven to hold. Never by a time, which says when a file was written here.
*/
var LandedFiles = class {
	#around;
	#looks;
	constructor(around, { files, store, requestTimeoutMs, signal }) {
		const { source, rules } = around;
		const { bucket } = source;
		const sums = rules.sums !== void 0;
		this.#around = around;
		this.#looks = new ContentLooks({
			files,
			store,
			bucket,
			timeoutMs: requestTimeoutMs,
			sums,
			signal
		});
	}
	/** A pair as far as it has to be known. A file that cannot be read is another: it is replaced, or fails by name. */
	async known(pair) {
		const { from, to } = pair;
		const { source, destination, rules, scope } = this.#around;
		if (!from || !to || from.size !== to.size || from.etag === "") return pair;
		if (!goesByContent(rules) || !scope.has(from, to)) return pair;
		const { version } = from;
		const name = source.prefix + toText(from.origin ?? from.key);
		const key = destination.prefix + toText(to.key);
		try {
			const { etag, sha256 } = await this.#looks.compared(key, {
				name,
				object: from,
				version
			});
			if (etag !== from.etag) return pair;
			return {
				from: sha256 === void 0 ? from : {
					...from,
					sha256
				},
				to: {
					...to,
					etag
				}
			};
		} catch (error) {
			if (error instanceof ServiceError) return pair;
			throw error;
		}
	}
};
/** Takes pairs as they come, and hands them on in the same order once the files are known. */
function landing(taker, around, deps) {
	const { scope, destination } = around;
	const landed = new LandedFiles(around, deps);
	const seen = deps.names?.open(destination.prefix);
	let waiting = [];
	return {
		take: (from, to) => {
			waiting.push({
				from,
				to
			});
			if (scope.has(from, to)) seen?.see(from, to);
		},
		pause: async () => {
			const pairs = waiting;
			waiting = [];
			await inParallel(pairs.entries(), 16, async ([at, pair]) => {
				pairs[at] = await landed.known(pair);
			});
			for (const { from, to } of pairs) taker.take(from, to);
			await seen?.flush();
			await taker.pause();
		}
	};
}

// src/plan/pair-scope.ts
/** Whether a key of the source is this action's own: that of a lock, or of SHA256SUMS. More has to be known of these than a listing tells. */
const isOwnKey = ({ lockAt, within }, key) => lockAt({ key }, key) !== void 0 || within + key === OWN_KEYS.sums;

// src/plan/new-copies.ts
const TO_SIZE = new Stamp("\",\"size\":");
const TO_ETAG = new Stamp(",\"etag\":\"");
const TO_MODIFIED = new Stamp("\",\"lastModified\":\"");
const TO_CLASS = new Stamp("\",\"storageClass\":\"");
const TO_END = new Stamp("\",\"reason\":\"missing\"}\n");
/** More than any line takes beside its keys, its ETag and its storage class. */
const ROOM_BYTES = 256;
const CLASS = /^\w{0,64}$/;
/** The lines of copies to keys where nothing stands, as the bytes of a listing give them. */
var NewCopyLine = class {
	#toKey;
	#toTarget;
	/** Of places whose prefixes JSON writes as they are. */
	constructor(source, destination) {
		this.#toKey = new Stamp(`{"op":"copy","key":"${source}`);
		this.#toTarget = new Stamp(`","to":"${destination}`);
	}
	/** Bytes that there has to be room for, for the line of a row. */
	mostBytes(objects, row) {
		const texts = 2 * objects.keyBytes(row) + objects.etagBytes(row);
		return this.#toKey.length + this.#toTarget.length + texts + ROOM_BYTES;
	}
	/** Writes the line of a row; gives where it ends, -1 where it is not as plain as nearly all are. */
	into(objects, row, to, at) {
		const { storageClass } = objects.state(row);
		if (!CLASS.test(storageClass)) return -1;
		const key = objects.plainKeyInto(row, to, this.#toKey.into(to, at));
		if (key < 0) return -1;
		const target = objects.plainKeyInto(row, to, this.#toTarget.into(to, key));
		const size = digitsInto(objects.size(row), to, TO_SIZE.into(to, target));
		const etag = objects.plainEtagInto(row, to, TO_ETAG.into(to, size));
		if (etag < 0) return -1;
		let end = objects.isoTimeInto(row, to, TO_MODIFIED.into(to, etag));
		if (end < 0) return -1;
		if (storageClass !== "") {
			end = TO_CLASS.into(to, end);
			end += to.bytes.write(storageClass, end, "latin1");
		}
		return TO_END.into(to, end);
	}
};
/**
* Plans the copies of what only the source has, where it takes no more than the bytes of its listing: by the million, so
* that no object is made of them.
*/
function newTaker(part, around) {
	const { source, destination, scope, isNoted } = around;
	const { within } = scope;
	const isKeyed = !source.single && !destination.single && destination.folder === void 0;
	const isPlain = PLAIN_TEXT.test(source.prefix) && PLAIN_TEXT.test(destination.prefix);
	if (!isKeyed || !isPlain || !scope.hasAll || scope.waves || scope.headers) return void 0;
	const line = new NewCopyLine(source.prefix, destination.prefix);
	const mostKeyBytes = MOST_KEY_BYTES - destination.prefix.length;
	return (objects, row) => {
		const { pieces } = part.copies;
		const keyBytes = objects.keyBytes(row);
		if (!pieces || keyBytes === 0 || keyBytes > mostKeyBytes) return false;
		if (isArchived(objects.state(row))) return false;
		const key = objects.sharedKey(row);
		if (isOwnKey(scope, key) || isNoted?.(within + key, "copy")) return false;
		const memory = pieces.room(line.mostBytes(objects, row));
		const end = line.into(objects, row, memory, pieces.end);
		if (end < 0) return false;
		pieces.endAt(end);
		const size = objects.size(row);
		part.copies.count(size);
		part.listed.source++;
		part.sourceInScope++;
		count(part.reasons, "missing", {
			objects: 1,
			bytes: size
		});
		if (wantsSample(part.samples, "missing")) addSample(part.samples, "missing", {
			key: source.prefix + key,
			size
		});
		return true;
	};
}

// src/plan/same-pairs.ts
/** Knows the rows of objects that are this action's own, for which the bytes of a listing are not enough. */
function ownRows({ rules, scope }) {
	const isEnd = /* @__PURE__ */ new Uint8Array(256);
	for (const name of [
		LOCK_NAME,
		OWN_KEYS.sums,
		rules.lock?.key ?? ""
	]) isEnd[Buffer.from(name).at(-1) ?? 0] = 1;
	return (objects, row) => isEnd[objects.lastKeyByte(row)] === 1 && isOwnKey(scope, objects.key(row));
}
/** Counts what is the same on both sides, where it takes no more than that to know why it is left. */
function sameTaker(part, around) {
	const { rules, scope, isNoted } = around;
	const left = skipOfSame(rules);
	if (!left || !scope.hasAll || scope.headers || isNoted) return void 0;
	const isOwn = ownRows(around);
	return (objects, row) => {
		if (isOwn(objects, row)) return false;
		const size = objects.size(row);
		part.listed.source++;
		part.listed.destination++;
		part.inScope++;
		part.sourceInScope++;
		count(part.reasons, left, {
			objects: 1,
			bytes: size
		});
		if (!scope.publishes) return true;
		if (around.destination.single) part.standing.add(wholeKey(around, objects.key(row)), size, objects.etag(row));
		else part.standing.addRow(scope.within, objects, row);
		return true;
	};
}

// src/plan/taker.ts
/** Pairs of a range that are asked for at a time; what all ranges ask for waits for its turn. */
const PAIRS_AT_ONCE$1 = 32;
/** Turns the pairs of a range into the lines and counts of a part, in their order. */
var PartTaker = class {
	#takeSame;
	#takeNew;
	#part;
	#around;
	#waiting = [];
	constructor(part, around) {
		this.#part = part;
		this.#around = around;
		this.#takeSame = sameTaker(part, around);
		this.#takeNew = newTaker(part, around);
	}
	/** As long as some glob of the waves took no key, each has to be seen. */
	get takeSame() {
		return this.#around.scope.waves?.hasIdle ? void 0 : this.#takeSame;
	}
	/** Behind what waits nothing is taken at once. */
	get takeNew() {
		return this.#waiting.length > 0 ? void 0 : this.#takeNew;
	}
	take(from, to) {
		const pair = from && to && this.#asked(from, to);
		if (pair || this.#waiting.length > 0) this.#waiting.push({
			from,
			to,
			pair
		});
		else this.#settle({
			from,
			to,
			checksums: "none"
		});
	}
	async pause() {
		if (this.#waiting.length > 0) await this.#settleAll();
		await settleDoubts(this.#part, this.#around);
		await keepRestored(this.#part, this.#around);
		await this.#part.flush();
	}
	/** The pair, where it is asked for now. */
	#asked(from, to) {
		const { checks, scope } = this.#around;
		const asking = checks?.askingOf(from, to);
		if (!checks || !asking || !scope.has(from, to)) return void 0;
		const pair = checks.pairOf(from, to);
		if (!pair) return void 0;
		if (asking === "all") return pair;
		return checks.offer(this.#part, pair) ? pair : void 0;
	}
	async #settleAll() {
		const { checks } = this.#around;
		const all = this.#waiting;
		this.#waiting = [];
		const looked = /* @__PURE__ */ new Map();
		await inParallel(all, PAIRS_AT_ONCE$1, async (waiting) => {
			if (waiting.pair && checks) looked.set(waiting, await checks.look(waiting.pair));
		});
		for (const waiting of all) {
			const { from, to, verdict } = looked.get(waiting) ?? {
				...waiting,
				verdict: "none"
			};
			this.#settle({
				from,
				to,
				checksums: verdict
			});
		}
	}
	#settle(taken) {
		const { from, to } = taken;
		const { isNoted, scope } = this.#around;
		const { planned, skip, doubt } = take$1(this.#part, this.#around, taken);
		const key = scope.within + ((from ?? to)?.key ?? "");
		if (!isNoted?.(key, planned)) return;
		const noted = noteOf(key, taken, this.#around);
		const left = {
			...noted,
			skip
		};
		this.#part.notes.add(left, 0);
		if (doubt) doubt.note = {
			left,
			copied: isNoted(key, "copy") ? noted : void 0
		};
	}
};
/** Turns pairs into the lines and counts of a part. */
const takerOf = (part, around) => new PartTaker(part, around);

// src/plan/file-contents.ts
const unknowable = (error, { origin, key }) => new SyncError("list", `${JSON.stringify(toText(origin ?? key))} cannot be compared: ${error.message}`, {
	hint: "Allow the user of this job to read it, or exclude it; run again if it was changed meanwhile. Nothing was touched.",
	cause: error
});
/**
* Reads files where their content decides: never by a time, which says when a file was written on this runner. A file
* is then known by the ETag that S3 would give to it, or by that of the object which was proven to hold the same.
*/
var FileContents = class {
	#around;
	#deps;
	#looks;
	constructor(around, deps) {
		this.#around = around;
		this.#deps = deps;
		const { files, store, requestTimeoutMs: timeoutMs, signal } = deps;
		const { destination, rules } = around;
		const { bucket } = destination;
		const sums = rules.sums !== void 0;
		this.#looks = new ContentLooks({
			files,
			store,
			bucket,
			timeoutMs,
			sums,
			signal
		});
	}
	/** A file of a pair as far as it has to be known. One that cannot be read stays unknown: its upload fails by name. */
	async known(from, to) {
		try {
			return await this.#read(from, to);
		} catch (error) {
			if (!(error instanceof ServiceError)) throw error;
			if (this.#deps.mustKnow) throw unknowable(error, from);
			return from;
		}
	}
	async #read(from, to) {
		const { files, namesAll } = this.#deps;
		const { rules, scope, source, destination, skewMs } = this.#around;
		if (!scope.has(from, to)) return from;
		const key = source.prefix + toText(from.origin ?? from.key);
		if (to && to.size === from.size && goesByContent(rules)) {
			const name = destination.prefix + toText(to.key);
			const { etag, sha256 } = await this.#looks.compared(key, {
				name,
				object: to
			});
			return sha256 === void 0 ? {
				...from,
				etag
			} : {
				...from,
				etag,
				sha256
			};
		}
		if (!namesAll || "skip" in decide(rules, from, to, skewMs)) return from;
		return {
			...from,
			etag: (await files.digest(key)).etag
		};
	}
};
/** Takes pairs as they come, and hands them on in the same order once their files are known. */
function knowing(taker, contents) {
	let waiting = [];
	return {
		take: (from, to) => void waiting.push({
			from,
			to
		}),
		pause: async () => {
			const pairs = waiting;
			waiting = [];
			await inParallel(pairs, 16, async (pair) => {
				if (pair.from) pair.from = await contents.known(pair.from, pair.to);
			});
			for (const { from, to } of pairs) taker.take(from, to);
			await taker.pause();
		}
	};
}
/** Turns pairs into the lines and counts of a part. */
function pairTaker(part, around, deps) {
	const taker = takerOf(part, around);
	if (!deps) return taker;
	return "names" in deps ? landing(taker, around, deps) : knowing(taker, new FileContents(around, deps));
}

// src/plan/header-looks.ts
/**
* As many unchanged objects that a rule is for are looked at, and as many that none is for any more; and beyond that the
* first one that is to have some headers, so that it is seen of each rule whether it changed.
*/
const MOST_LOOKS = 1e3;
/** Whether an object that no rule wrote has what rules say all the same; ACLs and tags no HEAD tells. */
function hasAll({ metadata, headers, storageClass, acl, tags }, found) {
	const wanted = {
		...metadata ? metadataHeaders(metadata) : {},
		...headers
	};
	return acl === void 0 && tags === void 0 && (storageClass === void 0 || storageClass === (found["x-amz-storage-class"] ?? "STANDARD")) && Object.entries(wanted).every(([name, value]) => name === "x-amz-meta-s3-direct-sync-headers" || found[name] === value);
}
/** What rules for headers ask of a plan: which objects are looked at, and what that came to. */
var HeaderLooks = class {
	#deps;
	#idle;
	#left = {
		ruled: MOST_LOOKS,
		unruled: MOST_LOOKS
	};
	/** Digests of the headers that objects are to have of which some were looked at. */
	#sampled = /* @__PURE__ */ new Set();
	#compared = 0;
	#differing = 0;
	#notCompared = 0;
	#sourceLooks = 0;
	#refusal;
	constructor(deps) {
		this.#deps = deps;
		this.#idle = new IdleRules(deps.write.rules ?? []);
	}
	/** Takes the key of an object of the source that is in scope. */
	see(key) {
		this.#idle.see(key);
	}
	/** Takes the key of an object that is copied. */
	copies(key) {
		const options = this.#optionsOf(key);
		if (keepsOthers(options) || keepsType(options)) this.#sourceLooks++;
	}
	/** Whether an object is to be looked at that the plan leaves as it is: one that holds what the source holds. */
	wants({ key, from, to, skip }) {
		if (!(skip === "same-size" || skip === "same-checksum" || sameEtag(from.etag, to.etag)) || skip === "exists") return false;
		const { isAsked } = this.#deps;
		if (isAsked && !isAsked(key)) return false;
		const digest = this.#optionsOf(key).headers?.[HEADERS_DIGEST];
		const kind = digest === void 0 ? "unruled" : "ruled";
		const isFirst = digest !== void 0 && !this.#sampled.has(digest);
		const looks = (isAsked !== void 0 || this.#left[kind] > 0 || isFirst) && !isArchived(from) && this.#refusal === void 0;
		if (looks) this.#left[kind]--;
		if (looks && digest !== void 0) this.#sampled.add(digest);
		else if (kind === "ruled") this.#notCompared++;
		return looks;
	}
	/** Whether an object has other headers at the destination than it would be written with. */
	async differ({ key, source, destination }) {
		const { destination: store, signal } = this.#deps;
		const options = this.#optionsOf(key);
		try {
			const found = await store.describe(destination, signal);
			if (options.headers) this.#compared++;
			const isOther = found !== void 0 && await this.#isOther(options, found, source);
			if (isOther && options.headers) this.#differing++;
			return isOther;
		} catch (error) {
			signal.throwIfAborted();
			const failure = serviceFailure(error);
			const { code, message } = failure;
			if (!isRefusal(failure)) throw new SyncError("list", `Headers could not be compared: ${code}: ${message}`, {
				hint: "Nothing was copied. Run again when the service responds, or remove headers, so that none are compared.",
				cause: error
			});
			this.#refusal ??= `${code}: ${message}`;
			if (options.headers) this.#notCompared++;
			return false;
		}
	}
	async #isOther(options, found, source) {
		const { source: store, signal } = this.#deps;
		const written = found[HEADERS_DIGEST];
		const wanted = options.headers?.[HEADERS_DIGEST];
		if (wanted !== void 0) return written === void 0 ? !hasAll(options, found) : written !== wanted;
		if (written === void 0 || options.metadata) return written !== void 0;
		return (await store.describe(source, signal))?.[HEADERS_DIGEST] !== written;
	}
	/** Globs of rules that matched no key of the source. */
	idle() {
		return this.#idle.globs();
	}
	/** Why objects could not be looked at; undefined where nothing refused that. */
	get refusal() {
		return this.#refusal;
	}
	/** Whether objects that were not looked at may well have other headers: some that were have. */
	get isDoubtful() {
		return this.#differing > 0 && this.#notCompared > 0;
	}
	/** What a plan tells of it. */
	counts() {
		return {
			compared: this.#compared,
			notCompared: this.#notCompared,
			sourceLooks: this.#sourceLooks
		};
	}
	#optionsOf(key) {
		return optionsFor(this.#deps.write, key);
	}
};

// src/plan/join.ts
const isUnread = (rows) => rows !== void 0 && rows.at < rows.to;
const unread = (rows) => isUnread(rows) ? objectAt(rows.objects, rows.at) : void 0;
/** Which side the next key is on: below 0 the source, above it the destination, 0 both. */
function sideOf(source, destination) {
	if (!isUnread(destination)) return -1;
	if (!isUnread(source)) return 1;
	return source.objects.order(source.at, destination.objects, destination.at);
}
/** Takes the next objects of both sides without making any of them, where they are the same and that is enough. */
function tookSame(source, destination, { takeSame }) {
	const { objects, at } = source;
	if (!takeSame || objects.keyBytes(at) === 0) return false;
	if (!objects.isSame(at, destination.objects, destination.at)) return false;
	return takeSame(destination.objects, destination.at);
}
/** Takes the next objects of one key without making any of them, where that is enough. */
const tookUnmade = (source, destination, taker) => source !== void 0 && (destination ? tookSame(source, destination, taker) : taker.takeNew?.(source.objects, source.at) ?? false);
/** Pairs up as many rows as can be paired before more have to come. */
function joinWaiting(source, destination, taker) {
	while ((isUnread(source) || !source) && (isUnread(destination) || !destination)) {
		const side = sideOf(source, destination);
		const from = side <= 0 ? source : void 0;
		const to = side >= 0 ? destination : void 0;
		if (!tookUnmade(from, to, taker)) taker.take(unread(from), unread(to));
		if (from) from.at++;
		if (to) to.at++;
	}
}
/** Merge join of two sides that are in byte order of their keys, each key once. */
async function joinRows(source, destination, taker) {
	for (;;) {
		const [s, d] = await Promise.all([source.next(), destination.next()]);
		if (!s && !d) return;
		joinWaiting(s, d, taker);
		await taker.pause();
	}
}

// src/plan/locks.ts
/** A lock's key below a place; undefined where it lies elsewhere. */
function keyIn$1(place, lock, endpoint) {
	const { bucket, key } = lock;
	return place.folder === void 0 && place.bucket === bucket && place.endpoint === endpoint && key.startsWith(place.prefix) ? toKeyBytes(key.slice(place.prefix.length)) : void 0;
}
__name(keyIn$1, "keyIn");
/**
* Knows locks by their usual name, whoever takes them, and that of this run by its key. Keys are relative to the listed
* parts of both places.
*/
function lockKeys(source, destination, { lock }) {
	const { endpoint } = destination.folder === void 0 ? destination : source;
	const atSource = lock && keyIn$1(source, lock, endpoint);
	const atDestination = lock && keyIn$1(destination, lock, endpoint);
	return (from, key) => {
		const origin = from && (from.origin ?? from.key);
		if (isUsualLock(key) || origin !== void 0 && isUsualLock(origin)) return "lock";
		if (origin !== void 0 && origin === atSource) return "lock";
		if (key !== atDestination) return void 0;
		return from ? "in-its-place" : "lock";
	};
}

// src/listing/list-one.ts
/** A page of a listing holds so many. */
const PAGE = 1e3;
/** Looks at one key by listing what begins with it; its `key` is ''. */
async function listOne(store, { bucket, key }, signal) {
	const place = {
		store,
		bucket,
		prefix: key,
		single: false
	};
	let last;
	let rows = 0;
	for await (const object of listAll(place, signal)) {
		if (object.key === "") return object;
		if (last !== void 0 && object.key <= last) rows = Number.NEGATIVE_INFINITY;
		last = object.key;
		if (++rows === PAGE) return void 0;
	}
}

// src/listing/key-looks.ts
/** Up to so many keys are asked for by HEAD alone, which costs less than one cent in thirty. */
const MOST_HEADS = 1e3;
/** A LIST request costs as much as so many HEAD requests. */
const HEADS_PER_LIST = 12.5;
/** So few keys are asked for without a look at a page, which is one more request where the place has many. */
const MOST_BLIND_HEADS = 100;
/** Pages that show whether the keys lie close together. */
const PAGES_TO_TELL = 4;
/** Where they do not, every so manyth block is tried by LIST again. */
const TRIED_AGAIN = 16;
/** Keys that are looked up together; a page of a listing holds as many. */
const BLOCK = 1e3;
const BLOCKS_AT_ONCE = 4;
const infoOf = (key, found) => ({
	key,
	size: found.size,
	etag: found.etag,
	modified: found.modified,
	storageClass: found.storageClass ?? "",
	restored: found.restored,
	values: found.checksums
});
const VERSIONS_UNKNOWN = { refused: {
	code: "NotImplemented",
	message: "The service ignores the requested version ID."
} };
/** A version that is gone, a delete marker, or an id that the service never gave. */
const NO_VERSION = /* @__PURE__ */ new Set([
	400,
	404,
	405
]);
/** The key of a row; undefined behind the last one. */
const keyIn = (objects, row) => row < objects.count ? objects.sharedKey(row) : void 0;
/** Whether a page goes on in the order of bytes behind a key. */
function isAscending({ objects }, behind) {
	if (behind !== "" && objects.count > 0 && objects.key(0) <= behind) return false;
	for (let row = 1; row < objects.count; row++) if (objects.order(row - 1, objects, row) >= 0) return false;
	return true;
}
/**
* Looks up keys of one place: by HEAD, or where there are many and they lie close together, by listing the ranges of
* keys that they lie in, which is cheaper. What is in no such range is never listed.
*/
var KeyLooks = class {
	#deps;
	/** All that the place has, where one page shows it. */
	#whole;
	#mayList;
	#isSparse = false;
	#sparseBlocks = 0;
	#heads = 0;
	#lists = 0;
	constructor(deps) {
		this.#deps = deps;
		this.#mayList = deps.count > MOST_HEADS;
	}
	/** HEAD requests that were made; each of them is made once more where the service fails. */
	get heads() {
		return this.#heads;
	}
	/** LIST requests that were made. */
	get lists() {
		return this.#lists;
	}
	/** Whether keys should come in the order of their bytes: else each of them is looked up by itself. */
	get wantsOrder() {
		return this.#mayList;
	}
	/** Gives all records in their order. Throws SyncError of kind `list` where the place cannot be seen. */
	async *answers(blocks) {
		if (this.#deps.count > MOST_BLIND_HEADS) await this.#lookAtFirstPage();
		yield* inOrder(inBlocks(blocks), BLOCKS_AT_ONCE, (records) => this.#lookUp(records));
	}
	/** A place with little in it is seen at once, whatever its order. */
	async #lookAtFirstPage() {
		const page = await this.#page(void 0);
		if (!page || page.truncated) return;
		const all = /* @__PURE__ */ new Map();
		for (let row = 0; row < page.objects.count; row++) {
			const object = objectAt(page.objects, row);
			all.set(object.key, object);
		}
		page.objects.release();
		this.#whole = all;
	}
	async #lookUp(records) {
		const known = /* @__PURE__ */ new Map();
		for (const { key } of records) if (!this.#mayBeKey(key)) known.set(key, "absent");
		const plain = records.filter(({ key, version }) => version === void 0 && !known.has(key));
		if (this.#whole) for (const { key } of plain) known.set(key, this.#whole.get(key) ?? "absent");
		else if (this.#isTried()) await this.#byListing(plain.map(({ key }) => key).sort(), known);
		const answers = records.map(({ key, version }) => version === void 0 ? known.get(key) : void 0);
		await Promise.all(records.keys().filter((at) => answers[at] === void 0).map(async (at) => {
			answers[at] = await this.#head(records[at]);
		}));
		return records.map((record, at) => [record, answers[at]]);
	}
	/** No service has an object with an empty key, or with one that is too long, and none answers such a question alike. */
	#mayBeKey(key) {
		const { bucket, prefix } = this.#deps.place;
		const bytes = Buffer.byteLength(prefix) + key.length;
		return bucket === "" || bytes > 0 && bytes <= 1024;
	}
	#isTried() {
		if (!this.#mayList || !this.#isSparse) return this.#mayList;
		return ++this.#sparseBlocks % TRIED_AGAIN === 0;
	}
	/** Lists from key to key, as far as that is cheaper than to ask for each; `keys` are in order. */
	async #byListing(keys, known) {
		let behind = "";
		let pages = 0;
		for (let at = 0; at < keys.length;) {
			const next = toKeyBytes(before(toText(keys[at]) ?? ""));
			if (next > behind) behind = next;
			const page = await this.#page(toText(behind));
			pages++;
			if (!page) return;
			const { objects, truncated } = page;
			if (!isAscending(page, behind)) {
				this.#mayList = false;
				return;
			}
			const end = truncated ? objects.key(objects.count - 1) : void 0;
			let row = 0;
			let listed = keyIn(objects, row);
			for (; at < keys.length; at++) {
				const key = keys[at];
				if (end !== void 0 && key > end) break;
				while (listed !== void 0 && listed < key) listed = keyIn(objects, ++row);
				if (listed === key) known.set(key, objectAt(objects, row));
				else if (this.#isOrdered) known.set(key, "absent");
			}
			objects.release();
			if (end === void 0) continue;
			if (toText(end) === void 0) return;
			behind = end;
			this.#isSparse = at < pages * 12.5 && at < keys.length;
			if (this.#isSparse && pages >= 4) return;
		}
		this.#isSparse = keys.length < pages * HEADS_PER_LIST;
	}
	/** AWS promises the order of its listings. Others list folders before what is in them: what they do not show is asked for. */
	get #isOrdered() {
		return this.#deps.place.endpoint === void 0;
	}
	/** A page; undefined where it may not be seen, or shows nothing though more follows. */
	async #page(startAfter) {
		const { place, signal } = this.#deps;
		this.#lists++;
		try {
			const behind = startAfter === void 0 || startAfter === "" ? void 0 : place.prefix + startAfter;
			const page = await pageOf(place, {
				startAfter: behind,
				signal
			});
			return page.objects.count === 0 && page.truncated ? void 0 : page;
		} catch (error) {
			if (signal.aborted || serviceFailure(error).code !== "AccessDenied") throw listingError(place, error);
			this.#mayList = false;
			return;
		}
	}
	async #head({ key, version, sums }) {
		const { place, whereRefused, signal } = this.#deps;
		const address = {
			bucket: place.bucket,
			key: place.prefix + toText(key)
		};
		try {
			signal.throwIfAborted();
			if (version === void 0 && whereRefused === "list" && !place.store.capabilities.heads) return await this.#listed(key, address);
			const found = await this.#stat({
				...address,
				versionId: version
			}, sums);
			if (found === void 0) return "absent";
			if (Number.isNaN(found.size) || found.modified === "") return await this.#listed(key, address);
			if (version !== void 0 && found.versionId !== version && !(version === "null" && found.versionId === void 0)) return VERSIONS_UNKNOWN;
			return {
				...infoOf(key, found),
				...place.bucket === "" ? {} : { checksums: ANY_CHECKSUM }
			};
		} catch (error) {
			const failure = serviceFailure(error);
			if (version !== void 0 && NO_VERSION.has(failure.status)) return "absent";
			if (failure.status === 400 && !signal.aborted) return await this.#listed(key, address);
			if (signal.aborted || failure.code !== "AccessDenied") throw listingError(place, error);
			if (whereRefused === "unknown") return { refused: {
				code: failure.code,
				message: failure.message
			} };
			place.store.capabilities.refusesHeads();
			return await this.#listed(key, address);
		}
	}
	/** HEAD. Who may not use the KMS key of an object is shown it, but no checksums of it. */
	async #stat(object, sums = false) {
		const { stat, signal } = this.#deps;
		this.#heads++;
		if (!sums) return stat(object);
		return stat(object, "with-checksums").catch((error) => {
			if (signal.aborted || serviceFailure(error).code !== "AccessDenied") throw error;
			this.#heads++;
			return stat(object);
		});
	}
	async #listed(key, address) {
		const { place, signal } = this.#deps;
		this.#lists++;
		const found = await listOne(place.store, address, signal).catch((error) => {
			throw listingError(place, error);
		});
		return found ? {
			...found,
			key
		} : "absent";
	}
};
/** Records in blocks that are looked up together, whatever blocks they come in. */
async function* inBlocks(blocks) {
	let waiting = [];
	for await (const block of blocks) for (const record of block) {
		if (waiting.push(record) < BLOCK) continue;
		yield waiting;
		waiting = [];
	}
	if (waiting.length > 0) yield waiting;
}

// src/plan/flawed-rows.ts
const MOST_NAMED$1 = 10;
/** In the order in which they are told. */
const TOLD = [
	[
		"NotInSource",
		"is not in the source",
		"are not in the source"
	],
	[
		"ChangedSinceManifest",
		"differs from the manifest",
		"differ from the manifest"
	],
	[
		"AccessDenied",
		"cannot be read (access denied)",
		"cannot be read (access denied)"
	],
	[
		"NotImplemented",
		"cannot be looked up by its version_id",
		"cannot be looked up by their version_id"
	]
];
const HINTS = {
	NotInSource: "Check source and the manifest, whose keys are relative to source; if objects may be missing, set `manifest-missing: skip`.",
	ChangedSinceManifest: "Create the manifest again from the current source.",
	AccessDenied: "Allow s3:GetObject on these objects, and s3:ListBucket on the bucket: without it S3 returns AccessDenied for a missing object too. With source-no-sign-request, only public objects can be read.",
	NotImplemented: "Remove version_id: this service does not support versions."
};
/** Rows that cannot be copied: all of them go to a file, the first are named. */
var FlawedRows = class {
	#source;
	#destination;
	#writer;
	#counts = /* @__PURE__ */ new Map();
	#named = [];
	constructor({ source, destination }, writer) {
		this.#source = source;
		this.#destination = destination;
		this.#writer = writer;
	}
	add({ row, code, message }) {
		this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
		const key = this.#source.prefix + toText(row.origin);
		if (this.#named.length < MOST_NAMED$1) this.#named.push(`- line ${row.line}: ${cut(JSON.stringify(key), 200)}: ${message}`);
		return this.#writer.write(visibleJson(this.#rowOf({
			row,
			code,
			message
		}, key)));
	}
	#rowOf({ row, code, message }, key) {
		return {
			op: "copy",
			key,
			to: this.#destination.prefix + toText(row.key),
			size: row.size ?? 0,
			status: code === "AccessDenied" ? "unknown" : "failed",
			engine: "direct",
			attempts: 0,
			code,
			message: `line ${row.line} of the manifest: ${message}`
		};
	}
	get isEmpty() {
		return this.#counts.size === 0;
	}
	/** undefined where there are none. */
	refusal(name, rows) {
		const met = TOLD.filter(([code]) => this.#counts.has(code));
		const [worst] = met;
		if (!worst) return void 0;
		const of = ([code, one, several]) => {
			const objects = this.#counts.get(code) ?? 0;
			return `${humanObjects(objects, "row")} ${objects === 1 ? one : several}`;
		};
		const all = met.map(of).join(", ");
		const more = [...this.#counts.values()].reduce((sum, some) => sum + some, 0) - this.#named.length;
		const list = [...this.#named, ...more > 0 ? [`- and ${humanCount(more)} more, all of them in failed.ndjson`] : []];
		return refusal(`Manifest: ${all}`, `Of ${humanObjects(rows, "row")} of the manifest ${name}, ${all}:\n${list.join("\n")}`, met.map(([code]) => HINTS[code]).join(" "));
	}
};

// src/plan/skipped-rows.ts
/** Rows that are skipped because the source has no such object, in a file that can be read as a manifest. */
var SkippedRows = class {
	#files;
	#path;
	#source;
	#writer;
	constructor(source, path, files) {
		this.#files = files;
		this.#path = path;
		this.#source = source;
	}
	/** The first one makes the file. */
	async add({ origin, key, size, etag, sha256 }) {
		const { bucket, prefix } = this.#source;
		const source_url = s3Url(bucket, prefix + toText(origin));
		this.#writer ??= await this.#files.writer(this.#path);
		const target_path = toText(key) || void 0;
		await this.#writer.write(visibleJson({
			source_url,
			target_path,
			size,
			etag,
			sha256
		}));
	}
	async close() {
		await this.#writer?.close();
	}
};

// src/plan/manifest.ts
const isObject = (answer) => typeof answer === "object" && "key" in answer;
/** In what an object is another than its row says; undefined: it is that one. */
function changeOf(row, answer) {
	if (!isObject(answer)) return answer === "absent" && row.version !== void 0 ? "this version does not exist" : void 0;
	const { size, etag } = answer;
	if (row.size !== void 0 && row.size !== size) return `it has ${size} bytes, but the manifest says ${row.size}`;
	if (row.etag !== void 0 && !sameEtag(row.etag, etag)) return `its ETag is ${JSON.stringify(etag)}, but the manifest says ${JSON.stringify(row.etag)}`;
}
/** Whether a row says what its object is, and not by a version, which nobody can change. */
const isPinned = ({ size, etag, sha256, version }) => (size ?? etag ?? sha256) !== void 0 && (version === void 0 || version === "null");
/**
* HEADs tell whole seconds: what is compared with one of them must not seem later for its milliseconds. What has no ETag
* is known again by its time, as files of this runner are.
*/
function asCoarse(to, from) {
	if (to.etag === "") return to;
	if (to.modified.endsWith(".000Z") || modifiedMs(to) % 1e3 === 0) return to;
	if (modifiedMs(from) % 1e3 !== 0) return to;
	return {
		...to,
		modified: (/* @__PURE__ */ new Date(Math.floor(modifiedMs(to) / 1e3) * 1e3)).toISOString()
	};
}
const LOOKS_AT_ONCE = 256;
const FIRST_LOOKS_AT_ONCE = 64;
/** Compares the rows of a manifest, looked up at the source, with what stands at the destination. */
var ManifestComparison = class {
	#around;
	#input;
	#ports;
	#part;
	#flawed;
	#requests;
	#skipped;
	#looks;
	#sorted;
	#sha256Unproven = 0;
	/** HEADs for checksums of what a listing showed. */
	#sha256Heads = 0;
	constructor(around, input, ports, given) {
		this.#around = around;
		this.#input = input;
		this.#ports = ports;
		this.#part = given.part;
		this.#flawed = given.flawed;
		this.#skipped = given.skipped;
		this.#sorted = given.sorted;
		this.#requests = {
			source: this.#paced("source"),
			destination: this.#paced("destination")
		};
		this.#looks = {
			source: this.#looksAt("source"),
			destination: this.#looksAt("destination")
		};
	}
	/** Takes all rows; gives what it asked for, and what it left unproven. */
	async run(contents) {
		const { source, destination, rules } = this.#around;
		const pairRules = {
			source,
			destination,
			rules,
			scope: {
				hasAll: false,
				has: () => true,
				lockAt: this.#around.scope.lockAt,
				publishes: this.#around.scope.publishes,
				seeDelete: () => {},
				within: "",
				waves: this.#around.scope.waves,
				headers: this.#around.scope.headers
			},
			skewMs: this.#around.skewMs,
			isRestored: this.#around.isRestored,
			isNoted: this.#around.isNoted,
			checks: this.#around.checks
		};
		const taker = pairTaker(this.#part, pairRules, contents);
		const found = this.#foundInOrder();
		const sought = async function* () {
			for await (const rows of found) yield rows.map((from) => ({
				key: from.key,
				from
			}));
		};
		for await (const block of this.#looks.destination.answers(sought())) {
			for (const [{ from }, answer] of block) taker.take(from, isObject(answer) ? asCoarse(answer, from) : void 0);
			await taker.pause();
		}
		const { source: ours, destination: theirs } = this.#looks;
		return {
			lookUps: {
				source: {
					heads: ours.heads + this.#sha256Heads,
					lists: ours.lists
				},
				destination: {
					heads: theirs.heads,
					lists: theirs.lists
				}
			},
			sha256Unproven: this.#sha256Unproven
		};
	}
	/** Requests to a side, at the pace of the run. */
	#paced(side) {
		const { clock, signal } = this.#ports;
		const { transfer } = this.#input;
		const limit = new AdaptiveLimit({
			start: FIRST_LOOKS_AT_ONCE,
			most: LOOKS_AT_ONCE,
			clock,
			signal
		});
		const throttle = new RateBudget(transfer).throttle({
			clock,
			signal
		});
		const { objects } = this.#storeOf(side);
		const paced = limited(objects, {
			limit,
			throttle,
			signal
		});
		return retrying(paced, {
			clock,
			retryCount: transfer.retryCount,
			signal
		});
	}
	#storeOf(side) {
		return this.#around[side].store;
	}
	#looksAt(side) {
		const { signal } = this.#ports;
		const limit = {
			timeoutMs: this.#input.transfer.requestTimeoutMs,
			signal
		};
		return new KeyLooks({
			place: this.#around[side],
			stat: (object, what) => this.#requests[side].stat(object, limit, what),
			count: this.#sorted.count,
			whereRefused: side === "source" ? "unknown" : "list",
			signal
		});
	}
	/** The objects of the rows that are as they say, in the order of the destination's keys. */
	async *#foundInOrder() {
		const { files, folder } = this.#ports;
		const { path, keepsKeys } = this.#sorted;
		const rows = blocksOf(files, path);
		if (keepsKeys || !this.#looks.source.wantsOrder) {
			yield* this.#found(rows);
			return;
		}
		const byOrigin = async function* () {
			for await (const block of rows) yield block.map((row) => ({
				key: `${row.origin}\0${row.key}`,
				row
			}));
		};
		const sorted = await blocksInKeyOrder(byOrigin(), {
			files,
			folder: files.join(folder, "origins"),
			chunk: ROWS_AT_ONCE
		});
		const inSourceOrder = async function* () {
			for await (const block of sorted) yield block.map(({ row }) => row);
		};
		yield* await blocksInKeyOrder(this.#found(inSourceOrder()), {
			files,
			folder: files.join(folder, "found"),
			chunk: ROWS_AT_ONCE
		});
	}
	async *#found(blocks) {
		const sought = async function* () {
			for await (const rows of blocks) yield rows.map((row) => ({
				key: row.origin,
				version: row.version,
				sums: row.sha256 !== void 0,
				row
			}));
		};
		for await (const block of this.#looks.source.answers(sought())) yield await this.#checked(block);
	}
	async #checked(block) {
		const found = [];
		const checks = await this.#checksums(block);
		let at = 0;
		for (const [{ row }, answer] of block) {
			const { change: other, sha256 } = checks[at++] ?? {};
			const change = changeOf(row, answer) ?? other;
			if (change !== void 0) {
				await this.#flawed.add({
					row,
					code: "ChangedSinceManifest",
					message: change
				});
				continue;
			}
			if (isObject(answer)) {
				const { size, etag, modified, storageClass, restored, checksums } = answer;
				const { key, origin, version } = row;
				found.push({
					key,
					size,
					etag,
					modified,
					storageClass,
					restored,
					checksums,
					origin,
					version,
					expectedSha256: sha256,
					pinned: isPinned(row) ? true : void 0
				});
			} else await this.#miss(row, answer);
		}
		return found;
	}
	async #miss(row, answer) {
		if (answer !== "absent") {
			const { code, message } = answer.refused;
			await this.#flawed.add({
				row,
				code,
				message
			});
		} else if (this.#input.manifest.missing === "skip") {
			count(this.#part.reasons, "not-in-source", {
				objects: 1,
				bytes: row.size ?? 0
			});
			await this.#skipped.add(row);
		} else await this.#flawed.add({
			row,
			code: "NotInSource",
			message: "the source has no such object"
		});
	}
	/** Where rows name a SHA-256: in what a stored one differs, or what is still to be proven as none is stored. */
	async #checksums(block) {
		if (!block.some(([{ row }]) => row.sha256 !== void 0)) return [];
		return Promise.all(block.map(async ([{ row }, answer]) => {
			if (row.sha256 === void 0 || !isObject(answer)) return void 0;
			const stored = await this.#storedSha256(row, answer);
			if (stored === row.sha256) return void 0;
			if (stored !== void 0) return { change: `its SHA-256 is ${stored}, but the manifest says ${row.sha256}` };
			this.#sha256Unproven++;
			return { sha256: row.sha256 };
		}));
	}
	async #storedSha256({ origin, version }, { etag, values }) {
		const { bucket, prefix } = this.#around.source;
		const { signal } = this.#ports;
		const object = {
			bucket,
			key: prefix + toText(origin),
			versionId: version
		};
		const limit = {
			timeoutMs: this.#input.transfer.requestTimeoutMs,
			signal
		};
		if (!values) this.#sha256Heads++;
		const asked = values ? {
			etag,
			checksums: values
		} : await this.#requests.source.stat(object, limit, "with-checksums").catch(() => {
			signal.throwIfAborted();
		});
		const value = asked && sameEtag(asked.etag, etag) ? asked.checksums?.get("SHA256") : void 0;
		return value === void 0 ? void 0 : Buffer.from(value, "base64").toString("hex");
	}
};
/**
* Compares the objects that a manifest names with what stands at the destination. Rows that cannot be copied as they say
* are written to a file of failed rows. Throws SyncError where rows contradict each other, or a side cannot be seen.
*/
async function compareManifest(around, { manifest: input, filter, span, contents }, ports) {
	const { manifest, failedPath, skippedPath } = input;
	const { files, folder, clock } = ports;
	const part = new Part(files, folder, "manifest");
	const failed = await files.writer(failedPath);
	const flawed = new FlawedRows(around, failed);
	const skipped = new SkippedRows(around.source, skippedPath, files);
	try {
		for (const [reason, objects] of Object.entries(manifest.leftOut)) if (objects > 0) count(part.reasons, reason, {
			objects,
			bytes: 0
		});
		const deps = {
			files,
			folder,
			clock,
			filter,
			span
		};
		const given = {
			part,
			flawed,
			skipped,
			sorted: await sortRows(manifest, around, part.reasons, deps)
		};
		const asked = await new ManifestComparison(around, input, ports, given).run(contents);
		const refused = flawed.refusal(manifest.name, manifest.rows);
		return {
			part,
			counts: {
				rows: manifest.rows,
				...asked
			},
			refused
		};
	} finally {
		await part.close();
		await failed.close();
		await skipped.close();
		if (flawed.isEmpty) await files.removeFile(failedPath);
	}
}

// src/plan/other-readings.ts
const EDGES = /* @__PURE__ */ new Set(`'"\`“”‘’ \t\u00a0`);
function withoutEdges(glob) {
	let [from, to] = [0, glob.length];
	while (from < to && EDGES.has(glob.charAt(from))) from++;
	while (to > from && EDGES.has(glob.charAt(to - 1))) to--;
	return glob.slice(from, to);
}
/** Wildcards alone are no more than what a cut has left of a glob. */
const hasLiteral = (glob) => /[^*?/\s]/.test(glob);
const MOST_PARTS = 200;
/** The globs of a list on one line. */
function partsOf(glob, between) {
	const parts = glob.split(between, MOST_PARTS).map((part) => part.trim());
	return parts.length > 1 ? parts.filter(hasLiteral) : [];
}
/** What a glob is below the prefix of either side, if it begins with the prefix, or with bucket and prefix. */
function belowPrefix(glob, { source, destination }) {
	const key = glob.replace(/^\//, "");
	return [source, destination].flatMap(({ bucket, prefix }) => [prefix, `${bucket}/${prefix}`]).filter((start) => start !== "" && key.startsWith(start)).map((start) => key.slice(start.length));
}
/** All below a folder: at its place, and for a bare name at any depth. */
const foldersOf = (glob) => glob.includes("/") ? [`${glob}/`] : [`${glob}/`, `**/${glob}/`];
const isBareName = (glob) => /^[^*?]+$/.test(glob.slice(glob.lastIndexOf("/") + 1));
const RELATIVE = "globs are relative to the prefix";
const FOLDER = "end the glob with / to match everything below a folder";
const LIST = "write one glob per line";
/** Spellings in which a glob means another thing than its author, whether it matches something or not. */
const ALWAYS = [
	{
		because: "quotes and spaces are matched literally",
		meant: (glob) => [withoutEdges(glob)]
	},
	{
		because: "write one glob per line, without brackets",
		meant: (glob) => [/^\[(.*[,'"].*)\]$/s.exec(glob)?.[1] ?? glob]
	},
	{
		because: "write only the glob, without the option",
		meant: (glob) => [glob.replace(/^(?:--?(?:exclude|include)(?:\s*=|\s)|-\s)/, "").trim()]
	},
	{
		because: LIST,
		isList: true,
		meant: (glob) => glob.includes("}") ? [] : partsOf(glob, /[,;]/)
	},
	{
		because: "keys do not begin with ./",
		meant: (glob) => [glob.replace(/^\.\/+/, "")]
	},
	{
		because: RELATIVE,
		meant: (glob) => [glob.replace(/^s3:\/\/[^/]+\/+/, "")]
	},
	{
		because: RELATIVE,
		meant: (glob, places) => belowPrefix(glob, places).filter((rest) => !takesAll(rest))
	},
	{
		because: "a ! is matched literally",
		meant: (glob) => [glob.replace(/^!\s*/, "")]
	},
	{
		because: "a backslash is matched literally",
		meant: (glob) => [glob.replace(/\\+/g, "/"), glob.replace(/\\([^\w*?/\\])/g, "$1")]
	}
];
/** What is meant by a glob that names a folder; its result is in proper spelling. */
const FOLDERS = [{
	because: FOLDER,
	meant: (glob) => isBareName(glob) ? foldersOf(glob) : []
}];
const MOST_CHOICES = 64;
/** The members of a class such as `0-9a`; none of one that is negated. */
const choicesOf = (members) => /^[!^]/.test(members) ? [] : [...members.matchAll(/(.)-(.)|./gsu)].flatMap(([one, first = one, last = first]) => {
	const from = first.codePointAt(0) ?? 0;
	const length = Math.min(MOST_CHOICES, Math.max(0, (last.codePointAt(0) ?? 0) - from + 1));
	return Array.from({ length }, (_, i) => String.fromCodePoint(from + i));
});
/** What the first braces, or the first brackets, of a glob stand for in a shell. */
function expanded(glob) {
	const close = glob.search(/[}\]]/);
	const open = glob.lastIndexOf(glob[close] === "}" ? "{" : "[", close);
	if (close < 0 || open < 0) return [];
	const members = glob.slice(open + 1, close);
	const choices = glob[close] === "}" ? members.split(",") : choicesOf(members);
	if (choices.length < 2) return [];
	return choices.slice(0, MOST_CHOICES).map((choice) => glob.slice(0, open) + choice.trim() + glob.slice(close + 1)).filter(hasLiteral);
}
function decoded(glob) {
	try {
		return decodeURIComponent(glob);
	} catch {
		return glob;
	}
}
/** Spellings that can be meant as they stand, so that only an exclude that matches nothing is doubted. */
const WHERE_IDLE = [
	{
		because: "braces and brackets are matched literally",
		isList: true,
		meant: expanded
	},
	{
		because: "spaces are matched literally",
		meant: (glob) => [glob.replace(/\s+/g, " ").replace(/ ?([/*]) ?/g, "$1")].filter(hasLiteral)
	},
	{
		because: LIST,
		isList: true,
		meant: (glob) => partsOf(glob, /[,;\s]/)
	},
	{
		because: "invisible characters are taken literally",
		meant: (glob) => [glob.replace(/\p{Cf}/gu, "")]
	},
	{
		because: "keys are not URL-encoded here",
		meant: (glob) => [decoded(glob)]
	},
	{
		because: RELATIVE,
		meant: belowPrefix
	}
];
/** As .gitignore has it; a wildcard shows that objects may be meant. */
const FOLDERS_WHERE_IDLE = [{
	because: FOLDER,
	meant: (glob) => /[^/*]$|^[^/]*$/.test(glob) ? foldersOf(glob) : []
}, {
	because: "begin the glob with **/ to match a folder at any depth",
	meant: (glob) => /^[^/]+\/$/.test(glob) ? [`**/${glob}`] : []
}];
/** More readings are not looked at: nobody meant them. */
const MOST_READINGS = 500;
/** Text that is read in all, whatever was given. */
const MOST_CHARS = 2e5;
const bothReasons = (first, second) => first === "" || first === second ? second : first.includes(second) ? first : `${first}; ${second}`;
/** Readings, and what the habits make of each; `again`: of what they make as well. */
function read$1(given, habits, { places, onlyIdle, again }) {
	const all = new Map(given);
	let chars = 0;
	for (const { glob, because, ofSeveral } of (again ? all : given).values()) {
		if (chars > MOST_CHARS) break;
		chars += glob.length;
		for (const habit of habits) {
			const globs = habit.meant(glob, places);
			const several = ofSeveral || habit.isList === true && globs.length > 1;
			for (const meant of globs) {
				if (meant === "" || all.has(meant) || all.size > MOST_READINGS) continue;
				const reasons = bothReasons(because, habit.because);
				all.set(meant, {
					glob: meant,
					because: reasons,
					onlyIdle,
					ofSeveral: several
				});
			}
		}
	}
	return all;
}
__name(read$1, "read");
/**
* What else a glob of `exclude` may be meant to be, in the spelling that says so: by those who come from
* a shell, from `aws s3 sync`, from .gitignore or from Windows. The glob itself is none of them.
*/
function otherReadings(glob, places) {
	const always = read$1(/* @__PURE__ */ new Map([[glob, {
		glob,
		because: "",
		onlyIdle: false,
		ofSeveral: false
	}]]), ALWAYS, {
		places,
		onlyIdle: false,
		again: true
	});
	const whereIdle = {
		places,
		onlyIdle: true
	};
	const idle = read$1(always, [...ALWAYS, ...WHERE_IDLE], {
		...whereIdle,
		again: true
	});
	const folders = [read$1(always, FOLDERS, {
		places,
		onlyIdle: false,
		again: false
	}), read$1(idle, FOLDERS_WHERE_IDLE, {
		...whereIdle,
		again: false
	})];
	const readings = new Map(folders.flatMap((each) => [...each]).reverse());
	readings.delete(glob);
	return [...readings.values()].reverse();
}

// src/plan/misread.ts
/** One form for all spellings of a name that differ in case or in Unicode's normal form. */
const fold = (text) => text.normalize("NFC").toLowerCase();
const SPELLING = "globs are case-sensitive, and Unicode forms of a letter are not the same";
/** A glob as it would have to be spelled to take a key that it takes but for the spelling. */
function respelled(glob, key) {
	const [head = ""] = /^[^*?]*/.exec(glob) ?? [];
	const asInKey = [...["NFC", "NFD"].map((form) => glob.normalize(form)), key.slice(0, head.length) + glob.slice(head.length)];
	const itself = key.startsWith("/") ? `/${key}` : key;
	return asInKey.find((form) => globMatch(form)(key)) ?? itself;
}
function suspect(exclude, places) {
	const readings = otherReadings(exclude, places);
	return {
		exclude,
		always: readings.filter(({ onlyIdle }) => !onlyIdle).map((reading) => ({
			...reading,
			takes: globMatch(reading.glob)
		})),
		whereIdle: [{
			glob: exclude,
			because: "",
			ofSeveral: false
		}, ...readings].map((reading) => ({
			...reading,
			takes: globMatch(fold(reading.glob))
		})),
		hit: void 0,
		hitWhereIdle: void 0
	};
}
function hitOf({ glob, because, ofSeveral }, key) {
	if (globMatch(glob)(key)) return {
		key,
		meant: glob,
		because,
		ofSeveral
	};
	const reasons = because === "" ? SPELLING : `${because}; ${SPELLING}`;
	return {
		key,
		meant: respelled(glob, key),
		because: reasons,
		ofSeveral
	};
}
/** Looks at every delete of a plan for an exclude that may have been meant to prevent it. */
var MisreadExcludes = class {
	#suspects;
	#filter;
	constructor(exclude, places, filter) {
		this.#suspects = exclude.map((glob) => suspect(glob, places));
		this.#filter = filter;
	}
	/** Takes the key of a planned delete, relative to the destination. */
	see(key) {
		let folded;
		for (const [at, one] of this.#suspects.entries()) {
			if (one.hit) continue;
			const sure = one.always.find(({ takes }) => takes(key));
			if (sure) one.hit = hitOf(sure, key);
			else if (!one.hitWhereIdle && this.#filter.isIdle(at)) {
				folded ??= fold(key);
				const name = folded;
				const likely = one.whereIdle.find(({ takes }) => takes(name));
				if (likely) one.hitWhereIdle = hitOf(likely, key);
			}
		}
	}
	/** The first exclude that is probably misread, when all keys of both sides were seen. */
	first() {
		for (const [at, { exclude, hit, hitWhereIdle }] of this.#suspects.entries()) {
			const idle = this.#filter.isIdle(at);
			const found = hit ?? (idle ? hitWhereIdle : void 0);
			if (found) return {
				exclude,
				...found,
				idle
			};
		}
	}
};

// src/listing/key-sum.ts
init__crypto();
const BITS$1 = 128;
const HEX = BITS$1 / 4;
/** Count and digest of keys: the same for the same keys, in whatever order they come. */
var KeySum = class {
	#objects = 0;
	#sum = 0n;
	/** Takes one more key in. */
	add(key) {
		this.#objects++;
		this.#grow(BigInt(`0x${hash("sha256", key).slice(0, HEX)}`));
	}
	/** Takes in all keys of another sum. */
	merge(other) {
		this.#objects += other.#objects;
		this.#grow(other.#sum);
	}
	/** What came so far. */
	value() {
		return {
			objects: this.#objects,
			digest: this.#sum.toString(16).padStart(HEX, "0")
		};
	}
	#grow(by) {
		this.#sum = BigInt.asUintN(BITS$1, this.#sum + by);
	}
};

// src/plan/moved.ts
/**
* Moves objects by the rules for keys. What is no text stays where it is, and so does the folder's own marker.
* What is skipped is left out where it is, so that it protects what the destination has there.
* Throws SyncError where the rules refuse a key, and when key-pattern takes too long with one.
*/
function moverOf({ source, rules }, keys, clock, filter = new KeyFilter(rules)) {
	const targets = targetsOf(keys);
	const inScope = scopeOf(source, rules, filter);
	const move = (object) => {
		const { key: origin } = object;
		const text = toText(origin);
		if (text === void 0) return object;
		const out = !inScope(origin);
		const target = text === "" ? "" : out ? targets.ofFiltered(text) : targets.of(text);
		if (target === void 0) return {
			...object,
			origin,
			out: true
		};
		return {
			...object,
			key: toKeyBytes(target),
			origin,
			out
		};
	};
	return (objects) => inTime(clock, objects, move, ({ key }) => toText(key));
}
/** Two objects of the source that would become one are refused; what the filters leave out gives way. */
function oneTarget(first, second) {
	if (first.out || second.out || first.origin === second.origin) return first.out ? second : first;
	const [target, ...origins] = [
		first.key,
		first.origin ?? first.key,
		second.origin ?? second.key
	].map((key) => JSON.stringify(toText(key)));
	const title = `Two objects would get the key ${target}`;
	throw new SyncError("guard", `${title}: ${origins.join(" and ")}.`, {
		title,
		hint: "Make key-template include the parts that differ. Nothing was copied."
	});
}
async function* read(files, paths) {
	for (const path of paths) for await (const line of files.lines(path)) yield JSON.parse(line);
}
/** Lists both places; the objects of the source get their keys at the destination. */
function spoolRanges(around, move, ports) {
	const { files, folder } = ports;
	let ranges = 0;
	return listPlaces(around, async (source, destination) => {
		const name = files.join(folder, `listed-${++ranges}`);
		const keys = new KeySum();
		const paths = {
			source: `${name}-source`,
			destination: `${name}-destination`,
			keys
		};
		const ours = await files.writer(paths.source);
		const theirs = await files.writer(paths.destination);
		const from = [];
		const to = [];
		const take = (object, extra) => {
			if (object) from.push(object);
			if (object && around.rules.delete) keys.add(object.key);
			if (extra) to.push(extra);
		};
		const pause = async () => {
			for (const object of move(from.splice(0))) await ours.write(JSON.stringify(object));
			for (const object of to.splice(0)) await theirs.write(JSON.stringify(object));
		};
		try {
			await joinRows(source, destination, {
				take,
				pause
			});
		} finally {
			await ours.close();
			await theirs.close();
		}
		return paths;
	}, ports);
}
/** What all ranges together have: with deletes the source must still have it right before them. */
function sumOf(ranges) {
	const all = new KeySum();
	for (const { keys } of ranges) all.merge(keys);
	return all.value();
}
const PAIRS_AT_ONCE = 1e3;
/** Counts the objects that are left out and have no place of their own, as another one takes it. */
function countReplaced() {
	let tally = NO_TALLY;
	return {
		tally: () => tally,
		resolve: (first, second) => {
			const kept = oneTarget(first, second);
			const other = kept === first ? second : first;
			if (first.origin !== second.origin) tally = addTally(tally, {
				objects: 1,
				bytes: other.size
			});
			return kept;
		}
	};
}
/**
* Compares a source whose keys are organised anew: what was listed is sorted by its new keys on disk, and
* joined then. Throws SyncError when two objects would get the key one, or the rules refuse a key.
*/
async function compareMoved(around, { keys, filter, contents }, ports) {
	const { rules, destination } = around;
	const { files, folder } = ports;
	const spooled = await spoolRanges(around, moverOf(around, keys, ports.clock, filter), ports);
	const replaced = countReplaced();
	const moved = await inKeyOrder(read(files, spooled.map((range) => range.source)), {
		files,
		folder: files.join(folder, "moved"),
		settle: replaced.resolve
	});
	const found = read(files, spooled.map((range) => range.destination));
	const extras = extrasScope(destination, rules, filter);
	const has = (from, to) => {
		const spared = to !== void 0 && extras(to.key);
		return from ? !from.out : spared;
	};
	const { lockAt, publishes, seeDelete, within, waves, headers } = around.scope;
	const scope = {
		hasAll: false,
		has,
		lockAt,
		publishes,
		seeDelete,
		within,
		waves,
		headers
	};
	const part = new Part(files, folder, "moved");
	const { source, skewMs, isRestored, isNoted, checks } = around;
	const taker = pairTaker(part, {
		source,
		destination,
		rules,
		scope,
		skewMs,
		isRestored,
		isNoted,
		checks
	}, contents);
	try {
		let pairs = 0;
		for await (const [from, to] of joinStreams(moved, found)) {
			taker.take(from, to);
			if (++pairs % PAIRS_AT_ONCE === 0) await taker.pause();
		}
		await taker.pause();
	} finally {
		await part.close();
	}
	const { objects, bytes } = replaced.tally();
	part.listed.source += objects;
	if (rules.delete) part.sourceKeys = sumOf(spooled);
	if (objects > 0) count(part.reasons, "filtered", {
		objects,
		bytes
	});
	return [part];
}

// src/plan/compare.ts
/** Of an approved plan only what it names is looked at, and all of that. */
function looksOf({ source, destination, write, rules }, approved, signal) {
	if (!write.rules) return void 0;
	const isNamed = approved && ((key) => approved.isCopied(toKeyBytes(key)));
	const isAsked = destination.single ? isNamed && (() => true) : isNamed;
	const looks = new HeaderLooks({
		write,
		source: source.store,
		destination: destination.store,
		isAsked,
		signal
	});
	if (rules.sums?.upload) looks.see(OWN_KEYS.sums);
	return looks;
}
function watchOf(request, headers, names) {
	const { source, destination, rules } = request;
	const filter = new KeyFilter(rules);
	const places = {
		source,
		destination
	};
	const order = rules.waves && new WaveOrder(rules.waves);
	return {
		filter,
		misread: new MisreadExcludes(rules.exclude, places, filter),
		order,
		headers,
		names
	};
}
/** The waves of keys that are relative to the part of the destination that is listed. */
function pairWaves({ destination, rules }, order) {
	const within = narrowed(destination, rules).within;
	const waveOf = wavesAt(destination, order);
	const start = toKeyBytes(within);
	return {
		of: (key) => waveOf(start + key),
		get hasIdle() {
			return order.hasIdle;
		}
	};
}
/** What belongs to the sync, of keys that are relative to the part of a place that is listed. */
function pairScope(request, watch) {
	const { filter, misread, order, headers } = watch;
	const { source: whole, rules, publishedPath } = request;
	const within = toKeyBytes(narrowed(whole, rules).within);
	const inScope = scopeOf(whole, rules, filter);
	return {
		publishes: publishedPath !== void 0,
		hasAll: takesEvery(rules),
		has: (from, to) => {
			const key = within + ((from ?? to)?.key ?? "");
			return inScope(key) && (from !== void 0 || !isOwnExtra(whole, rules, key));
		},
		seeDelete: (key) => {
			const text = toText(within + key);
			if (text !== void 0) misread.see(text);
		},
		lockAt: lockKeys(narrowed(whole, rules).place, narrowed(request.destination, rules).place, rules),
		within,
		waves: order && pairWaves(request, order),
		headers
	};
}
/** How far the clock of the source is ahead. */
function skewOf(source, destination) {
	if (source.store.local || destination.store.landing) return Number.NEGATIVE_INFINITY;
	return source.endpoint === destination.endpoint ? 0 : skewBetween(source.store, destination.store);
}
/** What files are known with, where one side is a folder of this runner. */
function contentsOf({ source, destination, mode, looks }, names, signal) {
	const landed = destination.store.local;
	const { requestTimeoutMs } = looks;
	if (landed) return {
		files: landed,
		store: source.store,
		names,
		requestTimeoutMs,
		signal
	};
	const files = source.store.local;
	const namesAll = mode !== "sync" && mode !== "check";
	const mustKnow = mode === "plan" || mode === "check";
	return files && {
		files,
		store: destination.store,
		namesAll,
		mustKnow,
		requestTimeoutMs,
		signal
	};
}
/** Asks for the checksums of pairs; undefined where no rule needs them. */
function checksOf({ source, destination, rules, looks }, around, { clock, signal, log }, approved) {
	if (!mayAskChecksums(rules) || source.store.local || destination.store.local) return void 0;
	const asking = new ChecksumLooks({
		source,
		destination,
		rules: looks,
		clock,
		signal,
		log
	});
	const day = new Date(clock.now()).toISOString().slice(0, 10);
	return new PairChecks(asking, around, {
		day,
		isApproved: approved?.isCopied
	});
}
/** What the ops of a plan depend on, for the listed parts of both places; all but what an approved plan and checksums say. */
function partRules(request, watch) {
	const { source: whole, destination, rules } = request;
	const { store, bucket, endpoint } = whole;
	const isRestored = (key) => store.stat({
		bucket,
		key
	}).then((found) => found?.restored ?? false, () => false);
	return {
		source: narrowed(whole, rules).place,
		destination: narrowed(destination, rules).place,
		rules,
		scope: pairScope(request, watch),
		skewMs: skewOf(whole, destination),
		isRestored: endpoint === void 0 ? void 0 : isRestored
	};
}
/** Compares range by range, as the ranges come. */
function compareRanges(around, contents, span, ports) {
	let parts = 0;
	return listPlaces({
		source: around.source,
		destination: around.destination,
		span
	}, async (from, to) => {
		const part = new Part(ports.files, ports.folder, `${++parts}`);
		try {
			await joinRows(from, to, pairTaker(part, around, contents));
			return part;
		} finally {
			await part.close();
		}
	}, ports);
}
/** The keys that are looked at, relative to what is listed. */
function spanIn(span, { scope: { within } }) {
	if (!span) return void 0;
	const below = (key) => toKeyBytes(key).slice(within.length);
	return {
		from: below(span.from),
		until: span.until === void 0 ? void 0 : below(span.until)
	};
}
/** Compares what the source has, or of it what a manifest names, with the destination. */
async function compareSides(request, around, { filter, names }, span, ports) {
	const { manifest } = request;
	const { keys } = request.rules;
	const contents = contentsOf(request, names, ports.signal);
	if (manifest) {
		const { part, counts, refused } = await compareManifest(around, {
			manifest,
			filter,
			span,
			contents
		}, ports);
		return {
			parts: [part],
			manifest: {
				counts,
				refused
			}
		};
	}
	return {
		parts: keys ? await compareMoved(around, {
			keys,
			filter,
			contents
		}, ports) : await compareRanges(around, contents, span, ports),
		manifest: void 0
	};
}
/**
* Both places, listed completely and compared, with files in `folder`. What both have under certain keys of an approved
* plan is noted besides.
*/
async function compare(request, folder, context, approved) {
	const { files, clock, system, signal, log } = context;
	const { landing } = request.destination.store;
	const names = landing && request.mode !== "check" ? new FileNames(landing, files, folder, leavesOut(request.rules)) : void 0;
	const watch = watchOf(request, looksOf(request, approved, signal), names);
	const common = partRules(request, watch);
	const checks = checksOf(request, common, context, approved);
	const { source, destination, rules, scope, skewMs, isRestored } = common;
	const around = {
		source,
		destination,
		rules,
		scope,
		skewMs,
		isRestored,
		isNoted: approved?.isNoted,
		checks
	};
	const ports = {
		files,
		folder,
		clock,
		system,
		signal,
		log
	};
	const { parts, manifest } = await compareSides(request, around, watch, spanIn(approved?.span, common), ports);
	await checks?.settle();
	const filters = {
		idle: watch.filter.idle(),
		misread: watch.misread.first(),
		sourceObjects: parts.reduce((sum, { sourceInScope }) => sum + sourceInScope, 0)
	};
	const waves = watch.order && {
		idle: watch.order.idle(),
		unproven: sumAt(parts.map(({ unproven }) => unproven), 0)
	};
	const misnamed = await names?.settle();
	const { headers } = watch;
	return {
		parts,
		filters,
		headers,
		waves,
		manifest,
		misnamed,
		checksums: checks?.taken
	};
}

// src/plan/filter-guard.ts
const MOST_NAMED = 3;
/** Some globs as they are told in a sentence. */
function namedGlobs(globs) {
	const named = globs.slice(0, MOST_NAMED).map((glob) => JSON.stringify(glob));
	const more = globs.length - named.length;
	return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}
/** What to do about filters that leave nothing. */
function remedyOf({ include, exclude }, { idle }) {
	if (include.length > 0 && idle.include.length === include.length) return `include matches nothing: check the spelling of ${namedGlobs(include)}.`;
	if (include.length > 0 && exclude.length > 0) return `An exclude overrides every include, in any order: remove exclude and keep include.`;
	if (exclude.length > 0) return `exclude matches everything: remove ${namedGlobs(exclude)}, and set include to what should be copied.`;
	return "No key matches key-pattern, and key-mismatch is skip: correct key-pattern.";
}
/** A source with objects of which none is in scope is refused as an empty one, unless that is allowed. */
function noneInScope(input) {
	const { source, rules, sourceIsEmpty, filters } = input;
	if (!(!sourceIsEmpty && filters?.sourceObjects === 0) || rules.allowEmptySource !== false) return void 0;
	const url = addressOf(source, source.prefix);
	return refusal(`No source object matches include and exclude: ${url}`, `No source object is in scope: the filters exclude ${source.single ? url : `everything that lies under ${url}`}.`, `${remedyOf(rules, filters)} If this is intended, set \`allow-empty-source: filtered\`.`);
}
/** Deletes are refused that an exclude was probably meant to prevent. */
function misreadExclude({ destination, filters }) {
	if (!filters?.misread) return void 0;
	const { exclude, meant, because, key, idle, ofSeveral } = filters.misread;
	const write = takesAll(meant) ? "To protect everything, remove exclude and set include to what should be copied" : `Write ${meant} instead to protect it${ofSeveral ? ", with one glob per line" : ""}`;
	const wayOut = idle ? "if the object may be deleted, remove this exclude: it matches nothing" : "if the glob is correct as it is, replace one of its characters with ?";
	return refusal(`exclude ${JSON.stringify(exclude)} does not protect what it seems to`, `exclude ${JSON.stringify(exclude)} does not protect ${JSON.stringify(destination.prefix + key)}, which would be deleted: ${because}.`, `${write}; ${wayOut}.`);
}

// src/plan/guard.ts
function emptySource(input) {
	const { source, rules, sourceIsEmpty, trailer } = input;
	if (!sourceIsEmpty || rules.allowEmptySource === true) return void 0;
	const url = addressOf(source, source.prefix);
	if (rules.manifest) {
		const { name } = rules.manifest;
		const missing = trailer.reasons["not-in-source"]?.objects ?? 0;
		const what = missing === 0 ? `The manifest ${name} lists no object` : `None of the objects in the manifest ${name} is in ${url} (${humanObjects(missing, "row")} skipped)`;
		return refusal(what, `${what}: this counts as an empty source.`, "Check the manifest and source; if the source may be empty, set `allow-empty-source: true`.");
	}
	return refusal(`Source is empty: ${url}`, `The source is empty: there is no object under ${url}`, source.folder === void 0 ? "Check the spelling of source; if it may be empty, set `allow-empty-source: true`." : "Check the spelling of source, and that a step before this one wrote into it; if it may be empty, set `allow-empty-source: true`.");
}
function unnameableKey({ rules, unnameable }) {
	if (!rules.delete || unnameable === void 0) return void 0;
	const named = JSON.stringify(unnameable);
	return refusal(`Key is not valid UTF-8: ${named}`, `A key is not valid UTF-8 (${named}), so it is unclear which objects may be deleted.`, "Rename or remove that object, exclude it, or run without delete.");
}
/** So many hundredths of a percent are whole; as such the part is exact. */
const HUNDREDTHS = 100;
const partOf = (objects, percent) => Math.floor(objects * Math.round(percent * HUNDREDTHS) / 1e4);
const NONE = { objects: 0 };
function balanceOf({ destination, rules, trailer }) {
	const { inScope: found, deletes, reasons } = trailer;
	const { maxDelete: limit } = rules;
	const { objects: added } = reasons["missing"] ?? NONE;
	const { percent } = limit;
	return {
		found,
		deletes: deletes.objects,
		added,
		left: Math.max(0, found - deletes.objects) + added,
		limit,
		allowedByPart: percent !== void 0 && deletes.objects <= partOf(found, percent),
		url: addressOf(destination, destination.prefix)
	};
}
/** The limit that lets all deletes go and still says how many. */
const limitFor = ({ deletes, found, limit }) => {
	const needed = Math.min(100, Math.ceil(deletes / Math.max(1, found) * 100));
	const percent = Math.max(needed, limit.percent ?? 0);
	return `\`max-delete: ${Math.max(deletes, limit.objects ?? 0)} ${percent}%\``;
};
function nothingStays(balance) {
	const { found, deletes, added, allowedByPart, url } = balance;
	if (deletes < found || allowedByPart) return void 0;
	const others = added > 0 ? `, and ${humanObjects(added, "new one")} copied` : "";
	return refusal(`All of ${url} would be deleted: ${humanObjects(deletes, "delete")}`, `Every object in scope under ${url} would be deleted (${humanCount(found)})${others}.`, `Check source and destination; if this is intended, set ${limitFor(balance)}.`);
}
function tooManyDeletes(balance) {
	const { found, deletes, limit } = balance;
	const { objects = Number.POSITIVE_INFINITY, percent } = limit;
	const part = percent === void 0 ? Number.POSITIVE_INFINITY : partOf(found, percent);
	if (deletes <= Math.min(objects, part)) return void 0;
	const most = deletes > objects ? humanCount(objects) : `${percent}%`;
	const ofFound = deletes > objects ? "" : ` of ${humanCount(found)}`;
	return refusal(`${humanObjects(deletes, "delete")}, max-delete is ${most}${ofFound}`, `${humanCount(deletes)} of ${humanCount(found)} objects in scope at the destination would be deleted; max-delete is ${most}.`, `Read the list in the plan; if all of them may be deleted, set ${limitFor(balance)}.`);
}
/** So many deletes need no look at what is left: small folders are replaced by half and more. */
const FEW_DELETES = 10;
function mostGoes(balance) {
	const { found, deletes, left, allowedByPart, url } = balance;
	if (deletes <= FEW_DELETES || allowedByPart || left * 2 >= found) return void 0;
	return refusal(`${humanObjects(deletes, "delete")} would leave ${humanCount(left)} of ${humanObjects(found)}`, `${humanObjects(deletes, "delete")} would leave ${humanObjects(left)}, new ones included, where ${humanCount(found)} were found in scope under ${url}: fewer than half.`, `Check source and destination; if this is intended, set ${limitFor(balance)}.`);
}
function unsafeDeletes(input) {
	if (input.trailer.deletes.objects === 0) return void 0;
	const balance = balanceOf(input);
	return nothingStays(balance) ?? tooManyDeletes(balance) ?? mostGoes(balance);
}
/**
* Checks a plan, and gives why a run that carries it out is refused: the first reason, of kind `guard`;
* undefined where it may be carried out. A check deletes nothing, so that only an empty source counts there.
*/
function checkGuards(input) {
	const empty = emptySource(input) ?? noneInScope(input);
	if (empty || input.mode === "check") return empty;
	return unnameableKey(input) ?? misreadExclude(input) ?? unsafeDeletes(input);
}

// src/plan/header.ts
init__crypto();
const placeLine = ({ endpoint, region, bucket, prefix, single }) => ({
	endpoint,
	region,
	bucket,
	prefix,
	single
});
/** The first line of a plan: two plans of one request differ in nothing but `createdAt`. */
function headerOf(places, { rules, write, manifest }, nowMs) {
	const source = placeLine(places.source);
	const destination = placeLine(places.destination);
	const { include, exclude, compare, overwrite, local } = rules;
	const what = {
		include,
		exclude,
		compare,
		overwrite,
		delete: rules.delete,
		keys: rules.keys
	};
	const { sha256, missing } = manifest?.manifest ?? {};
	const waves = rules.waves?.globs;
	const list = sha256 ? {
		sha256,
		missing
	} : {};
	const { deleteAfterMs, sums } = rules;
	const more = {
		local,
		deleteAfterMs,
		sums
	};
	const request = {
		source,
		destination,
		...what,
		waves,
		write,
		...list,
		...more
	};
	return {
		schema: PLAN_SCHEMA,
		source,
		destination,
		compare,
		delete: rules.delete,
		...sha256 ? { manifest: sha256 } : {},
		requestDigest: createHash("sha256").update(JSON.stringify(request)).digest("hex"),
		createdAt: new Date(nowMs).toISOString()
	};
}

// src/plan/written-keys.ts
/** Why no run can carry out copies to keys that no service takes. */
function refuseLongKeys(parts) {
	const key = parts.find(({ tooLong }) => tooLong !== void 0)?.tooLong;
	if (key === void 0) return void 0;
	const bytes = humanCount(Buffer.byteLength(key));
	const named = cut(JSON.stringify(key), 200);
	return refusal(`Key of ${bytes} bytes: ${named}`, `A key of the destination would have ${bytes} bytes in UTF-8, but S3 allows at most ${humanCount(MOST_KEY_BYTES)}: ${named}`, "Shorten its name or the prefix of destination, or exclude it.");
}
/** Why keys of a plan cannot be written, or must not be. */
const refuseKeys = (request, parts) => refuseLongKeys(parts) ?? refuseOwnSums(request, parts);
/** Why SHA256SUMS must not be published: the source has one of its own, or it would speak of one object and take the place of one that speaks of all. */
function refuseOwnSums({ destination, rules }, parts) {
	if (!rules.sums?.upload) return void 0;
	const url = addressOf(destination, destination.prefix + OWN_KEYS.sums);
	if (destination.single) return refusal("sha256sums: upload needs a folder, but source is a single object", `sha256sums: upload needs a folder, but source is a single object: ${OWN_KEYS.sums} would list nothing else.`, "Set sha256sums: true, which writes the file into report-dir only.");
	if (!parts.some(({ hasSums }) => hasSums)) return void 0;
	return refusal(`The source has its own ${OWN_KEYS.sums}`, `An object of the source would be copied to ${url}, where sha256sums: upload publishes the file of this run.`, `Exclude it ("/${OWN_KEYS.sums}"), or remove upload from sha256sums.`);
}

// src/plan/plan.ts
/** What is known of extras that wait, where they do: few runs load what judges them. */
const judgedExtras = async (request, parts, context) => request.rules.deleteAfterMs === void 0 ? void 0 : (await import("./delete-after.js")).judgeExtras(request, parts, context);
/** Whether nothing at all lies at a side. Throws SyncError when that cannot be seen. */
const isEmpty = async (side) => {
	const { store, bucket, prefix } = side;
	return (await firstKeys(store, bucket, prefix).catch((error) => {
		throw listingError(side, error);
	})).length === 0;
};
/** Whether the source is empty: its listing tells, unless that was only of what the includes can match. Of a manifest its rows tell, but those that name nothing. */
const nothingListed = async ({ source, rules, manifest }, { listed, reasons }) => listed.source === 0 && (manifest ? (reasons["filtered"]?.objects ?? 0) === 0 : narrowed(source, rules).within === "" || isEmpty(source));
const sum = (parts, of) => parts.reduce((total, part) => total + of(part), 0);
const sourceKeysOf = ([part]) => part?.sourceKeys ? { sourceKeys: part.sourceKeys } : {};
/** The copies of each wave; nothing where all are one. */
const wavesOf = (parts, { waves }) => waves ? { waves: [...sumAt(parts.map((part) => part.waves), waves.globs.length + 1)] } : {};
/** What the parts of a plan come to. */
const totalsOf = ({ parts, headers, checksums, manifest }, rules) => ({
	copies: parts.map(({ copies: { objects, bytes } }) => ({
		objects,
		bytes
	})).reduce(addTally, NO_TALLY),
	deletes: parts.map(({ deletes: { objects, bytes } }) => ({
		objects,
		bytes
	})).reduce(addTally, NO_TALLY),
	...wavesOf(parts, rules),
	reasons: sumOf$1(parts.map(({ reasons }) => reasons)),
	listed: {
		source: sum(parts, ({ listed }) => listed.source),
		destination: sum(parts, ({ listed }) => listed.destination)
	},
	inScope: sum(parts, ({ inScope }) => inScope),
	...sourceKeysOf(parts),
	...headers ? { headers: headers.counts() } : {},
	...checksums ? { checksums } : {},
	...manifest ? { manifest: manifest.counts } : {}
});
/** What the rules for headers found, for the plan; says what was not looked at. */
function headersOf(headers, log) {
	if (!headers) return {};
	const { notCompared } = headers.counts();
	const why = headers.refusal ?? "rules match more than 1,000 objects that did not change";
	const when = headers.isDoubtful ? "and some that were compared differ" : "if a rule changed";
	const told = `Headers of ${humanObjects(notCompared)} not compared (${why}); ${when}: run with compare: always.`;
	if (notCompared > 0) log.line("info", told);
	const isTold = headers.refusal !== void 0 || headers.isDoubtful;
	return {
		idleHeaderGlobs: headers.idle(),
		headersDoubt: isTold ? told : void 0
	};
}
/** A key that no request can name, where an op would have one. */
const unnameableOf = (parts) => parts.find(({ unnameable }) => unnameable !== void 0)?.unnameable;
/**
* Lists both places, compares them and writes the plan file to `path`, also of a plan that a guard refuses.
* Throws SyncError, and leaves no plan file, when a listing is not complete or a key has no place.
*/
async function makePlanFile(request, path, context) {
	const { files, clock } = context;
	const { source, destination, rules, mode } = request;
	const folder = await files.temporaryFolder();
	try {
		const compared = await compare(request, folder, context);
		const extras = await judgedExtras(request, compared.parts, context);
		const { parts, filters, headers, waves, manifest, misnamed } = compared;
		const totals = totalsOf(compared, rules);
		const unnameable = unnameableOf(parts);
		const sourceIsEmpty = await nothingListed(request, totals);
		const guards = checkGuards({
			source,
			destination,
			rules,
			mode,
			sourceIsEmpty,
			trailer: totals,
			unnameable,
			filters
		});
		const refused = manifest?.refused ?? misnamed ?? guards ?? refuseKeys(request, parts);
		const linesIn = (pick) => parts.map(pick).filter(({ objects }) => objects > 0).map(({ path }) => path);
		const samples = firstOf(parts.map((part) => part.samples));
		const written = [...linesIn(({ copies }) => copies), ...linesIn(({ deletes }) => deletes)];
		const header = headerOf(request, request, clock.now());
		const { plan } = await writePlan({
			files,
			path
		}, header, async (lines) => {
			for (const file of written) await lines.appendFile(file);
			return {
				totals,
				samples
			};
		});
		if (request.publishedPath) await gatherStanding(files, parts, request.publishedPath);
		const found = headersOf(headers, context.log);
		return {
			...plan,
			refused,
			idleGlobs: filters.idle,
			waveFindings: waves,
			extras,
			...found
		};
	} finally {
		await files.remove(folder);
	}
}

// src/plan/sieve.ts
/** Words of 32 bits that are fetched from memory as one: all bits of a key lie in one such line. */
const LINE_WORDS = 16;
const BITS = 4;
/** By so much the bits of a key lie apart in the number that says where they are. */
const BIT_STEP = 7;
/** Keys that are remembered in memory that caches hold, and lines of that. */
const FIRST_KEYS = 2 ** 20;
const FIRST_LINES = 2 ** 15;
const LATER_LINES = 2 ** 18;
/** A number of 32 bits, each of which depends on all bits of the other one. */
function mixed(number) {
	let mix = Math.imul(number ^ number >>> 16, 2246822507);
	mix = Math.imul(mix ^ mix >>> 13, 3266489909);
	return mix ^ mix >>> 16;
}
/**
* Remembers any number of keys in 2 MiB, or in 18 beyond a million (a Bloom filter): what was added is always known, and
* up to ten million keys hardly any other is taken for one that was.
*/
var Sieve = class {
	#layers = [];
	#keys = 0;
	#place = 0;
	#bits = 0;
	/** Remembers a key. */
	add(key) {
		if (this.#keys === 0) this.#layers.push(new Int32Array(FIRST_LINES * LINE_WORDS));
		if (this.#keys === FIRST_KEYS) this.#layers.push(new Int32Array(LATER_LINES * LINE_WORDS));
		this.#keys++;
		const words = this.#layers.at(-1);
		this.#lookAt(key);
		const line = this.#place * LINE_WORDS & words.length - 1;
		for (let i = 0, bits = this.#bits; i < BITS; i++, bits >>>= BIT_STEP) {
			const word = line + (bits >>> 5 & 15);
			words[word] = words[word] | 1 << (bits & 31);
		}
	}
	/** Whether a key may have been added; false is certain. */
	mayHold(key) {
		if (this.#keys === 0) return false;
		this.#lookAt(key);
		return this.#layers.some((words) => this.#isIn(words));
	}
	#isIn(words) {
		const line = this.#place * LINE_WORDS & words.length - 1;
		for (let i = 0, bits = this.#bits; i < BITS; i++, bits >>>= BIT_STEP) if ((words[line + (bits >>> 5 & 15)] & 1 << (bits & 31)) === 0) return false;
		return true;
	}
	#lookAt(key) {
		const { length } = key;
		let a = -2128831035;
		let b = -1756908916;
		for (let i = 0; i < length; i++) {
			const byte = key.charCodeAt(i);
			a = Math.imul(a ^ byte, 16777619);
			b = Math.imul(b ^ byte, 1540483477);
		}
		this.#place = mixed(a) >>> 8;
		this.#bits = mixed(b);
	}
};

// src/listing/stat-or-list.ts
/**
* HEAD of an object that may not be there, and has to be read if it is. To who may list no more than a prefix, S3 says of
* what is missing that it is forbidden: a listing of the key tells them apart. Throws what the service threw.
*/
async function statOrList(store, object, signal) {
	try {
		return await store.stat(object, signal);
	} catch (error) {
		if (serviceFailure(error).code !== "AccessDenied") throw error;
		if (await listOne(store, object, signal).catch(() => Promise.reject(error))) throw error;
		return;
	}
}

// src/plan/requests.ts
const KEYS_PER_REQUEST = 1e3;
const pagesOf = (keys) => Math.ceil(keys / KEYS_PER_REQUEST);
/** An empty place is listed, too. */
const pagesRead = (keys) => Math.max(1, pagesOf(keys));
/**
* What carrying out a plan asks of the services at least. Before a delete the source is asked once more
* whether it has the object by now: by its key, or, where keys are organised anew, by one more listing.
*/
function requestsOf({ copies, deletes, listed, headers, checksums, manifest }, { keys, local: rules }, write = {}) {
	const isTarget = rules?.isTarget === true;
	const local = rules !== void 0 && !isTarget;
	const looks = deletes.objects > 0 && !local;
	const { source, destination } = manifest?.lookUps ?? {};
	return {
		copies: copies.objects,
		deletes: isTarget ? 0 : pagesOf(deletes.objects),
		lookUps: looks && !keys ? deletes.objects : 0,
		lookUpLists: looks && keys ? pagesRead(listed.source) : 0,
		typeLooks: keepsType(write) && !write.rules && !local ? copies.objects : 0,
		headerLooks: local ? 0 : headers?.sourceLooks ?? 0,
		headerCompares: headers?.compared ?? 0,
		sourceLists: local ? 0 : source?.lists ?? pagesRead(listed.source),
		destinationLists: isTarget ? 0 : destination?.lists ?? pagesRead(listed.destination),
		rowLooks: {
			source: source?.heads ?? 0,
			destination: isTarget ? 0 : destination?.heads ?? 0
		},
		checksumLooks: {
			source: checksums?.source ?? 0,
			destination: checksums?.destination ?? 0
		}
	};
}
/** `, $0.02 at the list price …`; '' where no side is AWS, as others have prices of their own. */
function priceOf(sides) {
	const paid = sides.filter(({ place }) => place.endpoint === void 0 && place.folder === void 0);
	if (paid.length === 0) return "";
	const dollars = requestDollars({
		copies: paid.reduce((sum, { copies = 0 }) => sum + copies, 0),
		heads: paid.reduce((sum, { heads, reads = 0 }) => sum + heads + reads, 0),
		lists: paid.reduce((sum, { lists }) => sum + lists, 0)
	});
	return `, ${humanDollars(dollars)} at the list price of S3 Standard in us-east-1`;
}
/** The look-ups of the deletes in words: `40 HEAD requests`; '' where there are none. */
const lookUpsInWords = ({ lookUps, lookUpLists }) => [...lookUps > 0 ? [humanObjects(lookUps, "HEAD request")] : [], ...lookUpLists > 0 ? [humanObjects(lookUpLists, "LIST request")] : []].join(" and ");

// src/listing/list-sought.ts
/** Where pages show that keys lie far apart, so many are left unseen before pages are tried again. */
const LEFT_OUT = 1e3;
/** What stands right before a key, to begin a page there. */
const startBefore = ({ key }) => before(toText(key) ?? "");
async function step(sought) {
	sought.step();
	if (!sought.isKnown) await sought.fill();
}
/** Takes the next records, at most so many. */
async function* take(sought, most) {
	for (let left = most; sought.value && left > 0; left--) {
		yield sought.value;
		await step(sought);
	}
}
/**
* Looks records up by listing the pages on which their keys may be, and no page between them: never more pages than lie
* between the first key and the last, nor more than there are keys. Left `unseen` is what HEAD requests show at less cost,
* and what is missing where the order of a service may be another, as on all but AWS. `blocks` are in byte order of their
* keys, each key once, and so are the answers. Throws as `listAll` does, and OUT_OF_ORDER.
*/
async function* listSought(place, blocks, signal) {
	const sought = new Head(blocks);
	const notShown = place.endpoint === void 0 ? void 0 : "unseen";
	const watch = new PageWatch();
	let end;
	let token;
	let [pages, told] = [0, 0];
	try {
		await sought.fill();
		while (sought.value) {
			const start = startBefore(sought.value);
			const startAfter = token === void 0 && start !== "" ? place.prefix + start : void 0;
			const page = await pageOf(place, {
				token,
				startAfter,
				signal
			});
			const { objects } = page;
			for (let row = 0; sought.value && row < objects.count; row++) {
				const key = objects.sharedKey(row);
				if (end !== void 0 && key <= end) throw OUT_OF_ORDER;
				end = key;
				for (; sought.value && sought.value.key <= key; told++) {
					yield [sought.value, sought.value.key === key ? objectAt(objects, row) : notShown];
					await step(sought);
				}
			}
			objects.release();
			if (!page.truncated) for await (const record of take(sought, Number.POSITIVE_INFINITY)) yield [record, notShown];
			if (++pages === 4) {
				if (told < pages * 12.5 && place.store.capabilities.heads) for await (const record of take(sought, LEFT_OUT)) yield [record, "unseen"];
				[pages, told] = [0, 0];
			}
			if (!sought.value) return;
			token = objects.count > 0 && toKeyBytes(startBefore(sought.value)) > (end ?? "") ? void 0 : nextToken(page, watch, place);
		}
	} finally {
		await sought.close();
	}
}

export { Head, KeySum, OpLines, OpStream, PlanText, Sieve, addSample, besideCopy, besideDelete, canDecide, changed, checkGuards, compare, copiesIn, firstOf, fullWaves, gatherStanding, headerOf, headersOf, joinBlocks, joinStreams, judgedExtras, leftCopy, leftDelete, listOne, listSought, lookUpsInWords, makePlanFile, moverOf, namedGlobs, nothingListed, priceOf, readCopies, readCopyBlocks, readDeleteBlocks, readDeletes, readOutdated, refusal, refuseKeys, requestsOf, statOrList, totalsOf, unnameableOf, wantsSample, writePlan };