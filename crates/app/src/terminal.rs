//! What the program says: results on stdout, everything else on stderr.

use std::io::{ErrorKind, Write};

use crate::failure::{Exit, Failure};

/// Prints a result.
pub(crate) fn print(text: &str) -> Result<Exit, Failure> {
    let mut stdout = std::io::stdout().lock();
    let printed = stdout
        .write_all(text.as_bytes())
        .and_then(|()| match text.ends_with('\n') {
            true => stdout.flush(),
            false => stdout.write_all(b"\n").and_then(|()| stdout.flush()),
        });
    match printed {
        Ok(()) => Ok(Exit::Done),
        // Whoever reads has seen enough: `spile macros | head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Done),
        Err(error) => Err(Failure::new(
            Exit::Bug,
            format!("failed to write to stdout: {error}"),
        )),
    }
}

/// Says something to whoever watches. Nobody may: then it is lost.
pub(crate) fn say(text: &str) {
    let _nobody_watches = std::io::stderr().lock().write_all(text.as_bytes());
}
