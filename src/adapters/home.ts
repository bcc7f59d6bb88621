import os from 'node:os'

/**
 * Gives the AWS SDK a home in which nothing is, where the user of this process has none: images are run by numbers that
 * no user has, and the SDK would end every run by what the system says of that. HOME itself stays unset, as programs and
 * a leading `~/` mean somebody's home by it.
 */
export function standInForHome(): void {
  const { HOME, USERPROFILE, HOMEPATH } = process.env
  if (HOME || USERPROFILE || HOMEPATH) return
  try {
    os.homedir()
  } catch {
    Object.assign(process.env, { HOMEDRIVE: '', HOMEPATH: os.devNull })
  }
}

/** The home of the user of this process, where the SDK has it. */
export function homeFolder(): string {
  const { HOME, USERPROFILE, HOMEPATH, HOMEDRIVE = 'C:\\' } = process.env
  return HOME || USERPROFILE || (HOMEPATH ? `${HOMEDRIVE}${HOMEPATH}` : os.homedir())
}
