import { __name } from "./rolldown-runtime.js";
import { parseYamlText, require_dist, scalarText, whyNoText } from "./yaml.js";
import { ACLS, HEADERS_DIGEST, STORAGE_CLASSES, isOneSlipFrom } from "./action.js";
import { PART_SIZE } from "./requests.js";

// src/inputs/header-rules.ts
var import_dist = require_dist();
const HEADERS = [
	"cache-control",
	"content-type",
	"content-disposition",
	"content-language",
	"content-encoding"
];
const FIELDS = [
	"files",
	...HEADERS,
	"metadata",
	"storage-class",
	"acl",
	"tags"
];
/** What a name that is no field may have been meant to be, as the end of a message. */
function meantBy(name) {
	const dashed = name.replaceAll("_", "-").toLowerCase();
	const near = FIELDS.find((field) => field === dashed || isOneSlipFrom(dashed, field));
	return near ? `; write ${near}` : "";
}
/** What is wrong with a name; `isTail`: it follows a comma within { }, and nothing follows it. */
function problemOfName(name, isTail) {
	const quoted = JSON.stringify(name);
	return isTail ? `${quoted} has no value: within { } quote a value that contains a comma, as in 'public, max-age=60'` : `${quoted} is not one of ${FIELDS.join(", ")}${meantBy(name)}`;
}
const VISIBLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const META = "x-amz-meta-";
/** Of system-defined headers together, and of user metadata, names and values: S3 takes no more. */
const MOST_BYTES = 2048;
/** What our own entries take of it: the digest, and the size of the parts, which has ten digits at most. */
const OWN_BYTES = HEADERS_DIGEST.length - 11 + 16 + PART_SIZE.length + 10;
const MOST_TAGS = 10;
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const bytesOf = (pairs) => pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
/** Why a text cannot be the value of a header; undefined: it can. */
function headerFlaw(name, value) {
	if (name === "content-type" && !value.includes("/")) return "expected a type such as text/html; without it, the type is that of the source, or of the file name";
	if (VISIBLE.test(value)) return void 0;
	if (/^\s|\s$/.test(value)) return "begins or ends with a space";
	return `takes printable ASCII alone: ${name === "content-disposition" ? "write other characters as in filename*=UTF-8''na%C3%AFve.txt" : "write other characters as in =?UTF-8?Q?na=C3=AFve?="}`;
}
/** Why a text cannot be the name of user metadata. */
function metadataFlaw(name) {
	if (name.startsWith(META)) return `is written without ${META}`;
	if (META + name === "x-amz-meta-s3-direct-sync-headers" || name === "s3-direct-sync-part-size") return "is reserved for this action";
	return TOKEN.test(name) ? void 0 : "contains a character that is not allowed in a header name";
}
function tagFlaw(name, value) {
	if (name.length < 1 || name.length > 128 || value.length > 256) return "a name has 1 to 128 characters, a value at most 256";
	if (/^aws:/i.test(name)) return "names that begin with aws: are reserved";
	return TAG.test(name) && TAG.test(value) ? void 0 : "names and values may contain letters, digits, spaces and _ . : / = + - @";
}
/** Reads one document; what is wrong is collected. */
var RulesReader = class {
	#yaml;
	#name;
	#isWorkflow;
	problems;
	constructor({ text, name, isWorkflow }) {
		this.#yaml = parseYamlText(text);
		this.#name = name;
		this.#isWorkflow = isWorkflow;
		this.problems = this.#yaml.problems.map(({ line, message }) => this.#at(line, message));
	}
	#at(line, text) {
		return this.#name === "" ? `line ${line}: ${text}` : `${this.#name}, line ${line}: ${text}`;
	}
	#refuse(at, text) {
		this.problems.push(this.#at(this.#yaml.lineOf(at), text));
	}
	/** Text, or lines of text. */
	#globs(field) {
		if (!field) return [];
		const { at, value } = field;
		const texts = ((0, import_dist.isSeq)(value) ? value.items.map((item) => this.#yaml.resolved(item)) : [value]).map(scalarText);
		if (texts.length > 0 && texts.every((text) => text !== void 0)) return texts.flatMap((text) => text.split("\n")).filter((glob) => glob.trim() !== "");
		this.#refuse(at, `files ${whyNoText(value)}`);
		return [];
	}
	/** Names and values; a value that is quoted may be empty. */
	#pairs(field, { at, value }) {
		if (!(0, import_dist.isMap)(value)) {
			this.#refuse(at, `${field} takes names and values, as in ${field}: { build: '7' }`);
			return [];
		}
		return value.items.flatMap(({ key, value: given }) => {
			const name = scalarText(key) ?? "";
			const node = this.#yaml.resolved(given);
			const text = (0, import_dist.isScalar)(node) && node.type !== "PLAIN" && node.value === "" ? "" : scalarText(node);
			if (text !== void 0) return [[name, text]];
			this.#refuse(key, `${field} ${JSON.stringify(name)} ${whyNoText(node)}`);
			return [];
		});
	}
	#header(name, field) {
		if (!field) return void 0;
		const { at, value } = field;
		const text = scalarText(value);
		if (text === void 0) return this.#refuse(at, `${name} ${whyNoText(value)}`);
		const flaw = headerFlaw(name, text);
		return flaw ? this.#refuse(at, `${name} ${flaw}`) : text;
	}
	#metadata(field) {
		if (!field) return {};
		const { at } = field;
		const pairs = this.#pairs("metadata", field).map(([name, text]) => [name.toLowerCase(), text]);
		for (const [name, text] of pairs) {
			const flaw = metadataFlaw(name) ?? (text === "" ? void 0 : headerFlaw(name, text));
			if (flaw) this.#refuse(at, `metadata ${JSON.stringify(name)} ${flaw}`);
		}
		const all = Object.fromEntries(pairs.map(([name, text]) => [META + name, text]));
		if (Object.keys(all).length < pairs.length) this.#refuse(at, "metadata has a duplicate name (names are not case-sensitive)");
		if (bytesOf(pairs) + OWN_BYTES > MOST_BYTES) this.#refuse(at, `metadata is too long: S3 takes ${MOST_BYTES - OWN_BYTES} bytes beside our own`);
		return all;
	}
	#tags(field) {
		if (!field) return void 0;
		const { at } = field;
		const pairs = this.#pairs("tags", field);
		if (pairs.length > MOST_TAGS) this.#refuse(at, `tags: an object has at most ${MOST_TAGS}`);
		for (const [name, text] of pairs) {
			const flaw = tagFlaw(name, text);
			if (flaw) this.#refuse(at, `tags ${JSON.stringify(name)}: ${flaw}`);
		}
		return pairs.map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join("=")).sort().join("&");
	}
	#oneOf(name, words, field) {
		if (!field) return void 0;
		const text = scalarText(field.value);
		if (text !== void 0 && words.includes(text)) return text;
		return this.#refuse(field.at, `${name}: expected one of ${words.join(", ")}`);
	}
	#acl(field) {
		if (this.#isWorkflow || !field) return this.#oneOf("acl", ACLS, field);
		return this.#refuse(field.at, "acl can only be set in the workflow: move headers there");
	}
	/** One rule. */
	rule(mapping) {
		const given = /* @__PURE__ */ new Map();
		for (const { key, value } of mapping.items) {
			const field = FIELDS.find((name) => name === scalarText(key));
			if (field) given.set(field, {
				at: key,
				value: this.#yaml.resolved(value)
			});
			else this.#refuse(key, problemOfName(scalarText(key) ?? "", mapping.flow === true && !value));
		}
		const start = mapping;
		if (!given.has("files")) this.#refuse(start, "a rule needs files: the globs that it applies to");
		else if (mapping.items.length === 1) this.#refuse(start, "a rule sets nothing besides files");
		const described = Object.fromEntries(HEADERS.flatMap((name) => {
			const text = this.#header(name, given.get(name));
			return text === void 0 ? [] : [[name, text]];
		}));
		if (bytesOf(Object.entries(described)) > MOST_BYTES) this.#refuse(start, `headers are too long: S3 takes ${MOST_BYTES} bytes`);
		return {
			files: this.#globs(given.get("files")),
			headers: {
				...described,
				...this.#metadata(given.get("metadata"))
			},
			storageClass: this.#oneOf("storage-class", STORAGE_CLASSES, given.get("storage-class")),
			acl: this.#acl(given.get("acl")),
			tags: this.#tags(given.get("tags"))
		};
	}
	/** All rules of the document; what is no YAML has none. */
	rules() {
		if (this.problems.length > 0) return [];
		const { contents, resolved } = this.#yaml;
		const nodes = (0, import_dist.isSeq)(contents) ? contents.items : [];
		if (nodes.length === 0) this.problems.push(this.#name === "" ? NO_LIST : `${this.#name}: ${NO_LIST}`);
		return nodes.flatMap((node) => {
			const mapping = resolved(node);
			if ((0, import_dist.isMap)(mapping)) return [this.rule(mapping)];
			this.#refuse(node, "expected a rule, as in - files: ['*.html']");
			return [];
		});
	}
};
const NO_LIST = "expected a list of rules, as in - files: ['*.html']";
/** Reads rules for headers from YAML: a list of mappings. Every value is text, as inputs are. */
function readHeaderRules(given) {
	const reader = new RulesReader(given);
	return {
		rules: reader.rules(),
		problems: reader.problems
	};
}

export { readHeaderRules };