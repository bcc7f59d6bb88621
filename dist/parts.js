import { __name } from "./rolldown-runtime.js";
import { SyncError, createHash, explain, init__crypto } from "./receiving.js";
import { INDEX_FILE, INDEX_SCHEMA, JOB_CREATION, JOB_LEFT, JOB_LIST, JOB_PART, JOB_REPORT_FORMAT, JOB_ROLE_POLICY, JOB_ROLE_TRUST, NO_TALLY, PARTS_FOLDER, REST_FILE, addTally, bytesOf, count, countAt, headOf, humanBytes, humanCount, humanObjects, isIn, isPart, jobAsked, jobFolder, jobRow, leftBecause, partFile, partitionOf, s3Arn, s3Url, sumAt, visibleJson, waveOf } from "./action.js";
import { toKeyBytes, toText } from "./writing.js";
import { MOST_INDEX_BYTES, carriedOf, checkPlanFile, checkedFile, readIndex, refusePlan, spanOf } from "./approved.js";
import { Sieve, checkGuards, compare, headerOf, headersOf, readCopyBlocks, refusal, totalsOf, writePlan } from "./compare.js";
import { RowSum, sealOf, sealedText } from "./requests.js";
import { copyStatements, kmsArn, literal, onKeys, onObjects } from "./shared.js";

// src/plan/adopt-part.ts
/** The part of that number. Throws SyncError of kind `guard` where the plan has other parts. */
function partAt({ folder, index }, number, of) {
	const { parts } = index;
	const part = parts[number - 1];
	if (!part || of !== parts.length) return refusePlan(folder, `it has ${humanObjects(parts.length, "part")}, but shard is ${number}/${of}`, "Set shard to a number of the output shards and the output shard-count of the job that made the plan: there can be fewer parts than it was asked for.");
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
		if (kind === "delete") refusePlan(path, "it contains deletes, which only mode: finish does");
		const text = toText(key) ?? "";
		if (!isIn(span, key) && !text.includes("�")) refusePlan(path, `${JSON.stringify(text)} does not belong to this part`);
		names.add(key);
	});
	const { copies, waves } = approved.trailer;
	if (copies.objects - (waves?.[0]?.objects ?? copies.objects) > 0) refusePlan(path, "it copies objects of later waves, which only mode: finish does");
	if (copies.objects !== part.ops || copies.bytes !== part.bytes) refusePlan(path, "its copies do not match plan.json");
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
		failedPath: files.join(folder, "not-seen.ndjson"),
		skippedPath: files.join(folder, "skipped.ndjson")
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
		`${humanCount(totals.copies.objects - doneRows - outdated.copies)} to apply`,
		...doneRows > 0 ? [`${humanCount(doneRows)} already done`] : [],
		...outdated.copies > 0 ? [`${humanCount(outdated.copies)} outdated`] : []
	];
	return `Part ${number} of the plan: ${humanObjects(totals.copies.objects)}, ${parts.join(", ")}.`;
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
	if (none.copies.objects === 0) {
		const nothing = {
			totals: none,
			samples: {}
		};
		return (await writePlan({
			files,
			path: part.path
		}, header, async () => nothing)).plan;
	}
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
		const { plan, end: carried } = await writePlan({
			files,
			path: part.path
		}, header, (lines) => carriedOf({
			approved,
			parts,
			totals: totalsOf(compared, rules),
			prefix: destination.prefix,
			deletes: false,
			files,
			lines,
			countsDone: true
		}));
		log.line("info", tell(carried, part.number));
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

// src/plan/job-list.ts
init__crypto();
/** Rows are written so many at a time. */
const ROWS = 1e3;
/** A list that is stored by one request has at most 5 GB. */
const MOST_BYTES = 5e9;
/** Picks the copies that S3 Batch Operations can make, and writes its list of them. */
var JobList = class {
	#files;
	#path;
	#cut;
	#mostBytes;
	#md5 = createHash("md5");
	#left = {};
	#versions;
	#writer;
	#rows = [];
	#bytes = 0;
	constructor(files, folder, cut, mostBytes = MOST_BYTES) {
		this.#files = files;
		this.#mostBytes = mostBytes;
		this.#path = files.join(folder, JOB_LIST);
		this.#cut = cut;
	}
	/**
	* Adds a copy if the service can make it; why it cannot is counted. The first one that it can decides whether rows name
	* versions.
	*/
	takes(op) {
		const versions = this.#versions ?? op.versionId !== void 0;
		const why = leftBecause(op, {
			head: this.#cut.head,
			versions
		}) ?? this.#add(op);
		if (why === void 0) this.#versions = versions;
		else this.#left[why] = addTally(this.#left[why] ?? NO_TALLY, {
			objects: 1,
			bytes: op.size
		});
		return why === void 0;
	}
	/** Resolves when more can be taken; undefined: it can now. */
	written() {
		return this.#rows.length < ROWS ? void 0 : this.#flush();
	}
	/** What is to be known of the list. */
	async close() {
		await this.#flush();
		await this.#writer?.close();
		const { bucket, prefix } = this.#cut.request;
		return {
			bucket,
			prefix,
			versions: this.#versions ?? false,
			md5: this.#md5.digest("hex"),
			left: this.#left
		};
	}
	#add(op) {
		const row = jobRow(this.#cut.bucket, op);
		const bytes = this.#bytes + row.length + 1;
		if (bytes > this.#mostBytes) return "list-full";
		this.#bytes = bytes;
		this.#rows.push(row);
	}
	async #flush() {
		if (this.#rows.length === 0) return;
		const text = this.#rows.join("\n");
		this.#rows = [];
		this.#md5.update(`${text}\n`);
		this.#writer ??= await this.#files.writer(this.#path);
		await this.#writer.write(text);
	}
};

// src/plan/cut.ts
init__crypto();
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
const partOf = (file, { from, to, copies, digest, rows }) => ({
	file,
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
	#list;
	#job;
	constructor(files, folder, plan, request) {
		const first = plan.trailer.waves?.[0] ?? plan.trailer.copies;
		this.#files = files;
		this.#folder = folder;
		this.#plan = plan;
		this.#request = request;
		this.#most = partsFor(first, request);
		this.#share = costOf(first, request) / this.#most;
		this.#list = request.job && new JobList(files, folder, request.job);
	}
	async run() {
		const rest = await this.#writer(REST_FILE);
		for await (const block of this.#files.lineBlocks(this.#plan.path)) for (const line of block) {
			const full = line.startsWith("{\"op\":") ? this.#add(line, rest) : void 0;
			if (full) await full;
		}
		if (this.#open || this.#parts.length === 0) await this.#end(await this.#opened());
		const { copies, deletes, digest } = await rest.close();
		const job = await this.#endJob();
		return {
			parts: this.#parts,
			job,
			finish: {
				file: REST_FILE,
				copies,
				deletes,
				digest
			}
		};
	}
	async #endJob() {
		if (!this.#list) return void 0;
		this.#job ??= await this.#writer(JOB_PART);
		return {
			...partOf(JOB_PART, await this.#job.close()),
			...await this.#list.close()
		};
	}
	#add(line, rest) {
		const op = JSON.parse(line);
		if (op.op === "delete" || waveOf(op) > 0) return rest.add(op, line);
		const job = this.#list?.takes(op) ? this.#list : void 0;
		return job ? this.#addToJob(op, line, job) : this.#addToPart(op, line);
	}
	#addToJob(op, line, list) {
		const part = this.#job;
		if (!part) return this.#writer(JOB_PART).then((opened) => {
			this.#job = opened;
			return this.#addToJob(op, line, list);
		});
		const [added, listed] = [part.add(op, line), list.written()];
		return added || listed ? Promise.all([added, listed]) : void 0;
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
		this.#parts.push(partOf(partFile(this.#parts.length + 1), written));
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
	const { parts, job, finish } = await new Cutter(files, folder, plan, request).run();
	const { trailer: _trailer, digest: _digest, ...totals } = plan.trailer;
	const index = {
		schema: INDEX_SCHEMA,
		header: plan.header,
		totals,
		...request.refused === void 0 ? {} : { refused: request.refused },
		parts,
		...job ? { job } : {},
		finish
	};
	await files.writeText(files.join(folder, INDEX_FILE), sealedText(index, "planId"));
	return {
		...index,
		planId: sealOf(index)
	};
}

// src/plan/create-job.ts
/** The members that have a value. */
const given = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== void 0));
const metadataOf = ({ cacheControl, contentType }) => given({
	CacheControl: cacheControl,
	ContentType: contentType
});
/** How objects are written, as the service takes it. */
function copyOf({ source, destination, write, requestPayer }) {
	const { sse, sseKmsKeyId, metadata, storageClass, acl } = write;
	const head = headOf(source.prefix, destination.prefix) ?? "";
	const algorithm = sse === void 0 ? void 0 : sse === "AES256" ? "AES256" : "KMS";
	const described = {
		...metadata ? metadataOf(metadata) : {},
		...given({ SSEAlgorithm: algorithm })
	};
	return given({
		TargetResource: s3Arn(destination),
		TargetKeyPrefix: head === "" ? void 0 : head.slice(0, -1),
		MetadataDirective: metadata ? "REPLACE" : "COPY",
		NewObjectMetadata: metadata || algorithm ? described : void 0,
		SSEAwsKmsKeyId: sseKmsKeyId,
		StorageClass: storageClass,
		CannedAccessControlList: acl,
		RequesterPays: requestPayer && true
	});
}
/** The account that a role is of: the job is created there. */
const accountOf = ({ roleArn }) => roleArn.split(":")[4] ?? "";
/** The whole request that creates the job, as `aws s3control create-job --cli-input-json` takes it. */
function jobCreation(input) {
	const { planId, job, request, source, destination } = input;
	const folder = jobFolder(job, planId);
	const { region } = destination;
	return {
		AccountId: accountOf(request),
		ConfirmationRequired: request.confirm,
		Operation: { S3PutObjectCopy: copyOf(input) },
		Report: {
			Bucket: s3Arn({
				bucket: job.bucket,
				region
			}),
			Format: JOB_REPORT_FORMAT,
			Enabled: true,
			Prefix: folder,
			ReportScope: "AllTasks"
		},
		ClientRequestToken: planId.slice(0, 64),
		Manifest: {
			Spec: {
				Format: "S3BatchOperations_CSV_20180820",
				Fields: [
					"Bucket",
					"Key",
					...job.versions ? ["VersionId"] : []
				]
			},
			Location: {
				ObjectArn: s3Arn({
					bucket: job.bucket,
					region
				}, `${folder}/${JOB_LIST}`),
				ETag: job.md5
			}
		},
		Description: `s3-direct-sync: ${job.ops} objects from ${source.bucket} to ${destination.bucket}`,
		Priority: request.priority,
		RoleArn: request.roleArn,
		Tags: [{
			Key: "s3-direct-sync",
			Value: planId
		}]
	};
}
/** Who may be the role that the job runs as: the service, for jobs of this account alone. */
const jobRoleTrust = (request, { region }) => ({
	Version: "2012-10-17",
	Statement: [{
		Effect: "Allow",
		Principal: { Service: "batchoperations.s3.amazonaws.com" },
		Action: "sts:AssumeRole",
		Condition: {
			StringEquals: { "aws:SourceAccount": accountOf(request) },
			ArnLike: { "aws:SourceArn": `arn:${partitionOf(region)}:s3:${region}:${accountOf(request)}:job/*` }
		}
	}]
});
/** What the service cannot do of a request, each in words that follow "it"; none: it can do all of it. */
function jobFlaws({ source, destination, write }) {
	const { sse, metadata, storageClass, tags, rules } = write;
	const flaws = {
		[`keeps whole keys and can only add a folder in front: the path of destination must be that of source (${JSON.stringify(source.prefix)}), or a folder followed by that path`]: headOf(source.prefix, destination.prefix) === void 0,
		"writes all objects with the same headers: remove headers": rules !== void 0,
		"always copies tags: remove tags: drop": tags === "drop",
		"cannot keep the content type of each object: set content-type with metadata-directive: REPLACE": metadata !== void 0 && metadata.contentType === void 0,
		"does not support sse: aws:kms:dsse": sse === "aws:kms:dsse",
		"does not support storage-class: REDUCED_REDUNDANCY": storageClass === "REDUCED_REDUNDANCY"
	};
	return Object.entries(flaws).flatMap(([flaw, isThere]) => isThere ? [flaw] : []);
}

// src/preflight/job-policy.ts
const wholeOf = ({ region, bucket, prefix, single }) => ({
	region,
	bucket,
	lists: [],
	keys: [single ? literal(prefix) : `${literal(prefix)}*`]
});
/** What the role needs that a job of S3 Batch Operations runs as. */
function jobRolePolicy(request, facts, { bucket, folder, versions }) {
	const input = {
		request,
		facts,
		account: jobAsked(request.shard)?.roleArn.split(":")[4]
	};
	const [source, destination] = [wholeOf(facts.source), wholeOf(facts.destination)];
	const own = {
		region: destination.region,
		bucket,
		lists: [],
		keys: [`${literal(folder)}/*`]
	};
	const read = versions ? "s3:GetObjectVersion" : "s3:GetObject";
	return {
		Version: "2012-10-17",
		Statement: [
			onObjects("RequiredList", own, "s3:GetObject", "s3:GetObjectVersion"),
			onObjects("RequiredReport", own, "s3:PutObject"),
			onObjects("RequiredSourceRead", source, read, `${read}Tagging`),
			...onKeys({
				sid: "RequiredSourceKey",
				actions: ["kms:Decrypt"]
			}, facts.kmsKeys.source, kmsArn(source, input)),
			...copyStatements(destination, input)
		]
	};
}

// src/run/hand-over.ts
const STREAMED = {
	"two-services": "only copies within AWS, but source and destination are different services",
	"two-identities": "uses one role, but no identity of this run can both read the source and write the destination",
	"local-files": "only copies from bucket to bucket, but one side is a local folder"
};
/**
* What of a plan goes to S3 Batch Operations; undefined: that is not asked for. Throws SyncError where the service can
* make none of its copies.
*/
function jobCut({ request, facts }) {
	const job = jobAsked(request.shard);
	if (!job) return void 0;
	const { source, destination, transferPath } = facts;
	const { streamed } = transferPath;
	const flaws = [
		...streamed === void 0 ? [] : [STREAMED[streamed]],
		...source.isAlias || destination.isAlias ? ["needs the names of buckets, but one side is an access point alias"] : [],
		...jobFlaws({
			source,
			destination,
			write: request.transfer.write
		})
	];
	const head = headOf(source.prefix, destination.prefix);
	const [first] = flaws;
	if (first === void 0 && head !== void 0) return {
		request: job,
		head,
		bucket: source.bucket
	};
	const named = flaws.map((flaw) => `- it ${flaw}`);
	throw new SyncError("plan", `S3 Batch Operations cannot make these copies:\n${named.join("\n")}`, {
		title: `S3 Batch Operations cannot make these copies: it ${first}`,
		hint: "Remove batch-role and the other batch settings from shard, and apply all parts by mode: execute (docs/shards.md). Nothing was touched."
	});
}
/** What is handed over and what is not, in words. */
function told(job, planId, { endpoint }) {
	const left = Object.keys(JOB_LEFT).flatMap((why) => {
		const { objects } = job.left[why] ?? NO_TALLY;
		return objects === 0 ? [] : [`${humanObjects(objects)} ${JOB_LEFT[why]}`];
	});
	const rest = left.length === 0 ? "" : ` In the parts instead: ${left.join(", ")}.`;
	if (job.ops === 0) return left.length === 0 ? "There is nothing to copy, so there is no job for S3 Batch Operations." : `S3 Batch Operations can copy none of the objects.${rest}`;
	const ofOthers = endpoint === void 0 || /\.amazonaws\.com(?:\.cn)?\/?$/.test(endpoint) ? "" : ` It is a service of AWS and cannot access ${endpoint}.`;
	const address = s3Url(job.bucket, `${jobFolder(job, planId)}/${JOB_LIST}`);
	return `${humanObjects(job.ops)}, ${humanBytes(job.bytes)}, for S3 Batch Operations: upload ${PARTS_FOLDER}/${JOB_LIST} to ${address}, then create the job with ${PARTS_FOLDER}/${JOB_CREATION}.${rest}${ofOthers}`;
}
/** Writes what the job is created by, and what its role needs, beside the plan; gives what is to be said of it; undefined: nothing. */
async function handOver(files, { request, facts, paths }, index) {
	const asked = jobAsked(request.shard);
	const { job, planId } = index;
	if (!asked || !job) return void 0;
	if (job.ops > 0) {
		const { source, destination } = facts;
		const { write, requestPayer } = request.transfer;
		const { bucket, versions } = job;
		const place = {
			bucket,
			versions,
			folder: jobFolder(job, planId)
		};
		const put = (name, value) => files.writeText(files.join(paths.parts, name), `${visibleJson(value, 2)}\n`);
		await put(JOB_CREATION, jobCreation({
			planId,
			job,
			request: asked,
			source,
			destination,
			write,
			requestPayer
		}));
		await put(JOB_ROLE_TRUST, jobRoleTrust(asked, destination));
		await put(JOB_ROLE_POLICY, jobRolePolicy(request, facts, place));
	}
	return told(job, planId, facts.destination);
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
	const asked = jobCut(ready);
	const job = plan.refused ? void 0 : asked;
	if (asked && !job) log.line("warn", "No job of S3 Batch Operations is prepared, because this plan is refused.");
	const index = await cutPlan(ports.files, paths.parts, plan, {
		parts: shard.parts,
		streamed: facts.transferPath.streamed !== void 0,
		refused: lastingRefusal(ready, plan),
		job
	});
	record.found.parts = {
		index,
		handed: []
	};
	log.line("info", `The plan is cut into ${humanObjects(index.parts.length, "part")} in ${PARTS_FOLDER}/: plan-id ${index.planId}.`);
	const handed = await handOver(ports.files, ready, index);
	if (handed !== void 0) log.line("info", handed);
}
/** Lists the range of one part of a plan, and writes what still holds of it. */
async function listPart({ record }, { request, paths, planDir }, planned, context) {
	const { shard, planId } = request;
	if (!isPart(shard)) return void 0;
	const { files, clock } = context;
	const header = headerOf(planned, planned, clock.now());
	await planDir.bring(INDEX_FILE, MOST_INDEX_BYTES);
	const plan = await readIndex({
		files,
		planDir: planDir.path,
		header,
		planId
	});
	const { number, of } = shard;
	const { file, ops } = partAt(plan, number, of);
	await planDir.bring(file, bytesOf(ops));
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