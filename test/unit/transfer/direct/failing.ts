/** What a service says when it refuses a request. */
export const refusal = (name: string, status: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } })

/** What the network says when no answer comes. */
export const silence = (): Error =>
  Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
