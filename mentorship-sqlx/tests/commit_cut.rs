//! A connection that breaks at COMMIT, before or after the server has done it, tells the store the same:
//! nothing. The command's id, stored in the same transaction, tells.
//!
//! Real commands go over a wire that is cut at each one's COMMIT. Every one of them must be carried out
//! exactly once and be answered with what is stored, whether the service finds out by itself or the host
//! gives the same command again. `MENTORSHIP_CUTS` says how many are cut before and how many after, on
//! each server (default 25):
//!
//! ```text
//! MENTORSHIP_CUTS=500 cargo test -p mentorship-sqlx --all-features --test commit_cut
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use common::{
    dice::{Dice, times},
    ledger::{Ledger, sound},
    proxy::{Cut, Proxy, Wire},
    runtime, server,
    story::{Done, Stage, Story, command},
};
use mentorship_core::{
    change::ChangeSet,
    conformance::{
        census::Watch,
        make::{adult_date, tenant, who},
        through::{Hook, Through},
        world::{World, sign_up},
    },
    model::enrollment::Role,
    service::Attestation,
    store::Store,
};
use mentorship_sqlx::{
    MySqlStore, PostgresStore,
    sqlx::{mysql::MySqlPoolOptions, postgres::PgPoolOptions},
};

/// Attempts of a command, as the service has them if the host does not say.
const ATTEMPTS: u8 = 12;

/// The act of a story that makes a post next to those of others.
const POST: u64 = 9;

/// Stories whose commands are cut, one by one.
struct Cuts<'a> {
    proxy: &'a Proxy,
    /// The store behind the wire.
    cut: Arc<dyn Store>,
    /// The same tables without it.
    direct: Arc<dyn Store>,
    stage: Stage,
    heard: BTreeMap<u64, String>,
    story: Story,
    stories: u64,
}

impl<'a> Cuts<'a> {
    /// Sets the stage and plays story 0 over the uncut wire.
    async fn begin(proxy: &'a Proxy, cut: Arc<dyn Store>, direct: Arc<dyn Store>) -> Self {
        let stage = Stage::set(direct.clone()).await;
        let story = Story::new(stage, 0);
        let mut cuts =
            Self { proxy, cut, direct, stage, heard: BTreeMap::new(), story, stories: 1 };
        cuts.play_on().await;
        cuts
    }

    /// Plays to the end of the story and begins the next one. Nothing is cut: one attempt does it.
    async fn play_on(&mut self) {
        while self.story.next().is_some() {
            let done = self.story.go_on(&self.cut, 1).await.unwrap();
            self.hear(done);
        }
        self.next_story();
    }

    fn next_story(&mut self) {
        self.story = Story::new(self.stage, self.stories);
        self.stories += 1;
    }

    fn hear(&mut self, done: Done) {
        assert_eq!(self.heard.insert(done.number, done.reply), None);
    }

    async fn is_stored(&self, number: u64) -> bool {
        let mut unit = self.direct.unit().await.unwrap();
        unit.command(&tenant(), command(number)).await.unwrap().is_some()
    }

    /// The service finds out by itself.
    async fn settled_by_the_service(&mut self, cut: Cut) {
        self.proxy.arm([cut]);
        let done = self.story.go_on(&self.cut, ATTEMPTS).await.unwrap();
        self.hear(done);
    }

    /// The service is allowed one attempt and says that it does not know; the host asks again.
    async fn settled_by_the_host(&mut self, cut: Cut) {
        self.proxy.arm([cut]);
        let number = self.story.next().unwrap();
        let error = self.story.go_on(&self.cut, 1).await.unwrap_err();
        assert_eq!(error.code(), "store.in_doubt");
        assert_eq!(
            self.is_stored(number).await,
            cut == Cut::After,
            "the wire is cut where it says"
        );
        let done = self.story.go_on(&self.cut, 1).await.unwrap();
        self.hear(done);
    }

    async fn run(&mut self, each: u64, dice: &mut Dice) {
        let mut left = [(Cut::Before, each), (Cut::After, each)];
        for n in 0..2 * each {
            if self.story.next().is_none() {
                self.next_story();
            }
            // One of the two kinds, as far as there are any left.
            let total = left[0].1 + left[1].1;
            let kind = usize::from(dice.below(total) >= left[0].1);
            left[kind].1 -= 1;
            if n % 2 == 0 {
                self.settled_by_the_service(left[kind].0).await;
            } else {
                self.settled_by_the_host(left[kind].0).await;
            }
        }
        assert_eq!(u64::try_from(self.proxy.cuts()).unwrap(), 2 * each);
        // The pool works: what follows needs no second attempt.
        self.play_on().await;
        self.play_on().await;
    }
}

/// Takes the command's id out of what is written, so that nothing tells a command that is done.
#[derive(Clone, Copy, Debug)]
struct Nameless;

#[async_trait]
impl Hook for Nameless {
    async fn before_apply(&self, changes: &mut ChangeSet) {
        changes.commands.clear();
    }
}

macro_rules! on_a_server {
    ($name:ident, $store:ident, $lend:ident, $pool:ident, $wire:ident) => {
        mod $name {
            use super::*;

            #[test]
            fn a_cut_commit_is_settled_by_the_commands_id() {
                runtime().block_on(async {
                    let Some((lent, direct)) = server::$lend().await else { return };
                    let url = server::$name().unwrap();
                    let (proxy, url) = Proxy::before(&url, Wire::$wire).await;
                    let pool = $pool::new().max_connections(3).connect(&url).await.unwrap();
                    let store = $store::new(pool.clone(), lent.prefix.clone());
                    let mut cuts = Cuts::begin(&proxy, Arc::new(store), Arc::new(direct)).await;
                    let acts = Ledger::$name(&lent.pool, &lent.prefix).await.acts(0);
                    let each = times("MENTORSHIP_CUTS", 25);
                    cuts.run(each, &mut Dice::cast(stringify!($name))).await;
                    let ledger = Ledger::$name(&lent.pool, &lent.prefix).await;
                    let checked = ledger.check(&acts, &cuts.heard).unwrap();
                    assert_eq!((checked.whole, checked.unheard), (cuts.heard.len(), 0));
                    sound(&cuts.direct, cuts.stage, &cuts.heard).await;
                    eprintln!(
                        "{}: {each} COMMITs cut before and {each} after; {} commands, each once",
                        stringify!($name),
                        checked.whole
                    );
                    pool.close().await;
                    lent.give_back().await;
                });
            }

            #[test]
            fn without_the_commands_id_a_cut_commit_is_done_twice() {
                runtime().block_on(async {
                    let Some((lent, direct)) = server::$lend().await else { return };
                    let url = server::$name().unwrap();
                    let (proxy, url) = Proxy::before(&url, Wire::$wire).await;
                    let pool = $pool::new().max_connections(3).connect(&url).await.unwrap();
                    let store = $store::new(pool.clone(), lent.prefix.clone());
                    let mut cuts =
                        Cuts::begin(&proxy, Arc::new(store.clone()), Arc::new(direct)).await;
                    let acts = Ledger::$name(&lent.pool, &lent.prefix).await.acts(0);
                    while cuts.story.act() != POST {
                        let done = cuts.story.go_on(&cuts.cut, 1).await.unwrap();
                        cuts.hear(done);
                    }
                    cuts.cut = Arc::new(Through::hooked(Arc::new(store), Nameless));
                    cuts.settled_by_the_service(Cut::After).await;
                    let ledger = Ledger::$name(&lent.pool, &lent.prefix).await;
                    let wrong = ledger.check(&acts, &cuts.heard).unwrap_err();
                    assert!(wrong.contains(r#""posts", "posts""#), "{wrong}");
                    pool.close().await;
                    lent.give_back().await;
                });
            }

            #[test]
            fn a_commit_whose_server_is_gone_stays_in_doubt() {
                runtime().block_on(async {
                    let Some((lent, direct)) = server::$lend().await else { return };
                    let url = server::$name().unwrap();
                    let (proxy, url) = Proxy::before(&url, Wire::$wire).await;
                    // No second connection that would still be there.
                    let pool = $pool::new().max_connections(1).connect(&url).await.unwrap();
                    let store = $store::new(pool.clone(), lent.prefix.clone());
                    let mut cuts = Cuts::begin(&proxy, Arc::new(store), Arc::new(direct)).await;
                    let acts = Ledger::$name(&lent.pool, &lent.prefix).await.acts(0);
                    for cut in [Cut::Before, Cut::After] {
                        proxy.arm([cut]);
                        proxy.close_at_next_cut();
                        let number = cuts.story.next().unwrap();
                        let error = cuts.story.go_on(&cuts.cut, ATTEMPTS).await.unwrap_err();
                        assert_eq!(error.code(), "store.in_doubt", "{error:?}");
                        assert_eq!(cuts.is_stored(number).await, cut == Cut::After);
                        proxy.open();
                        let done = cuts.story.go_on(&cuts.cut, 1).await.unwrap();
                        cuts.hear(done);
                    }
                    let ledger = Ledger::$name(&lent.pool, &lent.prefix).await;
                    ledger.check(&acts, &cuts.heard).unwrap();
                    pool.close().await;
                    lent.give_back().await;
                });
            }

            #[test]
            fn what_a_sign_up_writes_down_first_is_settled_too() {
                runtime().block_on(async {
                    let Some((lent, direct)) = server::$lend().await else { return };
                    let url = server::$name().unwrap();
                    let (proxy, url) = Proxy::before(&url, Wire::$wire).await;
                    let pool = $pool::new().max_connections(3).connect(&url).await.unwrap();
                    let world = World::new(Arc::new(direct));
                    let program = world.program(|_| {}).await;
                    let cut = world.over(Arc::new($store::new(pool.clone(), lent.prefix.clone())));
                    let another = world.program(|_| {}).await;
                    for (n, cuts) in [
                        (1, [Cut::Before, Cut::Not]),
                        (2, [Cut::After, Cut::Not]),
                        (3, [Cut::After, Cut::Before]),
                        (4, [Cut::Before, Cut::After]),
                    ] {
                        world.pair(program, n, n + 10).await;
                        // The date moves under a live pair: that is a COMMIT of its own, the first.
                        let adult_on = adult_date().pred_opt();
                        world.host.attest(&who(n), Attestation { adult_on, zone: None });
                        proxy.arm(cuts);
                        let actor = world.person(n).with_command(command(n));
                        cut.service.enroll(&actor, another, sign_up(Role::Mentor)).await.unwrap();
                    }
                    assert_eq!(proxy.cuts(), 6);
                    let census = Watch::default().check(&*world.store, world.now()).await.unwrap();
                    let times = |action: &str| {
                        census.audit.iter().filter(|event| event.action.as_str() == action).count()
                    };
                    assert_eq!((times("person.record_age"), times("enrollment.apply")), (4, 12));
                    pool.close().await;
                    lent.give_back().await;
                });
            }
        }
    };
}

on_a_server!(postgres, PostgresStore, lend_postgres, PgPoolOptions, Postgres);
on_a_server!(mysql, MySqlStore, lend_mysql, MySqlPoolOptions, Mysql);
