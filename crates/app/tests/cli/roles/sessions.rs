//! Sessions of a role: how often they are asked for, and what happens when they end.

use std::cell::Cell;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::kit::{Customer, Desk, Exchange, FLIGHTS, Live, Ran, Relay, ask, told};

use super::fetch;

const KEY: &str = "{stream_name}/{cursor_year}/{cursor_month}/{cursor_day}.{extension}";
const READ_BACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/read_back.py");

/// The vendor's desk, where all is logged that can be.
fn traced(customer: &Customer) -> Desk {
    customer.admit(Desk::new()).set("SPILE_LOG", "trace")
}

/// Sessions that end in the middle of a load.
const SHORT: &str = "[destination.auth]\nduration = \"2s\"\n";

#[test]
fn a_role_loads_the_flights_with_one_request_to_sts() {
    let customer = Customer::new();
    let desk = customer.admit(Desk::with_flights());
    let ran = desk.ok(&format!(
        "spile load examples/flights.csv.gz --cursor-field time_hour {} --key '{KEY}' \
         --format parquet --connection-id acme --connection-run-id r1 --log trace",
        customer.to("")
    ));
    assert!(ran.stderr.contains("TRACE"), "{ran}");
    customer.assert_kept(&ran.to_string());
    assert_eq!(fetch(&customer, &desk, "fetched").len(), 15);
    let mut python = Command::new(told("PYTHON"));
    python.args([READ_BACK, FLIGHTS]).arg(desk.path("fetched"));
    let output = python.args(["parquet", "UTC"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(customer.sessions(), 1);
    let asked = &customer.sts.exchanges()[0].request;
    assert!(asked.contains("RoleSessionName=spile-acme-r1"), "{asked}");
}

/// Not even where the AWS packages are told to trace requests and answers as they are.
#[test]
fn bodies_are_told_nowhere() {
    let customer = Customer::new();
    let desk = traced(&customer)
        .set("LOG_SENSITIVE_BODIES", "true")
        .set("LOG_SIGNABLE_BODY", "true");
    desk.write("a.csv", "id\n1\n");
    let check = |log: &str| {
        let to = customer.to("");
        let ran = desk.ok(&format!("spile load a.csv {to} --key a.csv --log {log}"));
        assert!(ran.stderr.contains("TRACE"), "{ran}");
        customer.assert_kept(&ran.to_string());
    };
    check("trace");
    check(
        "trace,aws_sigv4::http_request=trace,aws_smithy_runtime::client::orchestrator::http=trace",
    );
}

/// A step of a load whose one object grows: a mebibyte of lines, each unlike the others.
fn lines(step: usize) -> String {
    let line = |number: usize| {
        format!(
            "{{\"n\":\"{number:09}\",\"text\":\"{}\"}}\n",
            "x".repeat(996)
        )
    };
    (step * 1024..(step + 1) * 1024).map(line).collect()
}

/// The words of a load of one object.
fn big(to: &str) -> Vec<&str> {
    let mut words = vec!["load", "-", "--stream", "s", "--key", "big.jsonl"];
    words.extend(["--object-size", "4GiB", "--object-age", "1h"]);
    words.extend(["--config", "short.toml", "--output-format", "json"]);
    words.extend(to.split(' '));
    words
}

/// Further sessions are needed while the parts of one object are on their way.
#[test]
fn sessions_end_in_the_middle_of_an_object() {
    let customer = Customer::new();
    let desk = traced(&customer);
    desk.write("short.toml", SHORT);
    let to = customer.to("");
    let mut live = Live::start(&desk, &big(&to));
    let (mut text, written) = (String::new(), Cell::new(0));
    let mut steps = 0..;
    // Goes on until three sessions were needed, and beyond 200 MB.
    live.until_after(
        |live| {
            let step = lines(steps.next().unwrap_or_default());
            live.write(&step);
            text += &step;
            written.set(text.len());
        },
        "a third session",
        |_| written.get() > 200_000_000 && customer.sessions() >= 3,
    );
    let ran = live.end();
    let report = ran.json();
    assert_eq!(report["objects"].as_array().map(Vec::len), Some(1), "{ran}");
    assert!(report["objects"][0]["parts"].as_u64() > Some(20), "{ran}");
    assert_eq!(customer.keys(), ["big.jsonl"]);
    assert!(
        customer.object("big.jsonl") == text.into_bytes(),
        "other bytes"
    );
    customer.assert_kept(&ran.to_string());
}

/// What was written of an object doesn't appear. Its parts stay: nobody is left who may remove them.
#[test]
fn a_role_that_is_revoked_in_the_middle_of_an_object() {
    let customer = Customer::new();
    let desk = traced(&customer);
    desk.write("short.toml", SHORT);
    let to = customer.to("");
    let mut live = Live::start(&desk, &big(&to));
    let mut steps = 0..;
    let mut step = move |live: &mut Live<'_>| live.try_write(&lines(steps.next().unwrap_or(0)));
    live.until_after(&mut step, "parts", |_| customer.unfinished() > 0);
    customer.revoke();
    live.until_after(&mut step, "its end", |live| live.has_ended());
    let ran = live.end();
    assert_eq!(ran.code, 6, "{ran}");
    assert!(ran.stderr.contains("no credentials are to be had"), "{ran}");
    assert_eq!(customer.keys(), [""; 0]);
    assert_eq!(customer.unfinished(), 1);
    // Whoever recovers the run is told of it.
    let is_journal = |key: &String| key.ends_with("/001/journal/000001.journal");
    assert!(customer.kept().iter().any(is_journal));
    assert_eq!(errors(&ran), 1, "{ran}");
    customer.assert_kept(&ran.to_string());
}

/// How many errors a person is told of. That the record of a run can't be closed, since the keys of
/// the run are no good any more, is no further one.
fn errors(ran: &Ran) -> usize {
    let lines = ran.stderr.lines();
    lines.filter(|line| line.starts_with("error: ")).count()
}

#[test]
fn sessions_end_in_the_middle_of_many_objects() {
    let customer = Customer::new();
    let desk = traced(&customer);
    desk.write("short.toml", SHORT);
    let to = customer.to("");
    let mut words = vec!["load", "-", "--stream", "s", "--key", "{part}.jsonl"];
    words.extend([
        "--object-rows",
        "1",
        "--config",
        "short.toml",
        "--output-format",
        "json",
    ]);
    words.extend(to.split(' '));
    let mut live = Live::start(&desk, &words);
    let mut count = 0;
    // Goes on until three sessions were needed.
    live.until_after(
        |live| {
            count += 1;
            live.write(format!("{{\"n\":{count}}}\n"));
        },
        "a third session",
        |_| customer.sessions() >= 3,
    );
    let ran = live.end();
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(ran.json()["rows"], count);
    assert_eq!(customer.keys().len(), count);
    assert!(ran.stderr.contains("TRACE"), "{ran}");
    customer.assert_kept(&ran.to_string());
}

/// The session that is under way goes on to its end; then there is no other.
#[test]
fn a_role_that_is_revoked() {
    let customer = Customer::new();
    let desk = traced(&customer);
    desk.write("short.toml", SHORT);
    let to = customer.to("");
    let mut words = vec!["load", "-", "--stream", "s", "--key", "{part}.jsonl"];
    words.extend(["--object-rows", "2", "--config", "short.toml"]);
    words.extend(to.split(' '));
    let mut live = Live::start(&desk, &words);
    live.write("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    live.until("the first object", |_| !customer.keys().is_empty());
    customer.revoke();
    live.until_after(
        |live| live.try_write("{\"n\":4}\n{\"n\":5}\n"),
        "its end",
        |live| live.has_ended(),
    );
    let ran = live.end();
    assert_eq!(ran.code, 6, "{ran}");
    assert!(ran.stderr.contains("no credentials are to be had"), "{ran}");
    assert!(ran.stderr.contains("failed: loaded only"), "{ran}");
    assert_eq!(errors(&ran), 1, "{ran}");
    for key in customer.keys() {
        let object = customer.object(&key);
        let lines = object.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, 2, "{key} is whole");
    }
    customer.assert_kept(&ran.to_string());
}

/// As AWS denies all requests of sessions that were revoked: a policy of the role does, by the time
/// they were issued. The emulator doesn't word it so. A HEAD, which tells no reason, is the first.
#[test]
fn sessions_that_are_revoked_before_a_head() {
    const DENIED: &str = "<Error><Code>AccessDenied</Code><Message>User: s is not authorized to \
        perform: a on resource: r with an explicit deny in an identity-based policy</Message></Error>";
    let customer = Customer::new();
    let server = customer.endpoint.replace("http://", "");
    let is_revoked = AtomicBool::new(false);
    let head = format!("HEAD /{}/a.csv ", customer.bucket);
    let of_head = head.clone();
    let relay = Relay::answering(move |request| {
        let is_head = request.starts_with(of_head.as_bytes());
        if !is_revoked.fetch_or(is_head, Ordering::SeqCst) && !is_head {
            return ask(&server, request);
        }
        let (length, body) = (DENIED.len(), if is_head { "" } else { DENIED });
        let head = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length";
        format!("{head}: {length}\r\n\r\n{body}").into_bytes()
    });
    let desk = traced(&customer);
    desk.write("a.csv", "id\n1\n");
    let to = customer.to("").replace(&customer.endpoint, &relay.url);
    let ran = desk.run(&format!("spile load a.csv {to} --key a.csv"));
    assert_eq!(ran.code, 6, "{ran}");
    assert!(ran.stderr.contains("look for a.csv"), "{ran}");
    assert!(ran.stderr.contains("have been revoked"), "{ran}");
    assert_eq!(errors(&ran), 1, "{ran}");
    let exchanges = relay.exchanges();
    let asked = |exchange: &&Exchange| exchange.request.starts_with(&head);
    let after: Vec<_> = exchanges.iter().skip_while(|it| !asked(it)).collect();
    assert!(after[1].request.starts_with("GET "), "{}", after[1].request);
    assert_eq!(customer.keys(), [""; 0]);
    customer.assert_kept(&ran.to_string());
}
