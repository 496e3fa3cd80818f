//! What a store is asked for.

/// A sort of request to S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Head,
    Get,
    List,
    Put,
    Begin,
    Part,
    Complete,
    Abort,
    Delete,
}

/// A request, as far as faults depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) kind: Kind,
    /// The key without what differs from test to test, and the number of a part.
    pub(crate) on: String,
    /// Whether it is refused where an object stands.
    pub(crate) is_conditional: bool,
}

impl Kind {
    pub(crate) const ALL: [Kind; 9] = [
        Kind::Head,
        Kind::Get,
        Kind::List,
        Kind::Put,
        Kind::Begin,
        Kind::Part,
        Kind::Complete,
        Kind::Abort,
        Kind::Delete,
    ];

    fn of(method: &str, is_of_key: bool, query: &str) -> Self {
        let has = |name: &str| {
            let names = query.split('&').map(|pair| pair.split('=').next());
            names.flatten().any(|given| given == name)
        };
        match method {
            "HEAD" => Kind::Head,
            "GET" if is_of_key => Kind::Get,
            "GET" => Kind::List,
            "PUT" if has("partNumber") => Kind::Part,
            "PUT" => Kind::Put,
            "POST" if has("uploads") => Kind::Begin,
            "POST" => Kind::Complete,
            "DELETE" if has("uploadId") => Kind::Abort,
            "DELETE" => Kind::Delete,
            other => panic!("nobody asks S3 to {other}"),
        }
    }

    /// Whether something goes with it that takes time to send.
    pub(crate) fn has_content(self) -> bool {
        matches!(self, Kind::Put | Kind::Part)
    }

    /// Whether something may be another's by the time it is done.
    pub(crate) fn changes(self) -> bool {
        !matches!(self, Kind::Head | Kind::Get | Kind::List)
    }

    /// Whether the answer has content.
    pub(crate) fn is_told(self) -> bool {
        matches!(self, Kind::Get | Kind::List | Kind::Begin | Kind::Complete)
    }
}

impl Asked {
    /// Whether it is for what is kept from run to run.
    pub(crate) fn is_of_state(&self) -> bool {
        self.on.starts_with("_spile")
    }

    /// Whether it is to find out what the store can do.
    pub(crate) fn is_of_probe(&self) -> bool {
        self.on.starts_with("probe")
    }

    /// Of a request's head.
    pub(crate) fn read(head: &str) -> Self {
        let mut words = head.split(' ');
        let method = words.next().unwrap_or_default();
        let url = words.next().unwrap_or_default();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        // The bucket, the prefix of a test, and the rest.
        let mut segments = path.trim_start_matches('/').splitn(3, '/');
        let is_of_key = segments.nth(1).is_some_and(|prefix| !prefix.is_empty());
        let rest = segments.next().unwrap_or_default();
        let rest = rest.split_once(".spile-probe-").map_or(rest, |_| "probe");
        let numbers = query
            .split('&')
            .filter(|pair| pair.starts_with("partNumber"));
        Self {
            kind: Kind::of(method, is_of_key, query),
            on: format!("{rest} {}", numbers.collect::<String>()),
            is_conditional: head.to_ascii_lowercase().contains("\r\nif-none-match:"),
        }
    }
}
