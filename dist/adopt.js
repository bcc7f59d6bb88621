import { __name } from "./rolldown-runtime.js";
import { KEYS_AT_ONCE, NO_TALLY, SyncError, WaveOrder, addTally, copyOp, copyReason, count, countAt, deleteOp, extrasScope, humanCount, humanObjects, inTime, isCopyReason, planHeader, planTrailer, sameEtag, scopeOf, sumAt, targetsOf, toKeyBytes, toText, visibleJson, waveOf, wavesAt } from "./action.js";
import { addSample, canDecide, checkGuards, compare, firstOf, gatherStanding, headerOf, headersOf, joinBlocks, judgeExtras, modifiedMs, nothingListed, readCopyBlocks, readDeleteBlocks, refuseKeys, totalsOf, unnameableOf, writePlan } from "./compare.js";
import { createHash } from "node:crypto";

// src/plan/plain-line.ts
/** What a key of nearly every object is made of: in JSON it stands as it is, and all of it is seen. */
const TEXT = "[ !#-\\[\\]-~\\u00c0-\\u024f\\u0410-\\u044f\\u3041-\\u3096\\u30a1-\\u30fa\\u4e00-\\u9fff\\uac00-\\ud7a3]*";
const ETAG = "[!#-)+-\\[\\]-~]*";
/** Digits that any number can have and be written so again. */
const SIZE = "0|[1-9]\\d{0,14}";
const TIME = `\\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z`;
const COPY = new RegExp([
	`^\\{"op":"copy","key":"(${TEXT})","to":"(${TEXT})","size":(${SIZE}),"etag":"(${ETAG})"`,
	`,"lastModified":"(${TIME})"(?:,"toEtag":"(${ETAG})")?(?:,"storageClass":"(\\w+)")?`,
	`(?:,"wave":([1-9]))?,"reason":"(${copyReason.options.join("|")})"\\}$`
].join(""));
const DELETE = new RegExp(`^\\{"op":"delete","key":"(${TEXT})","size":(${SIZE}),"etag":"(${ETAG})"(?:,"lastModified":"(${TIME})")?,"reason":"only-at-destination"\\}$`);
function plainCopy(text) {
	const found = COPY.exec(text);
	if (!found) return void 0;
	const [, key = "", to = "", size, etag = "", lastModified = "", toEtag, storageClass, wave] = found;
	return {
		op: "copy",
		key,
		to,
		size: Number(size),
		etag,
		lastModified,
		...toEtag === void 0 ? {} : { toEtag },
		...storageClass === void 0 ? {} : { storageClass },
		...wave === void 0 ? {} : { wave: Number(wave) },
		reason: found[9]
	};
}
function plainDelete(text) {
	const found = DELETE.exec(text);
	if (!found) return void 0;
	const [, key = "", size, etag = "", lastModified] = found;
	return {
		op: "delete",
		key,
		size: Number(size),
		etag,
		...lastModified === void 0 ? {} : { lastModified },
		reason: "only-at-destination"
	};
}
/**
* The op of a line that is written as we write nearly all of them. That it is one proves in a single look what parsing,
* checking each field and writing it anew would prove. undefined: only they can tell what the line is.
*/
const plainOp = (text) => text.startsWith("{\"op\":\"copy\"") ? plainCopy(text) : plainDelete(text);

// src/plan/check-plan.ts
/** Throws: the plan is not one that this run may carry out. */
function refusePlan(path, why) {
	throw new SyncError("guard", `The plan ${path} cannot be applied: ${why}.`, {
		title: `Plan refused: ${why}`,
		hint: "Make a new plan with mode: plan and the same inputs, and apply that one. Nothing was touched."
	});
}
/** Throws: no run with these inputs can have planned a copy so. */
const refuseCopy = (path, { to, reason }) => refusePlan(path, `it copies an object that this run would not copy: ${JSON.stringify(to)} (${reason})`);
const MOST_LINE_CHARS = 2 ** 16;
function parsed(text, { path }) {
	try {
		return JSON.parse(text);
	} catch {
		return refusePlan(path, "one of its lines is not JSON");
	}
}
/** So nothing stands in a line that another reader takes otherwise: a name twice, or one that every object has. */
const isAsWritten = (line, text) => visibleJson(line) === text && !text?.includes("\"__proto__\":");
function checkHeader(text, check) {
	const { path, header } = check;
	const line = text === void 0 ? void 0 : parsed(text, check);
	const read = planHeader.safeParse(line);
	if (!read.success || !isAsWritten(line, text)) return refusePlan(path, "its header is not that of a plan of this version");
	const { createdAt: _when, ...given } = read.data;
	for (const side of ["source", "destination"]) if (JSON.stringify(given[side]) !== JSON.stringify(header[side])) refusePlan(path, `its ${side} is not that of this run`);
	if (given.manifest !== header.manifest) refusePlan(path, "it was made with a different manifest");
	for (const field of [
		"requestDigest",
		"compare",
		"delete"
	]) if (given[field] !== header[field]) refusePlan(path, "it was made with different filters, waves, compare, delete or write options");
	return read.data;
}
function allowedBy({ source, destination, rules }) {
	return {
		copy: scopeOf(source, rules),
		extra: extrasScope(destination, rules),
		target: rules.keys ? targetsOf(rules.keys).of : (relative) => relative,
		wave: rules.waves ? wavesAt(destination, new WaveOrder(rules.waves)) : () => 0
	};
}
/** Where an op's object lies below the source, or the destination where only that has it. */
const originOf = (op, { source, destination }) => op.op === "copy" ? op.key.slice(source.prefix.length) : op.key.slice(destination.prefix.length);
/** Where the objects of ops belong, relative to the destination. */
function targetsFor(ops, check, { target }) {
	const place = (op) => {
		const origin = originOf(op, check);
		if (op.op === "delete") return origin;
		if (!op.key.startsWith(check.source.prefix)) return void 0;
		if (check.rules.manifest) return op.to.slice(check.destination.prefix.length);
		return op.unnameable || origin === "" ? origin : target(origin);
	};
	return check.rules.keys ? inTime(check.clock, ops, place, ({ key }) => key) : ops.map(place);
}
/** Gives the key relative to the destination. */
function checkOp(op, check, { allowed, belongs }) {
	const { path, source, destination, header, rules } = check;
	if (op.op === "delete" && !header.delete) refusePlan(path, "it deletes objects, and this run has delete: false");
	const target = op.op === "copy" ? op.to : op.key;
	const named = JSON.stringify(target);
	if (!target.startsWith(destination.prefix)) refusePlan(path, `it writes outside the destination: ${named}`);
	const relative = target.slice(destination.prefix.length);
	if (belongs !== relative) refusePlan(path, `it copies a different source object to ${named}`);
	if (source.single && relative !== "") refusePlan(path, `${named} is not the single object of source`);
	if (op.op === "delete" && relative === "") refusePlan(path, "it deletes the destination itself");
	if (!(op.op === "copy" ? allowed.copy : allowed.extra)(toKeyBytes(originOf(op, check)))) refusePlan(path, `include and exclude filter out ${named}`);
	if (op.op === "copy" && (target === "" || !canDecide(rules, op))) refuseCopy(path, op);
	const key = toKeyBytes(relative);
	if (op.op === "copy" && waveOf(op) !== (op.unnameable ? 0 : allowed.wave(key))) refusePlan(path, `it copies ${named} in a different wave than this run would`);
	return key;
}
const EXTRA = "only-at-destination";
const OP_REASONS = [...copyReason.options, EXTRA];
const isSame$1 = /* @__PURE__ */ __name((stated = NO_TALLY, counted = NO_TALLY) => stated.objects === counted.objects && stated.bytes === counted.bytes, "isSame");
function countOp(op, key, counted, { path }) {
	const { last } = counted;
	if (op.op === "copy" && last?.kind === "delete") refusePlan(path, "its deletes are not after its copies");
	const isNamed = !("unnameable" in op);
	if (isNamed && last?.kind === op.op && key <= last.key) refusePlan(path, "its keys are not in order, or a key occurs twice");
	const tally = {
		objects: 1,
		bytes: op.size
	};
	count(counted.reasons, op.reason, tally);
	if (op.op === "copy") {
		counted.copies = addTally(counted.copies, tally);
		countAt(counted.waves, waveOf(op), tally);
	} else counted.deletes = addTally(counted.deletes, tally);
	if (isNamed) counted.last = {
		kind: op.op,
		key
	};
}
/** Whether the waves of a trailer are those of this run, with the copies that were counted. */
function sameWaves(stated, { waves }, { rules }) {
	if (!stated || !rules.waves) return stated === void 0 && rules.waves === void 0;
	const counted = sumAt([waves], rules.waves.globs.length + 1);
	return stated.length === counted.length && counted.every((tally, wave) => isSame$1(stated[wave], tally));
}
function checkTrailer(text, counted, check) {
	const line = parsed(text, check);
	const trailer = planTrailer.safeParse(line);
	if (!trailer.success || !isAsWritten(line, text)) return refusePlan(check.path, "its trailer is missing or unreadable");
	const { copies, deletes, waves, reasons, digest } = trailer.data;
	if (digest !== check.digest) refusePlan(check.path, "its lines were changed after it was written");
	const ofOps = OP_REASONS.filter((reason) => check.header.delete || reason !== EXTRA);
	if (!(isSame$1(copies, counted.copies) && isSame$1(deletes, counted.deletes) && sameWaves(waves, counted, check) && ofOps.every((reason) => isSame$1(reasons[reason], counted.reasons[reason])))) refusePlan(check.path, "its trailer counts do not match its operations");
	return trailer.data;
}
function opOf(text, check) {
	const plain = plainOp(text);
	if (plain) return plain;
	const line = parsed(text, check);
	const kind = typeof line === "object" && line !== null && "op" in line ? line.op : void 0;
	if (kind === void 0) return void 0;
	const op = (kind === "delete" ? deleteOp : copyOp).safeParse(line);
	return op.success && isAsWritten(line, text) ? op.data : refusePlan(check.path, "one of its lines is not an operation of this version");
}
const named = async function* (blocks, keyOf) {
	for await (const ops of blocks) yield ops.flatMap((op) => {
		const key = keyOf(op);
		return key === void 0 ? [] : [{ key: toKeyBytes(key) }];
	});
};
/** Refuses a plan that deletes what it copies. */
async function checkApart({ files, path }, plan) {
	const copied = named(readCopyBlocks(files, plan), ({ to, unnameable }) => unnameable ? void 0 : to);
	const deleted = named(readDeleteBlocks(files, plan), ({ key, unnameable }) => unnameable ? void 0 : key);
	for await (const pairs of joinBlocks(copied, deleted)) for (const [copy, extra] of pairs) if (copy && extra) refusePlan(path, `it copies and deletes ${JSON.stringify(toText(copy.key))}`);
}
/** Bytes that are no text would be read as others than those that were written. */
async function checkText({ files, path, signal }) {
	const utf8 = new TextDecoder("utf-8", { fatal: true });
	try {
		for await (const chunk of files.chunks(path)) {
			signal.throwIfAborted();
			utf8.decode(chunk, { stream: true });
		}
		utf8.decode();
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		refusePlan(path, "it is not UTF-8");
	}
}
/** Checks ops as they are read, so many at a time. */
var OpChecker = class {
	#check;
	#onKey;
	#allowed;
	#waiting = [];
	counted = {
		copies: NO_TALLY,
		deletes: NO_TALLY,
		reasons: {},
		waves: [],
		last: void 0
	};
	constructor(check, onKey) {
		this.#check = check;
		this.#onKey = onKey;
		this.#allowed = allowedBy(check);
	}
	add(op) {
		if (this.#waiting.push(op) === 1e3) this.flush();
	}
	/** Checks what was added and not yet looked at. */
	flush() {
		this.#check.signal.throwIfAborted();
		const ops = this.#waiting;
		this.#waiting = [];
		const targets = targetsFor(ops, this.#check, this.#allowed);
		for (const [at, op] of ops.entries()) {
			const key = checkOp(op, this.#check, {
				allowed: this.#allowed,
				belongs: targets[at]
			});
			countOp(op, key, this.counted, this.#check);
			this.#onKey(key, op.op);
		}
	}
};
/**
* Reads a whole plan file and checks all of it: that it belongs to this run's request, is whole, and names nothing
* outside this run's places or against its rules; `onKey` gets the destination's relative key of every op.
* What its trailer counts beside its ops is not to be believed. Throws SyncError of kind `guard` with the reason.
*/
async function checkPlanFile(check, onKey) {
	const { files, path } = check;
	await checkText(check);
	const hash = createHash("sha256");
	const ops = new OpChecker(check, onKey);
	let header;
	let end;
	for await (const block of files.lineBlocks(path)) {
		for (const text of block) {
			if (end !== void 0) refusePlan(path, "there is data after its trailer");
			if (text.length > MOST_LINE_CHARS) refusePlan(path, "one of its lines is too long");
			if (!header) header = checkHeader(text, check);
			else {
				const op = opOf(text, check);
				if (op) ops.add(op);
				else end = text;
			}
		}
		const lines = end === void 0 ? block : block.slice(0, -1);
		if (lines.length > 0) hash.update(`${lines.join("\n")}\n`);
	}
	ops.flush();
	if (!header) header = checkHeader(void 0, check);
	if (end === void 0) return refusePlan(path, "it has no trailer, so it is truncated");
	const trailer = checkTrailer(end, ops.counted, {
		...check,
		digest: hash.digest("hex")
	});
	const plan = {
		path,
		header,
		trailer,
		samples: {}
	};
	if (trailer.deletes.objects > 0) await checkApart(check, plan);
	return plan;
}

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

// src/plan/approved.ts
/** Ops under the keys that they have at the destination; those that no request can name go aside. */
async function* keyed(blocks, prefix, aside) {
	for await (const ops of blocks) {
		const named = [];
		for (const op of ops) {
			const target = op.op === "copy" ? op.to : op.key;
			if ("unnameable" in op) await aside(op);
			else named.push({
				key: toKeyBytes(target.slice(prefix.length)),
				op
			});
		}
		yield named;
	}
}
/** The lines of all parts, in the order of their keys, as many at a time as are read. */
async function* linesOf({ files, parts }, pick) {
	for (const { path, objects } of parts.map(pick)) if (objects > 0) for await (const block of files.lineBlocks(path)) yield block.map((line) => JSON.parse(line));
}
async function* meetings(approved, decided, notes) {
	const now = async function* () {
		for await (const pairs of joinBlocks(decided, notes)) yield pairs.map(([decision, note]) => ({
			key: (decision ?? note)?.key,
			op: decision?.op,
			note
		}));
	};
	for await (const pairs of joinBlocks(approved, now())) {
		const met = [];
		for (const [given, found] of pairs) if (given || found?.op) met.push({
			approved: given?.op,
			op: found?.op,
			note: found?.note
		});
		yield met;
	}
}
const tallyOf = ({ size }) => ({
	objects: 1,
	bytes: size
});
/** Writes the lines of what is carried out, and counts. */
var Collector = class {
	#writer;
	#samples;
	#reasons;
	/** Of each wave. */
	waves = [];
	all = NO_TALLY;
	carried = NO_TALLY;
	/** Of these, copies to keys where nothing stands. */
	added = NO_TALLY;
	done = 0;
	outdated = 0;
	unapproved = 0;
	constructor(writer, { samples, reasons }) {
		this.#writer = writer;
		this.#samples = samples;
		this.#reasons = reasons;
	}
	#plan(op, line) {
		this.all = addTally(this.all, tallyOf(op));
		if (op.op === "copy") countAt(this.waves, waveOf(op), tallyOf(op));
		count(this.#reasons, op.reason, tallyOf(op));
		addSample(this.#samples, op.reason, {
			key: op.key,
			size: op.size
		});
		return this.#writer.write(visibleJson(line));
	}
	/** To be carried out, as this run decided it; resolves when more can be taken, undefined: it can now. */
	carry(op) {
		this.carried = addTally(this.carried, tallyOf(op));
		if (op.reason === "missing") this.added = addTally(this.added, tallyOf(op));
		return this.#plan(op, op);
	}
	/** Not to be carried out any more: it gets a row that says why. `note` tells as what its source is counted. */
	async outdate(op, outdated, note) {
		this.outdated++;
		if (op.op === "copy" && note?.skip && note.from) count(this.#reasons, note.skip, {
			objects: -1,
			bytes: -note.from.size
		});
		await this.#plan(op, {
			...op,
			outdated
		});
	}
	/** Decided by this run alone: left. */
	leave(op) {
		this.unapproved++;
		if (op.op === "delete") return;
		count(this.#reasons, "not-approved", tallyOf(op));
		addSample(this.#samples, "not-approved", {
			key: op.key,
			size: op.size
		});
	}
};
/** Whatever sync would copy nothing for. */
function checkWay(op) {
	if (op?.op !== "copy" || op.reason !== "destination-conflict") return;
	throw new SyncError("guard", `Another object was written to ${JSON.stringify(op.to)} after the plan was made, and overwrite: never protects it.`, { hint: "Publish under another key, or remove the object. Nothing was touched." });
}
async function collect(all, into, fateOf) {
	for await (const block of all) for (const { approved, op, note } of block) {
		const fate = approved && fateOf(approved, {
			op,
			note
		});
		if (op && fate === "carry") {
			const written = into.carry(op);
			if (written) await written;
			continue;
		}
		checkWay(op);
		if (fate === "done") into.done++;
		else if (approved && fate && fate !== "carry") await into.outdate(approved, fate, note);
		if (op && (!fate || fate === "done")) into.leave(op);
	}
}
/** Joins the copies; what no request can name is not paired, as it fails by name in any case. */
async function collectCopies(input, into) {
	const { approved, parts, prefix, files } = input;
	const { path, header } = approved;
	const isStillThere = parts.some(({ unnameable }) => unnameable !== void 0);
	const plannedMs = Date.parse(header.createdAt);
	let unnameable = 0;
	await collect(meetings(keyed(readCopyBlocks(files, approved), prefix, (op) => {
		unnameable--;
		return isStillThere ? into.carry(op) : into.outdate(op, "NoSuchKey", void 0);
	}), keyed(linesOf(input, ({ copies }) => copies), prefix, () => void unnameable++), linesOf(input, (part) => part.notes)), into, (copy, { op, note = {} }) => {
		const fate = op ? besideCopy(copy, op) : leftCopy(copy, note, plannedMs);
		return fate === "never" ? refuseCopy(path, copy) : fate;
	});
	into.unapproved += Math.max(0, unnameable);
}
async function* nothing() {}
/** Notes, of which some say only that the destination is to keep an extra for some time. */
async function* withWaits(input) {
	const notes = linesOf(input, (part) => part.notes);
	const waits = linesOf(input, (part) => part.waits);
	for await (const pairs of joinBlocks(notes, waits)) yield pairs.flatMap(([note, wait]) => wait ?? note ?? []);
}
async function collectDeletes(input, into) {
	const { approved, prefix, files } = input;
	const any = approved.trailer.deletes.objects > 0;
	const given = any ? readDeleteBlocks(files, approved) : nothing();
	const notes = any ? withWaits(input) : nothing();
	const decided = linesOf(input, ({ deletes }) => deletes);
	const gone = () => void into.done++;
	await collect(meetings(keyed(given, prefix, gone), keyed(decided, prefix, () => {}), notes), into, (extra, { op, note = {} }) => {
		const fate = op ? besideDelete(extra, op) : leftDelete(note);
		const named = JSON.stringify(extra.key);
		return fate === "never" ? refusePlan(approved.path, `it deletes an object that this run would not delete: ${named}`) : fate;
	});
}
/** Of what this run counted, by reasons, that which no op of a plan is counted by. */
function leftAsItIs(counted, deletes) {
	return Object.entries(counted).filter(([reason]) => !isCopyReason(reason) && !(deletes && reason === "only-at-destination"));
}
/**
* Joins what was approved with what this run would do by itself: only what both say is carried out. What cannot be
* any more stays in the plan and gets a row with its reason; what is so already is none of it; what nobody approved
* is left. Throws SyncError of kind `guard` for an op that no run with these inputs can have planned.
*/
async function carriedOf(input) {
	const { parts, totals, deletes, files, folder } = input;
	const reasons = Object.fromEntries(leftAsItIs(totals.reasons, deletes).map(([reason, tally]) => [reason, { ...tally }]));
	const found = firstOf(parts.map((part) => part.samples));
	const samples = Object.fromEntries(leftAsItIs(found, deletes).map(([reason, some]) => [reason, [...some]]));
	const collected = async (name, work) => {
		const path = files.join(folder, `carried-${name}.ndjson`);
		const writer = await files.writer(path);
		const into = new Collector(writer, {
			samples,
			reasons
		});
		try {
			await work(input, into);
		} finally {
			await writer.close();
		}
		return {
			path,
			into
		};
	};
	const [copying, deleting] = [await collected("copies", collectCopies), await collected("deletes", collectDeletes)];
	const [copy, extra] = [copying.into, deleting.into];
	return {
		lines: [copying.path, deleting.path],
		totals: {
			...totals,
			copies: copy.all,
			deletes: extra.all,
			...totals.waves ? { waves: [...sumAt([copy.waves], totals.waves.length)] } : {},
			reasons: Object.fromEntries(Object.entries(reasons).filter(([, { objects }]) => objects > 0))
		},
		deleting: extra.carried,
		adding: copy.added,
		samples,
		approval: {
			done: copy.done + extra.done,
			outdated: {
				copies: copy.outdated,
				deletes: extra.outdated
			},
			unapproved: {
				copies: copy.unapproved,
				deletes: extra.unapproved
			}
		}
	};
}

// src/plan/sieve.ts
const WORDS = 2 ** 22;
const HASHES = 4;
/** Two numbers that a key alone decides, each of 32 bits. */
function hashesOf(key) {
	let [a, b] = [2166136261, 2538058380];
	for (let i = 0; i < key.length; i++) {
		const byte = key.charCodeAt(i);
		a = Math.imul(a ^ byte, 16777619);
		b = Math.imul(b ^ byte, 1540483477);
		b ^= b >>> 15;
	}
	return [a ^ a >>> 16, b | 1];
}
/**
* Remembers any number of keys in 16 MiB (a Bloom filter): what was added is always known, and up to ten million
* keys hardly any other is taken for one that was.
*/
var Sieve = class {
	#words = new Uint32Array(WORDS);
	/** Remembers a key. */
	add(key) {
		const [first, step] = hashesOf(key);
		for (let i = 0, bit = first; i < HASHES; i++, bit += step) {
			const word = (bit >>> 5) % WORDS;
			this.#words[word] = (this.#words[word] ?? 0) | 1 << (bit & 31);
		}
	}
	/** Whether a key may have been added; false is certain. */
	mayHold(key) {
		const [first, step] = hashesOf(key);
		for (let i = 0, bit = first; i < HASHES; i++, bit += step) if (((this.#words[(bit >>> 5) % WORDS] ?? 0) & 1 << (bit & 31)) === 0) return false;
		return true;
	}
};

// src/plan/adopt.ts
async function mustBeThere(files, approved) {
	if (!await files.isFile(approved)) throw new SyncError("inputs", `There is no plan at ${approved}.`, { hint: "Set plan-dir to the folder that contains the plan.ndjson of a run with mode: plan. Nothing was touched." });
}
function tell({ approval, deleting, totals }, log) {
	const { done, outdated, unapproved } = approval;
	const approved = totals.copies.objects + totals.deletes.objects + done;
	const stale = outdated.copies + outdated.deletes;
	const carried = totals.copies.objects - outdated.copies + deleting.objects;
	const parts = [
		`${humanCount(carried)} to apply`,
		...done > 0 ? [`${humanCount(done)} already done`] : [],
		...stale > 0 ? [`${humanCount(stale)} outdated`] : []
	];
	const changes = unapproved.copies + unapproved.deletes;
	const left = changes > 0 ? `; ${humanObjects(changes, "later change")} not in the plan` : "";
	log.line("info", `Approved plan: ${humanObjects(approved, "operation")}, ${parts.join(", ")}${left}.`);
}
/**
* Gives what work made of a file that it read more than once. Throws SyncError of kind `guard` where somebody wrote to it
* meanwhile: what was checked has to be what is carried out.
*/
async function unchanged(path, { files, signal }, work) {
	const before = await files.sha256(path);
	const changed = async () => await files.sha256(path) !== before;
	const refuse = () => refusePlan(path, "it changed while it was read");
	const made = await work().catch(async (error) => {
		if (!signal.aborted && await changed()) refuse();
		throw error;
	});
	return await changed() ? refuse() : made;
}
/** What this run finds and would do by itself, and what of it was approved. */
async function carriedBy(request, approvedPath, folder, context) {
	const { source, destination, rules } = request;
	const { files, clock, log, signal } = context;
	const header = headerOf(request, request, clock.now());
	const named = {
		copy: new Sieve(),
		delete: new Sieve()
	};
	const approved = await checkPlanFile({
		path: approvedPath,
		files,
		source,
		destination,
		rules,
		header,
		clock,
		signal
	}, (key, kind) => named[kind].add(key));
	const compared = await compare(request, folder, context, {
		isNoted: (key, planned) => planned !== "copy" && named.copy.mayHold(key) || planned !== "delete" && named.delete.mayHold(key),
		isCopied: (key) => named.copy.mayHold(key)
	});
	const { parts } = compared;
	const extras = await judgeExtras(request, parts, context);
	const totals = totalsOf(compared, rules);
	const { prefix } = destination;
	const deletes = rules.delete;
	const carried = await carriedOf({
		approved,
		parts,
		totals,
		prefix,
		deletes,
		files,
		folder
	});
	tell(carried, log);
	return {
		header,
		compared,
		extras,
		totals,
		carried
	};
}
/**
* Makes the plan of a run that carries out what another run planned and somebody approved. Nothing in the approved
* file is trusted: it is checked against this run's request, both places are listed and compared as ever, and only
* what this run decides as well enters its plan, whose counts are this run's. Every guard is judged by that.
* Throws SyncError where the file is no plan of this request.
*/
async function adoptPlanFile(request, { approvedPath, path }, context) {
	const { source, destination, rules, mode } = request;
	const { files, system, log } = context;
	system.growYoungMemory();
	await mustBeThere(files, approvedPath);
	const folder = await files.temporaryFolder();
	try {
		const { header, compared, extras, totals, carried } = await unchanged(approvedPath, context, () => carriedBy(request, approvedPath, folder, context));
		const { parts, filters, headers, waves, manifest } = compared;
		const guards = checkGuards({
			source,
			destination,
			rules,
			mode,
			sourceIsEmpty: await nothingListed(request, totals),
			trailer: {
				deletes: carried.deleting,
				inScope: totals.inScope,
				reasons: { missing: carried.adding }
			},
			unnameable: unnameableOf(parts),
			filters
		});
		const refused = manifest?.refused ?? guards ?? refuseKeys(request, parts);
		const plan = await writePlan({
			files,
			path
		}, header, carried);
		if (request.publishedPath) await gatherStanding(files, parts, request.publishedPath);
		const { approval } = carried;
		const found = {
			idleGlobs: filters.idle,
			waveFindings: waves,
			...headersOf(headers, log)
		};
		return {
			...plan,
			approval,
			refused,
			extras,
			...found
		};
	} finally {
		await files.remove(folder);
	}
}

export { adoptPlanFile };