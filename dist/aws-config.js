import { readAwsConfig, readProfiles } from "./aws-sdk.js";

export { readAwsConfig };