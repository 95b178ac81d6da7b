//! A wire between a store and its server that is cut at a COMMIT: before the server hears it, or after
//! it has done it and before the store hears that.

use std::{
    collections::{BTreeSet, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What is spoken on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wire {
    Postgres,
    Mysql,
}

/// What happens to a COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It passes.
    Not,
    /// It never reaches the server.
    Before,
    /// The server's answer is not passed on.
    After,
}

/// The wire, as the test sees it.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What happens to the COMMITs that come next.
    next: VecDeque<Cut>,
    /// Whether nobody is let through after the next cut.
    closes: bool,
    closed: bool,
    cuts: usize,
    traffic: Traffic,
}

/// What went over a wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// How often the client said something after the server had answered, or for the first time; without
    /// the pool's asking whether a connection is alive.
    pub(crate) round_trips: usize,
    /// Statements that were run.
    pub(crate) statements: usize,
}

/// The statements of a connection that commit, by the names or numbers by which they are run.
#[derive(Debug, Default)]
struct Prepared {
    commits: BTreeSet<Vec<u8>>,
    /// Whether one of them is about to be run.
    bound: bool,
    /// Whether the number of one is still to be told.
    awaited: bool,
}

impl Shared {
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().expect("no holder panics"))
    }

    /// What happens to the COMMIT that has just come.
    fn take(&self) -> Cut {
        self.with(|state| {
            let cut = state.next.pop_front().unwrap_or(Cut::Not);
            if cut != Cut::Not {
                state.cuts += 1;
                state.closed |= state.closes;
            }
            cut
        })
    }
}

impl Wire {
    /// The length of the first whole message in these bytes of a client; `opening` is the first of a
    /// connection.
    fn message(self, bytes: &[u8], opening: bool) -> Option<usize> {
        let length = match (self, bytes) {
            (Self::Postgres, [a, b, c, d, ..]) if opening => u32::from_be_bytes([*a, *b, *c, *d]),
            (Self::Postgres, [_, a, b, c, d, ..]) if !opening => {
                u32::from_be_bytes([*a, *b, *c, *d]) + 1
            }
            (Self::Mysql, [a, b, c, _, ..]) => u32::from_le_bytes([*a, *b, *c, 0]) + 4,
            _ => return None,
        };
        let length = usize::try_from(length).expect("a small message");
        (bytes.len() >= length).then_some(length)
    }

    /// Whether a client's message commits: by itself, or by a statement that was prepared to. On `PostgreSQL` such a
    /// statement has committed once the Sync after it was heard.
    fn is_commit(self, message: &[u8], prepared: &mut Prepared) -> bool {
        match (self, message) {
            (Self::Postgres, [b'B', rest @ ..]) => {
                // A length, the name of the portal and that of the statement.
                let mut names = rest.get(4..).unwrap_or_default().split(|byte| *byte == 0);
                let commits = names.nth(1).is_some_and(|name| prepared.commits.contains(name));
                prepared.bound = commits;
                false
            }
            (Self::Postgres, [b'S', ..]) => std::mem::take(&mut prepared.bound),
            (Self::Postgres, message) => message == b"Q\0\0\0\x0bCOMMIT\0",
            (Self::Mysql, [_, _, _, _, 0x17, number @ ..]) => {
                number.get(..4).is_some_and(|number| prepared.commits.contains(number))
            }
            (Self::Mysql, message) => message == b"\x07\0\0\0\x03COMMIT",
        }
    }

    /// Notes whether a client has a statement prepared that commits: one that fails by itself where it may not, or one
    /// that ends with a COMMIT.
    fn prepares(self, message: &[u8], prepared: &mut Prepared) {
        match (self, message) {
            (Self::Postgres, [b'P', rest @ ..]) => {
                let mut texts = rest.get(4..).unwrap_or_default().split(|byte| *byte == 0);
                if let (Some(name), Some(sql)) = (texts.next(), texts.next())
                    && sql.windows(12).any(|part| part == b"mentorship: ")
                {
                    prepared.commits.insert(name.to_vec());
                }
            }
            (Self::Postgres, _) => {}
            (Self::Mysql, message) => {
                prepared.awaited =
                    message.get(4) == Some(&0x16) && message.ends_with(b"COMMIT; END");
            }
        }
    }

    /// Notes the number by which what was prepared is run, in the server's answer.
    fn answers(self, answer: &[u8], prepared: &mut Prepared) {
        if std::mem::take(&mut prepared.awaited)
            && let (Self::Mysql, [_, _, _, _, 0, number @ ..]) = (self, answer)
        {
            prepared.commits.extend(number.get(..4).map(<[u8]>::to_vec));
        }
    }

    /// Whether a client only asks, after an answer, whether the server is there: a Sync by itself, or a
    /// `COM_PING`.
    fn is_ping(self, message: &[u8]) -> bool {
        match self {
            Self::Postgres => message.first() == Some(&b'S'),
            Self::Mysql => message.get(4) == Some(&0x0e),
        }
    }

    /// Whether a client's message has a statement run: an Execute or a Query, a `COM_STMT_EXECUTE` or a
    /// `COM_QUERY`.
    fn is_run(self, message: &[u8]) -> bool {
        match self {
            Self::Postgres => matches!(message.first(), Some(b'E' | b'Q')),
            Self::Mysql => matches!(message.get(4), Some(0x03 | 0x17)),
        }
    }

    /// Whether a server's answer says that a COMMIT is done.
    fn is_done(self, answer: &[u8]) -> bool {
        match self {
            Self::Postgres => {
                answer.starts_with(b"C\0\0\0\x0bCOMMIT\0")
                    || answer.starts_with(b"2\0\0\0\x04")
                        && answer.windows(9).any(|part| part == b"SELECT 1\0")
            }
            // One OK packet, of eleven bytes.
            Self::Mysql => answer.len() == 11 && answer.starts_with(&[7, 0, 0, 1, 0]),
        }
    }
}

impl Proxy {
    /// A wire to a server.
    pub(crate) async fn to(server: SocketAddr, wire: Wire) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let shared = Arc::new(Shared::default());
        let of_all = shared.clone();
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !of_all.with(|state| state.closed) {
                    tokio::spawn(pass(client, server, wire, of_all.clone()));
                }
            }
        });
        Self { port, shared, listening }
    }

    /// A server's URL with the wire in between, and the server's address.
    pub(crate) async fn before(url: &str, wire: Wire) -> (Self, String) {
        let (_, at) = url.split_once("://").expect("a URL");
        let (at, _) = at.split_once('/').expect("a URL ends with /database");
        let at = at.rsplit('@').next().expect("a host");
        let server = tokio::net::lookup_host(at).await.expect("a host and a port").next();
        let proxy = Self::to(server.expect("an address"), wire).await;
        let url = url.replace(at, &format!("127.0.0.1:{}", proxy.port));
        (proxy, url)
    }

    /// What happens to the COMMITs that come next; those after them pass.
    pub(crate) fn arm(&self, cuts: impl IntoIterator<Item = Cut>) {
        self.shared.with(|state| state.next = cuts.into_iter().collect());
    }

    /// After the next cut nobody is let through until [`open`](Self::open).
    pub(crate) fn close_at_next_cut(&self) {
        self.shared.with(|state| state.closes = true);
    }

    /// Everybody is let through.
    pub(crate) fn open(&self) {
        self.shared.with(|state| (state.closes, state.closed) = (false, false));
    }

    /// What went over the wire so far.
    pub(crate) fn traffic(&self) -> Traffic {
        self.shared.with(|state| state.traffic)
    }

    /// How many COMMITs were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.shared.with(|state| state.cuts)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Passes everything on until one side closes or a COMMIT is cut.
async fn pass(mut client: TcpStream, server: SocketAddr, wire: Wire, shared: Arc<Shared>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    // A message is small and waited for.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut from_client, mut from_server) = ([0; 8192], [0; 8192]);
    let (mut said, mut opening, mut answered) = (Vec::new(), true, true);
    let mut prepared = Prepared::default();
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return };
                said.extend_from_slice(&from_client[..length]);
                while let Some(length) = wire.message(&said, opening) {
                    opening = false;
                    let message: Vec<u8> = said.drain(..length).collect();
                    shared.with(|state| {
                        let asks = answered && !wire.is_ping(&message);
                        state.traffic.round_trips += usize::from(asks);
                        state.traffic.statements += usize::from(wire.is_run(&message));
                    });
                    answered = false;
                    wire.prepares(&message, &mut prepared);
                    let commits = wire.is_commit(&message, &mut prepared);
                    let cut = if commits { shared.take() } else { Cut::Not };
                    if cut == Cut::Before || server.write_all(&message).await.is_err() {
                        return;
                    }
                    if cut == Cut::After {
                        let length = server.read(&mut from_server).await.unwrap_or(0);
                        let answer = &from_server[..length];
                        assert!(wire.is_done(answer), "a COMMIT was answered {answer:?}");
                        return;
                    }
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return };
                answered = true;
                wire.answers(&from_server[..length], &mut prepared);
                if client.write_all(&from_server[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
