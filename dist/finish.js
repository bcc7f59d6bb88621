import { __name } from "./rolldown-runtime.js";
import { NO_TALLY, SyncError, addTally, humanObjects, receiptFile, rowsFile, runStage, sameEtag, shardOf, shardReceipt, toKeyBytes } from "./action.js";
import { JsonLines, SecondLooks, engineTotals, lookAtEach, mergeRows, rowOfCopy, standingOf } from "./shared.js";
import { adoptPlanFile, checkPlanFile, checkedFile, headerOf, inParallel, readCopies, readIndex, unsealed, writePlan } from "./compare.js";

// src/run/find-shards.ts
/** Artifacts have a folder each; nobody nests them deeper. */
const MOST_DEPTH = 16;
const MOST_NAMES = 2e5;
/** A receipt holds a report, which is bounded. */
const MOST_BYTES = 16 * 2 ** 20;
async function walk(files, folder) {
	const found = {
		receipts: /* @__PURE__ */ new Map(),
		rows: /* @__PURE__ */ new Set()
	};
	let folders = [folder];
	let names = 0;
	for (let depth = 0; depth < MOST_DEPTH && folders.length > 0; depth++) {
		const below = [];
		for (const at of folders) for (const name of (await files.names(at)).toSorted()) {
			if (++names > MOST_NAMES) return found;
			const path = files.join(at, name);
			const number = shardOf(name);
			if (number === void 0) {
				if (await files.kindOf(path) === "folder") below.push(path);
			} else if (name === receiptFile(number)) found.receipts.set(number, [...found.receipts.get(number) ?? [], path]);
			else found.rows.add(number);
		}
		folders = below;
	}
	return found;
}
/** The text of a regular file; in words, why it cannot be read. */
async function textOf(files, path) {
	const kind = await files.kindOf(path);
	if (kind !== "file") return `its ${kind === "link" ? "file is a link, which is not followed" : "file is none"}`;
	try {
		return { text: await files.readText(path, MOST_BYTES) };
	} catch {
		return "its file cannot be read";
	}
}
/** What is wrong with a receipt; undefined: it is one of this part of this plan. */
function flawOf(receipt, number, { planId, parts }) {
	if (receipt.planId !== planId) return "what it left is of another plan";
	if (receipt.shard !== number || receipt.rows.file !== rowsFile(number)) return `what it left is of shard ${receipt.shard}`;
	if (receipt.of !== parts.length || receipt.part !== parts[number - 1]?.digest) return "what it left is of another part of the plan";
}
/** Reads a receipt, and sees that the rows beside it are those that it names. */
async function read(files, path, number, index) {
	const read = await textOf(files, path);
	if (typeof read === "string") return read;
	const { text } = read;
	const value = unsealed(text, "digest");
	if (typeof value === "string") return `${receiptFile(number)}: ${value}`;
	const parsed = shardReceipt.safeParse(value);
	if (!parsed.success) return `${receiptFile(number)} is none of this version`;
	const receipt = parsed.data;
	const flaw = flawOf(receipt, number, index);
	if (flaw !== void 0) return flaw;
	const rowsPath = files.join(path, "..", rowsFile(number));
	if (await files.kindOf(rowsPath) !== "file") return `its ${rowsFile(number)} is missing`;
	if (await files.sha256(rowsPath) !== receipt.rows.digest) return `its ${rowsFile(number)} is not the one that it wrote`;
	return {
		receipt,
		rowsPath,
		text
	};
}
/** One shard: what it left may have been found several times, if it is the same each time. */
async function shardAt(files, number, { receipts, rows }, index) {
	const paths = receipts.get(number) ?? [];
	if (paths.length === 0) return rows.has(number) ? `it left ${rowsFile(number)} and no ${receiptFile(number)}, so it did not come to its end` : "it left nothing";
	let first;
	for (const path of paths) {
		const found = await read(files, path, number, index);
		if (typeof found === "string") return found;
		if (first && found.text !== first.text) return "it is there more than once, and not alike";
		first ??= found;
	}
	return first ?? "it left nothing";
}
/** Looks for what the shards of a plan left, at any depth of a folder. What others put there is left alone. */
async function findShards(files, folder, index) {
	const sightings = await walk(files, folder);
	const shards = /* @__PURE__ */ new Map();
	for (const at of index.parts.keys()) shards.set(at + 1, await shardAt(files, at + 1, sightings, index));
	const foreign = [...sightings.receipts.keys(), ...sightings.rows].filter((number) => !shards.has(number)).toSorted((a, b) => a - b);
	return {
		shards,
		foreign: [...new Set(foreign)].map((number) => receiptFile(number))
	};
}

// src/run/handed-facts.ts
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
/** What the engines of all shards did together. */
function engineOfShards(receipts) {
	const engines = receipts.flatMap(({ report }) => report.engine ?? []);
	return {
		...engineTotals(engines),
		numworkers: Math.max(0, ...engines.map(({ numworkers }) => numworkers)),
		workersRule: "size-class",
		concurrency: [],
		batchOps: {},
		partBytes: []
	};
}
/** How the copies of all shards were proven; undefined where none tells. */
function verificationOfShards(receipts) {
	const all = receipts.flatMap(({ report }) => report.verification ?? []);
	const [first] = all;
	if (!first) return void 0;
	const widest = all.reduce((most, one) => one.checked > most.checked ? one : most, first);
	const checked = sum(all.map((one) => one.checked));
	const checksum = sum(all.map(({ byChecksum }) => byChecksum));
	const bySizeAndTime = sum(all.map((one) => one.bySizeAndTime));
	return {
		method: widest.method,
		checked,
		proven: {
			etag: Math.max(0, checked - checksum - bySizeAndTime),
			checksum,
			"size-and-time": bySizeAndTime
		},
		mismatches: /* @__PURE__ */ new Map()
	};
}

// src/run/lost-shard.ts
const LOOKS_AT_ONCE = 32;
const MOST_CHECKSUM_ASKS = 1e3;
const NOT_PROVEN = {
	code: "LostShard",
	message: "The shard that was to copy it is lost, and the destination does not prove that it was copied."
};
/** No engine of this run had it. */
const endedAs = (op, status) => ({
	op,
	status,
	engine: "direct",
	attempts: 0,
	batchBeganMs: 0,
	code: status === "done" ? void 0 : NOT_PROVEN.code,
	message: status === "done" ? void 0 : NOT_PROVEN.message
});
const soughtOf = (op, prefix) => ({
	key: toKeyBytes(op.to.slice(prefix.length)),
	from: op.key,
	fromVersion: op.versionId,
	etag: op.etag,
	size: op.size,
	batchBeganMs: Number.MAX_SAFE_INTEGER,
	stood: op.toEtag,
	op
});
/** What stands there with the same content may do so since before: only what is in it was to be copied then. */
const isOfContent = ({ op }) => op.reason !== "headers-differ" && op.reason !== "always";
/** Looks at the copies of one lost shard, in its own range, and writes a row for each. */
var LostLooks = class {
	#ready;
	#run;
	#more;
	#asksLeft = MOST_CHECKSUM_ASKS;
	constructor(run, ready) {
		const { source, destination } = ready.facts;
		const { requestTimeoutMs } = ready.request.transfer;
		const { cancelled: signal } = run.ports.host;
		this.#run = run;
		this.#ready = ready;
		this.#more = new SecondLooks({
			source,
			destination,
			requestTimeoutMs,
			signal
		});
	}
	async rowOf(sought, found) {
		const { hide } = this.#run.ports.host;
		const proof = await this.#proofOf(sought, found);
		const { op } = sought;
		if (!proof) return this.unproven(op);
		return {
			...rowOfCopy(op, endedAs(op, "done"), "proven", hide),
			proof
		};
	}
	/** The row of a copy of which nothing is known. */
	unproven(op) {
		return rowOfCopy(op, endedAs(op, "unknown"), "believed", this.#run.ports.host.hide);
	}
	async #proofOf(sought, found) {
		if (!found || !isOfContent(sought)) return void 0;
		if (standingOf(sought, found) === "etag") return "etag";
		if (!(found.size === sought.size && !sameEtag(found.etag, sought.stood)) || this.#asksLeft-- <= 0) return void 0;
		return await this.#more.byChecksum(sought) === "checksum" ? "checksum" : void 0;
	}
	get place() {
		return this.#ready.facts.destination;
	}
};
/** The part, with all that is checked before its ops are believed. */
async function planOf({ ports }, { request, facts }, { inParts, number }) {
	const { files, clock, host } = ports;
	const { source, destination } = facts;
	const { header } = inParts.index;
	const path = await checkedFile(files, inParts, inParts.index.parts[number - 1]);
	const { selection: rules } = request;
	const check = {
		path,
		files,
		source,
		destination,
		rules,
		header,
		clock,
		signal: host.cancelled
	};
	return checkPlanFile(check, () => {});
}
/**
* Writes a row for every copy that a lost shard was to make: done only where the destination proves it by ETag or checksum,
* else unknown. Throws where it cannot be looked at.
*/
async function lookAtLost(run, ready, lost) {
	const { files, host } = run.ports;
	const plan = await planOf(run, ready, lost);
	const looks = new LostLooks(run, ready);
	const scratch = files.join(lost.folder, `looks-${lost.number}`);
	await files.makeFolder(scratch);
	const { prefix } = looks.place;
	const rows = await JsonLines.open(files, lost.path);
	const records = async function* () {
		for await (const op of readCopies(files, plan)) if (op.unnameable) await rows.add(looks.unproven(op));
		else yield soughtOf(op, prefix);
	};
	const sought = {
		records: records(),
		count: plan.trailer.copies.objects
	};
	try {
		const pairs = await lookAtEach({
			place: looks.place,
			files,
			scratch,
			signal: host.cancelled
		}, sought);
		await inParallel(pairs, LOOKS_AT_ONCE, async ([one, found]) => {
			if (one) await rows.add(await looks.rowOf(one, found));
		});
	} finally {
		await rows.close();
	}
}

// src/run/finish.ts
/** What is told of shards that are lost, and of files that are of none. */
function lossOf(shards, foreign) {
	const lost = shards.filter((shard) => shard.lost !== void 0);
	if (lost.length + foreign.length === 0) return void 0;
	const named = lost.map(({ number, lost: why }) => `- shard ${number}: ${why}`);
	const others = foreign.map((file) => `- ${file} is of no part of this plan`);
	const what = [...lost.length > 0 ? [`${humanObjects(lost.length, "shard")} of ${shards.length} ${lost.length === 1 ? "is" : "are"} lost`] : [], ...foreign.length > 0 ? [`${humanObjects(foreign.length, "file")} of other shards`] : []].join(", and ");
	return new SyncError("lost-shard", `${what}:\n${[...named, ...others].join("\n")}`, {
		title: lost.length === 1 && foreign.length === 0 ? `Shard ${lost[0]?.number} is lost: ${lost[0]?.lost}` : what,
		hint: "Run the jobs of these shards again, and this one behind them: what is done is not done twice. Nothing was deleted."
	});
}
/** What all shards copied, as the stage of one run tells it. */
function executionOf(shards, path) {
	const all = shards.map(({ rows }) => rows.totals.status);
	const count = all.reduce((sum, { done, failed, unknown }) => sum + done.objects + failed.objects + unknown.objects, 0);
	const receipts = shards.flatMap(({ receipt }) => receipt ?? []);
	return {
		results: {
			path,
			count
		},
		claims: [],
		done: all.reduce((sum, { done }) => sum + done.objects, 0),
		engine: engineOfShards(receipts),
		peakBytesPerSecond: receipts.reduce((sum, { report }) => sum + report.peakBytesPerSecond, 0)
	};
}
/** The end of the whole plan, as far as what is left of it is known. */
function wholeOf({ index }, rest) {
	const { totals, parts, header } = index;
	const ofParts = parts.map(({ ops: objects, bytes }) => ({
		objects,
		bytes
	})).reduce(addTally, NO_TALLY);
	const reasons = Object.entries(totals.reasons).filter(([reason]) => !(header.delete && reason === "only-at-destination"));
	return {
		trailer: true,
		...totals,
		copies: addTally(ofParts, rest.copies),
		deletes: rest.deletes,
		...totals.waves ? { waves: [ofParts, ...(rest.waves ?? []).slice(1)] } : {},
		reasons: Object.fromEntries([...reasons, ...rest.deletes.objects > 0 ? [["only-at-destination", rest.deletes]] : []]),
		digest: ""
	};
}
const withWhole = (plan, inParts) => ({
	...plan,
	whole: wholeOf(inParts, plan.trailer)
});
const isDone = ({ rows: { totals } }) => totals.status.failed.objects + totals.status.unknown.objects === 0;
/** Merges what shards left; the objects of one that is lost are looked at. */
var Gathering = class {
	#run;
	#ready;
	#inParts;
	#folder;
	constructor(run, ready, inParts, folder) {
		this.#run = run;
		this.#ready = ready;
		this.#inParts = inParts;
		this.#folder = folder;
	}
	async run() {
		const { ports, log } = this.#run;
		const { index } = this.#inParts;
		const shardsDir = this.#ready.request.shardsDir ?? "";
		const found = await findShards(ports.files, shardsDir, index);
		const shards = [];
		for (const [at, part] of index.parts.entries()) {
			const number = at + 1;
			const one = found.shards.get(number) ?? "it left nothing";
			const receipt = typeof one === "string" ? void 0 : one.receipt;
			const rows = typeof one === "string" ? one : await this.#merge({
				name: `shard-${number}`,
				path: one.rowsPath,
				sum: part.rows
			});
			if (typeof rows !== "string") {
				shards.push({
					number,
					rows,
					receipt
				});
				continue;
			}
			const why = receipt?.report.failure ? `${rows}: ${receipt.report.failure.title}` : rows;
			log.line("warn", `Shard ${number} is lost: ${why}. Its ${humanObjects(part.ops)} are looked at.`);
			shards.push({
				number,
				rows: await this.#lookAt(number, part),
				receipt: void 0,
				lost: why
			});
		}
		return {
			shards,
			loss: lossOf(shards, found.foreign)
		};
	}
	#merge(handed) {
		const { ports } = this.#run;
		return mergeRows(handed, {
			files: ports.files,
			folder: this.#folder,
			sourcePrefix: this.#ready.facts.source.prefix,
			signal: ports.host.cancelled
		});
	}
	async #lookAt(number, part) {
		const { files } = this.#run.ports;
		const path = files.join(this.#folder, `lost-${number}.ndjson`);
		await lookAtLost(this.#run, this.#ready, {
			inParts: this.#inParts,
			number,
			path,
			folder: this.#folder
		});
		const rows = await this.#merge({
			name: `lost-${number}`,
			path,
			sum: part.rows
		});
		if (typeof rows !== "string") return rows;
		throw new SyncError("internal", `The rows of the lost shard ${number} cannot be read: ${rows}.`);
	}
};
/**
* Reads the plan in parts and what its shards left of it. A shard that is lost is the run's failure, and does not end it:
* what is left is held back then. Throws SyncError where the plan is not the one to be carried out.
*/
async function gather(run, ready, planned) {
	const { ports, record } = run;
	const { files, clock } = ports;
	const { planDir, planId } = ready.request;
	const header = headerOf(planned, planned, clock.now());
	const inParts = await readIndex({
		files,
		planDir,
		header,
		planId
	});
	const { parts, finish } = inParts.index;
	for (const part of parts) await checkedFile(files, inParts, part);
	const restPath = await checkedFile(files, inParts, finish);
	const folder = await files.temporaryFolder();
	record.found.parts = {
		index: inParts.index,
		handed: [],
		folder
	};
	let shards = [];
	await runStage(run, "copy", async () => {
		const { shards: found, loss } = await new Gathering(run, ready, inParts, folder).run();
		shards = found;
		record.found.parts = {
			index: inParts.index,
			handed: found,
			folder
		};
		if (loss) record.failure ??= loss;
		return executionOf(found, ready.paths.results);
	}, {
		name: "shards",
		total: (found) => found
	});
	const verification = verificationOfShards(shards.flatMap(({ receipt }) => receipt ?? []));
	if (verification) record.found.verify = verification;
	return {
		inParts,
		restPath,
		shards,
		allDone: record.failure === void 0 && shards.every(isDone)
	};
}
/** What is left of a plan when its parts are carried out: listed and judged anew where it may be carried out. */
async function listRest(run, { paths }, { inParts, restPath, shards, allDone }, planned, context) {
	const { files, clock, signal } = context;
	const { source, destination, rules } = planned;
	const header = headerOf(planned, planned, clock.now());
	const rest = await checkPlanFile({
		path: restPath,
		files,
		source,
		destination,
		rules,
		header,
		clock,
		signal
	}, () => {});
	run.record.found.list = withWhole(rest, inParts);
	const { copies, deletes } = inParts.index.finish;
	if (copies.objects + deletes.objects === 0) {
		const { trailer: _trailer, digest: _digest, ...totals } = rest.trailer;
		const plan = await writePlan({
			files,
			path: paths.carried
		}, header, {
			lines: [],
			totals,
			samples: {}
		});
		return withWhole(plan, inParts);
	}
	if (!allDone) return withWhole(rest, inParts);
	const added = shards.reduce((sum, { rows }) => sum + rows.added, 0);
	const left = {
		approvedPath: restPath,
		path: paths.carried,
		added
	};
	const plan = await adoptPlanFile(planned, left, context);
	return withWhole(plan, inParts);
}

export { gather, listRest };