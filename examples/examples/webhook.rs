//! Messages to a webhook, signed, until the process is asked to stop.
//!
//! ```text
//! cargo run --example webhook                          # with a small receiver of its own
//! cargo run --example webhook https://example.org/hook # to yours; Ctrl-C stops it
//! ```
//!
//! Each message is a POST of JSON: ids and codes, never what somebody wrote, and the English words for it with
//! the keys to translate them by; places in braces are filled by whoever knows the ids. The header
//! `X-Mentorship-Signature` holds the HMAC-SHA256 of the body under a shared secret (`WEBHOOK_SECRET`), and
//! `X-Mentorship-Id` the message's id, by which a receiver knows one that it has had already. An answer of
//! 410 (gone) sets a message aside at once; whatever else is not a success is tried again.

use std::{collections::HashSet, fmt::Write as _, sync::Arc, time::Duration};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use mentorship_core::{
    model::message,
    service::{Handler, RelayOptions, Undelivered},
    store::{Consumer, Envelope, Outbox as _},
};
use mentorship_examples::harbour::{Harbour, Outcome, Timer};
use mentorship_memory::MemoryStore;
use sha2::Sha256;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

fn signature(secret: &[u8], body: &str) -> Outcome<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)?;
    mac.update(body.as_bytes());
    let mut hex = String::with_capacity(64);
    for byte in mac.finalize().into_bytes() {
        write!(hex, "{byte:02x}")?;
    }
    Ok(hex)
}

/// Sends messages to one address.
struct Webhook {
    address: String,
    secret: Vec<u8>,
    agent: ureq::Agent,
}

impl Webhook {
    fn new(address: String, secret: Vec<u8>) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(10)));
        Self { address, secret, agent: config.build().into() }
    }
}

#[async_trait]
impl Handler for Webhook {
    async fn deliver(&self, envelope: &Envelope) -> Result<(), Undelivered> {
        let later = |error: Box<dyn std::error::Error + Send + Sync>| Undelivered::Later(error);
        let words = message::english(&envelope.message).map(|text| {
            let (key, title, body) = (text.key.to_string(), text.title, text.body);
            serde_json::json!({ "key": key, "title": title, "body": body })
        });
        let body = serde_json::json!({
            "tenant": envelope.tenant,
            "attempt": envelope.attempts,
            "message": envelope.message,
            "english": words,
        });
        let body = body.to_string();
        let request = self
            .agent
            .post(&self.address)
            .header("Content-Type", "application/json")
            .header("X-Mentorship-Id", envelope.message.id.to_string())
            .header("X-Mentorship-Signature", signature(&self.secret, &body).map_err(later)?);
        // The client blocks; the runtime must not.
        let sent = tokio::task::spawn_blocking(move || request.send(body)).await;
        match sent.map_err(|error| later(error.into()))? {
            Ok(_) => Ok(()),
            Err(error @ ureq::Error::StatusCode(410)) => Err(Undelivered::Never(error.into())),
            Err(error) => Err(Undelivered::Later(error.into())),
        }
    }
}

/// Reads one request, checks its signature, and answers. The first of every message is refused, to show
/// that it comes again.
async fn receive(
    stream: TcpStream,
    secret: &[u8],
    seen: &mut HashSet<String>,
) -> Outcome<Option<String>> {
    let mut stream = BufReader::new(stream);
    let (mut length, mut signed, mut id, mut line) =
        (0, String::new(), String::new(), String::new());
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse()?,
            "x-mentorship-signature" => value.clone_into(&mut signed),
            "x-mentorship-id" => value.clone_into(&mut id),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8(body)?;
    let status = if signed != signature(secret, &body)? {
        "401 Unauthorized"
    } else if seen.insert(id) {
        "503 Service Unavailable"
    } else {
        "204 No Content"
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    Ok((status == "204 No Content").then_some(body))
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let secret = std::env::var("WEBHOOK_SECRET").unwrap_or_else(|_| "not a secret".to_owned());
    let secret = secret.into_bytes();
    let store = MemoryStore::new();
    // A consumer of its own: whoever else reads messages still gets all of them.
    let consumer = Consumer::new("webhook")?;
    store.subscribe(&consumer).await?;
    let harbour = Harbour::over(Arc::new(store))?;
    let pair = harbour.meet().await?;
    harbour.write(pair, "Ahoy!").await?;

    let (received, mut arrivals) = mpsc::unbounded_channel();
    let given = std::env::args().nth(1);
    let address = if let Some(address) = &given {
        address.clone()
    } else {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}/hook", listener.local_addr()?);
        let secret = secret.clone();
        tokio::spawn(async move {
            let mut seen = HashSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(Some(body)) = receive(stream, &secret, &mut seen).await {
                    drop(received.send(body));
                }
            }
        });
        address
    };

    let options = RelayOptions {
        consumer: consumer.clone(),
        first_wait: chrono::TimeDelta::milliseconds(20),
        idle: Duration::from_millis(20),
        ..RelayOptions::default()
    };
    let relay = harbour.mentorship.relay(options, Timer);
    let hook = Webhook::new(address, secret);
    let stop = async {
        if given.is_some() {
            drop(tokio::signal::ctrl_c().await);
            return;
        }
        // The program and the pair so far have said this much.
        for _ in 0..5 {
            if let Some(body) = arrivals.recv().await {
                println!("{body}");
            }
        }
    };
    // Finishes what is in hand and gives the rest back before it returns.
    let report = relay.run(&hook, stop).await;
    println!("{} delivered, {} tried again", report.delivered, report.postponed);
    Ok(())
}
