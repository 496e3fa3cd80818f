//! A program that gives the input: what it prints is loaded, and how it ends counts.

mod ending;

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;

use crate::kit::{Desk, Ran};

const LINES: &str = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";

/// Loads what a shell script prints.
fn load(desk: &Desk, flags: &str, script: &str) -> Ran {
    desk.write("script.sh", script);
    desk.run(&format!(
        "spile load --stream s --to 'out/{{part}}.jsonl' {flags} -- sh script.sh"
    ))
}

#[test]
fn what_it_prints_is_loaded() {
    let desk = Desk::new();
    desk.write("a.jsonl", LINES)
        .write("a b.csv", "id,note\n1,x\n2,\"\"\n");
    desk.ok("gzip -k a.jsonl && spile load a.jsonl --to t --key a.parquet --quiet");
    let check = |file: &str, program: &str| {
        desk.ok(&format!(
            "spile load {file} --stream s --to of_file --key s.jsonl"
        ));
        desk.ok(&format!(
            "spile load --stream s --to of_it --key s.jsonl -- {program}"
        ));
        assert!(desk.names("of_it") == ["s.jsonl"], "{program}");
        assert!(desk.files("of_file") == desk.files("of_it"), "{program}");
        desk.ok("rm -r of_file of_it");
    };
    check("a.jsonl", "cat a.jsonl");
    check("a.jsonl", "cat -- a.jsonl");
    check("'a b.csv'", "cat 'a b.csv'");
    check("a.jsonl.gz", "cat a.jsonl.gz");
    check("t/a.parquet", "cat t/a.parquet");
    check(
        "a.jsonl",
        "python3 -c 'print(open(\"a.jsonl\").read(), end=\"\")'",
    );
    check("a.jsonl", "sh -c 'cat a.jsonl | cat'");
}

#[test]
fn its_stderr_is_passed_on_and_it_has_no_stdin() {
    let desk = Desk::new();
    let ran = load(&desk, "", "cat && echo 'as it is: %' >&2\necho '{\"a\":1}'");
    assert_snapshot!(ran, @r"
    exit 0
    as it is: %
      00001.jsonl          1 record         8 B
    loaded 1 record in 1 object (8 B) into DIR/out in TIME
    ");
}

#[test]
fn nothing_printed_is_no_records() {
    assert_snapshot!(load(&Desk::new(), "", "true"), @r"
    exit 0
    loaded 0 records in 0 objects (0 B) into DIR/out in TIME
    ");
}

#[test]
fn one_that_fails_leaves_what_was_sealed() {
    let desk = Desk::new();
    desk.write("lines", LINES);
    let ran = load(
        &desk,
        "--object-rows 2",
        "cat lines; printf '{\"a\":'; exit 3",
    );
    assert_snapshot!(ran, @r"
    exit 4
      00001.jsonl         2 records        16 B
    failed: loaded only 2 records in 1 object (16 B) into DIR/out in TIME, of 3 read
    error: failed to read the source `sh` to its end: it ended with exit status 3
      hint: what it says on stderr may tell why; mend that and run again. What the report lists has been loaded
    ");
    assert_eq!(desk.names("out"), ["00001.jsonl"]);
    let ran = load(&desk, "--output-format json", "cat lines; exit 3");
    let report = ran.json();
    assert_eq!(
        (&report["status"], &report["error"]["exit_code"]),
        (&"failed".into(), &4.into()),
        "{ran}"
    );
}

#[test]
fn one_that_fails_replaces_nothing() {
    let desk = Desk::new();
    desk.write("lines", LINES)
        .write("out/00001.jsonl", "from before");
    let flags = "--write overwrite --object-rows 2";
    let ran = load(&desk, flags, "cat lines; exit 1");
    assert_eq!(ran.code, 4, "{ran}");
    assert_eq!(desk.names("out"), ["00001.jsonl"]);
    assert_eq!(desk.read("out/00001.jsonl"), "from before");
    let ran = load(&desk, flags, "cat lines");
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(desk.read("out/00001.jsonl"), "{\"a\":1}\n{\"a\":2}\n");
}

#[test]
fn how_it_ends_is_told() {
    let desk = Desk::new().hush("xyzzy");
    let check = |script: &str, expect: &str| {
        desk.write("script.sh", script);
        let ran = desk.run("spile load --stream s --to out -- sh script.sh --token xyzzy");
        assert_eq!(ran.code, 4, "{script}\n{ran}");
        let expect = format!("error: failed to read the source `sh` to its end: {expect}\n");
        assert!(ran.stderr.contains(&expect), "{script}\n{ran}");
    };
    check("exit 1", "it ended with exit status 1");
    check(
        "echo '{\"a\":1}'; exit 255",
        "it ended with exit status 255",
    );
    check("printf no; exit 2", "it ended with exit status 2");
    check("kill -9 $$", "it was killed by signal 9 (SIGKILL)");
    check(
        "echo '{\"a\":1}'; kill -TERM $$",
        "it was killed by signal 15 (SIGTERM)",
    );
    // What was cut off isn't the fault to tell of.
    check(
        "echo '{\"a\":1}' | gzip | head -c 20; exit 4",
        "it ended with exit status 4",
    );
    check(
        "printf 'a,b\\n1,\"2'; exit 5",
        "it ended with exit status 5",
    );
}

#[test]
fn one_that_cant_be_started() {
    let desk = Desk::new().hush("xyzzy");
    desk.write("tap.sh", "echo '{}'");
    let run = |command: &str| desk.run(&format!("spile load --stream s --to out -- {command}"));
    assert_snapshot!(run("no-such-tap --token xyzzy"), @r"
    exit 4
    error: failed to start the source `no-such-tap`
      caused by: No such file or directory (os error 2)
      hint: a program and its arguments follow `--` word by word, and no shell reads them: check its name and PATH and, in a script, what stands behind #!
    ");
    assert_snapshot!(run("./tap.sh --token xyzzy"), @r"
    exit 4
    error: failed to start the source `./tap.sh`
      caused by: Permission denied (os error 13)
      hint: make it executable, or name what runs it, as in `-- python3 tap.py`
    ");
    for quoted in ["'no-such-tap --token xyzzy'", "no-such-tap=xyzzy tap"] {
        let ran = run(quoted);
        assert!(ran.stderr.contains("the source `no-such-tap`\n"), "{ran}");
    }
    // A script that says nothing of what runs it.
    let executable = PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(desk.path("tap.sh"), executable).expect("ours");
    let ran = run("./tap.sh");
    assert!(
        ran.code == 4 && ran.stderr.contains("name what runs it"),
        "{ran}"
    );
    assert_eq!(desk.names("out"), [""; 0]);
}

#[test]
fn it_isnt_run_in_vain() {
    let desk = Desk::new();
    let check = |flags: &str, code: i32| {
        let line = format!("spile load {flags} -- sh -c 'touch run; echo {{}}'");
        let ran = desk.run(&line);
        assert_eq!(ran.code, code, "{line}\n{ran}");
        assert_eq!(desk.names(""), [""; 0], "{line}\n{ran}");
    };
    check("--stream s --to out/{macro}", 3);
    check("--stream s --to out --memory much", 3);
    check("--stream s --to out --input-format xml", 3);
    check("--to out --input-format jsonl", 4);
}

#[test]
fn files_beside_it() {
    let ran = Desk::new().run("spile load a.csv --stream s --to out -- cat b.csv");
    assert_snapshot!(ran, @r"
    exit 2
    error: the argument '[FILE]...' cannot be used with '[PROGRAM]...'

    Usage: spile load --stream <NAME> --to <URL> --log <FILTER> <FILE>... [-- <PROGRAM>...]

    For more information, try '--help'.
    ");
}

/// What the command line says is nearer than what the file does.
#[test]
fn files_of_the_configuration_give_way() {
    let desk = Desk::new();
    desk.write("spile.toml", "[input]\nfiles = 'a.csv'\n")
        .write("lines", LINES);
    desk.ok("spile load -c spile.toml --stream s --to out --key s.jsonl -- cat lines");
    assert_eq!(desk.read("out/s.jsonl"), LINES);
}

#[test]
fn a_plan_runs_it() {
    let desk = Desk::new();
    desk.write("lines", LINES);
    let plan = "spile plan --stream s --key s.jsonl -- cat lines";
    assert_snapshot!(desk.run(plan), @r"
    exit 0
      s.jsonl  (3 records, 24 B)
    3 records of 1 period: 1 object, 1 key
    warning: the keys of stream s repeat from run to run: what is there stays, and a further run takes the next numbers (-00002, …)
    ");
    let failing = desk.run("spile load --dry-run --stream s --key s.jsonl -- sh -c 'exit 3'");
    assert_eq!(failing.code, 4, "{failing}");
}

/// That a pipe ends says little, unless its end is said to be that of the source.
#[test]
fn the_end_of_a_pipe_is_guessed() {
    let desk = Desk::new().set("SPILE_LOG", "info");
    desk.write("s.jsonl", LINES)
        .write("spile.toml", "eof_is_complete = true\n");
    let check = |line: &str, is_guessed: bool| {
        let line = line.replace("TO", "--stream s --to out --key s.jsonl --write overwrite");
        let ran = desk.ok(&line);
        assert_eq!(
            ran.stderr.contains("--eof-is-complete says"),
            is_guessed,
            "{line}\n{ran}"
        );
    };
    check("cat s.jsonl | spile load - TO", true);
    check("cat s.jsonl | spile load s.jsonl - TO", true);
    check("cat s.jsonl | spile load /dev/stdin TO", true);
    check(
        "cat s.jsonl | spile load - --stream s --to out --key s.jsonl",
        false,
    );
    check("cat s.jsonl | spile load - TO --eof-is-complete", false);
    check(
        "cat s.jsonl | SPILE_EOF_IS_COMPLETE=true spile load - TO",
        false,
    );
    check(
        "cat s.jsonl | SPILE_EOF_IS_COMPLETE=false spile load - TO",
        true,
    );
    check("cat s.jsonl | spile load - TO -c spile.toml", false);
    check("spile load s.jsonl TO", false);
    check("spile load TO -- cat s.jsonl", false);
}
