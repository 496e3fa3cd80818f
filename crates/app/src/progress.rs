//! Progress on a terminal.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use spile_core::Progress;

/// A line on the terminal that follows a run; nothing where there is no terminal.
pub(crate) struct ProgressLine {
    bar: ProgressBar,
    drawing: tokio::task::JoinHandle<()>,
}

const EVERY: Duration = Duration::from_millis(100);

impl ProgressLine {
    /// Follows a run that reads `input_bytes`, if that is known beforehand.
    pub(crate) fn follow(
        progress: Arc<Progress>,
        input_bytes: Option<u64>,
        quiet: bool,
    ) -> Option<Self> {
        if quiet || !std::io::stderr().is_terminal() {
            return None;
        }
        let bar = ProgressBar::with_draw_target(input_bytes, ProgressDrawTarget::stderr());
        bar.set_style(style(input_bytes.is_some())?);
        let drawn = bar.clone();
        let drawing = tokio::spawn(async move {
            loop {
                draw(&drawn, &progress);
                tokio::time::sleep(EVERY).await;
            }
        });
        Some(Self { bar, drawing })
    }

    /// Takes the line off the terminal.
    pub(crate) fn end(self) {
        self.drawing.abort();
        self.bar.finish_and_clear();
    }
}

fn style(known: bool) -> Option<ProgressStyle> {
    let template = if known {
        "{bar:30} {percent:>3}%  {msg}  {eta} left"
    } else {
        "{spinner} {bytes} read  {msg}  {elapsed}"
    };
    ProgressStyle::with_template(template).ok()
}

fn draw(bar: &ProgressBar, progress: &Progress) {
    bar.set_position(progress.input_bytes());
    bar.set_message(format!(
        "{} records, {} objects, {}",
        HumanCount(progress.rows_read()),
        HumanCount(progress.objects()),
        HumanBytes(progress.object_bytes()),
    ));
    bar.tick();
}
