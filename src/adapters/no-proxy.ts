import { BlockList, isIP } from 'node:net'
import type { Target } from './wire-request.ts'

/** Whether a host is one of those that an entry of NO_PROXY names. */
type Entry = (host: string, port: string) => boolean

/** Neither s5cmd nor the runner ever asks a proxy for these. */
const LOOPBACK = ['localhost', '127.0.0.0/8', '::1']

/** With the port that may stand behind it, for which alone it counts then; an IPv6 address stands in brackets before one. */
const NAME = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}

/** An address, or a network of them, however they are written. */
function addressesOf(address: string, bits: string | undefined): Entry | undefined {
  const family = familyOf(address)
  const most = family === 'ipv4' ? 32 : 128
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (family === undefined || !(length <= most)) return undefined
  const list = new BlockList()
  list.addSubnet(address, length, family)
  return (host) => {
    const of = familyOf(host)
    return of !== undefined && list.check(host, of)
  }
}

/** A name with those below it, or with a dot or a star in front these alone. */
function namesOf(name: string): Entry {
  const below = name.replace(/^\*?\.?/, '.')
  return (host) => host.endsWith(below) || host === name
}

/** What is no host, as a URL is none, names none. */
function entryOf(text: string): Entry {
  if (text === '*') return () => true
  const [address = '', bits] = text.split('/', 2)
  const addresses = addressesOf(address, bits)
  if (addresses) return addresses
  const [, bracketed, plain, only] = NAME.exec(text) ?? []
  const name = bracketed ?? plain
  if (name === undefined) return () => false
  const named = addressesOf(name, undefined) ?? namesOf(name)
  return only === undefined ? named : (host, port) => port === only && named(host, port)
}

/** Which hosts are asked directly where there are proxies, with the meaning that s5cmd gives to NO_PROXY. */
export function passingBy(noProxy: string): (target: Target) => boolean {
  const texts = noProxy.split(',').map((text) => text.trim().toLowerCase())
  const entries = [...LOOPBACK, ...texts.filter((text) => text !== '')].map(entryOf)
  return ({ hostname, port, isSecure }) => {
    const asked = port === '' ? (isSecure ? '443' : '80') : port
    return entries.some((names) => names(hostname, asked))
  }
}
