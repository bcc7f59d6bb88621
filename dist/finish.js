import { __name } from "./rolldown-runtime.js";
import { SyncError } from "./receiving.js";
import { IDLE_ENGINE, inParallel, standingOf, unsealed } from "./requests.js";
import { JsonLines, ReportFlaw, SecondLooks, addVerification, isJobReport, lookAtEach, lookMethod, mergeRows, rowOfCopy, saidOfJob, shownKey, unverified } from "./shared.js";
import { INDEX_FILE, NO_TALLY, addTally, blocksOf, bytesOf, cut, humanObjects, isOfBucket, receiptFile, rowsFile, runStage, safe, sameEtag, shardOf, urlOf } from "./action.js";
import { MOST_INDEX_BYTES, adoptPlanFile, checkPlanFile, checkedFile, readIndex, shardReceipt } from "./approved.js";
import { headerOf, joinStreams, readCopies, writePlan } from "./compare.js";
import { toKeyBytes } from "./writing.js";

// src/run/copied-but-gone.ts
const MOST_NAMED = 3;
/** Whether some keys may be among those of a part. */
function mayHold({ parts, job }, number, keys) {
	const part = number === 0 ? job : parts[number - 1];
	if (!part) return false;
	const [first, last] = [toKeyBytes(part.from), toKeyBytes(part.to)];
	return keys.some((key) => {
		const bytes = toKeyBytes(key);
		return first <= bytes && bytes <= last;
	});
}
/**
* Why nothing more is done: what shards say that they copied is not at the destination, which was listed behind them.
* `missing`: keys that the listing does not show, most of which may be new at the source. undefined: none of them is told
* as copied.
*/
async function refuseGone(missing, shards, index, { files, signal }) {
	const sought = new Set(missing);
	const gone = [];
	for (const { number, rows } of shards) {
		if (!mayHold(index, number, missing)) continue;
		for await (const block of blocksOf(files, rows.path)) {
			signal.throwIfAborted();
			for (const { to } of block) if (to !== void 0 && sought.has(to)) gone.push(to);
		}
	}
	if (gone.length === 0) return void 0;
	const objects = humanObjects(gone.length);
	const verb = gone.length === 1 ? "is" : "are";
	const named = gone.slice(0, MOST_NAMED).map((key) => JSON.stringify(key));
	return new SyncError("guard", `${objects} that the shards copied ${verb} not at the destination any more: ${named.join(", ")}${gone.length > MOST_NAMED ? ", …" : ""}.`, {
		title: `${objects} that the shards copied ${verb} not at the destination`,
		hint: "Find out what removed them, and start again with mode: plan. Nothing was deleted."
	});
}

// src/run/find-shards.ts
/** Why nothing is known of a shard of which there is no file. */
const LEFT_NOTHING = "its files were not found";
/** Artifacts have a folder each; nobody nests them deeper. */
const MOST_DEPTH = 16;
const MOST_NAMES = 2e5;
/** A receipt holds a report, which is bounded. */
const MOST_BYTES = 16 * 2 ** 20;
async function walk(files, folder) {
	const found = {
		receipts: /* @__PURE__ */ new Map(),
		rows: /* @__PURE__ */ new Set(),
		reports: []
	};
	let folders = [folder];
	let names = 0;
	for (let depth = 0; depth < MOST_DEPTH && folders.length > 0; depth++) {
		const below = [];
		for (const at of folders) for (const name of (await files.names(at)).toSorted()) {
			if (++names > MOST_NAMES) return found;
			const path = files.join(at, name);
			const number = shardOf(name);
			if (isJobReport(at, name)) found.reports.push(path);
			else if (await files.kindOf(path) === "folder") below.push(path);
			else if (number === void 0) continue;
			else if (name === receiptFile(number)) found.receipts.set(number, [...found.receipts.get(number) ?? [], path]);
			else found.rows.add(number);
		}
		folders = below;
	}
	return found;
}
/** The text of a regular file; in words, why it cannot be read. */
async function textOf(files, path) {
	const kind = await files.kindOf(path);
	if (kind !== "file") return `its file is ${kind === "link" ? "a symbolic link, which is not followed" : "not a regular file"}`;
	try {
		return { text: await files.readText(path, MOST_BYTES) };
	} catch {
		return "its file cannot be read";
	}
}
/** What is wrong with a receipt; undefined: it is one of this part of this plan. */
function flawOf(receipt, number, { planId, parts }) {
	if (receipt.planId !== planId) return "its files belong to another plan";
	if (receipt.shard !== number || receipt.rows.file !== rowsFile(number)) return `its files belong to shard ${receipt.shard}`;
	if (receipt.of !== parts.length || receipt.part !== parts[number - 1]?.digest) return "its files belong to another part of the plan";
}
/** Reads a receipt, and sees that the rows beside it are those that it names. */
async function read(files, path, number, index) {
	const read = await textOf(files, path);
	if (typeof read === "string") return read;
	const { text } = read;
	const value = unsealed(text, "digest");
	if (typeof value === "string") return `${receiptFile(number)}: ${value}`;
	const parsed = shardReceipt.safeParse(value);
	if (!parsed.success) return `${receiptFile(number)} was not written by this version`;
	const receipt = parsed.data;
	const flaw = flawOf(receipt, number, index);
	if (flaw !== void 0) return flaw;
	const rowsPath = files.join(path, "..", rowsFile(number));
	if (await files.kindOf(rowsPath) !== "file") return `its ${rowsFile(number)} is missing beside ${receiptFile(number)}`;
	if (await files.sha256(rowsPath) !== receipt.rows.digest) return `its ${rowsFile(number)} does not match ${receiptFile(number)}`;
	return {
		receipt,
		rowsPath,
		text
	};
}
/**
* One shard: what it left may have been found several times. That of the newest attempt counts, as who runs a job again
* finds what both left; of one attempt it must be the same each time.
*/
async function shardAt(files, number, { receipts, rows }, index) {
	const paths = receipts.get(number) ?? [];
	if (paths.length === 0) return rows.has(number) ? `${receiptFile(number)} is missing, so its job did not finish` : LEFT_NOTHING;
	let newest;
	let isOneOfTwo = false;
	let flaw;
	for (const path of paths) {
		const found = await read(files, path, number, index);
		if (typeof found === "string") {
			flaw ??= found;
			continue;
		}
		const ahead = found.receipt.attempt - (newest?.receipt.attempt ?? -1);
		if (ahead > 0) isOneOfTwo = false;
		else if (ahead === 0) isOneOfTwo ||= found.text !== newest?.text;
		if (ahead > 0) newest = found;
	}
	if (isOneOfTwo) return "it was found more than once, with different content";
	return newest ?? flaw ?? "its files were not found";
}
/** Looks for what the shards of a plan left, at any depth of a folder. What others put there is left alone. */
async function findShards(files, folder, index) {
	const sightings = await walk(files, folder);
	const shards = /* @__PURE__ */ new Map();
	for (const at of index.parts.keys()) shards.set(at + 1, await shardAt(files, at + 1, sightings, index));
	const foreign = [...sightings.receipts.keys(), ...sightings.rows].filter((number) => !shards.has(number)).toSorted((a, b) => a - b);
	const { reports } = sightings;
	return {
		shards,
		reports,
		foreign: [...new Set(foreign)].map((number) => receiptFile(number))
	};
}

// src/run/handed-facts.ts
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
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
const DONE = { status: "done" };
const NOT_PROVEN = {
	status: "unknown",
	code: "LostShard",
	message: "The job of the shard that copies this object did not finish, and neither ETag nor checksum at the destination proves that it was copied."
};
const NOT_REPORTED = {
	...NOT_PROVEN,
	message: "The report of S3 Batch Operations has no row for this object, and neither ETag nor checksum at the destination proves that it was copied."
};
const failed = (code, message) => ({
	status: "failed",
	code,
	message
});
const CHANGED = failed("SourceChanged", "The source object changed after the plan was made, and the job copied the new content.");
const notThere = ({ size, etag }, found) => failed("NotVerified", found ? `The job reported success, but the destination has ${found.size} bytes with ETag ${found.etag} instead of ${size} bytes with ETag ${etag}.` : "The job reported success, but the object is not at the destination.");
const outcomeOf = (op, end, said) => ({
	op,
	status: end.status,
	engine: "direct",
	route: said && "batch-operations",
	attempts: said ? 1 : 0,
	batchBeganMs: 0,
	code: end.status === "done" ? void 0 : end.code,
	message: end.status === "done" ? void 0 : end.message
});
/** Nobody knows when it began: no time proves what nobody tells of, and none speaks against what a job reported. */
const soughtOf = (op, said, prefix) => ({
	key: toKeyBytes(op.to.slice(prefix.length)),
	from: op.key,
	fromVersion: op.versionId,
	etag: op.etag,
	size: op.size,
	batchBeganMs: said ? 0 : Number.MAX_SAFE_INTEGER,
	stood: op.toEtag,
	op,
	said
});
/** What stands there with the same content may do so since before: only what is in it was to be copied then. */
const isOfContent = ({ op }) => op.reason !== "headers-differ" && op.reason !== "always";
/** Judges copies by what the destination holds, and by what was reported of them. */
var Judge = class {
	#more;
	#hide;
	/** Why nothing is known of a copy. */
	#unknown;
	#proven = {
		etag: 0,
		checksum: 0,
		"size-and-time": 0
	};
	#checked = 0;
	#asksLeft = MOST_CHECKSUM_ASKS;
	constructor(run, { facts, request }, unknown) {
		const { source, destination } = facts;
		const { requestTimeoutMs } = request.transfer;
		const { cancelled: signal, hide } = run.ports.host;
		this.#more = new SecondLooks({
			source,
			destination,
			requestTimeoutMs,
			signal
		});
		this.#hide = hide;
		this.#unknown = unknown;
	}
	/** What was found of copies that a job reported done. */
	verification(method) {
		return {
			method,
			checked: this.#checked,
			proven: this.#proven,
			mismatches: /* @__PURE__ */ new Map()
		};
	}
	/** The row of a copy by what was reported of it alone. */
	ofReport(op, said) {
		const end = !said ? this.#unknown : said.done ? DONE : failed(said.code, said.message);
		return this.#row(op, end, said);
	}
	async seen(sought, found) {
		const { op, said } = sought;
		if (said) return this.#reported(sought, said, found);
		const proof = await this.#proofOf(sought, found);
		return proof ? this.#row(op, DONE, said, proof) : this.ofReport(op, said);
	}
	#row(op, end, said, proof) {
		const row = rowOfCopy(op, outcomeOf(op, end, said), "believed", this.#hide);
		return proof ? {
			...row,
			proof
		} : row;
	}
	async #proofOf(sought, found) {
		if (!found || !isOfContent(sought)) return void 0;
		if (standingOf(sought, found) === "etag") return "etag";
		if (!(found.size === sought.size && !sameEtag(found.etag, sought.stood)) || this.#asksLeft-- <= 0) return void 0;
		return await this.#more.byChecksum(sought) === "checksum" ? "checksum" : void 0;
	}
	/** A copy that a job reported done: what stands there has to be it, and not what stood there before. */
	async #reported(sought, said, found) {
		const { op } = sought;
		this.#checked++;
		const standing = await this.#standingOf(sought, found);
		if (standing === "changed") return this.#row(op, CHANGED, said);
		if (standing === "other") return this.#row(op, notThere(op, found), said);
		this.#proven[standing]++;
		return this.#row(op, DONE, said, standing === "size-and-time" ? void 0 : standing);
	}
	async #standingOf(sought, found) {
		const first = standingOf(sought, found);
		if (!found || first === "other") return "other";
		if (first === "etag") return isOfContent(sought) ? "etag" : "size-and-time";
		if (sameEtag(found.etag, sought.stood)) return "other";
		if (first === "size-and-time") return this.#asksLeft-- > 0 ? this.#more.byChecksum(sought) : first;
		const second = await this.#more.ofSuspect(sought, found);
		return second === "etag" ? "changed" : second;
	}
};
/** The part, with all that is checked before its ops are believed. Throws where it is not the one that was planned. */
async function planOfPart({ ports }, { request, facts }, { inParts, part }) {
	const { files, clock, host } = ports;
	const { source, destination } = facts;
	const { header } = inParts.index;
	const path = await checkedFile(files, inParts, part);
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
/** Copies, and what was said of each. Throws ReportFlaw where something is said of others. */
async function* withSaid(copies, said) {
	if (!said) {
		for await (const op of copies) yield [op, void 0];
		return;
	}
	const keyed = async function* () {
		for await (const op of copies) yield {
			key: toKeyBytes(op.key),
			op
		};
	};
	for await (const [copy, told] of joinStreams(keyed(), said)) {
		if (!copy) throw new ReportFlaw(`contains an object that is not in the plan: ${shownKey(told?.key)}`);
		yield [copy.op, told];
	}
}
/**
* Writes a row for every copy of a part: done only where the destination shows it, by ETag or checksum where nobody
* reported it, else unknown. Throws SyncError of kind `verify` where it cannot be looked at, and ReportFlaw where what was
* reported is not to be believed. Gives what the destination showed of what was reported.
*/
async function lookAtPart(run, ready, unproven) {
	const { files, host } = run.ports;
	const { path, folder, name, said, part, isUnseen = false } = unproven;
	const { verify: asked } = ready.request.transfer;
	const { destination: place } = ready.facts;
	const plan = await planOfPart(run, ready, unproven);
	const judge = new Judge(run, ready, said ? NOT_REPORTED : NOT_PROVEN);
	const scratch = files.join(folder, `looks-${name}`);
	await files.makeFolder(scratch);
	const rows = await JsonLines.open(files, path);
	const isSeen = ([{ unnameable }, told]) => !unnameable && (told === void 0 ? !isUnseen : told.done && asked !== "outcomes");
	const records = async function* () {
		for await (const one of withSaid(readCopies(files, plan), said)) if (isSeen(one)) yield soughtOf(one[0], one[1], place.prefix);
		else await rows.add(judge.ofReport(...one));
	};
	const usual = lookMethod(part.ops);
	const method = asked === "listing" ? asked : place.endpoint === void 0 ? void 0 : usual;
	try {
		const deps = {
			place,
			files,
			scratch,
			signal: host.cancelled,
			method
		};
		const pairs = await lookAtEach(deps, {
			records: records(),
			count: part.ops
		});
		await inParallel(pairs, LOOKS_AT_ONCE, async ([one, found]) => {
			if (one) await rows.add(await judge.seen(one, found));
		});
	} catch (error) {
		host.cancelled.throwIfAborted();
		throw error instanceof ReportFlaw ? error : unverified(error);
	} finally {
		await rows.close();
	}
	return judge.verification(method ?? usual);
}

// src/run/finish.ts
const FILES_AT_ONCE = 4;
/** How it begins why a shard is lost whose job says so itself. */
const FAILED = "its job failed: ";
/** How a shard is told of; the job of S3 Batch Operations has no number of its own. */
const shardName = (number) => number === 0 ? "the job of S3 Batch Operations" : `shard ${number}`;
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
/** What is to be done about shards that are lost, and about files that are of none. */
function remedyOf(lost, foreign) {
	const again = lost.some(({ number }) => number === 0) ? ", download the report of S3 Batch Operations again" : "";
	const isOf = (why) => lost.some((shard) => shard.lost?.startsWith(why));
	return [
		...foreign.length > 0 ? ["Remove the files of another plan from shards-dir."] : [],
		...isOf("its files were not found") ? ["Check that shards-dir is the folder with the files of all shards."] : [],
		...isOf(FAILED) ? ["Resolve why these jobs failed."] : [],
		lost.length > 0 ? `Run the jobs of these shards again${again}, then this job: finished copies are not repeated.` : "Then run this job again.",
		"Nothing was deleted."
	].join(" ");
}
/** What is told of shards that are lost, and of files that are of none. */
function lossOf(shards, foreign) {
	const lost = shards.filter((shard) => shard.lost !== void 0);
	if (lost.length + foreign.length === 0) return void 0;
	const named = lost.map(({ number, lost: why }) => `- ${shardName(number)}: ${why}`);
	const others = foreign.map((file) => `- ${file} does not belong to this plan`);
	const what = [...lost.length > 0 ? [`${humanObjects(lost.length, "shard")} of ${shards.length} ${lost.length === 1 ? "is" : "are"} lost`] : [], ...foreign.length > 0 ? [`${humanObjects(foreign.length, "file")} of another plan`] : []].join(", and ");
	return new SyncError("lost-shard", `${what}:\n${[...named, ...others].join("\n")}`, {
		title: lost.length === 1 && foreign.length === 0 ? `${sentence(shardName(lost[0]?.number ?? 0))} is lost: ${lost[0]?.lost}` : what,
		hint: remedyOf(lost, foreign)
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
		engine: IDLE_ENGINE,
		peakBytesPerSecond: Math.max(0, ...receipts.map(({ report }) => report.peakBytesPerSecond))
	};
}
/** The end of the whole plan, as far as what is left of it is known. */
function wholeOf({ index }, rest) {
	const { totals, parts, job, header } = index;
	const ofParts = [...parts, ...job ? [job] : []].map(({ ops: objects, bytes }) => ({
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
	/** What the destination showed of what a job reported. */
	verification;
	constructor(run, ready, inParts, folder) {
		this.#run = run;
		this.#ready = ready;
		this.#inParts = inParts;
		this.#folder = folder;
	}
	async run() {
		const { ports } = this.#run;
		const { index } = this.#inParts;
		const found = await findShards(ports.files, await this.#shardsDir(), index);
		const job = index.job && index.job.ops > 0 ? index.job : void 0;
		const shards = [];
		for (const [at, part] of index.parts.entries()) {
			const number = at + 1;
			const one = found.shards.get(number) ?? "its files were not found";
			if (part.ops === 0 && one === "its files were not found") continue;
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
			shards.push(await this.#lost(number, part, this.#whyLost(rows, receipt)));
		}
		if (job) shards.push(await this.#job({
			...index,
			job
		}, found.reports));
		const reports = job ? [] : found.reports.map(() => "the report of a job");
		return {
			shards,
			loss: lossOf(shards, [...found.foreign, ...reports])
		};
	}
	/** What a job of S3 Batch Operations reported; it is proven here, as nobody did it there. */
	async #job(index, paths) {
		const { files } = this.#run.ports;
		const { job: part } = index;
		const plan = () => planOfPart(this.#run, this.#ready, {
			inParts: this.#inParts,
			part
		});
		const copies = async function* () {
			yield* readCopies(files, await plan());
		};
		try {
			const said = await saidOfJob(files, {
				paths,
				index,
				copies,
				folder: this.#folder
			});
			const { rows, seen } = await this.#lookAt("job", part, { said });
			this.verification = seen;
			return {
				number: 0,
				rows,
				receipt: void 0
			};
		} catch (error) {
			if (!(error instanceof ReportFlaw)) throw error;
			return this.#lost(0, part, `its report ${error.message}`);
		}
	}
	async #lost(number, part, why) {
		const name = sentence(shardName(number));
		const objects = humanObjects(part.ops);
		this.#run.log.line("warn", `${name} is lost: ${why}. Looking for its ${objects} at the destination.`);
		const { rows } = await this.#lookAt(`lost-${number}`, part).catch((error) => {
			if (!(error instanceof SyncError) || error.kind !== "verify") throw error;
			this.#run.log.line("warn", `${error.message} The copies of ${shardName(number)} are unknown.`);
			return this.#lookAt(`unseen-${number}`, part, { isUnseen: true });
		});
		return {
			number,
			rows,
			receipt: void 0,
			lost: why
		};
	}
	/** Why a shard is lost, with where its files were looked for, or why its job failed. */
	#whyLost(why, receipt) {
		if (why === "its files were not found") return `${why} in ${this.#shownDir}`;
		const { title } = receipt?.report.failure ?? {};
		return title === void 0 ? why : `${FAILED}${cut(safe(title), 500)}`;
	}
	/** Where the shards left their files, as it is told. */
	get #shownDir() {
		const { shardsDir: folder } = this.#ready.request;
		if (!folder) return "";
		return isOfBucket(folder) ? `${urlOf(folder)}${this.#inParts.index.planId}/` : folder.path;
	}
	/** Where what the shards left is on this machine. */
	async #shardsDir() {
		const { ports } = this.#run;
		const { request, sessions } = this.#ready;
		const { shardsDir: folder } = request;
		if (!isOfBucket(folder)) return folder?.path ?? "";
		const path = ports.files.join(this.#folder, "shards");
		const { fetchShards } = await import("./shards-bucket.js");
		const session = sessions.destination;
		const signal = ports.host.cancelled;
		await fetchShards({
			folder,
			request,
			session,
			signal
		}, this.#inParts.index, path, ports);
		return path;
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
	async #lookAt(name, part, known = {}) {
		const folder = this.#folder;
		const path = this.#run.ports.files.join(folder, `${name}.ndjson`);
		const inParts = this.#inParts;
		const { said, isUnseen } = known;
		const unproven = {
			inParts,
			part,
			name,
			path,
			folder,
			said,
			isUnseen
		};
		const seen = await lookAtPart(this.#run, this.#ready, unproven);
		const rows = await this.#merge({
			name,
			path,
			sum: part.rows
		});
		if (typeof rows !== "string") return {
			rows,
			seen
		};
		throw new SyncError("internal", `The rows of ${part.file} cannot be read: ${rows}.`);
	}
};
/**
* Reads the plan in parts and what its shards left of it. A shard that is lost is the run's failure, and does not end it:
* what is left is held back then. Throws SyncError where the plan is not the one to be carried out.
*/
async function gather(run, ready, planned) {
	const { ports, record } = run;
	const { files, clock } = ports;
	const { planDir } = ready;
	const { planId } = ready.request;
	const header = headerOf(planned, planned, clock.now());
	await planDir.bring(INDEX_FILE, MOST_INDEX_BYTES);
	const inParts = await readIndex({
		files,
		planDir: planDir.path,
		header,
		planId
	});
	const { parts: numbered, job, finish } = inParts.index;
	const parts = [...numbered, ...job ? [job] : []];
	const rest = {
		file: finish.file,
		ops: finish.copies.objects + finish.deletes.objects
	};
	await inParallel([...parts, rest], FILES_AT_ONCE, ({ file, ops }) => planDir.bring(file, bytesOf(ops)));
	for (const part of parts) await checkedFile(files, inParts, part);
	const restPath = await checkedFile(files, inParts, finish);
	const folder = await files.temporaryFolder();
	record.found.parts = {
		index: inParts.index,
		handed: [],
		folder
	};
	let shards = [];
	const gathering = new Gathering(run, ready, inParts, folder);
	await runStage(run, "copy", async () => {
		const { shards: found, loss } = await gathering.run();
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
	if (gathering.verification) record.found.verify = addVerification(verification, gathering.verification);
	return {
		inParts,
		restPath,
		shards,
		allDone: record.failure === void 0 && shards.every(isDone)
	};
}
/**
* Whether the last job has to see what stands there though nothing may be left to do: SHA256SUMS tells of all of it, extras
* wait from when they are first seen, and nobody but this runner sees whether its shards wrote to the disk that it has.
*/
function hasToLook({ destination, rules }, { index }) {
	const { copies, deletes } = index.finish;
	const isAsked = rules.sums !== void 0 || rules.deleteAfterMs !== void 0;
	return copies.objects + deletes.objects > 0 || isAsked || destination.folder !== void 0;
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
	if (!hasToLook(planned, inParts)) {
		const { trailer: _trailer, digest: _digest, ...totals } = rest.trailer;
		const nothing = {
			totals,
			samples: {}
		};
		const { plan } = await writePlan({
			files,
			path: paths.carried
		}, header, async () => nothing);
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
	const { missing = [] } = plan.approval ?? {};
	const gone = await refuseGone(missing, shards, inParts.index, {
		files,
		signal
	});
	return withWhole({
		...plan,
		refused: gone ?? plan.refused
	}, inParts);
}

export { gather, listRest };