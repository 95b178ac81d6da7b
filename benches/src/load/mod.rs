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

/// Who carries commands out, and what there is to do.
pub type Turn<'a> = (&'a Arc<dyn Commands>, &'a Arc<Stock>);

/// Commands per second of two in turns, slice by slice.
async fn in_turns(
    two: [Turn<'_>; 2],
    command: Command,
    clients: u64,
    slices: Slices,
) -> [Vec<f64>; 2] {
    // Each once for nothing: statements are prepared, pages are read, and how fast it is is known.
    let mut expected = 200.0_f64;
    for (commands, stock) in two {
        stock.fill(command, expected, slices.length, clients).await;
        expected = slice(commands, stock, command, clients, slices.length).await.max(expected);
    }
    let mut rates = [Vec::new(), Vec::new()];
    for n in 0..slices.count {
        let order = if n % 2 == 0 { [0, 1] } else { [1, 0] };
        for at in order {
            let (Some((commands, stock)), Some(rates)) = (two.get(at), rates.get_mut(at)) else {
                continue;
            };
            stock.fill(command, expected, slices.length, clients).await;
            let rate = slice(commands, stock, command, clients, slices.length).await;
            expected = expected.max(rate);
            rates.push(rate);
        }
    }
    rates
}

/// Measures one command with so many clients.
pub async fn measure(
    sides: &Sides,
    stock: &Arc<Stock>,
    command: Command,
    clients: u64,
    slices: Slices,
) -> Measured {
    let two = [(&sides.library, stock), (&sides.by_hand, stock)];
    let [library, by_hand] = in_turns(two, command, clients, slices).await;
    let ratios = library.iter().zip(&by_hand).map(|(one, other)| one / other).collect();
    let (library, by_hand) = (median(library), median(by_hand));
    Measured { command, clients, library, by_hand, ratios }
}

/// What one command costs in a small store and in a large one, in turns: microseconds in each, and the
/// large by the small of each two slices beside each other.
#[derive(Clone, Debug)]
pub struct Grown {
    /// In the small one.
    pub small: f64,
    /// In the large one.
    pub large: f64,
    /// Large by small.
    pub ratios: Vec<f64>,
}

/// Measures one command of one client in two stores; unless they are to be `cold`, after a post or a sign-up in
/// each cell in which something happens, or after each acceptance and block has been done and undone.
pub async fn grown(
    small: Turn<'_>,
    large: Turn<'_>,
    command: Command,
    slices: Slices,
    cold: bool,
) -> Grown {
    for (commands, stock) in [small, large] {
        if cold {
            continue;
        }
        for item in stock.once(command) {
            commands.rehearse(&item).await;
        }
        for _ in 0..stock.first(command) {
            if let Some(item) = stock.next(command, 0) {
                carry_out(&**commands, item).await;
            }
        }
    }
    let [small, large] = in_turns([small, large], command, 1, slices).await;
    let ratios = small.iter().zip(&large).map(|(small, large)| small / large).collect();
    Grown { small: 1e6 / median(small), large: 1e6 / median(large), ratios }
}
