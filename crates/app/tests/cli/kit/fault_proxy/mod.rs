//! A proxy before a store that lets requests go wrong.

mod asked;
mod fault;
mod plan;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

use super::relay::{ask, read_request};
pub(crate) use asked::{Asked, Kind};
pub(crate) use fault::Fault;
pub(crate) use plan::{Seed, always, always_of_state, at, seeded};

/// Listens before a store as long as the tests run.
pub(crate) struct FaultProxy {
    pub(crate) url: String,
    seen: Arc<Mutex<Seen>>,
}

/// What went through it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) requests: Vec<Asked>,
    /// How often requests of a kind have met a fault.
    pub(crate) faults: BTreeMap<(Kind, Fault), usize>,
}

impl FaultProxy {
    /// Before the store at a URL; a plan says which requests meet a fault.
    pub(crate) fn before(
        server: &str,
        plan: impl Fn(&Asked) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::default();
        let proxy = Self {
            url: format!("http://{address}"),
            seen: Arc::clone(&seen),
        };
        let plan = Arc::new(plan);
        spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, plan, seen) = (server.clone(), Arc::clone(&plan), Arc::clone(&seen));
                // Whoever asked may have gone by now.
                spawn(move || drop(serve(client, &server, &*plan, &seen)));
            }
        });
        proxy
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().expect("whole").clone()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, faults } = self;
        let requests = requests.len();
        writeln!(f, "{} faults at {requests} requests", self.faults())?;
        for kind in Kind::ALL {
            let of_kind = faults.iter().filter(|((of, _), _)| *of == kind);
            let told = of_kind.map(|((_, fault), count)| format!("{fault:?} {count}"));
            writeln!(f, "  {kind:?}: {}", told.collect::<Vec<_>>().join(", "))?;
        }
        Ok(())
    }
}

impl Seen {
    #[expect(
        clippy::print_stdout,
        reason = "whoever asks by --no-capture is told the figures"
    )]
    pub(crate) fn tell(&self) {
        println!("{self}");
    }

    pub(crate) fn add(&mut self, other: Seen) {
        self.requests.extend(other.requests);
        for (met, count) in other.faults {
            *self.faults.entry(met).or_default() += count;
        }
    }

    pub(crate) fn faults(&self) -> usize {
        self.faults.values().sum()
    }

    /// How many uploads were begun of which nobody knows.
    pub(crate) fn lost_uploads(&self) -> usize {
        let lost = |((kind, fault), count): (&(Kind, Fault), &usize)| {
            (*kind == Kind::Begin && fault.is_done()).then_some(*count)
        };
        self.faults.iter().filter_map(lost).sum()
    }
}

fn serve(
    mut client: TcpStream,
    server: &str,
    plan: &dyn Fn(&Asked) -> Option<Fault>,
    seen: &Mutex<Seen>,
) -> io::Result<()> {
    let asked = Asked::read(&peek_head(&client)?);
    let fault = plan(&asked);
    {
        let mut seen = seen.lock().expect("whole");
        seen.requests.push(asked.clone());
        if let Some(fault) = fault {
            *seen.faults.entry((asked.kind, fault)).or_default() += 1;
        }
    }
    let answer = |request: &[u8]| ask(server, request);
    match fault {
        Some(fault) => fault.meet(client, answer),
        None => client.write_all(&answer(&read_request(&client)?)),
    }
}

/// The head of a request, which stays unread.
fn peek_head(client: &TcpStream) -> io::Result<String> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let bytes = client.peek(&mut buffer)?;
        let text = String::from_utf8_lossy(&buffer[..bytes]);
        match text.split_once("\r\n\r\n") {
            Some((head, _)) => return Ok(head.to_owned()),
            None if bytes == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            None => sleep(Duration::from_millis(1)),
        }
    }
}
