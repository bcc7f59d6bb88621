// Fails when the scripts would run on another Node than the one GitHub runs the action with.
const major = Number(process.versions.node.split('.')[0])
if (major !== 24) {
  console.error(
    `Node 24 is needed, this is ${process.version}. On Linux x64 run "npm ci" (it brings Node 24 as an optional package); elsewhere install Node 24.`,
  )
  process.exit(1)
}
