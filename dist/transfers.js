import { __name } from "./rolldown-runtime.js";
import { parseYamlText, require_dist, scalarText, whyNoText } from "./yaml.js";
import { INPUTS, formerInput, inputNear, windowsRefuses } from "./action.js";

// src/inputs/transfers.ts
var import_dist = require_dist();
/** More in one step would be a fleet, and a folder for each. */
const MOST_TRANSFERS = 50;
const NAME = /^[a-z0-9-]{1,40}$/;
const EXPECTED = "expected a transfer, such as - { name: docs, source: s3://stage/docs/, destination: s3://prod/docs/ }";
/** What a key that is no input may have been meant to be. */
function meantBy(key) {
	if (key === "<<") return ": set what several transfers share next to transfers";
	const dashed = key.replaceAll("_", "-").toLowerCase();
	if (dashed === "name" || Object.hasOwn(INPUTS, dashed)) return `; write ${dashed}`;
	const near = inputNear(dashed);
	return near ? `; write ${near}` : "";
}
/** Why a key of an entry cannot stand there; undefined: it can. */
function problemOfKey(key) {
	const former = formerInput(key);
	if (former) return `${key} ${former}`;
	if (!Object.hasOwn(INPUTS, key)) return `${JSON.stringify(key)} is not an input that a transfer can set${meantBy(key)}`;
	return INPUTS[key].transfer === "no" ? `${key} applies to the whole step: set it next to transfers` : void 0;
}
/** Reads the entries of a list one after the other, and keeps what is wrong with them. */
var EntryReader = class {
	problems = [];
	#yaml;
	/** Names, and the lines of their entries. */
	#names = /* @__PURE__ */ new Map();
	constructor(yaml) {
		this.#yaml = yaml;
	}
	read(item) {
		const line = this.#yaml.lineOf(item);
		const mapping = this.#yaml.resolved(item);
		if (!(0, import_dist.isMap)(mapping)) {
			this.#refuse(line, EXPECTED);
			return;
		}
		return {
			name: this.#nameOf(mapping, line),
			line,
			values: this.#valuesOf(mapping)
		};
	}
	#refuse(line, text) {
		this.problems.push(`line ${line}: ${text}`);
	}
	#nameOf({ items }, line) {
		const given = items.find(({ key }) => scalarText(key) === "name");
		const name = scalarText(this.#yaml.resolved(given?.value)) ?? "";
		const shown = given ? `name ${JSON.stringify(name)}` : "the transfer has no name";
		const at = given ? this.#yaml.lineOf(given.key) : line;
		const first = this.#names.get(name);
		if (!NAME.test(name)) this.#refuse(at, `${shown}: expected 1 to 40 of the characters a-z 0-9 -`);
		else if (windowsRefuses(name)) this.#refuse(at, `${shown}: ${windowsRefuses(name)}`);
		else if (first !== void 0) this.#refuse(at, `${shown} is already used by the transfer in line ${first}: names must be unique`);
		else this.#names.set(name, line);
		return name;
	}
	#valuesOf({ items }) {
		const values = /* @__PURE__ */ new Map();
		for (const { key, value } of items) {
			const input = scalarText(key) ?? "";
			if (input === "name") continue;
			const line = this.#yaml.lineOf(key);
			const problem = problemOfKey(input);
			const text = this.#yaml.valueText(value)?.trim();
			if (problem !== void 0) this.#refuse(line, problem);
			else if (!text) this.#refuse(line, `${input} ${whyNoText(value)}`);
			else values.set(input, {
				text,
				where: `transfers, line ${line}`
			});
		}
		return values;
	}
};
/** Reads the input `transfers`: a YAML list of mappings, whose values are text as inputs are. */
function readTransferList(text) {
	const yaml = parseYamlText(text);
	if (yaml.problems.length > 0) return {
		entries: [],
		problems: yaml.problems.map(({ line, message }) => `line ${line}: ${message.replace(/: ".*$/s, "")}`)
	};
	const { contents } = yaml;
	if (!(0, import_dist.isSeq)(contents) || contents.items.length === 0) return {
		entries: [],
		problems: [`line 1: ${EXPECTED}`]
	};
	const many = contents.items.length;
	if (many > 50) return {
		entries: [],
		problems: [`has ${many} transfers, but at most ${50} are allowed`]
	};
	const reader = new EntryReader(yaml);
	return {
		entries: contents.items.flatMap((item) => reader.read(item) ?? []),
		problems: reader.problems
	};
}

export { readTransferList };