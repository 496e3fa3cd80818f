"""Creates the bucket and the user who may only read and list, as the tests expect them."""

import os
import time

import urllib3
from minio import Minio, MinioAdmin
from minio.credentials import StaticProvider

host = os.environ["MINIO_HOST"]
bucket = os.environ["MINIO_BUCKET"]
key, secret = os.environ["MINIO_ROOT_USER"], os.environ["MINIO_ROOT_PASSWORD"]

http = urllib3.PoolManager(retries=False, timeout=5)
client = Minio(host, access_key=key, secret_key=secret, secure=False, http_client=http)
give_up = time.monotonic() + 60
while True:
    try:
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
        break
    except Exception:  # Not listening yet, or still preparing its disk.
        if time.monotonic() > give_up:
            raise
        time.sleep(0.2)

admin = MinioAdmin(endpoint=host, credentials=StaticProvider(key, secret), secure=False)
reader = os.environ["MINIO_READER"]
admin.user_add(reader, os.environ["MINIO_READER_SECRET"])
# MinIO's own `readonly` policy can't list.
policy = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:GetBucketLocation",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads",
                "s3:ListMultipartUploadParts",
            ],
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        }
    ],
}
admin.policy_add("spile-reader", policy=policy)
admin.policy_set("spile-reader", user=reader)
