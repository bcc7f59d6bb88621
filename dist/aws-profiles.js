import { readProfiles, readSections } from "./aws-sdk.js";

export { readSections };