import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

const ALERT = /<blockquote>\n<p>\[!(NOTE|WARNING|CAUTION)\]\n?/g

/** A job summary as GitHub renders it, but for its pie chart. */
export const htmlOf = (markdown: string): string =>
  micromark(markdown, {
    // The summaries are the action's own, which holds nothing of others' as HTML.
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  }).replaceAll(
    ALERT,
    (_, kind: string) =>
      `<blockquote class="${kind.toLowerCase()}">\n<p class="kind">${kind.charAt(0)}${kind.slice(1).toLowerCase()}</p>\n<p>`,
  )

/** The summaries of all steps as one page. */
export const demoPage = (sections: readonly string[]): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>S3 Direct Sync: demo</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328; overflow-wrap: anywhere }
section { border: 1px solid #d1d9e0; border-radius: 6px; padding: 0 1.5rem 1rem; margin: 1rem 0 3rem; background: #fff }
table { border-collapse: collapse; display: block; overflow-x: auto; overflow-wrap: normal }
table, details { margin: 0 0 1rem } td, th { border: 1px solid #d1d9e0; padding: .3rem .8rem }
code { background: #eff1f3; border-radius: 4px; padding: .1em .3em; font-size: 85% }
pre { overflow-x: auto; background: #f6f8fa; border-radius: 6px; padding: 1rem }
pre:has(.language-mermaid) { display: none }
blockquote { border-left: .25em solid #d1d9e0; margin: 1rem 0; padding: 0 1em; --kind: #0969da }
blockquote.note { border-color: #0969da } blockquote.warning { border-color: #9a6700; --kind: #9a6700 } blockquote.caution { border-color: #cf222e; --kind: #cf222e }
.kind { color: var(--kind); font-weight: 600; margin-bottom: 0 }
summary { cursor: pointer }
</style></head>
<body>
<h1>S3 Direct Sync: ${sections.length} steps of a workflow</h1>
<p>These steps ran against a local S3 server: times and rates are those of this machine, not of Amazon S3. Each box is the job summary of one step, where GitHub also draws a pie chart.</p>
${sections.join('\n')}
</body></html>
`
