const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\..*)?$/i

/** Why Windows cannot keep a file or a folder of this name; undefined where it can. */
export function windowsRefusesName(name: string): string | undefined {
  const shown = JSON.stringify(name)
  if (DEVICE.test(name)) return `${shown} is a device name on Windows`
  if (/[. ]$/.test(name)) return `${shown} ends with a dot or a space, which Windows does not allow`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses them in names.
  if (/[<>:"|?*\x00-\x1f]/.test(name))
    return `${shown} contains one of <>:"|?*, which Windows does not allow`
  return undefined
}

/**
 * Why Windows cannot keep a folder of this path; undefined where it can. Node could make such a folder, and
 * nothing that comes after could remove it.
 */
export function windowsRefuses(path: string): string | undefined {
  const names = path
    .replace(/^[a-z]:/i, '')
    .split(/[/\\]/)
    .filter((name) => name !== '' && name !== '.' && name !== '..')
  for (const name of names) {
    const refused = windowsRefusesName(name)
    if (refused !== undefined) return refused
  }
  return undefined
}
