//! What is kept of runs, and what can be done with it.

mod ddl;
mod list;
mod show;

use crate::kit::{Desk, Live};

/// Loads that a connection has seen, into `out`, the newest last.
fn loaded() -> Desk {
    let desk = Desk::new();
    desk.write(
        "a.jsonl",
        "{\"id\":1,\"at\":\"2025-04-14T08:00:00Z\"}\n{\"id\":2,\"at\":\"2025-04-15\"}\n",
    );
    let load = "spile load a.jsonl --cursor-field at --load-time 2025-04-16T00:00:00Z -q --to out";
    desk.ok(&format!(
        "{load} --connection-id sales/eu --connection-run-id one --key 'one/{{cursor_date}}.csv'"
    ));
    desk.ok(&format!(
        "{load} --connection-run-id alone --key alone.parquet"
    ));
    desk
}

/// Kills a load of a connection when an object of it is there, and a record more is read.
fn kill(desk: &Desk, run_id: &str) {
    let key = format!("{run_id}-{{part}}.jsonl");
    let words = [
        "load",
        "-",
        "--stream",
        "s",
        "--to",
        "out",
        "--key",
        &key,
        "--object-rows",
        "2",
        "--connection-id",
        "sales/eu",
        "--connection-run-id",
        run_id,
    ];
    let mut live = Live::start(desk, &words);
    live.write("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    let last = format!("out/{run_id}-00001.jsonl");
    live.until("an object is there", |desk| desk.path(&last).exists());
    live.signal("KILL");
    let ran = live.end_by_itself();
    assert_eq!(ran.code, -9, "{ran}");
}
