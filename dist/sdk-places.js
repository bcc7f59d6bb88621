import { __name } from "./rolldown-runtime.js";
import { AssumeRole$, AssumeRoleWithWebIdentity$, CredentialsProviderError, STSClient, SdkHandler, commonParams, fromHttp, fromIni, fromInstanceMetadata, fromSdk, fromTokenFile, getEndpointPlugin, makeBuilder, readProfiles, toSdk } from "./aws-sdk.js";
import { childPlace, credentialFlaws, flawSentence, readText } from "./action.js";
import { absoluteFolders, pathsOf, thisPlatform } from "./writing.js";
import { sdkService } from "./requests.js";
import path from "node:path";
import { spawn } from "node:child_process";

// node_modules/@aws-sdk/client-sts/dist-es/commandBuilder.js
const command = makeBuilder(commonParams, "AWSSecurityTokenServiceV20110615", "STSClient", getEndpointPlugin);
const _ep0 = {};
const _mw0 = (Command, cs, config, o) => [];

// node_modules/@aws-sdk/client-sts/dist-es/commands/AssumeRoleCommand.js
var AssumeRoleCommand = class extends command(_ep0, _mw0, "AssumeRole", AssumeRole$) {};

// node_modules/@aws-sdk/client-sts/dist-es/commands/AssumeRoleWithWebIdentityCommand.js
var AssumeRoleWithWebIdentityCommand = class extends command(_ep0, _mw0, "AssumeRoleWithWebIdentity", AssumeRoleWithWebIdentity$) {};

// src/adapters/shell-command.ts
const MOST_OUTPUT_BYTES = 2 ** 20;
/** What a command left behind may hold its pipe open after it has ended. */
const PATIENCE_MS = 1e3;
/** The inputs of this step, and what the runner gives to actions alone: no other command of the job has them. */
const OF_THIS_STEP = /^(INPUT_|ACTIONS_(RUNTIME|RESULTS|CACHE)_)/i;
/** The environment that a command of the job gets, but for folders of the PATH that would lie where it is started. */
function commandEnv({ env, platform }) {
	const PATH = platform === "win32" ? /^path$/i : /^PATH$/;
	const { delimiter } = pathsOf(platform);
	return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => {
		if (value === void 0 || OF_THIS_STEP.test(name)) return [];
		return [[name, PATH.test(name) ? absoluteFolders(value, platform).join(delimiter) : value]];
	}));
}
/** A program of Windows itself, wherever the PATH leads. */
const ofWindows = (name, { env }) => path.win32.join(env["SystemRoot"] ?? "C:\\Windows", "System32", name);
/** As Node and the AWS SDK start one, but the shell is named by its whole path. */
function start(command, { cwd, env }, machine) {
	const onWindows = machine.platform === "win32";
	const [shell, args] = onWindows ? [ofWindows("cmd.exe", machine), [
		"/d",
		"/s",
		"/c",
		`"${command}"`
	]] : ["/bin/sh", ["-c", command]];
	return machine.spawn(shell, args, {
		cwd,
		env,
		stdio: [
			"pipe",
			"pipe",
			"ignore"
		],
		detached: !onWindows,
		windowsHide: true,
		windowsVerbatimArguments: true
	});
}
/** Ends a shell and what it started, at once: another signal may be ignored. */
function endAll(child, machine) {
	const { pid, exitCode, signalCode } = child;
	if (pid === void 0) return;
	if (machine.platform !== "win32") try {
		process.kill(-pid, "SIGKILL");
	} catch {}
	else if (exitCode === null && signalCode === null) machine.spawn(ofWindows("taskkill.exe", machine), [
		"/pid",
		`${pid}`,
		"/t",
		"/f"
	], {
		stdio: "ignore",
		windowsHide: true
	}).on("error", () => child.kill());
}
/** Reads what a command prints, until it has ended and its pipe is closed, or it is ended. */
async function heard(child, machine, signal) {
	const { promise: ended, resolve, reject } = Promise.withResolvers();
	const chunks = [];
	let bytes = 0;
	let patience;
	const end = () => {
		endAll(child, machine);
		child.stdout?.destroy();
	};
	child.on("error", reject).on("exit", () => {
		patience = setTimeout(end, PATIENCE_MS);
	}).on("close", (code, by) => resolve(code ?? by));
	child.stdin?.on("error", () => {});
	child.stdout?.on("data", (chunk) => {
		bytes += chunk.length;
		if (bytes <= MOST_OUTPUT_BYTES) chunks.push(chunk);
		else end();
	});
	signal.addEventListener("abort", end);
	process.on("exit", end);
	try {
		const how = await ended;
		signal.throwIfAborted();
		if (bytes > MOST_OUTPUT_BYTES) throw new Error(`it printed more than ${MOST_OUTPUT_BYTES} bytes`);
		return {
			how,
			stdout: Buffer.concat(chunks).toString()
		};
	} finally {
		clearTimeout(patience);
		signal.removeEventListener("abort", end);
		process.off("exit", end);
		end();
	}
}
/**
* Runs a command line by the shell of the system, in a fresh folder, with the job's environment but for the inputs of
* this step; gives its exit code or signal, and what it printed to stdout. Nothing that it started outlives it, but
* what left its process group. Throws when it cannot be started or prints more than 1 MiB, and the signal's reason.
*/
async function runCommand(command, signal, machine = {
	platform: thisPlatform,
	env: process.env,
	spawn
}) {
	signal.throwIfAborted();
	const place = childPlace(commandEnv(machine), machine.platform);
	try {
		return await heard(start(command, place, machine), machine, signal);
	} finally {
		place.remove();
	}
}

// src/adapters/credential-process.ts
function parsed(stdout) {
	try {
		const json = JSON.parse(stdout.trim());
		return typeof json === "object" && json !== null ? json : void 0;
	} catch {
		return;
	}
}
/** What says when, as an instant; an invalid one where it says nothing. */
const instant = (value) => new Date(typeof value === "string" || typeof value === "number" ? value : NaN);
/** Credentials as a credential_process prints them, or what is wrong with them. */
function credentialsIn(stdout) {
	const printed = parsed(stdout);
	if (!printed) return "returned invalid JSON";
	const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = printed;
	if (Version !== 1) return "did not return Version 1";
	if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") return "returned invalid credentials: AccessKeyId and SecretAccessKey must be texts";
	const sessionToken = SessionToken || void 0;
	if (sessionToken !== void 0 && typeof sessionToken !== "string") return "returned invalid credentials: SessionToken must be a text";
	const expiration = Expiration ? instant(Expiration) : void 0;
	if (expiration && expiration.getTime() < Date.now()) return "returned expired credentials";
	return {
		accessKeyId: AccessKeyId,
		secretAccessKey: SecretAccessKey,
		...sessionToken === void 0 ? {} : { sessionToken },
		...expiration ? { expiration } : {}
	};
}
/** What a command ran into, without what it printed: that may hold secrets. */
async function resultOf(command, signal) {
	try {
		const { how, stdout } = await runCommand(command, signal);
		if (how === 0) return credentialsIn(stdout);
		return `ended with an error (${typeof how === "number" ? `exit code ${how}` : how}; its output is not shown: it may hold secrets)`;
	} catch (error) {
		signal.throwIfAborted();
		return `failed: ${error instanceof Error ? error.message : error}`;
	}
}
/** Credentials that the credential_process of a profile prints. Throws where it gives none, so that other places are asked. */
async function fromCommand({ profile, command }, signal) {
	const result = await resultOf(command, signal);
	if (typeof result !== "string") return result;
	throw new CredentialsProviderError(`Profile ${profile} credential_process ${result}.`);
}

// src/adapters/token-file.ts
/** Of a token: it has one or two kilobytes. */
const MOST_TOKEN_BYTES = 65536;
/**
* Throws where a file that the SDK will read a token from is none that ends. It would read a pipe to an end that may not
* come: then nothing else is done, no cancel heard.
*/
async function checkTokenFile(file) {
	await readText(file, MOST_TOKEN_BYTES).catch((error) => {
		if (error.code !== "ENOENT") throw error;
	});
}

// src/adapters/profile.ts
const hasKeys = ({ aws_access_key_id: id, aws_secret_access_key: secret }) => id !== void 0 && secret !== void 0;
const takesRole = ({ role_arn: role, source_profile: profile, credential_source: source }) => role !== void 0 && profile === void 0 !== (source === void 0);
/** What the SDK takes for a link of the chain, where it is asked on behalf of another profile. */
const isLink = ({ role_arn: role, credential_source: source }) => !role && Boolean(source);
/** The way of the SDK from a profile to that whose credentials the roles are taken with. */
function chainOf(profiles, first) {
	const names = [first];
	for (let name = first;;) {
		const profile = profiles[name] ?? {};
		const isFirst = names.length === 1;
		if (!isFirst && hasKeys(profile)) return {
			names,
			ends: false
		};
		if (!takesRole(profile) && (isFirst || !isLink(profile))) return {
			names,
			ends: !hasKeys(profile)
		};
		const next = profile["source_profile"];
		if (!next || names.indexOf(next, 1) > 0) return {
			names,
			ends: false
		};
		names.push(next);
		name = next;
	}
}
/** What AssumeRole is asked for a profile, as the SDK asks. */
function roleOf(roleArn, profile) {
	const { role_session_name: name, external_id: externalId, duration_seconds: seconds } = profile;
	return {
		RoleArn: roleArn,
		RoleSessionName: name || `aws-sdk-js-${Date.now()}`,
		...externalId === void 0 ? {} : { ExternalId: externalId },
		DurationSeconds: Number.parseInt(seconds || "3600", 10)
	};
}
/** The roles of profiles, taken one with the session of the other, the last of them first. */
async function withRoles(profiles, base, roleAssumer) {
	if (profiles.some(({ mfa_serial: device }) => device)) throw new CredentialsProviderError("One of its roles requires multi-factor authentication, which is not possible in a job", { tryNextLink: false });
	let credentials = await base();
	for (const profile of profiles.toReversed()) {
		const { role_arn: role } = profile;
		if (role) credentials = await roleAssumer(credentials, roleOf(role, profile));
	}
	return credentials;
}
/**
* Credentials of a profile, by the SDK but for a credential_process: the SDK hands out no process, so that one which hangs
* would be left, and starts it in the folder of the step.
*/
function fromProfile(name, { clientConfig, parentClientConfig, roleAssumer, roleAssumerWithWebIdentity }) {
	const bySdk = fromIni({
		clientConfig,
		parentClientConfig: {
			...parentClientConfig,
			profile: name
		},
		roleAssumer,
		roleAssumerWithWebIdentity,
		profile: name
	});
	return async (signal) => {
		const profiles = await readProfiles();
		const { names, ends } = chainOf(profiles, name);
		const profile = names.at(-1) ?? name;
		const { credential_process: command, web_identity_token_file: token, role_arn: role } = profiles[profile] ?? {};
		if (!ends) return bySdk();
		if (token !== void 0 && role !== void 0) {
			await checkTokenFile(token);
			return bySdk();
		}
		if (command === void 0) return bySdk();
		return withRoles(names.slice(0, -1).map((one) => profiles[one] ?? {}), () => fromCommand({
			profile,
			command
		}, signal), roleAssumer);
	};
}

// src/adapters/sdk-sts.ts
function given({ Credentials: found }) {
	const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: token } = found ?? {};
	if (!accessKeyId || !secretAccessKey || !token) throw new Error("STS returned no credentials.");
	const expiresAtMs = found?.Expiration?.getTime();
	return toSdk(async () => ({
		accessKeyId,
		secretAccessKey,
		sessionToken: token,
		expiresAtMs
	}))();
}
/** Profiles ask the same STS as everybody else, and SSO by the same agents: only AWS has it, where the SDK finds it. */
function askingRules({ service, timeoutMs }, agents) {
	const requestHandler = new SdkHandler({
		agents,
		timeoutMs
	});
	const client = (config = {}) => new STSClient({
		...sdkService(service),
		maxAttempts: 1,
		requestHandler,
		...config
	});
	const { fips: useFipsEndpoint, dualstack: useDualstackEndpoint } = service.variant;
	return {
		clientConfig: {
			requestHandler,
			useFipsEndpoint,
			useDualstackEndpoint
		},
		parentClientConfig: { region: service.region },
		roleAssumer: async (credentials, params) => {
			const flaws = credentialFlaws(credentials).map((flaw) => flawSentence(flaw, "source_profile"));
			if (flaws.length > 0) throw new Error(flaws.join(" "));
			return given(await client({ credentials }).send(new AssumeRoleCommand(params)));
		},
		roleAssumerWithWebIdentity: async (params) => given(await client().send(new AssumeRoleWithWebIdentityCommand(params)))
	};
}

// src/adapters/sdk-places.ts
async function checkTokenIn(variable) {
	const file = process.env[variable];
	if (file) await checkTokenFile(file);
}
/** The SDK's own providers, which ask the given STS. */
function sdkPlaces(address, agents) {
	const rules = askingRules(address, agents);
	return {
		profile: (name, signal) => fromSdk(() => fromProfile(name, rules)(signal))(),
		tokenFile: async () => {
			await checkTokenIn("AWS_WEB_IDENTITY_TOKEN_FILE");
			return fromSdk(fromTokenFile(rules))();
		},
		container: async () => {
			await checkTokenIn("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
			return fromSdk(fromHttp())();
		},
		instance: () => fromSdk(fromInstanceMetadata())()
	};
}

export { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, sdkPlaces };