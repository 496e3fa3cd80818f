//! Whoever is to be told of whole runs is told of each, at least once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;
use serde_json::Value;

use crate::kit::{Desk, Ran, Relay};

/// A desk whose loads tell a command, which keeps what it is told.
fn with_command(script: &str) -> Desk {
    let desk = Desk::new();
    desk.write("a.jsonl", "{\"a\":1}\n").write(
        "spile.toml",
        format!("[on_complete]\ncommand = ['sh', '-c', '{script}']\n"),
    );
    desk
}

/// A desk whose loads tell a webhook.
fn with_webhook(url: &str) -> Desk {
    let desk = Desk::new()
        .hush("hush")
        .set("SPILE_ON_COMPLETE__WEBHOOK", &format!("{url}/hush"))
        .set("SPILE_ON_COMPLETE__AUTHORIZATION", "Bearer hush");
    desk.write("a.jsonl", "{\"a\":1}\n").write("spile.toml", "");
    desk
}

fn load(desk: &Desk, run_id: &str) -> Ran {
    desk.run(&format!(
        "spile load a.jsonl --config spile.toml --to out --connection-id c --quiet \
         --connection-run-id {run_id} --retry-time 1s"
    ))
}

fn recover(desk: &Desk) -> Ran {
    desk.run("spile recover --config spile.toml --to out --connection-id c --retry-time 1s")
}

/// An answer without a body.
fn answer(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

fn manifest(desk: &Desk, run_id: &str) -> String {
    desk.read(&format!(
        "out/_spile/connections/c/runs/{run_id}/001/manifest.json"
    ))
}

#[test]
fn a_command_reads_the_manifest() {
    let desk = with_command("echo told; cat > told; echo $IDEMPOTENCY_KEY > key");
    let ran = load(&desk, "r1");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran}");
    assert_eq!(desk.read("told"), manifest(&desk, "r1"));
    assert_eq!(desk.read("key"), "r1\n");
    assert!(!desk.path("out/_spile/outbox").exists());
    assert_snapshot!(recover(&desk), @r"
    exit 0
    there is nothing to recover in DIR/out/_spile
    ");
}

#[test]
fn a_command_need_not_read_anything() {
    let desk = with_command("exec <&-");
    let ran = load(&desk, "r1");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
}

/// A load that nobody hears of is a load all the same; whoever comes next tells of it.
#[test]
fn what_a_command_will_not_hear_is_told_again() {
    let desk = with_command("test -e ready && echo $IDEMPOTENCY_KEY >> told");
    assert_snapshot!(load(&desk, "r1"), @r"
    exit 0
    MOMENT  WARN spile::on_complete: a run is whole, but nobody knows yet: failed to tell `sh` of run r1: it ended with exit status: 1; the next run of the connection tries again, and so does `spile recover`
    ");
    assert_snapshot!(recover(&desk), @r"
    exit 75
    run r1 of connection c: it is whole, and whoever is to be told of it, by [on_complete], wasn't yet
    --- stderr
    error: failed to tell `sh` of run r1: it ended with exit status: 1
      hint: the run is whole all the same: see to whoever is to be told of it, and run `spile recover` again
    ");
    desk.write("ready", "");
    assert_eq!(load(&desk, "r2").code, 0);
    assert_eq!(desk.read("told"), "r1\nr2\n");
    assert_eq!(recover(&desk).code, 0);
    assert_eq!(desk.read("told"), "r1\nr2\n");
}

#[test]
fn recover_tells_of_runs_and_says_so() {
    let desk = with_command("test -e ready && cat > told");
    assert_eq!(load(&desk, "r1").code, 0);
    assert_snapshot!(desk.ok("spile recover --to out"), @r"
    exit 0
    run r1 of connection c: it is whole, and whoever is to be told of it, by [on_complete], wasn't yet
    ");
    desk.write("ready", "");
    let json = "spile recover --config spile.toml --to out --connection-id c --output-format json";
    // Everybody's runs are seen, but another connection's aren't told of.
    let of_others = desk.ok(&json.replace("-id c", "-id d")).json();
    assert_eq!(of_others["told"], Value::Array(Vec::new()));
    let done = desk.ok(json).json();
    assert_eq!(done["told"][0]["connection_run_id"], "r1");
    assert_eq!(done["untold"], Value::Array(Vec::new()));
    assert_eq!(desk.read("told"), manifest(&desk, "r1"));
}

#[test]
fn a_command_that_hangs_is_ended() {
    let desk = with_command("exec sleep 600").set("SPILE_ON_COMPLETE__TIME", "1s");
    assert_snapshot!(load(&desk, "r1"), @r"
    exit 0
    MOMENT  WARN spile::on_complete: a run is whole, but nobody knows yet: failed to tell `sh` of run r1: it has not ended after 1 s; the next run of the connection tries again, and so does `spile recover`
    ");
}

#[test]
fn a_webhook_is_posted_the_manifest() {
    let server = Relay::answering(|_| answer("204 No Content"));
    let desk = with_webhook(&server.url);
    let ran = load(&desk, "r1");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    let request = &server.exchanges()[0].request;
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    let head = head.to_lowercase();
    for line in [
        "post /hush http/1.1",
        "content-type: application/json",
        "idempotency-key: r1",
        "authorization: bearer hush",
    ] {
        assert!(head.lines().any(|has| has == line), "{line}\n{head}");
    }
    assert_eq!(body, manifest(&desk, "r1"));
}

/// What passes is tried again at once.
#[test]
fn a_webhook_may_fail_in_passing() {
    let calls = AtomicUsize::new(0);
    let server = Relay::answering(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => answer("503 Service Unavailable"),
        1 => Vec::new(),
        _ => answer("200 OK"),
    });
    let desk = with_webhook(&server.url);
    assert_eq!(load(&desk, "r1").code, 0);
    assert_eq!(server.exchanges().len(), 3);
    assert_snapshot!(recover(&desk), @r"
    exit 0
    there is nothing to recover in DIR/out/_spile
    ");
}

#[test]
fn a_webhook_that_refuses_is_asked_once_by_each_run() {
    let status = Mutex::new("403 Forbidden");
    let server = Relay::answering(move |_| {
        let mut status = status.lock().expect("whole");
        answer(std::mem::replace(&mut *status, "200 OK"))
    });
    let desk = with_webhook(&server.url);
    assert_snapshot!(load(&desk, "r1").to_string().replace(&server.url, "http://HOST"), @r"
    exit 0
    MOMENT  WARN spile::on_complete: a run is whole, but nobody knows yet: failed to tell http://HOST/… of run r1: it answered 403 Forbidden; the next run of the connection tries again, and so does `spile recover`
    ");
    assert_eq!(load(&desk, "r2").code, 0);
    assert_eq!(keys(&server), ["r1", "r1", "r2"]);
}

/// The runs that a webhook was asked about, in their order.
fn keys(server: &Relay) -> Vec<String> {
    let key = |request: &str| {
        let mut lines = request.lines();
        let key = lines.find_map(|line| line.strip_prefix("idempotency-key: "));
        key.map(str::to_owned)
    };
    let exchanges = server.exchanges().into_iter();
    exchanges.filter_map(|it| key(&it.request)).collect()
}

/// What is refused for good hides nothing that comes after it.
#[test]
fn a_run_that_is_never_heard_of_is_in_nobodys_way() {
    let server = Relay::answering(|request| {
        let request = String::from_utf8_lossy(request);
        match request.contains("idempotency-key: r1") {
            true => answer("413 Content Too Large"),
            false => answer("200 OK"),
        }
    });
    let desk = with_webhook(&server.url);
    for run_id in ["r1", "r2"] {
        assert_eq!(load(&desk, run_id).code, 0);
    }
    assert_eq!(keys(&server), ["r1", "r1", "r2"]);
    assert_snapshot!(recover(&desk).to_string().replace(&server.url, "http://HOST"), @r"
    exit 75
    run r1 of connection c: it is whole, and whoever is to be told of it, by [on_complete], wasn't yet
    --- stderr
    error: failed to tell http://HOST/… of run r1: it answered 413 Payload Too Large
      hint: the run is whole all the same: see to whoever is to be told of it, and run `spile recover` again
    ");
}

/// A redirect would make a request without its body of a post.
#[test]
fn a_webhook_that_redirects_has_not_heard() {
    let server = Relay::answering(|request| match request.starts_with(b"POST") {
        true => answer("301 Moved Permanently\r\nLocation: /other"),
        false => answer("200 OK"),
    });
    let desk = with_webhook(&server.url);
    assert_snapshot!(load(&desk, "r1").to_string().replace(&server.url, "http://HOST"), @r"
    exit 0
    MOMENT  WARN spile::on_complete: a run is whole, but nobody knows yet: failed to tell http://HOST/… of run r1: it answered 301 Moved Permanently: give the URL that it redirects to; the next run of the connection tries again, and so does `spile recover`
    ");
    assert_eq!(server.exchanges().len(), 1);
}

/// A run that fails tells of those before it all the same.
#[test]
fn a_run_that_fails_tells_of_others() {
    let desk = with_command("test -e ready && echo $IDEMPOTENCY_KEY.$ATTEMPT >> told");
    assert_eq!(load(&desk, "r1").code, 0);
    desk.write("ready", "").write("a.jsonl", "no record");
    assert_eq!(load(&desk, "r2").code, 4);
    assert_eq!(desk.read("told"), "r1.1\n");
}

#[test]
fn settings_that_can_not_be_meant() {
    let desk = Desk::new().hush("hush");
    desk.write("a.jsonl", "{\"a\":1}\n");
    let load = "spile load a.jsonl --to out";
    let both = "SPILE_ON_COMPLETE__WEBHOOK=https://hush SPILE_ON_COMPLETE__COMMAND=true";
    assert_snapshot!(desk.run(&format!("{both} {load}")), @r"
    exit 3
    error: SPILE_ON_COMPLETE__COMMAND in the environment: there is a webhook besides
      hint: give one of them: a command can call a webhook, too
    ");
    let none = "SPILE_ON_COMPLETE__AUTHORIZATION=hush";
    assert_snapshot!(desk.run(&format!("{none} {load}")), @r"
    exit 3
    error: SPILE_ON_COMPLETE__AUTHORIZATION in the environment: there is no webhook
      hint: give on_complete.webhook, or leave it out
    ");
    let no_url = "SPILE_ON_COMPLETE__WEBHOOK=hush";
    assert_snapshot!(desk.run(&format!("{no_url} {load}")), @r"
    exit 3
    error: SPILE_ON_COMPLETE__WEBHOOK in the environment: it is no URL that could be posted to
      hint: write it like https://example.com/loads
    ");
    assert!(!desk.path("out").exists());
}
