import { __name } from "./rolldown-runtime.js";
import { COPY_REASONS, Counter, INDEX_FILE, INDEX_SCHEMA, JOB_PART, KEYS_AT_ONCE, NO_TALLY, OWN_KEYS, PARTS_FOLDER, PART_NAME, PLAN_SCHEMA, REASONS, RECEIPT_SCHEMA, REST_FILE, WaveOrder, addTally, blocksOf, count as count$2, countAt, extrasScope, fetchObject, humanCount, humanObjects, inTime, isCopyReason, partFile, s3Url, scopeOf, sumAt, targetsOf, visibleJson, waveOf, wavesAt } from "./action.js";
import { SyncError, createHash, init__crypto, serviceFailure } from "./receiving.js";
import { toKeyBytes, toText } from "./writing.js";
import { retrying, unsealed } from "./requests.js";
import { Head, OpLines, OpStream, PlanText, Sieve, addSample, besideCopy, besideDelete, canDecide, changed, checkGuards, compare, firstOf, gatherStanding, headerOf, headersOf, joinBlocks, joinStreams, judgedExtras, leftCopy, leftDelete, nothingListed, readCopyBlocks, readDeleteBlocks, refuseKeys, statOrList, totalsOf, unnameableOf, wantsSample, writePlan } from "./compare.js";
import { _enum, array, boolean, datetime, literal, looseObject, number, partialRecord, record, strictObject, string } from "./zod.js";

// src/model/plan-schema.ts
/** A key as requests can name it. */
const keyText = string().refine((key) => key.isWellFormed());
/** An ETag as a condition can name it, without quotes; '' where the service told none. */
const etagText = string().regex(/^[^\s"*]*$/);
/** A copy to be made: one line of the plan file. Keys are full keys. */
const copyOp = strictObject({
	op: literal("copy"),
	key: keyText,
	to: keyText,
	/** Bytes. */
	size: number().int().nonnegative(),
	etag: etagText,
	lastModified: datetime(),
	/** ETag of the object that stands at the destination, where one does. */
	toEtag: etagText.optional(),
	/** Bytes and time of that object, where the service told no ETag of it. */
	toSize: number().int().nonnegative().optional(),
	toLastModified: datetime().optional(),
	storageClass: string().optional(),
	/** The version that is copied, where a manifest names it. */
	versionId: string().regex(/^[\x21-\x7e]{1,1024}$/).optional(),
	/** A manifest says what the object is: what it becomes later is not copied. */
	pinned: literal(true).optional(),
	/** Hex: what its bytes have to be, where a manifest says it and no stored checksum proves it. */
	sha256: string().regex(/^[0-9a-f]{64}$/).optional(),
	/** The key is not valid UTF-8: it is shown with U+FFFD, and no request can name it. */
	unnameable: literal(true).optional(),
	/** The object is archived and not restored, so that nothing can read it. */
	archived: literal(true).optional(),
	/** When it is made; without one it is of wave 0, which goes first. */
	wave: number().int().min(1).max(9).optional(),
	reason: _enum(COPY_REASONS)
});
/** An object that only the destination has, to be deleted: one line of the plan file. */
const deleteOp = strictObject({
	op: literal("delete"),
	key: keyText,
	/** Bytes. */
	size: number().int().nonnegative(),
	etag: etagText,
	/** By it and the size an object is known again where nobody tells its ETag; plans of before have none. */
	lastModified: datetime().optional(),
	/** The key is not valid UTF-8: it is shown with U+FFFD, and may be that of another object. */
	unnameable: literal(true).optional(),
	reason: literal("only-at-destination")
});
const placeLine = strictObject({
	endpoint: string().optional(),
	region: string(),
	bucket: string(),
	prefix: string(),
	single: boolean(),
	folder: string().optional()
});
/** First line of a plan file. */
const planHeader = strictObject({
	schema: literal(PLAN_SCHEMA),
	source: placeLine,
	destination: placeLine,
	compare: string(),
	delete: boolean(),
	/** sha256 of the manifest that names the objects, where one does. */
	manifest: string().optional(),
	/** sha256 of places, filters, waves, compare, overwrite, delete, write options and the manifest: a plan belongs to one request. */
	requestDigest: string(),
	createdAt: datetime()
});
const count$1 = number().int().nonnegative();
const tally$1 = strictObject({
	objects: count$1,
	bytes: count$1
});
const checksumLooks = strictObject({
	pairs: count$1,
	source: count$1,
	destination: count$1
});
const keyCount = strictObject({
	objects: count$1,
	digest: string()
});
const asked = strictObject({
	heads: count$1,
	lists: count$1
});
const manifestCounts = strictObject({
	/** Those that were read, duplicates and filtered ones included. */
	rows: count$1,
	/** Rows whose SHA-256 nothing proves: no such checksum is stored. */
	sha256Unproven: count$1,
	/** Requests that looked the rows up. */
	lookUps: strictObject({
		source: asked,
		destination: asked
	})
});
/** Last line of a plan file; a file without it is not a plan. */
const planTrailer = strictObject({
	trailer: literal(true),
	copies: tally$1,
	deletes: tally$1,
	/** The copies of wave 0, 1 and so on; undefined where all are one wave. */
	waves: array(tally$1).max(9 + 1).optional(),
	/** Objects and bytes by reason, copies and skips alike. */
	reasons: record(string().refine((reason) => REASONS.has(reason)), tally$1),
	listed: strictObject({
		source: count$1,
		destination: count$1
	}),
	/** Objects at the destination that the filters leave in. */
	inScope: count$1,
	/** Where there are rules for headers: objects whose headers were compared, and were not; copies whose source is looked at first. */
	headers: strictObject({
		compared: count$1,
		notCompared: count$1,
		sourceLooks: count$1
	}).optional(),
	/** All keys of the source, where it is listed once more before deletes. */
	sourceKeys: keyCount.optional(),
	/** Where checksums were asked for. */
	checksums: checksumLooks.optional(),
	manifest: manifestCounts.optional(),
	/** sha256 over all lines before the trailer. */
	digest: string()
});

// src/plan/check-plan.ts
const ANOTHER_PLAN = "Make a new plan with mode: plan and the same inputs, and apply that one.";
/** Throws: the plan is not one that this run may carry out. `remedy`: what is to be done, in sentences. */
function refusePlan(path, why, remedy = ANOTHER_PLAN) {
	throw new SyncError("guard", `The plan ${path} cannot be applied: ${why}.`, {
		title: `Plan refused: ${why}`,
		hint: `${remedy} Nothing was touched.`
	});
}
/** Throws: no run with these inputs can have planned a copy so. */
const refuseCopy = (path, { to, reason }) => refusePlan(path, `it copies an object that this run would not copy: ${JSON.stringify(to)} (${reason})`);
const MOST_LINE_BYTES = 2 ** 16;
function parsed$1(text, { path }) {
	try {
		return JSON.parse(text);
	} catch {
		return refusePlan(path, "one of its lines is not JSON");
	}
}
__name(parsed$1, "parsed");
/** So nothing stands in a line that another reader takes otherwise: a name twice, or one that every object has. */
const isAsWritten = (line, text) => visibleJson(line) === text && !text?.includes("\"__proto__\":");
/** Throws where a plan was made with other inputs than those of this run. */
function checkRequest(path, given, header) {
	for (const input of ["compare", "delete"]) if (given[input] !== header[input]) refusePlan(path, `it was made with ${input}: ${given[input]}, and this run has ${input}: ${header[input]}`);
	if (given.requestDigest !== header.requestDigest) refusePlan(path, "it was made with different filters, key-template, waves, overwrite or write options");
}
function checkHeader$1(text, check) {
	const { path, header } = check;
	const line = text === void 0 ? void 0 : parsed$1(text, check);
	const read = planHeader.safeParse(line);
	if (!read.success || !isAsWritten(line, text)) return refusePlan(path, "its header is not that of a plan of this version");
	const { createdAt: _when, ...given } = read.data;
	for (const side of ["source", "destination"]) if (JSON.stringify(given[side]) !== JSON.stringify(header[side])) refusePlan(path, `its ${side} is not that of this run`);
	if (given.manifest !== header.manifest) refusePlan(path, "it was made with a different manifest");
	checkRequest(path, given, header);
	return read.data;
}
__name(checkHeader$1, "checkHeader");
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
/** Where the object of an op belongs, relative to the destination; undefined: nowhere. */
function targetOf(op, check, { target }) {
	const origin = originOf(op, check);
	if (op.op === "delete") return origin;
	if (!op.key.startsWith(check.source.prefix)) return void 0;
	if (check.rules.manifest) return op.to.slice(check.destination.prefix.length);
	return op.unnameable || origin === "" ? origin : target(origin);
}
/** Gives the key relative to the destination. */
function checkOp(op, check, { allowed, belongs }) {
	const { path, source, destination, header, rules } = check;
	if (op.op === "delete" && !header.delete) refusePlan(path, "it deletes objects, and this run has delete: false");
	const target = op.op === "copy" ? op.to : op.key;
	const named = () => JSON.stringify(target);
	if (!target.startsWith(destination.prefix)) refusePlan(path, `it writes outside the destination: ${named()}`);
	const relative = target.slice(destination.prefix.length);
	if (belongs !== relative) refusePlan(path, `it copies a different source object to ${named()}`);
	if (source.single && relative !== "") refusePlan(path, `${named()} is not the single object of source`);
	if (op.op === "delete" && relative === "") refusePlan(path, "it deletes the destination itself");
	const inScope = op.op === "copy" ? allowed.copy : allowed.extra;
	const key = toKeyBytes(relative);
	const origin = originOf(op, check);
	if (!inScope(origin === relative ? key : toKeyBytes(origin))) refusePlan(path, `include and exclude filter out ${named()}`);
	if (op.op === "copy" && (target === "" || !canDecide(rules, op))) refuseCopy(path, op);
	if (op.op === "copy" && waveOf(op) !== (op.unnameable ? 0 : allowed.wave(key))) refusePlan(path, `it copies ${named()} in a different wave than this run would`);
	return key;
}
const EXTRA = "only-at-destination";
const OP_REASONS = [...COPY_REASONS, EXTRA];
const isSame = (stated = NO_TALLY, counted = NO_TALLY) => stated.objects === counted.objects && stated.bytes === counted.bytes;
/** What the ops of a plan come to. */
var Counted = class {
	copies = new Counter();
	deletes = new Counter();
	reasons = {};
	waves = [];
	hasUnnameable = false;
	#lastKind;
	#lastKey;
	/** Counts an op, whose key is relative to the destination. Throws where it has another place in the order of a plan. */
	add(op, key, { path }) {
		const isBehind = this.#lastKind === op.op;
		if (op.op === "copy" && this.#lastKind === "delete") refusePlan(path, "its deletes are not after its copies");
		if (op.unnameable) this.hasUnnameable = true;
		else {
			if (isBehind && this.#lastKey !== void 0 && key <= this.#lastKey) refusePlan(path, "its keys are not in order, or a key occurs twice");
			this.#lastKind = op.op;
			this.#lastKey = key;
		}
		const tally = {
			objects: 1,
			bytes: op.size
		};
		count$2(this.reasons, op.reason, tally);
		if (op.op === "copy") {
			this.copies.add(op.size);
			countAt(this.waves, waveOf(op), tally);
		} else this.deletes.add(op.size);
	}
};
/** Whether the waves of a trailer are those of this run, with the copies that were counted. */
function sameWaves(stated, { waves }, { rules }) {
	if (!stated || !rules.waves) return stated === void 0 && rules.waves === void 0;
	const counted = sumAt([waves], rules.waves.globs.length + 1);
	return stated.length === counted.length && counted.every((tally, wave) => isSame(stated[wave], tally));
}
function checkTrailer(text, counted, check) {
	const line = parsed$1(text, check);
	const trailer = planTrailer.safeParse(line);
	if (!trailer.success || !isAsWritten(line, text)) return refusePlan(check.path, "its trailer is missing or unreadable");
	const { copies, deletes, waves, reasons, digest } = trailer.data;
	if (digest !== check.digest) refusePlan(check.path, "its lines were changed after it was written");
	const ofOps = OP_REASONS.filter((reason) => check.header.delete || reason !== EXTRA);
	if (!(isSame(copies, counted.copies) && isSame(deletes, counted.deletes) && sameWaves(waves, counted, check) && ofOps.every((reason) => isSame(reasons[reason], counted.reasons[reason])))) refusePlan(check.path, "its trailer counts do not match its operations");
	return trailer.data;
}
/** The op of a line that is not as plain as nearly all are; undefined: it is none. */
function strictOp(text, check) {
	const line = parsed$1(text, check);
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
/**
* Gives what work made of a file that was checked before it is read again. Throws SyncError of kind `guard` where somebody
* wrote to it meanwhile: what was checked has to be what is carried out.
*/
async function unchanged({ path, sha256 }, { files, signal }, work) {
	const changed = async () => await files.sha256(path) !== sha256;
	const refuse = () => refusePlan(path, "it changed while it was read");
	const made = await work().catch(async (error) => {
		if (!signal.aborted && await changed()) refuse();
		throw error;
	});
	return await changed() ? refuse() : made;
}
/** Refuses a plan that deletes what it copies. */
async function checkApart({ files, path }, plan) {
	const copied = named(readCopyBlocks(files, plan), ({ to, unnameable }) => unnameable ? void 0 : to);
	const deleted = named(readDeleteBlocks(files, plan), ({ key, unnameable }) => unnameable ? void 0 : key);
	for await (const pairs of joinBlocks(copied, deleted)) for (const [copy, extra] of pairs) if (copy && extra) refusePlan(path, `it copies and deletes ${JSON.stringify(toText(copy.key))}`);
}
/** Checks ops as they are read. */
var OpChecker = class {
	#check;
	#onKey;
	#allowed;
	/** Ops that are given to the user's pattern together. */
	#waiting = [];
	counted = new Counted();
	constructor(check, onKey) {
		this.#check = check;
		this.#onKey = onKey;
		this.#allowed = allowedBy(check);
	}
	add(op) {
		if (!this.#check.rules.keys) this.#take(op, targetOf(op, this.#check, this.#allowed));
		else if (this.#waiting.push(op) === 1e3) this.flush();
	}
	/** Checks what was added and not yet looked at. */
	flush() {
		const ops = this.#waiting;
		this.#waiting = [];
		const { clock } = this.#check;
		const place = (op) => targetOf(op, this.#check, this.#allowed);
		const targets = inTime(clock, ops, place, ({ key }) => key);
		for (const [at, op] of ops.entries()) this.#take(op, targets[at]);
	}
	#take(op, belongs) {
		const key = checkOp(op, this.#check, {
			allowed: this.#allowed,
			belongs
		});
		this.counted.add(op, key, this.#check);
		this.#onKey(key, op.op);
	}
};
/**
* Reads a whole plan file and checks all of it: that it belongs to this run's request, is whole, and names nothing
* outside this run's places or against its rules; `onKey` gets the destination's relative key of every op.
* What its trailer counts beside its ops is not to be believed. Throws SyncError of kind `guard` with the reason.
*/
async function checkPlanFile(check, onKey) {
	const { files, path } = check;
	const text = new PlanText((why) => refusePlan(path, why));
	const ops = new OpChecker(check, onKey);
	let header;
	let end;
	for await (const block of text.blocks(files.lineBytes(path))) {
		check.signal.throwIfAborted();
		for (const lines = new OpLines(block, (line) => strictOp(line, check)); lines.next();) {
			if (end !== void 0) refusePlan(path, "there is data after its trailer");
			if (lines.bytes.length > MOST_LINE_BYTES) refusePlan(path, "one of its lines is too long");
			if (!header) header = checkHeader$1(lines.text, check);
			else {
				const { op } = lines;
				if (op) ops.add(op);
				else end = lines.text;
			}
		}
	}
	ops.flush();
	if (!header) header = checkHeader$1(void 0, check);
	if (end === void 0) return refusePlan(path, "it has no trailer, so it is truncated");
	const digests = text.digests();
	const trailer = checkTrailer(end, ops.counted, {
		...check,
		digest: digests.lines
	});
	const { hasUnnameable } = ops.counted;
	const plan = {
		path,
		header,
		trailer,
		samples: {},
		sha256: digests.file,
		hasUnnameable
	};
	if (trailer.deletes.objects > 0) await unchanged(plan, check, () => checkApart(check, plan));
	return plan;
}

// src/plan/approved.ts
/** The files of all parts, in the order of their keys. */
const filesOf = ({ parts }, pick) => parts.map(pick).flatMap(({ path, objects }) => objects > 0 ? [path] : []);
/** The lines of files, as many at a time as are read. */
async function* bytesOf(files, paths) {
	for (const path of paths) yield* files.lineBytes(path);
}
/** What the lines of all parts say. */
async function* readLines(input, pick) {
	for (const path of filesOf(input, pick)) yield* blocksOf(input.files, path);
}
/** What is noted under a key. Notes in front of it are passed over. */
async function noteAt(notes, key) {
	for (;;) {
		await notes.fill();
		const note = notes.value;
		if (!note || note.key >= key) return note?.key === key ? note : void 0;
		notes.step();
	}
}
const tallyOf = ({ size }) => ({
	objects: 1,
	bytes: size
});
/** So many keys are remembered where nothing stands. */
const MOST_MISSING = 1e5;
/** Writes the lines of what is carried out, and counts. */
var Collector = class {
	#lines;
	#samples;
	#reasons;
	/** Of each wave. */
	waves = [];
	all = new Counter();
	carried = new Counter();
	/** Of these, copies to keys where nothing stands. */
	added = new Counter();
	done = 0;
	/** Of these, copies that get a row. */
	doneRows = 0;
	outdated = 0;
	unapproved = 0;
	missing = [];
	/** Ops of the approved plan that were seen. */
	get approved() {
		return this.all.objects - this.doneRows + this.done;
	}
	constructor(lines, { samples, reasons }) {
		this.#lines = lines;
		this.#samples = samples;
		this.#reasons = reasons;
	}
	/** To be carried out, as this run decided it: whole lines. Resolves when more can be taken, undefined: it can now. */
	carry(block) {
		for (const lines = new OpLines(block); lines.next();) {
			const { size, wave, reason = "" } = lines;
			this.carried.add(size);
			if (reason === "missing") this.added.add(size);
			this.#count(reason, wave, size);
			if (wantsSample(this.#samples, reason)) addSample(this.#samples, reason, {
				key: lines.op?.key ?? "",
				size
			});
		}
		return this.#lines.append(block);
	}
	/** Not to be carried out any more: it gets a row that says why. `note` tells as what its source is counted. */
	async outdate(op, outdated, note) {
		this.outdated++;
		await this.#tell({
			...op,
			outdated
		}, note);
	}
	/** So already, by what stands there: it gets a row that says so. */
	async settle(op, standing, note) {
		this.doneRows++;
		await this.#tell({
			...op,
			outdated: "DoneAlready",
			standing
		}, note);
	}
	async #tell(op, note) {
		if (op.op === "copy" && note?.skip && note.from) count$2(this.#reasons, note.skip, {
			objects: -1,
			bytes: -note.from.size
		});
		this.#count(op.reason, op.op === "copy" ? waveOf(op) : 0, op.size);
		addSample(this.#samples, op.reason, {
			key: op.key,
			size: op.size
		});
		await this.#lines.write(visibleJson(op));
	}
	#count(reason, wave, size) {
		this.all.add(size);
		const tally = {
			objects: 1,
			bytes: size
		};
		count$2(this.#reasons, reason, tally);
		countAt(this.waves, wave, tally);
	}
	/** Decided by this run alone: left. */
	leave(op) {
		this.unapproved++;
		if (op.op === "delete") return;
		if (op.reason === "missing" && this.missing.length < MOST_MISSING) this.missing.push(op.to);
		count$2(this.#reasons, "not-approved", tallyOf(op));
		addSample(this.#samples, "not-approved", {
			key: op.key,
			size: op.size
		});
	}
};
/** The first key of two streams, at least one of which has one. */
const firstKey = ({ key: a }, { key: b }) => a !== void 0 && b !== void 0 && b < a ? b : a ?? b;
/** Whatever sync would copy nothing for. */
function checkWay(op) {
	if (op?.op !== "copy" || op.reason !== "destination-conflict") return;
	throw new SyncError("guard", `Another object was written to ${JSON.stringify(op.to)} after the plan was made, and overwrite: never protects it.`, { hint: "Publish under another key, or remove the object. Nothing was touched." });
}
/** Carries over what both have alike, and asks for the fate of what only one has, or both have otherwise. */
async function collect({ approved, decided, notes }, into, fates) {
	try {
		for (;;) {
			const [isGiven, isDecided] = [await approved.fill(), await decided.fill()];
			if (!isGiven && !isDecided) return;
			const alike = approved.alike(decided);
			if (alike > 0) {
				approved.take(alike);
				await into.carry(decided.take(alike));
				continue;
			}
			const key = firstKey(approved, decided);
			const given = approved.key === key ? approved.op : void 0;
			const op = decided.key === key ? decided.op : void 0;
			const now = {
				op,
				note: await noteAt(notes, key)
			};
			const fate = given && fates.of(given, now);
			if (op && fate === "carry") await into.carry(decided.line);
			else {
				checkWay(op);
				if (given && fate === "done") {
					into.done++;
					await fates.onDone?.(given, now);
				} else if (given && fate && fate !== "carry" && fate !== "done") await into.outdate(given, fate, now.note);
				if (op && (!fate || fate === "done")) into.leave(op);
			}
			if (given) approved.take();
			if (op) decided.take();
		}
	} finally {
		await Promise.all([
			approved.close(),
			decided.close(),
			notes.close()
		]);
	}
}
/** Joins the copies; what no request can name is not paired, as it fails by name in any case. */
async function collectCopies(input, into) {
	const { approved, parts, prefix, files } = input;
	const { path, header } = approved;
	const isStillThere = unnameableOf(parts) !== void 0;
	const plannedMs = Date.parse(header.createdAt);
	let unnameable = 0;
	const leave = (op, line) => {
		unnameable--;
		return isStillThere ? into.carry(line) : into.outdate(op, "NoSuchKey", void 0);
	};
	await collect({
		approved: new OpStream({
			blocks: bytesOf(files, [path]),
			kind: "copy",
			prefix,
			aside: approved.hasUnnameable ? leave : void 0
		}),
		decided: new OpStream({
			blocks: bytesOf(files, filesOf(input, ({ copies }) => copies)),
			kind: "copy",
			prefix,
			aside: isStillThere ? () => void unnameable++ : void 0
		}),
		notes: new Head(readLines(input, (part) => part.notes))
	}, into, {
		of: (copy, { op, note = {} }) => {
			const fate = op ? besideCopy(copy, op) : leftCopy(copy, note, plannedMs);
			return fate === "never" ? refuseCopy(path, copy) : fate;
		},
		onDone: input.countsDone ? (copy, { op, note }) => into.settle(copy, op?.toEtag ?? note?.to?.etag, note) : void 0
	});
	if (into.approved !== approved.trailer.copies.objects) throw changed("copies");
	into.unapproved += Math.max(0, unnameable);
}
async function* nothing() {}
/** Notes, of which some say only that the destination is to keep an extra for some time. */
async function* withWaits(input) {
	const notes = readLines(input, (part) => part.notes);
	const waits = readLines(input, (part) => part.waits);
	for await (const pairs of joinBlocks(notes, waits)) yield pairs.flatMap(([note, wait]) => wait ?? note ?? []);
}
async function collectDeletes(input, into) {
	const { approved, parts, prefix, files } = input;
	const any = approved.trailer.deletes.objects > 0;
	const gone = () => void into.done++;
	await collect({
		approved: new OpStream({
			blocks: any ? bytesOf(files, [approved.path]) : nothing(),
			kind: "delete",
			prefix,
			aside: approved.hasUnnameable ? gone : void 0
		}),
		decided: new OpStream({
			blocks: bytesOf(files, filesOf(input, ({ deletes }) => deletes)),
			kind: "delete",
			prefix,
			aside: unnameableOf(parts) === void 0 ? void 0 : () => {}
		}),
		notes: new Head(any ? withWaits(input) : nothing())
	}, into, { of: (extra, { op, note = {} }) => {
		const fate = op ? besideDelete(extra, op) : leftDelete(note);
		const named = JSON.stringify(extra.key);
		return fate === "never" ? refusePlan(approved.path, `it deletes an object that this run would not delete: ${named}`) : fate;
	} });
	if (into.approved !== approved.trailer.deletes.objects) throw changed("deletes");
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
	const { parts, totals, deletes, lines } = input;
	const reasons = Object.fromEntries(leftAsItIs(totals.reasons, deletes).map(([reason, tally]) => [reason, { ...tally }]));
	const found = firstOf(parts.map((part) => part.samples));
	const samples = Object.fromEntries(leftAsItIs(found, deletes).map(([reason, some]) => [reason, [...some]]));
	const [copy, extra] = [new Collector(lines, {
		samples,
		reasons
	}), new Collector(lines, {
		samples,
		reasons
	})];
	await collectCopies(input, copy);
	await collectDeletes(input, extra);
	return {
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
			...input.countsDone ? { doneRows: copy.doneRows } : {},
			outdated: {
				copies: copy.outdated,
				deletes: extra.outdated
			},
			unapproved: {
				copies: copy.unapproved,
				deletes: extra.unapproved
			},
			...copy.missing.length > 0 ? { missing: copy.missing } : {}
		}
	};
}

// src/plan/adopt.ts
async function mustBeThere(files, approved) {
	if (!await files.isFile(approved)) throw new SyncError("inputs", `There is no plan at ${approved}.`, { hint: "Set plan-dir to the folder that contains the plan.ndjson of a run with mode: plan; a plan in parts (plan.json) needs shard, too. Nothing was touched." });
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
/** What deletes do: the guards speak of what was there before others began with the plan. */
const balanceOf = ({ deleting, adding }, inScope, added) => ({
	deletes: deleting,
	inScope: Math.max(0, inScope - added),
	reasons: { missing: addTally(adding, {
		objects: added,
		bytes: 0
	}) }
});
/** What this run finds and would do by itself, and what of it was approved. */
async function carriedBy(request, { approvedPath, header, folder, lines }, context) {
	const { source, destination, rules } = request;
	const { files, clock, log, signal } = context;
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
	return unchanged(approved, context, async () => {
		const compared = await compare(request, folder, context, {
			isNoted: (key, planned) => planned !== "copy" && named.copy.mayHold(key) || planned !== "delete" && named.delete.mayHold(key),
			isCopied: (key) => named.copy.mayHold(key)
		});
		const { parts } = compared;
		const extras = await judgedExtras(request, parts, context);
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
			lines
		});
		tell(carried, log);
		return {
			compared,
			extras,
			totals,
			carried
		};
	});
}
/** Why no run may carry out what is carried over. */
async function refusedBy(request, { compared, totals, carried }, added) {
	const { source, destination, rules, mode } = request;
	const { parts, filters, manifest, misnamed } = compared;
	const guards = checkGuards({
		source,
		destination,
		rules,
		mode,
		sourceIsEmpty: await nothingListed(request, totals),
		trailer: balanceOf(carried, totals.inScope, added),
		unnameable: unnameableOf(parts),
		filters
	});
	return manifest?.refused ?? misnamed ?? guards ?? refuseKeys(request, parts);
}
/**
* Makes the plan of a run that carries out what another run planned and somebody approved. Nothing in the approved
* file is trusted: it is checked against this run's request, both places are listed and compared as ever, and only
* what this run decides as well enters its plan, whose counts are this run's. Every guard is judged by that.
* Throws SyncError where the file is no plan of this request.
*/
async function adoptPlanFile(request, { approvedPath, path, added = 0 }, context) {
	const { files, clock, system, log } = context;
	system.growYoungMemory();
	await mustBeThere(files, approvedPath);
	const folder = await files.temporaryFolder();
	try {
		const header = headerOf(request, request, clock.now());
		const { plan, end } = await writePlan({
			files,
			path
		}, header, async (lines) => {
			const found = await carriedBy(request, {
				approvedPath,
				header,
				folder,
				lines
			}, context);
			const { totals, samples } = found.carried;
			return {
				totals,
				samples,
				found,
				refused: await refusedBy(request, found, added)
			};
		});
		const { compared, extras, carried } = end.found;
		const { parts, filters, headers, waves } = compared;
		if (request.publishedPath) await gatherStanding(files, parts, request.publishedPath);
		const findings = {
			idleGlobs: filters.idle,
			waveFindings: waves,
			...headersOf(headers, log)
		};
		return {
			...plan,
			approval: carried.approval,
			refused: end.refused,
			extras,
			...findings
		};
	} finally {
		await files.remove(folder);
	}
}

// src/plan/extras-list.ts
init__crypto();
/** Version of the list's lines. */
const SCHEMA = "s3-direct-sync/extras/1";
const headerLine = strictObject({
	schema: literal(SCHEMA),
	bucket: string(),
	prefix: string()
});
const extraLine = strictObject({
	/** Relative to the destination. */
	key: string().refine((key) => key.isWellFormed()),
	/** By these three the object is known again. */
	size: number().int().nonnegative(),
	etag: string(),
	lastModified: datetime(),
	/** When a run saw first that only the destination has it, by the destination's clock. */
	since: datetime()
});
const trailerLine = strictObject({
	trailer: literal(true),
	extras: number().int().nonnegative(),
	/** sha256 over all lines before it. */
	digest: string()
});
/** All but those with a key of the others, which come in the same order. */
async function* withoutExtras(entries, others) {
	for await (const [entry, other] of joinStreams(entries, others)) if (entry && !other) yield entry;
	return void 0;
}
const sinceMs = ({ extra }) => Date.parse(extra.since);
/** What either of two lists says; of what both know the later time, so that nothing goes too early. */
async function* mergedExtras(ours, theirs) {
	for await (const [our, their] of joinStreams(ours, theirs)) {
		const [first, second] = [our ?? their, their ?? our];
		if (first && second) yield sinceMs(first) >= sinceMs(second) ? first : second;
	}
	return void 0;
}
function lineOf(schema, text) {
	try {
		return schema.safeParse(JSON.parse(text)).data;
	} catch {
		return;
	}
}
/**
* Reads a whole list. Gives why not a word of it can be believed: it is cut, was changed by something else, or belongs to
* another place. undefined: it is as a run wrote it there.
*/
async function flawOfList(files, path, { bucket, prefix }) {
	const hash = createHash("sha256");
	let at = 0;
	let last;
	let end;
	for await (const text of files.lines(path)) {
		at++;
		if (end) return "there is data after its trailer";
		if (at === 1) {
			const header = lineOf(headerLine, text);
			if (!header) return "its first line is not the header of such a list";
			if (header.bucket !== bucket || header.prefix !== prefix) return "it belongs to another destination";
		} else {
			end = lineOf(trailerLine, text);
			const extra = end ? void 0 : lineOf(extraLine, text);
			if (!end && !extra) return `its line ${at} is invalid`;
			const key = extra && toKeyBytes(extra.key);
			if (key !== void 0 && last !== void 0 && key <= last) return "its keys are not in order";
			last = key ?? last;
		}
		if (!end) hash.update(`${text}\n`);
	}
	if (!end) return "it has no trailer, so it is truncated";
	return end.extras === at - 2 && end.digest === hash.digest("hex") ? void 0 : "its lines were changed after it was written";
}
/** The extras of a list, or of lines that are to be one. */
async function* readExtras(files, path) {
	for await (const text of files.lines(path)) {
		const extra = lineOf(extraLine, text);
		if (extra) yield {
			key: toKeyBytes(extra.key),
			extra
		};
	}
	return void 0;
}
/** Writes a list of extras, which come in the order of their keys. */
async function writeExtrasList(files, path, { bucket, prefix }, extras) {
	const writer = await files.writer(path);
	const hash = createHash("sha256");
	const add = async (line) => {
		const text = visibleJson(line);
		hash.update(`${text}\n`);
		await writer.write(text);
	};
	try {
		let count = 0;
		await add({
			schema: SCHEMA,
			bucket,
			prefix
		});
		for await (const { extra } of extras) {
			count++;
			await add(extra);
		}
		await writer.write(visibleJson({
			trailer: true,
			extras: count,
			digest: hash.digest("hex")
		}));
	} finally {
		await writer.close();
	}
}

// src/plan/fetch-extras.ts
/** No list of ours has more bytes: it would be of a million objects. */
const MOST_LIST_BYTES = 256 * 2 ** 20;
/** Another run may write the list while it is read. */
const READS = 3;
const unreadable = (url, error) => {
	const { code, message } = serviceFailure(error);
	return new SyncError("list", `The list of delete-after cannot be read (${url}): ${code}: ${message}`, {
		hint: code === "AccessDenied" ? "Allow s3:GetObject on the list to the identity that writes the destination: it says since when objects exist only there. Nothing was touched." : "The list says since when objects exist only at the destination: run again when the service responds. Nothing was touched.",
		cause: error
	});
};
/** Reads the list of a destination into a file. Throws SyncError where nobody can say what it holds. */
async function fetchExtrasList({ store, bucket, prefix }, path, { files, clock, signal, timeoutMs, retryCount }) {
	const key = prefix + OWN_KEYS.extras;
	const failure = (error) => unreadable(s3Url(bucket, key), error);
	const objects = retrying(store.objects, {
		clock,
		retryCount,
		signal
	});
	const stat = (object) => statOrList(store, object, signal);
	const deps = {
		store: {
			stat,
			objects
		},
		files,
		timeoutMs,
		signal
	};
	const target = {
		path,
		mostBytes: MOST_LIST_BYTES,
		failure
	};
	let found;
	for (let read = 1;; read++) try {
		found = await fetchObject({
			bucket,
			key
		}, target, deps);
		break;
	} catch (error) {
		const { code } = serviceFailure(error instanceof SyncError ? error.cause : error);
		if (code !== "PreconditionFailed" || read === READS) throw error;
	}
	if (!found) return {
		etag: void 0,
		flaw: void 0
	};
	const { etag, isRead } = found;
	return {
		etag,
		flaw: isRead ? await flawOfList(files, path, {
			bucket,
			prefix
		}) : "it is too large to be written by this action"
	};
}

// src/model/shard-schema.ts
const count = number().int().nonnegative();
const tally = strictObject({
	objects: count,
	bytes: count
});
const sha256 = string().regex(/^[0-9a-f]{64}$/);
const rowSum = string().regex(/^[0-9a-f]{32}$/);
const planPart = strictObject({
	file: string().regex(PART_NAME),
	/** First and last key at the destination; '' where no request can name any of them. */
	from: string(),
	to: string(),
	ops: count,
	bytes: count,
	/** sha256 of the file. */
	digest: sha256,
	/** The sum of what its rows must tell, in whatever order. */
	rows: rowSum
});
/** The reasons of copies that the service cannot make. */
const jobLeft = _enum([
	"over-5-gb",
	"renamed",
	"archived",
	"not-utf-8",
	"version",
	"list-full"
]);
/** What plan.json says of the job. */
const jobFacts = strictObject({
	bucket: string(),
	prefix: string(),
	versions: boolean(),
	md5: string().regex(/^[0-9a-f]{32}$/),
	left: partialRecord(jobLeft, tally)
});
/** plan.json: the parts of a plan, and what all of them come to. */
const planIndex = strictObject({
	schema: literal(INDEX_SCHEMA),
	/** Of each of the files, as their first line has it. */
	header: planHeader,
	/** Of the whole plan. */
	totals: planTrailer.omit({
		trailer: true,
		digest: true
	}),
	/** Why no run may carry it out, where only who listed both places can see it. */
	refused: string().optional(),
	parts: array(planPart).min(1).max(256),
	/** The copies that S3 Batch Operations makes, whose keys may lie among those of the parts. */
	job: planPart.extend({
		file: literal(JOB_PART),
		...jobFacts.shape
	}).optional(),
	finish: strictObject({
		file: literal(REST_FILE),
		copies: tally,
		deletes: tally,
		digest: sha256
	}),
	/** sha256 of all that stands before it. */
	planId: sha256
});
/** What the last job reads of the report of a shard. */
const shardReport = looseObject({
	result: string(),
	durationSeconds: number().nonnegative(),
	copySeconds: number().nonnegative(),
	peakBytesPerSecond: number().nonnegative(),
	engine: looseObject({
		used: array(_enum(["s5cmd", "direct"])),
		numworkers: count,
		crashes: count,
		processes: count,
		requestRetries: count,
		slowdowns: count,
		extraPasses: count,
		batches: count,
		unconditional: boolean(),
		tagsUnreadable: boolean()
	}).optional(),
	verification: looseObject({
		method: _enum([
			"heads",
			"listing",
			"results",
			"none"
		]),
		checked: count,
		mismatched: count,
		byChecksum: count,
		bySizeAndTime: count
	}).optional(),
	warnings: array(string()),
	failure: looseObject({ title: string() }).optional()
});
/** shard-NNN.json: which part of which plan a run carried out, its rows, and its report. */
const shardReceipt = strictObject({
	schema: literal(RECEIPT_SCHEMA),
	planId: sha256,
	shard: count,
	of: count,
	/** Which attempt of its workflow run wrote it, from 1: a job that is run again leaves both. 0: the runner does not tell. */
	attempt: count,
	/** sha256 of the part that was carried out. */
	part: sha256,
	/** `digest`: sha256 of the file. */
	rows: strictObject({
		file: string(),
		digest: sha256
	}),
	report: shardReport,
	/** sha256 of all that stands before it. */
	digest: sha256
});

// src/plan/plan-index.ts
/** 256 parts take less. */
const MOST_INDEX_BYTES = 8 * 2 ** 20;
/** Where plan.json lies; throws SyncError where there is none. No link is followed. */
async function folderOf({ files, planDir }) {
	for (const folder of [planDir, files.join(planDir, PARTS_FOLDER)]) {
		const path = files.join(folder, INDEX_FILE);
		const kind = await files.kindOf(path);
		if (kind === "file") return folder;
		if (kind !== void 0) refusePlan(path, "it is not a regular file");
	}
	throw new SyncError("inputs", `There is no ${INDEX_FILE} in ${planDir}.`, { hint: "Set plan-dir to the folder that holds plan.json of a run with mode: plan and shard. Nothing was touched." });
}
function parsed(path, text) {
	const index = unsealed(text, "planId");
	if (typeof index === "string") return refusePlan(path, index);
	const read = planIndex.safeParse(index);
	return read.success ? read.data : refusePlan(path, "it is not a plan in parts of this version");
}
/** Whether parts follow one another: each has a key of its own behind those of the part before. */
function areInOrder(parts) {
	let last = "";
	return parts.every(({ from, to }, at) => {
		if (to === "") return from === "" && at === parts.length - 1;
		const [first, end] = [toKeyBytes(from), toKeyBytes(to)];
		const follows = first <= end && (at === 0 || first > last) && from.isWellFormed();
		last = end;
		return follows && to.isWellFormed();
	});
}
/** Whether what is said of the whole is what is said of its parts. */
function addsUp({ totals, parts, job, finish }) {
	const [objects, bytes] = [...parts, ...job ? [job] : []].reduce(([ops, sum], part) => [ops + part.ops, sum + part.bytes], [finish.copies.objects, finish.copies.bytes]);
	const first = totals.waves?.[0] ?? totals.copies;
	return totals.copies.objects === objects && totals.copies.bytes === bytes && totals.copies.objects - first.objects === finish.copies.objects && totals.deletes.objects === finish.deletes.objects && totals.deletes.bytes === finish.deletes.bytes;
}
function checkHeader(path, given, header) {
	for (const side of ["source", "destination"]) if (JSON.stringify(given[side]) !== JSON.stringify(header[side])) refusePlan(path, `its ${side} is not that of this run`);
	if (given.manifest !== header.manifest) refusePlan(path, "it was made with a different manifest");
	checkRequest(path, given, header);
}
/**
* Reads plan.json and checks it: that it belongs to this run's request, is the one that is asked for, and names no file
* but its own. Throws SyncError, of kind `guard` where it may not be carried out.
*/
async function readIndex(check) {
	const { files, header, planId } = check;
	const folder = await folderOf(check);
	const path = files.join(folder, INDEX_FILE);
	const index = parsed(path, await files.readText(path, MOST_INDEX_BYTES).catch((error) => {
		const why = error instanceof Error ? error.message : String(error);
		return refusePlan(path, `it cannot be read: ${why}`);
	}));
	if (planId !== void 0 && planId !== index.planId) refusePlan(path, "it is not the plan that plan-id names", "Set plan-dir to the folder of the plan with that plan-id, or make a new plan with mode: plan and apply that one.");
	checkHeader(path, index.header, header);
	if (!index.parts.every(({ file }, at) => file === partFile(at + 1)) || !areInOrder(index.parts) || !addsUp(index)) refusePlan(path, "its parts do not add up to one plan");
	return {
		folder,
		index
	};
}
/** Where the keys of a part are, relative to the destination: behind those of the part before. */
function spanOf({ index }, number) {
	const { parts, header } = index;
	const start = header.destination.prefix.length;
	const before = parts[number - 2]?.to ?? "";
	const until = number === parts.length ? void 0 : parts[number - 1]?.to.slice(start);
	return {
		from: before.slice(start),
		until
	};
}
/** The path of a file of a plan, which is what plan.json says. Throws SyncError of kind `guard` where it is not. */
async function checkedFile(files, { folder }, { file, digest }) {
	const path = files.join(folder, file);
	const kind = await files.kindOf(path);
	if (kind === void 0) refusePlan(path, "it is missing", "Set plan-dir to a folder with all files of the plan.");
	if (kind !== "file") refusePlan(path, "it is not a regular file");
	if (await files.sha256(path) !== digest) refusePlan(path, `its sha256 is not the one in ${INDEX_FILE}`);
	return path;
}

export { MOST_INDEX_BYTES, adoptPlanFile, carriedOf, checkPlanFile, checkedFile, fetchExtrasList, mergedExtras, readExtras, readIndex, refusePlan, shardReceipt, spanOf, withoutExtras, writeExtrasList };