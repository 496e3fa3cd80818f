//! This process among others, and the time.

use std::fs;

use chrono::{DateTime, Utc};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use spile_core::ledger::Surroundings;

/// The machine that this runs on.
#[derive(Debug)]
pub(crate) struct Machine;

/// A process, by what Linux knows of it: the machine since its last start, the space in which process
/// ids are counted, the process id, and when the process began, since ids are used again.
#[derive(Debug, PartialEq, Eq)]
struct Process<'a> {
    boot: &'a str,
    space: &'a str,
    id: &'a str,
    began: &'a str,
}

impl Surroundings for Machine {
    fn process(&self) -> String {
        let id = std::process::id();
        let began = stat(&id.to_string())
            .map(|stat| stat.began)
            .unwrap_or_default();
        let host = read("/proc/sys/kernel/hostname").unwrap_or_else(|| "unknown".to_owned());
        match (boot(), space()) {
            (Some(boot), Some(space)) => format!("{host} {boot} {space} {id} {began}"),
            // Elsewhere nobody can be told to be gone.
            _ => format!("{host} {id}"),
        }
    }

    fn is_gone(&self, process: &str) -> bool {
        let (Some(process), Some(boot), Some(space)) = (Process::parse(process), boot(), space())
        else {
            return false;
        };
        let is_here = process.boot == boot && process.space == space;
        is_here
            && match stat(process.id) {
                Some(Stat { is_dead, began }) => is_dead || began != process.began,
                // What others' processes do may be hidden, but not that they are there.
                None => is_absent(process.id),
            }
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

impl<'a> Process<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut words = text.rsplit(' ');
        let (began, id, space, boot) = (words.next()?, words.next()?, words.next()?, words.next()?);
        words.next()?;
        Some(Self {
            boot,
            space,
            id,
            began,
        })
    }
}

fn boot() -> Option<String> {
    read("/proc/sys/kernel/random/boot_id")
}

fn space() -> Option<String> {
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    link.to_str().map(str::to_owned)
}

/// What the kernel tells of a process.
struct Stat {
    /// Whether it has ended, and waits for its parent to look.
    is_dead: bool,
    /// When it began, in the kernel's own count.
    began: String,
}

fn stat(id: &str) -> Option<Stat> {
    let stat = read(&format!("/proc/{id}/stat"))?;
    // The name of the program stands in parentheses, and may hold any.
    let rest = stat.rsplit_once(')')?.1;
    Some(Stat {
        is_dead: rest.trim_start().starts_with(['Z', 'X']),
        began: rest.split_ascii_whitespace().nth(19)?.to_owned(),
    })
}

fn is_absent(id: &str) -> bool {
    let Ok(id) = id.parse() else {
        return false;
    };
    kill(Pid::from_raw(id), None) == Err(Errno::ESRCH)
}

fn read(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive() {
        let name = Machine.process();
        assert!(!Machine.is_gone(&name), "{name}");
    }

    #[test]
    fn a_child_that_has_ended_is_gone() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("a child");
        let id = child.id().to_string();
        let began = stat(&id).expect("it is there").began;
        let (boot, space) = (boot().expect("a boot"), space().expect("a space"));
        let name = format!("host {boot} {space} {id} {began}");
        assert!(!Machine.is_gone(&name), "{name}");
        drop(child.stdin.take());
        child.wait().expect("it ends");
        assert!(Machine.is_gone(&name), "{name}");
    }

    #[test]
    fn of_processes_elsewhere_nothing_is_known() {
        for name in ["", "host 1", "host boot pid:[1] 1 1"] {
            assert!(!Machine.is_gone(name), "{name}");
        }
    }
}
