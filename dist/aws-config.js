import { __name } from "./rolldown-runtime.js";
import { homeFolder, readText } from "./action.js";
import os from "node:os";
import path from "node:path";
import { realpath } from "node:fs/promises";

// src/adapters/aws-config.ts
function named(variable, name) {
	const home = homeFolder();
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
const textOf = async (file) => await isNull(file) ? "" : readText(file, MOST_BYTES);
/** One that is not there is as good as an empty one. */
async function lookAt({ path: file, asked }) {
	try {
		const text = await textOf(file);
		const line = malformedLine(text);
		const problem = line === 0 ? void 0 : `line ${line} is neither a [section] nor name = value`;
		return {
			problem,
			saysNothing: problem === void 0 && text.trim() === ""
		};
	} catch (error) {
		const { code = "", message } = error;
		const saysNothing = (asked ? ["ENOENT", "ENOTDIR"] : [
			"ENOENT",
			"ENOTDIR",
			"EACCES",
			"EPERM"
		]).includes(code);
		return {
			problem: saysNothing ? void 0 : message,
			saysNothing
		};
	}
}
/** Both files as the SDK reads them; what is wrong with one stands beside it, and keeps the SDK from it. */
async function readAwsConfig() {
	const config = named("AWS_CONFIG_FILE", "config");
	const credentials = named("AWS_SHARED_CREDENTIALS_FILE", "credentials");
	const looks = {
		config: await lookAt(config),
		credentials: await lookAt(credentials)
	};
	const pathOf = ({ path }, { problem }) => problem === void 0 ? path : os.devNull;
	const { configFile, credentialsFile } = looks.config.saysNothing && looks.credentials.saysNothing ? {
		configFile: {},
		credentialsFile: {}
	} : await (await import("./aws-profiles.js")).readSections({
		config: pathOf(config, looks.config),
		credentials: pathOf(credentials, looks.credentials)
	});
	const file = (at, sections, { problem }) => ({
		path: at.path,
		sections,
		problem
	});
	return {
		config: file(config, configFile, looks.config),
		credentials: file(credentials, credentialsFile, looks.credentials)
	};
}

export { readAwsConfig };