import { __name } from "./rolldown-runtime.js";
import { appendFileSync } from "node:fs";

// src/adapters/node-version.ts
const LEAST_MAJOR = 24;
/** Why this Node cannot run the action, and what to do; undefined where it can. */
function nodeProblem(version, arch) {
	if (Number.parseInt(version, 10) >= LEAST_MAJOR) return void 0;
	return `This action needs Node ${LEAST_MAJOR}, but this runner started it with Node ${version}. ${arch === "arm" ? "The GitHub runner has no Node 24 for 32-bit ARM: use a runner with a 64-bit system." : "Update the runner to 2.327.1 or newer; if Node comes from the container image (act, Gitea, Forgejo), use an image with Node 24."} Nothing was touched.`;
}
/** Into a file of the runner; where that cannot be written, the exit code and the annotation must do. */
function handOn(variable, values) {
	const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
	try {
		appendFileSync(process.env[variable] ?? "", lines.join(""));
	} catch {}
}
/**
* Whether this Node is too old, which is told as any other failure is: else the end would be a SyntaxError or a TypeError
* that names the action. Imports nothing that an old Node has not got.
*/
function refuseOldNode() {
	const { node } = process.versions;
	const problem = nodeProblem(node, process.arch);
	if (problem === void 0) return false;
	if (process.env["STATE_started"]) return true;
	handOn("GITHUB_STATE", { started: "true" });
	handOn("GITHUB_OUTPUT", {
		result: "failed",
		"failure-kind": "preflight",
		"failure-message": problem
	});
	console.log(`::error title=Node ${node} is too old for this action::${problem}`);
	process.exitCode = 1;
	return true;
}

// src/main.ts
if (!refuseOldNode()) await import("./start.js");

export {  };