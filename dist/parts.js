import { __name } from "./rolldown-runtime.js";
import { INDEX_FILE, INDEX_SCHEMA, NO_TALLY, PARTS_FOLDER, REST_FILE, addTally, count, countAt, explain, humanCount, humanObjects, isIn, isPart, partFile, sumAt, toKeyBytes, toText, visibleJson, waveOf } from "./action.js";
import { Sieve, carriedOf, checkGuards, checkPlanFile, checkedFile, compare, headerOf, headersOf, readCopyBlocks, readIndex, refusal, refusePlan, sealOf, sealedText, spanOf, totalsOf, writePlan } from "./compare.js";
import { RowSum } from "./shared.js";
import { createHash } from "node:crypto";

// src/plan/adopt-part.ts
/** The part of that number. Throws SyncError of kind `guard` where the plan has other parts. */
function partAt({ folder, index }, number, of) {
	const { parts } = index;
	const part = parts[number - 1];
	if (!part || of !== parts.length) return refusePlan(folder, `shard: ${number}/${of} is none of its ${humanObjects(parts.length, "part")}`);
	return part;
}
const keySpan = ({ from, until }) => ({
	from: toKeyBytes(from),
	until: until === void 0 ? void 0 : toKeyBytes(until)
});
/** The plan of a part, which is what plan.json says of it: copies alone, of the first wave, in the part's own range. */
async function checkedPart(request, { plan, number }, header, context) {
	const { source, destination, rules } = request;
	const { files, clock, signal } = context;
	const part = plan.index.parts[number - 1];
	const path = await checkedFile(files, plan, part);
	const names = new Sieve();
	const span = keySpan(spanOf(plan, number));
	const approved = await checkPlanFile({
		path,
		files,
		source,
		destination,
		rules,
		header,
		clock,
		signal
	}, (key, kind) => {
		if (kind === "delete") refusePlan(path, "it deletes, which only the last job does");
		const text = toText(key) ?? "";
		if (!isIn(span, key) && !text.includes("�")) refusePlan(path, `${JSON.stringify(text)} is not of this part`);
		names.add(key);
	});
	const { copies, waves } = approved.trailer;
	if (copies.objects - (waves?.[0]?.objects ?? copies.objects) > 0) refusePlan(path, "it copies objects of later waves, which only the last job does");
	if (copies.objects !== part.ops || copies.bytes !== part.bytes) refusePlan(path, "it holds other copies than plan.json says");
	return {
		approved,
		names
	};
}
const NONE_LEFT_OUT = {
	noncurrent: 0,
	"delete-marker": 0,
	filtered: 0
};
/**
* The objects of a part, to be looked up one by one: where keys are organised anew, those that belong together at the
* destination lie anywhere at the source, which would have to be listed as a whole for each part.
*/
async function rowsOf({ source, looks }, approved, folder, { files }) {
	const path = files.join(folder, "rows.ndjson");
	const writer = await files.writer(path);
	let rows = 0;
	for await (const ops of readCopyBlocks(files, approved)) for (const { key, unnameable } of ops) if (!unnameable) await writer.write(JSON.stringify({
		line: ++rows,
		key: key.slice(source.prefix.length)
	}));
	await writer.close();
	return {
		manifest: {
			name: "plan",
			sha256: "",
			missing: "skip",
			path,
			rows,
			leftOut: NONE_LEFT_OUT,
			hasTargets: false,
			bucket: source.bucket,
			firstKeys: []
		},
		transfer: looks,
		failedPath: files.join(folder, "not-seen.ndjson")
	};
}
/** What is compared for a part: nobody is told what stands there, as it is only a part of it. */
async function lookedAt(request, rules, { approved, folder }, context) {
	const { source, destination, mode, write, looks } = request;
	return {
		source,
		destination,
		rules,
		mode,
		write,
		looks,
		manifest: rules.keys && !request.manifest ? await rowsOf(request, approved, folder, context) : request.manifest
	};
}
/** Why a whole plan is refused, as far as its counts tell, and by the limits of this run. */
const refusedByCounts = ({ source, destination, rules, mode }, totals) => checkGuards({
	source,
	destination,
	rules,
	mode,
	sourceIsEmpty: totals.listed.source === 0 && !rules.manifest,
	trailer: totals,
	unnameable: void 0,
	filters: void 0
});
/** Why nobody may carry out any part. */
function refusedAsWhole(request, { totals, refused }) {
	const guards = refusedByCounts(request, totals);
	if (guards || refused === void 0) return guards;
	return refusal(`The plan was refused when it was made: ${refused}`, `The plan was refused when it was made: ${refused}`, "Resolve that, and make a new plan with mode: plan.");
}
const tell = ({ approval, totals }, number) => {
	const { doneRows = 0, outdated } = approval;
	const parts = [
		`${humanCount(totals.copies.objects - doneRows - outdated.copies)} to carry out`,
		...doneRows > 0 ? [`${humanCount(doneRows)} done already`] : [],
		...outdated.copies > 0 ? [`${humanCount(outdated.copies)} outdated`] : []
	];
	return `Part ${number} of the plan: ${humanObjects(totals.copies.objects, "copy")}, ${parts.join(", ")}.`;
};
/**
* Makes the plan of a run that carries out one part of what another run planned. Nothing in the part is trusted: it is
* checked as an approved plan is, and its range is listed and compared. Deletes belong to the last job. Every copy of
* the part gets a row. Throws SyncError where it is none of this plan.
*/
async function adoptPart(request, part, header, context) {
	const { destination, rules } = request;
	const { files, system, log } = context;
	system.growYoungMemory();
	const { approved, names } = await checkedPart(request, part, header, context);
	const { trailer: _trailer, digest: _digest, ...none } = approved.trailer;
	if (none.copies.objects === 0) return writePlan({
		files,
		path: part.path
	}, header, {
		lines: [],
		totals: none,
		samples: {}
	});
	const folder = await files.temporaryFolder();
	try {
		const looked = await lookedAt(request, {
			...rules,
			delete: false
		}, {
			approved,
			folder
		}, context);
		const compared = await compare(looked, folder, context, {
			isNoted: (key, planned) => planned !== "copy" && names.mayHold(key),
			isCopied: (key) => names.mayHold(key),
			span: spanOf(part.plan, part.number)
		});
		const { parts, headers } = compared;
		const carried = await carriedOf({
			approved,
			parts,
			totals: totalsOf(compared, rules),
			prefix: destination.prefix,
			deletes: false,
			files,
			folder,
			countsDone: true
		});
		log.line("info", tell(carried, part.number));
		const plan = await writePlan({
			files,
			path: part.path
		}, header, carried);
		const refused = compared.manifest?.refused ?? refusedAsWhole(request, part.plan.index);
		const found = headersOf(headers, log);
		return {
			...plan,
			approval: carried.approval,
			refused,
			...found
		};
	} finally {
		await files.remove(folder);
	}
}

// src/plan/cut.ts
/** Fewer copies are none that another runner is worth. */
const OPS_PER_PART = 5e4;
const MOST_AUTO = 64;
/** Bytes that take as long as a request does: through this process, and where the service copies. */
const BYTES_PER_OP = {
	streamed: 131072,
	copied: 64 * 2 ** 20
};
const partsFor = ({ objects }, { parts }) => parts === "auto" ? Math.min(MOST_AUTO, Math.max(1, Math.ceil(objects / OPS_PER_PART))) : parts;
/** What copies cost, in requests. */
const costOf = ({ objects, bytes }, { streamed }) => objects + bytes / (streamed ? BYTES_PER_OP.streamed : BYTES_PER_OP.copied);
const tallyOf = ({ size }) => ({
	objects: 1,
	bytes: size
});
/** Lines are written so many at a time. */
const LINES = 1e3;
/** Writes one file of a plan in parts, which is a whole plan by itself. */
var PartWriter = class {
	#writer;
	#waves;
	/** Over the lines, as the trailer names them. */
	#hash = createHash("sha256");
	#rows = new RowSum();
	#reasons = {};
	#inWaves = [];
	#lines = [];
	#copies = NO_TALLY;
	#deletes = NO_TALLY;
	#from = "";
	#to = "";
	#endsNamed = false;
	constructor(writer, { header, trailer }) {
		this.#writer = writer;
		this.#waves = trailer.waves?.length;
		this.#lines.push(visibleJson(header));
	}
	get copies() {
		return this.#copies;
	}
	/** Whether a part may end here: its last key can be named, so that what follows begins behind it. */
	get canEnd() {
		return this.#endsNamed;
	}
	/** Adds an op; resolves when more can be taken, undefined: it can now. */
	add(op, line) {
		count(this.#reasons, op.reason, tallyOf(op));
		if (op.op === "copy") this.#addCopy(op, line);
		else this.#deletes = addTally(this.#deletes, tallyOf(op));
		return this.#lines.push(line) >= LINES ? this.#flush() : void 0;
	}
	async close() {
		await this.#flush();
		const whole = this.#hash.copy();
		const trailer = {
			trailer: true,
			copies: this.#copies,
			deletes: this.#deletes,
			...this.#waves === void 0 ? {} : { waves: [...sumAt([this.#inWaves], this.#waves)] },
			reasons: this.#reasons,
			listed: {
				source: 0,
				destination: 0
			},
			inScope: 0,
			digest: this.#hash.digest("hex")
		};
		const last = visibleJson(trailer);
		whole.update(`${last}\n`);
		await this.#writer.write(last);
		await this.#writer.close();
		return {
			copies: this.#copies,
			deletes: this.#deletes,
			from: this.#from,
			to: this.#to,
			digest: whole.digest("hex"),
			rows: this.#rows.digest
		};
	}
	#addCopy(op, line) {
		this.#copies = addTally(this.#copies, tallyOf(op));
		countAt(this.#inWaves, waveOf(op), tallyOf(op));
		this.#rows.add(line);
		this.#endsNamed = !op.unnameable;
		if (op.unnameable) return;
		if (this.#to === "") this.#from = op.to;
		this.#to = op.to;
	}
	#flush() {
		if (this.#lines.length === 0) return void 0;
		const text = this.#lines.join("\n");
		this.#lines = [];
		this.#hash.update(`${text}\n`);
		return this.#writer.write(text);
	}
};
const partOf = (number, { from, to, copies, digest, rows }) => ({
	file: partFile(number),
	from,
	to,
	ops: copies.objects,
	bytes: copies.bytes,
	digest,
	rows
});
/** Cuts the lines of a plan into files. */
var Cutter = class {
	#files;
	#folder;
	#plan;
	#request;
	#most;
	/** What a part may cost. */
	#share;
	#parts = [];
	#cut = NO_TALLY;
	#open;
	constructor(files, folder, plan, request) {
		const first = plan.trailer.waves?.[0] ?? plan.trailer.copies;
		this.#files = files;
		this.#folder = folder;
		this.#plan = plan;
		this.#request = request;
		this.#most = partsFor(first, request);
		this.#share = costOf(first, request) / this.#most;
	}
	async run() {
		const rest = await this.#writer(REST_FILE);
		for await (const block of this.#files.lineBlocks(this.#plan.path)) for (const line of block) {
			const full = line.startsWith("{\"op\":") ? this.#add(line, rest) : void 0;
			if (full) await full;
		}
		if (this.#open || this.#parts.length === 0) await this.#end(await this.#opened());
		const { copies, deletes, digest } = await rest.close();
		return {
			parts: this.#parts,
			finish: {
				file: REST_FILE,
				copies,
				deletes,
				digest
			}
		};
	}
	#add(line, rest) {
		const op = JSON.parse(line);
		if (op.op === "delete" || waveOf(op) > 0) return rest.add(op, line);
		return this.#addToPart(op, line);
	}
	#addToPart(op, line) {
		const part = this.#open;
		if (!part) return this.#opened().then(() => this.#addToPart(op, line));
		const full = part.add(op, line);
		if (!(costOf(addTally(this.#cut, part.copies), this.#request) >= this.#share * (this.#parts.length + 1)) || !part.canEnd || this.#parts.length + 1 >= this.#most) return full;
		return Promise.resolve(full).then(() => this.#end(part));
	}
	async #opened() {
		this.#open ??= await this.#writer(partFile(this.#parts.length + 1));
		return this.#open;
	}
	async #end(part) {
		const written = await part.close();
		this.#cut = addTally(this.#cut, written.copies);
		this.#parts.push(partOf(this.#parts.length + 1, written));
		this.#open = void 0;
	}
	async #writer(name) {
		const writer = await this.#files.writer(this.#files.join(this.#folder, name));
		return new PartWriter(writer, this.#plan);
	}
};
/**
* Writes a plan in parts into a folder, which is made: copies of wave 0 in parts of about the same cost whose keys follow
* one another, the rest in a file of its own, and plan.json behind all of them.
*/
async function cutPlan(files, folder, plan, request) {
	await files.makeFolder(folder);
	const { parts, finish } = await new Cutter(files, folder, plan, request).run();
	const { trailer: _trailer, digest: _digest, ...totals } = plan.trailer;
	const index = {
		schema: INDEX_SCHEMA,
		header: plan.header,
		totals,
		...request.refused === void 0 ? {} : { refused: request.refused },
		parts,
		finish
	};
	await files.writeText(files.join(folder, INDEX_FILE), sealedText(index, "planId"));
	return {
		...index,
		planId: sealOf(index)
	};
}

// src/run/parts.ts
/** Why others may not carry a plan out, where they cannot find that out by themselves. */
function lastingRefusal({ request, facts }, plan) {
	if (!plan.refused) return void 0;
	const { source, destination } = facts;
	const { selection: rules, mode } = request;
	return refusedByCounts({
		source,
		destination,
		rules,
		mode
	}, plan.trailer) ? void 0 : explain(plan.refused, "plan").title;
}
/** Cuts the plan into as many parts as are asked for, into a folder of the report folder; else it stays one. */
async function cutParts({ ports, log, record }, ready, plan) {
	const { request, facts, paths } = ready;
	const { shard } = request;
	if (!shard || isPart(shard)) return;
	const index = await cutPlan(ports.files, paths.parts, plan, {
		parts: shard.parts,
		streamed: facts.transferPath.streamed !== void 0,
		refused: lastingRefusal(ready, plan)
	});
	record.found.parts = {
		index,
		handed: []
	};
	log.line("info", `The plan is cut into ${humanObjects(index.parts.length, "part")} in ${PARTS_FOLDER}/: plan-id ${index.planId}.`);
}
/** Lists the range of one part of a plan, and writes what still holds of it. */
async function listPart({ record }, { request, paths }, planned, context) {
	const { shard, planDir, planId } = request;
	if (!isPart(shard)) return void 0;
	const { files, clock } = context;
	const header = headerOf(planned, planned, clock.now());
	const plan = await readIndex({
		files,
		planDir,
		header,
		planId
	});
	const { number, of } = shard;
	partAt(plan, number, of);
	record.found.parts = {
		index: plan.index,
		handed: []
	};
	return adoptPart(planned, {
		plan,
		number,
		path: paths.carried
	}, header, context);
}

export { cutParts, listPart };