import { __name } from "./rolldown-runtime.js";
import { MOST_ERROR_BYTES, NO_TALLY, OUT_OF_ORDER, ServiceError, answeredFailure, ask, closeAgents, cut, denialIn, failureKind, helpOf, inKeyOrder, isAcrossRegions, isConsequence, isExpiry, isPuzzled, isTransient, keepsOthers, keepsType, kindOfDenial, listAll, listRange, ofPage, optionsFor, orAborted, otherEtag, readText, ruledKey, sameEtag, serviceFailure, toKeyBytes, toText, tooLong, visibleJson, waveOf } from "./action.js";
import { getHomeDir, loadSharedConfigFiles, parseKnownFiles } from "./aws-sdk.js";
import { require_dist } from "./yaml.js";
import { inParallel, joinStreams, listOne, sameChecksum } from "./compare.js";
import { Readable } from "node:stream";
import { createHmac, createSecretKey, hash, randomBytes } from "node:crypto";
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

// src/lock/body.ts
const SCHEMA = "s3-direct-sync/lock/1";
/** Most bytes of a lock that is read. */
const MOST_LOCK_BYTES = 4096;
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
	if (!isWhole$1(epoch, 1, Number.MAX_SAFE_INTEGER - 1)) return void 0;
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
			const { bytes } = await objects.read({
				...this.#at,
				etag
			}, { bytes: size }, limit);
			return {
				etag,
				body: readLock(Buffer.from(bytes).toString()),
				ageMs
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
const ATTEMPTS = 5;
const TIMEOUT_MS = 5e3;
const PAUSE_MS = 200;
/**
* Gives a lock back while it is this owner's: it is deleted where the service heeds conditions on deletes, else it says
* that it is released, as a delete without one might take another's.
*/
async function releaseLock({ etag: first, body }, { object, clock, heedsDeletes, withinMs }) {
	const endMs = clock.steadyMs() + withinMs;
	const limit = () => ({ timeoutMs: Math.max(1, Math.min(TIMEOUT_MS, endMs - clock.steadyMs())) });
	let etag = first;
	let deletes = heedsDeletes || void 0;
	for (let left = ATTEMPTS; left > 0 && clock.steadyMs() < endMs; left--) {
		try {
			deletes ??= await object.heedsDeletes(body.owner, limit());
			const marked = {
				...body,
				write: randomId(),
				isReleased: true
			};
			if (deletes) await object.remove(etag, limit());
			else await object.put(marked, { etag }, limit());
			return "released";
		} catch (error) {
			const meaning = meaningOf(error);
			if (meaning === "refused" || meaning === "puzzled") deletes = false;
		}
		const look = await object.look(limit()).catch(() => "hidden");
		if (look === "absent") return "released";
		if (look === "hidden") await clock.sleep(PAUSE_MS);
		else if (look.body?.owner !== body.owner || look.body.isReleased) return "released";
		else etag = look.etag;
	}
	return "left";
}
/** Gives back what a run of this owner left. */
async function releaseLeft(owner, deps) {
	const look = await deps.object.look({ timeoutMs: Math.min(TIMEOUT_MS, deps.withinMs) });
	if (look === "absent") return "none";
	if (look === "hidden") return "left";
	const { etag, body } = look;
	if (body?.owner !== owner || body.isReleased) return "none";
	return releaseLock({
		etag,
		body
	}, deps);
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
function nameOf(code, message) {
	const kind = kindOfDenial(message);
	return kind === void 0 ? code : `~${code} ${cut(kind, MESSAGE_CHARS$1)}`;
}
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
	const [, folder] = /^([^/]*\/)/.exec(key.slice(sourcePrefix.length)) ?? [];
	return folder === void 0 ? TOP : cut(folder, CODE_CHARS);
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
		this.#errors.add(nameOf(cut(code || UNNAMED, CODE_CHARS), message), {
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

// src/model/row-sum.ts
/** Where the size of an op begins in its line, and in its row: what stands before is the same in both. */
const BEFORE_SIZE = "\",\"size\":";
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
		let [a, b] = [-2128831035, -1756908916];
		for (let i = 0; i < end; i++) {
			const unit = line.charCodeAt(i);
			a = Math.imul(a ^ unit, 16777619);
			b = Math.imul(b, 31) + unit | 0;
		}
		const mixed = Math.imul(b ^ b >>> 15, 2246822507);
		this.#first = this.#first + a | 0;
		this.#second = this.#second + mixed | 0;
		this.#mixed ^= Math.imul(a ^ mixed >>> 13, 3266489909);
		this.#lines++;
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
};

// src/ledger/handed-rows.ts
const STATUSES = /* @__PURE__ */ new Set([
	"done",
	"failed",
	"unknown"
]);
const ENGINES = /* @__PURE__ */ new Set(["s5cmd", "direct"]);
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
	return isCount(size) && STATUSES.has(status) && ENGINES.has(engine) && isCount(attempts) && (seconds === void 0 || Number.isFinite(seconds) && seconds >= 0) && isText(row.route) && isText(code) && isText(message) && (replaced === void 0 || replaced === true) && (proof === void 0 || proof === "etag" || proof === "checksum") && (status === "done" || typeof code === "string");
}
/** The row of a line; undefined where it is none of ours. */
function rowOf(line) {
	BEGINNING.lastIndex = 0;
	if (line.length > MOST_CHARS || !BEGINNING.test(line)) return void 0;
	TWICE.lastIndex = BEGINNING.lastIndex;
	if (TWICE.test(line)) return void 0;
	try {
		const row = JSON.parse(line);
		return isRow(row) ? row : void 0;
	} catch {
		return;
	}
}
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
	/** Writes them as bytes: a line that waits as text holds all that was read with it in memory. */
	async add(lines) {
		if (lines.length === 0) return;
		this.#writer ??= await this.#files.writer(this.#path);
		await this.#writer.append(Buffer.from(`${lines.join("\n")}\n`));
	}
	async close() {
		await this.#writer?.close();
	}
};
/**
* Reads rows that were handed over, once and in a memory that does not grow with them. Gives in words why they are not to
* be believed: a line that is none of ours, or other copies than those that were to be made.
*/
async function mergeRows({ name, path, sum }, { files, folder, sourcePrefix, signal }) {
	const totals = new OutcomeTotals();
	const rows = new RowSum();
	const failed = new LateFile(files, files.join(folder, `${name}-failed.ndjson`));
	const replaced = new LateFile(files, files.join(folder, `${name}-replaced.ndjson`));
	let added = 0;
	try {
		for await (const block of files.lineBlocks(path)) {
			signal.throwIfAborted();
			const told = {
				failed: [],
				replaced: []
			};
			for (const line of block) {
				const row = rowOf(line);
				if (!row) return "a line of its results is no row of a copy";
				rows.add(line);
				totals.add(row, sourcePrefix);
				if (row.status !== "done") told.failed.push(line);
				else if (row.replaced) told.replaced.push(line);
				else added++;
			}
			await failed.add(told.failed);
			await replaced.add(told.replaced);
		}
	} finally {
		await failed.close();
		await replaced.close();
	}
	if (rows.digest !== sum) return `its results are not one row for each of its copies (${rows.lines})`;
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

// src/model/engine-totals.ts
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
const MOST_PARTS = 1e4;
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
	const least = Math.ceil(size / MOST_PARTS / MIB) * MIB;
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

// src/ledger/rows.ts
const MESSAGE_CHARS = 500;
/** Code and message of an op that is not done, without secrets that a service sent back. */
const failureOf = ({ code = "", message = "" }, hide) => ({
	code: hide(code),
	message: hide(message).slice(0, MESSAGE_CHARS)
});
/** The row of a copy. `hide` takes secrets out of what a service said. */
function rowOfCopy(op, outcome, belief, hide) {
	const { status, engine, route, attempts, tookMs } = outcome;
	const isDone = status === "done";
	return {
		op: op.op,
		key: op.key,
		to: op.to,
		...op.wave === void 0 ? {} : { wave: op.wave },
		size: op.size,
		status,
		...op.toEtag === void 0 ? {} : { replaced: true },
		engine: engine === "s5cmd" ? engine : "direct",
		...route ? { route } : {},
		attempts,
		...isDone && tookMs !== void 0 ? { seconds: tookMs / 1e3 } : {},
		...isDone && outcome.sha256 ? { sha256: outcome.sha256 } : {},
		...isDone && outcome.sha256 && outcome.sha256 === op.sha256 ? { sha256Proven: true } : {},
		...belief === "proven" ? { proof: "etag" } : {},
		...isDone ? {} : failureOf(outcome, hide),
		...isDone && belief === "claimed" ? NOT_LOOKED_AT : {}
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
* A look by HEAD; where the identity may list but not read, or the answer does not tell size and time, by a listing of one key.
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
			if (serviceFailure(error).code !== "AccessDenied") throw error;
			capabilities.refusesHeads();
			return listOne(store, {
				bucket,
				key
			}, signal);
		}
	};
}
/** Beyond this many keys one listing is cheaper than a HEAD for each. */
const MOST_HEADS = 1e3;
const HEADS_AT_ONCE = 32;
/** How so many keys are looked at at the least cost. */
const lookMethod = (count) => count <= MOST_HEADS ? "heads" : "listing";
async function byHeads({ place, signal }, { records }) {
	const look = looker(place.store, place.bucket);
	const pairs = [];
	await inParallel(records, HEADS_AT_ONCE, async (record) => {
		signal.throwIfAborted();
		pairs.push([record, await look(place.prefix + toText(record.key), signal)]);
	});
	return pairs;
}
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
	const inOrder = (objects, name) => inKeyOrder(objects, {
		files,
		folder: files.join(scratch, name)
	});
	if (range && !place.single) try {
		return await inOrder(listRange(place, range, signal), "found");
	} catch (error) {
		if (error !== OUT_OF_ORDER) throw error;
	}
	return inOrder(listAll(place, signal), "found-anywhere");
}
async function byListing(deps, { records }) {
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
/**
* What a place has now under each of many keys: by HEAD up to 1,000, beyond that (and where it is asked
* for) by one listing, which adds pairs without a record. All of it is seen before
* the first pair is given. Throws the service's error, or SyncError when a listing is not complete.
*/
const lookAtEach = async (deps, sought) => (deps.method ?? lookMethod(sought.count)) === "heads" ? byHeads(deps, sought) : byListing(deps, sought);

// src/model/proof.ts
const MD5 = /^[0-9a-f]{32}$/i;
/** Whether a destination object is the planned copy, by what a listing or a HEAD tells of it. */
function standingOf(expected, found) {
	if (!found || found.size !== expected.size) return "other";
	const { etag, stood, answer, batchBeganMs } = expected;
	const writtenSince = Math.floor(Date.parse(found.modified) / 1e3) >= Math.floor(batchBeganMs / 1e3);
	if (sameEtag(found.etag, etag)) return !sameEtag(stood, etag) || sameEtag(answer, etag) || writtenSince ? "etag" : "other";
	if (sameEtag(found.etag, answer) && !sameEtag(stood, answer)) return "size-and-time";
	if (!writtenSince || sameEtag(answer, etag) && otherEtag(found.etag, etag)) return "other";
	if (sameEtag(found.etag, answer)) return "size-and-time";
	const sourceIsMd5 = MD5.test(etag) && expected.etagIsMd5 !== false;
	const foundIsMd5 = found.etagIsMd5 !== false && (MD5.test(found.etag) || expected.oneRequest === true && found.etag !== "");
	return sourceIsMd5 && foundIsMd5 ? "suspect" : "size-and-time";
}
/** Whether the object at the destination is surely the planned copy: one that is suspect is not. */
const holds = (expected, found) => ["etag", "size-and-time"].includes(standingOf(expected, found));

// src/verify/second-looks.ts
/** What may be read to see whether ETags are MD5s: an object of at most so many bytes. */
const MOST_READ_BYTES = 8 * 2 ** 20;
/** So many objects without checksums in a row, and the service has none. */
const VAIN_ASKS = 10;
/** Directory buckets (S3 Express One Zone) have ETags that are no MD5. */
const isDirectoryBucket = (bucket) => bucket.endsWith("--x-s3");
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
	/** Whether the destination's ETags are MD5s; undefined: nobody has seen. */
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
		this.#etagsAreMd5 ??= this.#readMd5(claim, found);
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
	/** Whether the MD5 of an object is its ETag, as on AWS; other services may have ETags of their own. */
	async #readMd5(claim, { etag, size }) {
		const { destination, requestTimeoutMs, signal } = this.#sides;
		const { bucket, endpoint, store } = destination;
		const usual = endpoint === void 0 && !isDirectoryBucket(bucket);
		if (usual || size > MOST_READ_BYTES) return usual;
		try {
			const object = {
				bucket,
				key: this.#keyOf(claim),
				etag
			};
			const limit = {
				timeoutMs: requestTimeoutMs,
				signal
			};
			const { bytes } = await store.objects.read(object, { bytes: size }, limit);
			return hash("md5", bytes) === etag;
		} catch {
			signal.throwIfAborted();
			return usual;
		}
	}
};

export { EMPTY_SHA256, JsonLines, LockObject, MOST_TEXT_CHARS, NOBODYS, OutcomeTotals, RowSum, SdkHandler, SecondLooks, WORKERS, abortAll, addRows, awaitsLook, batchOps, copiesWithin, createSigner, element, elements, engineTotals, escapeUri, fromSdk, fromUrlEncoded, hearing, holds, isMadeByFunction, isWebPage, journaled, lookAtEach, lookMethod, looker, mayGoDirect, meaningOf, mergeRows, openUploads, parseYamlText, partBytesFor, plainText, randomId, readAwsConfig, readProfiles, releaseLeft, releaseLock, roomOf, rootOf, routeToDirect, rowOfCopy, rowOfDelete, s5cmdCannot, scalarText, sdkService, sha256, sizeClassOf, standingOf, textOf, toSdk, toldFailure, usesUpPorts, whyNoText, whyOneBucket, workersByMemory, workersFor, workersWithin };