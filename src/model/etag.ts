/** An ETag without quotes and without the mark of a weak one, as services send either; '' for none. */
export const plainEtag = (etag: string | undefined): string =>
  etag?.replace(/^W\//, '').replace(/^"|"$/g, '') ?? ''
