"""Sends requests by botocore: reads {"client": {...}, "calls": [...]} from stdin, and sends each call once, in order."""
import base64
import datetime
import json
import sys

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config


def client_of(spec):
    config = Config(
        s3={"addressing_style": spec["addressing"]},
        proxies=spec["proxies"],
        retries={"total_max_attempts": 1},
        parameter_validation=True,
        **({"signature_version": UNSIGNED} if spec["unsigned"] else {}),
        **spec["config"],
    )
    keys = spec["keys"]
    return botocore.session.Session().create_client(
        "s3",
        region_name=spec["region"],
        endpoint_url=spec["endpoint"],
        verify=spec["ca"],
        config=config,
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys.get("sessionToken"),
    )


def value_of(name, value):
    if name == "Body":
        return base64.b64decode(value)
    if name == "Expires":
        return datetime.datetime.fromisoformat(value)
    return value


def main():
    given = json.load(sys.stdin)
    client = client_of(given["client"])
    failures = []
    for operation, params in given["calls"]:
        try:
            values = {name: value_of(name, value) for name, value in params.items()}
            answer = client._make_api_call(operation, values)
            if "Body" in answer:
                answer["Body"].read()
            failures.append(None)
        except Exception as error:  # What it refuses to send is compared, too.
            failures.append(f"{type(error).__name__}: {error}")
    json.dump(failures, sys.stdout)


main()
