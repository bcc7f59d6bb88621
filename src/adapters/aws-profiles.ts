import { loadSharedConfigFiles, parseKnownFiles } from '@smithy/core/config'

/** Sections of both files as the SDK reads them. */
export const readSections = ({
  config,
  credentials,
}: {
  readonly config: string
  readonly credentials: string
}): ReturnType<typeof loadSharedConfigFiles> =>
  loadSharedConfigFiles({ configFilepath: config, filepath: credentials, ignoreCache: true })

/** Settings of all profiles by their names, as the SDK's own providers merge both files and hold them. */
export const readProfiles = (): ReturnType<typeof parseKnownFiles> => parseKnownFiles({})
