import type { InlineCode, Nodes, Table, Text } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'

// What a summary is made of; links, images, footnotes and the like are not.
const OWN_NODES: ReadonlySet<string> = new Set([
  ...['root', 'heading', 'paragraph', 'text', 'strong', 'inlineCode', 'blockquote'],
  ...['table', 'tableRow', 'tableCell', 'list', 'listItem'],
])

const OWN_HTML = /^(<details><summary>[\w ,:()'-]+<\/summary>|<\/details>)$/
const OWN_DIAGRAM = /^pie showData(\n {2}"[A-Za-z ]+" : \d+)+$/

/** What GitHub makes more of than text, beside Markdown: mentions, issues, emoji, addresses. */
const LIVE_TEXT = /@\w|#\d|\bGH-\d|:\w+:|https?:|www\./
/** What the runner or a terminal makes more of. */
const LIVE_ANYWHERE = /##\[|(?!\n)\p{Cc}|[\u2028\u2029]/u

const isLive = ({ type, value }: Text | InlineCode): boolean =>
  LIVE_ANYWHERE.test(value) || (type === 'text' && LIVE_TEXT.test(value))

function unevenRows({ children: [head, ...rows] }: Table): string[] {
  const columns = head?.children.length ?? 0
  return rows.flatMap(({ children }, at) =>
    children.length === columns
      ? []
      : [`row ${at + 1} of a table has ${children.length} cells, not ${columns}`],
  )
}

/** Whether a text is an IAM policy and nothing else. */
function isPolicy(text: string): boolean {
  try {
    return Object.keys(JSON.parse(text)).join() === 'Version,Statement'
  } catch {
    return false
  }
}

function intrusionsAt(node: Nodes): string[] {
  switch (node.type) {
    case 'html':
      return OWN_HTML.test(node.value) ? [] : [`HTML: ${node.value}`]
    case 'code':
      return (node.lang === 'mermaid' && OWN_DIAGRAM.test(node.value)) ||
        (node.lang === 'json' && isPolicy(node.value))
        ? []
        : [`a block: ${node.value}`]
    case 'text':
    case 'inlineCode':
      return isLive(node) ? [`live text: ${JSON.stringify(node.value)}`] : []
    case 'table':
      return unevenRows(node)
    default:
      return OWN_NODES.has(node.type) ? [] : [`a ${node.type}`]
  }
}

const within = (node: Nodes): Nodes[] => [
  node,
  ...('children' in node ? node.children.flatMap(within) : []),
]

/** What stands in a job summary, read as GitHub reads it, that only text from outside can have made. */
export function intrusions(summary: string): string[] {
  const read = { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }
  const nodes = within(fromMarkdown(summary, read))
  const folds = nodes.flatMap((node) =>
    node.type === 'html' ? [node.value.startsWith('</') ? -1 : 1] : [],
  )
  const open = folds.reduce((sum, step) => sum + step, 0)
  return [...nodes.flatMap(intrusionsAt), ...(open === 0 ? [] : ['a fold that is not closed'])]
}
