//! Programs whose output is the input, and whose end is the input's.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers, too"
)]

use std::fmt::Display;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use arrow::ipc::writer::{FileWriter, StreamWriter};
use spile_core::{Source, StreamName};
use spile_sources::{
    Asked, CommandLine, InputConfig, InputFormat, Program, ProgramOutput, open_program,
};

/// A shell that reads a script, with a word that nothing may show.
fn shell(script: &str) -> CommandLine {
    let words = ["-c", script, "sh", "xyzzy"];
    CommandLine {
        program: "sh".into(),
        arguments: words.map(Into::into).to_vec(),
    }
}

fn config() -> InputConfig {
    InputConfig {
        stream: Some(StreamName::new("s")),
        ..InputConfig::default()
    }
}

fn start(script: &str) -> (Program, ProgramOutput) {
    shell(script).start(&config()).unwrap()
}

/// How many records there are, and what is wrong with the rest.
fn read(script: &str) -> (usize, Option<String>) {
    let told = |error: &dyn Display| Some(error.to_string());
    let inputs = match open_program(&config(), start(script).1) {
        Ok(inputs) => inputs,
        Err(errors) => return (0, told(&errors)),
    };
    let (mut source, mut records) = (inputs.into_source().batches(), 0);
    loop {
        match source.next() {
            Some(Ok(batch)) => records += batch.records.len(),
            None => return (records, None),
            Some(Err(error)) => return (records, told(&error)),
        }
    }
}

fn check(script: &str, records: usize, cause: Option<&str>) {
    let error = cause.map(|cause| format!("read the source `sh` to its end: {cause}"));
    assert_eq!(read(script), (records, error), "{script}");
}

#[test]
fn its_status_counts_at_the_end_of_its_output() {
    check("echo '{}'; echo '{}'", 2, None);
    check("printf '{}\\n{}'", 2, None);
    check("", 0, None);
    check("echo", 0, None);
    let failed = Some("it ended with exit status 7");
    check("exit 7", 0, failed);
    check("echo; exit 7", 0, failed);
    check("printf no; exit 7", 0, failed);
    check("echo '{}'; printf '{}'; exit 7", 1, failed);
    check("echo '{}'; exec >&-; exit 7", 1, failed);
    check("printf 'a,b\\n1,2\\n3,4'; exit 7", 1, failed);
    check(
        "kill -KILL $$",
        0,
        Some("it was killed by signal 9 (SIGKILL)"),
    );
}

/// Whatever reads the output, what the program has left out is told by its status.
#[test]
fn every_reader_tells_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let values = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let batch = RecordBatch::try_from_iter([("id", values as _)]).unwrap();
    let file = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
    let mut stream = StreamWriter::try_new(file("stream"), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    stream.finish().unwrap();
    let mut arrow = FileWriter::try_new(file("file"), &batch.schema()).unwrap();
    arrow.write(&batch).unwrap();
    arrow.finish().unwrap();
    let mut parquet = parquet::arrow::ArrowWriter::try_new(file("parquet"), batch.schema(), None);
    parquet.as_mut().unwrap().write(&batch).unwrap();
    parquet.unwrap().close().unwrap();
    let failed = Some("it ended with exit status 7");
    for name in ["stream", "file", "parquet"] {
        let path = folder.path().join(name).display().to_string();
        // A stream is read as it comes; the others are read from their end.
        let before = if name == "stream" { 3 } else { 0 };
        check(&format!("cat {path}"), 3, None);
        check(&format!("cat {path}; exit 7"), before, failed);
        check(&format!("head -c 50 {path}; exit 7"), 0, failed);
        check(&format!("gzip -c {path} | head -c 40; exit 7"), 0, failed);
    }
    check("printf '{}\\n{}\\n' | gzip; exit 7", 2, failed);
    check("printf '{}\\n{}\\n' | gzip | head -c 12; exit 7", 0, failed);
}

#[test]
fn it_isnt_started_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let told = |config: &InputConfig, program: &CommandLine| {
        let error = program.start(config).err();
        error.map(|errors| errors.to_string())
    };
    let shell = shell(&format!("touch {}", mark.display()));
    let nameless = InputConfig {
        format: Some(InputFormat::Jsonl),
        ..InputConfig::default()
    };
    let nameless = told(&nameless, &shell);
    let expect = "name the stream of sh: give it by `--stream NAME`";
    assert_eq!(nameless.as_deref(), Some(expect));
    assert!(!mark.exists());
    let check = |program: &str, expect: &str| {
        let program = CommandLine {
            program: program.into(),
            arguments: Vec::new(),
        };
        let expect = format!("start the source `{expect}`");
        assert_eq!(told(&config(), &program), Some(expect));
    };
    check("no-such-tap", "no-such-tap");
    check("no-such-tap --token xyzzy", "no-such-tap");
    check("TOKEN=xyzzy", "TOKEN");
    check("/", "/");
}

#[test]
fn it_ends_when_asked() {
    let check = |script: &str, asked| {
        let (program, output) = start(script);
        let reads = std::thread::spawn(|| std::io::read_to_string(output));
        program.end(asked);
        // It has ended, so that there is no more to wait for.
        assert!(reads.join().unwrap().is_err(), "{script}");
        program.end(asked);
        program.kill();
    };
    check("exec sleep 600", Asked::NotYet);
    check("kill -INT $$", Asked::Already);
}

#[test]
fn its_arguments_arent_shown() {
    let shown = format!("{:?} {:?}", shell(""), start(""));
    assert!(!shown.contains("xyzzy"), "{shown}");
}
