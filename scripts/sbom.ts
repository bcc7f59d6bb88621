// Prints what dist/ is made of as CycloneDX: the packages that dist/licenses.txt names, which the build writes.
import { readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8')
const { name, version, license } = JSON.parse(read('package.json'))

const purl = (title: string, of: string): string => `pkg:npm/${title.replace('@', '%40')}@${of}`

const components = read('dist/licenses.txt')
  .split('\n')
  .flatMap((line) => {
    const [, title = '', of = '', terms = ''] =
      /^((?:@[\w.-]+\/)?[\w.-]+) (\d+\.\d+\.\d+\S*) \((.+)\)$/.exec(line) ?? []
    if (title === '') return []
    const licenses = [{ license: { id: terms } }]
    return [{ type: 'library', name: title, version: of, purl: purl(title, of), licenses }]
  })
if (components.length === 0) throw new Error('dist/licenses.txt names no package')
const sbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: {
    component: { type: 'application', name, version, licenses: [{ license: { id: license } }] },
  },
  components,
}
console.log(JSON.stringify(sbom, undefined, 2))
