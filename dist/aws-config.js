import { readAwsConfig, readProfiles } from "./shared.js";

export { readAwsConfig };