// Stands for aws-actions/configure-aws-credentials: assumes a role by the id token of the job, for the steps behind it.
import { appendFileSync } from 'node:fs'

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
const url = `${process.env['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=sts.amazonaws.com`
const authorization = `Bearer ${process.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}`
const { value } = await (await fetch(url, { headers: { authorization } })).json()
const body = new URLSearchParams({
  Action: 'AssumeRoleWithWebIdentity',
  Version: '2011-06-15',
  RoleArn: input('role-to-assume'),
  RoleSessionName: 'GitHubActions',
  DurationSeconds: input('role-duration-seconds') || '3600',
  WebIdentityToken: value,
})
const answered = await fetch(process.env['AWS_ENDPOINT_URL'], { method: 'POST', body })
const xml = await answered.text()
const of = (name) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]
if (!answered.ok) {
  console.log(`::error::Could not assume role with OIDC: ${of('Message')}`)
  process.exit(1)
}
const variables = {
  AWS_ACCESS_KEY_ID: of('AccessKeyId'),
  AWS_SECRET_ACCESS_KEY: of('SecretAccessKey'),
  AWS_SESSION_TOKEN: of('SessionToken'),
  AWS_REGION: input('aws-region'),
}
for (const [name, text] of Object.entries(variables)) {
  if (name !== 'AWS_REGION') console.log(`::add-mask::${text}`)
  appendFileSync(process.env['GITHUB_ENV'], `${name}=${text}\n`)
}
