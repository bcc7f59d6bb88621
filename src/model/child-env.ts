/** Of the network, and what every program of a step carries, by which the runner knows its orphans. */
export const NETWORK_ENV = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'RUNNER_TRACKING_ID'],
] as const

/** Of the system: where programs, the home and temporary files are. */
export const SYSTEM_ENV = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'CI', 'TMPDIR', 'TEMP', 'TMP'],
  ...['XDG_CACHE_HOME', 'XDG_CONFIG_HOME'],
  ...['SYSTEMROOT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PATHEXT', 'COMSPEC'],
] as const

/** The named variables that have a value: a child process gets these, and nothing of the job's secrets. */
export const passOn = (
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name]
      return value ? [[name, value]] : []
    }),
  )
