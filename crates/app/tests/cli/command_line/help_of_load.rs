//! What a load can be told, as it says itself.

use insta::assert_snapshot;

use crate::kit::Desk;

#[test]
fn of_load() {
    assert_snapshot!(Desk::new().run("spile load --help"), @r"
    exit 0
    Load records into a bucket or a folder

    Usage: spile load [OPTIONS] [FILE]... [-- <PROGRAM>...]

    Arguments:
      [FILE]...
              The files to read: paths, globs, or - for stdin

              Each may be compressed (.gz, .zst). Files of the same stem are one stream, named by that
              stem, unless --stream names one for all.

      [PROGRAM]...
              The program to read from instead, and its arguments: it is run, and its stdout is the
              input

              It has no stdin, and its stderr goes where that of spile goes. The input is whole just if
              the program ends with status 0; otherwise the run fails, and replaces nothing. The stream
              needs a name, by --stream, unless the program is a Singer tap or a source of Airbyte. No
              shell reads this: for pipes and the like, use -- sh -c '…'.

    Options:
      -c, --config <FILE>
              Read settings from a TOML, YAML or JSON file; of several, the later win

      -h, --help
              Print help (see a summary with '-h')

    Destination:
          --to <URL>
              Set where objects go: s3://BUCKET/PREFIX or a folder, with the key's template if you like

          --key <TEMPLATE>
              Set the template of the keys; `spile macros` lists the macros

          --format <FORMAT>
              Set the format: csv, csv.gz, csv.zst, jsonl, jsonl.gz, jsonl.zst or parquet

              Where it isn't given, the end of the key says it; parquet where nothing does.

          --write <MODE>
              Set what may be replaced: append (nothing), overwrite (what stands at a key), replace

              With replace, the objects of this run take the place of all that earlier runs of the
              connection have written for the periods that --covers names.

          --covers <PERIODS>
              Say which periods the run has all records of: 2025-04-12..2025-04-14, or touched

              They are replaced as a whole, also where the run has no record of one. With touched, those
              are replaced that it has any records of.

          --publish <MODE>
              Set when objects appear: object (each when it is sealed) or run (all when the run has
              ended)

    Streams:
          --cursor-field <FIELD>
              Name the field that holds each record's cursor, as a dotted path

          --cursor <VALUE>
              Set one cursor for the whole run

          --cursor-format <FORMAT>
              Set how cursors are written: time, epoch_s, epoch_ms, epoch_us, epoch_ns or text

          --timezone <ZONE>
              Set the time zone of cursors and of the load time: an IANA name such as America/New_York

          --stream <NAME>
              Name the stream that all input belongs to

          --stream-id <ID>
              Set the stream's id

          --schema-change <POLICY>
              Set what happens when the columns of a stream change: widen or fail

          --schema <COLUMNS>
              Declare columns with their types: 'id int64, amount decimal(18, 2), at timestamp_utc'

              They come first, and a record with a value that doesn't fit is a bad one. Columns that
              aren't declared are inferred as ever. The types are bool, int8 to int64, uint8 to uint64,
              float32, float64, decimal(p, s), text, json, binary, date, time, timestamp, timestamp_utc,
              list(T) and struct(name T, …).

    Input:
          --input-format <FORMAT>
              Set the format of the input: jsonl, csv, tsv, parquet, arrow, singer or airbyte; it is
              detected otherwise

          --catalog <FILE>
              Read the configured catalog of a source of Airbyte from this file

          --eof-is-complete
              Say that the end of a pipe means that its source has finished, and hasn't died

          --on-bad-record <POLICY>
              Say what a bad record does: fail the run, or go to quarantine

          --max-bad-records <COUNT>
              Set how many bad records may go to quarantine: one more fails the run

          --quarantine <URL>
              Set where the quarantine is: a bucket, or a folder where the destination is one;
              _spile/quarantine below the destination otherwise

          --record-bytes <SIZE>
              Set the longest record that is read, such as 64MiB

    Run:
          --connection-id <ID>
              Set the connection's id: by it, a run knows what earlier ones have found and written

              No two runs of a connection work at once.

          --connection-run-id <ID>
              Set the run's id; a fresh UUID otherwise

          --load-time <TIME>
              Set the time of the load, as RFC 3339; now otherwise

          --redo
              Repeat a run by its id, with a source that replays from its start

              What the earlier attempt has written goes once this one has been published.

          --resume
              Repeat a run by its id, with a source that goes on from the last checkpoint

              Files and pipes are read from their start, and what was loaded before is passed over. What
              the earlier attempt has written after the checkpoint goes first.

    Limits:
          --object-size <SIZE>
              Seal an object at this size, such as 256MiB

          --object-rows <ROWS>
              Seal an object at this many records

          --object-age <TIME>
              Seal an object at this age, such as 5m

          --checkpoint-size <SIZE>
              Seal all open objects after this much input, so that a run can be resumed from there

          --memory <SIZE>
              Set the memory that the process may use, such as 256MiB

          --upload-concurrency <COUNT>
              Set how many requests may be under way at once

          --retry-time <TIME>
              Set for how long a request that fails in passing is sent again, such as 5m

    S3:
          --region <REGION>
              Set the bucket's region; it is found otherwise

          --endpoint <URL>
              Set the URL of an S3-compatible store

          --allow-http
              Allow an endpoint with http instead of https

          --path-style [<BOOL>]
              Set whether the bucket is named in the path of URLs (true) or in their host (false)

          --role-arn <ARN>
              Name the role to take on, which another account grants

          --external-id <ID>
              Set the External ID that the role asks for; better in SPILE_DESTINATION__AUTH__EXTERNAL_ID
              or the file

          --access-key-id <ID>
              Set the access key id; better in AWS_ACCESS_KEY_ID or the file

          --secret-access-key <SECRET>
              Set the secret access key; better in AWS_SECRET_ACCESS_KEY or the file, since others on
              this machine can see your command line

    Output:
          --log-format <LOG_FORMAT>
              Set how logs are written

              Possible values:
              - text: For people
              - json: For programs: one JSON object a line

              [default: text]

          --log <FILTER>
              Set which logs are written: error, warn, info, debug, trace, or a filter per module

              On a terminal, warnings are; elsewhere, also what the run does.

              [env: SPILE_LOG=warn]

          --dry-run
              Show which objects would be written, as `spile plan` does, without writing any

          --output-format <OUTPUT_FORMAT>
              Set the form of the report: text for people on stderr, json for programs on stdout

              Possible values:
              - text: For people
              - json: For programs: one JSON object on stdout

              [default: text]

      -q, --quiet
              Show neither progress nor the report for people

    Every setting can also stand in a file (--config) or in the environment; flags win over the
    environment, and that wins over the file. In the environment, --to is SPILE_DESTINATION__URL,
    --memory is SPILE_LIMITS__MEMORY, --cursor-field is SPILE_CURSOR_FIELD.

    Exit codes: 0 done, 2 usage, 3 configuration, 4 input, 5 destination refused, 6 credentials, 7
    another run holds the connection, 9 done with bad records set aside, 70 a bug, 75 retries used up
    (run it again), 130 and 143 interrupted.
    ");
}
