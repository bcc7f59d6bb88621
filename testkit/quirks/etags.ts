import type { Fault } from '../faults.ts'
import { changed, of, PAGE, type Quirk, READS, rule, without, withText } from './quirk.ts'

const LISTED_ETAG = /<ETag>(?:&quot;|")([^&"<]*)(?:&quot;|")<\/ETag>/g

const listedEtags = (form: (etag: string) => string): Quirk =>
  rule(
    of('ListObjectsV2'),
    withText((xml) => xml.replace(LISTED_ETAG, (_, etag: string) => form(etag))),
  )

const toldEtags = (form: (etag: string) => string | undefined): Fault =>
  changed((reply) => {
    const etag = reply.headers['etag']?.replaceAll('"', '')
    if (etag === undefined) return reply
    const rest = without(reply, 'etag')
    const told = form(etag)
    return told === undefined ? rest : { ...rest, headers: { ...rest.headers, etag: told } }
  })

/** All ETags of a service in one form, wherever they stand. */
const allEtags = (form: (etag: string) => string): Quirk => ({
  rules: [
    {
      match: of('ListObjectsV2', 'CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'),
      fault: withText((xml) =>
        xml.replace(LISTED_ETAG, (_, etag: string) => `<ETag>${form(etag)}</ETag>`),
      ),
    },
    {
      match: of('GetObject', 'HeadObject', 'PutObject', 'UploadPart'),
      fault: toldEtags(form),
    },
  ],
})

export const ETAGS: Readonly<Record<string, Quirk>> = {
  'listed ETags: none': listedEtags(() => ''),
  'listed ETags: empty': listedEtags(() => '<ETag></ETag>'),
  'listed ETags: closed at once': listedEtags(() => '<ETag/>'),
  'listed ETags: quotes with nothing in them': listedEtags(() => '<ETag>""</ETag>'),
  'listed ETags: none for one of two objects': listedEtags((etag) =>
    /^[0-7]/.test(etag) ? '' : `<ETag>"${etag}"</ETag>`,
  ),
  'listed ETags: weak': listedEtags((etag) => `<ETag>W/&quot;${etag}&quot;</ETag>`),
  'listed ETags: with a suffix': listedEtags((etag) => `<ETag>&quot;${etag}-gzip&quot;</ETag>`),
  'listed ETags: without quotes': listedEtags((etag) => `<ETag>${etag}</ETag>`),
  'told ETags: none': rule(
    of(...READS),
    toldEtags(() => undefined),
  ),
  'told ETags: weak': rule(
    of(...READS),
    toldEtags((etag) => `W/"${etag}"`),
  ),
  'told ETags: without quotes': rule(
    of(...READS),
    toldEtags((etag) => etag),
  ),
  'told ETags: with a suffix': rule(
    of(...READS),
    toldEtags((etag) => `"${etag}-gzip"`),
  ),
  'all ETags: without quotes': allEtags((etag) => etag),
  'all ETags: weak': allEtags((etag) => `W/"${etag}"`),
}

const answerEtag = withText((xml) => xml.replace(/<ETag>[^<]*<\/ETag>/, ''))
const bare = changed((reply) => ({ ...without(reply, 'etag'), body: undefined }))

/** What a proxy that compresses leaves out of the answer to a HEAD. */
const unmeasured = changed((reply) => without(reply, 'content-length', 'last-modified'))

export const ANSWERS: Readonly<Record<string, Quirk>> = {
  'a HEAD: no size and no time': rule(of('HeadObject'), unmeasured),
  'a copy: 200 without a body': rule(of('CopyObject'), bare),
  'a copy: 200 with a page': rule(
    of('CopyObject'),
    changed((reply) => ({ ...reply, body: PAGE })),
  ),
  'a copy: no ETag': rule(of('CopyObject'), answerEtag),
  'a copy: blanks before its result': rule(
    of('CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'),
    withText((xml) => `${' \n'.repeat(500)}${xml}`),
  ),
  'a write: no ETag': rule(
    of('PutObject'),
    toldEtags(() => undefined),
  ),
  'the end of an upload: 200 without a body': rule(of('CompleteMultipartUpload'), bare),
  'the end of an upload: no ETag': rule(of('CompleteMultipartUpload'), answerEtag),
}
