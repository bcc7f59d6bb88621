import { __name } from "./rolldown-runtime.js";
import { MOST_ERROR_BYTES, ServiceError, answeredFailure, ask, closeAgents, denialIn, isAcrossRegions, isPuzzled, isTransient, keepsOthers, keepsType, ofPage, optionsFor, orAborted, readText, ruledKey, toKeyBytes, tooLong, visibleJson } from "./action.js";
import { getHomeDir, loadSharedConfigFiles, parseKnownFiles } from "./aws-sdk.js";
import { require_dist } from "./yaml.js";
import { inParallel } from "./compare.js";
import { Readable } from "node:stream";
import { createHmac, createSecretKey, hash } from "node:crypto";
import os from "node:os";
import { realpath } from "node:fs/promises";
import path from "node:path";

// src/adapters/aws-config.ts
function named(variable, name) {
	const home = getHomeDir();
	const given = process.env[variable];
	if (!given) return {
		path: path.join(home, ".aws", name),
		asked: false
	};
	return {
		path: given.startsWith("~/") ? path.join(home, given.slice(2)) : given,
		asked: true
	};
}
/** Number of the first line that says nothing, as every line is read over in silence that the SDK cannot read. */
function malformedLine(text) {
	let inSection = false;
	return text.split(/\r?\n/).findIndex((line) => {
		const said = line.split(/(^|\s)[;#]/)[0]?.trim() ?? "";
		if (said === "") return false;
		if (said.startsWith("[")) {
			inSection = true;
			return !said.endsWith("]");
		}
		return !inSection || !/^\s/.test(line) && said.indexOf("=") < 1;
	}) + 1;
}
const MOST_BYTES = 4 * 2 ** 20;
/** Many say by this file that there is none; that of Windows has no real path, and is written in any case. */
const isNull = async (file) => file.toLowerCase() === os.devNull || await realpath(file) === os.devNull;
const textOf$1 = /* @__PURE__ */ __name(async (file) => await isNull(file) ? "" : readText(file, MOST_BYTES), "textOf");
/** Why a file cannot be used; one that is not there is as good as an empty one. */
async function problemOf({ path: file, asked }) {
	try {
		const line = malformedLine(await textOf$1(file));
		return line === 0 ? void 0 : `line ${line} is neither a [section] nor name = value`;
	} catch (error) {
		const { code = "", message } = error;
		return (asked ? ["ENOENT", "ENOTDIR"] : [
			"ENOENT",
			"ENOTDIR",
			"EACCES",
			"EPERM"
		]).includes(code) ? void 0 : message;
	}
}
/** Both files as the SDK reads them; what is wrong with one stands beside it, and keeps the SDK from it. */
async function readAwsConfig() {
	const config = named("AWS_CONFIG_FILE", "config");
	const credentials = named("AWS_SHARED_CREDENTIALS_FILE", "credentials");
	const problems = {
		config: await problemOf(config),
		credentials: await problemOf(credentials)
	};
	const { configFile, credentialsFile } = await loadSharedConfigFiles({
		configFilepath: problems.config === void 0 ? config.path : os.devNull,
		filepath: problems.credentials === void 0 ? credentials.path : os.devNull,
		ignoreCache: true
	});
	const file = (at, sections, problem) => ({
		path: at.path,
		sections,
		problem
	});
	return {
		config: file(config, configFile, problems.config),
		credentials: file(credentials, credentialsFile, problems.credentials)
	};
}
/** Settings of all profiles by their names, as the SDK's own providers merge both files and hold them. */
const readProfiles = () => parseKnownFiles({});

// src/adapters/xml.ts
const ENTITIES = {
	lt: "<",
	gt: ">",
	amp: "&",
	quot: "\"",
	apos: "'"
};
const REFERENCE = "&(?:#\\d+|#[xX][0-9a-fA-F]+|\\w+);";
const ONE = new RegExp(REFERENCE, "g");
/** Some services write an astral character as two references, one for each of its UTF-16 units. */
const RUN = new RegExp(`(?:${REFERENCE})+`, "g");
function character(reference) {
	const name = reference.slice(1, -1);
	if (!name.startsWith("#")) return ENTITIES[name] ?? reference;
	const hex = /^#x/i.test(name);
	const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
	return code <= 1114111 ? String.fromCodePoint(code) : reference;
}
/** No key, token or tag is longer, however it is written. */
const MOST_TEXT_CHARS = 65536;
/**
* Text of an element as bytes: character references stand for the UTF-8 bytes of their characters. What is longer than
* any text of use is left as it is: only a hostile service sends it, and reading it would keep all else waiting.
*/
const plainText = (text) => text.length <= 65536 && text.includes("&") ? text.replace(RUN, (run) => toKeyBytes(run.replace(ONE, character))) : text;
/** A key of a listing with `encoding-type=url`, as bytes: `+` is a space, `%XX` a byte. */
const fromUrlEncoded = (key) => /[+%]/.test(key) ? key.replaceAll("+", " ").replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))) : key;
/** Texts of all elements of a kind, up to the first that does not end. */
function* elements(xml, name) {
	const [opens, closes] = [`<${name}>`, `</${name}>`];
	for (let at = xml.indexOf(opens); at >= 0;) {
		const end = xml.indexOf(closes, at);
		if (end < 0) return;
		yield xml.slice(at + opens.length, end);
		at = xml.indexOf(opens, end);
	}
}
/** What the root element holds, where it is of this name, whatever prefix stands before it; undefined: another document. */
function rootOf(xml, name) {
	const begin = /^\s*(?:<\?xml[^>]*\?>)?\s*/.exec(xml)?.[0].length ?? 0;
	const open = new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>`, "y");
	open.lastIndex = begin;
	return open.test(xml) ? xml.slice(open.lastIndex) : void 0;
}
/** Text of the first element of a kind; undefined when there is none. */
function element(xml, name) {
	const at = xml.indexOf(`<${name}>`);
	if (at < 0) return void 0;
	const begin = at + name.length + 2;
	const end = xml.indexOf(`</${name}>`, begin);
	return end < 0 ? void 0 : xml.slice(begin, end);
}

// src/adapters/error-answer.ts
const decoded = (text) => Buffer.from(plainText(text), "latin1").toString();
/** Text of the first element of a kind in a body that was read as latin1. */
const textOf = (xml, name) => {
	const text = element(xml, name);
	return text === void 0 ? void 0 : decoded(text);
};
/** Whether a text begins as what browsers show. */
const isWebPage = (text) => /^\s*<(?:!doctype html|html)\b/i.test(text);
/** What the body of an answer says is wrong; it may be cut off behind its beginning. */
function toldFailure(status, body) {
	const text = body.toString("latin1");
	const said = textOf(text, "Code") || void 0;
	const [, open = ""] = text.split("<Message>", 2);
	const told = decoded(open.split("</Message>", 1)[0] ?? "");
	const message = isWebPage(text) ? ofPage(status) : told;
	return {
		said,
		error: answeredFailure({
			status,
			code: said,
			message
		})
	};
}

// src/adapters/sigv4.ts
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

// src/adapters/hearing.ts
/** Lets a client's calls end at their signal: the SDK itself hears none while it waits for credentials, or to try again. */
function hearing(client) {
	const send = client.send.bind(client);
	const heard = (command, options) => orAborted(options?.abortSignal, send(command, options));
	return Object.assign(client, { send: heard });
}

// src/adapters/sdk-credentials.ts
/** Our credentials as the SDK takes them; asked for again as they expire. */
const toSdk = (source) => async () => {
	const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = await source();
	return {
		accessKeyId,
		secretAccessKey,
		...sessionToken === void 0 ? {} : { sessionToken },
		...expiresAtMs === void 0 ? {} : { expiration: new Date(expiresAtMs) }
	};
};
/** The SDK's credentials as ours. */
const fromSdk = (source) => async () => {
	const { accessKeyId, secretAccessKey, sessionToken, expiration } = await source();
	return {
		accessKeyId,
		secretAccessKey,
		sessionToken,
		expiresAtMs: expiration?.getTime()
	};
};

// src/model/answer-room.ts
/** Bytes of an answer that is parsed as a whole; a longer one is not read. */
const MOST_PARSED_BYTES = 2 * 2 ** 20;
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

// src/adapters/sdk-handler.ts
const CONNECT_MS = 1e4;
const MARKS = ["<", "&"].map((mark) => Buffer.from(mark));
function targetOf({ path, query }) {
	const pairs = Object.entries(query).sort(([a], [b]) => a < b ? -1 : 1).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => one === null ? escapeUri(name) : `${escapeUri(name)}=${escapeUri(one)}`));
	return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}
function wireRequestOf(request) {
	const { protocol, hostname, port, method, headers, body } = request;
	if (body !== void 0 && body !== null && typeof body !== "string" && !(body instanceof Uint8Array)) throw new TypeError("A request of the SDK has a body that is a stream.");
	return {
		base: new URL(`${protocol}//${hostname}${port === void 0 ? "" : `:${port}`}`),
		method,
		target: targetOf(request),
		headers,
		body: body ?? void 0,
		mostBytes: MOST_PARSED_BYTES,
		connectMs: CONNECT_MS
	};
}
const headersOf = ({ headers }) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value ?? ""]));
/** Throws where the SDK's parser would hold up all else, or never end. */
function refuseEndless({ status, body }) {
	if (status >= 300 && body.length >= 65536) throw toldFailure(status, body).error;
	let marks = 0;
	for (const mark of MARKS) for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) if (++marks > 2e4) throw tooLong(status);
}
/**
* Sends the SDK's requests by the rules of our own: one limit on the whole time of an attempt, one on the
* size of its answer, and a cancel is heard at once, in the body too.
*/
var SdkHandler = class {
	metadata = { handlerProtocol: "http/1.1" };
	#rules;
	constructor(rules) {
		this.#rules = rules;
	}
	/** Makes one attempt. Throws what the network did, ServiceError, or the signal's reason. */
	async handle(request, { abortSignal } = {}) {
		const { agents, timeoutMs } = this.#rules;
		const signal = abortSignal;
		try {
			const wireRequest = wireRequestOf(request);
			const answer = await ask(wireRequest, agents, {
				timeoutMs,
				signal
			});
			refuseEndless(answer);
			const { status: statusCode, body } = answer;
			return { response: {
				statusCode,
				headers: headersOf(answer),
				body: Readable.from([body])
			} };
		} catch (error) {
			if (error instanceof ServiceError && isTransient(error)) throw Object.assign(error, { $retryable: {} });
			throw error;
		}
	}
	/** Closes its connections. */
	destroy() {
		closeAgents(this.#rules.agents);
	}
	/** Nothing of it is the SDK's to change. */
	updateHttpClientConfig() {}
	/** Nothing of it is the SDK's to know. */
	httpHandlerConfigs() {
		return {};
	}
};

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

// src/inputs/yaml-text.ts
var import_dist = require_dist();
/** The text of a scalar: without a schema, all are text. */
const scalarText = (node) => (0, import_dist.isScalar)(node) && node.value !== "" ? node.value : void 0;
const isEmpty = (node) => node === null || (0, import_dist.isScalar)(node) && node.value === "" && !node.tag;
/** Why a value has no text: an unquoted glob such as `*.tmp` is an alias to YAML, `!a` a tag, `{a,b}` a mapping. */
const whyNoText = (node) => ((0, import_dist.isSeq)(node) ? node.items : [node]).every((part) => scalarText(part) !== void 0 || isEmpty(part)) ? "has no value" : "is not a plain text in YAML: put it in quotes, as in '*.tmp'";
/** What each alias stands for: found in one walk, where the library would take one for each alias. */
function targetsIn(document) {
	const anchors = /* @__PURE__ */ new Map();
	const targets = /* @__PURE__ */ new Map();
	(0, import_dist.visit)(document, {
		Alias: (_key, alias) => void targets.set(alias, anchors.get(alias.source)),
		Value: (_key, node) => void (node.anchor && anchors.set(node.anchor, node))
	});
	return targets;
}
/** Reads YAML that a user wrote. */
function parseYamlText(text) {
	const lineCounter = new import_dist.LineCounter();
	const document = (0, import_dist.parseDocument)(text, {
		schema: "failsafe",
		lineCounter,
		prettyErrors: false
	});
	const lineAt = (offset) => lineCounter.linePos(offset).line;
	const targets = targetsIn(document);
	const resolved = (node) => (0, import_dist.isAlias)(node) ? targets.get(node) : node;
	return {
		contents: document.contents,
		problems: document.errors.map(({ message, pos }) => ({
			line: lineAt(pos[0]),
			message
		})),
		lineOf: (node) => lineAt(node.range[0]),
		resolved,
		valueText: (node) => {
			const value = resolved(node);
			if (!(0, import_dist.isSeq)(value)) return scalarText(value);
			const lines = value.items.map((item) => scalarText(resolved(item)));
			return lines.length > 0 && lines.every((line) => line !== void 0) ? lines.join("\n") : void 0;
		}
	};
}

// src/storage/journaled.ts
/**
* Keeps a journal of uploads: what a run leaves that is killed can be found in it and aborted. It is
* written line by line, each before the first part of its upload.
*/
function journaled(objects, { files, path, onFirst }) {
	const open = /* @__PURE__ */ new Set();
	let opened;
	async function enter(line) {
		if (!opened) onFirst();
		opened ??= files.writer(path);
		await (await opened).append(Buffer.from(`${JSON.stringify(line)}\n`));
	}
	async function over({ uploadId }) {
		if (open.delete(uploadId)) await enter({ over: uploadId });
	}
	return {
		objects: {
			...objects,
			startUpload: async (write, limit) => {
				const upload = await objects.startUpload(write, limit);
				open.add(upload.uploadId);
				await enter({ begun: upload });
				return upload;
			},
			completeUpload: async (upload, parts, limit) => {
				const etag = await objects.completeUpload(upload, parts, limit);
				await over(upload);
				return etag;
			},
			abortUpload: async (upload, limit) => {
				await objects.abortUpload(upload, limit);
				await over(upload);
			}
		},
		close: async () => {
			if (!opened) return;
			await (await opened).close();
			if (open.size === 0) await files.removeFile(path);
		}
	};
}
/** The uploads that a journal has open; its last line may have been cut off. */
async function openUploads(files, path) {
	const open = /* @__PURE__ */ new Map();
	if (!await files.exists(path)) return [];
	for await (const text of files.lines(path)) {
		const line = lineOf(text);
		if (line && "begun" in line) open.set(line.begun.uploadId, line.begun);
		else if (line) open.delete(line.over);
	}
	return [...open.values()];
}
function lineOf(text) {
	try {
		return JSON.parse(text);
	} catch {
		return;
	}
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

// src/model/outcome.ts
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

// src/model/batch.ts
const MB$1 = 1e6;
/** Size class of an object. */
function sizeClassOf(bytes) {
	if (bytes < 10 * MB$1) return "small";
	return bytes <= 100 * MB$1 ? "medium" : "large";
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

// src/transfer/tuning.ts
const MB = 1e6;
const MIB = 2 ** 20;
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
		partBytes: 100 * MIB
	},
	cross: {
		workers: 10,
		partBytes: 50 * MIB
	}
};
function workersBySize(classes) {
	const [only, another] = classes;
	return WORKERS[another === void 0 ? only ?? "small" : "mixed"];
}
const USABLE_MEMORY = .8;
const LEAST_WORKER_BYTES = 50 * MIB;
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
		partBytes: 5 * MIB
	},
	{
		belowBytes: 500 * MB,
		partBytes: 50 * MIB
	},
	{
		belowBytes: Number.POSITIVE_INFINITY,
		partBytes: 100 * MIB
	}
];
const LEAST_PART_BYTES = 5 * MIB;
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
	const least = Math.ceil(size / MOST_PARTS$1 / MIB) * MIB;
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
const CONNECTIONS_OF_A_STREAM = 2;
/** Copies at a time that the action itself bears where it may open so many files. */
const copiesWithin = (openFiles, streamed) => bearable(openFiles, OWN_FILES, streamed ? CONNECTIONS_OF_A_STREAM : 1);

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
	return writtenAs(op, {
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

export { EMPTY_SHA256, JsonLines, MOST_TEXT_CHARS, NOT_LOOKED_AT, PART_SIZE, SdkHandler, WORKERS, abortAll, awaitsLook, batchOps, copiesWithin, createSigner, element, elements, escapeUri, fromSdk, fromUrlEncoded, hearing, isMadeByFunction, isWebPage, journaled, mayGoDirect, openUploads, parseYamlText, partBytesFor, plainText, readAwsConfig, readProfiles, roomOf, rootOf, routeToDirect, s5cmdCannot, scalarText, sdkService, sha256, sizeClassOf, statedPartBytes, textOf, toSdk, toldFailure, usesUpPorts, whyNoText, whyOneBucket, workersByMemory, workersFor, workersWithin };