//! The load run: both sides in turns, in short slices, so that what disturbs the machine disturbs both.

mod report;
mod stock;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub use self::{
    report::{Measured, csv, markdown, svg},
    stock::{Command, Item, Stock},
};
use crate::{commands::Commands, median, open::Sides};

/// How long and how often.
#[derive(Clone, Copy, Debug)]
pub struct Slices {
    /// Of each side.
    pub count: usize,
    /// How long one is.
    pub length: Duration,
}

async fn carry_out(commands: &dyn Commands, item: Item) {
    match item {
        Item::SignUp(program, person) => commands.sign_up(program, &person).await,
        Item::Post(pair, by) => commands.post(pair, &by).await,
        Item::Accept(offer, by) => commands.accept(offer, &by).await,
        Item::Block(by, other) => commands.block(&by, &other).await,
    }
}

#[expect(clippy::disallowed_methods, reason = "speed is what is measured")]
fn now() -> Instant {
    Instant::now()
}

/// Commands per second of some clients that do nothing else.
async fn slice(
    commands: &Arc<dyn Commands>,
    stock: &Arc<Stock>,
    command: Command,
    clients: u64,
    length: Duration,
) -> f64 {
    let begun = now();
    let until = begun + length;
    let client = |n: u64| {
        let (commands, stock) = (commands.clone(), stock.clone());
        tokio::spawn(async move {
            let mut done = 0_u32;
            while now() < until
                && let Some(item) = stock.next(command, n)
            {
                carry_out(&*commands, item).await;
                done += 1;
            }
            done
        })
    };
    let running: Vec<_> = (0..clients).map(client).collect();
    let mut done = 0;
    for client in running {
        done += client.await.unwrap();
    }
    f64::from(done) / begun.elapsed().as_secs_f64()
}

/// Measures one command with so many clients.
pub async fn measure(
    sides: &Sides,
    stock: &Arc<Stock>,
    command: Command,
    clients: u64,
    slices: Slices,
) -> Measured {
    let both = [&sides.library, &sides.by_hand];
    // Each side once for nothing: statements are prepared, pages are read, and how fast it is is known.
    let mut expected = 200.0_f64;
    for commands in both {
        stock.fill(command, expected, slices.length, clients).await;
        expected = slice(commands, stock, command, clients, slices.length).await.max(expected);
    }
    let (mut library, mut by_hand) = (Vec::new(), Vec::new());
    for n in 0..slices.count {
        let mut turn = [(&sides.library, &mut library), (&sides.by_hand, &mut by_hand)];
        if n % 2 == 1 {
            turn.reverse();
        }
        for (side, rates) in turn {
            stock.fill(command, expected, slices.length, clients).await;
            let rate = slice(side, stock, command, clients, slices.length).await;
            expected = expected.max(rate);
            rates.push(rate);
        }
    }
    let ratios = library.iter().zip(&by_hand).map(|(one, other)| one / other).collect();
    let (library, by_hand) = (median(library), median(by_hand));
    Measured { command, clients, library, by_hand, ratios }
}
