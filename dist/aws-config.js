import { __name } from "./rolldown-runtime.js";
import { getHomeDir, loadSharedConfigFiles } from "./aws-sdk.js";
import { readText } from "./action.js";
import { realpath } from "node:fs/promises";
import os from "node:os";
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
/** Many say by this file that there is none. */
const textOf = async (file) => await realpath(file) === os.devNull ? "" : readText(file, MOST_BYTES);
/** Why a file cannot be used; one that is not there is as good as an empty one. */
async function problemOf({ path: file, asked }) {
	try {
		const line = malformedLine(await textOf(file));
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

export { readAwsConfig };