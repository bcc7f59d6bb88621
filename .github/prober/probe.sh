#!/usr/bin/env bash
# What the prober does beside the action: makes objects, changes some, and compares what came with what should have.
#   probe.sh fill          makes the source's objects
#   probe.sh put URL TEXT  writes one object
#   probe.sh expect NAME EXPECTED CAME WHY   a row of the summary; fails where they differ
set -euo pipefail

# Each call asks for a token of its own: one lives for a few minutes only.
assume() {
  local file=$RUNNER_TEMP/prober-token
  curl -sSf -H "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
    "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" | jq -r .value > "$file"
  export AWS_ROLE_ARN=$ROLE AWS_WEB_IDENTITY_TOKEN_FILE=$file AWS_ROLE_SESSION_NAME=prober
}

fill() {
  local folder=$RUNNER_TEMP/objects i
  mkdir -p "$folder/small" "$folder/many"
  for i in $(seq 300); do echo "object $i" > "$folder/small/object $i+ü%20.txt"; done
  for i in $(seq 1000); do echo "$i" > "$folder/many/$i"; done
  aws s3 cp --only-show-errors --recursive "$folder/small/" "$SOURCE/small/" --metadata origin=prober
  aws s3 cp --only-show-errors --recursive "$folder/many/" "$SOURCE/many/"
  head -c 20000000 /dev/urandom | aws s3 cp --only-show-errors - "$SOURCE/streamed/object"
  head -c 1400000000 /dev/zero |
    aws s3 cp --only-show-errors --expected-size 1400000000 - "$SOURCE/large/object"
}

expect() {
  local mark=✅
  [ "$2" = "$3" ] || mark=❌
  echo "| $mark $1 | \`$2\` | \`$3\` | $4 |" >> "$GITHUB_STEP_SUMMARY"
  [ "$2" = "$3" ] || { echo "::error title=$1::expected $2, came $3"; exit 1; }
}

case $1 in
  fill) assume && fill ;;
  put) assume && printf %s "$3" | aws s3 cp --only-show-errors - "$2" ;;
  expect) expect "$2" "$3" "$4" "$5" ;;
esac
