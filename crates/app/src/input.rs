//! Where the records come from, and whether their end can be trusted.

use spile_core::{Message, Source, SourceError};
use spile_sources::{Asked, CommandLine, Files, InputConfig, InputErrors, Inputs, Program};

use crate::config::Settings;
use crate::failure::Failure;
use crate::signals::{self, Signals};

/// Inputs that have been looked at.
pub(crate) struct OpenInput {
    pub(crate) inputs: Inputs,
    pub(crate) end: InputEnd,
    /// The program that gives them, if one does.
    pub(crate) program: Option<SourceProgram>,
}

/// What the end of the input says. Only where it is known may what earlier runs wrote be taken for
/// out of date, as by the write mode `replace`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputEnd {
    /// The source has given all it had: files are whole, a program has ended with status 0, or the
    /// settings say that the pipe's end means that.
    Known,
    /// A bare pipe has ended. Its writer was done, or died.
    Guessed,
}

/// The program that gives the input, which ends with the run at the latest.
pub(crate) struct SourceProgram {
    program: Program,
    signals: Signals,
}

/// The records of a program.
struct ProgramRecords {
    records: Files,
    signals: Signals,
}

/// Runs the program, where there is one, and looks at the input. A program needs a runtime around
/// this, since signals are watched as soon as it runs.
pub(crate) fn open(
    config: &InputConfig,
    command: Option<&CommandLine>,
    settings: &Settings,
) -> Result<OpenInput, Failure> {
    if let Some(command) = command {
        return run(config, command);
    }
    let inputs = spile_sources::open(config)?;
    let has_pipe = inputs.input_bytes().is_none();
    let is_guessed = has_pipe && settings.eof_is_complete != Some(true);
    Ok(OpenInput {
        inputs,
        end: if is_guessed {
            InputEnd::Guessed
        } else {
            InputEnd::Known
        },
        program: None,
    })
}

fn run(config: &InputConfig, command: &CommandLine) -> Result<OpenInput, Failure> {
    let signals = Signals::watch();
    let (program, output) = command.start(config)?;
    signals.end(&program);
    let program = SourceProgram { program, signals };
    let inputs = spile_sources::open_program(config, output);
    Ok(OpenInput {
        inputs: inputs.map_err(|errors| program.failure(errors))?,
        end: InputEnd::Known,
        program: Some(program),
    })
}

impl SourceProgram {
    /// The signals that end it.
    pub(crate) fn signals(&self) -> Signals {
        self.signals.clone()
    }

    /// Its records. That there are no more, for better or worse, is told after a moment: where a
    /// signal has ended the program it ends the run, too, and that isn't the program's fault, nor
    /// is it the end of the input.
    pub(crate) fn heeding_signals(&self, records: Files) -> impl Source + 'static {
        ProgramRecords {
            records,
            signals: self.signals(),
        }
    }

    /// Why there is no run: whoever has ended it knows.
    fn failure(&self, errors: InputErrors) -> Failure {
        match self.signals.received_by_now() {
            Some(exit) => Failure::new(exit, "interrupted before the source gave its first record"),
            None => errors.into(),
        }
    }
}

impl Drop for SourceProgram {
    fn drop(&mut self) {
        let asked = self.signals.received().map(signals::asked);
        self.program.end(asked.unwrap_or(Asked::NotYet));
    }
}

impl Source for ProgramRecords {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        let messages = self.records.next_messages();
        if matches!(messages, Ok(None) | Err(SourceError::Program { .. })) {
            self.signals.received_by_now();
        }
        messages
    }
}
