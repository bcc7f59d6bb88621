import { fail } from '../faults.ts'
import { of, type Quirk, rule, withText } from './quirk.ts'

const listed = (change: (xml: string) => string): Quirk =>
  rule(of('ListObjectsV2'), withText(change))

export const LISTINGS: Readonly<Record<string, Quirk>> = {
  'listings: times with an offset': listed((xml) =>
    xml.replace(/(<LastModified>[^<]*)Z</g, '$1+00:00<'),
  ),
  'listings: True and False': listed((xml) =>
    xml.replace('>true</IsTruncated>', '>True</IsTruncated>').replace('>false</IsT', '>False</IsT'),
  ),
  'listings: keys in CDATA': listed((xml) =>
    xml.replace(/<Key>([^<]*)<\/Key>/g, '<Key><![CDATA[$1]]></Key>'),
  ),
  'listings: names with a prefix': listed((xml) =>
    xml.replace(/<(\/?)(?=[A-Z])/g, '<$1ns2:').replace(' xmlns=', ' xmlns:ns2='),
  ),
  'listings: no count of keys': listed((xml) => xml.replace(/<KeyCount>\d+<\/KeyCount>/, '')),
  'listings: blanks between elements': listed((xml) => xml.replaceAll('><', '>\n  <')),
  'listings: the encoding is passed over': {
    rules: [
      {
        match: of('ListObjectsV2'),
        fault: (request, next) => {
          request.query.delete('encoding-type')
          return next()
        },
      },
    ],
  },
  'listings: 400 where an encoding is asked for': rule(
    ({ operation, query }) => operation === 'ListObjectsV2' && query.has('encoding-type'),
    fail(400, 'InvalidArgument', { message: 'Unsupported parameter encoding-type' }),
  ),
  'listings: the first form alone': {
    options: { pageKeys: 3 },
    rules: [
      {
        match: of('ListObjectsV2'),
        fault: async (_request, next) => {
          const reply = await next()
          if (typeof reply.body !== 'string') return reply
          const last = reply.body.match(/<Key>([^<]*)<\/Key>/g)?.at(-1) ?? ''
          const marker = last.replace('Key>', 'NextMarker>').replace('/Key>', '/NextMarker>')
          return {
            ...reply,
            body: reply.body
              .replace(/<KeyCount>.*?<\/KeyCount>/, '')
              .replace(/<NextContinuationToken>.*?<\/NextContinuationToken>/, marker),
          }
        },
      },
    ],
  },
}
