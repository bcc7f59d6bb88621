import { __name } from "./rolldown-runtime.js";
import { parseYamlText, require_dist, scalarText, whyNoText } from "./yaml.js";
import { INPUTS, formerInput } from "./action.js";

// src/inputs/config.ts
var import_dist = require_dist();
/** Names that say what an input is for, and the input. */
const OTHER_NAMES = /* @__PURE__ */ new Map([["enable-monitoring", "cloudwatch-metrics"]]);
/** The input that a name of a preset means: `part_size` is `part-size`. */
function inputNamed(name) {
	const dashed = name.replaceAll("_", "-");
	const input = OTHER_NAMES.get(dashed) ?? dashed;
	return Object.hasOwn(INPUTS, input) ? input : void 0;
}
/** Reads presets from YAML: a mapping of names to mappings of inputs. Every value is text, as inputs are. */
function readConfig(text, file) {
	const yaml = parseYamlText(text);
	const where = (line) => `${file}, line ${line}`;
	const lineOf = (node) => where(yaml.lineOf(node));
	const problems = yaml.problems.map(({ line, message }) => `${where(line)}: ${message}`);
	function presetOf(mapping) {
		const preset = /* @__PURE__ */ new Map();
		for (const { key, value } of mapping.items) {
			const name = scalarText(key) ?? "";
			const input = inputNamed(name);
			const former = formerInput(name);
			const given = yaml.valueText(value);
			if (former) problems.push(`${lineOf(key)}: ${name} ${former}`);
			else if (!input) problems.push(`${lineOf(key)}: ${JSON.stringify(name)} is not an input that a preset can set`);
			else if (INPUTS[input].preset === "no") problems.push(`${lineOf(key)}: ${name} cannot be set in a preset: set it in the workflow`);
			else if (given === void 0) problems.push(`${lineOf(key)}: ${name} ${whyNoText(value)}`);
			else preset.set(input, {
				text: given,
				where: lineOf(key)
			});
		}
		return preset;
	}
	const presets = /* @__PURE__ */ new Map();
	const { contents } = yaml;
	if (problems.length > 0) return {
		presets,
		problems
	};
	if (!(0, import_dist.isMap)(contents)) return {
		presets,
		problems: [`${where(1)}: expected presets by name`]
	};
	for (const { key, value } of contents.items) {
		const name = scalarText(key);
		const mapping = yaml.resolved(value);
		if (name === void 0) problems.push(`${lineOf(key)}: expected the name of a preset`);
		else if ((0, import_dist.isMap)(mapping)) presets.set(name, presetOf(mapping));
		else problems.push(`${lineOf(key)}: expected inputs and their values`);
	}
	return {
		presets,
		problems
	};
}

export { readConfig };